//! Promise: a recording that breaks off anywhere is recovered up to its last whole chunk, or is known to be lost.

use ring::rand::SystemRandom;
use sluis_frame::Size;
use sluis_segment::{Error, Opener, Reader, SegmentKey, plain, recovery};

use crate::setup::{DOORS, Kept, record};

const SIZE: Size = Size::new(96, 80);

fn recover(kept: &Kept, bytes: &[u8], new_key: &SegmentKey) -> Result<Option<(recovery::Recovered, Vec<u8>)>, Error> {
    let mut sealed = Vec::new();
    let random = SystemRandom::new();
    let recovered = recovery::recover(bytes, &kept.key, &kept.binding(), &mut sealed, new_key, &random)?;
    Ok(recovered.map(|r| (r, sealed)))
}

#[test]
fn a_stream_cut_anywhere_gives_all_frames_of_its_whole_chunks() {
    let kept = &record(20, SIZE)[0];
    let new_key = SegmentKey::random(&SystemRandom::new()).unwrap();
    let mut most = 0;
    for cut in (0..kept.bytes.len()).step_by(1000).chain([39, 40, 41, 4095, 4096, 4097, kept.bytes.len() - 1]) {
        let Some((recovered, sealed)) = recover(kept, &kept.bytes[..cut], &new_key).unwrap() else { continue };
        assert!(!recovered.salvaged.whole);
        let opener = Opener::new(sealed.as_slice(), &new_key, &kept.binding().associated_data()).unwrap();
        let frames = Reader::new(opener, &DOORS.reader).unwrap().map(Result::unwrap).count() as u64;
        assert_eq!(frames, recovered.summary.frames.total());
        assert_eq!(recovered.summary.gate.pictures, frames, "what is recovered passes the gate again");
        assert_eq!(recovered.summary.sealed_bytes, sealed.len() as u64);
        most = most.max(frames);
    }
    assert_eq!(most, 20, "the last cut loses only the container's end");
}

#[test]
fn a_stream_that_was_changed_is_recovered_only_up_to_there() {
    let kept = &record(20, SIZE)[0];
    let new_key = SegmentKey::random(&SystemRandom::new()).unwrap();
    let mut bytes = kept.bytes.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let (recovered, _) = recover(kept, &bytes, &new_key).unwrap().unwrap();
    assert_eq!(recovered.salvaged.chunks, (middle / 4096) as u64);
    assert!(recovered.summary.frames.total() < 20);
}

#[test]
fn a_whole_stream_is_recovered_whole() {
    let kept = &record(20, SIZE)[0];
    let new_key = SegmentKey::random(&SystemRandom::new()).unwrap();
    let (recovered, _) = recover(kept, &kept.bytes, &new_key).unwrap().unwrap();
    assert!(recovered.salvaged.whole);
    assert_eq!(recovered.summary.frames, kept.summary().frames);
}

#[test]
fn under_another_key_or_binding_nothing_is_recovered() {
    let kept = &record(5, SIZE)[0];
    let key = SegmentKey::random(&SystemRandom::new()).unwrap();
    let (random, mut sealed) = (SystemRandom::new(), Vec::new());
    let other_key = recovery::recover(kept.bytes.as_slice(), &key, &kept.binding(), &mut sealed, &key, &random);
    assert!(other_key.unwrap().is_none());
    let mut binding = kept.binding();
    binding.shop = "butcher".to_owned();
    let other_shop = recovery::recover(kept.bytes.as_slice(), &kept.key, &binding, &mut sealed, &key, &random);
    assert!(other_shop.unwrap().is_none());
}

#[test]
fn a_cut_plain_stream_opens_to_a_whole_file() {
    let kept = &record(20, SIZE)[0];
    let stream = kept.open();
    for cut in [stream.len() * 2 / 3, stream.len() - 1] {
        let mut opened = Vec::new();
        let contents = plain::rewrite(&stream[..cut], &mut opened).unwrap().unwrap();
        assert!(!contents.whole && contents.frames.total() >= 10, "the first second is there");
        let frames = Reader::new(opened.as_slice(), &DOORS.reader).unwrap().map(Result::unwrap).count() as u64;
        assert_eq!(frames, contents.frames.total());
    }
    assert!(plain::rewrite(&stream[..20], Vec::new()).unwrap().is_none(), "nothing is left of it");
}
