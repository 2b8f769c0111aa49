//! The rights desk: what people who were filmed ask for, by when the law wants an answer, and the letters that give it.
//!
//! Nobody can be identified in what Sluis keeps. So a request names a time, a place and what the person remembers; the desk turns that into cameras and a window, and a privacy officer
//! chooses among cleared stills. This crate keeps the requests and writes the letters. It opens no recording and destroys none: the program does, and tells the desk.
//!
//! ```text
//! words ──► translate ──► window, cameras ─┐
//! letter ─────────────► New ──► Desk ◄─────┴── Change (held, chosen, decided, carried out)
//!                                │ ▲
//!              reminders, sweep ◄┘ └── letter: text and HTML, in Dutch, German, English
//! ```
//!
//! - [`desk`]: [`Desk`], the store: one SQLite file, each request sealed under a key of its own, which is destroyed when the request is forgotten.
//! - [`request`]: [`Request`], its [`Kind`], who asks, what they remember, what is held.
//! - [`change`]: [`Change`], what can be done with a request, and when.
//! - [`decision`]: [`Outcome`], and the [`Ground`]s that the law knows for refusing.
//! - [`term`]: [`Calendar`], how the law counts months; reminders.
//! - [`translate`]: words into cameras and a window.
//! - [`receipt`]: [`ErasureReceipt`], every copy that an erasure found.
//! - [`letter`]: the letters. Their texts lie in `host/rights/letters`, for lawyers to read.
//! - [`number`], [`segment`], [`private`]: small types. [`error`]: what can go wrong.
//!
//! Articles without the name of a law are of the General Data Protection Regulation (EU) 2016/679.

pub mod change;
pub mod decision;
pub mod desk;
pub mod error;
pub mod letter;
pub mod number;
pub mod private;
pub mod receipt;
pub mod request;
mod seal;
pub mod segment;
pub mod term;
pub mod translate;

pub use change::Change;
pub use decision::{Decision, Ground, Outcome};
pub use desk::{By, Desk, Keep, Listed, PersonCopy, Swept};
pub use error::Error;
pub use letter::{Document, Letter, LetterKind};
pub use number::RequestNumber;
pub use private::Private;
pub use receipt::ErasureReceipt;
pub use request::{AnswerTo, Held, Kind, Language, New, Person, Request, State, Step, Window};
pub use segment::SegmentName;
pub use term::{Calendar, Reminder};
