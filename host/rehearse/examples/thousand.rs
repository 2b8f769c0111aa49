//! A thousand studies of 40 days, each with another seed, and how many of them failed with which figures.
//!
//! `cargo run --release --package sluis-rehearse --example thousand -- [SEEDS [FIRST [DAYS [SEGMENTS]]]]`

#![allow(clippy::print_stdout, reason = "a program for people")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use sluis_rehearse::{Error, Report, Settings, rehearse};

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().ok());
    let mut argument = |otherwise| arguments.next().flatten().unwrap_or(otherwise);
    let (seeds, first, days, segments) = (argument(1000), argument(1), argument(40), argument(10));
    let (next, reports) = (AtomicU64::new(first), Mutex::new(Vec::<Report>::new()));
    let begun = Instant::now();
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= first + seeds {
                    return Ok(());
                }
                let segments_per_camera_and_day = u32::try_from(segments).unwrap_or(10);
                let settings = Settings::new(u32::try_from(days).unwrap_or(40), seed);
                let settings = Settings { segments_per_camera_and_day, ..settings };
                let report = rehearse(&settings, &mut |_| {}).inspect_err(|error| println!("seed {seed}: {error}"))?;
                if !report.is_clean() {
                    println!("seed {seed} failed: {:#?}", report.failures);
                }
                let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
                reports.push(report);
                if reports.len().is_multiple_of(10) {
                    println!("{} studies in {:.0} s", reports.len(), begun.elapsed().as_secs_f64());
                }
            }
        };
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        running.into_iter().filter_map(|worker| worker.join().ok()).collect::<Result<(), Error>>()
    })?;
    let reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    let sum = |figure: fn(&Report) -> u64| reports.iter().map(figure).sum::<u64>();
    println!("{} studies of {days} days in {:.0} s", reports.len(), begun.elapsed().as_secs_f64());
    println!("failed: {}", reports.iter().filter(|report| !report.is_clean()).count());
    println!("readable past deadline: {}", sum(|r| r.readable_past_deadline));
    println!("lost within deadline: {}", sum(|r| r.lost_within_deadline));
    println!("missing ledger entries: {}", sum(|r| r.missing_ledger_entries));
    println!("untrue receipts: {}", sum(|r| r.untrue_receipts));
    println!("unexpected errors: {}", sum(|r| r.unexpected_errors));
    println!("segments: {}, recovered: {}", sum(|r| r.segments), sum(|r| r.recovered));
    println!("lost by restoring: {}", sum(|r| r.lost_by_restoring));
    println!("kept while unsure of the time: {}", sum(|r| r.kept_while_unsure));
    println!("faults: {}", sum(|r| r.faults.values().sum()));
    println!("checks: {}", sum(|r| r.checks));
    Ok(())
}
