//! A study report of a vault: what is within its deadline is read, without decoding a picture, and each opening is logged.

use std::io;

use sluis_frame::{CameraId, Timestamp};
use sluis_segment::{Annotations, Error as SegmentError};
use sluis_study::{FrameFacts, Report, Settings, Study};
use sluis_vault::{Archive, Entry, Error, Opened, Reason};

/// Which segments a report is of.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Of these cameras; empty for all.
    pub cameras: Vec<CameraId>,
    /// Frames captured at or after this time.
    pub from: Option<Timestamp>,
    /// Frames captured before this time.
    pub to: Option<Timestamp>,
}

// === impl Selection ===

impl Selection {
    fn selects(&self, entry: &Entry) -> bool {
        let ended = entry.summary.as_ref().map_or(entry.started, |summary| summary.last_captured);
        (self.cameras.is_empty() || self.cameras.contains(&entry.camera))
            && self.from.is_none_or(|from| ended >= from)
            && self.to.is_none_or(|to| entry.started < to)
    }

    fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

/// Reads the selected segments and makes the report. `progress` is told how many are done, and how many there are.
///
/// Segments that are past their deadline, destroyed or still being written are no part of it; one that should be readable and is not, or that is restricted (Art. 18 GDPR), is named in the report.
///
/// # Errors
///
/// [`Error::Index`] and the others when the vault as a whole cannot be read.
pub fn report(
    archive: &Archive,
    selection: &Selection,
    settings: Settings,
    reason: &Reason,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, Error> {
    let now = archive.time()?;
    let open = |entry: &Entry| entry.state.is_readable() && !entry.deadline.has_passed(now) && selection.selects(entry);
    let entries: Vec<Entry> = archive.list()?.into_iter().filter(open).collect();
    let mut study = Study::new(settings);
    for (done, entry) in entries.iter().enumerate() {
        progress(done, entries.len());
        let opened = match archive.open_segment(entry.segment, reason) {
            Ok(opened) => opened,
            Err(error @ (Error::Index { .. } | Error::IndexBusy { .. })) => return Err(error),
            Err(error) => {
                study.leave_out(entry.segment.to_string(), error.to_string());
                continue;
            }
        };
        match read(opened) {
            Ok(facts) => take_in(&mut study, entry, &facts, selection),
            Err(error) => study.leave_out(entry.segment.to_string(), told(&error)),
        }
    }
    progress(entries.len(), entries.len());
    Ok(study.report())
}

/// Whole or not at all: what comes after damage is not known, and half a segment would count as a whole one.
fn read(opened: Opened) -> Result<Facts, SegmentError> {
    let annotations = Annotations::new(opened)?;
    let (shop, size) = (annotations.header().shop.clone(), annotations.header().size);
    let frames = annotations.collect::<Result<_, _>>()?;
    Ok(Facts { shop, size, frames })
}

struct Facts {
    shop: String,
    size: sluis_frame::Size,
    frames: Vec<sluis_segment::Annotated>,
}

fn take_in(study: &mut Study, entry: &Entry, facts: &Facts, selection: &Selection) {
    study.shop(&facts.shop);
    for frame in &facts.frames {
        if selection.holds(frame.captured) {
            let masks = frame.masks.iter().map(|mask| mask.shape.bounds()).collect();
            study.frame(&entry.camera, &FrameFacts { captured: frame.captured, size: facts.size, masks });
        }
        // An event belongs to where it began, though it was told later.
        frame.events.iter().filter(|e| selection.holds(e.start)).for_each(|e| study.event(&entry.camera, e));
    }
}

/// The error that travels inside an input error, as when a deadline comes while a segment is read.
fn told(error: &SegmentError) -> String {
    match error {
        SegmentError::Io { source, .. } => inner(source),
        other => other.to_string(),
    }
}

fn inner(error: &io::Error) -> String {
    error.get_ref().map_or_else(|| error.to_string(), ToString::to_string)
}
