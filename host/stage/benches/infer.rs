//! What a model costs a chamber: making it the first time (the model is optimised for the picture's size), making it
//! again (the plan is kept), and a call. Skipped where the models are not there.

#![allow(clippy::print_stdout, reason = "a benchmark is read by a person")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sluis_componentize::{BuildRequest, build};
use sluis_frame::{CameraId, Frame, FrameNumber, Header, Picture, Raw, Rgb, Size, Timestamp};
use sluis_stage::{CameraFacts, ChamberSettings, Engine, EngineSettings, Limits, Models};

const CALLS: u32 = 10;

fn main() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/footage");
    let footage = std::env::var_os("SLUIS_FOOTAGE").map_or(beside, PathBuf::from);
    for file in ["face_detection_yunet_2023mar.onnx", "centerface.onnx"] {
        let Ok(onnx) = std::fs::read(footage.join("models").join(file)) else {
            println!("skipped: no {file} in {}", footage.display());
            continue;
        };
        for size in [Size::new(640, 480), Size::new(1920, 1088)] {
            measure(file, onnx.clone(), size);
        }
    }
}

fn measure(file: &str, onnx: Vec<u8>, size: Size) {
    let mut models = Models::new();
    // The component asks for this name, whichever model it is.
    models.insert("yunet", onnx);
    let engine = Engine::new(EngineSettings { cache: None, models }).expect("the engine starts");
    let plugin = engine.load("asks-model", &component()).expect("it loads");
    let limits = Limits { call: Duration::from_secs(60), create: Duration::from_secs(120), ..Limits::default() };
    let settings = ChamberSettings {
        camera: CameraId::new("bench").expect("a good name"),
        facts: CameraFacts { size, rate: 30.0, depth: false, mount: None, lens: None },
        settings: "{}".to_owned(),
        limits,
        models: vec!["yunet".to_owned()],
    };
    let timed = |work: &mut dyn FnMut()| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    let mut make = || drop(plugin.filter(&settings).expect("it starts"));
    let (first, again) = (timed(&mut make), timed(&mut make));
    let mut filter = plugin.filter(&settings).expect("it starts");
    let frame = picture(size);
    let calls = timed(&mut || {
        for _ in 0..CALLS {
            filter.find(&frame, &[]).expect("it answers");
        }
    });
    println!("{file} at {size}: made first {first:.2?}, made again {again:.2?}, a call {:.2?}", calls / CALLS);
}

fn component() -> Vec<u8> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("components");
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/components/asks-model");
    let built = build(&BuildRequest { crate_dir, out_dir: out.join("built"), target_dir: out }).expect("it builds");
    std::fs::read(built.path).expect("it was built just now")
}

fn picture(size: Size) -> Frame<Raw> {
    let header = Header {
        camera: CameraId::new("bench").expect("a good name"),
        number: FrameNumber(0),
        captured: Timestamp::from_secs(0),
    };
    Frame::capture(header, Picture::plain(size, Rgb(90, 90, 90)).expect("a good size"), None).expect("it has no depth")
}
