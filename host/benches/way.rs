//! What the way of a frame costs without detectors: every station, per frame of 640x480, beside a plain copy of the same picture in the same run.
//!
//! The filter reads the whole picture and finds nothing; the auditor looks at every pixel's luma. So their figures are what the sandbox costs, not what a network costs.

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use sluis_tests::home;
use sluis_tests::program::json;

/// The stations, in order, as the summary names them.
const STATIONS: [&str; 8] = ["camera", "floor", "filter", "hold", "paint", "audit", "gestures", "record"];

const RUNS: usize = 5;

#[allow(clippy::print_stdout, reason = "a benchmark is read by a person")]
fn main() {
    let home = home::with_planted("sluis-bench", &["tests/components/reads-whole", "tests/components/finds-white"]);
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let out = tempfile::tempdir().expect("there is room for a temporary folder");
        let mut program = Command::new(env!("CARGO_BIN_EXE_sluis"));
        program.env("SLUIS_HOME", &home).args(["demo", "--json", "--filter", "reads-whole", "--audit", "finds-white"]);
        runs.push(json(program.args(["--seconds", "20", "--out"]).arg(out.path())));
    }
    let copy = copy_in_ms();
    println!(
        "640x480, milliseconds per frame, median of {RUNS} runs of the synthetic shop (drawn with depth, so `camera` is what drawing costs); a plain copy of the picture: {copy:.3}"
    );
    let mut sum = 0.0;
    for station in STATIONS {
        let per_frame = |run: &serde_json::Value| {
            let seconds = run["cameras"][0]["stations"][station].as_f64().expect("a figure for each station");
            seconds * 1000.0 / run["frames_in"].as_f64().expect("a number of frames")
        };
        let mut figures: Vec<f64> = runs.iter().map(per_frame).collect();
        figures.sort_by(f64::total_cmp);
        let median = figures[RUNS / 2];
        sum += median;
        println!("  {station:9} {median:8.3}   {:8.1} copies", median / copy);
    }
    println!("  {:9} {sum:8.3}   {:8.1} copies", "all", sum / copy);
}

/// The median time of copying 640x480 RGB8.
fn copy_in_ms() -> f64 {
    let from = vec![7u8; 640 * 480 * 3];
    let mut to = vec![0u8; from.len()];
    let mut times: Vec<f64> = (0..501)
        .map(|_| {
            let start = Instant::now();
            black_box(&mut to).copy_from_slice(black_box(&from));
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
