//! Promise: what is exported is read by the tools of those forms, and something can be learnt from it.
//!
//! The peers are Python programs. Their packages are installed once into a virtual environment under the target folder; `SLUIS_DATASET_PYTHON` names a Python that has them
//! already. Where neither is there the test says so and passes, except in CI.

#![allow(clippy::unwrap_used, reason = "the set-up of tests: what cannot be made fails them")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use sluis_dataset::{Request, export};
use sluis_frame::door::Attempt;
use sluis_frame::{
    CameraId, Cause, Clock, Doors, Event, Frame, FrameNumber, Gesture, Header, Mask, Picture, Rect, Rgb, Size, Style,
    SystemClock, Timestamp, Verdict, paint,
};
use sluis_segment::handover::pair;
use sluis_segment::{Recorder, RecorderSettings};
use sluis_tests::peers::{python_or_skip, run};
use sluis_vault::{FolderStore, ObjectStore, Reason, Retention, RootSecret, Vault, VaultSettings};

const HERE: &str = env!("CARGO_MANIFEST_DIR");
const SIZE: Size = Size::new(96, 72);
const SEGMENTS: u64 = 8;
/// 20 s at 10 a second.
const FRAMES: u64 = 200;

/// A Python with the tools of the forms, and what the example trains with.
fn python() -> Option<PathBuf> {
    let lists = ["tests/peers/requirements.txt", "../../examples/train-on-reaches/requirements.txt"];
    let lists = lists.map(|list| Path::new(HERE).join(list));
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dataset-peers");
    python_or_skip("SLUIS_DATASET_PYTHON", &environment, &lists, "no export was held against the tools of its form")
}

/// A shelf that flickers a little; at a reach something dark comes in from below and goes again, at a place of its own each time.
fn picture(n: u64) -> Picture {
    let (segment, n) = (n / FRAMES, n % FRAMES);
    let mut pixels = Vec::with_capacity(SIZE.pixels() * 3);
    for y in 0..SIZE.height {
        for x in 0..SIZE.width {
            let noise = (u64::from(x) * 7919 + u64::from(y) * 104_729 + n * 15_485_863 + segment * 31) % 9;
            let reach = reaches(segment).iter().any(|start| {
                let since = n.saturating_sub(*start);
                let deep = if n >= *start && since <= 8 { 8 - since.abs_diff(4) * 2 } else { 0 };
                let left = 20 + (start * 5 + segment * 11) % 50;
                u64::from(y) + deep * 6 >= u64::from(SIZE.height) && (left..left + 9).contains(&u64::from(x))
            });
            pixels.extend([if reach { 40 } else { 150 + (x % 32) as u8 } + noise as u8; 3]);
        }
    }
    Picture::new(SIZE, pixels).unwrap()
}

/// First frames of the reaches of a segment.
fn reaches(segment: u64) -> [u64; 2] {
    [15 + segment * 3, 95 + segment * 2]
}

#[test]
fn the_tools_of_each_form_read_an_export_and_a_classifier_learns_reaches_from_it() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let doors = Doors::mint().expect("the only mint in this test program");
    let start = SystemClock.now() - Duration::from_secs(600);
    let store: Arc<dyn ObjectStore> = Arc::new(FolderStore::open(folder.path().join("vault/segments")).unwrap());
    let settings = VaultSettings::new(folder.path().join("vault"), "bakery", Retention::DEFAULT);
    let vault = Vault::open(settings, Arc::new(SystemClock), store, &RootSecret::new([42; 32])).unwrap();
    let vault = Arc::new(vault);
    record(&vault, &doors, start);

    let (out, reason) = (folder.path().join("out"), Reason::new("training of reaches").unwrap());
    let request = Request { with_nothing: true, shard_bytes: 50_000, ..Request::everything() };
    export(vault.archive(), &doors.reader, &request, &out, &reason, &mut |_| {}).unwrap();

    let said = run(Command::new(&python).arg(Path::new(HERE).join("tests/peers/read_dataset.py")).arg(&out)).unwrap();
    for line in
        ["webdataset: 16 nothing, 16 reach", "coco: 160 pictures, 160 boxes of mask", "activitynet: 8 videos, 16 reach"]
    {
        assert!(said.contains(line), "`{line}` is missing in:\n{said}");
    }
    let script = Path::new(HERE).join("../../examples/train-on-reaches/train.py");
    let said = run(Command::new(&python).arg(&script).arg(&out).arg("--json")).unwrap();
    let score: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}"));
    assert_eq!((score["clips"].as_u64(), score["segments"].as_u64()), (Some(32), Some(8)), "{said}");
    assert_eq!(score["better_than_baseline"].as_bool(), Some(true), "{said}");
    // With one label there is nothing to learn, and it says so.
    let alone = run(Command::new(&python).arg(&script).arg(&out).args(["--labels", "reach"]));
    assert!(alone.unwrap_err().contains("two labels"));
}

fn record(vault: &Arc<Vault>, doors: &Doors, start: Timestamp) {
    let (eye, keep) = pair(8);
    let serving = std::thread::spawn({
        let vault = Arc::clone(vault);
        move || vault.serve(keep)
    });
    let camera = CameraId::new("shelf").unwrap();
    let settings = RecorderSettings {
        shop: "bakery".to_owned(),
        camera: camera.clone(),
        size: SIZE,
        rate: 10.0,
        depth_unit: None,
        calibration: None,
        style: Style::Fill(Rgb(16, 16, 16)),
        segment_length: Duration::from_secs(FRAMES / 10),
        plugins: vec![],
    };
    let at = |n: u64| start + Duration::from_millis(n * 100);
    let mut recorder = Recorder::new(settings, eye).unwrap();
    for n in 0..SEGMENTS * FRAMES {
        let header = Header { camera: camera.clone(), number: FrameNumber(n), captured: at(n) };
        let raw = Frame::capture(header, picture(n), None).unwrap();
        let mask = Mask::rect(Rect::new(0, 0, 16, 16), Cause::Filter);
        let verdict = Verdict { findings: vec![], worst_score: 0, independent: true };
        let redacted = paint::redact(&raw, vec![mask], Style::Fill(Rgb(16, 16, 16)));
        let frame = doors.audit.pass(redacted, verdict, Attempt::First).unwrap();
        let (segment, first) = (n / FRAMES, n - n % FRAMES);
        let ended = reaches(segment).into_iter().filter(|reach| n % FRAMES == reach + 9);
        let events: Vec<Event> = ended
            .map(|reach| Event {
                gesture: Gesture::Reach,
                track: n as u32,
                zone: Some("rolls".to_owned()),
                start: at(first + reach),
                end: at(first + reach + 8),
                contact: Some((40, 60)),
                position: None,
                confidence: 90,
            })
            .collect();
        recorder.record(&frame, &events).unwrap();
    }
    recorder.finish().unwrap();
    serving.join().unwrap();
}
