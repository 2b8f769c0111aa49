//! Carries the connections of cameras in the network.
//!
//! `eye` has a network in which every address is its own. It listens there at a camera's address and hands the listening socket over; what connects to it is
//! accepted here and carried to the camera itself. So `eye` reaches the addresses that the configuration names, as TCP, and nothing else.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener as Listener};
use std::os::fd::OwnedFd;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// The connections of one `eye`. All end when it is dropped.
#[derive(Debug, Default)]
pub struct Relay {
    listening: HashMap<SocketAddr, AbortHandle>,
    tasks: JoinSet<()>,
}

/// How long a camera may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// Connections to one address at once: an address is a camera, or a recorder with some dozen of them.
const AT_ONCE: usize = 64;

// === impl Relay ===

impl Relay {
    /// Nothing is carried yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Carries what connects to `socket` to `address`, which the caller has found to be a camera's.
    ///
    /// # Errors
    ///
    /// What the system says, when this is no listening socket.
    pub fn carry(&mut self, socket: OwnedFd, address: SocketAddr) -> std::io::Result<()> {
        let listener = Listener::from(socket);
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let task = self.tasks.spawn(accept(listener, address));
        if let Some(before) = self.listening.insert(address, task) {
            before.abort();
        }
        Ok(())
    }
}

async fn accept(listener: TcpListener, address: SocketAddr) {
    let mut carried = JoinSet::new();
    // Whoever comes from inside is let in; the socket ends with the process that listens.
    while let Ok((mut inside, _)) = listener.accept().await {
        while carried.try_join_next().is_some() {}
        if carried.len() >= AT_ONCE {
            continue;
        }
        carried.spawn(async move {
            // A camera that cannot be reached shows as a connection that ends at once.
            if let Ok(Ok(mut camera)) = tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
                let _ = tokio::io::copy_bidirectional(&mut inside, &mut camera).await;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn what_goes_in_comes_out_at_the_camera_and_back() {
        let camera = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inside = Listener::bind("127.0.0.1:0").unwrap();
        let door = inside.local_addr().unwrap();
        let mut relay = Relay::new();
        relay.carry(inside.into(), camera.local_addr().unwrap()).unwrap();
        let mut eye = TcpStream::connect(door).await.unwrap();
        eye.write_all(b"DESCRIBE").await.unwrap();
        let (mut there, _) = camera.accept().await.unwrap();
        let mut heard = [0; 8];
        there.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"DESCRIBE");
        there.write_all(b"200 OK").await.unwrap();
        drop(there);
        let mut answer = Vec::new();
        eye.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"200 OK");
    }

    #[tokio::test]
    async fn a_camera_that_is_not_there_shows_as_an_end() {
        let gone = Listener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let inside = Listener::bind("127.0.0.1:0").unwrap();
        let door = inside.local_addr().unwrap();
        let mut relay = Relay::new();
        relay.carry(inside.into(), gone).unwrap();
        let mut eye = TcpStream::connect(door).await.unwrap();
        assert_eq!(eye.read(&mut [0; 8]).await.unwrap(), 0);
    }
}
