//! An S3 server in this process, on the loopback: `s3s` with the folders of `s3s-fs` behind it, and in front of them what those leave out.
//!
//! `s3s-fs` stores and reads objects. It keeps no account of open uploads, no versions and no lifecycle, and two puts at the same moment may both win:
//! [`Shop`] adds that. Requests come over real HTTP, signed, and pass [`Faults`] first.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::dto::*;
use s3s::service::S3ServiceBuilder;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use sluis_cloud::{Credentials, Retries, S3Settings};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::faults::{Faults, answer};

pub(crate) const KEY: &str = "SLUISTESTKEY";
pub(crate) const SECRET: &str = "a-secret-that-no-message-may-show";
pub(crate) const BUCKET: &str = "shop";

/// What the bucket does with what is replaced or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versions {
    /// It does not know the word.
    Unknown,
    /// It keeps every version, and a marker for each deletion.
    Kept,
}

/// A server until it is dropped.
pub(crate) struct Server {
    pub(crate) faults: Arc<Faults>,
    pub(crate) shop: Arc<Shop>,
    address: String,
    folder: tempfile::TempDir,
    _runtime: Runtime,
}

/// The bucket.
pub(crate) struct Shop {
    files: FileSystem,
    versions: Versions,
    /// Puts and completions one after the other.
    alone: tokio::sync::Mutex<()>,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    /// Open uploads by key and id: the tags of their parts.
    uploads: BTreeMap<(String, String), BTreeMap<i32, ETag>>,
    /// By key, the newest last. Whether it is a delete marker.
    versions: BTreeMap<String, Vec<(String, bool)>>,
    lifecycle: Option<BucketLifecycleConfiguration>,
    counter: u64,
}

// === impl Server ===

impl Server {
    pub(crate) fn start(versions: Versions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let shop = Arc::new(Shop {
            files: FileSystem::new(folder.path()).unwrap(),
            versions,
            alone: tokio::sync::Mutex::default(),
            books: Mutex::default(),
        });
        let faults = Arc::new(Faults::default());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let mut service = S3ServiceBuilder::new(Served(Arc::clone(&shop)));
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let at_work = Arc::clone(&faults);
        runtime.spawn(async move {
            loop {
                let Ok((socket, _)) = listener.accept().await else { continue };
                let (service, faults) = (service.clone(), Arc::clone(&at_work));
                let each = service_fn(move |request| {
                    let (service, faults) = (service.clone(), Arc::clone(&faults));
                    async move { answer(&service, &faults, request).await }
                });
                tokio::spawn(async move {
                    // An error is a connection that was cut, as it was meant to be.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), each).await;
                });
            }
        });
        Self { faults, shop, address, folder, _runtime: runtime }
    }

    /// What a rival has to do to store an object at a moment that a plan chooses.
    pub(crate) fn rival(&self, key: &str, bytes: &'static [u8]) -> impl Fn() + Send + use<> {
        let file = self.folder.path().join(BUCKET).join(key);
        move || {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, bytes).unwrap();
        }
    }

    /// Settings for the bucket, with parts as small as S3 takes them and no long waits.
    pub(crate) fn settings(&self) -> S3Settings {
        settings(&self.address, KEY, SECRET)
    }
}

pub(crate) fn settings(address: &str, key: &str, secret: &str) -> S3Settings {
    let credentials = Credentials { key_id: key.to_owned(), secret: secret.to_owned().into(), session_token: None };
    let quick = std::time::Duration::from_millis(20);
    S3Settings {
        endpoint: Some(address.parse().unwrap()),
        prefix: "shop-1/".to_owned(),
        path_style: true,
        part_size: 5 << 20,
        retries: Retries { attempts: 4, backoff: quick, backoff_limit: quick },
        ..S3Settings::new("us-east-1", BUCKET, credentials)
    }
}

// === impl Shop ===

impl Shop {
    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// The rules of the bucket's lifecycle.
    pub(crate) fn rules(&self) -> Vec<LifecycleRule> {
        self.books().lifecycle.as_ref().map(|l| l.rules.to_vec()).unwrap_or_default()
    }

    pub(crate) fn set_rules(&self, rules: Vec<LifecycleRule>) {
        self.books().lifecycle = Some(BucketLifecycleConfiguration { rules });
    }

    /// An older version and a delete marker, as other programs leave them.
    pub(crate) fn add_versions(&self, key: &str) {
        let mut books = self.books();
        let (old, marker) = (books.number(), books.number());
        books.versions.entry(key.to_owned()).or_default().splice(0..0, [(old, false), (marker, true)]);
    }

    /// How many versions and delete markers there are of all keys.
    pub(crate) fn count_versions(&self) -> usize {
        self.books().versions.values().map(Vec::len).sum()
    }

    fn stored(&self, key: &str) {
        if self.versions == Versions::Kept {
            let mut books = self.books();
            let id = books.number();
            books.versions.entry(key.to_owned()).or_default().push((id, false));
        }
    }

    fn open(&self, key: &str, upload: &str) -> S3Result<()> {
        match self.books().uploads.contains_key(&(key.to_owned(), upload.to_owned())) {
            true => Ok(()),
            false => Err(s3_error!(NoSuchUpload, "The specified upload does not exist.")),
        }
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let _alone = self.alone.lock().await;
        let key = req.input.key.clone();
        let done = self.files.put_object(req).await?;
        self.stored(&key);
        Ok(done)
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        self.files.get_object(req).await
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.files.head_object(req).await
    }

    async fn list_objects_v2(&self, req: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.files.list_objects_v2(req).await
    }

    async fn delete_object(&self, req: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        if self.versions == Versions::Unknown {
            return self.files.delete_object(req).await;
        }
        let (key, wanted) = (req.input.key.clone(), req.input.version_id.clone());
        let current = {
            let mut books = self.books();
            let id = books.number();
            let versions = books.versions.entry(key).or_default();
            match wanted {
                None => {
                    versions.push((id, true));
                    true
                }
                Some(wanted) => {
                    let newest = versions.iter().rfind(|(_, marker)| !marker).is_some_and(|(id, _)| *id == wanted);
                    versions.retain(|(id, _)| *id != wanted);
                    newest
                }
            }
        };
        if current { self.files.delete_object(req).await } else { Ok(S3Response::new(DeleteObjectOutput::default())) }
    }

    /// In pages of 7.
    async fn list_object_versions(
        &self,
        req: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        if self.versions == Versions::Unknown {
            return Err(s3_error!(NotImplemented, "ListObjectVersions"));
        }
        let S3Request { input, .. } = req;
        let prefix = input.prefix.unwrap_or_default();
        let after = input.key_marker.map(|key| (key, input.version_id_marker.unwrap_or_default()));
        let books = self.books();
        let mut all: Vec<_> = books
            .versions
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix))
            .flat_map(|(key, versions)| versions.iter().map(move |(id, marker)| (key.clone(), id.clone(), *marker)))
            .collect();
        all.sort();
        all.retain(|(key, id, _)| after.as_ref().is_none_or(|(k, v)| (key, id) > (k, v)));
        let more = all.len() > 7;
        all.truncate(7);
        let last = all.last().cloned();
        let (markers, versions): (Vec<_>, Vec<_>) = all.into_iter().partition(|(.., marker)| *marker);
        let version = |(key, id, _)| ObjectVersion { key: Some(key), version_id: Some(id), ..Default::default() };
        let marker = |(key, id, _)| DeleteMarkerEntry { key: Some(key), version_id: Some(id), ..Default::default() };
        Ok(S3Response::new(ListObjectVersionsOutput {
            is_truncated: Some(more),
            next_key_marker: last.as_ref().filter(|_| more).map(|(key, ..)| key.clone()),
            next_version_id_marker: last.filter(|_| more).map(|(_, id, _)| id),
            versions: Some(versions.into_iter().map(version).collect()),
            delete_markers: Some(markers.into_iter().map(marker).collect()),
            ..Default::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let key = req.input.key.clone();
        let begun = self.files.create_multipart_upload(req).await?;
        let id = begun.output.upload_id.clone().unwrap();
        self.books().uploads.insert((key, id), BTreeMap::new());
        Ok(begun)
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let (key, id, number) = (req.input.key.clone(), req.input.upload_id.clone(), req.input.part_number);
        self.open(&key, &id)?;
        let done = self.files.upload_part(req).await?;
        self.open(&key, &id)?;
        if let Some(parts) = self.books().uploads.get_mut(&(key, id)) {
            parts.insert(number, done.output.e_tag.clone().unwrap());
        }
        Ok(done)
    }

    /// In pages of 2, as `s3s-fs` has no tags and no pages.
    async fn list_parts(&self, req: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        let (key, id) = (req.input.key.clone(), req.input.upload_id.clone());
        self.open(&key, &id)?;
        let after = req.input.part_number_marker.unwrap_or(0);
        let mut listed = self.files.list_parts(req).await?;
        let tags = self.books().uploads.get(&(key, id)).cloned().unwrap_or_default();
        let mut parts: Vec<_> = listed.output.parts.take().unwrap_or_default().into_iter().collect();
        parts.retain(|part| part.part_number > Some(after) && tags.contains_key(&part.part_number.unwrap()));
        parts.sort_by_key(|part| part.part_number);
        for part in &mut parts {
            part.e_tag = tags.get(&part.part_number.unwrap()).cloned();
        }
        listed.output.is_truncated = Some(parts.len() > 2);
        parts.truncate(2);
        listed.output.next_part_number_marker = parts.last().and_then(|part| part.part_number);
        listed.output.parts = Some(parts);
        Ok(listed)
    }

    /// In pages of 2.
    async fn list_multipart_uploads(
        &self,
        req: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let prefix = req.input.prefix.unwrap_or_default();
        let after = req.input.key_marker.map(|key| (key, req.input.upload_id_marker.unwrap_or_default()));
        let books = self.books();
        let mut open: Vec<_> = books.uploads.keys().filter(|(key, _)| key.starts_with(&prefix)).cloned().collect();
        open.retain(|upload| after.as_ref().is_none_or(|after| upload > after));
        let more = open.len() > 2;
        open.truncate(2);
        let last = open.last().cloned().filter(|_| more);
        let upload = |(key, id)| MultipartUpload { key: Some(key), upload_id: Some(id), ..Default::default() };
        Ok(S3Response::new(ListMultipartUploadsOutput {
            is_truncated: Some(more),
            next_key_marker: last.as_ref().map(|(key, _)| key.clone()),
            next_upload_id_marker: last.map(|(_, id)| id),
            uploads: Some(open.into_iter().map(upload).collect()),
            ..Default::default()
        }))
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let _alone = self.alone.lock().await;
        let (key, id) = (req.input.key.clone(), req.input.upload_id.clone());
        self.open(&key, &id)?;
        let done = self.files.complete_multipart_upload(req).await?;
        self.stored(&key);
        self.books().uploads.remove(&(key, id));
        Ok(done)
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let (key, id) = (req.input.key.clone(), req.input.upload_id.clone());
        self.open(&key, &id)?;
        self.books().uploads.remove(&(key, id));
        self.files.abort_multipart_upload(req).await
    }

    async fn get_bucket_lifecycle_configuration(
        &self,
        _: S3Request<GetBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketLifecycleConfigurationOutput>> {
        match &self.books().lifecycle {
            Some(lifecycle) => Ok(S3Response::new(GetBucketLifecycleConfigurationOutput {
                rules: Some(lifecycle.rules.clone()),
                ..Default::default()
            })),
            None => Err(s3_error!(NoSuchLifecycleConfiguration, "The lifecycle configuration does not exist")),
        }
    }

    async fn put_bucket_lifecycle_configuration(
        &self,
        req: S3Request<PutBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<PutBucketLifecycleConfigurationOutput>> {
        self.books().lifecycle = req.input.lifecycle_configuration;
        Ok(S3Response::new(PutBucketLifecycleConfigurationOutput::default()))
    }
}

// === impl Books ===

impl Books {
    fn number(&mut self) -> String {
        self.counter += 1;
        format!("version-{:06}", self.counter)
    }
}

/// What `s3s` takes for a server.
struct Served(Arc<Shop>);

type Answer<'a, T> = Pin<Box<dyn Future<Output = S3Result<S3Response<T>>> + Send + 'a>>;

/// The methods of [`S3`] as its own macro writes them.
macro_rules! serve {
    ($($call:ident: $input:ty => $output:ty;)*) => {
        impl S3 for Served {
            $(fn $call<'this, 'answer>(&'this self, req: S3Request<$input>) -> Answer<'answer, $output>
            where
                'this: 'answer,
                Self: 'answer,
            {
                // `s3s-fs` would make a folder of it.
                match req.input.bucket == BUCKET {
                    true => Box::pin(self.0.$call(req)),
                    false => Box::pin(async { Err(s3_error!(NoSuchBucket, "The specified bucket does not exist")) }),
                }
            })*
        }
    };
}

serve! {
    put_object: PutObjectInput => PutObjectOutput;
    get_object: GetObjectInput => GetObjectOutput;
    head_object: HeadObjectInput => HeadObjectOutput;
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output;
    delete_object: DeleteObjectInput => DeleteObjectOutput;
    list_object_versions: ListObjectVersionsInput => ListObjectVersionsOutput;
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput;
    upload_part: UploadPartInput => UploadPartOutput;
    list_parts: ListPartsInput => ListPartsOutput;
    list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput;
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput;
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput;
    get_bucket_lifecycle_configuration: GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput;
    put_bucket_lifecycle_configuration: PutBucketLifecycleConfigurationInput => PutBucketLifecycleConfigurationOutput;
}
