//! The vault against its promises: one file for each.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of this crate is tests")]

mod archive;
mod clock;
mod cloud;
mod deadlines;
mod handover;
mod kill;
mod pauses;
mod recovery;
mod rehearsed;
mod restored;
mod restrictions;
mod rig;
mod sharing;
mod stolen;
mod wishes;
mod witness;
