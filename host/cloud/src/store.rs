//! The store, whatever client speaks to the server.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use ring::digest::{Context, SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use sluis_store::{ByteRange, Error, ObjectInfo, ObjectName, ObjectStore, ObjectWriter, Resumed};
use tokio::runtime::{Builder, Runtime};

use crate::calls::{Calls, Next, Page, Part};
use crate::fault::Fault;
use crate::location::Location;
use crate::reader::Reader;
use crate::server_clock::ServerClock;
use crate::settings::{LEAST_PART, Retries, S3Settings};
use crate::writer::Writer;

/// Objects of one bucket. What is partial is an open multipart upload.
#[derive(Debug)]
pub(crate) struct S3Store<C: Calls>(Arc<Inner<C>>);

/// What the store shares with its writers and readers.
#[derive(Debug)]
pub(crate) struct Inner<C> {
    pub(crate) calls: Arc<C>,
    pub(crate) location: Location,
    pub(crate) part_size: usize,
    clock: Arc<ServerClock>,
    retries: Retries,
    /// Keys that were deleted since the last time that `settle` found them gone.
    removed: Mutex<BTreeSet<String>>,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

/// The object that a writer or a put means to have stored.
pub(crate) struct Meant {
    /// Of the whole object, in bytes.
    pub(crate) size: u64,
    pub(crate) proof: Proof,
}

/// By what it is known again.
pub(crate) enum Proof {
    /// The upload's mark, which no other has.
    Mark(String),
    /// SHA-256 of what comes after the first so many bytes.
    Digest(u64, [u8; 32]),
}

/// How often something that is listed again is removed again.
const ROUNDS: usize = 4;

/// How many removals are looked for one by one rather than by listing everything.
const FEW: usize = 32;

// === impl S3Store ===

impl<C: Calls> S3Store<C> {
    /// # Errors
    ///
    /// [`crate::Error::Start`] when the system gives no thread.
    pub(crate) fn new(calls: C, settings: &S3Settings, clock: Arc<ServerClock>) -> Result<Self, crate::Error> {
        Ok(Self(Arc::new(Inner {
            calls: Arc::new(calls),
            location: Location::of(settings),
            part_size: settings.part_size,
            clock,
            retries: settings.retries,
            removed: Mutex::default(),
            runtime: Some(runtime()?),
        })))
    }

    fn writer(&self, name: &ObjectName, upload: String, parts: Vec<Part>, mark: Option<String>) -> Box<Writer<C>> {
        Box::new(Writer::new(Arc::clone(&self.0), name.clone(), upload, parts, mark))
    }

    fn list_under(&self, prefix: &str) -> Result<Vec<ObjectInfo>, Error> {
        let inner = &*self.0;
        let prefix = format!("{}{prefix}", inner.location.prefix);
        let listed = inner.block(pages(|next| inner.calls.list(&prefix, next)));
        let listed = listed.map_err(|fault| inner.told(fault, "list the objects"))?;
        let objects = listed.into_iter();
        let mut found: Vec<_> =
            objects.filter_map(|o| Some(ObjectInfo { name: inner.location.name(&o.key)?, size: o.size })).collect();
        found.sort();
        Ok(found)
    }

    /// A partial object's upload with the most bytes, and its parts; `None` when there is none.
    fn partial(&self, name: &ObjectName) -> Result<Option<(String, Vec<Part>)>, Error> {
        let inner = &*self.0;
        let key = inner.location.key(name);
        let found = inner.block(async {
            let mut best: Option<(String, Vec<Part>)> = None;
            for id in inner.uploads(&key).await? {
                let parts = match inner.parts(&key, &id).await {
                    // It was completed or discarded in between.
                    Err(Fault::NoUpload) => continue,
                    parts => parts?,
                };
                if best.as_ref().is_none_or(|(_, others)| size(&parts) > size(others)) {
                    best = Some((id, parts));
                }
            }
            Ok(best)
        });
        found.map_err(|fault| inner.about(fault, "look for the parts of", name))
    }
}

impl<C: Calls> ObjectStore for S3Store<C> {
    fn create(&self, name: &ObjectName) -> Result<Box<dyn ObjectWriter>, Error> {
        let inner = &*self.0;
        let key = inner.location.key(name);
        let mut mark = [0; 16];
        // Without randomness the writer is known by its bytes.
        let mark = SystemRandom::new().fill(&mut mark).ok().map(|()| hex::encode(mark));
        let begun = inner.block(async {
            if inner.calls.head(&key).await?.is_some() || !inner.uploads(&key).await?.is_empty() {
                return Err(Fault::Exists);
            }
            inner.calls.create_upload(&key, mark.as_deref().unwrap_or("none")).await
        });
        let upload = begun.map_err(|fault| inner.about(fault, "begin", name))?;
        Ok(self.writer(name, upload, Vec::new(), mark))
    }

    fn resume(&self, name: &ObjectName) -> Result<Resumed, Error> {
        let Some((upload, mut parts)) = self.partial(name)? else {
            return Err(Error::ObjectMissing { object: name.clone() });
        };
        // A part as small as this was to be the last. More is to come now, so it is sent again with it.
        if parts.last().is_some_and(|part| part.size < LEAST_PART as u64) {
            parts.pop();
        }
        let offset = size(&parts);
        Ok(Resumed { writer: self.writer(name, upload, parts, None), offset })
    }

    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<(), Error> {
        let inner = &*self.0;
        let body = Bytes::copy_from_slice(bytes);
        inner.block(inner.put(name, body)).map_err(|fault| inner.about(fault, "put", name))
    }

    fn open(&self, name: &ObjectName, range: ByteRange) -> Result<Box<dyn Read + Send>, Error> {
        Ok(Box::new(Reader::open(Arc::clone(&self.0), name.clone(), range)?))
    }

    fn size(&self, name: &ObjectName) -> Result<Option<u64>, Error> {
        let inner = &*self.0;
        let key = inner.location.key(name);
        let head = inner.block(inner.calls.head(&key)).map_err(|fault| inner.about(fault, "look for", name))?;
        match head {
            Some(head) => Ok(Some(head.size)),
            // By this answer the bucket may be missing too, and that is an error: a list tells.
            None => {
                let listed = inner.block(inner.calls.list(&key, None));
                let listed = listed.map_err(|fault| inner.about(fault, "look for", name))?;
                Ok(listed.found.into_iter().find(|o| o.key == key).map(|o| o.size))
            }
        }
    }

    fn list(&self) -> Result<Vec<ObjectInfo>, Error> {
        self.list_under("")
    }

    fn list_prefix(&self, prefix: &str) -> Result<Vec<ObjectInfo>, Error> {
        self.list_under(prefix)
    }

    fn delete(&self, name: &ObjectName) -> Result<(), Error> {
        let inner = &*self.0;
        let key = inner.location.key(name);
        inner.removed().insert(key.clone());
        inner.block(inner.delete(&key)).map_err(|fault| inner.about(fault, "delete", name))
    }

    fn partials(&self) -> Result<Vec<ObjectInfo>, Error> {
        let inner = &*self.0;
        let found = inner.block(async {
            let uploads = pages(|next| inner.calls.list_uploads(&inner.location.prefix, next)).await?;
            let mut found = BTreeMap::new();
            for upload in uploads {
                let Some(name) = inner.location.name(&upload.key) else { continue };
                match inner.parts(&upload.key, &upload.id).await {
                    Ok(parts) => {
                        let most: &mut u64 = found.entry(name).or_default();
                        *most = size(&parts).max(*most);
                    }
                    Err(Fault::NoUpload) => {}
                    Err(other) => return Err(other),
                }
            }
            Ok(found)
        });
        let found = found.map_err(|fault| inner.told(fault, "list the partial objects"))?;
        Ok(found.into_iter().map(|(name, size)| ObjectInfo { name, size }).collect())
    }

    fn open_partial(&self, name: &ObjectName) -> Result<Box<dyn Read + Send>, Error> {
        let inner = &*self.0;
        let key = inner.location.key(name);
        let uploads = inner.block(inner.uploads(&key)).map_err(|fault| inner.about(fault, "look for", name))?;
        Err(match uploads.is_empty() {
            true => Error::ObjectMissing { object: name.clone() },
            false => Error::PartialClosed { object: name.clone(), place: inner.location.to_string() },
        })
    }

    fn discard(&self, name: &ObjectName) -> Result<(), Error> {
        let inner = &*self.0;
        let key = inner.location.key(name);
        inner.block(inner.discard(&key)).map_err(|fault| inner.about(fault, "discard", name))
    }

    fn settle(&self) -> Result<(), Error> {
        let inner = &*self.0;
        let removed = inner.removed().clone();
        let left = inner.block(async {
            let mut listed = BTreeSet::new();
            if removed.len() <= FEW {
                for key in &removed {
                    listed.extend(inner.listed(key).await?);
                }
            } else {
                listed = inner.listed(&inner.location.prefix).await?;
            }
            Ok::<_, Fault>(removed.intersection(&listed).cloned().collect::<Vec<_>>())
        });
        let left = left.map_err(|fault| Error::Settle(io::Error::other(inner.told(fault, "list what was deleted"))))?;
        inner.removed().retain(|key| !removed.contains(key) || left.contains(key));
        match left.first() {
            None => Ok(()),
            Some(first) => Err(Error::Settle(io::Error::other(format!(
                "{} still lists {} objects that were deleted, `{first}` among them",
                inner.location,
                left.len()
            )))),
        }
    }

    fn server_time(&self) -> Option<i64> {
        self.0.clock.now()
    }
}

// === impl Inner ===

impl<C: Calls> Inner<C> {
    /// Waits on the caller's thread.
    pub(crate) fn block<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime().block_on(work)
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is taken when nobody holds the store any more")
    }

    fn removed(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.removed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error about an object.
    pub(crate) fn about(&self, fault: Fault, doing: &str, name: &ObjectName) -> Error {
        fault.explain(&self.location, &format!("{doing} {name}"), Some(name))
    }

    /// The error about the bucket.
    fn told(&self, fault: Fault, doing: &str) -> Error {
        fault.explain(&self.location, doing, None)
    }

    /// Stores an object unless others' bytes are there.
    pub(crate) async fn put(&self, name: &ObjectName, body: Bytes) -> Result<(), Fault> {
        let key = self.location.key(name);
        let digest = finished(digest(&SHA256, &body));
        let meant = Meant { size: body.len() as u64, proof: Proof::Digest(0, digest) };
        let sha256 = hex::encode(digest);
        let mut tried = 0;
        let stored = loop {
            tried += 1;
            // Not every server looks at the condition: then this look is all there is against replacing.
            if self.calls.head(&key).await?.is_some() {
                break Err(Fault::Exists);
            }
            match self.calls.put_if_absent(&key, body.clone(), &sha256).await {
                // Another put of the same key had begun. It may fail yet.
                Err(Fault::Conflict) if tried < self.retries.attempts => self.retries.pause(tried).await,
                other => break other,
            }
        };
        match stored {
            Err(taken @ (Fault::Exists | Fault::Conflict)) if !self.holds(&key, &meant).await? => Err(taken),
            Ok(()) | Err(Fault::Exists | Fault::Conflict) => {
                self.removed().remove(&key);
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    /// Whether the object is what we mean to have stored: an answer that was lost looks like somebody else's object.
    pub(crate) async fn holds(&self, key: &str, meant: &Meant) -> Result<bool, Fault> {
        let Some(head) = self.calls.head(key).await? else { return Ok(false) };
        if head.size != meant.size {
            return Ok(false);
        }
        let (offset, meant_digest) = match &meant.proof {
            Proof::Mark(mark) => return Ok(head.mark.as_ref() == Some(mark)),
            Proof::Digest(offset, digest) => (*offset, digest),
        };
        if let (0, Some(sha256)) = (offset, head.sha256) {
            return Ok(sha256 == hex::encode(meant_digest));
        }
        let mut digest = Context::new(&SHA256);
        let (mut at, mut etag) = (offset, None);
        while at < meant.size {
            let to = meant.size.min(at + self.part_size as u64) - 1;
            let window = match self.calls.get(key, at, to, etag.as_deref()).await {
                Err(Fault::Missing | Fault::Range | Fault::Exists) => return Ok(false),
                window => window?,
            };
            if window.bytes.is_empty() {
                return Err(Fault::nonsense("no bytes where there should be some"));
            }
            digest.update(&window.bytes);
            at += window.bytes.len() as u64;
            etag = window.etag;
        }
        Ok(digest.finish().as_ref() == meant_digest)
    }

    /// Removes an object with all its versions and delete markers, until a list shows none.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), Fault> {
        for _ in 0..ROUNDS {
            let versions = match pages(|next| self.calls.list_versions(key, next)).await {
                // No versions: then a plain delete removes all there is.
                Err(Fault::Unsupported { .. }) => return self.delete_plain(key).await,
                versions => versions?,
            };
            let mut left = versions.into_iter().filter(|version| version.key == key).peekable();
            if left.peek().is_none() {
                return Ok(());
            }
            for version in left {
                gone(self.calls.delete(key, version.id.as_deref()).await)?;
            }
        }
        Err(Fault::nonsense("what was deleted is still listed: another program may be writing the same key"))
    }

    async fn delete_plain(&self, key: &str) -> Result<(), Fault> {
        gone(self.calls.delete(key, None).await)?;
        match self.calls.list(key, None).await?.found.iter().any(|object| object.key == key) {
            true => Err(Fault::nonsense("what was deleted is still listed")),
            false => Ok(()),
        }
    }

    /// Aborts all uploads of a key, until a list shows none.
    pub(crate) async fn discard(&self, key: &str) -> Result<(), Fault> {
        for _ in 0..ROUNDS {
            let uploads = self.uploads(key).await?;
            if uploads.is_empty() {
                return Ok(());
            }
            for upload in uploads {
                gone(self.calls.abort(key, &upload).await)?;
            }
        }
        Err(Fault::nonsense("what was discarded is still listed: another program may be writing the same key"))
    }

    /// The ids of the open uploads of one key.
    async fn uploads(&self, key: &str) -> Result<Vec<String>, Fault> {
        let found = pages(|next| self.calls.list_uploads(key, next)).await?;
        Ok(found.into_iter().filter(|upload| upload.key == key).map(|upload| upload.id).collect())
    }

    /// The parts of an upload from the first to before the first that is missing.
    pub(crate) async fn parts(&self, key: &str, upload: &str) -> Result<Vec<Part>, Fault> {
        let mut parts = pages(|next| self.calls.list_parts(key, upload, next)).await?;
        parts.sort_by_key(|part| part.number);
        let whole = parts.iter().zip(1..).take_while(|(part, number)| part.number == *number).count();
        parts.truncate(whole);
        Ok(parts)
    }

    /// The keys below a prefix that a list shows, be it as an older version or a delete marker.
    async fn listed(&self, prefix: &str) -> Result<BTreeSet<String>, Fault> {
        match pages(|next| self.calls.list_versions(prefix, next)).await {
            Err(Fault::Unsupported { .. }) => {
                let objects = pages(|next| self.calls.list(prefix, next)).await?;
                Ok(objects.into_iter().map(|object| object.key).collect())
            }
            versions => Ok(versions?.into_iter().map(|version| version.key).collect()),
        }
    }

    /// An object is whole now: nobody waits for it to be gone, and what was begun for it beside is thrown away.
    pub(crate) async fn is_whole(&self, key: &str) {
        self.removed().remove(key);
        if let Err(fault) = self.discard(key).await {
            tracing::warn!(
                key,
                ?fault,
                "parts that nobody needs are still in the cloud; they are among the partial objects"
            );
        }
    }
}

impl<C> Drop for Inner<C> {
    /// A runtime that is dropped waits, which a reactor's thread may not; and the last to hold the store may be one.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// One thread keeps the connections; the caller's own thread does the rest.
pub(crate) fn runtime() -> Result<Runtime, crate::Error> {
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("cloud").enable_all().build();
    runtime.map_err(crate::Error::Start)
}

pub(crate) fn finished(digest: ring::digest::Digest) -> [u8; 32] {
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

pub(crate) fn size(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.size).sum()
}

/// What is gone already needs no removal.
fn gone(removed: Result<(), Fault>) -> Result<(), Fault> {
    match removed {
        Err(Fault::Missing | Fault::NoUpload) => Ok(()),
        other => other,
    }
}

/// All pages of a listing.
async fn pages<T, F>(call: impl Fn(Option<Next>) -> F) -> Result<Vec<T>, Fault>
where
    F: Future<Output = Result<Page<T>, Fault>>,
{
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let page = call(next.clone()).await?;
        found.extend(page.found);
        if page.next.is_none() {
            return Ok(found);
        }
        if page.next == next {
            return Err(Fault::nonsense("a listing goes on where it began"));
        }
        next = page.next;
    }
}
