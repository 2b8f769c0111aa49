//! How often "turned to the screen" agrees with what somebody who looked at the pictures says: on every key frame of the labelled clips, without a host. The camera stands for
//! the screen, so a head labelled `frontal` is turned to it, and `three-quarter`, `profile`, `back` and `occluded` are not. (The labels' own precision: adjacent views may be one class
//! off.)

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that measures: it fails where it must, and prints its figures"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use audience_meter::detector::Detector;
use audience_meter::meter::Meter;
use audience_meter::settings::Settings;
use serde_json::Value;
use sluis_camera::{Driver, Pace, file};
use sluis_detect::Area;
use sluis_detect::rehearsal::{self, Network};
use sluis_frame::{CameraId, SystemClock};
use sluis_sdk::{Size, Still};

/// Labelled faces below this height count neither way, in pixels: five points of fewer say little. The largest class that is counted begins at 32.
const SMALLEST: f32 = 16.0;

/// What was found of the labelled heads of one view.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    heads: usize,
    found: usize,
    attentive: usize,
}

fn area(value: &Value) -> Option<Area> {
    let side = |n: usize| Some(value.get(n)?.as_f64()? as f32);
    Some(Area::new(side(0)?, side(1)?, side(2)?, side(3)?))
}

/// Faces on the key frames of a clip, by labelled view; and attentive faces that belong to no labelled head and lie in no ignored region.
fn measure(footage: &Path, labels: &Path, network: &Network) -> (BTreeMap<String, Tally>, usize) {
    let labels: Value = serde_json::from_slice(&std::fs::read(labels).unwrap()).unwrap();
    let clip = footage.join(labels["clip"].as_str().unwrap());
    let camera = CameraId::new("clip").unwrap();
    let mut driver: Box<dyn Driver> = file::open(&clip, camera, Pace::AsFastAsPossible, Arc::new(SystemClock)).unwrap();
    let size = driver.description().size;
    let size = Size::new(size.width, size.height);
    let mut meter = Meter::new(Detector::YuNet(network.clone()), None, size, &Settings::default()).unwrap();
    let (mut views, mut strangers) = (BTreeMap::<String, Tally>::new(), 0);
    let keys: BTreeMap<u64, &Value> =
        labels["keyframes"].as_array().unwrap().iter().map(|key| (key["frame"].as_u64().unwrap(), key)).collect();
    let mut number = 0;
    while let Some(raw) = driver.next().unwrap() {
        let key = keys.get(&number);
        number += 1;
        let Some(key) = key else { continue };
        let still = Still::new(size, raw.picture().pixels().to_vec());
        let mut faces = meter.measure(&still.frame()).unwrap();
        for head in key["heads"].as_array().unwrap() {
            let Some(whole) = area(&head["head"]) else { continue };
            let small =
                area(&head["face"]).is_some_and(|face| face.height() < SMALLEST) || whole.height() < 1.3 * SMALLEST;
            // The face whose middle lies in the head, the nearest to its middle.
            let inside = |face: &sluis_sdk::audience::Face| {
                let (x, y) = Area::from(face.area).centre();
                whole.left <= x && x <= whole.right && whole.top <= y && y <= whole.bottom
            };
            let found = faces.iter().position(inside).map(|at| faces.swap_remove(at));
            if small {
                continue;
            }
            let tally = views.entry(head["view"].as_str().unwrap_or("out").to_owned()).or_default();
            tally.heads += 1;
            tally.found += usize::from(found.is_some());
            tally.attentive += usize::from(found.is_some_and(|face| face.attentive));
        }
        let ignored: Vec<Area> = key["ignore"].as_array().unwrap().iter().filter_map(area).collect();
        strangers += faces.iter().filter(|f| f.attentive && Area::from(f.area).covered_by(&ignored) < 0.5).count();
    }
    (views, strangers)
}

#[test]
fn faces_that_are_turned_to_the_camera_are_mostly_told_and_others_mostly_not() {
    let Some(footage) = rehearsal::footage() else { return };
    let network = Network::read(&footage.join("models/face_detection_yunet_2023mar.onnx"));
    let mut files: Vec<_> =
        std::fs::read_dir(footage.join("labels/heads")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut all, mut all_strangers) = (BTreeMap::<String, Tally>::new(), 0);
    for labels in files {
        let (views, strangers) = measure(&footage, &labels, &network);
        println!("{}: strangers {strangers} {views:?}", labels.file_stem().unwrap().display());
        for (view, tally) in views {
            let sum = all.entry(view).or_default();
            (sum.heads, sum.found, sum.attentive) =
                (sum.heads + tally.heads, sum.found + tally.found, sum.attentive + tally.attentive);
        }
        all_strangers += strangers;
    }
    for (view, Tally { heads, found, attentive }) in &all {
        println!("{view:14} {heads:5} heads {found:5} found {attentive:5} towards");
    }
    let frontal = all.get("frontal").copied().unwrap_or_default();
    let told: usize = all.values().map(|tally| tally.attentive).sum::<usize>() + all_strangers;
    let near: usize = ["frontal", "three-quarter"].iter().filter_map(|view| all.get(*view)).map(|t| t.attentive).sum();
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let (precision, near) = (share(frontal.attentive, told), share(near, told));
    let (recall, of_found) = (share(frontal.attentive, frontal.heads), share(frontal.attentive, frontal.found));
    println!(
        "towards = frontal: precision {precision:.3}, recall {recall:.3} ({of_found:.3} of those found); frontal or three-quarter: precision {near:.3}"
    );
    assert!(frontal.heads > 50 && of_found > 0.7 && near > 0.9, "{precision} {recall} {of_found} {near}");
}
