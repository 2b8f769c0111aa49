//! Network cameras: as they should be, and as they should not.
//!
//! Most cameras here are a few lines of the test itself; see `gstreamer.rs` for a server that others have made.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod support;

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sluis_camera::{Driver, Error, Fault, Polled, rtsp};
use sluis_frame::{CameraId, Frame, Raw, Size, SystemClock};
use support::camera::{Camera, TICKS, Talk, offer, video};
use support::coded::{COLOURS, Coded, colour, coloured};

const SIZE: Size = Size::new(160, 120);

/// From one picture to the next, in nanoseconds.
const SPACING: i64 = 40_000_000;

/// Patience with a camera of which nothing is to be expected.
const BRIEFLY: Duration = Duration::from_millis(1500);

fn settings(url: &str) -> rtsp::Settings {
    rtsp::Settings::new(url.parse().unwrap())
}

fn open(settings: rtsp::Settings) -> Result<Box<dyn Driver>, Error> {
    rtsp::open(settings, CameraId::new("shelf-1").unwrap(), Arc::new(SystemClock))
}

fn opened(camera: &Camera) -> Box<dyn Driver> {
    open(settings(&camera.url())).unwrap()
}

/// Why a camera is not opened; it must be said in time, name the camera, and keep to itself what the camera sent.
fn refusal(settings: rtsp::Settings) -> Error {
    let (begun, at) = (Instant::now(), settings.address.to_string());
    let limit = settings.connect_within + Duration::from_secs(3);
    match open(settings) {
        Ok(driver) => panic!("was opened as {:?}", driver.description()),
        Err(error) => {
            assert!(begun.elapsed() < limit, "took {:?}: {error}", begun.elapsed());
            let text = error.to_string();
            assert!(text.contains(&at) && text.len() < 400 && !text.chars().any(char::is_control), "{text:?}");
            error
        }
    }
}

/// The next `count` frames.
fn frames(driver: &mut dyn Driver, count: usize) -> Vec<Frame<Raw>> {
    (0..count).map(|_| driver.next().unwrap().unwrap()).collect()
}

/// All frames up to the error with which a driver ends; after it nothing comes.
fn until_error(driver: &mut dyn Driver) -> (Vec<Frame<Raw>>, Error) {
    let (frames, error) = support::play(driver);
    (frames, error.expect("a camera ends with an error"))
}

fn colours(frames: &[Frame<Raw>]) -> Vec<usize> {
    frames.iter().map(|frame| colour(frame.picture())).collect()
}

/// The colours of pictures with these numbers.
fn of(numbers: impl IntoIterator<Item = usize>) -> Vec<usize> {
    numbers.into_iter().map(|number| number % COLOURS.len()).collect()
}

#[test]
fn pictures_come_in_order_with_their_colours_and_the_cameras_spacing() {
    let camera = Camera::playing(coloured(SIZE, 40, 10));
    let mut driver = opened(&camera);
    let description = driver.description().clone();
    assert_eq!((description.size, description.depth_unit, description.frames), (SIZE, None, None));
    assert!((description.rate.per_second() - 25.0).abs() < 0.1, "{}", description.rate);
    assert!(driver.is_live());
    let before = Instant::now();
    let frames = frames(&mut *driver, 40);
    assert!(before.elapsed() < Duration::from_secs(5));
    assert_eq!(colours(&frames), of(0..40));
    assert!(frames.is_sorted_by_key(|frame| frame.header().captured));
    assert!(frames.iter().enumerate().all(|(number, frame)| frame.header().number.0 == number as u64));
}

#[test]
fn pictures_that_arrive_irregularly_have_the_spacing_of_the_camera_even_where_its_clock_overflows() {
    // A late one is the first after the camera's 32 bits are used up.
    const OVERFLOWS: usize = 17;
    let pictures = coloured(SIZE, 30, 10);
    let camera = Camera::new(move |mut talk| {
        talk.agree(&video("H264"));
        let begun = Instant::now();
        for (number, picture) in pictures.iter().enumerate() {
            // On time, late by a quarter of the time to the next, late by half of it, and so on.
            let due =
                Duration::from_nanos(SPACING as u64) * number as u32 + Duration::from_millis(number as u64 % 3 * 10);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
            talk.send(&picture.units, (number as u32 * TICKS).wrapping_sub(OVERFLOWS as u32 * TICKS));
        }
        talk.wait();
    });
    let mut driver = opened(&camera);
    let frames = frames(&mut *driver, 30);
    let times: Vec<i64> = frames.iter().map(|frame| frame.header().captured.as_nanos()).collect();
    let keeps = |number: &usize| (times[*number] - times[number - 1] - SPACING).abs() < 6_000_000;
    // The first may all be late; and a busy machine may learn only later how quick a picture can be.
    let kept = (6..30).filter(keeps).count();
    assert!(kept >= 21, "{kept} of 24: {times:?}");
    assert!(keeps(&OVERFLOWS), "{times:?}");
}

#[test]
fn the_camera_is_asked_for_its_first_h264_video_and_nothing_else() {
    let (asked, requests) = mpsc::channel();
    let pictures = coloured(SIZE, 10, 10);
    let camera = Camera::new(move |mut talk| {
        let sdp = offer(
            "m=audio 0 RTP/AVP 0\r\na=control:sound\r\nm=video 0 RTP/AVP 97\r\na=rtpmap:97 H265/90000\r\na=control:other\r\n\
             m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=framerate:12.5\r\na=control:first\r\n\
             m=video 0 RTP/AVP 98\r\na=rtpmap:98 H264/90000\r\na=control:second\r\n",
        );
        while let Some(request) = talk.request() {
            let headers = "Session: 7\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
            talk.answer(&request, "200 OK", headers, if request.method == "DESCRIBE" { &sdp } else { "" });
            if request.method == "PLAY" {
                talk.play(&pictures);
            }
            asked.send(request).unwrap();
        }
    });
    let driver = opened(&camera);
    assert!((driver.description().rate.per_second() - 12.5).abs() < 0.01, "{}", driver.description().rate);
    drop((driver, camera));
    let requests: Vec<_> = requests.iter().collect();
    let methods: Vec<&str> = requests.iter().map(|request| request.method.as_str()).collect();
    assert_eq!(methods, ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]);
    assert!(requests[1].url.ends_with("/first"), "{requests:?}");
}

#[test]
fn after_a_loss_pictures_go_on_with_the_next_key_picture() {
    let pictures = coloured(SIZE, 40, 10);
    assert!(pictures[20].key && !pictures[14].key);
    let camera = Camera::new(move |mut talk| {
        talk.agree(&video("H264"));
        for (number, picture) in pictures.iter().enumerate() {
            if number == 14 {
                talk.lose();
            } else {
                talk.send(&picture.units, number as u32 * TICKS);
            }
        }
        talk.wait();
    });
    let mut driver = opened(&camera);
    assert_eq!(colours(&frames(&mut *driver, 34)), of((0..14).chain(20..40)));
}

#[test]
fn a_damaged_picture_is_not_shown_and_pictures_go_on_with_the_next_key_picture() {
    let mut pictures = coloured(SIZE, 40, 10);
    damage(&mut pictures[13]);
    let camera = Camera::playing(pictures);
    let mut driver = opened(&camera);
    assert_eq!(colours(&frames(&mut *driver, 33)), of((0..13).chain(20..40)));
}

/// Makes a picture undecodable: what follows its header is other than it should be.
fn damage(picture: &mut Coded) {
    let unit = picture.units.last_mut().unwrap();
    unit[1..].fill(0xff);
}

#[test]
fn a_camera_whose_pictures_are_all_damaged_is_malformed() {
    let mut pictures = coloured(SIZE, 100, 10);
    pictures[10..].iter_mut().for_each(damage);
    let camera = Camera::playing(pictures);
    let (frames, error) = until_error(&mut *opened(&camera));
    assert_eq!(colours(&frames), of(0..10));
    assert!(matches!(error, Error::Garbled { .. }) && error.fault() == Fault::Malformed, "{error}");
}

#[test]
fn a_camera_that_sends_no_more_key_pictures_after_a_loss_is_malformed() {
    let pictures = coloured(SIZE, 30, 1000);
    let camera = Camera::new(move |mut talk| {
        talk.agree(&video("H264"));
        for number in 0..1200 {
            if number == 10 {
                talk.lose();
            }
            // The last ones again and again: nothing decodes them.
            talk.send(&pictures[number.min(29)].units, number as u32 * TICKS);
            // So that they are taken as they come, as from a real camera.
            std::thread::sleep(Duration::from_micros(500));
        }
        talk.wait();
    });
    let (frames, error) = until_error(&mut *opened(&camera));
    assert_eq!(frames.len(), 10);
    assert_eq!(error.fault(), Fault::Malformed, "{error}");
}

#[test]
fn a_new_size_is_an_error_after_the_pictures_of_the_old_one() {
    let mut pictures = coloured(SIZE, 10, 10);
    pictures.extend(coloured(Size::new(320, 240), 10, 10));
    let camera = Camera::playing(pictures);
    let (frames, error) = until_error(&mut *opened(&camera));
    assert_eq!(colours(&frames), of(0..10));
    assert!(matches!(error, Error::Resized { expected: SIZE, .. }) && error.fault() == Fault::Malformed, "{error}");
}

#[test]
fn what_nobody_asks_for_is_dropped_up_to_a_key_picture() {
    let pictures = coloured(SIZE, 700, 50);
    let (sent, all) = mpsc::channel();
    let camera = Camera::new(move |mut talk| {
        talk.agree(&video("H264"));
        talk.play(&pictures);
        sent.send(()).unwrap();
        talk.wait();
    });
    let mut driver = opened(&camera);
    all.recv().unwrap();
    // What was sent is received after a while, also on a busy machine.
    std::thread::sleep(Duration::from_secs(3));
    let mut frames = Vec::new();
    while let Polled::Frame(frame) = driver.poll(Duration::from_millis(700)).unwrap() {
        frames.push(frame);
    }
    let numbers = colours(&frames);
    assert!((400..700).contains(&frames.len()), "{} of 700", frames.len());
    // 700 is a whole number of rounds: the end is that of the stream.
    assert_eq!(numbers[numbers.len() - 200..], of(500..700));
}

#[test]
fn whoever_polls_waits_no_longer_than_he_likes() {
    let camera = Camera::playing(coloured(SIZE, 12, 10));
    let mut driver = opened(&camera);
    frames(&mut *driver, 12);
    let begun = Instant::now();
    assert!(matches!(driver.poll(Duration::from_millis(50)).unwrap(), Polled::Waiting));
    assert!((Duration::from_millis(50)..Duration::from_secs(1)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[test]
fn a_camera_that_sends_no_more_is_silent_within_the_set_time() {
    let camera = Camera::playing(coloured(SIZE, 12, 10));
    let mut driver = open(rtsp::Settings { silent_after: BRIEFLY, ..settings(&camera.url()) }).unwrap();
    frames(&mut *driver, 12);
    let begun = Instant::now();
    let (_, error) = until_error(&mut *driver);
    assert_eq!(error.fault(), Fault::Silent, "{error}");
    assert!(begun.elapsed() < BRIEFLY + Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn a_camera_that_hangs_up_is_lost_after_its_last_picture() {
    let pictures = coloured(SIZE, 12, 10);
    let camera = Camera::new(move |mut talk| {
        talk.agree(&video("H264"));
        talk.play(&pictures);
    });
    let (frames, error) = until_error(&mut *opened(&camera));
    assert_eq!((frames.len(), error.fault()), (12, Fault::Lost), "{error}");
}

#[test]
fn a_camera_can_be_opened_again() {
    let camera = Camera::playing(coloured(SIZE, 12, 10));
    for _ in 0..3 {
        assert_eq!(colours(&frames(&mut *opened(&camera), 12)), of(0..12));
    }
}

#[test]
fn a_camera_that_is_not_there_is_missing() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in [format!("rtsp://127.0.0.1:{port}/stream"), "rtsp://camera.invalid/stream".to_owned()] {
        let error = refusal(settings(&url));
        assert!(matches!(error, Error::Unreachable { .. }) && error.fault() == Fault::Missing, "{error}");
    }
}

/// What a camera that answers every request so is said to be.
fn answering(status: &'static str, headers: &'static str, credentials: Option<rtsp::Credentials>) -> Error {
    let camera = Camera::new(move |mut talk| {
        while let Some(request) = talk.request() {
            talk.answer(&request, status, headers, "");
        }
    });
    refusal(rtsp::Settings { credentials, ..settings(&camera.url()) })
}

#[test]
fn a_camera_without_such_a_stream_is_missing() {
    for status in ["404 Not Found", "454 Session Not Found", "503 Service Unavailable", "302 Moved Temporarily"] {
        let error = answering(status, "", None);
        assert!(error.fault() == Fault::Missing && error.to_string().contains(&status[..3]), "{error}");
    }
}

#[test]
fn a_camera_that_does_not_let_us_in_says_what_is_missing() {
    let asks = "WWW-Authenticate: Digest realm=\"camera\", nonce=\"1\"\r\n";
    let credentials = || Some(rtsp::Credentials::new("viewer", "not-the-password"));
    for (error, advice) in [
        (answering("401 Unauthorized", asks, None), "Give its user name and password"),
        (answering("401 Unauthorized", asks, credentials()), "Check its user name and password"),
        (answering("401 Unauthorized", "WWW-Authenticate: Nonsense\r\n", credentials()), "Check its user name"),
        (answering("403 Forbidden", "", credentials()), "what this user may do"),
    ] {
        assert!(error.fault() == Fault::Denied && error.to_string().contains(advice), "{error}");
        assert!(!format!("{error} {error:?}").contains("not-the-password"), "{error:?}");
    }
}

#[test]
fn video_of_another_kind_is_unsupported_by_name() {
    for (sdp, name) in [
        (video("H265"), "H.265"),
        (video("JPEG"), "Motion JPEG"),
        (video("VP8"), "`vp8`"),
        (offer("m=audio 0 RTP/AVP 0\r\na=control:sound\r\n"), "no video"),
    ] {
        let camera = Camera::new(move |mut talk| {
            talk.agree(&sdp);
        });
        let error = refusal(settings(&camera.url()));
        assert!(error.fault() == Fault::Unsupported && error.to_string().contains(name), "{error}");
        assert!(error.to_string().contains("H.264 with 8 bits"), "{error}");
    }
}

/// Bits, written one after another.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn plain(mut self, value: u32, count: u32) -> Self {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    /// An Exp-Golomb code (H.264, 9.1).
    fn coded(self, value: u32) -> Self {
        let length = 32 - (value + 1).leading_zeros();
        self.plain(0, length - 1).plain(value + 1, length)
    }

    /// The bytes, with the bit that ends them.
    fn unit(mut self, header: u8) -> Vec<u8> {
        self.0.push(true);
        let bytes = self
            .0
            .chunks(8)
            .map(|bits| bits.iter().enumerate().fold(0, |byte, (n, bit)| byte | u8::from(*bit) << (7 - n)));
        std::iter::once(header).chain(bytes).collect()
    }
}

/// A sequence parameter set of 160x128 (H.264, 7.3.2.1.1) of this profile, colour and kind.
fn sps(profile: u32, chroma: Option<u32>, bits: u32, whole: bool) -> Vec<u8> {
    let mut set = Bits::default().plain(profile, 8).plain(0, 8).plain(30, 8).coded(0);
    if let Some(chroma) = chroma {
        set = set.coded(chroma).coded(bits - 8).coded(bits - 8).plain(0, 2);
    }
    set =
        set.coded(0).coded(2).coded(1).plain(0, 1).coded(9).coded(if whole { 7 } else { 3 }).plain(u32::from(whole), 1);
    if !whole {
        set = set.plain(0, 1);
    }
    set.plain(1, 1).plain(0, 2).unit(0x67)
}

#[test]
fn h264_that_cannot_be_decoded_here_is_unsupported_by_name() {
    for (sps, name) in [
        (sps(77, None, 8, false), "interlaced"),
        (sps(122, Some(2), 8, true), "instead of 4:2:0"),
        (sps(110, Some(1), 10, true), "10 bits"),
    ] {
        let pps = Bits::default()
            .coded(0)
            .coded(0)
            .plain(0, 2)
            .coded(0)
            .coded(0)
            .coded(0)
            .plain(0, 3)
            .coded(0)
            .coded(0)
            .coded(0);
        let units = vec![sps, pps.plain(0, 3).unit(0x68), vec![0x65, 0x88, 0x80, 0x10]];
        let camera = Camera::new(move |mut talk| {
            talk.agree(&video("H264"));
            talk.send(&units, 0);
            talk.send(&units, TICKS);
            talk.wait();
        });
        let error = refusal(settings(&camera.url()));
        assert!(error.fault() == Fault::Unsupported && error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_camera_without_key_pictures_is_silent_and_told_what_to_set() {
    let pictures = coloured(SIZE, 30, 1000);
    let parameters: Vec<Vec<u8>> = pictures[0].units.iter().filter(|unit| unit[0] & 0x1f != 5).cloned().collect();
    let camera = Camera::new(move |mut talk| {
        talk.agree(&video("H264"));
        for (number, picture) in pictures.iter().enumerate().skip(1) {
            let units = if number == 1 { [&parameters[..], &picture.units].concat() } else { picture.units.clone() };
            talk.send(&units, number as u32 * TICKS);
        }
        talk.wait();
    });
    let error = refusal(rtsp::Settings { connect_within: BRIEFLY, ..settings(&camera.url()) });
    assert!(error.fault() == Fault::Silent && error.to_string().contains("key pictures"), "{error}");
}

#[test]
fn who_accepts_and_says_nothing_is_silent() {
    let camera = Camera::new(|mut talk| talk.ignore());
    let error = refusal(rtsp::Settings { connect_within: BRIEFLY, ..settings(&camera.url()) });
    assert_eq!(error.fault(), Fault::Silent, "{error}");
}

#[test]
fn who_hangs_up_at_once_is_lost() {
    let camera = Camera::new(drop);
    let error = refusal(settings(&camera.url()));
    assert_eq!(error.fault(), Fault::Lost, "{error}");
}

#[test]
fn who_answers_in_another_language_is_malformed() {
    for answer in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\u{1b}[31m\u{7}\u{7} red\r\n\r\n"] {
        let camera = Camera::new(move |mut talk| {
            talk.request();
            talk.write(answer.as_bytes());
            talk.ignore();
        });
        let error = refusal(settings(&camera.url()));
        assert_eq!(error.fault(), Fault::Malformed, "{error}");
    }
}

/// Opens a camera that answers the first request with `first` and then sends `again` without end, and gives what is said about it and how much it got
/// rid of.
fn flooded(first: &'static str, again: Vec<u8>) -> (Error, usize) {
    let (told, got_rid) = mpsc::channel();
    let camera = Camera::new(move |mut talk| {
        let request = talk.request().unwrap();
        talk.write(first.replace("CSEQ", &request.number).as_bytes());
        let _ = told.send(talk.flood(&again));
    });
    let error = refusal(settings(&camera.url()));
    drop(camera);
    (error, got_rid.recv().unwrap())
}

/// The most that can be on its way in the system between the camera and the program, besides what the program allows.
const ON_THE_WAY: usize = 24 << 20;

#[test]
fn an_answer_without_an_end_is_cut_off() {
    for (first, again) in [
        // One header that never ends, headers that never end, and a body that never ends.
        ("RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\nX: ", "x".repeat(1000)),
        ("RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\n", (0..100).map(|n| format!("X-{n}: y\r\n")).collect()),
        ("RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\nContent-Length: 1000000000000\r\n\r\n", "x".repeat(1000)),
        ("RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\nContent-Length: 18446744073709551615\r\n\r\n", "x".repeat(1000)),
    ] {
        let (error, sent) = flooded(first, again.into_bytes());
        assert_eq!(error.fault(), Fault::Malformed, "{first}: {error}");
        assert!(sent < ON_THE_WAY, "{first}: took {sent} bytes");
    }
}

#[test]
fn random_bytes_are_malformed() {
    let mut seed = 1u64;
    let noise: Vec<u8> = (0..100_000).map(|_| noise(&mut seed)).collect();
    let (error, sent) = flooded("", noise);
    assert_eq!(error.fault(), Fault::Malformed, "{error}");
    assert!(sent < ON_THE_WAY, "took {sent} bytes");
}

/// The next of random bytes that are the same on every run (a linear congruential generator, Knuth's MMIX).
fn noise(seed: &mut u64) -> u8 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 56) as u8
}

#[test]
fn a_picture_without_an_end_is_cut_off() {
    let (told, got_rid) = mpsc::channel();
    let pictures = coloured(SIZE, 10, 10);
    let camera = Camera::new(move |mut talk| {
        talk.agree(&video("H264"));
        talk.play(&pictures);
        // The beginning of a fragmented unit, and then more and more of it (RFC 6184, 5.8).
        talk.packet(&[&[0x7c, 0x85], &[0x55; 1400]], 10 * TICKS, false);
        let mut sent = 0;
        while sent < 1 << 30 && talk.packet(&[&[0x7c, 0x05], &[0x55; 1400]], 10 * TICKS, false) {
            sent += 1402;
        }
        let _ = told.send(sent);
    });
    let mut driver = opened(&camera);
    let (frames, error) = until_error(&mut *driver);
    assert_eq!((frames.len(), error.fault()), (10, Fault::Malformed), "{error}");
    let sent = got_rid.recv().unwrap();
    assert!(sent < ON_THE_WAY, "took {sent} bytes");
}

#[test]
fn a_cameras_own_words_are_not_repeated_beyond_a_few_plain_ones() {
    let sdp = video("H264").replace("H264", &format!("evil\u{202e}{}", "x".repeat(500)));
    let camera = Camera::new(move |mut talk| {
        talk.agree(&sdp);
    });
    let text = refusal(settings(&camera.url())).to_string();
    assert!(text.contains("evil") && text.is_ascii() && !text.contains(&"x".repeat(81)), "{text}");
}

/// How a camera that misbehaves does it: what it sends instead of the answer to which request, or instead of pictures.
#[derive(Debug, Clone)]
struct Noise {
    /// The answers that are still in order.
    after: usize,
    /// How much of what it should send comes first.
    begins: usize,
    bytes: Vec<u8>,
}

fn any_noise() -> impl Strategy<Value = Noise> {
    // Random, or out of what has a meaning.
    let meaning = prop::sample::select(vec![
        "RTSP/1.0 ",
        "200 OK\r\n",
        "CSeq: 1\r\n",
        "CSeq: 2\r\n",
        "Content-Length: ",
        "99999999\r\n",
        "\r\n\r\n",
        "$\0\0\u{10}",
        "$\u{1}\0\u{8}",
        "Session: ",
        "Transport: RTP/AVP/TCP;interleaved=",
        "0-1",
        "v=0\r\n",
        "m=video 0 RTP/AVP 96\r\n",
        "a=rtpmap:96 H264/90000\r\n",
        "a=fmtp:96 sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==\r\n",
        "WWW-Authenticate: Digest realm=\"\", nonce=\"\"\r\n",
        "401 U\r\n",
        ",",
        "=",
        "\0",
    ]);
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec(meaning, 0..20).prop_map(|words| words.concat().into_bytes()),
    ];
    (0usize..5, 0usize..60, bytes).prop_map(|(after, begins, bytes)| Noise { after, begins, bytes })
}

/// Does as a camera should for a while, and then as `noise` says, and hangs up.
fn misbehave(mut talk: Talk, noise: &Noise, pictures: &[Coded]) {
    let sdp = video("H264");
    for number in 0..3 {
        let Some(request) = talk.request() else { return };
        let (headers, body) = match request.method.as_str() {
            "DESCRIBE" => (String::new(), sdp.as_str()),
            "SETUP" => ("Session: 7\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n".to_owned(), ""),
            _ => ("Session: 7\r\n".to_owned(), ""),
        };
        if number == noise.after {
            let begins = format!("RTSP/1.0 200 OK\r\nCSeq: {}\r\n{headers}", request.number);
            talk.write(&begins.as_bytes()[..noise.begins.min(begins.len())]);
            talk.write(&noise.bytes);
            return;
        }
        talk.answer(&request, "200 OK", &headers, body);
    }
    for (number, picture) in pictures.iter().enumerate() {
        talk.send(&picture.units, number as u32 * TICKS);
        if noise.after == 4 && number == 3 {
            // As the contents of a packet, which are read further in.
            talk.packet(&[&noise.bytes], 4 * TICKS, noise.begins.is_multiple_of(2));
        }
    }
    talk.write(&noise.bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(554), ..ProptestConfig::with_cases(120) })]

    #[test]
    fn no_noise_panics_or_hangs(noise in any_noise()) {
        static PICTURES: Mutex<Option<Vec<Coded>>> = Mutex::new(None);
        let pictures = PICTURES.lock().unwrap().get_or_insert_with(|| coloured(SIZE, 12, 6)).clone();
        let camera = Camera::new(move |talk| misbehave(talk, &noise, &pictures));
        let begun = Instant::now();
        let limit = Duration::from_millis(250);
        let outcome = open(rtsp::Settings { connect_within: limit, silent_after: limit, ..settings(&camera.url()) });
        let error = outcome.map_or_else(|error| error, |mut driver| until_error(&mut *driver).1);
        prop_assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
        let expected = [Fault::Lost, Fault::Malformed, Fault::Silent, Fault::Unsupported, Fault::Denied, Fault::Missing];
        prop_assert!(expected.contains(&error.fault()), "{error}");
        prop_assert!(!error.to_string().contains("cannot be received"), "the connection's thread failed: {error}");
    }
}
