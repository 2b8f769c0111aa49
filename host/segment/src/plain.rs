//! Turns the recorded form of a segment into plain MCAP that every MCAP program reads.
//!
//! Depth becomes `foxglove.RawImage` (16UC1); everything else stays as it is, in the same order, and MCAP's summary and indexes are made anew.

use std::io::{Read, Write};

use sluis_frame::Timestamp;

use crate::container::{Ending, Message, Part, Source, Writer};
use crate::error::Error;
use crate::header::SegmentHeader;
use crate::message;
use crate::summary::{AuditReport, FrameCounts};
use crate::track::Track;
use crate::video;

/// What a segment was found to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// What holds for all of it.
    pub header: SegmentHeader,
    /// Complete frames by how they ended.
    pub frames: FrameCounts,
    /// What the audit said of them.
    pub audit: AuditReport,
    /// Masks on them.
    pub masks: u64,
    /// Events.
    pub events: u64,
    /// Visits to a screen.
    pub visits: u64,
    /// Capture of the last complete frame; the segment's start when there is none.
    pub last_captured: Timestamp,
    /// Whether the stream was whole; else it ended after the last complete frame.
    pub whole: bool,
}

/// What depth becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Stays in our codec.
    Recorded,
    /// Plain numbers.
    Plain,
}

/// Copies a segment's plaintext stream into `into` as plain MCAP, which is whole even when the stream is cut. `None`, and nothing written, when the
/// stream is cut before its header's end.
///
/// # Errors
///
/// [`Error::NotASegment`], [`Error::Container`], [`Error::Depth`] when the stream is broken otherwise than cut; [`Error::Io`] when reading or writing fails, and what the reader
/// below says, such as [`Error::NotAuthentic`].
pub fn rewrite<R: Read, W: Write>(from: R, into: W) -> Result<Option<Contents>, Error> {
    let Some(mut source) = Source::new(from, Ending::Cut)? else { return Ok(None) };
    let mut writer = Writer::new(into, source.header().clone())?;
    let contents = copy(&mut source, &mut writer, Form::Plain)?;
    writer.finish()?.flush().map_err(|e| Error::io("write an opened segment", e))?;
    Ok(Some(contents))
}

/// Copies all complete frames.
pub(crate) fn copy<R: Read, W: Write>(
    source: &mut Source<R>,
    writer: &mut Writer<W>,
    form: Form,
) -> Result<Contents, Error> {
    let header = source.header().clone();
    let mut contents = Contents {
        frames: FrameCounts::default(),
        audit: AuditReport::default(),
        masks: 0,
        events: 0,
        visits: 0,
        last_captured: header.started,
        whole: false,
        header,
    };
    while let Some(part) = source.next()? {
        match part {
            Part::Calibration(m) => writer.write(m.track, sluis_frame::FrameNumber(0), m.at, &m.data)?,
            Part::Event(event, m) => {
                writer.write(m.track, event.frame, m.at, &m.data)?;
                contents.events += 1;
            }
            Part::Visit(visit, m) => {
                writer.write(m.track, visit.frame, m.at, &m.data)?;
                contents.visits += 1;
            }
            Part::Shot(shot) => {
                let number = shot.masks.frame;
                let stream = message::read_video(&contents.header.camera, shot.at, &shot.video.data)?;
                if contents.frames.total() > 0 && video::is_key(&stream) {
                    writer.flush()?;
                }
                for m in &shot.raw {
                    writer.write(m.track, number, m.at, &m.data)?;
                }
                if let Some(depth) = &shot.depth {
                    let depth = in_form(form, &contents.header, depth)?;
                    writer.write(depth.track, number, depth.at, &depth.data)?;
                }
                writer.write(Track::Video, number, shot.at, &shot.video.data)?;
                contents.frames.add(shot.masks.fate);
                contents.audit.add(shot.masks.fate, shot.verdict.verdict.as_ref());
                contents.masks += shot.masks.masks.len() as u64;
                contents.last_captured = shot.at;
            }
        }
    }
    contents.whole = source.was_whole();
    Ok(contents)
}

fn in_form(form: Form, header: &SegmentHeader, recorded: &Message) -> Result<Message, Error> {
    let (at, track) = (recorded.at, recorded.track);
    if form == Form::Recorded || track == Track::PlainDepth {
        return Ok(Message { track, at, data: recorded.data.clone() });
    }
    let depth = message::read_depth(track, header, at, &recorded.data)?;
    Ok(Message { track: Track::PlainDepth, at, data: message::plain_depth(&header.camera, at, &depth)? })
}
