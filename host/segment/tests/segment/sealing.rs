//! Promise: a sealed stream opens only whole, unchanged, under its own key and binding.

use std::io::{Read, Write};

use proptest::prelude::*;
use ring::rand::SystemRandom;
use sluis_segment::{Error, Opener, Salvage, Sealer, SegmentKey};

const BOUND: &[u8] = b"bakery, shelf-1";
const CHUNK: usize = 4096;
const HEADER: usize = 40;
/// Plaintext of the first chunk, and of the others.
const FIRST: usize = CHUNK - HEADER - 16;
const NEXT: usize = CHUNK - 16;

fn key() -> SegmentKey {
    SegmentKey::from_bytes([9; 32])
}

fn seal(pieces: &[&[u8]]) -> Vec<u8> {
    let mut sealer = Sealer::new(Vec::new(), &key(), BOUND, &SystemRandom::new()).unwrap();
    for piece in pieces {
        sealer.write_all(piece).unwrap();
    }
    let (sealed, written) = sealer.finish().unwrap();
    assert_eq!(sealed.len() as u64, written);
    sealed
}

fn open(sealed: &[u8]) -> Result<Vec<u8>, Error> {
    open_with(sealed, &key(), BOUND)
}

fn open_with(sealed: &[u8], key: &SegmentKey, bound: &[u8]) -> Result<Vec<u8>, Error> {
    let mut plain = Vec::new();
    let mut opener = Opener::new(sealed, key, bound)?;
    opener.read_to_end(&mut plain).map_err(|e| e.downcast::<Error>().expect("an error of ours"))?;
    Ok(plain)
}

fn salvage(sealed: &[u8]) -> (Vec<u8>, sluis_segment::seal::Salvaged) {
    let mut plain = Vec::new();
    let mut salvage = Salvage::new(sealed, &key(), BOUND).unwrap();
    salvage.read_to_end(&mut plain).unwrap();
    (plain, salvage.salvaged())
}

fn plaintext(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 7 + i / 251) as u8).collect()
}

/// Lengths around every boundary of chunks and of batches.
fn any_length() -> impl Strategy<Value = usize> {
    let edges: Vec<usize> = (0..40).flat_map(|n| (FIRST + n * NEXT).saturating_sub(2)..FIRST + n * NEXT + 3).collect();
    prop_oneof![0usize..20_000, prop::sample::select(edges)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_length_in_any_pieces_comes_back(length in any_length(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let plain = plaintext(length);
        let mut cuts: Vec<usize> = cuts.iter().map(|c| c.index(length + 1)).collect();
        cuts.extend([0, length]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &plain[w[0]..w[1]]).collect();
        let sealed = seal(&pieces);
        let chunks = 1 + length.saturating_sub(FIRST).div_ceil(NEXT);
        prop_assert_eq!(sealed.len(), HEADER + length + 16 * chunks);
        prop_assert!(open(&sealed).unwrap() == plain);
    }

    #[test]
    fn flushing_loses_and_repeats_nothing(pieces in prop::collection::vec((0usize..9_000, any::<bool>()), 0..12)) {
        let mut sealer = Sealer::new(Vec::new(), &key(), BOUND, &SystemRandom::new()).unwrap();
        let mut all = Vec::new();
        for (length, flush) in pieces {
            let piece = plaintext(length);
            sealer.write_all(&piece).unwrap();
            all.extend(piece);
            if flush {
                sealer.flush().unwrap();
                prop_assert!(all.len() <= FIRST || sealer.get_ref().len() + 2 * CHUNK > all.len(), "a flush passes on whole chunks");
            }
        }
        prop_assert!(open(&sealer.finish().unwrap().0).unwrap() == all);
    }

    #[test]
    fn a_stream_cut_anywhere_is_refused_and_its_whole_chunks_are_salvaged(length in any_length(), cut in any::<prop::sample::Index>()) {
        let plain = plaintext(length);
        let sealed = seal(&[&plain]);
        let cut = cut.index(sealed.len());
        prop_assert!(open(&sealed[..cut]).is_err());
        if cut >= HEADER {
            let (saved, report) = salvage(&sealed[..cut]);
            prop_assert!(!report.whole && plain.starts_with(&saved));
            prop_assert_eq!(report.bytes, saved.len() as u64);
            prop_assert_eq!(report.chunks, (cut / CHUNK) as u64);
        }
    }

    #[test]
    fn one_changed_bit_anywhere_is_found(length in any_length(), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut sealed = seal(&[&plaintext(length)]);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(open(&sealed).is_err(), "byte {at} of {}", sealed.len());
    }
}

#[test]
fn a_changed_byte_of_every_kind_is_found_by_name() {
    let sealed = seal(&[&plaintext(3 * CHUNK)]);
    let broken = |at: usize| {
        let mut sealed = sealed.clone();
        sealed[at] ^= 0x80;
        open(&sealed).unwrap_err()
    };
    assert!(matches!(broken(0), Error::NotSealed), "length of the header");
    let last = sealed.len() / CHUNK;
    for (what, at, chunk) in [
        ("salt", 1, 0),
        ("nonce prefix", 33, 0),
        ("first ciphertext", HEADER, 0),
        ("first tag", CHUNK - 1, 0),
        ("second ciphertext", CHUNK, 1),
        ("second tag", 2 * CHUNK - 16, 1),
        ("last ciphertext", last * CHUNK, last),
        ("last tag", sealed.len() - 1, last),
    ] {
        let error = broken(at);
        assert!(matches!(error, Error::NotAuthentic { chunk: c } if c == chunk as u64), "{what}: {error:?}");
    }
}

#[test]
fn chunks_cannot_be_swapped_repeated_or_left_out() {
    let sealed = seal(&[&plaintext(4 * CHUNK)]);
    let chunk = |n: usize| &sealed[n * CHUNK..((n + 1) * CHUNK).min(sealed.len())];
    for order in [&[0, 2, 1, 3, 4][..], &[0, 1, 1, 2, 3, 4], &[0, 2, 3, 4], &[1, 2, 3, 4], &[0, 1, 2, 4]] {
        let moved: Vec<u8> = order.iter().flat_map(|n| chunk(*n)).copied().collect();
        assert!(open(&moved).is_err(), "{order:?}");
    }
}

#[test]
fn a_stream_that_is_cut_between_chunks_is_told_from_a_forged_one() {
    let sealed = seal(&[&plaintext(4 * CHUNK)]);
    assert!(matches!(open(&sealed[..2 * CHUNK]), Err(Error::Truncated { chunk: 1 })));
    assert!(matches!(open(&sealed[..2 * CHUNK + 5]), Err(Error::NotAuthentic { chunk: 2 })));
}

#[test]
fn something_after_the_end_is_refused() {
    let mut sealed = seal(&[&plaintext(100)]);
    sealed.push(0);
    assert!(open(&sealed).is_err());
}

#[test]
fn another_key_or_binding_opens_nothing() {
    let sealed = seal(&[&plaintext(100)]);
    let other = SegmentKey::from_bytes([8; 32]);
    assert!(matches!(open_with(&sealed, &other, BOUND), Err(Error::NotAuthentic { chunk: 0 })));
    assert!(matches!(open_with(&sealed, &key(), b"bakery, shelf-2"), Err(Error::NotAuthentic { chunk: 0 })));
}

#[test]
fn a_refused_stream_stays_refused_when_read_on() {
    let mut sealed = seal(&[&plaintext(4 * CHUNK)]);
    sealed[CHUNK + 9] ^= 1;
    let mut opener = Opener::new(sealed.as_slice(), &key(), BOUND).unwrap();
    let mut first = vec![0; FIRST];
    opener.read_exact(&mut first).unwrap();
    assert!(first == plaintext(FIRST), "what came before is authentic");
    for _ in 0..3 {
        assert!(opener.read(&mut first).is_err());
    }
}

#[test]
fn two_seals_of_the_same_differ() {
    assert_ne!(seal(&[b"same"]), seal(&[b"same"]));
}

#[test]
fn a_sealer_whose_writer_failed_goes_no_further() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut sealer = Sealer::new(Full, &key(), BOUND, &SystemRandom::new()).unwrap();
    assert!(sealer.write_all(&plaintext(20 * CHUNK)).is_err());
    assert!(sealer.write_all(b"more").is_err());
    assert!(matches!(sealer.finish(), Err(Error::SealFailed)));
}
