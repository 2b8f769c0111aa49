//! How many heads in a synthetic shop the floor's own head zones cover, without any filter, with and without depth and the sensor's faults:
//!
//! ```text
//! cargo run --release -p sluis-guard --example heads_in_a_synthetic_shop [PICTURES]
//! ```
//!
//! A head counts when at least half of it is seen, and as covered when at least 90 % of its box is masked after hold, in mode `heads`. With a folder as argument,
//! every 20th frame is written there with masks and heads drawn.

#![allow(clippy::print_stdout, reason = "an example that prints a table")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sluis_camera::synthetic::{Faults, FrameTruth, Preset, Settings, Shop};
use sluis_camera::{Driver, Pace};
use sluis_frame::{CameraId, Coverage, Frame, Raw, Rect, SystemClock};
use sluis_guard::{Floor, Found, Guard, GuardSettings, Leaving, Mode};

mod shown;

/// How much of each shop is looked at.
const LENGTH: Duration = Duration::from_secs(40);

#[derive(Default)]
struct Tally {
    heads: u32,
    covered: u32,
    masked: f64,
    labelled: f64,
    zones: usize,
    frames: u32,
    floor: Duration,
}

fn main() -> Result<(), Box<dyn Error>> {
    let pictures = std::env::args().nth(1).map(PathBuf::from);
    println!(
        "{:10} {:14} {:>11} {:>8} {:>8} {:>12} {:>8}",
        "view", "sensor", "heads", "masked", "labelled", "zones/frame", "ms/frame"
    );
    for preset in Preset::ALL {
        for (name, depth, faults) in
            [("faultless", true, Faults::NONE), ("real", true, Faults::ALL), ("real, no depth", false, Faults::ALL)]
        {
            let settings = Settings { preset, faults, length: Some(LENGTH), ..Settings::seeded(5) };
            let shown = pictures.as_ref().map(|folder| folder.join(format!("{preset:?}-{name}")));
            let tally = measure(settings, depth, shown.as_deref())?;
            println!(
                "{:10} {name:14} {:>11} {:>7.1}% {:>7.1}% {:>12.1} {:>8.2}",
                format!("{preset:?}"),
                format!("{}/{}", tally.covered, tally.heads),
                100.0 * tally.masked / f64::from(tally.frames),
                100.0 * tally.labelled / f64::from(tally.frames),
                tally.zones as f64 / f64::from(tally.frames),
                tally.floor.as_secs_f64() * 1e3 / f64::from(tally.frames),
            );
        }
    }
    Ok(())
}

fn measure(settings: Settings, depth: bool, pictures: Option<&Path>) -> Result<Tally, Box<dyn Error>> {
    let size = settings.size;
    let shop = Shop::new(settings)?;
    let mut driver = shop.open(CameraId::new("shop")?, Pace::AsFastAsPossible, &SystemClock);
    let mut witness = shop.witness();
    let mut truths = Vec::new();
    let mut floor = Floor::new(size);
    let mut guard = Guard::new(GuardSettings::new(Mode::Heads, size))?;
    let mut tally = Tally::default();
    while let Some(frame) = driver.next()? {
        truths.push(witness.next_frame());
        let frame = if depth { frame } else { without_depth(&frame)? };
        let started = Instant::now();
        let sight = floor.observe(&frame);
        tally.floor += started.elapsed();
        tally.zones += sight.people.len();
        guard.enter(frame, sight, Found::Detections(Vec::new()));
        while let Some(leaving) = guard.leave() {
            count(&mut tally, &truths, &leaving, pictures);
        }
    }
    while let Some(leaving) = guard.flush() {
        count(&mut tally, &truths, &leaving, pictures);
    }
    Ok(tally)
}

fn without_depth(frame: &Frame<Raw>) -> Result<Frame<Raw>, Box<dyn Error>> {
    let picture = sluis_frame::Picture::new(frame.size(), frame.picture().pixels().to_vec())?;
    Ok(Frame::capture(frame.header().clone(), picture, None)?)
}

fn count(tally: &mut Tally, truths: &[FrameTruth], leaving: &Leaving, pictures: Option<&Path>) {
    let number = leaving.header().number.0;
    let size = leaving.raw().size();
    let coverage = Coverage::of(&leaving.masks(Mode::Heads), size);
    let heads: Vec<Rect> =
        truths[number as usize].heads.iter().filter(|head| head.visible >= 0.5).map(|head| head.head).collect();
    for head in &heads {
        tally.heads += 1;
        tally.covered += u32::from(coverage.share_of(*head) >= 0.9);
        tally.labelled += head.area() as f64 / size.pixels() as f64;
    }
    tally.masked += coverage.count() as f64 / size.pixels() as f64;
    tally.frames += 1;
    if let Some(folder) = pictures.filter(|_| number % 20 == 10) {
        if let Err(error) = std::fs::create_dir_all(folder) {
            println!("{}: {error}", folder.display());
        }
        shown::draw(&folder.join(format!("{number:04}.png")), leaving.raw(), &coverage, &heads);
    }
}
