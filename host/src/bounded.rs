//! A listener that slow or many clients cannot occupy: so many connections at once, and each for so long.
//!
//! An answer here is short, and whoever wants another connects again. A client that sends half a request, or reads nothing, is cut off when its time is over; more clients than there is room for
//! wait in the queue of the operating system.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep_until};

/// Connections at once.
const MOST: usize = 64;

/// For how long one stays open.
const LONGEST: Duration = Duration::from_secs(20);

/// A TCP listener with room for so many connections, each for so long.
#[derive(Debug)]
pub struct Bounded {
    listener: TcpListener,
    room: Arc<Semaphore>,
    longest: Duration,
}

/// A connection with its place, until its time is over.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    over: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

// === impl Bounded ===

impl Bounded {
    /// 64 connections at once, each for 20 seconds.
    pub fn new(listener: TcpListener) -> Self {
        Self::with(listener, MOST, LONGEST)
    }

    fn with(listener: TcpListener, most: usize, longest: Duration) -> Self {
        Self { listener, room: Arc::new(Semaphore::new(most)), longest }
    }
}

impl Listener for Bounded {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let place = Arc::clone(&self.room).acquire_owned().await.expect("the semaphore is never closed");
        // Tries again when the machine has no descriptors left.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let over = Box::pin(sleep_until(Instant::now() + self.longest));
        (Connection { stream, over, _place: place }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

// === impl Connection ===

impl Connection {
    /// Ready with an error when the time is over; else whoever polls is woken then.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        ready!(self.over.as_mut().poll(cx));
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.poll_over(cx) {
            Poll::Ready(error) => Poll::Ready(Err(error)),
            Poll::Pending => Pin::new(&mut self.stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.poll_over(cx) {
            Poll::Ready(error) => Poll::Ready(Err(error)),
            Poll::Pending => Pin::new(&mut self.stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn clients_that_send_half_a_request_keep_nobody_from_the_page() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bounded = Bounded::with(listener, 2, Duration::from_millis(300));
        let served =
            tokio::spawn(
                async move { axum::serve(bounded, Router::new().route("/", get(async || "the notice"))).await },
            );
        let mut slow = Vec::new();
        for _ in 0..4 {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
            slow.push(client);
        }
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        // Behind four that hold two places for their time.
        tokio::time::timeout(Duration::from_secs(20), client.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("the notice"), "{answer}");
        let mut rest = Vec::new();
        let cut = tokio::time::timeout(Duration::from_secs(20), slow[0].read_to_end(&mut rest)).await;
        assert!(cut.is_ok(), "a slow client is cut off");
        served.abort();
    }
}
