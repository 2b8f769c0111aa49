//! How fast verifying is, beside plain SHA-256 of the same bytes in the same run; and how many entries a second can be appended.
//!
//! `cargo bench --package sluis-ledger --bench verify`. Appending is bound by the disk below the temporary folder: `TMPDIR` names another.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a program that measures")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ring::digest::{SHA256, digest};
use serde_json::json;
use sluis_ledger::{EntryId, Ledger, LedgerKey, New, PublicKey, verify};

const ENTRIES: u64 = 1_000_000;
/// How often each of the two is measured for the ratio, in turns.
const ROUNDS: usize = 9;

fn new(number: u64) -> New {
    let what = json!({"kind": "opened", "segment": format!("{number:032x}"), "who": "anna (uid 1000)", "reason": "theft report 17"});
    New {
        at: 1_767_225_600_000_000_000 + number as i64,
        id: EntryId::from_bytes(u128::from(number).to_be_bytes()),
        what,
    }
}

/// A million entries, signed at the end.
fn fill(folder: &Path) -> PublicKey {
    let mut ledger = Ledger::open(folder, LedgerKey::from_seed([1; 32]), "bench.example/ledger").unwrap();
    for from in (0..ENTRIES).step_by(10_000) {
        let batch: Vec<_> = (from..from + 10_000).map(new).collect();
        ledger.append(&batch).unwrap();
    }
    ledger.checkpoint(0).unwrap();
    ledger.public().clone()
}

/// What this thread has had of the processor for a piece of work: on a busy machine the clock on the wall would say how busy it is.
fn time(work: impl FnOnce()) -> Duration {
    let start = processor_time();
    work();
    processor_time() - start
}

/// As Linux counts it: the first number of the thread's `schedstat`, in nanoseconds, with system time.
fn processor_time() -> Duration {
    let counts = fs::read_to_string("/proc/thread-self/schedstat").expect("this measures on Linux");
    Duration::from_nanos(counts.split_whitespace().next().unwrap().parse().unwrap())
}

fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn verifying(criterion: &mut Criterion) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("ledger");
    let key = fill(&folder);
    let bytes = fs::read(folder.join("ledger.jsonl")).unwrap();

    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(time(|| assert!(verify(&folder, &key, &[]).unwrap().is_whole())));
        plain.push(time(|| {
            black_box(digest(&SHA256, black_box(&bytes)));
        }));
    }
    let (ours, plain) = (middle(ours), middle(plain));
    println!("{ENTRIES} entries of {} bytes", bytes.len() as u64 / ENTRIES);
    println!("of the processor: verify {ours:.3} s, plain SHA-256 {plain:.3} s, ratio {:.2}", ours / plain);
    println!(
        "of the processor: opening {:.1} ms",
        1000.0 * middle((0..ROUNDS).map(|_| time(|| drop(open(&folder)))).collect())
    );

    let mut group = criterion.benchmark_group("a million entries");
    group.sample_size(10).throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("verify", |b| b.iter(|| verify(&folder, &key, &[]).unwrap()));
    group.bench_function("plain SHA-256", |b| b.iter(|| digest(&SHA256, black_box(&bytes))));
    group.finish();
}

fn open(folder: &Path) -> Ledger {
    Ledger::open(folder, LedgerKey::from_seed([1; 32]), "bench.example/ledger").unwrap()
}

fn appending(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("append");
    for size in [1, 100] {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(&folder.path().join("ledger"));
        let mut number = 0;
        group.sample_size(20).throughput(Throughput::Elements(size));
        group.bench_function(format!("batches of {size}"), |b| {
            b.iter_batched(
                || {
                    number += size;
                    (number..number + size).map(new).collect::<Vec<_>>()
                },
                |batch| ledger.append(&batch).unwrap(),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, verifying, appending);
criterion_main!(benches);
