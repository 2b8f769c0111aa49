//! Breaches in a shop: the register ([`sluis_breach`]), the vault, the ledger and the notice, put together.
//!
//! - [`register`], [`LedgerBook`]: the register of a configuration, and the ledger that each of its steps is written into.
//! - [`Scope`]: what of the vault a breach concerns.
//! - [`signs`]: what the vault and the ledger tell that may be a breach.

pub mod signs;

use std::collections::BTreeSet;
use std::time::Duration;

use sluis_breach::affected::{Opening, Standing};
use sluis_breach::register::BookError;
use sluis_breach::{Affected, AffectedSegment, Book, Register, Written, breaches_beside};
use sluis_frame::CameraId;
use sluis_notice::Facts;
use sluis_rights::{SegmentName, Window};
use sluis_vault::{Archive, Entry, Record, State};

use crate::config::Config;
use crate::rights::{erasure, office, window};

/// Something about breaches cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody could be named who is responsible, and whom to tell.
    #[error(
        "the configuration has no `[notice]`: a breach is told with who is responsible and to which authority. `examples/sluis.toml` shows every key"
    )]
    NoNotice,
    /// The register.
    #[error(transparent)]
    Register(#[from] sluis_breach::Error),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] sluis_vault::Error),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] sluis_ledger::Error),
    /// The rights desk.
    #[error(transparent)]
    Rights(#[from] crate::rights::Error),
    /// What is installed.
    #[error(transparent)]
    Home(#[from] sluis_registry::Error),
}

/// The register of a configuration: beside its vault.
pub fn register(config: &Config) -> Register {
    Register::at(breaches_beside(&config.vault.dir))
}

/// A vault's ledger, as the book of a register.
#[derive(Debug, Clone, Copy)]
pub struct LedgerBook<'a>(pub &'a Archive);

/// What of the vault a breach concerns, as far as somebody knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Cameras; all when none is named.
    pub cameras: BTreeSet<CameraId>,
    /// When the recordings were made that it concerns.
    pub window: Option<Window>,
    /// Recordings by name.
    pub segments: BTreeSet<SegmentName>,
}

// === impl LedgerBook ===

impl Book for LedgerBook<'_> {
    fn write(&self, line: &Written) -> Result<(), BookError> {
        let Written { number, step, sha256 } = line;
        Ok(self.0.note(&Record::Breach { number, step: *step, sha256 })?)
    }

    fn read(&self) -> Result<Vec<Written>, BookError> {
        // A ledger that is damaged takes no more records, and may be the very breach: what waits for it counts all the same.
        self.0.tell_ledger_soon();
        let waiting = self.0.waiting()?;
        let entries = match sluis_ledger::read(self.0.ledger_folder()) {
            Ok(entries) => entries,
            Err(sluis_ledger::Error::NoLedger { .. }) => return Ok(waiting.iter().filter_map(written).collect()),
            Err(error) => return Err(error.into()),
        };
        let mut lines = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => lines.extend(written(&entry.what)),
                // A ledger that is damaged may be the very breach: what follows the damage is told as not known to the ledger, and the register can be written all the same.
                Err(error @ sluis_ledger::Error::Line { .. }) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the ledger is read up to its damage");
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        lines.extend(waiting.iter().filter_map(written));
        Ok(lines)
    }
}

/// Whether the ledger is what was written, so that something can be held against it.
///
/// # Errors
///
/// [`Error::Vault`], [`Error::Ledger`] when it cannot be read at all.
pub fn is_ledger_whole(archive: &Archive) -> Result<bool, Error> {
    let key = archive.ledger_public_key()?;
    match sluis_ledger::verify(archive.ledger_folder(), &key, &[]) {
        Ok(verified) => Ok(verified.is_whole()),
        Err(sluis_ledger::Error::NoLedger { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// The line of a record, if it is one of the register's.
fn written(what: &serde_json::Value) -> Option<Written> {
    let text = |key: &str| what.get(key)?.as_str().map(str::to_owned);
    if text("event")? != "breach" {
        return None;
    }
    Some(Written { number: text("number")?, step: what.get("step")?.as_u64()?, sha256: text("sha256")? })
}

// === impl Scope ===

impl Scope {
    /// What of the vault it concerns, with all copies. Where neither a time nor a recording is named, that is everything that is kept: nobody knows better yet.
    ///
    /// # Errors
    ///
    /// [`Error::Vault`]: [`sluis_vault::Error::Unknown`] for a name that no recording has.
    pub fn affected(&self, archive: &Archive, config: &Config) -> Result<Affected, Error> {
        let longest = Duration::from_secs(u64::from(config.segment.seconds.get()));
        let named: BTreeSet<_> = self.segments.iter().map(|name| window::segment(*name)).collect();
        for segment in &named {
            archive.entry(*segment)?;
        }
        let mut entries = archive.list()?;
        entries.retain(|entry| named.contains(&entry.segment) || self.means(entry, longest));
        let place = office::cloud(config);
        let held = entries.iter().map(|entry| erasure::held(archive, entry, &place)).collect::<Result<Vec<_>, _>>()?;
        let copies = erasure::copies(archive, &held)?;
        let mut segments = Vec::with_capacity(entries.len());
        for (entry, copies) in entries.iter().zip(copies) {
            let openings = archive.openings(Some(entry.segment))?.into_iter().map(|opening| Opening {
                who: opening.who,
                at: opening.at,
                how: opening.how,
                reason: opening.reason,
            });
            segments.push(AffectedSegment {
                ended: window::ended(entry, longest),
                deadline: entry.deadline.time(),
                standing: standing(entry.state),
                openings: openings.collect(),
                copies,
            });
        }
        Ok(Affected { as_of: archive.time()?, segments })
    }

    fn means(&self, entry: &Entry, longest: Duration) -> bool {
        let of_camera = self.cameras.is_empty() || self.cameras.contains(&entry.camera);
        of_camera
            && match self.window {
                Some(window) => window::overlaps(entry, window, longest),
                None => self.segments.is_empty() && (entry.state == State::Writing || entry.state.is_readable()),
            }
    }
}

const fn standing(state: State) -> Standing {
    match state {
        State::Writing => Standing::Writing,
        State::Sealed | State::Recovered => Standing::Readable,
        State::Lost => Standing::Lost,
        State::Shredded | State::Destroyed | State::Abandoned => Standing::Destroyed,
    }
}

/// What the notice tells now, with the partners there are.
///
/// # Errors
///
/// [`Error::NoNotice`]; [`Error::Vault`].
pub fn facts(archive: &Archive, config: &Config) -> Result<Facts, Error> {
    // Who may be granted nothing has nothing.
    let partners = archive.partners()?;
    let recipients = partners.iter().filter_map(|partner| crate::notice::recipient(partner).ok());
    crate::notice::facts(config, recipients.collect()).ok_or(Error::NoNotice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_of_the_ledger_is_read_as_it_was_written() {
        let line = Written { number: "B-2026-0001".to_owned(), step: 3, sha256: "ab".repeat(32) };
        let record = Record::Breach { number: &line.number, step: line.step, sha256: &line.sha256 };
        assert_eq!(written(&serde_json::to_value(record).unwrap()), Some(line));
        assert_eq!(written(&json!({ "event": "stopped" })), None);
        assert_eq!(written(&json!({ "event": "breach", "number": "B-2026-0001" })), None);
    }
}
