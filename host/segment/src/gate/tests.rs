//! What the gate stops. Streams are written with the recorder's own container, so that a fault can be planted in any part of them.

use std::time::Duration;

use sluis_frame::{
    Cause, Depth, Frame, Header, Mask, Picture, Rect, Rgb, Shape, Size, Style, Timestamp, Verdict, paint,
};

use super::*;
use crate::container::Writer;
use crate::id::SegmentId;
use crate::message::{MasksMessage, VerdictMessage};
use crate::video::{Encoder, Quality};

const SIZE: Size = Size::new(96, 80);
const START: Timestamp = Timestamp::from_secs(1_000);

fn header(style: Style) -> SegmentHeader {
    SegmentHeader {
        shop: "bakery".to_owned(),
        camera: CameraId::new("shelf").unwrap(),
        segment: SegmentId::from_bytes([7; 16]),
        size: SIZE,
        rate: 15.0,
        depth_unit: Some(0.001),
        style,
        started: START,
        deadline: Timestamp::from_secs(9_000),
        plugins: Vec::new(),
    }
}

fn masks() -> Vec<Mask> {
    let mask = |shape| Mask { shape, cause: Cause::Filter };
    vec![mask(Shape::Rect(Rect::new(8, 8, 40, 48))), mask(Shape::Ellipse(Rect::new(58, 20, 30, 40)))]
}

/// A room with a texture of a face's contrast in it.
fn raw() -> Frame<sluis_frame::Raw> {
    let mut pixels = Vec::new();
    for y in 0..SIZE.height {
        for x in 0..SIZE.width {
            let wave = |a: u32, b: u32| (128.0 + 60.0 * (f64::from(x * a + y * b) * 0.1).sin()) as u8;
            pixels.extend([wave(3, 5), wave(4, 2), wave(7, 1)]);
        }
    }
    let depth = (0..SIZE.pixels()).map(|i| 900 + (i % 97) as u16).collect::<Vec<_>>();
    let header = Header { camera: CameraId::new("shelf").unwrap(), number: FrameNumber(0), captured: START };
    let depth = Depth::new(SIZE, 0.001, depth).unwrap();
    Frame::capture(header, Picture::new(SIZE, pixels).unwrap(), Some(depth)).unwrap()
}

/// What goes into a stream of two frames: each test spoils one thing.
struct Plan {
    style: Style,
    declared: Vec<Mask>,
    painted: [Vec<Mask>; 2],
    flattened: Vec<Mask>,
    fate: Fate,
    extra: fn(&mut Writer<Vec<u8>>),
    spoil: fn(Track, &mut Vec<u8>),
}

impl Plan {
    fn sound(style: Style) -> Self {
        Self {
            style,
            declared: masks(),
            painted: [masks(), masks()],
            flattened: masks(),
            fate: Fate::Recorded,
            extra: |_| {},
            spoil: |_, _| {},
        }
    }

    fn stream(&self) -> Vec<u8> {
        let header = header(self.style);
        let camera = header.camera.clone();
        let mut writer = Writer::new(Vec::new(), header).unwrap();
        let mut encoder = Encoder::new(SIZE, 15.0, Quality::Recording).unwrap();
        let raw = raw();
        for n in 0..2u64 {
            let at = START + Duration::from_millis(n * 66);
            let frame = FrameNumber(n);
            let painted = paint::redact(&raw, self.painted[n as usize].clone(), self.style);
            let flattened = paint::redact(&raw, self.flattened.clone(), self.style);
            let masks = MasksMessage { frame, fate: self.fate, masks: self.declared.clone() };
            let passed = Verdict { findings: vec![], worst_score: 3, independent: true };
            let verdict = VerdictMessage { frame, verdict: (self.fate != Fate::Blanked).then_some(passed) };
            let video = encoder.encode(painted.picture(), Duration::from_millis(n * 66), n == 0).unwrap();
            let messages = [
                (Track::Masks, message::to_json(&masks).unwrap()),
                (Track::Verdicts, message::to_json(&verdict).unwrap()),
                (Track::Depth, message::compressed_depth(&camera, at, flattened.depth().unwrap()).unwrap()),
                (Track::Video, message::video(&camera, at, video.data).unwrap()),
            ];
            for (track, mut data) in messages {
                (self.spoil)(track, &mut data);
                writer.write(track, frame, at, &data).unwrap();
            }
        }
        (self.extra)(&mut writer);
        writer.finish().unwrap()
    }

    fn judge(&self) -> Result<GateReport, Error> {
        judge(&self.stream(), self.style)
    }

    fn stopped(&self) -> String {
        match self.judge().unwrap_err() {
            Error::Gate { why, .. } => why,
            other => panic!("{other:?}"),
        }
    }
}

fn judge(stream: &[u8], style: Style) -> Result<GateReport, Error> {
    let mut gate = Gate::new(header(style)).unwrap();
    // Pieces of a prime length: no record ends where a piece does.
    for piece in stream.chunks(997) {
        gate.push(piece)?;
    }
    gate.finish()
}

const STYLES: [Style; 3] = [Style::Fill(Rgb(0, 0, 0)), Style::Pixelate, Style::Blur];

#[test]
fn a_sound_segment_passes_in_every_style() {
    for style in STYLES {
        let report = Plan::sound(style).judge().unwrap();
        assert_eq!((report.pictures, report.depths), (2, 2));
    }
}

#[test]
fn a_mask_that_is_missing_in_the_encoded_picture_is_caught_in_every_style() {
    for style in STYLES {
        for place in 0..2 {
            let mut painted = masks();
            painted.remove(place);
            let plan = Plan { painted: [masks(), painted], ..Plan::sound(style) };
            let why = plan.stopped();
            assert!(why.contains("does not show in the encoded picture"), "{style:?}, mask {place}: {why}");
        }
    }
}

#[test]
fn a_mask_that_is_too_small_in_the_encoded_picture_is_caught() {
    let mut painted = masks();
    painted[0] = Mask::rect(Rect::new(8, 8, 40, 26), Cause::Filter);
    assert!(Plan { painted: [painted, masks()], ..Plan::sound(STYLES[0]) }.stopped().contains("does not show"));
}

#[test]
fn another_colour_than_declared_is_caught() {
    let plan = Plan::sound(Style::Fill(Rgb(0, 200, 0)));
    let stream = Plan { style: Style::Fill(Rgb(0, 60, 0)), ..plan }.stream();
    assert!(judge(&stream, Style::Fill(Rgb(0, 200, 0))).is_err(), "the header says another style than expected");
}

#[test]
fn a_blank_that_is_not_black_is_caught() {
    let plan = Plan { fate: Fate::Blanked, declared: vec![], ..Plan::sound(STYLES[0]) };
    assert!(plan.stopped().contains("blank"));
}

#[test]
fn depth_that_is_not_flat_under_a_mask_is_caught() {
    let plan = Plan { flattened: masks()[..1].to_vec(), ..Plan::sound(STYLES[0]) };
    assert!(plan.stopped().contains("depth"), "{}", plan.stopped());
}

#[test]
fn text_that_was_added_to_a_message_is_caught() {
    let spoil: fn(Track, &mut Vec<u8>) = |track, data| {
        if track == Track::Masks {
            data.insert(data.len() - 1, b' ');
        }
    };
    assert!(Plan { spoil, ..Plan::sound(STYLES[0]) }.stopped().contains("Masks"));
}

#[test]
fn an_unknown_field_in_a_protobuf_message_is_caught() {
    let spoil: fn(Track, &mut Vec<u8>) = |track, data| {
        if track == Track::Video {
            data.extend([0x7A, 3, b'r', b'a', b'w']);
        }
    };
    assert!(Plan { spoil, ..Plan::sound(STYLES[0]) }.stopped().contains("Video"));
}

#[test]
fn plain_depth_is_not_let_through() {
    let extra: fn(&mut Writer<Vec<u8>>) =
        |writer| writer.write(Track::PlainDepth, FrameNumber(2), START + Duration::from_secs(1), b"raw").unwrap();
    assert!(Plan { extra, ..Plan::sound(STYLES[0]) }.stopped().contains("not in its place"));
}

#[test]
fn a_frame_without_its_picture_is_caught() {
    let extra: fn(&mut Writer<Vec<u8>>) = |writer| {
        let masks = MasksMessage { frame: FrameNumber(9), fate: Fate::Recorded, masks: vec![] };
        writer
            .write(Track::Masks, FrameNumber(9), START + Duration::from_secs(1), &message::to_json(&masks).unwrap())
            .unwrap();
    };
    assert!(Plan { extra, ..Plan::sound(STYLES[0]) }.stopped().contains("middle of a frame"));
}

#[test]
fn foreign_records_are_caught() {
    use std::collections::BTreeMap;
    type Foreign = fn(&mut mcap::Writer<io::Cursor<Vec<u8>>>);
    let attachment: Foreign = |w| {
        let data = std::borrow::Cow::Borrowed(b"face".as_slice());
        let (name, media_type) = ("a".to_owned(), "image/png".to_owned());
        w.attach(&mcap::Attachment { log_time: 0, create_time: 0, name, media_type, data }).unwrap();
    };
    let metadata: Foreign = |w| {
        let metadata = BTreeMap::from([("face".to_owned(), "x".to_owned())]);
        w.write_metadata(&mcap::records::Metadata { name: "note".to_owned(), metadata }).unwrap();
    };
    let schema: Foreign = |w| assert!(w.add_schema("foxglove.RawImage", "protobuf", b"face").unwrap() > 0);
    let private: Foreign = |w| w.write_private_record(0x91, b"face", Default::default()).unwrap();
    let nothing: Foreign = |_| {};
    for (name, foreign) in [
        ("nothing", nothing),
        ("attachment", attachment),
        ("metadata", metadata),
        ("schema", schema),
        ("private", private),
    ] {
        let header = header(STYLES[0]);
        let mut writer = mcap::WriteOptions::new().profile("sluis").create(io::Cursor::new(Vec::new())).unwrap();
        for record in header.to_records() {
            writer.write_metadata(&record).unwrap();
        }
        foreign(&mut writer);
        writer.finish().unwrap();
        let stream = writer.into_inner().into_inner();
        assert_eq!(judge(&stream, STYLES[0]).is_ok(), name == "nothing", "{name}");
    }
}

#[test]
fn nothing_may_follow_the_end() {
    let mut stream = Plan::sound(STYLES[0]).stream();
    stream.extend(b"a face");
    assert!(judge(&stream, STYLES[0]).is_err());
}

#[test]
fn a_stream_that_breaks_off_does_not_pass() {
    let stream = Plan::sound(STYLES[0]).stream();
    for cut in [0, 8, 100, stream.len() / 2, stream.len() - 1] {
        assert!(judge(&stream[..cut], STYLES[0]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_nal_unit_that_is_no_picture_is_caught() {
    // Supplemental information, type 6, may hold anything. It is put before the picture within the protobuf field, whose length is mended.
    let header = header(STYLES[0]);
    let sound = Plan::sound(STYLES[0]);
    let mut encoder = Encoder::new(SIZE, 15.0, Quality::Recording).unwrap();
    let painted = paint::redact(&raw(), masks(), STYLES[0]);
    let mut data = vec![0, 0, 0, 1, 6, 5, 4, b'f', b'a', b'c', b'e', 0x80];
    data.extend(encoder.encode(painted.picture(), Duration::ZERO, true).unwrap().data);
    let mut writer = Writer::new(Vec::new(), header.clone()).unwrap();
    let frame = FrameNumber(0);
    let masks = MasksMessage { frame, fate: Fate::Recorded, masks: sound.declared };
    let verdict =
        VerdictMessage { frame, verdict: Some(Verdict { findings: vec![], worst_score: 0, independent: true }) };
    writer.write(Track::Masks, frame, START, &message::to_json(&masks).unwrap()).unwrap();
    writer.write(Track::Verdicts, frame, START, &message::to_json(&verdict).unwrap()).unwrap();
    writer.write(Track::Video, frame, START, &message::video(&header.camera, START, data).unwrap()).unwrap();
    let Err(Error::Gate { why, .. }) = judge(&writer.finish().unwrap(), STYLES[0]) else {
        panic!("it was let through")
    };
    assert!(why.contains("type 6"), "{why}");
}
