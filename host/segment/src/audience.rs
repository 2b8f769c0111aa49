//! The visits to a screen in a segment, read without decoding a picture.

use std::io::Read;

use sluis_frame::Visit;

use crate::container::{Ending, Part, Source};
use crate::error::Error;
use crate::header::SegmentHeader;

/// What a segment tells of an audience.
#[derive(Debug, Clone, PartialEq)]
pub struct Audience {
    /// What holds for all of the segment.
    pub header: SegmentHeader,
    /// The visits that were over in its time, in the order in which they ended.
    pub visits: Vec<Visit>,
}

/// Reads the visits from a segment's plain MCAP stream, to its end.
///
/// # Errors
///
/// [`Error::NotASegment`] and [`Error::Container`] when the stream is none, or is broken or cut; what the reader below says.
pub fn read(from: impl Read) -> Result<Audience, Error> {
    let mut source =
        Source::new(from, Ending::Whole)?.expect("a stream that must be whole has a header, or is an error");
    let mut visits = Vec::new();
    while let Some(part) = source.next()? {
        if let Part::Visit(message, _) = part {
            visits.push(message.visit);
        }
    }
    Ok(Audience { header: source.header().clone(), visits })
}
