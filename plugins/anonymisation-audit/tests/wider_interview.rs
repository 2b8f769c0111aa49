//! The audit against photographs with marked faces (of the 142 of WIDER FACE validation, 13--Interview), without a host: tract runs the network, the SDK lends
//! the pictures. How many bare faces it finds, and how often it finds one where all are masked.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that measures: it fails where it must, and prints its figures"
)]

use std::time::{Duration, Instant};

use anonymisation_audit::detector::Detector;
use anonymisation_audit::inspection::Inspector;
use sluis_detect::rehearsal::{self, Marked, Network};
use sluis_detect::{Area, Settings};
use sluis_sdk::audit::Verdict;
use sluis_sdk::{PixelFormat, Rect, Still};

/// Faces that count, in pixels of height, as the aims have it.
const SMALLEST: f32 = 20.0;

#[derive(Default)]
struct Tally {
    faces: usize,
    found: usize,
    alarms: usize,
    time: Duration,
}

/// The picture as it would be recorded if the host masked every marked face: filled, with a margin.
fn redact(still: &Still, faces: &[Area]) -> (Still, Vec<Rect>) {
    let size = still.frame().size();
    let mask = |face: &Area| face.widen(face.width() * 0.3, face.height() * 0.3, face.height() * 0.3).pixels(size);
    let masks: Vec<Rect> = faces.iter().filter_map(mask).collect();
    let mut rgb = still.frame().read_whole(PixelFormat::Rgb8);
    for mask in &masks {
        for y in mask.y as usize..mask.bottom() as usize {
            let row = y * size.width as usize;
            rgb[(row + mask.x as usize) * 3..(row + mask.right() as usize) * 3].fill(0);
        }
    }
    (Still::new(size, rgb), masks)
}

fn inspect(stills: &[Marked], detector: impl Fn() -> Detector<Network>) -> Tally {
    let mut tally = Tally::default();
    for marked in stills {
        let raw = rehearsal::still(&marked.file);
        let mut inspector = Inspector::new(detector(), raw.frame().size(), Settings::default()).unwrap();

        let start = Instant::now();
        let Verdict { findings, .. } = inspector.inspect(&raw.frame(), &[]).unwrap();
        tally.time += start.elapsed();
        let areas: Vec<Area> = findings.iter().map(|f| Area::from(f.area)).collect();
        let counted = marked.faces.iter().filter(|f| f.height() >= SMALLEST);
        tally.faces += counted.clone().count();
        tally.found += counted.filter(|f| areas.iter().any(|a| a.iou(**f) > 0.3)).count();

        let (redacted, masks) = redact(&raw, &marked.faces);
        let verdict = inspector.inspect(&redacted.at_ms(1).frame(), &masks).unwrap();
        if !verdict.findings.is_empty() {
            tally.alarms += 1;
            println!("  {}: {:?}", marked.file.file_name().unwrap().display(), verdict.findings);
        }
    }
    tally
}

fn report(name: &str, tally: &Tally, stills: usize) -> (f64, f64) {
    let (found, alarms) = (tally.found as f64 / tally.faces as f64, tally.alarms as f64 / stills as f64);
    println!(
        "{name}: {} of {} bare faces found ({:.1} %), alarms on {} of {stills} masked pictures ({:.1} %), {:.0} ms a picture",
        tally.found,
        tally.faces,
        found * 100.0,
        tally.alarms,
        alarms * 100.0,
        tally.time.as_secs_f64() * 1000.0 / stills as f64,
    );
    (found, alarms)
}

#[test]
fn yunet_finds_bare_faces_and_seldom_a_masked_one() {
    let Some(footage) = rehearsal::footage() else { return };
    let (stills, slack) = rehearsal::some_of_wider_interview(&footage);
    let network = rehearsal::prepared(
        Network::read(&footage.join("models/face_detection_yunet_2023mar.onnx")),
        sluis_detect::yunet::INPUT,
    );
    let (found, alarms) = report("YuNet", &inspect(&stills, || Detector::YuNet(network.clone())), stills.len());
    assert!(found >= 0.82 - slack && alarms <= 0.04 + slack, "{found} {alarms}");
}

#[test]
fn seetaface_finds_bare_faces_and_seldom_a_masked_one() {
    let Some(footage) = rehearsal::footage() else { return };
    let (stills, slack) = rehearsal::some_of_wider_interview(&footage);
    let (found, alarms) = report("SeetaFace", &inspect(&stills, || Detector::seetaface().unwrap()), stills.len());
    assert!(found >= 0.4 - slack && alarms <= 0.02 + slack, "{found} {alarms}");
}
