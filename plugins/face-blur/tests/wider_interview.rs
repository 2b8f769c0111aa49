//! The filter against photographs with marked faces (of the 142 of WIDER FACE validation, 13--Interview), without a host: tract runs the network, the SDK lends
//! the pictures. Floor and hold are not there, so this is what the detector does by itself.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that measures: it fails where it must, and prints its figures"
)]

use std::time::{Duration, Instant};

use face_blur::detector::Detector;
use face_blur::search::Search;
use sluis_detect::rehearsal::{self, Marked, Network};
use sluis_detect::{Area, Settings};

/// Faces that count, in pixels of height, as the aims have it.
const SMALLEST: f32 = 20.0;
/// A face is masked when this share of its box is.
const MASKED: f32 = 0.9;

#[derive(Default)]
struct Tally {
    faces: usize,
    masked: usize,
    regions: usize,
    on_nothing: usize,
    time: Duration,
}

/// The host's part: it widens to a grid of 8 pixels and grows by 1.3 about the centre.
fn as_the_host_masks(region: sluis_sdk::Rect) -> Area {
    let grid = |v: i64, up: i64| (v + up).div_euclid(8) * 8;
    let (left, top) = (grid(region.x.into(), 0) as f32, grid(region.y.into(), 0) as f32);
    let (right, bottom) = (grid(region.right(), 7) as f32, grid(region.y as i64 + i64::from(region.height), 7) as f32);
    let (w, h) = (right - left, bottom - top);
    Area { left, top, right, bottom }.widen(w * 0.15, h * 0.15, h * 0.15)
}

/// What was masked by the regions as they are named, and as the host masks them.
fn search(stills: &[Marked], detector: impl Fn() -> Detector<Network>) -> [Tally; 2] {
    let mut tallies = [Tally::default(), Tally::default()];
    for marked in stills {
        let still = rehearsal::still(&marked.file);
        let frame = still.frame();
        let mut search = Search::new(detector(), frame.size(), Settings::default()).unwrap();
        let start = Instant::now();
        let regions = search.find(&frame).unwrap();
        let time = start.elapsed();
        let named: Vec<Area> = regions.iter().map(|r| Area::from(r.area)).collect();
        let grown: Vec<Area> = regions.iter().map(|r| as_the_host_masks(r.area)).collect();
        for (tally, masks) in tallies.iter_mut().zip([named, grown]) {
            let counted = marked.faces.iter().filter(|f| f.height() >= SMALLEST);
            tally.time += time;
            tally.faces += counted.clone().count();
            tally.masked += counted.filter(|f| f.covered_by(&masks) >= MASKED).count();
            tally.regions += masks.len();
            tally.on_nothing += masks.iter().filter(|m| m.covered_by(&marked.faces) == 0.0).count();
        }
    }
    tallies
}

fn report(name: &str, tally: &Tally, stills: usize) -> f64 {
    let share = tally.masked as f64 / tally.faces as f64;
    println!(
        "{name}: {} of {} faces masked ({:.1} %), {} regions, {} on nothing marked, {:.0} ms a picture",
        tally.masked,
        tally.faces,
        share * 100.0,
        tally.regions,
        tally.on_nothing,
        tally.time.as_secs_f64() * 1000.0 / stills as f64,
    );
    share
}

#[test]
fn centerface_masks_nearly_all_faces() {
    let Some(footage) = rehearsal::footage() else { return };
    let (stills, slack) = rehearsal::some_of_wider_interview(&footage);
    let network =
        rehearsal::prepared(Network::read(&footage.join("models/centerface.onnx")), face_blur::centerface::INPUT);
    let [named, grown] = search(&stills, || Detector::CenterFace(network.clone()));
    let named = report("CenterFace, regions as named", &named, stills.len());
    let grown = report("CenterFace, as the host masks", &grown, stills.len());
    assert!(named >= 0.9 - slack && grown >= 0.94 - slack, "{named} {grown}");
}

#[test]
fn seetaface_masks_two_faces_in_five() {
    let Some(footage) = rehearsal::footage() else { return };
    let (stills, slack) = rehearsal::some_of_wider_interview(&footage);
    let [_, grown] = search(&stills, || Detector::seetaface().unwrap());
    let grown = report("SeetaFace, as the host masks", &grown, stills.len());
    assert!(grown >= 0.4 - slack, "{grown}");
}
