//! The SDK's mock of the host against the host: the same bytes, whatever a plugin reads.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this crate is tests")]

use std::path::{Path, PathBuf};

use reads_parts::ReadsParts;
use serde_json::Map;
use sluis_componentize::{BuildRequest, build};
use sluis_frame::CameraId;
use sluis_sdk::{GestureDetector, Person, Rect, Size, Still, mock};
use sluis_stage::{ChamberSettings, Engine, EngineSettings, Limits, World};
use sluis_workbench::{Camera, Footage, Show, Showing, Subject, View, Workbench};

/// Where the tests of the program build components, so that the standard library is compiled once for all.
fn components() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("components")
}

/// What the sandbox was shown, as the mock shows it.
fn still(showing: &Showing, at_ms: u64) -> Still {
    let sluis_workbench::showing::Shown::Cleared(frame) = &showing.shown else {
        panic!("a detector sees cleared frames")
    };
    let rect = |r: sluis_frame::Rect| Rect::new(r.x, r.y, r.width, r.height);
    let size = Size::new(frame.size().width, frame.size().height);
    let people = showing.people.iter().map(|p| Person { body: rect(p.body), head: rect(p.head) }).collect();
    let still = Still::new(size, frame.picture().pixels().to_vec()).at_ms(at_ms).with_people(people);
    still
        .with_depth(frame.depth().unwrap().millimetres(frame.size().rect()))
        .with_masks(frame.masks().iter().map(|mask| rect(mask.bounds())).collect())
}

#[test]
fn what_a_plugin_reads_natively_is_what_it_reads_in_the_sandbox() {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/components/reads-parts");
    let request = BuildRequest { crate_dir, target_dir: components().join("build"), out_dir: components() };
    let built = build(&request).unwrap_or_else(|error| panic!("{error}"));
    let engine = Engine::new(EngineSettings::default()).unwrap();
    let plugin = engine.load("reads-parts", &std::fs::read(built.path).unwrap()).unwrap();
    let bench = Workbench::new().unwrap();
    let footage = Footage::Synthetic { seed: 1, view: View::Oblique, frames: 60 };
    let mut show = Show::open(&bench, &footage, Camera::default(), Path::new("."), World::GestureDetector).unwrap();
    let given = ChamberSettings {
        camera: CameraId::new("a").unwrap(),
        facts: show.facts(),
        settings: show.settings(&Map::new()),
        limits: Limits::default(),
        models: Vec::new(),
    };
    let mut sandboxed = Subject::new(&plugin, &given).unwrap();
    let mut native = ReadsParts::new(mock::depth_camera(Size::new(640, 480)), "{}").unwrap();
    let (mut first, mut masked, mut frames) = (None, 0, 0);
    while let Some(showing) = show.next_shown().unwrap() {
        let captured = showing.header().captured;
        let first = *first.get_or_insert(captured);
        let still = still(&showing, captured.since(first).as_millis() as u64);
        let expected = sandboxed.show(&showing, first).answer.unwrap();
        let tracks: Vec<u32> = mock::observe(&mut native, &still).iter().map(|event| event.track).collect();
        assert_eq!(expected.len(), 2);
        for (line, track) in expected.iter().zip(tracks) {
            assert!(line.starts_with(&format!("reach by {track} ")), "frame {frames}: {line}, natively {track}");
        }
        masked += still.frame().masks().len();
        frames += 1;
    }
    assert!(frames > 50 && masked > 0, "{frames} frames, {masked} masks: nothing was shown");
}
