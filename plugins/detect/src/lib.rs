//! What the face detectors of several components share. All of it runs natively under `cargo test`.
//!
//! - [`area`]: rectangles between pixels, how much they overlap and cover.
//! - [`candidate`]: what a detector proposes, and non-maximum suppression.
//! - [`view`]: which part of the camera's picture a detector is shown, and the way back to camera pixels.
//! - [`plane`]: a small picture of a frame, to remember.
//! - [`scan`]: which parts of a picture must be looked at again.
//! - [`blob`]: pixels as networks take them.
//! - [`network`]: networks, wherever they run.
//! - [`yunet`]: what YuNet's outputs mean.
//! - [`settings`]: what an installer may set.
//! - [`seetaface`]: the detector that is compiled in, for machines without any network model.
//! - `rehearsal` (feature `rehearsal`): models and labelled pictures for tests.

pub mod area;
pub mod blob;
pub mod candidate;
pub mod network;
pub mod plane;
#[cfg(feature = "rehearsal")]
pub mod rehearsal;
pub mod scan;
pub mod seetaface;
pub mod settings;
pub mod view;
pub mod yunet;

pub use area::Area;
pub use candidate::Candidate;
pub use network::{Network, Outputs};
pub use settings::Settings;
pub use view::View;
