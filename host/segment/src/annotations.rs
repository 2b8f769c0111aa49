//! Reads a segment without its pictures: masks, fates, events and visits. No video is decoded, so it is as quick as the disk and the seal.

use std::fmt;
use std::io::Read;

use sluis_frame::{Event, Fate, FrameNumber, Mask, Timestamp, Visit};

use crate::container::{Ending, Part, Source};
use crate::error::Error;
use crate::header::SegmentHeader;

/// Gives what was told of each frame of a segment, from its plain MCAP stream, as [`Reader`](crate::Reader) gives whole frames. The stream is checked likewise, but for
/// what is in the pictures.
pub struct Annotations<R> {
    source: Source<R>,
    /// Read ahead: a frame's events follow it.
    ahead: Option<Annotated>,
    /// Nothing is given after an error or the end.
    done: bool,
}

/// What was told of a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotated {
    /// Which frame of the camera.
    pub number: FrameNumber,
    /// When it was captured.
    pub captured: Timestamp,
    /// How it ended.
    pub fate: Fate,
    /// What is masked; empty for a blank.
    pub masks: Vec<Mask>,
    /// What people did, told at this frame.
    pub events: Vec<Event>,
    /// Visits to a screen that were over by then.
    pub visits: Vec<Visit>,
}

// === impl Annotations ===

impl<R: Read> Annotations<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`Error::NotASegment`], [`Error::Container`] when the stream is none, or is broken; what the reader below says.
    pub fn new(from: R) -> Result<Self, Error> {
        let source = Source::new(from, Ending::Whole)?;
        let source = source.expect("a stream that must be whole has a header, or is an error");
        Ok(Self { source, ahead: None, done: false })
    }

    /// What holds for the whole segment.
    pub fn header(&self) -> &SegmentHeader {
        self.source.header()
    }

    fn advance(&mut self) -> Result<Option<Annotated>, Error> {
        while let Some(part) = self.source.next()? {
            match part {
                Part::Calibration(_) => {}
                Part::Event(event, _) => self.ahead.iter_mut().for_each(|frame| frame.events.push(event.event.clone())),
                Part::Visit(visit, _) => self.ahead.iter_mut().for_each(|frame| frame.visits.push(visit.visit.clone())),
                Part::Shot(shot) => {
                    let masks = shot.masks;
                    let frame = Annotated {
                        number: masks.frame,
                        captured: shot.at,
                        fate: masks.fate,
                        masks: masks.masks,
                        events: Vec::new(),
                        visits: Vec::new(),
                    };
                    if let Some(complete) = self.ahead.replace(frame) {
                        return Ok(Some(complete));
                    }
                }
            }
        }
        self.done = true;
        Ok(self.ahead.take())
    }
}

impl<R: Read> Iterator for Annotations<R> {
    type Item = Result<Annotated, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.advance();
        self.done |= next.is_err();
        next.transpose()
    }
}

impl<R> fmt::Debug for Annotations<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotations").field("source", &self.source).finish_non_exhaustive()
    }
}
