//! One object that is being written.

use std::fmt;
use std::mem;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ring::digest::{Context, SHA256};
use sluis_store::{Error, ObjectName, ObjectWriter};
use tokio::task::JoinSet;

use crate::calls::{Calls, Part};
use crate::fault::Fault;
use crate::store::{Inner, Meant, Proof, finished, size};

/// A multipart upload. What does not fill a part waits in memory; a part that is full is sent while the next is filled.
pub(crate) struct Writer<C: Calls> {
    inner: Arc<Inner<C>>,
    name: ObjectName,
    key: String,
    upload: String,
    filling: BytesMut,
    /// Parts that have arrived, in no order.
    parts: Vec<Part>,
    sending: JoinSet<Result<Part, Fault>>,
    /// The number of the next part.
    number: i32,
    /// What an earlier writer had stored.
    offset: u64,
    known_by: KnownBy,
    /// Bytes appended here.
    appended: u64,
}

/// How the writer knows its object again when the answer to the completion is lost.
enum KnownBy {
    /// The mark that it gave the upload.
    Mark(String),
    /// What it appended, for it cannot read the mark that an earlier writer gave.
    Bytes(Context),
}

/// Parts under way at once.
const UNDER_WAY: usize = 2;

/// More parts S3 does not take.
const MOST_PARTS: i32 = 10_000;

// === impl Writer ===

impl<C: Calls> Writer<C> {
    /// Goes on behind `parts`, which are the first of the upload. `mark`: the upload's, if this writer gave it.
    pub(crate) fn new(
        inner: Arc<Inner<C>>,
        name: ObjectName,
        upload: String,
        parts: Vec<Part>,
        mark: Option<String>,
    ) -> Self {
        let key = inner.location.key(&name);
        let offset = size(&parts);
        let number = parts.last().map_or(1, |part| part.number + 1);
        let (filling, sending) = (BytesMut::new(), JoinSet::new());
        let known_by = mark.map_or_else(|| KnownBy::Bytes(Context::new(&SHA256)), KnownBy::Mark);
        Self { inner, name, key, upload, filling, parts, sending, number, offset, known_by, appended: 0 }
    }

    /// Sends what has been filled as the next part.
    async fn send(&mut self) -> Result<(), Fault> {
        while self.sending.len() >= UNDER_WAY {
            self.arrive().await?;
        }
        let number = self.number;
        if number > MOST_PARTS {
            return Err(Fault::Refused {
                status: 0,
                code: "not sent".to_owned(),
                message: "an object has 10,000 parts at most: set a greater `part-size`".to_owned(),
            });
        }
        self.number += 1;
        let body = mem::take(&mut self.filling).freeze();
        let (calls, key, upload) = (Arc::clone(&self.inner.calls), self.key.clone(), self.upload.clone());
        let send = async move {
            let size = body.len() as u64;
            let etag = calls.upload_part(&key, &upload, number, body).await?;
            Ok(Part { number, etag, size })
        };
        self.sending.spawn_on(send, self.inner.runtime().handle());
        Ok(())
    }

    /// Waits for one part that is under way, if there is any.
    async fn arrive(&mut self) -> Result<(), Fault> {
        match self.sending.join_next().await {
            None => {}
            Some(Ok(part)) => self.parts.push(part?),
            Some(Err(_)) => return Err(Fault::Unavailable("the upload of a part was broken off".to_owned())),
        }
        Ok(())
    }

    async fn take(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            // A second part is seldom the last, and growing costs copies.
            if self.filling.capacity() == 0 && self.number > 1 {
                self.filling.reserve(self.inner.part_size);
            }
            let room = self.inner.part_size - self.filling.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.filling.extend_from_slice(now);
            bytes = later;
            if self.filling.len() == self.inner.part_size {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn all_arrive(&mut self) -> Result<(), Fault> {
        while !self.sending.is_empty() {
            self.arrive().await?;
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Fault> {
        if self.number == 1 {
            return self.finish_small().await;
        }
        if !self.filling.is_empty() {
            self.send().await?;
        }
        self.all_arrive().await?;
        self.parts.sort_by_key(|part| part.number);
        // As before a put: not every server looks at the condition.
        let completed = match self.inner.calls.head(&self.key).await? {
            Some(_) => Err(Fault::Exists),
            None => self.inner.calls.complete_if_absent(&self.key, &self.upload, &self.parts).await,
        };
        match completed {
            Ok(()) => {}
            Err(fault @ (Fault::Exists | Fault::NoUpload | Fault::Missing | Fault::Conflict)) => {
                // Ours, by a try whose answer was lost, or somebody else's?
                if !self.inner.holds(&self.key, &self.meant()).await? {
                    return Err(fault);
                }
            }
            Err(other) => return Err(other),
        }
        self.inner.is_whole(&self.key).await;
        Ok(())
    }

    /// An object of less than a part goes as one put: every server keeps its condition, and not every one that of a completion.
    async fn finish_small(&mut self) -> Result<(), Fault> {
        // Discarded uploads must not become objects, neither before the put nor while it is done.
        self.inner.parts(&self.key, &self.upload).await?;
        let body: Bytes = mem::take(&mut self.filling).freeze();
        self.inner.put(&self.name, body).await?;
        match self.inner.parts(&self.key, &self.upload).await {
            Err(Fault::NoUpload) => {
                self.inner.delete(&self.key).await?;
                Err(Fault::NoUpload)
            }
            Err(other) => Err(other),
            Ok(_) => {
                self.inner.is_whole(&self.key).await;
                Ok(())
            }
        }
    }

    fn meant(&self) -> Meant {
        let proof = match &self.known_by {
            KnownBy::Mark(mark) => Proof::Mark(mark.clone()),
            KnownBy::Bytes(digest) => Proof::Digest(self.offset, finished(digest.clone().finish())),
        };
        Meant { size: self.offset + self.appended, proof }
    }

    /// An upload that is not open any more was discarded, or lost to another writer.
    fn explain(&self, fault: Fault, doing: &str) -> Error {
        let exists = matches!(fault, Fault::NoUpload | Fault::Conflict)
            && matches!(self.inner.block(self.inner.calls.head(&self.key)), Ok(Some(_)));
        self.inner.about(if exists { Fault::Exists } else { fault }, doing, &self.name)
    }
}

impl<C: Calls> ObjectWriter for Writer<C> {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let KnownBy::Bytes(digest) = &mut self.known_by {
            digest.update(bytes);
        }
        self.appended += bytes.len() as u64;
        let inner = Arc::clone(&self.inner);
        inner.block(self.take(bytes)).map_err(|fault| self.explain(fault, "upload a part of"))
    }

    /// What does not fill a part stays in memory: S3 takes small parts at the end only.
    fn sync(&mut self) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        inner.block(self.all_arrive()).map_err(|fault| self.explain(fault, "upload a part of"))
    }

    fn commit(mut self: Box<Self>) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        inner.block(self.finish()).map_err(|fault| self.explain(fault, "commit"))
    }
}

impl<C: Calls> fmt::Debug for Writer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.offset + self.appended;
        f.debug_struct("Writer").field("key", &self.key).field("size", &size).finish_non_exhaustive()
    }
}
