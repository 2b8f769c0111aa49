//! Measures copies by truth: `cargo run --release -p sluis-subject --example copies_of_a_synthetic_shop -- [SECONDS SKIPPED PEOPLE SEEDS VIEW FOLDER]`.
//!
//! For each seed and view it records a shop, makes the copy of each person in it, and counts what the copy shows. With a folder, contact sheets and copies stay there to be looked at.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a measurement, not a program")]

#[allow(unreachable_pub, dead_code, missing_docs, missing_debug_implementations, reason = "shared with the tests")]
#[path = "../tests/film/mod.rs"]
mod film;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use film::{DOORS, Film, Masks, Tally};
use sluis_camera::synthetic::{Preset, Settings};
use sluis_frame::Size;
use sluis_subject::{Request, Surroundings, Survey, candidates, copy};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let (seconds, skipped): (u64, u64) = (next("40").parse().unwrap(), next("0").parse().unwrap());
    let people: usize = next("2").parse().unwrap();
    let seeds: Vec<u64> = next("1,2,3").split(',').map(|s| s.parse().unwrap()).collect();
    let view = next("oblique,screen,overhead");
    let presets = Preset::ALL.into_iter().filter(|preset| view.contains(&format!("{preset:?}").to_lowercase()));
    let folder = arguments.next().map(PathBuf::from);
    let mut sums = std::collections::BTreeMap::new();
    for preset in presets {
        for seed in &seeds {
            for masks in [Masks::Floor, Masks::Heads] {
                let settings = Settings {
                    preset,
                    size: Size::new(480, 360),
                    length: Some(Duration::from_secs(seconds + skipped)),
                    people,
                    ..Settings::seeded(*seed)
                };
                let film = film::film(settings, skipped * 15, masks, &[]);
                let name = format!("{preset:?}-{seed}-{masks:?}").to_lowercase();
                for (around, tally) in copies(&film, &name, folder.as_ref()) {
                    let sum: &mut Tally = sums.entry(format!("{preset:?} {masks:?} {around:?}")).or_default();
                    *sum = sum.plus(tally);
                }
            }
        }
    }
    for (what, tally) in sums {
        println!("SUM {what}: {tally}");
    }
}

fn copies(film: &Film, name: &str, folder: Option<&PathBuf>) -> Vec<(Surroundings, Tally)> {
    let begun = Instant::now();
    let window = film.times[0]..=*film.times.last().unwrap();
    let survey = Survey::new(&film.segments, &DOORS.1, window).unwrap();
    let found = candidates(&survey, 24).unwrap();
    println!(
        "{name}: {survey:?}, {} candidates on {} stills, {:.1} s",
        found.candidates.len(),
        found.stills.len(),
        begun.elapsed().as_secs_f32()
    );
    if let (Some(folder), Some(sheet)) = (folder, found.sheet()) {
        std::fs::create_dir_all(folder).unwrap();
        sheet.save(folder.join(format!("{name}.png"))).unwrap();
    }
    let temporary = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for person in film.people() {
        let choices = film.officer(&survey, &found, person);
        for surroundings in [Surroundings::Shown, Surroundings::Filled] {
            let into =
                folder.map_or(temporary.path(), PathBuf::as_path).join(format!("{name}-{person}-{surroundings:?}"));
            let begun = Instant::now();
            let request = Request { choices: choices.clone(), surroundings, pose: None };
            match copy::write(&survey, &request, &into) {
                Ok(about) => {
                    let took = begun.elapsed().as_secs_f32();
                    let tally = film.tally(std::fs::read(into.join(copy::VIDEO)).unwrap(), person);
                    println!(
                        "  person {person}, {} choices, {surroundings:?}, {took:.1} s: {:?}: {tally}",
                        choices.len(),
                        about.frames
                    );
                    all.push((surroundings, tally));
                }
                Err(error) => println!("  person {person}, {} choices: {error}", choices.len()),
            }
        }
    }
    all
}
