//! What guarding costs per 640x480 frame, with two people walking: the floor, and the delay line with its tracks.

#![allow(missing_docs, reason = "criterion makes public functions")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use sluis_frame::{CameraId, Frame, FrameNumber, Header, Picture, Raw, Rect, Size, Timestamp};
use sluis_guard::{Floor, Found, Guard, GuardSettings, Mode, Sight};

const SIZE: Size = Size::new(640, 480);

/// Two dark figures walk before a textured wall, at 30 frames a second.
fn frame(number: u64) -> Frame<Raw> {
    let step = (number % 200) as i32 * 2;
    let figures = [Rect::new(60 + step, 120, 70, 300), Rect::new(500 - step, 80, 60, 280)];
    let mut pixels = Vec::with_capacity(SIZE.pixels() * 3);
    for y in 0..SIZE.height as i32 {
        for x in 0..SIZE.width as i32 {
            let somebody = figures.iter().any(|f| f.contains(x, y));
            let shade = if somebody { 40 } else { 120 + ((x / 16 + y / 16) % 2) as u8 * 40 };
            pixels.extend([shade, shade, shade / 2 + 30]);
        }
    }
    let header = Header {
        camera: CameraId::new("bench").expect("a plain word"),
        number: FrameNumber(number),
        captured: Timestamp::from_nanos(number as i64 * 33_333_333),
    };
    Frame::capture(header, Picture::new(SIZE, pixels).expect("as many pixels as the size says"), None)
        .expect("no depth")
}

fn floor(criterion: &mut Criterion) {
    let frames: Vec<_> = (0..200).map(frame).collect();
    let mut floor = Floor::new(SIZE);
    let mut next = frames.iter().cycle();
    criterion.bench_function("floor 640x480", |bencher| {
        bencher.iter(|| black_box(floor.observe(next.next().expect("a cycle does not end"))));
    });
}

fn guard(criterion: &mut Criterion) {
    let people: Vec<Sight> = {
        let mut floor = Floor::new(SIZE);
        (0..200).map(|number| floor.observe(&frame(number))).collect()
    };
    // One picture for all: the cost of making it is not the guard's.
    let picture = frame(0).picture().shared();
    let mut guard = Guard::new(GuardSettings::new(Mode::Heads, SIZE)).expect("the ordinary settings");
    let mut number = 0u64;
    criterion.bench_function("delay line and tracks 640x480", |bencher| {
        bencher.iter(|| {
            let header = Header {
                camera: CameraId::new("bench").expect("a plain word"),
                number: FrameNumber(number),
                captured: Timestamp::from_nanos(number as i64 * 33_333_333),
            };
            let picture = Picture::new(SIZE, picture.clone()).expect("as many pixels as before");
            let raw = Frame::capture(header, picture, None).expect("no depth");
            guard.enter(raw, people[number as usize % 200].clone(), Found::Detections(Vec::new()));
            while let Some(leaving) = guard.leave() {
                black_box(leaving.masks(Mode::Heads));
            }
            number += 1;
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(4)).sample_size(40);
    targets = floor, guard
}
criterion_main!(benches);
