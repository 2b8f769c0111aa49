//! What is recorded: cleared frames in, sealed MCAP out, and back again.
//!
//! A segment is one minute of one camera: an MCAP file with video, depth, masks, verdicts and events, sealed while it is written, so that nothing of it
//! touches a disk in the clear. The way of a frame through this crate:
//!
//! ```text
//! Frame<Cleared> → recorder (video, depth, container) → gate → seal → handover::EyeEnd → the vault
//! ```
//!
//! Writing:
//!
//! - [`recorder`]: [`Recorder`], the way above.
//! - [`gate`]: the last look at a segment before it is sealed for good.
//! - [`seal`]: Tink's streaming AEAD `AES256_GCM_HKDF_4KB`.
//! - [`handover`]: what the writing side and the keeping side say to each other.
//! - [`mp4`]: cleared frames as an MP4 file.
//!
//! Reading:
//!
//! - [`reader`]: [`Reader`], back to `Frame<Cleared>`.
//! - [`annotations`]: [`Annotations`], everything but the pictures.
//! - [`plain`]: plain MCAP for other programs.
//! - [`recovery`]: what is left of a segment that broke off.
//!
//! What a segment is:
//!
//! - [`id`]: its name ([`SegmentId`]) and what its seal is bound to ([`Binding`]).
//! - [`key`]: its key ([`SegmentKey`]).
//! - [`header`], [`track`], [`message`]: what stands in it.
//! - [`video`], [`depth`]: the codecs.
//! - [`summary`]: what the vault remembers of it ([`Summary`]).
//! - [`error`]: what can go wrong.

pub mod annotations;
mod container;
pub mod depth;
pub mod error;
pub mod gate;
pub mod handover;
pub mod header;
pub mod id;
pub mod key;
pub mod message;
pub mod mp4;
pub mod plain;
pub mod reader;
pub mod recorder;
pub mod recovery;
pub mod seal;
pub mod summary;
pub mod track;
pub mod video;

pub use annotations::{Annotated, Annotations};
pub use error::Error;
pub use gate::{Gate, Gated};
pub use header::SegmentHeader;
pub use id::{Binding, SegmentId};
pub use key::SegmentKey;
pub use reader::{Reader, Recorded};
pub use recorder::{Finished, Recorder, RecorderSettings};
pub use seal::{Opener, Salvage, Sealer};
pub use summary::{PluginFact, Summary};
