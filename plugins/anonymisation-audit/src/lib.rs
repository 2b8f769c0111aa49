//! The audit that comes with Sluis: it looks at every redacted frame for what the filter missed.
//!
//! It asks three questions, and any answer is a finding:
//!
//! - **Is there a face that is not masked?** Asked of another detector family than the filter's: the network YuNet when the machine has granted it, else
//!   SeetaFace, which is compiled in.
//! - **Has a mask gone that should stand?** One that stood in mid-picture and vanished while what it covered is still there ([`memory`]).
//! - **Does a body move whose head is bare?** ([`bodies`])
//!
//! A finding costs a frame its ordinary masking, so each question is asked in a way that a correctly masked frame seldom answers. What was tried and measured
//! is in `tests/`.
//!
//! - [`detector`]: one face detector behind both families.
//! - [`bodies`]: people whose head is bare.
//! - [`memory`], with [`standing`]: masks of earlier frames.
//! - [`inspection`]: all of it, for one frame.

pub mod bodies;
pub mod detector;
pub mod inspection;
pub mod memory;
pub mod standing;

use sluis_detect::{Settings, yunet};
use sluis_sdk::audit::Verdict;
use sluis_sdk::nn::{ErrorCode, Model};
use sluis_sdk::{AnonymisationAudit, Camera, Frame, Rect};

use detector::Detector;
use inspection::Inspector;

/// The audit of one camera.
#[derive(Debug)]
pub struct Audit(Inspector<Model>);

impl AnonymisationAudit for Audit {
    fn new(camera: Camera, settings: &str) -> Result<Self, String> {
        let settings = Settings::read("anonymisation-audit", settings)?;
        // Not granted, or not installed: the machine's manifest says which detector it expects of this component, and the verdict's
        // `independent` follows from that. Anything else is a fault, and no reason to see less in silence.
        let detector = match Model::load(yunet::MODEL) {
            Ok(model) => Detector::YuNet(model),
            Err(error) if error.code == ErrorCode::NotFound => Detector::seetaface().map_err(|e| e.to_string())?,
            Err(error) => return Err(error.to_string()),
        };
        Inspector::new(detector, camera.size, settings).map(Self).map_err(|e| e.to_string())
    }

    fn inspect(&mut self, frame: &Frame<'_>, masks: &[Rect]) -> Verdict {
        match self.0.inspect(frame, masks) {
            Ok(verdict) => verdict,
            #[allow(clippy::panic, reason = "an empty verdict would pass the frame; a panic makes the host blank it")]
            Err(error) => panic!("{error}"),
        }
    }
}

sluis_sdk::anonymisation_audit!(Audit);
