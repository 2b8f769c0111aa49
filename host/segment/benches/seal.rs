//! How fast the seal is, beside `openssl speed` on the same machine in the same run.
//!
//! `cargo bench -p sluis-segment --bench seal`. `openssl speed` counts its own processor time, so we count ours: on a busy machine the clock on the wall would
//! say how busy it is. The kernel's count of our time includes system time, openssl's does not. Rounds take turns.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures: it prints, and stops at what it did not expect"
)]

use std::fs;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use ring::rand::SystemRandom;
use sluis_segment::{Opener, Sealer, SegmentKey};

/// What is sealed in one go: about ten minutes of one camera.
const LENGTH: usize = 64 << 20;
const ROUNDS: usize = 9;
/// How long each of us measures in a round.
const LONG: Duration = Duration::from_secs(1);

fn main() {
    let key = SegmentKey::from_bytes([7; 32]);
    let plain: Vec<u8> = (0..LENGTH).map(|i| (i * 31) as u8).collect();
    let mut sealer = Sealer::new(Vec::with_capacity(LENGTH + (1 << 20)), &key, b"bench", &SystemRandom::new()).unwrap();
    sealer.write_all(&plain).unwrap();
    let (sealed, _) = sealer.finish().unwrap();

    let (mut seals, mut opens, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        seals.push(speed(|| {
            let mut sealer = Sealer::new(io::sink(), &key, b"bench", &SystemRandom::new()).unwrap();
            sealer.write_all(black_box(&plain)).unwrap();
            sealer.finish().unwrap();
        }));
        opens.push(speed(|| {
            let mut opener = Opener::new(sealed.as_slice(), &key, b"bench").unwrap();
            let mut piece = vec![0; 64 << 10];
            while opener.read(black_box(&mut piece)).unwrap() > 0 {}
        }));
        theirs.extend(openssl());
    }
    let (seal, open) = (middle(seals), middle(opens));
    println!("seal  {seal:6.2} GB/s");
    println!("open  {open:6.2} GB/s");
    if theirs.is_empty() {
        println!("openssl is not installed: nothing to compare with");
        return;
    }
    let theirs = middle(theirs);
    println!("openssl speed -evp aes-256-gcm -bytes 16384  {theirs:6.2} GB/s");
    println!("seal / openssl  {:.2}", seal / theirs);
    println!("open / openssl  {:.2}", open / theirs);
}

/// Gigabytes of plaintext a second of processor time.
fn speed(mut once: impl FnMut()) -> f64 {
    let (begun, busy, mut times) = (Instant::now(), processor_time(), 0);
    while begun.elapsed() < LONG {
        once();
        times += 1;
    }
    (LENGTH * times) as f64 / (processor_time() - busy).as_secs_f64() / 1e9
}

/// What this thread has had of the processor, as Linux counts it: the first number of its `schedstat`, in nanoseconds.
fn processor_time() -> Duration {
    let counts = fs::read_to_string("/proc/thread-self/schedstat").expect("this measures on Linux");
    Duration::from_nanos(counts.split_whitespace().next().unwrap().parse().unwrap())
}

/// What `openssl` says of itself, in GB/s: thousands of bytes a second in the last column of its table.
fn openssl() -> Option<f64> {
    let seconds = LONG.as_secs().to_string();
    let arguments = ["speed", "-seconds", &seconds, "-evp", "aes-256-gcm", "-bytes", "16384"];
    let output = Command::new("openssl").args(arguments).output().ok()?;
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = table.lines().rfind(|l| l.to_lowercase().starts_with("aes-256-gcm"))?;
    line.split_whitespace().last()?.trim_end_matches('k').parse::<f64>().ok().map(|k| k / 1e6)
}

fn middle(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
