//! Telling what people do.
//!
//! A gesture detector sees cleared frames only, so it may say more than the others: numbers of tracks, names of zones, positions on the floor.

use crate::bindings::gestures::exports::sluis::stage::gestures as contract;
use crate::bindings::shared::sluis::stage::frames;
use crate::chamber::{Warm, export_macro};
use crate::{Camera, Frame};

pub use contract::{Event, FloorPosition, Kind};

/// Detects gestures in cleared frames.
pub trait GestureDetector: Sized + 'static {
    /// Called once per camera, before its first frame, and again after a failure.
    ///
    /// `settings` is the JSON object that the installer wrote for this plugin, with the zones; `{}` when there is none.
    ///
    /// # Errors
    ///
    /// Say what is wrong with the settings, or which model is missing. The installer reads it (1,024 bytes are kept), and the camera does not start.
    fn new(camera: Camera, settings: &str) -> Result<Self, String>;

    /// Called for every cleared frame, in order of capture. Blanked frames are not shown, so [`Frame::elapsed_ms`] can jump. Tell an event when it
    /// has ended. At most [`MOST_ANSWERS`](crate::MOST_ANSWERS) events.
    ///
    /// # Panics
    ///
    /// Panic when you cannot look at this frame. The tracks are lost with the instance.
    fn observe(&mut self, frame: &Frame<'_>) -> Vec<Event>;
}

export_macro!(
    /// Makes this crate a component of world `gesture-detector`, from a type that implements [`GestureDetector`](crate::GestureDetector). Call it
    /// once.
    gesture_detector,
    gestures,
    GestureDetector
);

// === impl Warm ===

impl<T: GestureDetector> contract::Guest for Warm<T> {
    type Chamber = Self;
}

impl<T: GestureDetector> contract::GuestChamber for Warm<T> {
    fn create(camera: Camera, settings: String) -> Result<contract::Chamber, String> {
        T::new(camera, &settings).map(|plugin| contract::Chamber::new(Self::new(plugin)))
    }

    fn observe(&self, frame: &frames::Frame) -> Vec<Event> {
        self.call(|plugin| plugin.observe(&Frame::lent(frame)))
    }
}
