//! What a plugin author depends on.
//!
//! A plugin is a struct. Implement one trait for it, call one macro, and `sluis plugin build` makes the component. `sluis plugin new NAME --world WORLD` writes a crate to begin
//! with; the [`guide`] goes on from there.
//!
//! | you want to | implement | call |
//! |---|---|---|
//! | name what must be masked in a raw frame | [`PrivacyFilter`] | [`privacy_filter!`] |
//! | look for what the filter missed, in the masked frame | [`AnonymisationAudit`] | [`anonymisation_audit!`] |
//! | tell what people do, from cleared frames | [`GestureDetector`] | [`gesture_detector!`] |
//! | count who looks at a screen | [`AudienceMeter`] | [`audience_meter!`] |
//!
//! # A complete plugin
//!
//! `Cargo.toml`:
//!
//! ```toml
//! [package]
//! name = "bright-spots"
//! version = "0.1.0"
//! edition = "2024"
//!
//! [lib]
//! crate-type = ["cdylib", "rlib"] # the component; and what `cargo test` tests
//!
//! [dependencies]
//! sluis-sdk = "0.1"
//! ```
//!
//! `src/lib.rs`:
//!
//! ```
//! use sluis_sdk::filter::{Region, Subject};
//! use sluis_sdk::{Camera, Frame, PixelFormat, PrivacyFilter, Size};
//!
//! /// Masks every tile of 16 by 16 pixels that is brighter than a threshold.
//! struct BrightSpots {
//!     threshold: u8,
//! }
//!
//! impl PrivacyFilter for BrightSpots {
//!     fn new(_camera: Camera, settings: &str) -> Result<Self, String> {
//!         match settings {
//!             "{}" => Ok(Self { threshold: 240 }),
//!             other => Err(format!("bright-spots has no settings, and was given {other}")),
//!         }
//!     }
//!
//!     fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
//!         let size = frame.size();
//!         let tiles = Size::new(size.width.div_ceil(16), size.height.div_ceil(16));
//!         // One pixel a tile: the host scales, which is quicker than to do it in here.
//!         let luma = frame.read(size.rect(), tiles, PixelFormat::Luma8);
//!         let bright = luma.iter().enumerate().filter(|(_, luma)| **luma > self.threshold);
//!         bright
//!             .take(sluis_sdk::MOST_ANSWERS)
//!             .map(|(tile, _)| {
//!                 let (column, row) = (tile as u32 % tiles.width, tile as u32 / tiles.width);
//!                 Region { area: tiles.cell(column, row, size), subject: Subject::Identifier, confidence: 100 }
//!             })
//!             .collect()
//!     }
//! }
//!
//! sluis_sdk::privacy_filter!(BrightSpots);
//! # // A frame made by hand, as in a test of the plugin.
//! # use sluis_sdk::Still;
//! # let mut rgb = vec![0; 32 * 16 * 3];
//! # for y in 0..16 { for x in 16..32 { rgb[(y * 32 + x) * 3..][..3].fill(255); } }
//! # let still = Still::new(Size::new(32, 16), rgb);
//! # let camera = Camera { size: Size::new(32, 16), millihertz: 15_000, depth: false, mount: None, lens: None };
//! # let regions = BrightSpots::new(camera, "{}").unwrap().find(&still.frame());
//! # assert_eq!(regions[0].area, sluis_sdk::Rect::new(16, 0, 16, 16));
//! # assert_eq!(regions.len(), 1);
//! ```
//!
//! # What holds for every plugin
//!
//! - **Coordinates** are pixels of the camera picture, origin top left, x to the right, y down. **Time** is milliseconds since the plugin was
//!   made.
//! - **One instance per camera.** It is made once, called for each frame in order of capture, never twice at once, and remade after a failure.
//! - **Nothing else is there**: no files, sockets, environment or log. Clocks, `sleep` and threads panic; `println!` goes nowhere; a `HashMap`
//!   has the same keys in every instance. Models are the exception, through [`nn`].
//! - **Panic when you cannot look.** An empty answer says that nothing is there. A panic says that you do not know: the host then masks
//!   more strictly or blanks, and makes the plugin anew. The same happens past the deadline and past the memory limit.
//! - **At most [`MOST_ANSWERS`]** answers a frame. More is a malformed answer, treated like a panic.
//!
//! # Modules
//!
//! - [`filter`], [`audit`], [`gestures`], [`audience`]: one per world: its trait, its macro and the types of its answer.
//! - [`frame`]: [`Frame`], what a plugin may read of a picture.
//! - [`geometry`]: [`Size`], [`Rect`] and [`Point`].
//! - [`layout`]: zones, lens and pose of a camera, which the host adds to a gesture detector's settings; and what any plugin is told of how its camera hangs and
//!   sees, for where the floor is and how large a head.
//! - [`nn`]: models that the host runs.
//! - [`mock`]: the host, mocked, for `cargo test` on your machine; [`still`]: [`Still`], a frame made by hand.
//! - [`guide`]: from nothing to a running plugin in ten minutes.

#[doc(hidden)]
#[allow(
    unsafe_code,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    reason = "generated: every call across the border of a component is `unsafe`, and the documentation is the contract's own"
)]
pub mod bindings;

pub mod audience;
pub mod audit;
#[doc(hidden)]
pub mod chamber;
pub mod filter;
pub mod frame;
pub mod geometry;
pub mod gestures;
#[cfg(not(target_arch = "wasm32"))]
pub mod guide;
pub mod layout;
#[cfg(not(target_arch = "wasm32"))]
pub mod mock;
pub mod nn;
#[cfg(not(target_arch = "wasm32"))]
pub mod still;

pub use audience::AudienceMeter;
pub use audit::AnonymisationAudit;
pub use bindings::shared::sluis::stage::types::{Camera, Lens as CameraLens, Mount, Person};
pub use filter::PrivacyFilter;
pub use frame::{Frame, PixelFormat};
pub use geometry::{Point, Rect, Size};
pub use gestures::GestureDetector;
#[cfg(not(target_arch = "wasm32"))]
pub use still::Still;

/// How many regions, findings, events or faces a plugin may answer for one frame.
pub const MOST_ANSWERS: usize = 64;
