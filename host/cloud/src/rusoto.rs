//! The calls, made by the archived `rusoto_s3`.
//!
//! rusoto makes the requests and reads the answers. It has no retries, no conditional puts, and bodies of puts go unsigned; so requests are sent by
//! [`dispatch`], retried here, and the two calls that carry bodies are put together here.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use rusoto_core::credential::StaticProvider;
use rusoto_core::param::{Params, ServiceParams};
use rusoto_core::request::BufferedHttpResponse;
use rusoto_core::signature::SignedRequest;
use rusoto_core::{Client, HttpDispatchError, Region, RusotoError};
use rusoto_s3::{
    AbortMultipartUploadRequest, CompleteMultipartUploadRequest, CompletedMultipartUpload, CompletedPart,
    CreateMultipartUploadRequest, DeleteObjectRequest, GetObjectRequest, HeadObjectRequest,
    ListMultipartUploadsRequest, ListObjectVersionsRequest, ListObjectsV2Request, ListPartsRequest, S3, S3Client,
};
use tokio::io::AsyncReadExt;

use crate::calls::{Belt, Calls, Head, MARK, Next, Object, Page, Part, SHA256, Upload, Version, Window, total};
use crate::error::Error;
use crate::fault::Fault;
use crate::server_clock::ServerClock;
use crate::settings::{Retries, S3Settings};

mod dispatch;
mod lifecycle;

use dispatch::Dispatch;

/// The client, for one bucket. Always path style.
pub(crate) struct Rusoto {
    s3: S3Client,
    /// Like `s3`, and each request with `If-None-Match: *`.
    s3_if_absent: S3Client,
    raw: Client,
    raw_if_absent: Client,
    region: Region,
    bucket: String,
    retries: Retries,
}

// === impl Rusoto ===

impl Rusoto {
    /// # Errors
    ///
    /// [`Error::Start`] when the machine's trusted certificates cannot be read.
    pub(crate) fn new(settings: &S3Settings, clock: Arc<ServerClock>) -> Result<Self, Error> {
        let key = &settings.credentials;
        let token = key.session_token.as_ref().map(|token| token.to_string());
        let key = StaticProvider::new(key.key_id.clone(), key.secret.to_string(), token, None);
        let region = Region::Custom { name: settings.region.clone(), endpoint: settings.address() };
        let dispatch = Dispatch::new(settings.timeouts, clock).map_err(Error::Start)?;
        let raw = Client::new_with(key.clone(), dispatch.clone());
        let raw_if_absent = Client::new_with(key, dispatch.if_absent());
        Ok(Self {
            s3: S3Client::new_with_client(raw.clone(), region.clone()),
            s3_if_absent: S3Client::new_with_client(raw_if_absent.clone(), region.clone()),
            raw,
            raw_if_absent,
            region,
            bucket: settings.bucket.clone(),
            retries: settings.retries,
        })
    }

    /// Makes a call until it succeeds, fails for good, or has been tried often enough.
    async fn patiently<T, F>(&self, call: impl Fn() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let mut tried = 0;
        loop {
            tried += 1;
            match call().await {
                Err(Fault::Unavailable(_)) if tried < self.retries.attempts => self.retries.pause(tried).await,
                done => return done,
            }
        }
    }

    /// A request that we put together ourselves. rusoto signs it with its body.
    async fn send(&self, client: &Client, request: SignedRequest) -> Result<BufferedHttpResponse, Fault> {
        let answer = client.sign_and_dispatch(request).await;
        let mut answer = answer.map_err(|error| fault(RusotoError::<Infallible>::from(error)))?;
        let answer =
            answer.buffer().await.map_err(|broken: HttpDispatchError| Fault::Unavailable(broken.to_string()))?;
        if answer.status.is_success() { Ok(answer) } else { Err(answered(&answer)) }
    }

    fn request(&self, method: &str, path: &str) -> SignedRequest {
        SignedRequest::new(method, "s3", &self.region, path)
    }
}

impl Calls for Rusoto {
    async fn put_if_absent(&self, key: &str, body: Bytes, sha256: &str) -> Result<(), Fault> {
        self.patiently(|| async {
            let mut request = self.request("PUT", &format!("/{}/{key}", self.bucket));
            request.add_header(format!("x-amz-meta-{SHA256}"), sha256);
            request.set_payload(Some(body.clone()));
            self.send(&self.raw_if_absent, request).await.map(drop)
        })
        .await
    }

    async fn head(&self, key: &str) -> Result<Option<Head>, Fault> {
        let request = HeadObjectRequest { bucket: self.bucket.clone(), key: key.to_owned(), ..Default::default() };
        let answer = self.patiently(|| async { self.s3.head_object(request.clone()).await.map_err(fault) }).await;
        let answer = match answer {
            Err(Fault::Missing) => return Ok(None),
            answer => answer?,
        };
        let size = length(answer.content_length)?;
        let mut words = answer.metadata.unwrap_or_default();
        Ok(Some(Head { size, sha256: words.remove(SHA256), mark: words.remove(MARK) }))
    }

    async fn get(&self, key: &str, from: u64, to: u64, etag: Option<&str>) -> Result<Window, Fault> {
        let request = GetObjectRequest {
            bucket: self.bucket.clone(),
            key: key.to_owned(),
            range: Some(format!("bytes={from}-{to}")),
            if_match: etag.map(str::to_owned),
            ..Default::default()
        };
        self.patiently(|| async {
            let answer = self.s3.get_object(request.clone()).await.map_err(fault)?;
            let mut bytes = Vec::new();
            if let Some(body) = answer.body {
                let read = body.into_async_read().read_to_end(&mut bytes).await;
                read.map_err(|broken| Fault::Unavailable(broken.to_string()))?;
            }
            Ok(Window { bytes: bytes.into(), etag: answer.e_tag, total: total(answer.content_range.as_deref()) })
        })
        .await
    }

    async fn list(&self, prefix: &str, next: Option<Next>) -> Result<Page<Object>, Fault> {
        let request = ListObjectsV2Request {
            bucket: self.bucket.clone(),
            prefix: Some(prefix.to_owned()),
            continuation_token: next.map(|n| n.0),
            ..Default::default()
        };
        let answer = self.patiently(|| async { self.s3.list_objects_v2(request.clone()).await.map_err(fault) }).await?;
        let objects = answer.contents.into_iter().flatten().filter_map(|o| Some((o.key?, o.size)));
        let found = objects.map(|(key, size)| Ok(Object { key, size: length(size)? })).collect::<Result<_, Fault>>()?;
        let next = answer.next_continuation_token.map(|token| Next(token, None));
        Page::new(found, answer.is_truncated == Some(true), next)
    }

    async fn list_versions(&self, prefix: &str, next: Option<Next>) -> Result<Page<Version>, Fault> {
        let (key_marker, version_id_marker) = Next::split(next);
        let request = ListObjectVersionsRequest {
            bucket: self.bucket.clone(),
            prefix: Some(prefix.to_owned()),
            key_marker,
            version_id_marker,
            ..Default::default()
        };
        let call = || async { self.s3.list_object_versions(request.clone()).await.map_err(fault) };
        let answer = self.patiently(call).await?;
        let versions = answer.versions.into_iter().flatten().map(|v| (v.key, v.version_id));
        let all = versions.chain(answer.delete_markers.into_iter().flatten().map(|m| (m.key, m.version_id)));
        let found = all.filter_map(|(key, id)| Some(Version { key: key?, id })).collect();
        let next = Next::join(answer.next_key_marker, answer.next_version_id_marker);
        Page::new(found, answer.is_truncated == Some(true), next)
    }

    async fn list_uploads(&self, prefix: &str, next: Option<Next>) -> Result<Page<Upload>, Fault> {
        let (key_marker, upload_id_marker) = Next::split(next);
        let request = ListMultipartUploadsRequest {
            bucket: self.bucket.clone(),
            prefix: Some(prefix.to_owned()),
            key_marker,
            upload_id_marker,
            ..Default::default()
        };
        let call = || async { self.s3.list_multipart_uploads(request.clone()).await.map_err(fault) };
        let answer = self.patiently(call).await?;
        let uploads = answer.uploads.into_iter().flatten();
        let found = uploads.filter_map(|u| Some(Upload { key: u.key?, id: u.upload_id? })).collect();
        let next = Next::join(answer.next_key_marker, answer.next_upload_id_marker);
        Page::new(found, answer.is_truncated == Some(true), next)
    }

    async fn create_upload(&self, key: &str, mark: &str) -> Result<String, Fault> {
        let (bucket, key) = (self.bucket.clone(), key.to_owned());
        let metadata = Some([(MARK.to_owned(), mark.to_owned())].into());
        let request = CreateMultipartUploadRequest { bucket, key, metadata, ..Default::default() };
        let call = || async { self.s3.create_multipart_upload(request.clone()).await.map_err(fault) };
        let answer = self.patiently(call).await?;
        answer.upload_id.ok_or_else(|| Fault::nonsense("an upload begins without an id"))
    }

    async fn upload_part(&self, key: &str, upload: &str, number: i32, body: Bytes) -> Result<String, Fault> {
        self.patiently(|| async {
            let mut request = self.request("PUT", &format!("/{}/{key}", self.bucket));
            let mut params = Params::new();
            params.put("partNumber", i64::from(number));
            params.put("uploadId", upload);
            request.set_params(params);
            request.set_payload(Some(body.clone()));
            let answer = self.send(&self.raw, request).await?;
            let etag = answer.headers.get("etag").cloned();
            etag.ok_or_else(|| Fault::nonsense("a part is taken without a tag"))
        })
        .await
    }

    async fn list_parts(&self, key: &str, upload: &str, next: Option<Next>) -> Result<Page<Part>, Fault> {
        let request = ListPartsRequest {
            bucket: self.bucket.clone(),
            key: key.to_owned(),
            upload_id: upload.to_owned(),
            part_number_marker: next.and_then(|n| n.0.parse().ok()),
            ..Default::default()
        };
        let answer = self.patiently(|| async { self.s3.list_parts(request.clone()).await.map_err(fault) }).await?;
        let parts = answer.parts.into_iter().flatten().filter_map(|p| Some((p.part_number?, p.e_tag?, p.size)));
        let found = parts.map(|(number, etag, size)| {
            let number = i32::try_from(number).map_err(|_| Fault::nonsense("a part has no such number"))?;
            Ok(Part { number, etag, size: length(size)? })
        });
        let next = answer.next_part_number_marker.map(|marker| Next(marker.to_string(), None));
        Page::new(found.collect::<Result<_, Fault>>()?, answer.is_truncated == Some(true), next)
    }

    async fn complete_if_absent(&self, key: &str, upload: &str, parts: &[Part]) -> Result<(), Fault> {
        let part = |p: &Part| CompletedPart { part_number: Some(p.number.into()), e_tag: Some(p.etag.clone()) };
        let parts = CompletedMultipartUpload { parts: Some(parts.iter().map(part).collect()) };
        let request = CompleteMultipartUploadRequest {
            bucket: self.bucket.clone(),
            key: key.to_owned(),
            upload_id: upload.to_owned(),
            multipart_upload: Some(parts),
            ..Default::default()
        };
        self.patiently(|| async {
            let answer = self.s3_if_absent.complete_multipart_upload(request.clone()).await.map_err(fault)?;
            // A completion that fails late says so in the body of a success, which rusoto reads as an answer without anything in it.
            match answer.key.is_some() || answer.e_tag.is_some() {
                true => Ok(()),
                false => Err(Fault::Unavailable("the completion failed on the server".to_owned())),
            }
        })
        .await
    }

    async fn abort(&self, key: &str, upload: &str) -> Result<(), Fault> {
        let (bucket, key, upload_id) = (self.bucket.clone(), key.to_owned(), upload.to_owned());
        let request = AbortMultipartUploadRequest { bucket, key, upload_id, ..Default::default() };
        let call = || async { self.s3.abort_multipart_upload(request.clone()).await.map_err(fault) };
        self.patiently(call).await.map(drop)
    }

    async fn delete(&self, key: &str, version: Option<&str>) -> Result<(), Fault> {
        let (bucket, key, version_id) = (self.bucket.clone(), key.to_owned(), version.map(str::to_owned));
        let request = DeleteObjectRequest { bucket, key, version_id, ..Default::default() };
        self.patiently(|| async { self.s3.delete_object(request.clone()).await.map_err(fault) }).await.map(drop)
    }

    async fn put_on(&self, belt: &Belt) -> Result<bool, Fault> {
        lifecycle::put_on(self, belt).await
    }
}

impl fmt::Debug for Rusoto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rusoto").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

fn fault<E: fmt::Debug>(error: RusotoError<E>) -> Fault {
    match error {
        RusotoError::Unknown(answer) => answered(&answer),
        RusotoError::HttpDispatch(error) => Fault::Unavailable(error.to_string()),
        RusotoError::Credentials(error) => Fault::Unavailable(error.to_string()),
        RusotoError::Validation(what) => Fault::Refused { status: 0, code: "not sent".to_owned(), message: what },
        // An answer that was cut short, or that a machine in between made up.
        RusotoError::ParseError(what) => Fault::Unavailable(format!("the answer cannot be read: {what}")),
        RusotoError::Blocking => Fault::Unavailable("the call was broken off".to_owned()),
        // The few errors that rusoto knows have S3's own names, and it drops the rest of the answer.
        RusotoError::Service(known) => {
            let name = format!("{known:?}");
            let code = name.split('(').next().unwrap_or_default();
            Fault::of_answer(if code.starts_with("NoSuch") { 404 } else { 400 }, code, "")
        }
    }
}

/// What an answer means that is not a success.
fn answered(answer: &BufferedHttpResponse) -> Fault {
    let text = answer.body_as_str();
    let word = |tag| element(text, tag).unwrap_or_default();
    Fault::of_answer(answer.status.as_u16(), word("Code"), word("Message"))
}

/// The text of the first element of a name in XML that a server wrote.
fn element<'a>(xml: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{tag}>"))?;
    Some(rest.split_once(&format!("</{tag}>"))?.0)
}

fn length(told: Option<i64>) -> Result<u64, Fault> {
    told.and_then(|size| u64::try_from(size).ok()).ok_or_else(|| Fault::nonsense("something has no size"))
}
