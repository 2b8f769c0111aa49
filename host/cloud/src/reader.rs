//! One object that is being read.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use sluis_store::{ByteRange, Error, ObjectName};

use crate::calls::{Calls, Window};
use crate::fault::Fault;
use crate::store::Inner;

/// Reads window by window, each asked for when the one before is used up, and asked for again when it breaks off.
pub(crate) struct Reader<C: Calls> {
    inner: Arc<Inner<C>>,
    name: ObjectName,
    key: String,
    window: Bytes,
    /// Where the next window begins.
    at: u64,
    /// Where reading ends; the object may end before.
    end: u64,
    etag: Option<String>,
}

/// Bytes of one window.
const WINDOW: u64 = 8 << 20;

// === impl Reader ===

impl<C: Calls> Reader<C> {
    /// Fetches the first window, so that what is not there is known at once.
    pub(crate) fn open(inner: Arc<Inner<C>>, name: ObjectName, range: ByteRange) -> Result<Self, Error> {
        let key = inner.location.key(&name);
        let end = range.length.map_or(u64::MAX, |length| range.from.saturating_add(length));
        let mut reader = Self { inner, name, key, window: Bytes::new(), at: range.from, end, etag: None };
        if reader.at < reader.end {
            reader.fetch()?;
        } else {
            let head = reader.inner.block(reader.inner.calls.head(&reader.key));
            if head.map_err(|fault| reader.inner.about(fault, "open", &reader.name))?.is_none() {
                return Err(Error::ObjectMissing { object: reader.name });
            }
        }
        Ok(reader)
    }

    fn fetch(&mut self) -> Result<(), Error> {
        let wanted = WINDOW.min(self.end - self.at);
        let got =
            self.inner.block(self.inner.calls.get(&self.key, self.at, self.at + wanted - 1, self.etag.as_deref()));
        let Window { bytes, etag, total } = match got {
            Err(Fault::Range) => {
                self.end = self.at;
                return Ok(());
            }
            Err(Fault::Exists) => {
                let fault = Fault::nonsense("the object was replaced while it was being read");
                return Err(self.inner.about(fault, "read", &self.name));
            }
            got => got.map_err(|fault| self.inner.about(fault, "read", &self.name))?,
        };
        let length = bytes.len() as u64;
        let at = self.at + length;
        let end = total.map_or(self.end, |total| total.min(self.end));
        // A server that does not say how long the object is ends it with a short answer.
        self.end = if total.is_none() && length < wanted { at } else { end };
        if length > wanted || (length < wanted && at != self.end) {
            let fault = Fault::nonsense("the server gives other bytes than were asked for");
            return Err(self.inner.about(fault, "read", &self.name));
        }
        self.at = at;
        (self.window, self.etag) = (bytes, etag);
        Ok(())
    }
}

impl<C: Calls> Read for Reader<C> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.window.is_empty() && self.at < self.end && !buffer.is_empty() {
            self.fetch().map_err(io::Error::other)?;
        }
        let length = self.window.len().min(buffer.len());
        self.window.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

impl<C: Calls> fmt::Debug for Reader<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("key", &self.key).field("at", &self.at).finish_non_exhaustive()
    }
}
