//! Looking for what the filter missed.
//!
//! An audit sees the redacted frame, as it would be recorded, and the masks on it. The frame passes if and only if there is no finding.

use crate::bindings::audit::exports::sluis::stage::audit as contract;
use crate::bindings::shared::sluis::stage::frames;
use crate::chamber::{Warm, export_macro};
use crate::{Camera, Frame, Rect};

pub use contract::{Fault, Finding, Verdict};

/// Checks redacted frames.
pub trait AnonymisationAudit: Sized + 'static {
    /// Called once per camera, before its first frame, and again after a failure.
    ///
    /// `settings` is the JSON object that the installer wrote for this plugin, `{}` when there is none.
    ///
    /// # Errors
    ///
    /// Say what is wrong with the settings, or which model is missing. The installer reads it (1,024 bytes are kept), and the camera does not start.
    fn new(camera: Camera, settings: &str) -> Result<Self, String>;

    /// Called for every redacted frame, in order of capture. `masks` are the bounding boxes of what the host masked on it, in camera pixels.
    ///
    /// A frame with a finding comes back, masked more strictly, with the same [`Frame::elapsed_ms`], before the next one. At most
    /// [`MOST_ANSWERS`](crate::MOST_ANSWERS) findings.
    ///
    /// # Panics
    ///
    /// Panic when you cannot look at this frame: it is then treated as one that did not pass.
    fn inspect(&mut self, frame: &Frame<'_>, masks: &[Rect]) -> Verdict;
}

export_macro!(
    /// Makes this crate a component of world `anonymisation-audit`, from a type that implements
    /// [`AnonymisationAudit`](crate::AnonymisationAudit). Call it once.
    anonymisation_audit,
    audit,
    AnonymisationAudit
);

// === impl Warm ===

impl<T: AnonymisationAudit> contract::Guest for Warm<T> {
    type Chamber = Self;
}

impl<T: AnonymisationAudit> contract::GuestChamber for Warm<T> {
    fn create(camera: Camera, settings: String) -> Result<contract::Chamber, String> {
        T::new(camera, &settings).map(|plugin| contract::Chamber::new(Self::new(plugin)))
    }

    fn inspect(&self, frame: &frames::Frame, masks: Vec<Rect>) -> Verdict {
        self.call(|plugin| plugin.inspect(&Frame::lent(frame), &masks))
    }
}
