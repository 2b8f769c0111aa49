//! What the end-to-end tests share: the built program, its home, footage, and the search for pictures in the clear.
//!
//! - [`program`]: runs `sluis` as a user would.
//! - [`home`]: components and models for it, built once.
//! - [`footage`]: real clips, if they are there.
//! - [`peers`]: Python programs of others, to be held against.
//! - [`service`]: `sluis run`, and what it tells.
//! - [`leak`]: looks for picture data in files.
//! - [`transcript`]: what is typed and answered, written down.
//! - [`schema`]: what is published is what the program has.

#![allow(clippy::panic, reason = "what cannot be prepared fails the test that wanted it")]

pub mod footage;
pub mod home;
pub mod leak;
pub mod peers;
pub mod program;
pub mod schema;
pub mod service;
pub mod transcript;
