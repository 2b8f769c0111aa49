//! Finding what must be masked.
//!
//! A filter sees raw frames, so it answers in closed types only: rectangles, a subject, a number. It adds to what the host's own floor masks and
//! can take nothing away. The host widens each rectangle to a grid of 8 pixels, links it over time, grows it and destroys the pixels.

use crate::bindings::filter::exports::sluis::stage::filter as contract;
use crate::bindings::shared::sluis::stage::frames;
use crate::chamber::{Warm, export_macro};
use crate::{Camera, Frame};

pub use contract::{Region, Subject};

/// Names the regions of a raw frame that must be masked.
pub trait PrivacyFilter: Sized + 'static {
    /// Called once per camera, before its first frame, and again after a failure.
    ///
    /// `settings` is the JSON object that the installer wrote for this plugin, `{}` when there is none.
    ///
    /// # Errors
    ///
    /// Say what is wrong with the settings, or which model is missing. The installer reads it (1,024 bytes are kept), and the camera does not start.
    fn new(camera: Camera, settings: &str) -> Result<Self, String>;

    /// Called for every frame, in order of capture. At most [`MOST_ANSWERS`](crate::MOST_ANSWERS) regions, the surest first if you must choose.
    ///
    /// # Panics
    ///
    /// Panic when you cannot look at this frame; do not answer an empty list.
    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region>;
}

export_macro!(
    /// Makes this crate a component of world `privacy-filter`, from a type that implements [`PrivacyFilter`](crate::PrivacyFilter). Call it once.
    privacy_filter,
    filter,
    PrivacyFilter
);

// === impl Warm ===

impl<T: PrivacyFilter> contract::Guest for Warm<T> {
    type Chamber = Self;
}

impl<T: PrivacyFilter> contract::GuestChamber for Warm<T> {
    fn create(camera: Camera, settings: String) -> Result<contract::Chamber, String> {
        T::new(camera, &settings).map(|plugin| contract::Chamber::new(Self::new(plugin)))
    }

    fn find(&self, frame: &frames::Frame) -> Vec<Region> {
        self.call(|plugin| plugin.find(&Frame::lent(frame)))
    }
}
