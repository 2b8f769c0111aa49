//! How many of the labelled heads the floor's own head zones cover, without any filter:
//!
//! ```text
//! cargo run --release -p sluis-guard --example heads_on_footage [PICTURES]
//! ```
//!
//! A head counts as covered when at least 90 % of its box is masked after hold, in mode `heads`. With a folder as argument, every 20th frame is
//! written there with masks and labels drawn: for a person at a desk, from footage that may be looked at. Reads the folder `SLUIS_FOOTAGE`.

#![allow(clippy::print_stdout, reason = "an example that prints a table")]
#![allow(missing_docs, reason = "shares the footage reader with the tests")]
#![allow(clippy::expect_used, reason = "the footage reader states what the labels hold")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sluis_frame::Coverage;
use sluis_guard::{Floor, Found, Guard, GuardSettings, Leaving, Mode};

#[path = "../tests/footage/mod.rs"]
#[allow(unreachable_pub, dead_code, reason = "shared with the tests, each of which uses a part")]
mod footage;
mod shown;
use footage::Labels;

#[derive(Default)]
struct Tally {
    heads: u32,
    covered: u32,
    moving: u32,
    moving_covered: u32,
    faceless: u32,
    faceless_covered: u32,
    masked: f64,
    labelled: f64,
    upheavals: u32,
    frames: u32,
    floor: Duration,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(folder) = footage::folder() else {
        println!("skipped: no footage here; set SLUIS_FOOTAGE to its folder");
        return Ok(());
    };
    let pictures = std::env::args().nth(1).map(PathBuf::from);
    println!(
        "{:34} {:>11} {:>12} {:>12} {:>8} {:>8} {:>9} {:>8}",
        "clip", "heads", "moving", "back+moving", "masked", "labelled", "upheavals", "ms/frame"
    );
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder.join("labels/heads"))?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let labels = Labels::read(&file)?;
        let tally = measure(&folder, &labels, pictures.as_deref())?;
        let share = |a: u32, b: u32| format!("{a}/{b}");
        println!(
            "{:34} {:>11} {:>12} {:>12} {:>7.1}% {:>7.1}% {:>9} {:>8.2}",
            labels.clip(),
            share(tally.covered, tally.heads),
            share(tally.moving_covered, tally.moving),
            share(tally.faceless_covered, tally.faceless),
            100.0 * tally.masked / f64::from(tally.frames),
            100.0 * tally.labelled / f64::from(tally.frames),
            tally.upheavals,
            tally.floor.as_secs_f64() * 1e3 / f64::from(tally.frames),
        );
    }
    Ok(())
}

fn measure(folder: &Path, labels: &Labels, pictures: Option<&Path>) -> Result<Tally, Box<dyn Error>> {
    let mut tally = Tally::default();
    let mut running: Option<(Floor, Guard)> = None;
    footage::decode(&folder.join(labels.clip()), |number, picture| {
        if number >= labels.frames() {
            return;
        }
        let (floor, guard) = running.get_or_insert_with(|| {
            let settings = GuardSettings::new(Mode::Heads, picture.size());
            (Floor::new(picture.size()), Guard::new(settings).expect("the ordinary settings"))
        });
        let raw = footage::frame(number, number as f64 / labels.fps(), picture, None);
        let started = Instant::now();
        let sight = floor.observe(&raw);
        tally.floor += started.elapsed();
        guard.enter(raw, sight, Found::Detections(Vec::new()));
        while let Some(leaving) = guard.leave() {
            count(&mut tally, labels, &leaving, pictures);
        }
    })?;
    while let Some(leaving) = running.as_mut().and_then(|(_, guard)| guard.flush()) {
        count(&mut tally, labels, &leaving, pictures);
    }
    Ok(tally)
}

fn count(tally: &mut Tally, labels: &Labels, leaving: &Leaving, pictures: Option<&Path>) {
    let number = leaving.header().number.0;
    let size = leaving.raw().size();
    let masks = leaving.masks(Mode::Heads);
    let coverage = Coverage::of(&masks, size);
    let heads = labels.heads(number);
    for head in &heads {
        let covered = u32::from(coverage.share_of(head.area) >= 0.9);
        tally.heads += 1;
        tally.covered += covered;
        if labels.moves(head, number) {
            tally.moving += 1;
            tally.moving_covered += covered;
            if head.faceless {
                tally.faceless += 1;
                tally.faceless_covered += covered;
            }
        }
        tally.labelled += head.area.area() as f64 / size.pixels() as f64;
    }
    tally.masked += coverage.count() as f64 / size.pixels() as f64;
    tally.upheavals += u32::from(leaving.stepped_up().is_some());
    tally.frames += 1;
    if let Some(folder) = pictures.filter(|_| number % 20 == 10) {
        let areas: Vec<_> = heads.iter().map(|h| h.area).collect();
        let name = labels.clip().replace('/', "_");
        shown::draw(&folder.join(format!("{name}-{number:04}.png")), leaving.raw(), &coverage, &areas);
    }
}
