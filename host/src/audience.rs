//! Gathers the visits of an audience from a vault, for a report.

use std::time::Duration;

use sluis_audience::link::{GONE, LONGEST};
use sluis_frame::{Timestamp, Visit};
use sluis_segment::Annotations;
use sluis_stage::World;
use sluis_vault::{Archive, Entry, Reason, State};

/// What a vault holds of an audience, and of which time all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered {
    /// The shops, each once; one, in an ordinary vault.
    pub shops: Vec<String>,
    /// The visits.
    pub visits: Vec<Visit>,
    /// Segments that were opened.
    pub segments: usize,
    /// Of what was recorded from here on nothing was destroyed at its deadline.
    pub complete_from: Timestamp,
    /// Every visit that was over by then is told.
    pub complete_until: Timestamp,
}

/// The visits of an audience could not be gathered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The vault.
    #[error(transparent)]
    Vault(#[from] sluis_vault::Error),
    /// A segment is damaged.
    #[error("segment {segment} of camera {camera} cannot be read: {source}; `sluis vault verify` looks at all of them")]
    Segment {
        /// Which.
        segment: sluis_segment::SegmentId,
        /// Of which camera.
        camera: sluis_frame::CameraId,
        /// Why.
        source: Box<sluis_segment::Error>,
    },
}

/// Opens every segment that an audience meter worked on and that may be read, and takes the visits out of it. Every opening is logged with the reason. `each` is told how
/// many segments are done, and how many there are.
///
/// # Errors
///
/// [`Error`]. A report without one of its segments would look like any other, so none is left out.
pub fn gather(
    archive: &Archive,
    reason: &Reason,
    now: Timestamp,
    each: &mut dyn FnMut(usize, usize),
) -> Result<Gathered, Error> {
    let entries = archive.list()?;
    let (readable, gone): (Vec<&Entry>, Vec<&Entry>) = entries
        .iter()
        .filter(|entry| counts_audience(entry))
        // What is only stored counts as gone: a report is complete from its end on.
        .partition(|entry| entry.state.is_readable() && !entry.deadline.has_passed(now) && entry.restricted.is_none());
    let mut gathered = Gathered {
        shops: Vec::new(),
        visits: Vec::new(),
        segments: readable.len(),
        complete_from: gone.iter().map(|entry| end_of(entry)).max().unwrap_or(Timestamp::from_nanos(i64::MIN)),
        complete_until: complete_until(&entries, now),
    };
    for (done, entry) in readable.iter().enumerate() {
        each(done, readable.len());
        let opened = archive.open_segment(entry.segment, reason)?;
        let damaged =
            |source| Error::Segment { segment: entry.segment, camera: entry.camera.clone(), source: Box::new(source) };
        let annotations = Annotations::new(opened).map_err(damaged)?;
        if !gathered.shops.contains(&annotations.header().shop) {
            gathered.shops.push(annotations.header().shop.clone());
        }
        for annotated in annotations {
            gathered.visits.extend(annotated.map_err(damaged)?.visits);
        }
    }
    each(readable.len(), readable.len());
    Ok(gathered)
}

/// Whether an audience meter was at work. What was never readable (abandoned, lost) is as if it had not been: it is missing in every report alike.
fn counts_audience(entry: &Entry) -> bool {
    let meter = World::AudienceMeter.name();
    let was_kept = !matches!(entry.state, State::Writing | State::Abandoned | State::Lost);
    was_kept && entry.summary.as_ref().is_some_and(|summary| summary.plugins.iter().any(|plugin| plugin.world == meter))
}

/// When a segment's recording ended; a little later, so that nothing of it is before.
fn end_of(entry: &Entry) -> Timestamp {
    entry.summary.as_ref().map_or(entry.started, |summary| summary.last_captured) + Duration::from_secs(1)
}

/// A visit is told when it is over, so up to its longest time after it began, in a segment that is readable when it is closed.
fn complete_until(entries: &[Entry], now: Timestamp) -> Timestamp {
    let writing = entries.iter().filter(|entry| entry.state == State::Writing).map(|entry| entry.started);
    writing.chain([now]).min().unwrap_or(now) - LONGEST - GONE
}
