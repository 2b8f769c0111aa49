//! The calls, made by `aws-sdk-s3`.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    RuntimeComponents, StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{BoxError, DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use aws_sdk_s3::{Client, Config};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use bytes::Bytes;

use crate::calls::{Belt, Calls, Head, MARK, Next, Object, Page, Part, SHA256, Upload, Version, Window, total};
use crate::fault::Fault;
use crate::server_clock::ServerClock;
use crate::settings::{Retries, S3Settings};

mod lifecycle;

/// The client, for one bucket.
pub(crate) struct Aws {
    client: Client,
    bucket: String,
    retries: Retries,
}

/// Hears the date of every answer.
#[derive(Debug)]
struct Listen(Arc<ServerClock>);

// === impl Aws ===

impl Aws {
    pub(crate) fn new(settings: &S3Settings, clock: Arc<ServerClock>) -> Self {
        let key = &settings.credentials;
        let token = key.session_token.as_ref().map(|token| token.to_string());
        let credentials = Credentials::new(&key.key_id, key.secret.as_str(), token, None, "sluis");
        let (timeouts, retries) = (settings.timeouts, settings.retries);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.answer)
            .operation_attempt_timeout(timeouts.attempt)
            .build();
        let retry = RetryConfig::standard()
            .with_max_attempts(retries.attempts)
            .with_initial_backoff(retries.backoff)
            .with_max_backoff(retries.backoff_limit);
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            .force_path_style(settings.path_style)
            .timeout_config(timeouts)
            .retry_config(retry)
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled().grace_period(settings.timeouts.answer).build(),
            )
            // Servers other than Amazon's know the new checksums late or never. Each body is covered by the signature anyway.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .interceptor(Listen(clock));
        if settings.endpoint.is_some() {
            config = config.endpoint_url(settings.address());
        }
        Self { client: Client::from_conf(config.build()), bucket: settings.bucket.clone(), retries }
    }

    async fn get_once(
        &self,
        key: &str,
        from: u64,
        to: u64,
        etag: Option<&str>,
    ) -> Result<Result<Window, String>, Fault> {
        let range = format!("bytes={from}-{to}");
        let request = self.client.get_object().bucket(&self.bucket).key(key).range(range);
        let answer = request.set_if_match(etag.map(str::to_owned)).send().await.map_err(fault)?;
        let (etag, total) = (answer.e_tag().map(str::to_owned), total(answer.content_range()));
        Ok(match answer.body.collect().await {
            Ok(body) => Ok(Window { bytes: body.into_bytes(), etag, total }),
            Err(broken) => Err(DisplayErrorContext(broken).to_string()),
        })
    }
}

impl Calls for Aws {
    async fn put_if_absent(&self, key: &str, body: Bytes, sha256: &str) -> Result<(), Fault> {
        let request = self.client.put_object().bucket(&self.bucket).key(key).if_none_match("*");
        request.metadata(SHA256, sha256).body(body.into()).send().await.map_err(fault)?;
        Ok(())
    }

    async fn head(&self, key: &str) -> Result<Option<Head>, Fault> {
        let answer = match self.client.head_object().bucket(&self.bucket).key(key).send().await.map_err(fault) {
            Err(Fault::Missing) => return Ok(None),
            answer => answer?,
        };
        let size = length(answer.content_length())?;
        let word = |key| answer.metadata().and_then(|words| words.get(key)).cloned();
        Ok(Some(Head { size, sha256: word(SHA256), mark: word(MARK) }))
    }

    async fn get(&self, key: &str, from: u64, to: u64, etag: Option<&str>) -> Result<Window, Fault> {
        // The client tries again what fails before an answer begins, and not what breaks off in the middle of one.
        let mut tried = 0;
        loop {
            tried += 1;
            match self.get_once(key, from, to, etag).await? {
                Ok(window) => return Ok(window),
                Err(broken) if tried >= self.retries.attempts => return Err(Fault::Unavailable(broken)),
                Err(_) => self.retries.pause(tried).await,
            }
        }
    }

    async fn list(&self, prefix: &str, next: Option<Next>) -> Result<Page<Object>, Fault> {
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let answer = request.set_continuation_token(next.map(|n| n.0)).send().await.map_err(fault)?;
        let objects = answer.contents().iter().filter_map(|o| Some((o.key()?, o.size())));
        let found = objects.map(|(key, size)| Ok(Object { key: key.to_owned(), size: length(size)? }));
        let next = answer.next_continuation_token().map(|token| Next(token.to_owned(), None));
        Page::new(found.collect::<Result<_, Fault>>()?, answer.is_truncated() == Some(true), next)
    }

    async fn list_versions(&self, prefix: &str, next: Option<Next>) -> Result<Page<Version>, Fault> {
        let (key, version) = Next::split(next);
        let request = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix);
        let answer = request.set_key_marker(key).set_version_id_marker(version).send().await.map_err(fault)?;
        let versions = answer.versions().iter().map(|v| (v.key(), v.version_id()));
        let all = versions.chain(answer.delete_markers().iter().map(|m| (m.key(), m.version_id())));
        let found = all.filter_map(|(key, id)| Some(Version { key: key?.to_owned(), id: id.map(str::to_owned) }));
        let (found, truncated) = (found.collect(), answer.is_truncated() == Some(true));
        Page::new(found, truncated, Next::join(answer.next_key_marker, answer.next_version_id_marker))
    }

    async fn list_uploads(&self, prefix: &str, next: Option<Next>) -> Result<Page<Upload>, Fault> {
        let (key, upload) = Next::split(next);
        let request = self.client.list_multipart_uploads().bucket(&self.bucket).prefix(prefix);
        let answer = request.set_key_marker(key).set_upload_id_marker(upload).send().await.map_err(fault)?;
        let found = answer
            .uploads()
            .iter()
            .filter_map(|u| Some(Upload { key: u.key()?.to_owned(), id: u.upload_id()?.to_owned() }));
        let (found, truncated) = (found.collect(), answer.is_truncated() == Some(true));
        Page::new(found, truncated, Next::join(answer.next_key_marker, answer.next_upload_id_marker))
    }

    async fn create_upload(&self, key: &str, mark: &str) -> Result<String, Fault> {
        let request = self.client.create_multipart_upload().bucket(&self.bucket).key(key).metadata(MARK, mark);
        let answer = request.send().await.map_err(fault)?;
        answer.upload_id.ok_or_else(|| Fault::nonsense("an upload begins without an id"))
    }

    async fn upload_part(&self, key: &str, upload: &str, number: i32, body: Bytes) -> Result<String, Fault> {
        let request = self.client.upload_part().bucket(&self.bucket).key(key).upload_id(upload).part_number(number);
        let answer = request.body(body.into()).send().await.map_err(fault)?;
        answer.e_tag.ok_or_else(|| Fault::nonsense("a part is taken without a tag"))
    }

    async fn list_parts(&self, key: &str, upload: &str, next: Option<Next>) -> Result<Page<Part>, Fault> {
        let request = self.client.list_parts().bucket(&self.bucket).key(key).upload_id(upload);
        let answer = request.set_part_number_marker(next.map(|n| n.0)).send().await.map_err(fault)?;
        let parts = answer.parts().iter().filter_map(|p| Some((p.part_number()?, p.e_tag()?, p.size())));
        let found = parts.map(|(number, etag, size)| Ok(Part { number, etag: etag.to_owned(), size: length(size)? }));
        let next = answer.next_part_number_marker().map(|marker| Next(marker.to_owned(), None));
        Page::new(found.collect::<Result<_, Fault>>()?, answer.is_truncated() == Some(true), next)
    }

    async fn complete_if_absent(&self, key: &str, upload: &str, parts: &[Part]) -> Result<(), Fault> {
        let parts = parts.iter().map(|p| CompletedPart::builder().part_number(p.number).e_tag(&p.etag).build());
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let request = self.client.complete_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload);
        request.multipart_upload(parts).if_none_match("*").send().await.map_err(fault)?;
        Ok(())
    }

    async fn abort(&self, key: &str, upload: &str) -> Result<(), Fault> {
        let request = self.client.abort_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload);
        request.send().await.map_err(fault)?;
        Ok(())
    }

    async fn delete(&self, key: &str, version: Option<&str>) -> Result<(), Fault> {
        let request = self.client.delete_object().bucket(&self.bucket).key(key);
        request.set_version_id(version.map(str::to_owned)).send().await.map_err(fault)?;
        Ok(())
    }

    async fn put_on(&self, belt: &Belt) -> Result<bool, Fault> {
        lifecycle::put_on(self, belt).await
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

// === impl Listen ===

impl Intercept for Listen {
    fn name(&self) -> &'static str {
        "what time it is by the server"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            self.0.hear(date);
        }
        Ok(())
    }
}

fn fault<E>(error: SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let answered = error.raw_response().map(|answer| answer.status().as_u16());
    match (&error, answered) {
        (SdkError::ServiceError(_), Some(status)) => {
            Fault::of_answer(status, error.code().unwrap_or_default(), error.message().unwrap_or_default())
        }
        (SdkError::ConstructionFailure(_), _) => {
            Fault::Refused { status: 0, code: "not sent".to_owned(), message: DisplayErrorContext(&error).to_string() }
        }
        _ => Fault::Unavailable(DisplayErrorContext(&error).to_string()),
    }
}

fn length(told: Option<i64>) -> Result<u64, Fault> {
    told.and_then(|size| u64::try_from(size).ok()).ok_or_else(|| Fault::nonsense("something has no size"))
}
