//! The gate: the last look at a segment before it is sealed for good.
//!
//! It reads the very bytes that go to the sealer, as a stranger would: it parses the container, decodes the *encoded* video and depth, and compares every
//! picture with the masks that the segment itself declares. It knows nothing of the frames that the recorder was given, so a fault anywhere between the audit
//! and the disk (a wrong buffer, a codec that keeps what a mask should hide, a track that does not belong) stops the segment, which then loses its key.
//!
//! What must hold:
//!
//! - The header is the expected one; there are no channels, schemas, metadata, attachments or fields but those of a [segment](crate::track), and no NAL units but
//!   parameter sets and pictures.
//! - Under a mask, 8 pixels or more from its edge, the picture is what the mask's style makes: the fill colour; or, for `pixelate` and `blur`, what at most 4 by 4
//!   cells explain. [`compare`](self) has the tolerances and where they come from.
//! - A blank is black.
//! - Depth under each group of masks is one plane, exactly.
//!
//! Every picture is looked at, not a sample: decoding is cheap beside encoding.

mod compare;

use std::fmt;
use std::io::{self, Write};

use sluis_frame::{CameraId, Coverage, Fate, FrameNumber, Picture, Rgb};

use crate::container::{Assembler, Entry, Parser, Part, Shot};
use crate::error::Error;
use crate::header::SegmentHeader;
use crate::message;
use crate::summary::GateReport;
use crate::track::Track;
use crate::video::{self, Decoder};

/// Looks at one segment, which is pushed to it piece by piece.
pub struct Gate {
    expected: SegmentHeader,
    parser: Parser,
    assembler: Assembler,
    video: Decoder,
    report: GateReport,
    /// The last frame that was looked at, for messages.
    at: FrameNumber,
    /// Nothing passes after a failure.
    failed: bool,
}

/// Writes to `W` what the gate has looked at. What fails the gate is not passed on, and nothing after it.
pub struct Gated<W> {
    gate: Gate,
    into: W,
}

/// Whether a decoded picture shows nothing but `colour` where `covered` says so, looked at part by part with the tolerances of the gate. What is near enough to the edge of the cover
/// to be coded together with its surroundings must have been left out of it: 8 pixels are enough.
///
/// # Errors
///
/// [`Error::NotASegment`] with what shows, and where.
pub fn filled(picture: &Picture, covered: &Coverage, colour: Rgb) -> Result<(), Error> {
    compare::filled(picture, covered, colour)
}

/// Whether a decoded picture is black, as the gate asks of blanks.
///
/// # Errors
///
/// [`Error::NotASegment`] when it is not.
pub fn blank(picture: &Picture) -> Result<(), Error> {
    compare::blank(picture).map(drop)
}

// === impl Gate ===

impl Gate {
    /// A gate for the segment that has this header.
    ///
    /// # Errors
    ///
    /// [`Error::VideoSize`] and [`Error::Video`] when its pictures cannot be decoded here.
    pub fn new(expected: SegmentHeader) -> Result<Self, Error> {
        Ok(Self {
            video: Decoder::new(expected.size)?,
            expected,
            parser: Parser::new(),
            assembler: Assembler::default(),
            report: GateReport::default(),
            at: FrameNumber(0),
            failed: false,
        })
    }

    /// Looks at the next bytes of the plain MCAP stream.
    ///
    /// # Errors
    ///
    /// [`Error::Gate`] when something is there that must not be kept, now or before.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let looked = if self.failed { Err(stop("it failed before")) } else { self.look(bytes) };
        self.close_on(looked)
    }

    /// Says that the stream ends here, and tells what was looked at.
    ///
    /// # Errors
    ///
    /// [`Error::Gate`] as in [`push`](Self::push), and when the stream is not complete.
    pub fn finish(&mut self) -> Result<GateReport, Error> {
        let ended = if self.failed || self.assembler.is_in_the_middle() {
            Err(stop("it ends in the middle of a frame, or failed before"))
        } else {
            self.parser.end()
        };
        self.close_on(ended)?;
        Ok(self.report)
    }

    fn close_on(&mut self, looked: Result<(), Error>) -> Result<(), Error> {
        looked.map_err(|e| {
            self.failed = true;
            let why = match e {
                Error::NotASegment(why) => why,
                other => other.to_string(),
            };
            Error::Gate { camera: self.camera().clone(), frame: self.at, why }
        })
    }

    fn camera(&self) -> &CameraId {
        &self.expected.camera
    }

    fn look(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.parser.push(bytes)?;
        while let Some(entry) = self.parser.next() {
            match entry {
                Entry::Header(header) if *header == self.expected => {}
                Entry::Header(_) => return Err(stop("its header is another one")),
                Entry::Message(message) => match self.assembler.take(message)? {
                    Some(Part::Shot(shot)) => self.look_at(&shot)?,
                    Some(Part::Calibration(message)) => drop(message::read_calibration(&self.expected, &message.data)?),
                    Some(Part::Event(..) | Part::Visit(..)) | None => {}
                },
            }
        }
        Ok(())
    }

    fn look_at(&mut self, shot: &Shot) -> Result<(), Error> {
        self.at = shot.masks.frame;
        let masks = &shot.masks.masks;
        let stream = message::read_video(self.camera(), shot.at, &shot.video.data)?;
        if let Some(foreign) = video::nal_types(&stream).find(|t| !video::NAL_UNITS.contains(t)) {
            return Err(Error::NotASegment(format!("its video holds a NAL unit of type {foreign}")));
        }
        let picture = self.video.decode(&stream)?;
        let depth = match &shot.depth {
            Some(d) if d.track == Track::PlainDepth => return Err(stop("its depth is not encoded")),
            Some(d) => Some(message::read_depth(d.track, &self.expected, shot.at, &d.data)?),
            None => None,
        };
        let worst = if shot.masks.fate == Fate::Blanked {
            if !masks.is_empty() || depth.as_ref().is_some_and(|d| d.values().iter().any(|v| *v != 0)) {
                return Err(stop("a blank has masks, or depth"));
            }
            compare::blank(&picture)?
        } else {
            if let Some(depth) = &depth {
                compare::depth(depth, masks)?;
            }
            compare::picture(&picture, masks, self.expected.style)?
        };
        self.report.pictures += 1;
        self.report.depths += u64::from(depth.is_some());
        self.report.worst = self.report.worst.max(worst);
        Ok(())
    }
}

fn stop(why: &str) -> Error {
    Error::NotASegment(why.to_owned())
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("camera", self.camera()).field("report", &self.report).finish_non_exhaustive()
    }
}

// === impl Gated ===

impl<W: Write> Gated<W> {
    /// A writer to `into` with `gate` before it.
    pub fn new(gate: Gate, into: W) -> Self {
        Self { gate, into }
    }

    /// Says that the stream ends here: what was looked at, and the writer.
    ///
    /// # Errors
    ///
    /// [`Error::Gate`] as in [`Gate::finish`].
    pub fn finish(mut self) -> Result<(GateReport, W), Error> {
        Ok((self.gate.finish()?, self.into))
    }
}

impl<W: Write> Write for Gated<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gate.push(bytes)?;
        self.into.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}

impl<W> fmt::Debug for Gated<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gated").field(&self.gate).finish()
    }
}

#[cfg(test)]
mod tests;
