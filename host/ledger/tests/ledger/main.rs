//! The ledger's promises, on real folders.

#![allow(clippy::unwrap_used, reason = "all of this crate is tests")]

mod appending;
mod beside;
mod checkpoints;
mod kill;
mod rig;
mod tampering;
