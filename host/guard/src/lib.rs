//! What the host masks, whatever plugins say.
//!
//! ```text
//! raw ─► floor ─► sight ──┐
//!  │                      ├─► guard (tracks, delay line) ─► leaving ─► judge (paint, audit) ─► cleared
//!  └──► privacy filter ───┘      ▲                                      │
//!                                └───────── what the audit found ◄──────┘
//! ```
//!
//! - [`floor`]: [`Floor`], the host's own eye: who moves, and where their heads are.
//! - [`hindsight`]: [`Hindsight`], the floor's model of the place over what was recorded: who can be told from it.
//! - [`vantage`]: [`Vantage`], where a camera stands and how it sees: the floor can then look for heads in space.
//! - [`sight`]: [`Sight`], what the floor saw in a frame, and [`Found`], what the privacy filter answered.
//! - [`mode`]: [`Mode`], how much of a person is masked.
//! - [`track`]: links what was seen from frame to frame, so that nothing flickers.
//! - [`delay`]: the delay line, the one owner of raw frames.
//! - [`guard`]: [`Guard`], which puts these together for one camera.
//! - [`leaving`]: [`Leaving`], a raw frame whose time has come, with its masks for every mode.
//! - [`judge`]: [`Judge`], the rule of the failing chamber: mask, audit, mask more, blank.
//! - [`fates`]: [`Fates`], counters that add up.
//!
//! All coordinates are pixels of the camera picture, origin at the top left.

pub mod delay;
pub mod error;
pub mod fates;
pub mod floor;
pub mod guard;
pub mod hindsight;
pub mod judge;
pub mod leaving;
pub mod mode;
pub mod sight;
pub mod track;
pub mod vantage;

pub use error::Error;
pub use fates::Fates;
pub use floor::Floor;
pub use guard::{Guard, GuardSettings};
pub use hindsight::{Hindsight, Learning, Outlines};
pub use judge::{Decision, Judge, Why};
pub use leaving::{Leaving, SteppedUp, Ticket};
pub use mode::Mode;
pub use sight::{Detection, Found, Sight};
pub use vantage::Vantage;
