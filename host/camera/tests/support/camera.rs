//! An RTSP camera that does what a test tells it to: as cameras should, or as they should not.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::coded::Coded;

/// A server on a port of this machine that the system picks. It ends when it is dropped.
pub(crate) struct Camera {
    port: u16,
    over: Arc<AtomicBool>,
    talking: Arc<Mutex<Vec<TcpStream>>>,
    thread: Option<JoinHandle<()>>,
}

/// One connection to it.
pub(crate) struct Talk {
    reader: BufReader<TcpStream>,
    pub(crate) stream: TcpStream,
    sequence: u16,
}

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) number: String,
    pub(crate) authorization: Option<String>,
}

/// Ticks of the camera's clock from one picture to the next: 25 a second.
pub(crate) const TICKS: u32 = 90_000 / 25;

// === impl Camera ===

impl Camera {
    /// Talks to everybody who connects, one after another, as `talk` says, until the test is over.
    pub(crate) fn new(mut talk: impl FnMut(Talk) + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (over, talking) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let thread = std::thread::spawn({
            let (over, talking) = (Arc::clone(&over), Arc::clone(&talking));
            move || {
                while let Ok((stream, _)) = listener.accept() {
                    talking.lock().unwrap().push(stream.try_clone().unwrap());
                    if over.load(Ordering::SeqCst) {
                        break;
                    }
                    talk(Talk { reader: BufReader::new(stream.try_clone().unwrap()), stream, sequence: 100 });
                    // The copy that is kept holds the connection open: say that it is over.
                    let _ = talking.lock().unwrap().pop().map(|stream| stream.shutdown(Shutdown::Both));
                }
            }
        });
        Self { port, over, talking, thread: Some(thread) }
    }

    /// A camera with one H.264 video that sends `pictures`, 25 a second by its clock but as fast as it can, and then waits until the other side hangs up.
    pub(crate) fn playing(pictures: Vec<Coded>) -> Self {
        Self::new(move |mut talk| {
            if talk.agree(&video("H264")) {
                talk.play(&pictures);
                talk.wait();
            }
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("rtsp://127.0.0.1:{}/stream", self.port)
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes whoever waits for a connection, or for more of one.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        for stream in self.talking.lock().unwrap().iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let failed = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(failed, Some(Ok(()))), "the camera of the test failed");
    }
}

// === impl Talk ===

impl Talk {
    /// The next request; `None` when the other side has hung up.
    pub(crate) fn request(&mut self) -> Option<Request> {
        let mut line = String::new();
        self.reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, url) = (words.next()?, words.next()?);
        let mut request = Request { method, url, number: String::new(), authorization: None };
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
            match line.trim_end().split_once(": ") {
                Some(("CSeq", number)) => request.number = number.to_owned(),
                Some(("Authorization", value)) => request.authorization = Some(value.to_owned()),
                Some(_) => {}
                None => return Some(request),
            }
        }
    }

    /// Answers a request, with further headers and a body.
    pub(crate) fn answer(&mut self, request: &Request, status: &str, headers: &str, body: &str) {
        let mut text = format!("RTSP/1.0 {status}\r\nCSeq: {}\r\n{headers}", request.number);
        if !body.is_empty() {
            write!(text, "Content-Type: application/sdp\r\nContent-Length: {}\r\n", body.len()).unwrap();
        }
        self.write(format!("{text}\r\n{body}").as_bytes());
    }

    /// Answers requests as a camera does that offers `sdp`, until it is to play. `false` when the other side hangs up before.
    pub(crate) fn agree(&mut self, sdp: &str) -> bool {
        while let Some(request) = self.request() {
            match request.method.as_str() {
                "DESCRIBE" => self.answer(&request, "200 OK", "", sdp),
                "SETUP" => {
                    let headers = "Session: 7\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0000002A\r\n";
                    self.answer(&request, "200 OK", headers, "");
                }
                "PLAY" => {
                    self.answer(&request, "200 OK", "Session: 7\r\n", "");
                    return true;
                }
                _ => self.answer(&request, "200 OK", "Session: 7\r\n", ""),
            }
        }
        false
    }

    /// Sends pictures as fast as it can. `false` when the other side has hung up.
    pub(crate) fn play(&mut self, pictures: &[Coded]) -> bool {
        pictures.iter().enumerate().all(|(number, picture)| self.send(&picture.units, number as u32 * TICKS))
    }

    /// Sends one picture that was taken at `ticks`. `false` when the other side has hung up.
    pub(crate) fn send(&mut self, units: &[Vec<u8>], ticks: u32) -> bool {
        let last = units.len() - 1;
        units.iter().enumerate().all(|(number, unit)| self.unit(unit, ticks, number == last))
    }

    /// Forgets to send a packet.
    pub(crate) fn lose(&mut self) {
        self.sequence = self.sequence.wrapping_add(1);
    }

    /// Sends one unit, in as many packets as it needs (RFC 6184, 5.6 and 5.8).
    fn unit(&mut self, unit: &[u8], ticks: u32, last: bool) -> bool {
        const MOST: usize = 1400;
        if unit.len() <= MOST {
            return self.packet(&[unit], ticks, last);
        }
        let pieces = unit[1..].chunks(MOST).len();
        unit[1..].chunks(MOST).enumerate().all(|(number, piece)| {
            let (starts, ends) = (u8::from(number == 0) << 7, u8::from(number == pieces - 1) << 6);
            let header = [unit[0] & 0xe0 | 28, starts | ends | unit[0] & 0x1f];
            self.packet(&[&header, piece], ticks, last && ends > 0)
        })
    }

    /// Sends one RTP packet (RFC 3550, 5.1) over the connection (RFC 2326, 10.12).
    pub(crate) fn packet(&mut self, payload: &[&[u8]], ticks: u32, marked: bool) -> bool {
        let payload = payload.concat();
        let mut bytes = vec![b'$', 0];
        bytes.extend((payload.len() as u16 + 12).to_be_bytes());
        bytes.extend([0x80, 96 | u8::from(marked) << 7]);
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(ticks.to_be_bytes());
        bytes.extend(42u32.to_be_bytes());
        bytes.extend(payload);
        self.sequence = self.sequence.wrapping_add(1);
        self.write(&bytes)
    }

    /// `false` when the other side has hung up.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Answers what is asked until the other side hangs up.
    pub(crate) fn wait(&mut self) {
        while let Some(request) = self.request() {
            self.answer(&request, "200 OK", "Session: 7\r\n", "");
        }
    }

    /// Waits until the other side hangs up, and answers nothing.
    pub(crate) fn ignore(&mut self) {
        let _ = std::io::copy(&mut self.reader.by_ref(), &mut std::io::sink());
    }

    /// Sends `bytes` again and again until the other side hangs up, or for 20 s. Gives how many it took.
    pub(crate) fn flood(&mut self, bytes: &[u8]) -> usize {
        let begun = std::time::Instant::now();
        let mut sent = 0;
        while begun.elapsed() < Duration::from_secs(20) && self.write(bytes) {
            sent += bytes.len();
        }
        sent
    }
}

/// What a camera offers that has one video, coded in this way.
pub(crate) fn video(encoding: &str) -> String {
    offer(&format!("m=video 0 RTP/AVP 96\r\na=rtpmap:96 {encoding}/90000\r\na=control:video\r\n"))
}

/// What a camera offers (RFC 4566).
pub(crate) fn offer(media: &str) -> String {
    format!("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n{media}")
}
