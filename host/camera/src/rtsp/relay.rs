//! A limit on what a camera can make us hold.
//!
//! `retina` sets no limit to the length of a message, a header or a picture: a camera that sends one without an end would fill the memory. It also makes
//! the connection itself. So it is given a connection within this machine, and what the camera sends passes through here, counted. What comes of it (an
//! answer, a picture) allows more; what adds up without anything coming of it is cut off.
//!
//! The camera sees requests for `rtsp://127.0.0.1:PORT/PATH`, as it does behind a router that forwards a port. Cameras look at the path only.

use std::io;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// The way between `retina` and the camera. It ends with the runtime, or with either side.
pub(super) struct Relay {
    port: u16,
    allowed: Arc<Allowance>,
}

/// Why the way from the camera has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// The camera hung up.
    Closed,
    /// The system says so.
    Failed(io::ErrorKind),
    /// It sent more than was allowed.
    Flooded,
}

#[derive(Default)]
struct Allowance {
    /// Bytes.
    left: AtomicUsize,
    cut: OnceLock<Cut>,
}

/// Bytes that are passed on at once.
const CHUNK: usize = 16 << 10;

// === impl Relay ===

impl Relay {
    /// Begins to pass on what comes from `camera`, at most `bytes` of it until more is [allowed](Self::allow).
    pub(super) async fn start(camera: impl AsyncRead + AsyncWrite + Send + 'static, bytes: usize) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let allowed = Arc::new(Allowance::default());
        allowed.left.store(bytes, Ordering::Relaxed);
        tokio::spawn(pass(camera, listener, Arc::clone(&allowed)));
        Ok(Self { port, allowed })
    }

    /// Where on this machine to connect to, once.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Something has come of what was sent: from now on, `bytes` more may come.
    pub(super) fn allow(&self, bytes: usize) {
        self.allowed.left.store(bytes, Ordering::Relaxed);
    }

    /// Why the way from the camera has ended, if it has.
    pub(super) fn cut(&self) -> Option<Cut> {
        self.allowed.cut.get().copied()
    }
}

async fn pass(camera: impl AsyncRead + AsyncWrite, listener: TcpListener, allowed: Arc<Allowance>) {
    let Ok((client, _)) = listener.accept().await else { return };
    // Nobody else is let in.
    drop(listener);
    let (from_camera, to_camera) = tokio::io::split(camera);
    let (from_client, to_client) = client.into_split();
    let mut up = pin!(up(from_client, to_camera));
    let cut = tokio::select! {
        () = &mut up => return,
        cut = down(from_camera, to_client, &allowed) => cut,
    };
    // Unless it was cut off, `retina` reads to the end what has come, and hangs up itself.
    if cut.is_some_and(|cut| cut != Cut::Flooded) {
        up.await;
    }
}

/// Passes on requests, until there are no more.
async fn up(mut from_client: OwnedReadHalf, mut to_camera: impl AsyncWrite + Unpin) {
    // When the camera does not take them, the way down ends as well, and says why.
    let _ = tokio::io::copy(&mut from_client, &mut to_camera).await;
}

/// Passes on what the camera sends. `None` when nobody takes it any more.
async fn down(
    mut from_camera: impl AsyncRead + Unpin,
    mut to_client: OwnedWriteHalf,
    allowed: &Allowance,
) -> Option<Cut> {
    let mut chunk = vec![0; CHUNK];
    let cut = loop {
        let length = match from_camera.read(&mut chunk).await {
            Ok(0) => break Cut::Closed,
            Ok(length) => length,
            Err(error) => break Cut::Failed(error.kind()),
        };
        let left = allowed.left.load(Ordering::Relaxed);
        let Some(left) = left.checked_sub(length) else { break Cut::Flooded };
        allowed.left.store(left, Ordering::Relaxed);
        if to_client.write_all(&chunk[..length]).await.is_err() {
            return None;
        }
        // So that `retina` reads, and more is allowed, before much more is passed on.
        tokio::task::yield_now().await;
    };
    // Said before the other side can see it.
    let _ = allowed.cut.set(cut);
    let _ = to_client.shutdown().await;
    Some(cut)
}
