//! Promise: a segment can be read again, by us and by other programs.

use sluis_frame::{Fate, Size};
use sluis_segment::{Annotations, Error, Reader, plain};

use crate::setup::{DOORS, FILL, at, camera, depth_values, event, frame, masks, record, visit};

const SIZE: Size = Size::new(96, 80);

#[test]
fn frames_come_back_as_they_were_but_for_coding_noise() {
    let kept = record(20, SIZE);
    let plain = kept[0].open();
    let reader = Reader::new(plain.as_slice(), &DOORS.reader).unwrap();
    assert_eq!(reader.header().binding(), kept[0].binding());
    assert_eq!((reader.header().size, reader.header().style), (SIZE, FILL));
    assert_eq!(reader.header().plugins.len(), 1);
    assert_eq!(reader.calibration().unwrap().fx, 525.0);
    let recorded: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(recorded.len(), 20);
    for (n, recorded) in recorded.iter().enumerate() {
        let n = n as u64;
        let (back, there) = (&recorded.frame, frame(n, SIZE));
        assert_eq!(back.header(), there.header());
        assert_eq!((back.masks(), back.fate(), back.verdict()), (there.masks(), there.fate(), there.verdict()));
        assert_eq!(back.depth().unwrap().values(), there.depth().unwrap().values(), "depth is lossless");
        let pixels = back.picture().pixels().iter().zip(there.picture().pixels());
        let off = pixels.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / (SIZE.pixels() * 3) as f64;
        assert!(off < 6.0, "frame {n} is off by {off:.1} of 255 in the mean");
        let events = if n % 5 == 4 { vec![event(n as u32)] } else { vec![] };
        assert_eq!(recorded.events, events);
        assert_eq!(recorded.visits, if n % 10 == 9 { vec![visit(n)] } else { vec![] });
    }
}

#[test]
fn masked_depth_is_flat_and_bare_depth_is_untouched() {
    let kept = record(1, SIZE);
    let plain = kept[0].open();
    let first = Reader::new(plain.as_slice(), &DOORS.reader).unwrap().next().unwrap().unwrap().frame;
    let coverage = sluis_frame::Coverage::of(&masks(0, SIZE), SIZE);
    let pixels = first.depth().unwrap().values().iter().zip(depth_values(0, SIZE)).zip(coverage.as_slice());
    let (mut bare, mut masked) = (0, 0);
    for ((back, there), covered) in pixels {
        bare += usize::from(!covered && *back != there);
        masked += usize::from(*covered && *back != there);
    }
    assert_eq!(bare, 0);
    assert!(masked > 0);
}

#[test]
fn pictures_of_odd_and_tiny_sizes_come_back_in_their_size() {
    for size in [Size::new(97, 81), Size::new(5, 3), Size::new(1, 1), Size::new(16, 17), Size::new(640, 7)] {
        let kept = record(3, size);
        let plain = kept[0].open();
        for recorded in Reader::new(plain.as_slice(), &DOORS.reader).unwrap() {
            assert_eq!(recorded.unwrap().frame.size(), size);
        }
    }
}

#[test]
fn a_picture_that_the_codec_cannot_take_is_refused_at_the_start() {
    let (eye, _keep) = sluis_segment::handover::pair(1);
    let settings = crate::setup::settings(Size::new(4000, 3000));
    assert!(matches!(sluis_segment::Recorder::new(settings, eye), Err(Error::VideoSize(_))));
}

#[test]
fn an_opened_segment_is_plain_mcap_with_plain_depth_and_an_index() {
    let kept = record(20, SIZE);
    let mut opened = Vec::new();
    let contents = plain::rewrite(kept[0].open().as_slice(), &mut opened).unwrap().unwrap();
    assert!(contents.whole);
    assert_eq!((contents.frames.total(), contents.events, contents.visits), (20, 4, 2));
    assert_eq!(contents.last_captured, at(19));

    let summary = mcap::Summary::read(&opened).unwrap().expect("it has a summary");
    let mut channels: Vec<_> = summary
        .channels
        .values()
        .map(|c| {
            (
                c.topic.strip_prefix(&format!("/{}/", camera())).unwrap().to_owned(),
                c.schema.as_ref().unwrap().name.clone(),
            )
        })
        .collect();
    channels.sort();
    let expected = [
        ("audience", "sluis.Visit"),
        ("calibration", "foxglove.CameraCalibration"),
        ("depth", "foxglove.RawImage"),
        ("events", "sluis.Event"),
        ("masks", "sluis.Masks"),
        ("verdicts", "sluis.Verdict"),
        ("video", "foxglove.CompressedVideo"),
    ];
    assert_eq!(channels, expected.map(|(t, s)| (t.to_owned(), s.to_owned())));
    assert_eq!(summary.stats.unwrap().message_count, 1 + 20 * 4 + 4 + 2);
    assert_eq!(summary.chunk_indexes.len(), 2, "a chunk a second");
}

#[test]
fn an_opened_segment_reads_like_the_recorded_one() {
    let kept = record(12, SIZE);
    let recorded = kept[0].open();
    let mut opened = Vec::new();
    plain::rewrite(recorded.as_slice(), &mut opened).unwrap().unwrap();
    let frames = |bytes: &[u8]| -> Vec<(Vec<u8>, Vec<u16>, Fate)> {
        Reader::new(bytes, &DOORS.reader)
            .unwrap()
            .map(|r| r.unwrap().frame)
            .map(|f| (f.picture().pixels().to_vec(), f.depth().unwrap().values().to_vec(), f.fate()))
            .collect()
    };
    assert!(frames(&recorded) == frames(&opened));
}

#[test]
fn what_was_told_of_frames_is_read_without_their_pictures() {
    let kept = record(20, SIZE);
    let plain = kept[0].open();
    let told: Vec<_> = Annotations::new(plain.as_slice()).unwrap().map(Result::unwrap).collect();
    let whole: Vec<_> = Reader::new(plain.as_slice(), &DOORS.reader).unwrap().map(Result::unwrap).collect();
    assert_eq!(told.len(), 20);
    for (told, whole) in told.iter().zip(&whole) {
        let header = whole.frame.header();
        assert_eq!((told.number, told.captured, told.fate), (header.number, header.captured, whole.frame.fate()));
        assert_eq!((told.masks.as_slice(), &told.events), (whole.frame.masks(), &whole.events));
    }
}

#[test]
fn a_cut_stream_is_an_error_and_no_shorter_segment_also_without_pictures() {
    let plain = record(20, SIZE)[0].open();
    for length in [plain.len() / 3, plain.len() / 2, plain.len() - 1] {
        let read = Annotations::new(&plain[..length]).map(Iterator::collect::<Result<Vec<_>, _>>);
        assert!(!matches!(read, Ok(Ok(_))), "{length} of {} bytes were taken for a segment", plain.len());
    }
}

#[test]
fn masks_verdicts_and_events_keep_to_their_published_schemas() {
    // The schemas are for readers of other languages; here at least their property names are held against what is written.
    let kept = record(8, SIZE);
    let plain = kept[0].open();
    for message in mcap::MessageStream::new(&plain).unwrap().map(Result::unwrap) {
        let schema = message.channel.schema.as_ref().unwrap();
        if schema.encoding == "jsonschema" {
            let schema: serde_json::Value = serde_json::from_slice(&schema.data).unwrap();
            let value: serde_json::Value = serde_json::from_slice(&message.data).unwrap();
            let named: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
            let written: Vec<_> = value.as_object().unwrap().keys().collect();
            assert_eq!(named, written);
        }
    }
}

#[test]
fn visits_are_read_without_a_look_at_the_pictures() {
    let kept = record(20, SIZE);
    let (header, visits) = visits(&kept[0].open()).unwrap();
    assert_eq!((header.binding(), visits), (kept[0].binding(), vec![visit(9), visit(19)]));
    // A stream that is cut is no audience: a visit could be missing.
    assert!(self::visits(&kept[0].open()[..4000]).is_err());
}

fn visits(stream: &[u8]) -> Result<(sluis_segment::SegmentHeader, Vec<sluis_frame::Visit>), Error> {
    let annotations = Annotations::new(stream)?;
    let header = annotations.header().clone();
    let annotated: Vec<_> = annotations.collect::<Result<_, _>>()?;
    Ok((header, annotated.into_iter().flat_map(|frame| frame.visits).collect()))
}

#[test]
fn a_visit_that_is_told_before_the_first_frame_goes_with_it_and_one_after_the_last_frame_too() {
    let (eye, kept) = crate::setup::keep();
    let mut recorder = sluis_segment::Recorder::new(crate::setup::settings(SIZE), eye).unwrap();
    recorder.tell(&[visit(1)]).unwrap();
    recorder.record(&frame(0, SIZE), &[]).unwrap();
    recorder.tell(&[visit(2), visit(3)]).unwrap();
    assert_eq!(recorder.finish().unwrap().visits, 3);
    let kept = kept.join().unwrap();
    assert_eq!(visits(&kept[0].open()).unwrap().1, [visit(1), visit(2), visit(3)]);
}

#[test]
fn bytes_that_are_no_segment_are_refused() {
    for bytes in [b"".as_slice(), b"hello", &[0x89, b'M', b'C', b'A', b'P', 0x30, b'\r', b'\n'], &[0xFF; 400]] {
        assert!(Reader::new(bytes, &DOORS.reader).is_err());
    }
}
