//! Promise: the gate lets sound segments of real footage through. Prints what they cost.
//!
//! The footage lies outside the project: at `SLUIS_FOOTAGE`, else beside the workspace. Without it the test says so and passes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sluis_frame::door::Attempt;
use sluis_frame::{
    Cause, Cleared, Frame, FrameNumber, Header, Mask, Picture, Rect, Rgb, Shape, Size, Style, Verdict, paint,
};
use sluis_segment::video::Decoder;
use sluis_segment::{Recorder, RecorderSettings};

use crate::setup::{DOORS, START, annex_b, camera, keep, settings};

fn footage() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/footage");
    let folder = std::env::var_os("SLUIS_FOOTAGE").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// Up to `most` pictures of a clip.
fn pictures(clip: &Path, most: usize) -> (Size, Vec<Picture>) {
    let file = fs::read(clip).unwrap();
    let mp4 = re_mp4::Mp4::read_bytes(&file).unwrap();
    let track = mp4.tracks().values().next().unwrap();
    let size = Size::new(u32::from(track.width), u32::from(track.height));
    let mut decoder = Decoder::new(size).unwrap();
    let samples = track.samples.iter().take(most).enumerate();
    let pictures =
        samples.filter_map(|(n, s)| decoder.decode(&annex_b(&file[s.byte_range()], &mp4, n == 0)).ok()).collect();
    (size, pictures)
}

/// Heads that wander, of sizes from 12 pixels to a quarter of the picture.
fn masks(n: usize, size: Size) -> Vec<Mask> {
    let (w, h) = (size.width as f32, size.height as f32);
    let t = n as f32 / 15.0;
    let place = |share: f32, speed: f32| {
        (w * (0.5 + 0.5 * (t * speed + share * 40.0).sin()), h * (0.5 + 0.4 * (t * speed * 0.7).cos()))
    };
    let sides = [12.0, 20.0, 34.0, h * 0.12, h * 0.25];
    sides
        .iter()
        .map(|side| {
            let (x, y) = place(side / h, 1.0);
            let rect = Rect::new((x - side / 2.0) as i32, (y - side / 2.0) as i32, *side as u32, (*side * 1.3) as u32);
            Mask { shape: Shape::Ellipse(rect), cause: Cause::Filter }
        })
        .collect()
}

fn cleared(n: usize, rate: f64, picture: &Picture, style: Style) -> Frame<Cleared> {
    let captured = START + Duration::from_secs_f64(n as f64 / rate);
    let header = Header { camera: camera(), number: FrameNumber(n as u64), captured };
    let size = picture.size();
    let raw = Frame::capture(header, Picture::new(size, picture.pixels()).unwrap(), None).unwrap();
    let redacted = paint::redact(&raw, masks(n, size), style);
    let verdict = Verdict { findings: vec![], worst_score: 0, independent: true };
    DOORS.audit.pass(redacted, verdict, Attempt::First).unwrap()
}

#[test]
fn sound_segments_of_real_footage_pass_the_gate() {
    let Some(folder) = footage() else {
        println!("SKIPPED: there is no footage; name its folder in SLUIS_FOOTAGE");
        return;
    };
    for (clip, rate) in [
        ("store-aisle-detection", 15.0),
        ("classroom", 15.0),
        ("one-by-one", 10.0),
        ("bottle-shelf", 29.8),
        ("lobby-cctv", 29.97),
        ("street-approach-1080p", 25.0),
    ] {
        let (size, pictures) = pictures(&folder.join(format!("clips/{clip}.mp4")), 90);
        for style in [Style::Fill(Rgb::BLACK), Style::Fill(Rgb(255, 0, 255)), Style::Pixelate, Style::Blur] {
            let frames: Vec<_> = pictures.iter().enumerate().map(|(n, p)| cleared(n, rate, p, style)).collect();
            let (eye, kept) = keep();
            let settings = RecorderSettings { style, rate, depth_unit: None, calibration: None, ..settings(size) };
            let mut recorder = Recorder::new(settings, eye).unwrap();
            let begun = Instant::now();
            for frame in &frames {
                recorder.record(frame, &[]).unwrap_or_else(|e| panic!("{clip} in {style:?}: {e:?}"));
            }
            let finished = recorder.finish().unwrap();
            let each = begun.elapsed().as_secs_f64() * 1e3 / frames.len() as f64;
            assert_eq!(finished.frames.total(), frames.len() as u64);
            let megabits = finished.sealed_bytes as f64 * 8.0 / 1e6 / (frames.len() as f64 / rate);
            let worst = kept.join().unwrap().iter().map(|k| k.summary().gate.worst).fold(0.0, f32::max);
            println!(
                "{clip} {size} {style:?}: {megabits:.2} Mbit/s, {each:.1} ms a frame, gate's worst pixel {worst:.0}"
            );
        }
    }
}
