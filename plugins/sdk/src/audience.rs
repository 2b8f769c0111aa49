//! Counting who looks at a screen.
//!
//! A meter sees raw frames, so it answers in closed classes only. The host links the faces into glances, and remakes the meter often: what it
//! remembers between frames is lost without notice.

use crate::bindings::audience::exports::sluis::stage::audience as contract;
use crate::bindings::shared::sluis::stage::frames;
use crate::chamber::{Warm, export_macro};
use crate::{Camera, Frame};

pub use contract::{AgeClass, Face, SexClass, SizeClass};

/// Counts faces that are turned towards a screen.
pub trait AudienceMeter: Sized + 'static {
    /// Called once per camera, before its first frame, and again and again after that.
    ///
    /// `settings` is the JSON object that the installer wrote for this plugin, `{}` when there is none.
    ///
    /// # Errors
    ///
    /// Say what is wrong with the settings, or which model is missing. The installer reads it (1,024 bytes are kept), and the camera does not start.
    fn new(camera: Camera, settings: &str) -> Result<Self, String>;

    /// Called for every frame while measuring is on. At most [`MOST_ANSWERS`](crate::MOST_ANSWERS) faces.
    ///
    /// # Panics
    ///
    /// Panic when you cannot look at this frame: it is then not counted.
    fn measure(&mut self, frame: &Frame<'_>) -> Vec<Face>;
}

export_macro!(
    /// Makes this crate a component of world `audience-meter`, from a type that implements [`AudienceMeter`](crate::AudienceMeter). Call it once.
    audience_meter,
    audience,
    AudienceMeter
);

// === impl Warm ===

impl<T: AudienceMeter> contract::Guest for Warm<T> {
    type Chamber = Self;
}

impl<T: AudienceMeter> contract::GuestChamber for Warm<T> {
    fn create(camera: Camera, settings: String) -> Result<contract::Chamber, String> {
        T::new(camera, &settings).map(|plugin| contract::Chamber::new(Self::new(plugin)))
    }

    fn measure(&self, frame: &frames::Frame) -> Vec<Face> {
        self.call(|plugin| plugin.measure(&Frame::lent(frame)))
    }
}
