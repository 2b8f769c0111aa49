//! Carries the connections of cameras in the network.
//!
//! `eye` has no network. It asks for a camera by its name in the configuration; the connection is made here, and `eye` gets one end of a pair of Unix sockets, between which and
//! the camera everything is carried. So it speaks with the cameras that the configuration names, and with nobody else.

use std::io;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use sluis_camera::Fault;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

/// How long a camera may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// Connects to a camera, and gives the end of the line that leads there, and what ends it. What is carried ends with either side.
///
/// # Errors
///
/// What kind of thing is wrong.
pub async fn connect(host: &str, port: u16) -> Result<(UnixStream, AbortHandle), Fault> {
    let connected = tokio::time::timeout(CONNECT, TcpStream::connect((host, port))).await;
    let mut camera = match connected {
        Ok(Ok(camera)) => camera,
        Ok(Err(error)) => {
            tracing::warn!(host, port, %error, "a camera cannot be reached");
            return Err(Fault::Missing);
        }
        Err(_) => {
            tracing::warn!(host, port, "a camera does not answer");
            return Err(Fault::Missing);
        }
    };
    let pair = || -> io::Result<(tokio::net::UnixStream, UnixStream)> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        Ok((tokio::net::UnixStream::from_std(ours)?, theirs))
    };
    let Ok((mut ours, theirs)) = pair() else { return Err(Fault::Missing) };
    // It ends when the process that sees closes its end, or the camera does.
    let carried = tokio::spawn(async move { tokio::io::copy_bidirectional(&mut ours, &mut camera).await });
    Ok((theirs, carried.abort_handle()))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn what_goes_in_comes_out_at_the_camera_and_back() {
        let camera = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (mut line, _) = connect("127.0.0.1", camera.local_addr().unwrap().port()).await.unwrap();
        let (mut there, _) = camera.accept().await.unwrap();
        line.write_all(b"DESCRIBE").unwrap();
        let mut heard = [0; 8];
        there.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"DESCRIBE");
        there.write_all(b"200 OK").await.unwrap();
        drop(there);
        let answer = tokio::task::spawn_blocking(move || {
            let mut answer = Vec::new();
            line.read_to_end(&mut answer).map(|_| answer)
        });
        assert_eq!(answer.await.unwrap().unwrap(), b"200 OK");
    }

    #[tokio::test]
    async fn a_camera_that_is_not_there_is_missing() {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(connect("127.0.0.1", gone.port()).await.unwrap_err(), Fault::Missing);
    }
}
