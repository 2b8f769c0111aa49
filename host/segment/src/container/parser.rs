//! Reads the container, strictly.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use mcap::records::{Metadata, Record};
use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};
use sluis_frame::Timestamp;

use super::writer::PROFILE;
use crate::error::Error;
use crate::header::SegmentHeader;
use crate::track::Track;

/// The longest record outside a chunk, and the longest message: a raw depth picture of the largest size that we record is 17 MB.
const LONGEST: usize = 64 << 20;

/// Reads an MCAP stream that is pushed to it piece by piece, and refuses whatever a segment does not hold.
pub(crate) struct Parser {
    reader: LinearReader,
    records: Records,
}

/// What stands in a segment.
#[derive(Debug)]
pub(crate) enum Entry {
    /// First, once.
    Header(Box<SegmentHeader>),
    /// Then messages.
    Message(Message),
}

/// One message.
pub(crate) struct Message {
    pub(crate) track: Track,
    pub(crate) at: Timestamp,
    pub(crate) data: Vec<u8>,
}

/// What the records so far have said.
#[derive(Default)]
struct Records {
    begun: bool,
    metadata: Vec<Metadata>,
    header: Option<SegmentHeader>,
    schemas: HashMap<u16, foxglove::Schema>,
    channels: HashMap<u16, Track>,
    entries: VecDeque<Entry>,
    /// The data section is over; what follows repeats it.
    data_end: bool,
    footer: bool,
}

// === impl Parser ===

impl Parser {
    pub(crate) fn new() -> Self {
        let options = LinearReaderOptions::default()
            .with_check_finishes_after_end_magic(true)
            .with_validate_chunk_crcs(true)
            .with_validate_data_section_crc(true)
            .with_validate_summary_section_crc(true)
            .with_record_length_limit(LONGEST);
        Self { reader: LinearReader::new_with_options(options), records: Records::default() }
    }

    /// Takes the next bytes of the stream.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() {
            // To the reader this would be the end.
            return Ok(());
        }
        self.reader.insert(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.reader.notify_read(bytes.len());
        while let Some(event) = self.reader.next_event() {
            match event? {
                LinearReadEvent::ReadRequest(_) => break,
                LinearReadEvent::Record { opcode, data } => self.records.accept(mcap::parse_record(opcode, data)?)?,
            }
        }
        Ok(())
    }

    /// The next entry that is complete.
    pub(crate) fn next(&mut self) -> Option<Entry> {
        self.records.entries.pop_front()
    }

    /// The channels so far.
    pub(crate) fn tracks(&self) -> impl Iterator<Item = Track> {
        Track::ALL.into_iter().filter(|t| self.records.channels.values().any(|c| c == t))
    }

    /// Says that the stream ends here.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        self.reader.notify_read(0);
        match self.reader.next_event() {
            None if self.records.footer && self.records.header.is_some() => Ok(()),
            Some(Err(e)) => Err(e.into()),
            _ => Err(Error::NotASegment("it ends too early".to_owned())),
        }
    }
}

// === impl Records ===

impl Records {
    fn accept(&mut self, record: Record<'_>) -> Result<(), Error> {
        match record {
            Record::Header(header) if !self.begun && header.profile == PROFILE => self.begun = true,
            Record::Metadata(metadata) if self.header.is_none() => self.metadata.push(metadata),
            Record::Schema { header, data } => self.schema(header, &data)?,
            Record::Channel(channel) => self.channel(&channel)?,
            Record::Message { header, data } if !self.data_end => {
                let track = *self.channels.get(&header.channel_id).ok_or_else(|| not("a message has no channel"))?;
                let at = i64::try_from(header.log_time).map_err(|_| not("a message lies after the year 2262"))?;
                if header.publish_time != header.log_time {
                    return Err(not("a message has two times"));
                }
                let at = Timestamp::from_nanos(at);
                self.entries.push_back(Entry::Message(Message { track, at, data: data.into_owned() }));
            }
            Record::DataEnd(_) if !self.data_end => {
                self.data_end = true;
                // A segment without a single message has a header too.
                self.complete_header()?;
            }
            Record::Footer(_) if self.data_end => self.footer = true,
            // MCAP's own indexes and counts: derived from what was checked, of numbers only but for the names in the metadata index.
            Record::MessageIndex(_) if !self.data_end => {}
            Record::ChunkIndex(_) | Record::Statistics(_) | Record::SummaryOffset(_) if self.data_end => {}
            Record::MetadataIndex(index) if self.data_end && self.is_ours(&index.name) => {}
            other => {
                return Err(Error::NotASegment(format!(
                    "a record of kind {:#04x} does not belong there",
                    other.opcode()
                )));
            }
        }
        Ok(())
    }

    fn is_ours(&self, metadata: &str) -> bool {
        metadata == crate::header::SEGMENT || metadata == crate::header::PLUGIN
    }

    fn complete_header(&mut self) -> Result<(), Error> {
        if self.header.is_none() {
            let header = SegmentHeader::from_records(std::mem::take(&mut self.metadata))?;
            self.entries.push_back(Entry::Header(Box::new(header.clone())));
            self.header = Some(header);
        }
        Ok(())
    }

    fn schema(&mut self, header: mcap::records::SchemaHeader, data: &[u8]) -> Result<(), Error> {
        self.complete_header()?;
        let known = Track::ALL.into_iter().map(Track::schema);
        let schema = known
            .into_iter()
            .find(|s| s.name == header.name && s.encoding == header.encoding && s.data.as_ref() == data)
            .ok_or_else(|| Error::NotASegment(format!("its schema `{}` is foreign", header.name)))?;
        match self.schemas.insert(header.id, schema.clone()) {
            Some(other) if other != schema => Err(not("two schemas have one number")),
            _ => Ok(()),
        }
    }

    fn channel(&mut self, channel: &mcap::records::Channel) -> Result<(), Error> {
        let header = self.header.as_ref().ok_or_else(|| not("its header is missing"))?;
        let schema = self.schemas.get(&channel.schema_id);
        let track = Track::ALL
            .into_iter()
            .filter(|t| channel.topic == t.topic(&header.camera) && channel.message_encoding == t.encoding())
            .find(|t| schema.is_some_and(|s| s.name == t.schema().name))
            .filter(|_| channel.metadata.is_empty())
            .ok_or_else(|| Error::NotASegment(format!("its channel `{}` is foreign", channel.topic)))?;
        match self.channels.insert(channel.id, track) {
            Some(other) if other != track => Err(not("two channels have one number")),
            _ => Ok(()),
        }
    }
}

fn not(what: &str) -> Error {
    Error::NotASegment(what.to_owned())
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({:?}, {} bytes)", self.track, self.data.len())
    }
}

impl fmt::Debug for Parser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parser").field("header", &self.records.header).finish_non_exhaustive()
    }
}
