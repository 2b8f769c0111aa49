//! What it costs a chamber to see: a call that reads a whole picture of 640x480 as RGB8, against `memcpy` of the same
//! bytes. The aim is 1.2 times.
//!
//! Also scaled reads, and a call that reads nothing. At its end it prints the ratio.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use sluis_componentize::{BuildRequest, build};
use sluis_frame::{CameraId, Frame, FrameNumber, Header, Picture, Raw, Size, Timestamp};
use sluis_stage::{CameraFacts, ChamberSettings, Engine, EngineSettings, FilterChamber, Limits};

const SIZE: Size = Size::new(640, 480);

fn chamber(engine: &Engine, name: &str) -> FilterChamber {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("components");
    let planted = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/components");
    let request = BuildRequest { crate_dir: planted.join(name), out_dir: out.join("built"), target_dir: out };
    let component = build(&request).expect("it builds");
    let plugin = engine.load(name, &std::fs::read(component.path).expect("it was built just now")).expect("it loads");
    let settings = ChamberSettings {
        camera: CameraId::new("bench").expect("a good name"),
        facts: CameraFacts { size: SIZE, rate: 30.0, depth: false, mount: None, lens: None },
        settings: "{}".to_owned(),
        limits: Limits::default(),
        models: Vec::new(),
    };
    plugin.filter(&settings).expect("it starts")
}

fn picture() -> Frame<Raw> {
    let header = Header {
        camera: CameraId::new("bench").expect("a good name"),
        number: FrameNumber(0),
        captured: Timestamp::from_secs(0),
    };
    let pixels: Vec<u8> = (0..SIZE.pixels() * 3).map(|at| (at * 31 % 251) as u8).collect();
    Frame::capture(header, Picture::new(SIZE, pixels).expect("it fits"), None).expect("it has no depth")
}

fn read(criterion: &mut Criterion) {
    let engine = Engine::new(EngineSettings::default()).expect("the engine starts");
    let frame = picture();
    let pixels = frame.picture().pixels();
    let mut copy = vec![0u8; pixels.len()];
    let mut reads = chamber(&engine, "reads-whole");
    let mut nothing = chamber(&engine, "answers-nothing");

    let mut group = criterion.benchmark_group("640x480 RGB8");
    group.bench_function("memcpy", |b| b.iter(|| black_box(&mut copy).copy_from_slice(black_box(pixels))));
    group.bench_function("a call that reads it", |b| b.iter(|| reads.find(&frame, &[]).expect("it answers")));
    group.bench_function("a call that reads nothing", |b| b.iter(|| nothing.find(&frame, &[]).expect("it answers")));
    group.finish();

    summary(&mut copy, pixels, || {
        reads.find(&frame, &[]).expect("it answers");
    });
}

/// The ratio of the medians of many short turns, taken in turns, so that what else the machine does weighs on both
/// alike.
#[allow(clippy::print_stdout, reason = "a benchmark is read by a person")]
fn summary(copy: &mut [u8], pixels: &[u8], mut call: impl FnMut()) {
    const TURNS: usize = 301;
    const CALLS: u32 = 20;
    let timed = |work: &mut dyn FnMut()| {
        let started = Instant::now();
        (0..CALLS).for_each(|_| work());
        started.elapsed() / CALLS
    };
    let mut copies = Vec::with_capacity(TURNS);
    let mut calls = Vec::with_capacity(TURNS);
    for _ in 0..TURNS {
        copies.push(timed(&mut || black_box(&mut *copy).copy_from_slice(black_box(pixels))));
        calls.push(timed(&mut call));
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[TURNS / 2]
    };
    let (copy, call) = (median(&mut copies), median(&mut calls));
    let ratio = call.as_secs_f64() / copy.as_secs_f64();
    println!("stage-read: memcpy {copy:?}, call {call:?}, ratio {ratio:.2} (aim 1.20)");
}

criterion_group!(benches, read);
criterion_main!(benches);
