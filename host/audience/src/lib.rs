//! The audience of a screen: from faces in frames to a report that names no small group.
//!
//! An audience meter (a component) answers faces in closed classes and forgets them. The host does the rest, here:
//!
//! ```text
//! faces of each frame → link → visits (sealed, with a deadline) → contacts (with the playlist) → groups of at least min-group → report
//! ```
//!
//! - [`link`]: [`Linker`], the faces of consecutive frames become visits with glances.
//! - [`playlist`]: [`Playlist`], which advert was on which screen.
//! - [`contact`]: [`Contact`], one person before one advert in one quarter of an hour.
//! - [`group`]: which groups may be told at all: none below the smallest size, none that could be computed from others.
//! - [`figures`]: intervals of shares and medians.
//! - [`report`]: [`Report`], as table, CSV, JSON and HTML with a chart.

pub mod contact;
mod csv;
pub mod figures;
pub mod group;
pub mod link;
pub mod playlist;
pub mod report;

pub use contact::{Contact, LocalTime};
pub use group::{Day, Group, Key, Level, MinGroup};
pub use link::{LinkSettings, Linker};
pub use playlist::{Advert, Playlist};
pub use report::Report;
