//! Promise: what goes into the recorder comes out at the vault, sealed, in segments.

use sluis_frame::{FrameNumber, Header, Picture, Size};
use sluis_segment::{Error, Recorder};

use crate::setup::{DOORS, Ending, annex_b, at, camera, frame, keep, record, settings};

const SIZE: Size = Size::new(96, 80);

#[test]
fn segments_are_cut_by_time_of_capture_and_every_frame_is_in_one() {
    let kept = record(45, SIZE);
    let frames: Vec<u64> = kept.iter().map(|k| k.summary().frames.total()).collect();
    assert_eq!(frames, [20, 20, 5]);
    assert_eq!(kept[1].summary().first_captured, at(20));
    assert_eq!(kept[1].summary().last_captured, at(39));
}

#[test]
fn the_summary_counts_what_was_recorded() {
    let kept = record(20, SIZE);
    let summary = kept[0].summary();
    assert_eq!((summary.frames.recorded, summary.frames.quarantined, summary.frames.blanked), (16, 2, 2));
    assert_eq!((summary.masks, summary.events), (36, 4));
    assert_eq!(summary.sealed_bytes, kept[0].bytes.len() as u64);
    assert_eq!((summary.gate.pictures, summary.gate.depths), (20, 20));
}

#[test]
fn no_plaintext_is_in_the_sealed_bytes() {
    let kept = record(20, SIZE);
    for word in [b"bakery".as_slice(), b"sluis", b"foxglove", b"MCAP", &[0, 0, 0, 1, 0x67]] {
        assert!(!kept[0].bytes.windows(word.len()).any(|w| w == word), "{word:?} is there in the clear");
    }
}

#[test]
fn a_frame_of_another_camera_or_size_is_refused_and_the_segment_goes_on() {
    let (eye, kept) = keep();
    let mut recorder = Recorder::new(settings(SIZE), eye).unwrap();
    recorder.record(&frame(0, SIZE), &[]).unwrap();
    assert!(matches!(recorder.record(&frame(1, Size::new(64, 64)), &[]), Err(Error::Frame { .. })));
    let other = Header { camera: "till".parse().unwrap(), number: FrameNumber(1), captured: at(1) };
    let other = DOORS.blank.blank(other, SIZE, None).unwrap();
    assert!(matches!(recorder.record(&other, &[]), Err(Error::Frame { .. })));
    recorder.record(&frame(2, SIZE), &[]).unwrap();
    assert_eq!(recorder.finish().unwrap().frames.total(), 2);
    assert_eq!(kept.join().unwrap()[0].summary().frames.total(), 2);
}

#[test]
fn a_clock_that_was_set_back_begins_a_new_segment() {
    let (eye, kept) = keep();
    let mut recorder = Recorder::new(settings(SIZE), eye).unwrap();
    for n in [10, 11, 2, 3] {
        // Numbers go on while times go back.
        let header =
            Header { camera: camera(), number: FrameNumber(n + if n < 10 { 100 } else { 0 }), captured: at(n) };
        recorder.record(&DOORS.blank.blank(header, SIZE, None).unwrap(), &[]).unwrap();
    }
    assert_eq!(recorder.finish().unwrap().segments, 2);
    assert_eq!(kept.join().unwrap().len(), 2);
}

#[test]
fn a_recorder_that_is_dropped_closes_nothing() {
    let (eye, kept) = keep();
    let mut recorder = Recorder::new(settings(SIZE), eye).unwrap();
    recorder.record(&frame(0, SIZE), &[]).unwrap();
    drop(recorder);
    assert!(matches!(kept.join().unwrap()[0].ending, Ending::BrokenOff));
}

#[test]
fn a_segment_that_fails_the_gate_is_abandoned_and_the_next_one_is_sound() {
    // The gate holds the pictures against the style in the settings; the frames are painted in another one.
    let (eye, kept) = keep();
    let wrong = sluis_segment::RecorderSettings {
        style: sluis_frame::Style::Fill(sluis_frame::Rgb(200, 0, 200)),
        ..settings(SIZE)
    };
    let mut recorder = Recorder::new(wrong, eye).unwrap();
    let failed = (0..40).filter_map(|n| recorder.record(&frame(n, SIZE), &[]).err()).next().unwrap();
    let Error::Abandoned { source, .. } = failed else { panic!("{failed:?}") };
    assert!(matches!(*source, Error::Gate { .. }), "{source:?}");
    // A frame without masks looks the same in every style.
    let blank = |n| DOORS.blank.blank(Header { camera: camera(), number: FrameNumber(n), captured: at(n) }, SIZE, None);
    recorder.record(&blank(90).unwrap(), &[]).unwrap();
    let finished = recorder.finish().unwrap();
    assert_eq!((finished.segments, finished.abandoned), (1, 1));
    let kept = kept.join().unwrap();
    let Ending::Abandoned(reason) = &kept[0].ending else { panic!("it was not abandoned") };
    assert!(reason.contains("does not show in the encoded picture"), "{reason}");
    assert!(matches!(kept[1].ending, Ending::Closed(_)));
}

#[test]
fn when_the_vault_is_gone_nothing_is_recorded() {
    let (eye, kept) = sluis_segment::handover::pair(4);
    drop(kept);
    let mut recorder = Recorder::new(settings(SIZE), eye).unwrap();
    assert!(matches!(recorder.record(&frame(0, SIZE), &[]), Err(Error::Handover { .. })));
}

#[test]
fn an_mp4_file_has_one_picture_for_each_frame_near_the_original() {
    use sluis_segment::mp4;
    use sluis_segment::video::{Decoder, Quality};
    let size = Size::new(96, 80);
    let mut file = Vec::new();
    let mut writer = mp4::Writer::new(&mut file, size, 29.97, Quality::NearLossless).unwrap();
    (0..40).for_each(|n| writer.write(&frame(n, size)).unwrap());
    assert_eq!(writer.finish().unwrap(), 40);

    let mp4 = re_mp4::Mp4::read_bytes(&file).unwrap();
    let track = mp4.tracks().values().next().unwrap();
    assert_eq!((track.width, track.height, track.samples.len()), (96, 80, 40));
    let config = track.raw_codec_config(&mp4);
    assert!(config.is_some(), "the file says nothing of its codec");
    let mut decoder = Decoder::new(size).unwrap();
    let mut worst = 0;
    for (n, sample) in track.samples.iter().enumerate() {
        let bytes = &file[sample.byte_range()];
        let picture = decoder.decode(&annex_b(bytes, &mp4, n == 0)).unwrap();
        let original = frame(n as u64, size);
        worst = worst.max((luma_difference(&picture, original.picture()) * 100.0) as u32);
    }
    println!("mean difference in luma of near-lossless video, at worst: {}.{:02} of 255", worst / 100, worst % 100);
    assert!(worst < 200);
}

/// Chroma has half the resolution, so at coloured edges no codec of this kind keeps it.
fn luma_difference(a: &Picture, b: &Picture) -> f32 {
    let luma = |p: &[u8]| 0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2]);
    let pairs = a.pixels().chunks_exact(3).zip(b.pixels().chunks_exact(3));
    pairs.map(|(a, b)| (luma(a) - luma(b)).abs()).sum::<f32>() / a.size().pixels() as f32
}
