//! A camera that shows coloured stripes with masks on them, and the keeping side of the hand-over, in memory.

use std::sync::LazyLock;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ring::rand::SystemRandom;
use sluis_frame::door::Attempt;
use sluis_frame::{
    CameraId, Cause, Cleared, Depth, Doors, Event, Frame, FrameNumber, Gesture, Header, Mask, Picture, Rect, Rgb,
    ScreenId, Shape, Size, SizeClass, Style, Timestamp, Verdict, Visit, paint,
};
use sluis_segment::handover::{self, EyeEnd, KeepEnd, ToEye, ToKeep};
use sluis_segment::{Binding, PluginFact, RecorderSettings, SegmentId, SegmentKey, Summary};

pub(crate) static DOORS: LazyLock<Doors> = LazyLock::new(|| Doors::mint().expect("the only mint in this test program"));

pub(crate) const START: Timestamp = Timestamp::from_secs(1_780_000_000);
pub(crate) const FILL: Style = Style::Fill(Rgb(0, 200, 80));
pub(crate) const UNIT: f32 = 0.001;

pub(crate) fn camera() -> CameraId {
    CameraId::new("shelf-1").unwrap()
}

pub(crate) fn settings(size: Size) -> RecorderSettings {
    RecorderSettings {
        shop: "bakery".to_owned(),
        camera: camera(),
        size,
        rate: 10.0,
        depth_unit: Some(UNIT),
        calibration: Some(sluis_frame::Calibration { fx: 525.0, fy: 525.0, cx: 48.0, cy: 40.0 }),
        style: FILL,
        segment_length: Duration::from_secs(2),
        plugins: vec![PluginFact {
            name: "face-blur".to_owned(),
            world: "privacy-filter".to_owned(),
            version: "0.1.0".to_owned(),
            digest: "ab".repeat(32),
        }],
    }
}

/// Capture of frame `n`: ten a second.
pub(crate) fn at(n: u64) -> Timestamp {
    START + Duration::from_millis(n * 100)
}

fn header(n: u64) -> Header {
    Header { camera: camera(), number: FrameNumber(n), captured: at(n) }
}

pub(crate) fn masks(n: u64, size: Size) -> Vec<Mask> {
    let (w, h) = (size.width, size.height);
    let x = (n % 5) as i32;
    vec![
        Mask::rect(Rect::new(x, 2, w / 3, h / 2), Cause::Filter),
        Mask { shape: Shape::Ellipse(Rect::new((w / 2) as i32, x, w / 3, h / 2)), cause: Cause::Hold },
    ]
}

/// Depth that slopes, with holes.
pub(crate) fn depth_values(n: u64, size: Size) -> Vec<u16> {
    (0..size.pixels()).map(|i| if i % 11 == 0 { 0 } else { 800 + (i as u64 % 300 + n) as u16 }).collect()
}

/// Frame `n` of the camera, cleared by the real doors: frame 3 of each ten is quarantined, frame 7 is blank.
pub(crate) fn frame(n: u64, size: Size) -> Frame<Cleared> {
    if n % 10 == 7 {
        return DOORS.blank.blank(header(n), size, Some(UNIT)).unwrap();
    }
    let mut pixels = Vec::with_capacity(size.pixels() * 3);
    for y in 0..size.height {
        for x in 0..size.width {
            pixels.extend([
                (x * 255 / size.width) as u8,
                (y * 255 / size.height) as u8,
                ((x + y + n as u32) % 64 * 3) as u8,
            ]);
        }
    }
    let depth = Depth::new(size, UNIT, depth_values(n, size)).unwrap();
    let raw = Frame::capture(header(n), Picture::new(size, pixels).unwrap(), Some(depth)).unwrap();
    let redacted = paint::redact(&raw, masks(n, size), FILL);
    let verdict = Verdict { findings: vec![], worst_score: (n % 40) as u8, independent: true };
    let attempt = if n % 10 == 3 { Attempt::Stricter } else { Attempt::First };
    DOORS.audit.pass(redacted, verdict, attempt).unwrap()
}

pub(crate) fn event(track: u32) -> Event {
    Event {
        gesture: Gesture::Reach,
        track,
        zone: Some("rolls".to_owned()),
        start: Timestamp::from_nanos(1_782_000_000_040_000_000),
        end: Timestamp::from_nanos(1_782_000_000_400_000_000),
        contact: Some((30, 20)),
        position: None,
        confidence: 80,
    }
}

/// A segment as the keeping side has it.
pub(crate) struct Kept {
    pub(crate) segment: SegmentId,
    pub(crate) key: SegmentKey,
    pub(crate) bytes: Vec<u8>,
    pub(crate) ending: Ending,
}

pub(crate) enum Ending {
    Closed(Box<Summary>),
    Abandoned(String),
    BrokenOff,
}

impl Kept {
    pub(crate) fn binding(&self) -> Binding {
        Binding { shop: "bakery".to_owned(), camera: camera(), segment: self.segment }
    }

    pub(crate) fn summary(&self) -> &Summary {
        match &self.ending {
            Ending::Closed(summary) => summary,
            _ => panic!("it was not closed"),
        }
    }

    /// The plain MCAP that it holds.
    pub(crate) fn open(&self) -> Vec<u8> {
        let mut opener =
            sluis_segment::Opener::new(self.bytes.as_slice(), &self.key, &self.binding().associated_data()).unwrap();
        let mut plain = Vec::new();
        std::io::Read::read_to_end(&mut opener, &mut plain).unwrap();
        plain
    }
}

/// The keeping side: takes everything in order until the other side ends.
pub(crate) fn keep() -> (EyeEnd, JoinHandle<Vec<Kept>>) {
    let (eye, keep) = handover::pair(64);
    (eye, thread::spawn(move || take_all(&keep)))
}

fn take_all(keep: &KeepEnd) -> Vec<Kept> {
    let mut all: Vec<Kept> = Vec::new();
    while let Some(message) = keep.receive() {
        let answer = match message {
            ToKeep::Open { started, .. } => {
                let segment = SegmentId::from_bytes([all.len() as u8 + 1; 16]);
                let key = SegmentKey::random(&SystemRandom::new()).unwrap();
                let theirs = SegmentKey::from_bytes(*key.expose());
                all.push(Kept { segment, key, bytes: Vec::new(), ending: Ending::BrokenOff });
                Some(ToEye::Opened { segment, key: theirs, deadline: started + Duration::from_secs(3 * 86_400) })
            }
            ToKeep::Bytes { segment, offset, bytes } => {
                let open = all.last_mut().unwrap();
                assert_eq!((open.segment, open.bytes.len() as u64), (segment, offset), "a gap in the sealed bytes");
                open.bytes.extend(bytes);
                None
            }
            ToKeep::Close { segment, summary } => {
                all.last_mut().unwrap().ending = Ending::Closed(summary);
                Some(ToEye::Closed { segment })
            }
            ToKeep::Abandon { segment, reason } => {
                all.last_mut().unwrap().ending = Ending::Abandoned(reason);
                Some(ToEye::Closed { segment })
            }
            other => panic!("{other:?}"),
        };
        if let Some(answer) = answer
            && keep.send(answer).is_err()
        {
            break;
        }
    }
    all
}

/// A visit that was over at frame `n`.
pub(crate) fn visit(n: u64) -> Visit {
    let screen = ScreenId::new("checkout-3").unwrap();
    let visit = Visit::new(screen, at(n) - Duration::from_secs(4), Duration::from_secs(3), SizeClass::Medium);
    visit.with_glance(at(n) - Duration::from_secs(2), Duration::from_millis(900))
}

/// Records frames `0..frames` with an event at every fifth and a visit at every tenth.
pub(crate) fn record(frames: u64, size: Size) -> Vec<Kept> {
    let (eye, kept) = keep();
    let mut recorder = sluis_segment::Recorder::new(settings(size), eye).unwrap();
    for n in 0..frames {
        let events = if n % 5 == 4 { vec![event(n as u32)] } else { vec![] };
        recorder.record(&frame(n, size), &events).unwrap();
        if n % 10 == 9 {
            recorder.tell(&[visit(n)]).unwrap();
        }
    }
    recorder.finish().unwrap();
    kept.join().unwrap()
}

/// A sample of an MP4 file as Annex B. MP4 puts a length before each NAL unit and keeps parameter sets apart.
pub(crate) fn annex_b(sample: &[u8], mp4: &re_mp4::Mp4, first: bool) -> Vec<u8> {
    let mut out = Vec::new();
    if first {
        let stsd = &mp4.tracks().values().next().unwrap().trak(mp4).mdia.minf.stbl.stsd;
        let re_mp4::StsdBoxContent::Avc1(avc1) = &stsd.contents else { panic!("not H.264") };
        for set in avc1.avcc.sequence_parameter_sets.iter().chain(&avc1.avcc.picture_parameter_sets) {
            out.extend([0, 0, 0, 1]);
            out.extend(&set.bytes);
        }
    }
    let mut rest = sample;
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        let (nal, more) = more.split_at(u32::from_be_bytes(*length) as usize);
        out.extend([0, 0, 0, 1]);
        out.extend(nal);
        rest = more;
    }
    out
}
