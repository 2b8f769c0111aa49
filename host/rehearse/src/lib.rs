//! A whole study against the real vault, in minutes and with faults.
//!
//! Cameras record, the vault sweeps, copies go up, partners ask, people have things erased and held; and everything that can go wrong does: the process is killed between two operations of its
//! stores, the power fails for hours, clocks jump, the cloud is away for days, an old copy of the folder is put back. Vault, archive, stores, ledger, grants and recorder are the real ones. Only time,
//! free bytes and failures are made. A witness keeps a book of its own and holds the vault against it.
//!
//! ```
//! use sluis_rehearse::{Faults, Settings, rehearse};
//!
//! let settings = Settings { faults: Faults::NONE, segments_per_camera_and_day: 2, ..Settings::new(2, 7) };
//! let report = rehearse(&settings, &mut |_day| {})?;
//! assert!(report.is_clean(), "{:#?}", report.failures);
//! # Ok::<(), sluis_rehearse::Error>(())
//! ```
//!
//! - [`settings`]: [`Settings`], [`Faults`], and [`Planted`], promises that are broken on purpose.
//! - [`report`]: [`Report`], what was found.
//! - `study`: the days, and what is done on each; `cameras`: what is recorded; `faults`: what goes wrong; `people`: what people wish.
//! - `checks`: what is held against what; `papers`: ledger and receipts; `planted`: what is broken on purpose.
//! - `world`: true time and what the machine is told; `known`: what the vault can know of it.
//! - `shop`: the machine; `fate`: what befalls its stores; `recording`: the hand-over; `partner`: who gets grants.
//! - `book`: what the witness knows; `attack`: everything that somebody with the files can try.
//! - `random`, `folder`: chance that can be repeated, and copies of folders.
//! - [`error`]: what can keep a rehearsal from being held.

mod attack;
mod book;
mod cameras;
mod checks;
pub mod error;
mod fate;
mod faults;
mod folder;
mod known;
mod papers;
mod partner;
mod people;
mod planted;
mod random;
mod recording;
pub mod report;
pub mod settings;
mod shop;
mod study;
mod world;

pub use error::Error;
pub use report::Report;
pub use settings::{Faults, Planted, Settings};

/// Rehearses a study. `progress` is told each day as it begins, from 0.
///
/// # Errors
///
/// What keeps the rehearsal from being held: [`Error::Settings`], [`Error::File`], [`Error::Doors`], and what failed where nothing was broken so badly that nothing can go on. What the vault does wrong
/// is no error; the [`Report`] tells it.
pub fn rehearse(settings: &Settings, progress: &mut dyn FnMut(u32)) -> Result<Report, Error> {
    study::Study::new(settings)?.run(progress)
}
