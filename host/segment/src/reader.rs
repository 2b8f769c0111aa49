//! Reads a segment back into frames.

use std::fmt;
use std::io::Read;

use sluis_frame::door::Record;
use sluis_frame::{Calibration, Cleared, Event, Frame, Header, ReaderDoor, Visit};

use crate::container::{Ending, Part, Shot, Source};
use crate::error::Error;
use crate::header::SegmentHeader;
use crate::message;
use crate::video::Decoder;

/// Gives the frames of a segment, from its plain MCAP stream: what an [`Opener`](crate::seal::Opener) gives, or a file that the vault has opened.
///
/// A frame is given as [`Cleared`], for only such frames go in; hence the door, and the duty of whoever holds it to read authenticated streams only.
pub struct Reader<'d, R> {
    source: Source<R>,
    door: &'d ReaderDoor,
    video: Decoder,
    calibration: Option<Calibration>,
    /// Read ahead: a frame is complete when the next one begins, for its events and visits follow it.
    ahead: Option<Recorded>,
    /// Nothing is given after an error or the end.
    done: bool,
}

/// A frame with what was told at it.
#[derive(Debug)]
pub struct Recorded {
    /// The frame. Its colours went through H.264; all else is as it was.
    pub frame: Frame<Cleared>,
    /// What people did.
    pub events: Vec<Event>,
    /// Who had been before a screen, and was gone by now.
    pub visits: Vec<Visit>,
}

// === impl Reader ===

impl<'d, R: Read> Reader<'d, R> {
    /// Reads what stands before the second frame.
    ///
    /// # Errors
    ///
    /// [`Error::NotASegment`], [`Error::Container`], [`Error::Video`], [`Error::Depth`] when the stream is none, or is broken; what the reader below says.
    pub fn new(from: R, door: &'d ReaderDoor) -> Result<Self, Error> {
        let source =
            Source::new(from, Ending::Whole)?.expect("a stream that must be whole has a header, or is an error");
        let video = Decoder::new(source.header().size)?;
        let mut reader = Self { source, door, video, calibration: None, ahead: None, done: false };
        // The first frame tells which channels there are.
        reader.advance()?;
        Ok(reader)
    }

    /// What holds for the whole segment.
    pub fn header(&self) -> &SegmentHeader {
        self.source.header()
    }

    /// How the camera maps directions to pixels, if that was recorded.
    pub const fn calibration(&self) -> Option<Calibration> {
        self.calibration
    }

    /// The topics that were met so far. Channels stand where their first message does, so events can come late.
    pub fn topics(&self) -> Vec<String> {
        self.source.tracks().map(|t| t.topic(&self.header().camera)).collect()
    }

    /// Reads on until the frame in `ahead` is complete, and puts the next one there.
    fn advance(&mut self) -> Result<Option<Recorded>, Error> {
        while let Some(part) = self.source.next()? {
            match part {
                Part::Calibration(m) => self.calibration = Some(message::read_calibration(self.header(), &m.data)?),
                Part::Event(event, _) => self.ahead.iter_mut().for_each(|r| r.events.push(event.event.clone())),
                Part::Visit(visit, _) => self.ahead.iter_mut().for_each(|r| r.visits.push(visit.visit.clone())),
                Part::Shot(shot) => {
                    let frame = self.decode(*shot)?;
                    return Ok(self.ahead.replace(Recorded { frame, events: Vec::new(), visits: Vec::new() }));
                }
            }
        }
        self.done = true;
        Ok(self.ahead.take())
    }

    fn decode(&mut self, shot: Shot) -> Result<Frame<Cleared>, Error> {
        let segment = self.source.header();
        let stream = message::read_video(&segment.camera, shot.at, &shot.video.data)?;
        let picture = self.video.decode(&stream)?;
        let depth = shot.depth.as_ref().map(|d| message::read_depth(d.track, segment, shot.at, &d.data)).transpose()?;
        let header = Header { camera: segment.camera.clone(), number: shot.masks.frame, captured: shot.at };
        let record = Record { masks: shot.masks.masks, fate: shot.masks.fate, verdict: shot.verdict.verdict };
        Ok(self.door.restore(header, picture, depth, record).expect("both were decoded to the segment's size"))
    }
}

impl<R: Read> Iterator for Reader<'_, R> {
    type Item = Result<Recorded, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.advance();
        self.done |= next.is_err();
        next.transpose()
    }
}

impl<R> fmt::Debug for Reader<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("source", &self.source).finish_non_exhaustive()
    }
}
