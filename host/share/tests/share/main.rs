//! What partners are granted, by promise: see the modules.

#![allow(clippy::unwrap_used, reason = "all of this crate is tests")]

mod asking;
mod fuzz;
mod granting;
mod releasing;
mod rig;
