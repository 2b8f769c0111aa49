//! What goes wrong between a shop and its bucket: each request passes here before the server answers it.

use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::{Method, Request, Response, Uri};
use s3s::service::S3Service;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server is busy: 503.
    Busy,
    /// The connection is cut while the request is being sent; the server does nothing.
    CutRequest,
    /// The server does it, and the connection is cut in the middle of the answer.
    CutAnswer,
    /// The server does it, and the connection is cut before the answer.
    LostAnswer,
    /// The server points to another host.
    Redirect,
}

/// Says what happens to a request; `None`: nothing.
type Plan = Box<dyn FnMut(&Method, &Uri) -> Option<Fault> + Send>;

/// What is planned, and what has come.
#[derive(Default)]
pub(crate) struct Faults {
    plan: Mutex<Option<Plan>>,
    seen: Mutex<Vec<String>>,
}

/// The beginning of a body, and then an error, by which the connection is cut.
struct Half {
    rest: Option<Bytes>,
    told: u64,
}

// === impl Faults ===

impl Faults {
    pub(crate) fn plan(&self, plan: impl FnMut(&Method, &Uri) -> Option<Fault> + Send + 'static) {
        *self.plan.lock().unwrap() = Some(Box::new(plan));
    }

    /// The fault meets the first `times` requests that are of `method` and have `word` in their address; no word, no address.
    pub(crate) fn meet(&self, fault: Fault, method: Method, word: &'static str, times: usize) {
        let mut left = times;
        self.plan(move |m, uri| {
            let met = left > 0 && *m == method && uri.to_string().contains(word);
            left -= usize::from(met);
            met.then_some(fault)
        });
    }

    /// Methods and addresses of all requests so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

pub(crate) async fn answer(
    service: &S3Service,
    faults: &Faults,
    request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, io::Error>>, io::Error> {
    faults.seen.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
    let fault = faults.plan.lock().unwrap().as_mut().and_then(|plan| plan(request.method(), request.uri()));

    match fault {
        Some(Fault::Busy) => {
            let xml = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>";
            // What is not read of a request would be taken for the next.
            drop(request.into_body().collect().await);
            return Ok(Response::builder().status(503).body(whole(Bytes::from_static(xml.as_bytes()))).unwrap());
        }
        Some(Fault::Redirect) => {
            drop(request.into_body().collect().await);
            let elsewhere = Response::builder().status(307).header("location", "http://127.0.0.1:9/elsewhere");
            return Ok(elsewhere.body(whole(Bytes::new())).unwrap());
        }
        Some(Fault::CutRequest) => {
            let mut body = request.into_body();
            drop(body.frame().await);
            return Err(cut());
        }
        Some(Fault::CutAnswer | Fault::LostAnswer) | None => {}
    }
    let answer =
        service.call(request.map(s3s::Body::from)).await.map_err(|error| io::Error::other(format!("{error:?}")))?;
    let (head, body) = answer.into_parts();
    match fault {
        Some(Fault::LostAnswer) => {
            drop(body.collect().await);
            Err(cut())
        }
        Some(Fault::CutAnswer) => {
            let Ok(bytes) = body.collect().await.map(http_body_util::Collected::to_bytes) else { return Err(cut()) };
            let half = Half { told: bytes.len() as u64, rest: Some(bytes.slice(..bytes.len() / 2)) };
            Ok(Response::from_parts(head, BodyExt::boxed(half)))
        }
        _ => Ok(Response::from_parts(head, BodyExt::boxed(body.map_err(io::Error::other)))),
    }
}

fn cut() -> io::Error {
    io::Error::other("cut")
}

fn whole(bytes: Bytes) -> BoxBody<Bytes, io::Error> {
    BodyExt::boxed(Full::new(bytes).map_err(|never| match never {}))
}

// === impl Half ===

impl Body for Half {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(match self.rest.take() {
            Some(bytes) => Ok(Frame::data(bytes)),
            None => Err(cut()),
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.told)
    }
}
