//! Components and models: which there are, which are installed, and whether they are what they claim to be.
//!
//! The plugin registry manifest (`plugins/registry.json`) lists components and models. A [`Home`] is the folder where they are installed. Nothing is
//! handed out whose bytes do not have the digest that was pinned.
//!
//! - [`manifest`]: [`Manifest`], [`Component`], [`Model`]: the file and its rules.
//! - [`digest`]: [`Sha256`], and files checked against it.
//! - [`home`]: [`Home`], where things lie, and the secret of its compiled-code cache.
//! - [`install`]: [`Home::install`], how a built component comes in.
//! - [`model`]: how models come in: from a file, or out of a Python package.
//! - [`standing`]: [`Release`], [`Standing`]: candidate, in force, previous, refused.
//! - [`error`]: what can go wrong.

pub mod digest;
pub mod error;
pub mod home;
pub mod install;
pub mod manifest;
pub mod model;
pub mod standing;

pub use digest::Sha256;
pub use error::Error;
pub use home::Home;
pub use install::NewComponent;
pub use manifest::{Artefact, Component, Detector, Limits, Manifest, Model, Pull, Sees};
pub use standing::{Refusal, Release, Standing};
