//! The host, mocked: what it takes to test a plugin by plain `cargo test`.
//!
//! A [`Still`] is a frame made by hand. [`find`], [`inspect`], [`observe`] and [`measure`] show it to a plugin and look at the answer as the host does: what is outside the
//! bounds of the contract panics here, where the host would take it for a failure; rectangles come back cut to the picture, and on the grid of 8 pixels where the plugin
//! sees raw frames.
//!
//! ```
//! use sluis_sdk::filter::{Region, Subject};
//! use sluis_sdk::mock::{self, Still};
//! use sluis_sdk::{Camera, Frame, PrivacyFilter, Rect, Size};
//!
//! /// Names the head of everybody whom the host's floor sees.
//! struct Heads;
//!
//! impl PrivacyFilter for Heads {
//!     fn new(_camera: Camera, _settings: &str) -> Result<Self, String> {
//!         Ok(Self)
//!     }
//!
//!     fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
//!         let head = |person: sluis_sdk::Person| Region { area: person.head, subject: Subject::Head, confidence: 80 };
//!         frame.people().into_iter().map(head).collect()
//!     }
//! }
//!
//! let size = Size::new(640, 480);
//! let mut heads = Heads::new(mock::camera(size), "{}")?;
//! let still = Still::plain(size, [90, 90, 90]).with_people(vec![mock::person(Rect::new(101, 50, 60, 200))]);
//! let regions = mock::find(&mut heads, &still);
//! // The upper quarter of the body, widened to multiples of 8.
//! assert_eq!(regions[0].area, Rect::new(96, 48, 72, 56));
//! # Ok::<(), String>(())
//! ```
//!
//! Models are run by the host only: natively [`Model::load`](crate::nn::Model::load) gives [`NotFound`](crate::nn::ErrorCode::NotFound). Keep what turns a picture into a tensor, and
//! tensors into answers, in functions of their own, and test those; `sluis plugin test` runs the whole with the model.

mod checked;
#[cfg(unix)]
#[doc(hidden)]
pub mod serve;

use crate::audience::Face;
use crate::audit::Verdict;
use crate::filter::Region;
use crate::gestures::Event;
use crate::{AnonymisationAudit, AudienceMeter, Camera, GestureDetector, Person, PrivacyFilter, Rect, Size};

pub use crate::still::Still;
pub use checked::Malformed;

/// A camera with pictures of this size, fifteen a second, without depth.
pub fn camera(size: Size) -> Camera {
    Camera { size, millihertz: 15_000, depth: false, mount: None, lens: None }
}

/// A camera as [`camera`], with depth.
pub fn depth_camera(size: Size) -> Camera {
    Camera { depth: true, ..camera(size) }
}

/// Somebody whose silhouette fills `body`. The head is taken to be in its upper quarter.
pub fn person(body: Rect) -> Person {
    Person { body, head: Rect { height: body.height.div_ceil(4), ..body } }
}

/// Shows a raw frame to a filter.
///
/// # Panics
///
/// When the filter does, or when its answer is [`Malformed`].
pub fn find(filter: &mut impl PrivacyFilter, still: &Still) -> Vec<Region> {
    taken(checked::regions(filter.find(&still.frame()), still.size))
}

/// Shows a redacted frame to an auditor, with the masks of the still.
///
/// # Panics
///
/// When the auditor does, or when its answer is [`Malformed`].
pub fn inspect(auditor: &mut impl AnonymisationAudit, still: &Still) -> Verdict {
    taken(checked::verdict(auditor.inspect(&still.frame(), &still.masks), still.size))
}

/// Shows a cleared frame to a gesture detector.
///
/// # Panics
///
/// When the detector does, or when its answer is [`Malformed`].
pub fn observe(detector: &mut impl GestureDetector, still: &Still) -> Vec<Event> {
    taken(checked::events(detector.observe(&still.frame()), still.elapsed_ms))
}

/// Shows a raw frame to an audience meter.
///
/// # Panics
///
/// When the meter does, or when its answer is [`Malformed`].
pub fn measure(meter: &mut impl AudienceMeter, still: &Still) -> Vec<Face> {
    taken(checked::faces(meter.measure(&still.frame()), still.size))
}

#[allow(clippy::panic, reason = "what traps in a shop panics in a test")]
fn taken<T>(answer: Result<T, Malformed>) -> T {
    answer.unwrap_or_else(|malformed| panic!("the host takes this answer for a failure: {malformed}"))
}
