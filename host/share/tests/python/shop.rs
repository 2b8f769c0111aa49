//! A shop: it records, grants, and answers requests, in a folder.

use std::fs;
use std::path::PathBuf;
use std::process::Child;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use ring::rand::SystemRandom;
use sluis_frame::door::Attempt;
use sluis_frame::{
    CameraId, Clock, Depth, Doors, Event, Frame, FrameNumber, Gesture, Header, Picture, Rgb, Size, Style, SystemClock,
    Timestamp, Verdict, paint,
};
use sluis_segment::handover::{self, KeepEnd, ToEye, ToKeep};
use sluis_segment::{Binding, Recorder, RecorderSettings, SegmentKey};
use sluis_share::document::ObjectName;
use sluis_share::{
    Ask, Country, Document, Grant, GrantId, Granted, Name, Partner, PartnerKey, Release, SegmentId, Sentence, ShopKey,
    Time,
};

static DOORS: LazyLock<Doors> = LazyLock::new(|| Doors::mint().expect("the only mint in this test program"));

/// Nanoseconds.
pub(crate) const HOUR: i64 = 3_600_000_000_000;

/// What all of a picture is painted in.
pub(crate) const COLOUR: [u8; 3] = [180, 90, 30];

const SIZE: Size = Size::new(96, 80);
const UNIT: f32 = 0.001;
const FRAMES: u64 = 12;

/// The shop's side of a grant.
pub(crate) struct Shop {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) key: ShopKey,
    pub(crate) grant: Grant,
    /// In the order in which they were recorded.
    pub(crate) segments: Vec<SegmentId>,
    partner: PartnerKey,
    keys: Vec<SegmentKey>,
}

/// What a reader said, and what it asked for.
pub(crate) struct Answered {
    pub(crate) said: String,
    pub(crate) asks: Vec<Ask>,
}

// === impl Shop ===

impl Shop {
    /// A shop that has recorded `count` segments and granted them at `issued`. The grant expires after `life` nanoseconds, the segments a minute later.
    pub(crate) fn new(partner: PartnerKey, count: u8, issued: Time, life: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let deadline = Time::from_nanos(issued.as_nanos() + life + 60_000_000_000);
        let (mut granted, mut keys) = (Vec::new(), Vec::new());
        for number in 1..=count {
            let started = Time::from_nanos(issued.as_nanos() - HOUR + i64::from(number) * 1_000_000_000);
            // A later recording has a smaller name, so that order by name is not order by time.
            let segment = SegmentId::from_bytes([0xf0 - number; 16]);
            let (key, bytes, binding) = record(segment, started, deadline);
            let object = ObjectName::new(&format!("{segment}-0.sealed")).unwrap();
            fs::write(folder.path().join(object.as_str()), &bytes).unwrap();
            granted.push(Granted {
                segment,
                camera: Name::new("shelf-1").unwrap(),
                started,
                deadline,
                bytes: bytes.len() as u64,
                object,
                associated_data: binding.associated_data(),
            });
            keys.push(key);
        }
        let to = Partner {
            name: Name::new("Shelf Models").unwrap(),
            key: partner,
            country: Country::new("NL").unwrap(),
            contract: Sentence::new("DPA 2026-04").unwrap(),
            ground: None,
            purpose: Sentence::new("training of models of reaching").unwrap(),
        };
        let segments = granted.iter().map(|g| g.segment).collect();
        let expires = Time::from_nanos(issued.as_nanos() + life);
        let shop = Name::new("bakery").unwrap();
        let grant = Grant::new(GrantId::random().unwrap(), shop, &to, issued, expires, granted).unwrap();
        let shop = Self { folder, key: ShopKey::from_seed([7; 32]), grant, segments, partner, keys };
        fs::write(shop.path(shop.grant.document()), shop.grant.sign(&shop.key)).unwrap();
        shop
    }

    pub(crate) fn path(&self, document: Document) -> PathBuf {
        self.folder.path().join(document.to_string())
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let mut files: Vec<String> =
            fs::read_dir(self.folder.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        files
    }

    pub(crate) fn documents(&self) -> Vec<Document> {
        self.files().iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// Gives the key of a segment.
    pub(crate) fn release(&self, segment: SegmentId) -> Document {
        let at = self.segments.iter().position(|s| *s == segment).unwrap();
        let keyset = self.keys[at].tink_keyset_json();
        let release = Release::seal(&self.grant, segment, &self.partner, keyset.as_bytes(), now()).unwrap();
        // Whole or not there, as a store has it.
        let fresh = self.folder.path().join("fresh.part");
        fs::write(&fresh, release.sign(&self.key)).unwrap();
        fs::rename(&fresh, self.path(release.document())).unwrap();
        release.document()
    }

    /// Answers requests until the reader has ended.
    pub(crate) fn answer(&self, mut reading: Child) -> Answered {
        let mut asks: Vec<Ask> = Vec::new();
        loop {
            let ended = reading.try_wait().unwrap().is_some();
            for document in self.documents() {
                if !matches!(document, Document::Ask(..)) || asks.iter().any(|ask| ask.document() == document) {
                    continue;
                }
                let bytes = fs::read(self.path(document)).unwrap();
                let ask = Ask::verify(&bytes, &self.grant, &self.partner, now()).unwrap();
                assert_eq!(ask.document(), document);
                for segment in &ask.wish().segments {
                    self.release(*segment);
                }
                asks.push(ask);
            }
            if ended {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let output = reading.wait_with_output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{said}");
        Answered { said, asks }
    }
}

pub(crate) fn now() -> Time {
    Time::from_nanos(SystemClock.now().as_nanos())
}

/// When frame `n` of a segment was captured: ten a second.
pub(crate) fn captured(started: Time, n: u64) -> Time {
    Time::from_nanos(started.as_nanos() + n as i64 * 100_000_000)
}

/// Depth that slopes.
pub(crate) fn depth_values(n: u64) -> Vec<u16> {
    (0..SIZE.pixels()).map(|i| 800 + (i as u64 % 300 + n) as u16).collect()
}

/// Records a segment with the real recorder: its key, its sealed bytes, and what they are bound to.
fn record(segment: SegmentId, started: Time, deadline: Time) -> (SegmentKey, Vec<u8>, Binding) {
    let camera = CameraId::new("shelf-1").unwrap();
    let segment = sluis_segment::SegmentId::from_bytes(*segment.as_bytes());
    let style = Style::Fill(Rgb(COLOUR[0], COLOUR[1], COLOUR[2]));
    let settings = RecorderSettings {
        shop: "bakery".to_owned(),
        camera: camera.clone(),
        size: SIZE,
        rate: 10.0,
        depth_unit: Some(UNIT),
        calibration: None,
        style,
        segment_length: Duration::from_secs(60),
        plugins: vec![],
    };
    let (eye, keep) = handover::pair(64);
    let deadline = Timestamp::from_nanos(deadline.as_nanos());
    let kept = thread::spawn(move || take(&keep, segment, deadline));
    let mut recorder = Recorder::new(settings, eye).unwrap();
    for n in 0..FRAMES {
        let at = Timestamp::from_nanos(captured(started, n).as_nanos());
        let header = Header { camera: camera.clone(), number: FrameNumber(n), captured: at };
        let picture = Picture::new(SIZE, COLOUR.repeat(SIZE.pixels())).unwrap();
        let depth = Depth::new(SIZE, UNIT, depth_values(n)).unwrap();
        let raw = Frame::capture(header, picture, Some(depth)).unwrap();
        let verdict = Verdict { findings: vec![], worst_score: 0, independent: true };
        let frame = DOORS.audit.pass(paint::redact(&raw, vec![], style), verdict, Attempt::First).unwrap();
        let event = Event {
            gesture: Gesture::Reach,
            track: 1,
            zone: None,
            start: at,
            end: at,
            contact: None,
            position: None,
            confidence: 80,
        };
        let events = if n % 5 == 4 { vec![event] } else { vec![] };
        recorder.record(&frame, &events).unwrap();
    }
    recorder.finish().unwrap();
    let (key, bytes) = kept.join().unwrap();
    (key, bytes, Binding { shop: "bakery".to_owned(), camera, segment })
}

/// The keeping side of one segment.
fn take(keep: &KeepEnd, segment: sluis_segment::SegmentId, deadline: Timestamp) -> (SegmentKey, Vec<u8>) {
    let key = SegmentKey::random(&SystemRandom::new()).unwrap();
    let mut sealed = Vec::new();
    while let Some(message) = keep.receive() {
        let answer = match message {
            ToKeep::Open { .. } => ToEye::Opened { segment, key: SegmentKey::from_bytes(*key.expose()), deadline },
            ToKeep::Bytes { bytes, .. } => {
                sealed.extend(bytes);
                continue;
            }
            ToKeep::Close { .. } => ToEye::Closed { segment },
            other => panic!("{other:?}"),
        };
        keep.send(answer).unwrap();
    }
    (key, sealed)
}
