//! The sandbox: one warm WebAssembly chamber for each camera and stage.
//!
//! An [`Engine`] loads a partner's component into a [`Plugin`]; a plugin makes chambers, one per camera. A chamber is
//! lent one frame per call and answers in bounded types. It has no file, socket, clock or randomness. Whatever goes
//! wrong in it is a typed [`Error`] that names plugin, camera and frame; the chamber is then made anew, and its next
//! call works. What happens to the frame is not decided here: the caller masks more strictly or blanks.
//!
//! - [`engine`]: [`Engine`], how components are compiled and run.
//! - [`plugin`]: [`Plugin`], a loaded component, and [`ChamberSettings`], what a chamber is given.
//! - [`chamber`]: [`FilterChamber`], [`AuditChamber`], [`GestureChamber`], [`AudienceChamber`].
//! - [`answer`]: what chambers may say, and its bounds.
//! - [`world`]: [`World`], the four kinds of component.
//! - [`inspect`]: what a component is, told from its bytes before anything of it runs.
//! - [`limits`]: [`Limits`] of time and memory.
//! - [`models`]: [`Models`], what `wasi:nn` can load by name.
//! - [`cache`]: [`CodeCache`], authenticated compiled code on disk.
//! - [`digest`]: [`Digest`], the SHA-256 that names a component.
//! - [`error`]: [`LoadError`] and [`Error`].
//! - `contract`: one adaptor per published minor version of the contract.
//! - `picture`: how a chamber reads a frame. `nn`: our `wasi:nn`. `live`: one instance and its store. `failure`: what a
//!   trap means.

pub mod answer;
pub mod cache;
pub mod chamber;
mod contract;
pub mod digest;
pub mod engine;
pub mod error;
mod failure;
pub mod inspect;
pub mod limits;
mod live;
pub mod models;
mod nn;
mod picture;
pub mod plugin;
pub mod world;

pub use answer::{AgeClass, Face, Inspection, Region, SexClass, SizeClass, Subject};
pub use cache::CodeCache;
pub use chamber::{AudienceChamber, AuditChamber, FilterChamber, GestureChamber};
pub use contract::releases as contract_releases;
pub use digest::Digest;
pub use engine::{Engine, EngineSettings};
pub use error::{Class, Error, LoadError, Place};
pub use inspect::{Examined, examine};
pub use limits::Limits;
pub use models::Models;
pub use plugin::{CameraFacts, ChamberSettings, Mount, Plugin};
pub use world::World;
