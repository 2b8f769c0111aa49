//! Stands in for `hyper-tls`, and connects to nothing.
//!
//! `rusoto_core` needs a connector in order to compile. Sluis sends rusoto's requests itself, so this one is never asked; if somebody makes a client of
//! rusoto's own by mistake, it fails rather than send anything.

use std::future::{Ready, ready};
use std::io;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use hyper::Uri;
use hyper::client::HttpConnector;
use hyper::service::Service;
use tokio::net::TcpStream;

/// A connector that refuses every connection.
#[derive(Debug, Clone)]
pub struct HttpsConnector<T>(PhantomData<T>);

// === impl HttpsConnector ===

impl HttpsConnector<HttpConnector> {
    /// The connector.
    #[allow(clippy::new_without_default, reason = "as the crate has it that this one stands in for")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Service<Uri> for HttpsConnector<T> {
    type Response = TcpStream;
    type Error = io::Error;
    type Future = Ready<Result<TcpStream, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(Err(io::Error::new(io::ErrorKind::Unsupported, "rusoto's own HTTP client is not used")))
    }
}
