//! What was recorded in a window: found, held and read.

use std::collections::BTreeSet;
use std::io::Read;
use std::time::Duration;

use sluis_frame::{CameraId, Timestamp};
use sluis_rights::{Held, SegmentName, Window};
use sluis_segment::SegmentId;
use sluis_vault::{Archive, Entry, Exemption, Opened, Reason, Retention, State};

use super::Error;

/// What came of holding a window.
#[derive(Debug, Default)]
pub struct Holding {
    /// What is held now, the oldest first.
    pub held: Vec<Held>,
    /// Segments of the window that are still being written: to be held once they are sealed.
    pub writing: usize,
    /// Segments of the window that are destroyed, or past their deadline.
    pub gone: usize,
}

/// Holds all that was recorded of these cameras in a window, each segment for 30 days from its recording. What must be kept that long already is held too, against an earlier end.
///
/// # Errors
///
/// [`Error::Vault`] when the index cannot be read or written. A segment that comes to its end meanwhile counts as gone.
pub fn hold(
    archive: &Archive,
    cameras: &BTreeSet<CameraId>,
    window: Window,
    longest: Duration,
    reason: &Reason,
) -> Result<Holding, Error> {
    let mut holding = Holding::default();
    for entry in
        archive.list()?.iter().filter(|entry| cameras.contains(&entry.camera) && overlaps(entry, window, longest))
    {
        match entry.state {
            State::Writing => holding.writing += 1,
            state if state.is_readable() => {
                let until = Retention::CEILING.deadline(entry.started);
                match archive.hold(entry.segment, until.time(), reason) {
                    Ok(until) => holding.held.push(Held {
                        segment: name(entry.segment),
                        camera: entry.camera.clone(),
                        started: entry.started,
                        until: until.time(),
                    }),
                    Err(sluis_vault::Error::PastDeadline { .. } | sluis_vault::Error::NotReadable { .. }) => {
                        holding.gone += 1;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            _ => holding.gone += 1,
        }
    }
    Ok(holding)
}

/// Whether a segment holds frames of the window.
pub fn overlaps(entry: &Entry, window: Window, longest: Duration) -> bool {
    entry.started < window.to && ended(entry, longest) >= window.from
}

/// When a segment ended. Of one that is not closed, or is gone, it is not known: `longest` is how long one can be.
pub fn ended(entry: &Entry, longest: Duration) -> Timestamp {
    entry.summary.as_ref().map_or(entry.started + longest, |summary| summary.last_captured)
}

/// Reads segments of one camera into memory, so that each is opened, and logged, once. The person agrees to it who asks (Art. 18(2)), so restrictions keep nobody from it.
///
/// # Errors
///
/// [`Error::Vault`].
pub fn read(archive: &Archive, segments: &[SegmentId], reason: &Reason) -> Result<Vec<Vec<u8>>, Error> {
    segments.iter().map(|segment| whole(open(archive, *segment, reason)?, *segment)).collect()
}

fn open(archive: &Archive, segment: SegmentId, reason: &Reason) -> Result<Opened, Error> {
    Ok(match archive.entry(segment)?.restricted {
        Some(_) => archive.open_restricted(segment, Exemption::Consent, reason)?,
        None => archive.open_segment(segment, reason)?,
    })
}

/// All of a recording.
pub(super) fn whole(mut opened: Opened, segment: SegmentId) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    opened.read_to_end(&mut bytes).map_err(|source| sluis_vault::Error::Damage {
        segment,
        source: Box::new(sluis_segment::Error::Io { doing: "read it", source }),
    })?;
    Ok(bytes)
}

/// A segment's name, as the desk has it.
pub const fn name(segment: SegmentId) -> SegmentName {
    SegmentName::from_bytes(*segment.as_bytes())
}

/// A segment's name, as the vault has it.
pub const fn segment(name: SegmentName) -> SegmentId {
    SegmentId::from_bytes(*name.as_bytes())
}

/// What is held of one camera, in the order of its recording.
pub fn of_camera(held: &[Held], camera: &CameraId) -> Vec<SegmentId> {
    held.iter().filter(|held| held.camera == *camera).map(|held| segment(held.segment)).collect()
}

/// Those of the held segments of a camera that may have frames between two moments: from the last that began before the first of them, to the last that began before the second.
pub fn between(held: &[Held], camera: &CameraId, (from, to): (Timestamp, Timestamp)) -> BTreeSet<SegmentName> {
    let of_camera: Vec<&Held> = held.iter().filter(|held| held.camera == *camera).collect();
    let first = of_camera.iter().rposition(|held| held.started <= from).unwrap_or(0);
    of_camera[first.min(of_camera.len())..].iter().filter(|held| held.started <= to).map(|held| held.segment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_between_two_moments_are_those_that_can_have_their_frames() {
        let camera = CameraId::new("shelf").unwrap();
        let held: Vec<Held> = (0..5)
            .map(|minute| Held {
                segment: SegmentName::from_bytes([minute; 16]),
                camera: camera.clone(),
                started: Timestamp::from_secs(60 * i64::from(minute)),
                until: Timestamp::from_secs(1_000_000),
            })
            .collect();
        let minutes = |from, to| -> Vec<u8> {
            let found = between(&held, &camera, (Timestamp::from_secs(from), Timestamp::from_secs(to)));
            found.into_iter().map(|segment| segment.as_bytes()[0]).collect()
        };
        assert_eq!(minutes(70, 130), [1, 2]);
        assert_eq!(minutes(0, 0), [0]);
        assert_eq!(minutes(-10, 59), [0]);
        assert_eq!(minutes(299, 400), [4]);
        assert!(between(&held, &CameraId::new("till").unwrap(), (held[0].started, held[4].started)).is_empty());
    }
}
