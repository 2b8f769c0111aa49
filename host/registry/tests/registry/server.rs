//! A small web server for files of a folder, which can misbehave.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use sluis_registry::Place;

/// What a server does with a file whose path ends in `end`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mischief {
    /// Nothing wrong.
    None,
    /// Sends zeros for as long as anybody listens.
    Endless { end: &'static str },
    /// Sends the head of an answer, and nothing more.
    Silent { end: &'static str },
    /// Sends elsewhere.
    Elsewhere { end: &'static str },
}

/// Serves a folder on the loopback for as long as the test runs.
pub(crate) fn serve(folder: &Path, mischief: Mischief) -> Place {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let folder = folder.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // Whoever hangs up has heard enough.
            thread::spawn(move || answer(stream, &folder, mischief).ok());
        }
    });
    format!("http://{address}/plugins").parse().unwrap()
}

fn answer(mut stream: TcpStream, folder: &Path, mischief: Mischief) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or(Ok(String::new()))?;
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches("/plugins/").to_owned();
    match mischief {
        Mischief::Endless { end } if path.ends_with(end) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[b' '; 4096])?;
            }
        }
        Mischief::Silent { end } if path.ends_with(end) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")?;
            thread::sleep(Duration::from_secs(60));
            return Ok(());
        }
        Mischief::Elsewhere { end } if path.ends_with(end) => {
            let head =
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            return stream.write_all(head.as_bytes());
        }
        _ => {}
    }
    match std::fs::read(folder.join(&path)) {
        Ok(bytes) => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len());
            stream.write_all(head.as_bytes())?;
            stream.write_all(&bytes)
        }
        Err(_) => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    }
}
