//! Sends rusoto's signed requests with a maintained HTTP client.

use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rusoto_core::request::{DispatchSignedRequestFuture, HttpResponse};
use rusoto_core::signature::{SignedRequest, SignedRequestPayload};
use rusoto_core::{ByteStream, DispatchSignedRequest, HttpDispatchError};
use tokio::time::timeout;

use crate::server_clock::ServerClock;
use crate::settings::Timeouts;

/// Sends each request once, to the host that it was signed for, and follows nothing.
#[derive(Clone)]
pub(super) struct Dispatch {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    clock: Arc<ServerClock>,
    timeouts: Timeouts,
    if_absent: bool,
}

/// More than any answer has: windows of an object are the longest.
const LONGEST: usize = 64 << 20;

// === impl Dispatch ===

impl Dispatch {
    pub(super) fn new(timeouts: Timeouts, clock: Arc<ServerClock>) -> io::Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(timeouts.connect));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        // Named, for rustls is built with more than one.
        let provider = rustls::crypto::ring::default_provider();
        let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider)?;
        let tls = tls.https_or_http().enable_http1().wrap_connector(tcp);
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_secs(15));
        Ok(Self { client: client.build(tls), clock, timeouts, if_absent: false })
    }

    /// The same, and whatever is sent shall be done only if there is no object of that key. rusoto does not know this condition; it is added after
    /// signing, which signature version 4 allows for all headers but `host` and `x-amz-*`.
    pub(super) fn if_absent(&self) -> Self {
        Self { if_absent: true, ..self.clone() }
    }

    async fn send(self, request: SignedRequest) -> Result<HttpResponse, HttpDispatchError> {
        let carries = matches!(&request.payload, Some(SignedRequestPayload::Buffer(bytes)) if !bytes.is_empty());
        let request = self.request(request).map_err(failed("the request cannot be put together"))?;
        // With a body, how long the answer takes depends on how long that takes.
        let patience = if carries { self.timeouts.attempt } else { self.timeouts.answer };
        let answer = timeout(patience, self.client.request(request)).await.map_err(failed("no answer in time"))?;
        let (head, body) = answer.map_err(|error| HttpDispatchError::new(chain(&error)))?.into_parts();
        if let Some(date) = head.headers.get(header::DATE).and_then(|date| date.to_str().ok()) {
            self.clock.hear(date);
        }
        let body = timeout(self.timeouts.attempt, Limited::new(body, LONGEST).collect()).await;
        let body = body.map_err(failed("the answer does not end in time"))?;
        let body = body.map_err(|error| HttpDispatchError::new(chain(&*error)))?.to_bytes();
        // rusoto stands on an older version of the crate `http`, whose types are named by what they are put into.
        let headers = head
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().parse().ok()?, value.to_str().ok()?.to_owned())));
        let status = head.status.as_u16().try_into().map_err(failed("the answer has no such status"))?;
        Ok(HttpResponse { status, headers: headers.collect(), body: ByteStream::from(body.to_vec()) })
    }

    fn request(&self, request: SignedRequest) -> Result<Request<Full<Bytes>>, http::Error> {
        let mut uri = format!("{}://{}{}", request.scheme(), request.hostname(), request.canonical_path());
        if !request.canonical_query_string().is_empty() {
            uri = format!("{uri}?{}", request.canonical_query_string());
        }
        let mut sent = Request::builder().method(request.method()).uri(uri);
        for (name, values) in request.headers() {
            for value in values {
                sent = sent.header(HeaderName::try_from(name.as_str())?, HeaderValue::from_bytes(value)?);
            }
        }
        if self.if_absent {
            sent = sent.header(header::IF_NONE_MATCH, "*");
        }
        let body = match request.payload {
            Some(SignedRequestPayload::Buffer(bytes)) => bytes,
            // No call of ours sends a stream, whose signature would not cover it.
            Some(SignedRequestPayload::Stream(_)) | None => Bytes::new(),
        };
        sent.body(Full::new(body))
    }
}

impl DispatchSignedRequest for Dispatch {
    /// rusoto never gives a timeout of its own: the settings' count.
    fn dispatch(&self, request: SignedRequest, _: Option<Duration>) -> DispatchSignedRequestFuture {
        Box::pin(self.clone().send(request))
    }
}

fn failed<E: fmt::Display>(what: &'static str) -> impl FnOnce(E) -> HttpDispatchError {
    move |error| HttpDispatchError::new(format!("{what}: {error}"))
}

/// An error with what caused it. The client's own errors name neither headers nor bodies.
fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
