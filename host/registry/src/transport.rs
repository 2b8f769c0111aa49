//! How the files of a registry come here: out of a folder, from a web server, or out of a bucket.
//!
//! Nothing that comes is believed: `tough` bounds and verifies it. What is not there at all is told apart from what cannot be had.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::{TryStreamExt, stream};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sluis_store::{ByteRange, ObjectName, ObjectStore};
use tough::{Transport, TransportError, TransportErrorKind, TransportStream, async_trait};
use url::Url;

/// Where a registry is read from.
#[derive(Debug, Clone)]
pub enum Place {
    /// A folder, such as a mounted disk.
    Folder(PathBuf),
    /// A web server, by the address of the folder that has `metadata` and `targets`.
    Web(Url),
    /// A bucket. It is read from plain threads.
    Store(Arc<dyn ObjectStore>),
}

/// Text that names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no place of a registry: write `https://` (or `http://`) and an address without a password or query, or the path of a folder"
)]
pub struct InvalidPlace(String);

/// Opens a file of a registry by its path, as `metadata/timestamp.json`.
trait Shelf: fmt::Debug + Send + Sync {
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such file.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>>;
}

/// Files that are opened by blocking calls.
#[derive(Debug, Clone)]
struct Blocking(Arc<dyn Shelf>);

#[derive(Debug)]
struct Folder(PathBuf);

#[derive(Debug)]
struct Bucket(Arc<dyn ObjectStore>);

/// Follows nothing: the address that was configured is the only one that is asked.
#[derive(Debug, Clone)]
struct Web(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>);

/// Bytes that are read at a time.
const CHUNK: usize = 64 << 10;
/// Time to connect to a server.
const CONNECT: Duration = Duration::from_secs(10);

// === impl Place ===

impl Place {
    /// What fetches from here, and the address below which it is asked.
    pub(crate) fn open(&self) -> io::Result<(Box<dyn Transport + Send + Sync>, Url)> {
        let local = || Url::parse("shelf://registry/").expect("it is a URL");
        Ok(match self {
            Self::Folder(folder) => (Box::new(Blocking(Arc::new(Folder(folder.clone())))), local()),
            Self::Store(store) => (Box::new(Blocking(Arc::new(Bucket(Arc::clone(store))))), local()),
            Self::Web(url) => {
                let mut url = url.clone();
                if !url.path().ends_with('/') {
                    url.set_path(&format!("{}/", url.path()));
                }
                (Box::new(Web::new()?), url)
            }
        })
    }
}

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        let wrong = || InvalidPlace(text.to_owned());
        if !text.contains("://") {
            return if text.is_empty() { Err(wrong()) } else { Ok(Self::Folder(text.into())) };
        }
        let url = Url::parse(text).map_err(|_| wrong())?;
        let plain = url.username().is_empty() && url.password().is_none();
        let bare = url.query().is_none() && url.fragment().is_none() && url.host().is_some();
        if matches!(url.scheme(), "http" | "https") && plain && bare { Ok(Self::Web(url)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => fmt::Display::fmt(&folder.display(), f),
            Self::Web(url) => fmt::Display::fmt(url, f),
            Self::Store(_) => f.write_str("the bucket"),
        }
    }
}

// === impl Folder ===

impl Shelf for Folder {
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(self.0.join(path))?))
    }
}

// === impl Bucket ===

impl Shelf for Bucket {
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        let name = object_name(path).ok_or(ErrorKind::NotFound)?;
        self.0.open(&name, ByteRange::ALL).map_err(|error| match error {
            sluis_store::Error::ObjectMissing { .. } => ErrorKind::NotFound.into(),
            other => io::Error::other(other),
        })
    }
}

/// What a file of a registry is called in a bucket, whose names have no folders. A target is known by its digest alone.
pub(crate) fn object_name(path: &str) -> Option<ObjectName> {
    let name = match path.split_once('/')? {
        ("metadata", file) => format!("metadata.{file}"),
        ("targets", file) => format!("target.{}", file.split_once('.')?.0),
        _ => return None,
    };
    ObjectName::new(name).ok()
}

// === impl Blocking ===

#[async_trait]
impl Transport for Blocking {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let (shelf, path) = (Arc::clone(&self.0), url.path().trim_start_matches('/').to_owned());
        let reader = blocking(move || shelf.open(&path)).await.map_err(|e| failed(&url, e))?;
        let reader = Arc::new(Mutex::new(reader));
        let chunks = stream::try_unfold(reader, |reader| async move {
            let from = Arc::clone(&reader);
            let chunk = blocking(move || {
                let mut chunk = vec![0; CHUNK];
                let mut from = from.lock().unwrap_or_else(PoisonError::into_inner);
                let read = from.read(&mut chunk)?;
                chunk.truncate(read);
                Ok(chunk)
            });
            let chunk = chunk.await?;
            Ok(if chunk.is_empty() { None } else { Some((Bytes::from(chunk), reader)) })
        });
        Ok(chunks.map_err(move |e| failed(&url, e)).boxed_sync())
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(io::Error::other(e)))
}

fn failed(url: &Url, error: io::Error) -> TransportError {
    let kind = match error.kind() {
        ErrorKind::NotFound => TransportErrorKind::FileNotFound,
        _ => TransportErrorKind::Other,
    };
    TransportError::new_with_cause(kind, url, error)
}

/// A stream in a box, which `tough` wants `Sync`.
trait BoxedSync {
    fn boxed_sync(self) -> TransportStream;
}

impl<S: futures::Stream<Item = Result<Bytes, TransportError>> + Send + Sync + 'static> BoxedSync for S {
    fn boxed_sync(self) -> TransportStream {
        Box::pin(self)
    }
}

// === impl Web ===

impl Web {
    fn new() -> io::Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.enforce_http(false);
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())?
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self(Client::builder(TokioExecutor::new()).build(tls)))
    }
}

#[async_trait]
impl Transport for Web {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let other = |why: String| TransportError::new_with_cause(TransportErrorKind::Other, &url, why);
        let uri: Uri = url.as_str().parse().map_err(|e| other(format!("it is no address: {e}")))?;
        let request = Request::get(uri).body(Empty::new()).map_err(|e| other(e.to_string()))?;
        let answer = self.0.request(request).await.map_err(|e| other(chain(&e)))?;
        match answer.status() {
            StatusCode::OK => {}
            // A bucket says 403 of what is not there, to who may not list it.
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => {
                let why = format!("the server answered {}", answer.status());
                return Err(TransportError::new_with_cause(TransportErrorKind::FileNotFound, &url, why));
            }
            status if status.is_redirection() => {
                return Err(other(format!(
                    "the server answered {status}, and no redirection is followed: configure the address where the registry is"
                )));
            }
            status => return Err(other(format!("the server answered {status}"))),
        }
        let body = answer.into_body().into_data_stream();
        let broken = move |why: String| {
            TransportError::new_with_cause(TransportErrorKind::Other, &url, format!("it broke off: {why}"))
        };
        Ok(body.map_err(move |e| broken(chain(&e))).boxed_sync())
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_or_a_folder_and_no_password_is_in_it() {
        assert!(matches!("https://registry.example/sluis".parse(), Ok(Place::Web(_))));
        assert!(matches!("/srv/registry".parse(), Ok(Place::Folder(_))));
        for wrong in
            ["", "ftp://registry.example/", "https://u:p@registry.example/", "https://r.example/?x=1", "https://"]
        {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn files_have_names_in_a_bucket() {
        let digest = "a".repeat(64);
        let named = |path: &str| object_name(path).map(|name| name.as_str().to_owned());
        assert_eq!(named("metadata/9.acme.json").unwrap(), "metadata.9.acme.json");
        assert_eq!(named(&format!("targets/{digest}.acme/models/x_y.onnx")).unwrap(), format!("target.{digest}"));
        assert_eq!(named("elsewhere/x"), None);
        assert_eq!(named("metadata/../x"), None);
    }
}
