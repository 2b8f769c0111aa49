//! The evidence pack for a certifier: a folder that shows what a shop runs, what it tells, and that both were kept.
//!
//! ```text
//! configuration, digests, notice, rehearsal, evaluation, ledger ──► manifest.json ──► entry in the ledger ──► chain ──► checkpoint, signed
//! ```
//!
//! Whoever has the folder and the public key of the ledger, from elsewhere, checks it from left to right: every file by the manifest, the manifest by the entry that names its SHA-256, the entry by the
//! lines that follow it, the last of them by the checkpoint. This crate gathers nothing: whoever has the facts puts them in.
//!
//! - [`pack`]: [`Pack`], how one is made.
//! - [`check`](mod@check): [`Checked`], whether one is as it was made.
//! - [`manifest`]: [`Manifest`], and the names of files.
//! - [`path`]: [`PackPath`], which leads out of no folder.
//! - [`shortcoming`]: [`Shortcoming`], what is not as it should be, as the pack says itself.
//! - [`redact`](mod@redact): the configuration without secrets.
//! - [`evaluation`](mod@evaluation): whether a report is about what is at work.
//! - [`index`]: the page that explains it.
//! - [`error`]: what can go wrong. `files` (private): reading what somebody else has made.

pub mod check;
pub mod error;
pub mod evaluation;
mod files;
pub mod index;
pub mod manifest;
pub mod pack;
pub mod path;
pub mod redact;
pub mod shortcoming;

pub use check::{Checked, Problem, Tie, check};
pub use error::Error;
pub use evaluation::{About, evaluation};
pub use manifest::{FileFact, Manifest};
pub use pack::{Closed, Pack};
pub use path::PackPath;
pub use redact::{Redacted, redact};
pub use shortcoming::Shortcoming;
