//! The calls of S3 that the store stands on, and nothing else.

use std::fmt;
use std::future::Future;

use bytes::Bytes;

use crate::fault::Fault;

/// A client. Each call is tried several times when the server is busy or the connection breaks; so each may have been done more than once, or be done
/// although it says that it was not: the store looks.
pub(crate) trait Calls: fmt::Debug + Send + Sync + 'static {
    /// Stores an object unless the key is taken: then [`Fault::Exists`]. `sha256` goes into its metadata as [`SHA256`].
    fn put_if_absent(&self, key: &str, body: Bytes, sha256: &str) -> impl Future<Output = Result<(), Fault>> + Send;

    /// What is known of an object. A bucket that is not there looks like an object that is not.
    fn head(&self, key: &str) -> impl Future<Output = Result<Option<Head>, Fault>> + Send;

    /// The bytes from `from` to `to`, both counted. [`Fault::Range`] when `from` is past the end; [`Fault::Exists`] when it has not the `etag` (any more).
    fn get(
        &self,
        key: &str,
        from: u64,
        to: u64,
        etag: Option<&str>,
    ) -> impl Future<Output = Result<Window, Fault>> + Send;

    /// Objects whose keys begin with `prefix`.
    fn list(&self, prefix: &str, next: Option<Next>) -> impl Future<Output = Result<Page<Object>, Fault>> + Send;

    /// Versions and delete markers of such objects.
    fn list_versions(
        &self,
        prefix: &str,
        next: Option<Next>,
    ) -> impl Future<Output = Result<Page<Version>, Fault>> + Send;

    /// Open multipart uploads of such objects.
    fn list_uploads(
        &self,
        prefix: &str,
        next: Option<Next>,
    ) -> impl Future<Output = Result<Page<Upload>, Fault>> + Send;

    /// Begins a multipart upload and gives its id. `mark` goes into the object's metadata as [`MARK`].
    fn create_upload(&self, key: &str, mark: &str) -> impl Future<Output = Result<String, Fault>> + Send;

    /// Uploads a part, from 1, and gives its tag.
    fn upload_part(
        &self,
        key: &str,
        upload: &str,
        number: i32,
        body: Bytes,
    ) -> impl Future<Output = Result<String, Fault>> + Send;

    /// The parts of an upload; [`Fault::NoUpload`] when it is not open.
    fn list_parts(
        &self,
        key: &str,
        upload: &str,
        next: Option<Next>,
    ) -> impl Future<Output = Result<Page<Part>, Fault>> + Send;

    /// Makes an object of the parts unless the key is taken: then [`Fault::Exists`].
    fn complete_if_absent(
        &self,
        key: &str,
        upload: &str,
        parts: &[Part],
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Throws an upload away.
    fn abort(&self, key: &str, upload: &str) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Deletes an object, or one version of it.
    fn delete(&self, key: &str, version: Option<&str>) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Puts a [`Belt`] into the bucket's lifecycle, beside the rules of others. Whether anything had to be changed.
    fn put_on(&self, belt: &Belt) -> impl Future<Output = Result<bool, Fault>> + Send;
}

/// The metadata that holds an object's SHA-256, in hexadecimal digits.
pub(crate) const SHA256: &str = "sluis-sha256";

/// The metadata that holds the mark of an upload, by which its writer knows the object again.
pub(crate) const MARK: &str = "sluis-upload";

/// What is known of an object.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) sha256: Option<String>,
    pub(crate) mark: Option<String>,
}

/// Some bytes of an object.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) bytes: Bytes,
    pub(crate) etag: Option<String>,
    /// How long the whole object is, when the server says it.
    pub(crate) total: Option<u64>,
}

/// One answer of a listing. `next` asks for the rest.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) found: Vec<T>,
    pub(crate) next: Option<Next>,
}

/// Where a listing goes on: a token or a key, and with some calls a second word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Next(pub(crate) String, pub(crate) Option<String>);

/// An object in a listing.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) key: String,
    pub(crate) size: u64,
}

/// A version or a delete marker.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) key: String,
    pub(crate) id: Option<String>,
}

/// An open multipart upload.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) id: String,
}

/// A part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) number: i32,
    pub(crate) etag: String,
    pub(crate) size: u64,
}

/// What a bucket's lifecycle shall do to objects of a prefix: two rules, for S3 does not let one rule expire objects after days and remove the delete
/// markers that this leaves.
#[derive(Debug)]
pub(crate) struct Belt {
    /// The name of the rule that expires objects, older versions, and uploads.
    pub(crate) id: String,
    /// The name of the rule that removes delete markers with nothing behind them.
    pub(crate) markers_id: String,
    pub(crate) prefix: String,
    /// After how many days objects expire, and uploads are given up.
    pub(crate) days: i32,
}

// === impl Next ===

impl Next {
    /// Both words, for a call that takes each alone.
    pub(crate) fn split(next: Option<Self>) -> (Option<String>, Option<String>) {
        next.map_or((None, None), |Self(first, second)| (Some(first), second))
    }

    /// Of both words of an answer. Some servers send empty ones instead of none.
    pub(crate) fn join(first: Option<String>, second: Option<String>) -> Option<Self> {
        let said = |word: &String| !word.is_empty();
        Some(Self(first.filter(said)?, second.filter(said)))
    }
}

/// The length of the whole object by a `Content-Range` (RFC 9110, 14.4): `bytes 0-99/1234`.
pub(crate) fn total(content_range: Option<&str>) -> Option<u64> {
    content_range?.rsplit_once('/')?.1.parse().ok()
}

// === impl Page ===

impl<T> Page<T> {
    /// A page and how it goes on. A server that says that there is more, but not where, answers nonsense.
    pub(crate) fn new(found: Vec<T>, truncated: bool, next: Option<Next>) -> Result<Self, Fault> {
        match (truncated, next) {
            (true, None) => Err(Fault::nonsense("a listing goes on, and the server does not say where")),
            (truncated, next) => Ok(Self { found, next: next.filter(|_| truncated) }),
        }
    }
}
