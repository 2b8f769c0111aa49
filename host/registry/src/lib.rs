//! Components and models: which there are, which are installed, and whether they are what they claim to be.
//!
//! The plugin registry manifest (`plugins/registry.json`) lists components and models. A [`Home`] is the folder where they are installed. Nothing is
//! handed out whose bytes do not have the digest that was pinned.
//!
//! Components of partners come from a registry on a server, by The Update Framework (`docs/registry.md`): a [`Repository`] is that registry as its owner and its
//! publishers keep it, a [`Remote`] the same as a host reads it, who believes nothing but the root that it has pinned.
//!
//! - [`manifest`]: [`Manifest`], [`Component`], [`Model`]: the file and its rules.
//! - [`digest`]: [`Sha256`], and files checked against it.
//! - [`home`]: [`Home`], where things lie, and the secret of its compiled-code cache.
//! - [`install`]: [`Home::install`], how a built component comes in.
//! - [`model`]: how models come in: from a file, or out of a Python package.
//! - [`permission`]: what components ask for, and what a shop grants.
//! - [`repository`]: [`Repository`], a registry as it is kept: keys, delegations, drafts, publishing.
//! - [`key`]: [`SigningKey`], keys that sign what a registry says.
//! - [`remote`]: [`Remote`], a registry as it is read, and [`RemoteError`], why nothing comes from it.
//! - [`pin`]: [`Home::pin`], which registry is trusted.
//! - [`transport`]: [`Place`], where it is read from.
//! - [`standing`]: [`Release`], [`Standing`]: candidate, in force, previous, refused.
//! - [`error`]: what can go wrong.
//! - `check`: what holds in a manifest beyond types. `lock`: folders that one process at a time may change.

mod check;
pub mod digest;
pub mod error;
pub mod home;
pub mod install;
pub mod key;
mod lock;
pub mod manifest;
pub mod model;
pub mod permission;
pub mod pin;
pub mod remote;
pub mod repository;
pub mod standing;
pub mod transport;

pub use digest::Sha256;
pub use error::Error;
pub use home::Home;
pub use install::NewComponent;
pub use key::{PublicKey, SigningKey};
pub use manifest::{Artefact, Component, Detector, Limits, Manifest, Model, Pull, Sees};
pub use permission::{Asks, Grant, admit, independent_publishers, may_be_in_force};
pub use remote::{Fetched, Listing, Offer, Patience, RegistrySettings, Remote, RemoteError};
pub use repository::{Repository, RepositoryError};
pub use standing::{NamedModels, Refusal, Release, Stamp, Standing};
pub use transport::Place;
