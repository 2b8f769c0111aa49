//! Pictures, depth, time, and the three states of a frame.
//!
//! A frame is [`Frame<Raw>`] when the camera gives it, [`Frame<Redacted>`] when [`paint`] has destroyed what must not be seen, and
//! [`Frame<Cleared>`] when it may be kept. The state is part of the type, so the recorder cannot be handed a raw picture: such a program
//! does not compile.
//!
//! - [`calibration`]: [`Calibration`], how directions become pixels.
//! - [`pose`]: [`Pose`], where a camera stands in the shop.
//! - [`camera`]: who took the picture ([`CameraId`]) and which one it is ([`FrameNumber`]).
//! - [`clock`]: [`Timestamp`], [`Clock`] and [`SystemClock`].
//! - [`geometry`]: [`Size`], [`Rect`], [`Point`], in pixels, origin top left.
//! - [`picture`]: [`Picture`] (RGB8) and [`Depth`] (16 bit).
//! - [`exclusion`]: [`Exclusion`], what a camera may not see.
//! - [`mask`]: [`Mask`], [`Shape`], [`Style`], and [`Coverage`], the pixels that masks cover.
//! - [`paint`]: the only way from raw to redacted.
//! - [`state`]: [`Frame`] and its three states.
//! - [`door`]: the only ways to cleared.
//! - [`excerpt`]: [`Excerpt`], what is left of a cleared frame when more is taken out of it.
//! - [`audience`]: who is before a screen, in closed classes.
//! - [`person`], [`event`], [`verdict`]: what the floor, a gesture detector and the audit say of a frame.

pub mod audience;
pub mod calibration;
pub mod camera;
pub mod clock;
pub mod door;
pub mod event;
pub mod excerpt;
pub mod exclusion;
pub mod geometry;
pub mod mask;
pub mod paint;
pub mod person;
pub mod picture;
pub mod pose;
pub mod state;
pub mod verdict;

pub use audience::{AgeClass, DurationClass, Face, Glance, ScreenId, SexClass, SizeClass, Visit};
pub use calibration::Calibration;
pub use camera::{CameraId, FrameNumber};
pub use clock::{Clock, SystemClock, Timestamp};
pub use door::{AuditDoor, BlankDoor, Doors, ReaderDoor};
pub use event::{Event, Gesture};
pub use excerpt::Excerpt;
pub use exclusion::Exclusion;
pub use geometry::{Point, Rect, Size};
pub use mask::{Cause, Coverage, Mask, Shape, Style};
pub use person::Person;
pub use picture::{Depth, Picture, Rgb};
pub use pose::Pose;
pub use state::{Cleared, Fate, Frame, Header, Raw, Redacted};
pub use verdict::{Fault, Finding, Verdict};
