//! What a shop wants from a study: how often people reach, take and put back, where and when; how long they stay and wait; where they stand.
//!
//! Pure statistics: events, masks and times in, a [`Report`] out. Nothing here opens a recording.
//!
//! ```text
//! events ──► tally ────┐
//!        ├─► waiting ──┼──► suppress ──► Report ──► render: table, CSV, JSON, HTML
//! masks ──┴► heat ─────┘
//! ```
//!
//! **No small group is told.** Every figure is about nobody or about at least [`MinGroup`] persons, and so is everything that can be computed from the figures together: what
//! is told is a partition, and every sum is a sum of its whole parts. [`suppress`] has the rule and why margins that cross are not told.
//!
//! - [`settings`]: [`Settings`], [`MinGroup`].
//! - [`calendar`]: moments as the shop's days, hours and minutes.
//! - [`person`]: [`Person`], what counts as one; [`Cell`](person::Cell), a count with the persons behind it.
//! - [`study`]: [`Study`] collects.
//! - [`tally`], [`waiting`], [`journey`], [`heat`]: the statistics. [`presence`] turns masked heads into visits.
//! - [`suppress`]: merging until no group is too small.
//! - [`report`]: [`Report`], what is told.
//! - [`render`]: as a table, CSV, JSON and HTML.

pub mod calendar;
pub mod heat;
pub mod journey;
pub mod person;
pub mod presence;
pub mod render;
pub mod report;
pub mod settings;
pub mod study;
pub mod suppress;
pub mod tally;
pub mod waiting;

pub use person::Person;
pub use render::Format;
pub use report::Report;
pub use settings::{MinGroup, Settings};
pub use study::{FrameFacts, Study};
