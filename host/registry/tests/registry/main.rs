//! A registry against whoever would change it: each attack that The Update Framework names, tried on real files in a folder and behind a web server.
//!
//! What a shop reads then stands in `docs/registry.md`: [`refused`] looks it up there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this crate is tests")]

mod attacks;
mod drafts;
mod expiry;
mod keeping;
mod owner;
mod revocation;
mod rotation;
mod server;
mod shop;
mod thief;
mod withdrawal;
