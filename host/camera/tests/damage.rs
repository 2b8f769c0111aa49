//! Recordings that are cut off, damaged, or something else.

#![allow(clippy::panic, reason = "a failed expectation")]

mod support;

use proptest::prelude::*;
use sluis_camera::Error;
use support::{clip, open, open_bytes, patched, play};

/// What opening these bytes says.
fn refusal(bytes: &[u8]) -> Error {
    match open_bytes(bytes).1 {
        Ok(driver) => panic!("was opened as {:?}", driver.description()),
        Err(error) => error,
    }
}

#[test]
fn a_clip_cut_off_in_mid_picture_gives_the_pictures_before_and_then_says_so() {
    let bytes = clip();
    let whole = play(&mut *open_bytes(bytes).1.unwrap()).0.len();
    let (_folder, opened) = open_bytes(&bytes[..bytes.len() / 2]);
    let (frames, error) = play(&mut *opened.unwrap());
    assert!(!frames.is_empty() && frames.len() < whole, "{} of {whole} pictures", frames.len());
    let error = error.unwrap();
    assert!(matches!(error, Error::Truncated { .. }), "{error}");
    assert!(error.to_string().contains(&format!("picture {} of {whole}", frames.len())), "{error}");
}

#[test]
fn a_clip_whose_index_comes_last_and_is_cut_off_says_that_the_index_is_missing() {
    let bytes = clip();
    let at = |name: &[u8]| bytes.windows(4).position(|window| window == name).unwrap() - 4;
    let (index, pictures) = (at(b"moov"), at(b"mdat"));
    assert!(index < pictures);
    let last = [&bytes[..index], &bytes[pictures..], &bytes[index..pictures]].concat();
    for missing in [1, 8, pictures - index, pictures - index + 100] {
        let error = refusal(&last[..last.len() - missing]);
        assert!(matches!(error, Error::Truncated { .. }), "{missing} bytes missing: {error}");
        assert!(error.to_string().contains("moov"), "{error}");
    }
}

#[test]
fn an_empty_file_is_refused() {
    assert!(matches!(refusal(b""), Error::Empty { .. }));
}

#[test]
fn a_file_that_is_no_recording_is_refused_with_what_it_looks_like() {
    for (bytes, word) in [
        (&b"#!/bin/sh\necho hello\n"[..], "no format that is known"),
        (b"\x1a\x45\xdf\xa3 matroska", "Matroska"),
        (b"RIFF....AVI LIST", "AVI"),
        (b"\0\0\0\x01\x67\x42\0\x0a", "without a container"),
        (b"ID3\x04 sound", "sound recording"),
    ] {
        let error = refusal(bytes);
        assert!(matches!(error, Error::NotARecording { .. }) && error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    assert!(matches!(open("nowhere/clip.mp4".as_ref()), Err(Error::Read { .. })));
}

#[test]
fn hevc_is_refused_by_name_with_the_command_that_converts_it() {
    let error = refusal(&patched(b"avc1", b"hvc1"));
    assert!(matches!(&error, Error::Codec { found, .. } if found.contains("HEVC")), "{error}");
    assert!(error.to_string().contains("ffmpeg"), "{error}");
}

#[test]
fn a_sound_recording_is_refused_as_one_without_video() {
    let error = refusal(&patched(b"vide", b"soun"));
    assert!(matches!(&error, Error::NoVideo { found, .. } if found == "only sound"), "{error}");
}

#[test]
fn a_fragmented_file_is_refused_by_name() {
    let error = refusal(b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x08moof");
    assert!(matches!(&error, Error::Codec { found, .. } if found.contains("fragmented")), "{error}");
}

#[test]
fn pictures_that_lie_on_their_side_are_refused() {
    // The unity matrix of the track (ISO/IEC 14496-12, 8.3.2), and that of a quarter turn.
    let matrix = |numbers: [i32; 9]| numbers.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
    let (one, unity) = (0x1_0000, 0x4000_0000);
    let upright = matrix([one, 0, 0, 0, one, 0, 0, 0, unity]);
    let turned = matrix([0, one, 0, -one, 0, 0, 0, 0, unity]);
    assert!(matches!(refusal(&patched(&upright, &turned)), Error::Turned { .. }));
}

#[test]
fn every_refusal_names_the_file_and_what_to_do() {
    let wrong = [patched(b"avc1", b"hvc1"), patched(b"vide", b"soun"), clip()[..600].to_vec(), Vec::new(), vec![7; 50]];
    for error in wrong.iter().map(|bytes| refusal(bytes).to_string()) {
        assert!(error.contains("clip.mp4"), "no file: {error}");
        let advice = ["Give", "Convert", "Copy", "should be", "has at least"];
        assert!(advice.iter().any(|word| error.contains(word)), "no advice: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_clip_cut_off_anywhere_is_an_error(share in 0.0f64..1.0) {
        let length = (clip().len() as f64 * share) as usize;
        let (_folder, opened) = open_bytes(&clip()[..length]);
        let failed = opened.map_or_else(Some, |mut driver| play(&mut *driver).1);
        prop_assert!(failed.is_some(), "{length} of {} bytes were taken for the whole", clip().len());
    }

    #[test]
    fn no_flipped_bytes_panic(flips in prop::collection::vec((0.0f64..1.0, 1u8..=255), 1..8)) {
        let mut bytes = clip().to_vec();
        let length = bytes.len() as f64;
        for (place, flip) in flips {
            bytes[(length * place) as usize] ^= flip;
        }
        if let Ok(mut driver) = open_bytes(&bytes).1 {
            let _ = play(&mut *driver);
        }
    }

    #[test]
    fn no_flipped_byte_of_the_index_panics_or_hangs(place in 0usize..900, flip in 1u8..=255) {
        let mut bytes = clip().to_vec();
        bytes[place] ^= flip;
        if let Ok(mut driver) = open_bytes(&bytes).1 {
            let _ = play(&mut *driver);
        }
    }
}
