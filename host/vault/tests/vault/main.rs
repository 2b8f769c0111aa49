//! The vault against its promises: one file for each.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of this crate is tests")]

mod archive;
mod deadlines;
mod handover;
mod kill;
mod recovery;
mod rehearsed;
mod rig;
mod wishes;
mod witness;
