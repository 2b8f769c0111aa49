//! How many heads in synthetic shops the floor's own head zones cover, without any filter:
//!
//! ```text
//! cargo run --release -p sluis-guard --example heads_in_a_synthetic_shop [--seconds=S] [--seeds=N] [--only=PART] [PICTURES]
//! ```
//!
//! A head counts when at least half of it is seen, and as covered when at least 90 % of its box is masked, in mode `heads`: `held` after hold, as a recording has it, and
//! `seen` by what the floor saw in that very frame. `masked` and `masked seen` are shares of the picture, `hands` the share of hands in shelves that are masked. With a folder as argument, every 20th frame is written there
//! with masks and heads drawn. PART is a part of the name of a view or of what the floor is given.

#![allow(clippy::print_stdout, reason = "an example that prints a table")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sluis_camera::synthetic::{FrameTruth, Preset, Settings, Shop};
use sluis_camera::{Driver, Pace};
use sluis_frame::{CameraId, Cause, Coverage, Frame, Mask, Raw, Rect, SystemClock};
use sluis_guard::{Floor, Found, Guard, GuardSettings, Leaving, Mode, Vantage};

mod shown;

/// What the floor is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// Depth, and from where it was measured.
    Space,
    /// Depth of which it is not known from where it was measured.
    Depth,
    /// Colour only.
    Colour,
}

/// What is looked at.
struct Asked {
    seconds: u64,
    seeds: u64,
    only: String,
    pictures: Option<PathBuf>,
}

#[derive(Default)]
struct Tally {
    heads: u32,
    held: u32,
    seen: u32,
    hands: u32,
    hands_masked: u32,
    masked: f64,
    masked_seen: f64,
    labelled: f64,
    zones: usize,
    frames: u32,
    floor: Duration,
}

/// What is known of a frame while the guard holds it.
struct Known {
    truth: FrameTruth,
    seen: Vec<Rect>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let asked = Asked::of(std::env::args().skip(1));
    println!(
        "{:9} {:7} {:>6} {:>7} {:>7} {:>7} {:>11} {:>8} {:>9} {:>12} {:>8}",
        "view",
        "given",
        "heads",
        "held",
        "seen",
        "masked",
        "masked seen",
        "labelled",
        "hands",
        "zones/frame",
        "ms/frame"
    );
    for preset in Preset::ALL {
        for given in [Given::Space, Given::Depth, Given::Colour] {
            let name = format!("{preset:?}-{given:?}").to_lowercase();
            if !name.contains(&asked.only) {
                continue;
            }
            let mut tally = Tally::default();
            for seed in 1..=asked.seeds {
                let length = Some(Duration::from_secs(asked.seconds));
                let settings = Settings { preset, length, ..Settings::seeded(seed) };
                let shown = asked.pictures.as_ref().map(|folder| folder.join(format!("{name}-{seed}")));
                measure(settings, given, shown.as_deref(), &mut tally)?;
            }
            println!("{:9} {:7} {}", format!("{preset:?}"), format!("{given:?}"), tally.row());
        }
    }
    Ok(())
}

fn measure(settings: Settings, given: Given, pictures: Option<&Path>, tally: &mut Tally) -> Result<(), Box<dyn Error>> {
    let size = settings.size;
    let shop = Shop::new(settings)?;
    let mut driver = shop.open(CameraId::new("shop")?, Pace::AsFastAsPossible, &SystemClock);
    let mut witness = shop.witness();
    let mut known = Vec::new();
    let vantage = Vantage { pose: shop.pose(), lens: shop.lens() };
    let mut floor = Floor::new(size).seen_from((given == Given::Space).then_some(vantage));
    let mut guard = Guard::new(GuardSettings::new(Mode::Heads, size))?;
    while let Some(frame) = driver.next()? {
        let frame = if given == Given::Colour { without_depth(&frame)? } else { frame };
        let started = Instant::now();
        let sight = floor.observe(&frame);
        tally.floor += started.elapsed();
        tally.zones += sight.people.len();
        known.push(Known { truth: witness.next_frame(), seen: sight.people.iter().map(|p| p.head).collect() });
        guard.enter(frame, sight, Found::Detections(Vec::new()));
        while let Some(leaving) = guard.leave() {
            tally.count(&known, &leaving, pictures);
        }
    }
    while let Some(leaving) = guard.flush() {
        tally.count(&known, &leaving, pictures);
    }
    Ok(())
}

fn without_depth(frame: &Frame<Raw>) -> Result<Frame<Raw>, Box<dyn Error>> {
    let picture = sluis_frame::Picture::new(frame.size(), frame.picture().pixels().to_vec())?;
    Ok(Frame::capture(frame.header().clone(), picture, None)?)
}

// === impl Tally ===

impl Tally {
    fn count(&mut self, known: &[Known], leaving: &Leaving, pictures: Option<&Path>) {
        let number = leaving.header().number.0;
        let size = leaving.raw().size();
        let Known { truth, seen } = &known[number as usize];
        let held = Coverage::of(&leaving.masks(Mode::Heads), size);
        let seen: Vec<Mask> = seen.iter().map(|head| Mask::rect(*head, Cause::Floor)).collect();
        let seen = Coverage::of(&seen, size);
        let heads: Vec<Rect> = truth.heads.iter().filter(|head| head.visible >= 0.5).map(|head| head.head).collect();
        for head in &heads {
            self.heads += 1;
            self.held += u32::from(held.share_of(*head) >= 0.9);
            self.seen += u32::from(seen.share_of(*head) >= 0.9);
            self.labelled += head.area() as f64 / size.pixels() as f64;
        }
        for hand in truth.hands.iter().filter(|hand| hand.inside.is_some()).filter_map(|hand| hand.pixel) {
            self.hands += 1;
            self.hands_masked += u32::from(held.contains(hand.x as u32, hand.y as u32));
        }
        self.masked_seen += seen.count() as f64 / size.pixels() as f64;
        self.masked += held.count() as f64 / size.pixels() as f64;
        self.frames += 1;
        if let Some(folder) = pictures.filter(|_| number % 20 == 10) {
            if let Err(error) = std::fs::create_dir_all(folder) {
                println!("{}: {error}", folder.display());
            }
            shown::draw(&folder.join(format!("{number:04}.png")), leaving.raw(), &held, &heads);
        }
    }

    fn row(&self) -> String {
        let frames = f64::from(self.frames);
        let of = |part: u32, all: u32| 100.0 * f64::from(part) / f64::from(all.max(1));
        format!(
            "{:>6} {:>6.2}% {:>6.2}% {:>6.2}% {:>10.2}% {:>7.2}% {:>8.1}% {:>12.1} {:>8.2}",
            self.heads,
            of(self.held, self.heads),
            of(self.seen, self.heads),
            100.0 * self.masked / frames,
            100.0 * self.masked_seen / frames,
            100.0 * self.labelled / frames,
            of(self.hands_masked, self.hands),
            self.zones as f64 / frames,
            self.floor.as_secs_f64() * 1e3 / frames,
        )
    }
}

// === impl Asked ===

impl Asked {
    fn of(arguments: impl Iterator<Item = String>) -> Self {
        let mut asked = Self { seconds: 40, seeds: 3, only: String::new(), pictures: None };
        for argument in arguments {
            match argument.split_once('=') {
                Some(("--seconds", value)) => asked.seconds = value.parse().unwrap_or(asked.seconds),
                Some(("--seeds", value)) => asked.seeds = value.parse().unwrap_or(asked.seeds),
                Some(("--only", value)) => value.clone_into(&mut asked.only),
                _ => asked.pictures = Some(argument.into()),
            }
        }
        asked
    }
}
