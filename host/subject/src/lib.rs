//! The copy for a person who asks: what was recorded of that person, without others.
//!
//! Who was recorded has the right to a copy of it (Art. 15(3) GDPR), and the copy must not adversely affect the rights and freedoms of others (Art. 15(4)). Nobody is recognised here: a privacy officer looks at
//! [stills](candidates()) of the time at which the person says to have been there, and says which numbered silhouette it is. That silhouette is followed for as long as there is no doubt; everybody else is filled.
//!
//! ```text
//! opened segments ─► Survey ─┬─► candidates ─► contact sheet ─► officer ─┐
//!                            └─► copy::write ◄──────── choices ──────────┘
//!                                    └─► copy.mp4, events.json, about.json ─► decoded again and checked
//! ```
//!
//! - [`survey`]: [`Survey`], who is in the window, from frame to frame.
//! - [`candidates`](mod@candidates): [`Candidates`], the stills to choose from.
//! - [`copy`]: [`copy::write`], the person's copy.
//! - [`plan`]: what is hidden ([`Surroundings`], [`FILL`](plan::FILL)).
//! - [`events`]: which events go along.
//! - [`error`]: what can go wrong.
//!
//! Inside: `moment` is one frame, `region` sets of cells, `draw` the numbers on stills.
//!
//! In goes `Frame<Cleared>` and nothing else. What comes out is an [`Excerpt`](sluis_frame::Excerpt) of each frame, which holds less. All of it fails closed: what differs from the place and is not surely the person is
//! filled; a frame that cannot be judged is black; a copy that does not pass its check is removed.

pub mod candidates;
pub mod copy;
mod draw;
pub mod error;
pub mod events;
#[cfg(test)]
mod fake;
mod moment;
pub mod plan;
mod region;
pub mod survey;

pub use candidates::{Candidate, Candidates, Still, candidates};
pub use copy::{About, Request};
pub use error::Error;
pub use plan::Surroundings;
pub use survey::{Choice, Place, Recordings, Survey};
