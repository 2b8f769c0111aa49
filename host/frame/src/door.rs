//! The three doors to [`Cleared`].
//!
//! Each door is a capability: a value that [`Doors::mint`] makes once in the life of the process and that the program hands to exactly
//! one part. Who has no door cannot make a `Frame<Cleared>`; there is no other constructor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::geometry::Size;
use crate::mask::Mask;
use crate::picture::{Depth, Picture, PictureError, Rgb};
use crate::state::{Cleared, Fate, Frame, Header, Mismatch, Redacted};
use crate::verdict::Verdict;

/// All doors, at the moment when they are made.
#[derive(Debug)]
pub struct Doors {
    /// For the part that holds the audit.
    pub audit: AuditDoor,
    /// For the part that blanks.
    pub blank: BlankDoor,
    /// For the reader of sealed segments.
    pub reader: ReaderDoor,
}

/// Opens for a frame that passed the audit.
#[derive(Debug)]
pub struct AuditDoor(());

/// Opens for a frame without any picture.
#[derive(Debug)]
pub struct BlankDoor(());

/// Opens for a frame that comes out of an authenticated sealed segment, where only cleared frames go in.
#[derive(Debug)]
pub struct ReaderDoor(());

/// Which masking of the frame was audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The camera's ordinary mode.
    First,
    /// A stricter mode, after a finding or a failed filter.
    Stricter,
}

/// A frame that did not pass, with what was found.
#[derive(Debug)]
pub struct Rejected {
    /// The frame, still redacted only.
    pub frame: Frame<Redacted>,
    /// What was found.
    pub verdict: Verdict,
}

static MINTED: AtomicBool = AtomicBool::new(false);

impl Doors {
    /// Makes the doors. `None` when they have been made before in this process.
    pub fn mint() -> Option<Self> {
        let minted = MINTED.swap(true, Ordering::SeqCst);
        (!minted).then_some(Self { audit: AuditDoor(()), blank: BlankDoor(()), reader: ReaderDoor(()) })
    }
}

impl AuditDoor {
    /// Lets the frame through if the verdict has no finding.
    ///
    /// # Errors
    ///
    /// [`Rejected`] hands frame and verdict back when something was found.
    pub fn pass(
        &self,
        frame: Frame<Redacted>,
        verdict: Verdict,
        attempt: Attempt,
    ) -> Result<Frame<Cleared>, Box<Rejected>> {
        if !verdict.passed() {
            return Err(Box::new(Rejected { frame, verdict }));
        }
        let fate = match attempt {
            Attempt::First => Fate::Recorded,
            Attempt::Stricter => Fate::Quarantined,
        };
        let Frame { header, picture, depth, state } = frame;
        Ok(Frame { header, picture, depth, state: Cleared { masks: state.masks, fate, verdict: Some(verdict) } })
    }
}

impl BlankDoor {
    /// A black picture with the header of the frame that it stands for; its depth, if the camera has any, is without readings.
    ///
    /// # Errors
    ///
    /// [`PictureError`] when no picture can have this size, or no depth this unit.
    pub fn blank(&self, header: Header, size: Size, depth_unit: Option<f32>) -> Result<Frame<Cleared>, PictureError> {
        let picture = Picture::plain(size, Rgb::BLACK)?;
        let depth = depth_unit.map(|unit| Depth::new(size, unit, vec![0; size.pixels()])).transpose()?;
        let state = Cleared { masks: Arc::from([]), fate: Fate::Blanked, verdict: None };
        Ok(Frame { header, picture, depth, state })
    }
}

/// What the reader of a sealed segment found beside the pixels of a frame.
#[derive(Debug, Clone)]
pub struct Record {
    /// What was masked.
    pub masks: Vec<Mask>,
    /// How it ended.
    pub fate: Fate,
    /// What the audit said.
    pub verdict: Option<Verdict>,
}

impl ReaderDoor {
    /// A frame as it was recorded.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] when the depth picture is not of the colour picture's size.
    pub fn restore(
        &self,
        header: Header,
        picture: Picture,
        depth: Option<Depth>,
        record: Record,
    ) -> Result<Frame<Cleared>, Mismatch> {
        if let Some(depth) = &depth
            && depth.size() != picture.size()
        {
            return Err(Mismatch { picture: picture.size(), depth: depth.size() });
        }
        let state = Cleared { masks: record.masks.into(), fate: record.fate, verdict: record.verdict };
        Ok(Frame { header, picture, depth, state })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::camera::{CameraId, FrameNumber};
    use crate::clock::Timestamp;
    use crate::geometry::Rect;
    use crate::mask::Style;
    use crate::paint;
    use crate::verdict::{Fault, Finding};

    static DOORS: LazyLock<Doors> = LazyLock::new(|| Doors::mint().unwrap());

    fn redacted() -> Frame<Redacted> {
        let header =
            Header { camera: CameraId::new("a").unwrap(), number: FrameNumber(7), captured: Timestamp::from_secs(1) };
        let raw = Frame::capture(header, Picture::plain(Size::new(4, 4), Rgb(9, 9, 9)).unwrap(), None).unwrap();
        paint::redact(&raw, Vec::new(), Style::Fill(Rgb::BLACK))
    }

    #[test]
    fn doors_are_made_once() {
        LazyLock::force(&DOORS);
        assert!(Doors::mint().is_none());
    }

    #[test]
    fn a_frame_with_a_finding_does_not_pass() {
        let finding = Finding { area: Rect::new(0, 0, 2, 2), fault: Fault::Face, score: 90 };
        let verdict = Verdict { findings: vec![finding], worst_score: 90, independent: true };
        let rejected = DOORS.audit.pass(redacted(), verdict, Attempt::First).unwrap_err();
        assert_eq!(rejected.verdict.findings, [finding]);
    }

    #[test]
    fn the_attempt_decides_the_fate() {
        let verdict = Verdict { findings: vec![], worst_score: 10, independent: true };
        let first = DOORS.audit.pass(redacted(), verdict.clone(), Attempt::First).unwrap();
        let again = DOORS.audit.pass(redacted(), verdict, Attempt::Stricter).unwrap();
        assert_eq!((first.fate(), again.fate()), (Fate::Recorded, Fate::Quarantined));
    }

    #[test]
    fn a_blank_holds_nothing_of_the_picture() {
        let frame = redacted();
        let blank = DOORS.blank.blank(frame.header().clone(), frame.size(), Some(0.001)).unwrap();
        assert_eq!(blank.fate(), Fate::Blanked);
        assert!(blank.picture().pixels().iter().all(|p| *p == 0));
        assert!(blank.depth().unwrap().values().iter().all(|v| *v == 0));
    }
}
