//! Writes the container.

use std::collections::BTreeMap;
use std::io::Write;

use mcap::records::MessageHeader;
use mcap::write::NoSeek;
use mcap::{Compression, WriteOptions};
use sluis_frame::{FrameNumber, Timestamp};

use crate::error::Error;
use crate::header::SegmentHeader;
use crate::track::Track;

/// The profile in the container's own header.
pub(crate) const PROFILE: &str = "sluis";

/// Writes one segment as MCAP, front to back, without ever seeking.
pub(crate) struct Writer<W: Write> {
    mcap: mcap::Writer<NoSeek<W>>,
    /// By place in [`Track::ALL`].
    channels: [Option<u16>; Track::ALL.len()],
    header: SegmentHeader,
}

// === impl Writer ===

impl<W: Write> Writer<W> {
    /// Writes the header of the segment.
    pub(crate) fn new(into: W, header: SegmentHeader) -> Result<Self, Error> {
        let mut mcap = WriteOptions::new()
            .profile(PROFILE)
            .library(concat!("sluis-segment/", env!("CARGO_PKG_VERSION")))
            .compression(Some(Compression::Zstd))
            // Most of it is video, which does not get smaller; the fastest level gets what the JSON gives.
            .compression_level(1)
            .compression_threads(0)
            // A chunk ends where the recorder flushes, at key pictures, and nowhere else.
            .chunk_size(None)
            .disable_seeking(true)
            .create(NoSeek::new(into))
            .map_err(failed)?;
        for record in header.to_records() {
            mcap.write_metadata(&record).map_err(failed)?;
        }
        Ok(Self { mcap, channels: [None; Track::ALL.len()], header })
    }

    /// The header that was written.
    pub(crate) const fn header(&self) -> &SegmentHeader {
        &self.header
    }

    /// Writes a message about `frame`, captured `at`.
    pub(crate) fn write(&mut self, track: Track, frame: FrameNumber, at: Timestamp, data: &[u8]) -> Result<(), Error> {
        let channel_id = self.channel(track)?;
        let time = u64::try_from(at.as_nanos())
            .map_err(|_| Error::NotASegment("a time lies before 1970: set the machine's clock".to_owned()))?;
        // MCAP's sequence has 32 bits: the low ones of the number. The whole number stands in the masks message.
        let message = MessageHeader { channel_id, sequence: frame.0 as u32, log_time: time, publish_time: time };
        self.mcap.write_to_known_channel(&message, data).map_err(failed)
    }

    /// Ends the chunk and passes everything on.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.mcap.flush().map_err(failed)
    }

    /// Writes the summary and gives back what it wrote to.
    pub(crate) fn finish(mut self) -> Result<W, Error> {
        self.mcap.finish().map_err(failed)?;
        Ok(self.mcap.into_inner().into_inner())
    }

    /// Gives back what it wrote to, without an end.
    pub(crate) fn abort(self) -> W {
        self.mcap.into_inner().into_inner()
    }

    fn channel(&mut self, track: Track) -> Result<u16, Error> {
        let place = Track::ALL.iter().position(|t| *t == track).expect("ALL holds every track");
        if let Some(id) = self.channels[place] {
            return Ok(id);
        }
        let schema = track.schema();
        let schema_id = self.mcap.add_schema(&schema.name, &schema.encoding, &schema.data).map_err(failed)?;
        let topic = track.topic(&self.header.camera);
        let id = self.mcap.add_channel(schema_id, &topic, track.encoding(), &BTreeMap::new()).map_err(failed)?;
        self.channels[place] = Some(id);
        Ok(id)
    }
}

/// What happened below the container is told as what it is.
fn failed(error: mcap::McapError) -> Error {
    match error {
        mcap::McapError::Io(e) => Error::io("write a segment", e),
        other => Error::Container(other),
    }
}
