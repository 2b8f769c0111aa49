//! How well gestures are detected on labelled clips, natively:
//!
//! ```text
//! cargo run --release -p gesture-detector --example measure [--bare | --untold | --true-heads] [--events] [--synthetic=SEEDS | --seeds=FROM..TO] [--seconds=S] [NAME]
//! ```
//!
//! `--synthetic=5` shows the synthetic shops of the seeds 1 to 5, `--seeds=11..16` those of 11 to 16, each for S seconds (120). `--bare` masks nothing, `--untold` masks without telling the detector; `--events` lists what was told and what happened; NAME is a part of a clip's name. Reads the
//! folder `SLUIS_FOOTAGE`.

#![allow(clippy::print_stdout, reason = "an example that prints a table")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "shares its set-up with the tests")]

use sluis_evaluate::{Labels, Scores, Tally, score};

#[path = "../tests/rehearsal/mod.rs"]
mod rehearsal;
use rehearsal::{HANDS, Masking, Run, Setup};
use sluis_camera::synthetic::Preset;
use sluis_evaluate::Scene;

/// The synthetic cameras.
const SETUPS: [(&str, Setup); 3] = [
    ("shop oblique, depth", Setup { preset: Preset::Oblique, depth: true }),
    ("shop oblique, flat", Setup { preset: Preset::Oblique, depth: false }),
    ("shop overhead, depth", Setup { preset: Preset::Overhead, depth: true }),
];

fn main() -> Result<(), sluis_evaluate::Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let masking = match (has("--bare"), has("--untold")) {
        (true, _) => Masking::None,
        (_, true) => Masking::Untold,
        _ if has("--true-heads") => Masking::TrueHeads,
        _ => Masking::Heads,
    };
    let part = arguments.iter().find(|a| !a.starts_with("--"));
    let listed = has("--events");
    let seeds = arguments.iter().find_map(|a| seeds(a));
    let seconds = arguments.iter().find_map(|a| a.strip_prefix("--seconds=")?.parse().ok()).unwrap_or(120);
    if let Some(seeds) = seeds {
        for (name, setup) in SETUPS {
            if part.is_some_and(|part| !name.contains(part.as_str())) {
                continue;
            }
            let mut all = Scores::new();
            for seed in seeds.clone() {
                let (run, scene) = rehearsal::run_shop(setup, seed, seconds, masking);
                print_run(&format!("{name} {seed}"), &run, &scene, listed, &mut all);
            }
            print_all(&all);
        }
        return Ok(());
    }
    let Some(footage) = rehearsal::footage() else { return Ok(()) };
    let mut all = Scores::new();
    for labels in Labels::read_all(&footage.join("labels/gestures"))? {
        let name = labels.clip.display().to_string();
        if part.is_some_and(|part| !name.contains(part.as_str())) {
            continue;
        }
        let run = rehearsal::run_clip(&footage, &labels, masking);
        print_run(&name, &run, &labels.scene(), listed, &mut all);
    }
    print_all(&all);
    Ok(())
}

/// The seeds that an argument names.
fn seeds(argument: &str) -> Option<std::ops::RangeInclusive<u64>> {
    if let Some(last) = argument.strip_prefix("--synthetic=") {
        return Some(1..=last.parse().ok()?);
    }
    let (first, last) = argument.strip_prefix("--seeds=")?.split_once("..")?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}

fn print_run(name: &str, run: &Run, scene: &Scene, listed: bool, all: &mut Scores) {
    let scores = score(scene, &rehearsal::told(run), &HANDS);
    let ms = run.spent.as_secs_f64() * 1e3 / f64::from(run.frames.max(1));
    print!("{name:36} {ms:6.2} ms ");
    for (gesture, tally) in &scores {
        print!("  {gesture:?} {}/{}/{}", tally.hits, tally.misses, tally.false_alarms);
        *all.entry(*gesture).or_default() += *tally;
    }
    let unsure = |truth: &&sluis_evaluate::Truth| HANDS.contains(&truth.gesture) && !truth.certain;
    println!("  set aside {}", scene.truths.iter().filter(unsure).count());
    if !listed {
        return;
    }
    let frame = |seconds: f64| (seconds / run.interval).round();
    let mut lines: Vec<(f64, String)> = Vec::new();
    for event in &run.events {
        let (from, to) = (frame(event.start_ms as f64 / 1e3), frame(event.end_ms as f64 / 1e3));
        let at = event.contact.map(|p| (p.x, p.y));
        let zone = event.zone.as_deref().unwrap_or("-");
        let line = format!("{:?} {from}-{to} {zone} at {at:?} {} %  #{}", event.kind, event.confidence, event.track);
        lines.push((from, format!("      told  {line}")));
    }
    for truth in &scene.truths {
        let (from, to) = (frame(truth.span.start), frame(truth.span.end) - 1.0);
        let zone = truth.zone.as_deref().unwrap_or("-");
        lines.push((from, format!("    true  {:?} {from}-{to} {zone} certain {}", truth.gesture, truth.certain)));
    }
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    lines.iter().for_each(|(_, line)| println!("{line}"));
}

fn print_all(all: &Scores) {
    for (gesture, tally) in all {
        print_tally(&format!("{gesture:?}"), *tally);
    }
}

fn print_tally(name: &str, tally: Tally) {
    let rate = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.2}"));
    let range = |i: Option<sluis_evaluate::Interval>| i.map_or("-".into(), |i| format!("{:.2}-{:.2}", i.low, i.high));
    println!(
        "{name:10} events {:3}  precision {} ({})  recall {} ({})  F1 {} ({})",
        tally.events(),
        rate(tally.precision()),
        range(tally.precision_interval()),
        rate(tally.recall()),
        range(tally.recall_interval()),
        rate(tally.f1()),
        range(tally.f1_interval()),
    );
}
