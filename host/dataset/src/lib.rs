//! Cleared segments as training data.
//!
//! ```text
//! vault ── admitted, logged ──► stage (one segment at a time) ──► assemble ──► the folder
//! ```
//!
//! What an exported folder holds:
//!
//! | path | what | form |
//! |---|---|---|
//! | `export.json` | what this is, of which segments, why, and when each must be deleted | [`manifest`] |
//! | `README.md` | the same in words | |
//! | `mcap/SEGMENT.mcap` | recordings | plain MCAP |
//! | `activitynet.json` | events | [`activitynet`] |
//! | `coco.json`, `images/SEGMENT/FRAME.jpg` | boxes of masks, on a picture a second | [`coco`] |
//! | `shards/shard-000000.tar` | a clip and its label for each event | WebDataset, [`shard`] |
//!
//! An export that was broken off goes on where it was when the same is asked again, and the folder is then the same, byte for byte, as if it had not been broken off. Everything is
//! written under another name first; `export.json` says `"complete": true` last.
//!
//! The folder lies outside the vault's reach. So every segment in it is logged in the vault with the folder's place; `export.json` carries each
//! deadline; and [`forget`] takes segments out again, for their deadline or for somebody's erasure.
//!
//! - [`request`]: [`Request`], what is asked for.
//! - [`export`]: [`export()`], all of it.
//! - [`clip`]: which part of a recording shows an event.
//! - [`forget`]: taking segments out of an exported folder.
//! - [`error`]: what can go wrong.

pub mod activitynet;
mod assemble;
pub mod clip;
pub mod coco;
pub mod error;
pub mod export;
pub mod forget;
pub mod manifest;
mod place;
mod readme;
pub mod request;
pub mod shard;
mod stage;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use export::{Exported, Progress, export};
pub use forget::{Forgotten, forget};
pub use manifest::Manifest;
pub use request::{Form, Request};
