//! A segment, opened for reading.

use std::io::{self, Read, Write};
use std::sync::Arc;

use sluis_frame::Clock;
use sluis_segment::plain::{self, Contents};
use sluis_segment::{Error as SegmentError, Opener};

use crate::error::Error;
use crate::index::Entry;

/// The plaintext of a sealed object.
pub(crate) type Unsealed = Opener<Box<dyn Read + Send>>;

/// The recording in a sealed segment: a reader of MCAP as it was recorded. Every byte that it gives is authentic; it ends without an error only at the
/// true end.
///
/// Reading fails with [`io::ErrorKind::InvalidData`] where the segment is damaged, and from its deadline on with
/// [`io::ErrorKind::PermissionDenied`], even in the middle.
#[derive(Debug)]
pub struct Opened {
    unsealed: Unsealed,
    entry: Entry,
    clock: Arc<dyn Clock>,
}

// === impl Opened ===

impl Opened {
    pub(crate) fn new(unsealed: Unsealed, entry: Entry, clock: Arc<dyn Clock>) -> Self {
        Self { unsealed, entry, clock }
    }

    /// What the index knows of the segment.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Copies the recording into `into` as plain MCAP that every MCAP program reads: depth becomes `foxglove.RawImage`, everything else stays as it was
    /// recorded.
    ///
    /// # Errors
    ///
    /// [`Error::Damage`] where the segment is damaged: what `into` has got by then is of no use. [`Error::PastDeadline`] when its deadline comes
    /// meanwhile. [`Error::CopyOut`] when `into` cannot be written.
    pub fn write_plain(self, into: impl Write) -> Result<Contents, Error> {
        let segment = self.entry.segment;
        let damage = |source| Error::Damage { segment, source: Box::new(source) };
        match plain::rewrite(self, into) {
            Ok(Some(contents)) => Ok(contents),
            Ok(None) => Err(damage(SegmentError::NotASegment("it ends within its header".to_owned()))),
            Err(SegmentError::Io { doing, source }) => Err(source.downcast().unwrap_or_else(|source| Error::CopyOut {
                segment,
                source: Box::new(SegmentError::Io { doing, source }),
            })),
            Err(source) => Err(damage(source)),
        }
    }
}

impl Read for Opened {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.entry.deadline.has_passed(self.clock.now()) {
            let late = Error::PastDeadline { segment: self.entry.segment, deadline: self.entry.deadline };
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, late));
        }
        self.unsealed.read(into)
    }
}
