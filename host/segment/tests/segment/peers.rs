//! Promise: the seal is Tink's, and a partner with public packages reads a segment.
//!
//! The peers are Python programs. Their packages are installed once into a virtual environment under the target folder; `SLUIS_PEERS_PYTHON` names a Python that has them
//! already. Where neither is there the tests say so and pass, except in CI.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use ring::rand::SystemRandom;
use sluis_frame::Size;
use sluis_segment::{Opener, Sealer, SegmentKey};
use sluis_tests::peers::{python_or_skip, run};

use crate::setup::record;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// A Python with the packages of `tests/peers/requirements.txt`.
fn python() -> Option<&'static Path> {
    static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let list = Path::new(HERE).join("tests/peers/requirements.txt");
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tink");
        python_or_skip("SLUIS_PEERS_PYTHON", &environment, &[list], "the seal was not held against Python Tink")
    });
    PYTHON.as_deref()
}

fn tink(python: &Path, arguments: &[&str], files: &[&Path]) -> Result<String, String> {
    run(Command::new(python).arg(Path::new(HERE).join("tests/peers/tink_stream.py")).args(arguments).args(files))
}

fn plaintext(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

fn open(sealed: &[u8], key: &SegmentKey, associated_data: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    Opener::new(sealed, key, associated_data).unwrap().read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn vectors_that_tink_made_open() {
    #[derive(serde::Deserialize)]
    struct Vectors {
        vectors: Vec<Vector>,
    }
    #[derive(serde::Deserialize)]
    struct Vector {
        key: SegmentKey,
        associated_data: String,
        length: usize,
        sealed: String,
    }
    let text = fs::read_to_string(Path::new(HERE).join("tests/vectors/tink.json")).unwrap();
    let vectors = serde_json::from_str::<Vectors>(&text).unwrap().vectors;
    assert_eq!(vectors.len(), 8);
    for Vector { key, associated_data, length, sealed } in vectors {
        let plain = open(&hex::decode(sealed).unwrap(), &key, &hex::decode(associated_data).unwrap());
        assert!(plain == plaintext(length), "of length {length}");
    }
}

#[test]
fn what_we_seal_tink_opens_and_what_tink_seals_we_open() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = SegmentKey::random(&SystemRandom::new()).unwrap();
    fs::write(at("keyset.json"), key.tink_keyset_json().as_bytes()).unwrap();
    let bound = b"bakery\0shelf-1\0";
    for length in [0, 1, 4040, 4041, 8120, 300_000] {
        let plain = plaintext(length);
        let mut sealer = Sealer::new(Vec::new(), &key, bound, &SystemRandom::new()).unwrap();
        std::io::Write::write_all(&mut sealer, &plain).unwrap();
        fs::write(at("ours"), sealer.finish().unwrap().0).unwrap();
        fs::write(at("plain"), &plain).unwrap();
        let files = |from, to| [at("keyset.json"), PathBuf::from(hex::encode(bound)), at(from), at(to)];
        let call = |what: &str, files: &[PathBuf]| {
            let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
            tink(python, &[what], &files).unwrap();
        };
        call("open", &files("ours", "opened"));
        assert!(fs::read(at("opened")).unwrap() == plain, "Tink opened something else, of length {length}");
        call("seal", &files("plain", "theirs"));
        assert!(
            open(&fs::read(at("theirs")).unwrap(), &key, bound) == plain,
            "we opened something else, of length {length}"
        );
    }
}

#[test]
fn tink_refuses_what_was_cut_or_is_bound_to_something_else() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let kept = &record(10, Size::new(96, 80))[0];
    fs::write(at("keyset.json"), kept.key.tink_keyset_json().as_bytes()).unwrap();
    let bound = hex::encode(kept.binding().associated_data());
    let opens = |bytes: &[u8], bound: &str| {
        fs::write(at("sealed"), bytes).unwrap();
        tink(python, &["open"], &[&at("keyset.json"), Path::new(bound), &at("sealed"), &at("opened")]).is_ok()
    };
    assert!(opens(&kept.bytes, &bound));
    assert!(!opens(&kept.bytes[..kept.bytes.len() / 4096 * 4096], &bound), "a stream without its end");
    assert!(!opens(&kept.bytes, &hex::encode("another shop")));
}

#[test]
fn the_example_reads_a_segment_and_writes_a_picture_of_it() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let kept = &record(12, Size::new(96, 80))[0];
    fs::write(folder.path().join("segment.sealed"), &kept.bytes).unwrap();
    fs::write(folder.path().join("keyset.json"), kept.key.tink_keyset_json().as_bytes()).unwrap();
    fs::write(folder.path().join("associated-data.txt"), hex::encode(kept.binding().associated_data())).unwrap();
    let picture = folder.path().join("picture.png");
    let script = Path::new(HERE).join("../../examples/read-a-segment/read_segment.py");
    let said = run(Command::new(python)
        .arg(script)
        .arg(folder.path())
        .arg("--picture")
        .arg(&picture)
        .args(["--number", "11"]))
    .unwrap();
    for line in [
        "/shelf-1/video  foxglove.CompressedVideo  12 messages",
        "/shelf-1/masks  sluis.Masks  12 messages",
        "/shelf-1/events  sluis.Event  2 messages",
        "\"shop\": \"bakery\"",
        "masks: 22 on 12 frames",
        "picture 11: 96x80",
    ] {
        assert!(said.contains(line), "`{line}` is missing in:\n{said}");
    }
    // The sum of the first depth picture, from our own reader: its codec is the same in both languages.
    let plain = kept.open();
    let first =
        sluis_segment::Reader::new(plain.as_slice(), &crate::setup::DOORS.reader).unwrap().next().unwrap().unwrap();
    let sum: u64 = first.frame.depth().unwrap().values().iter().map(|v| u64::from(*v)).sum();
    assert!(said.contains(&format!("sum {sum}")), "another depth than {sum}:\n{said}");
    assert_eq!(fs::read(&picture).unwrap()[..8], *b"\x89PNG\r\n\x1a\n");
}
