//! Segments through the index, and a sweep of a hundred thousand: each as a ratio against bare SQLite with as many transactions on the same disk, in the same run.
//!
//! `cargo bench --package sluis-vault --profile dev --bench vault [-- SEGMENTS]`

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench stops at the first surprise and prints figures")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use sluis_frame::{CameraId, Clock, Timestamp};
use sluis_segment::Summary;
use sluis_segment::handover::{ToEye, ToKeep, pair};
use sluis_vault::rehearsal::ManualClock;
use sluis_vault::{FolderStore, ObjectStore, Retention, RootSecret, Vault, VaultSettings};

const START: Timestamp = Timestamp::from_secs(1_782_600_000);

fn main() {
    let asked = std::env::args().skip(1).find_map(|text| text.parse().ok());
    let disk = tempfile::tempdir().unwrap();
    through_the_index("on disk", disk.path(), 500);
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    sweep(folder.path(), asked.unwrap_or(100_000));
}

fn open(folder: &Path, clock: &Arc<ManualClock>) -> Arc<Vault> {
    let store: Arc<dyn ObjectStore> = Arc::new(FolderStore::open(folder.join("vault/segments")).unwrap());
    let settings = VaultSettings::new(folder.join("vault"), "bench", Retention::DEFAULT);
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    Arc::new(Vault::open(settings, clock, store, &RootSecret::new([1; 32])).unwrap())
}

/// Empty segments, opened and closed: two transactions each, and what the store does for an empty object.
fn fill(vault: &Arc<Vault>, segments: u32) -> Duration {
    let (eye, keep) = pair(8);
    let serving = std::thread::spawn({
        let vault = Arc::clone(vault);
        move || vault.serve(keep)
    });
    let begun = Instant::now();
    for _ in 0..segments {
        eye.send(ToKeep::Open { camera: CameraId::new("shelf").unwrap(), started: START }).unwrap();
        let ToEye::Opened { segment, .. } = eye.receive(Duration::from_secs(60)).unwrap() else { panic_here() };
        eye.send(ToKeep::Close { segment, summary: Box::new(summary()) }).unwrap();
        eye.receive(Duration::from_secs(60)).unwrap();
    }
    let took = begun.elapsed();
    drop(eye);
    serving.join().unwrap();
    took
}

fn through_the_index(what: &str, folder: &Path, segments: u32) {
    let vault = open(folder, &Arc::new(ManualClock::new(START)));
    let ours = fill(&vault, segments);
    let bare = bare(folder, segments, 2);
    let per_second = f64::from(segments) / ours.as_secs_f64();
    println!(
        "{what}: {per_second:.0} segments a second, key made, wrapped, opened and closed; {:.2} times as long as two bare transactions",
        ratio(ours, bare)
    );
}

fn sweep(folder: &Path, segments: u32) {
    let clock = Arc::new(ManualClock::new(START));
    let vault = open(folder, &clock);
    let filled = fill(&vault, segments);
    vault.archive().tell_ledger().unwrap();
    clock.advance(Retention::DEFAULT.get());
    let begun = Instant::now();
    let swept = vault.sweep().unwrap();
    let took = begun.elapsed();
    assert_eq!(swept.destroyed.len(), segments as usize);
    // As many rows in as many transactions of the same size.
    let bare = bare(folder, segments.div_ceil(500), 1) + rows(folder, segments * 4);
    println!(
        "{segments} segments in memory: filled in {:.1} s, swept in {:.1} s ({:.0} a second, keys, files, receipts and ledger): {:.1} times as long as bare rows of as many",
        filled.as_secs_f64(),
        took.as_secs_f64(),
        f64::from(segments) / took.as_secs_f64(),
        ratio(took, bare)
    );
}

fn connection(folder: &Path) -> Connection {
    let connection = Connection::open(folder.join("bare.sqlite")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection.execute_batch("CREATE TABLE IF NOT EXISTS bare (id BLOB PRIMARY KEY, text TEXT)").unwrap();
    connection
}

/// So many rows, each in `transactions` transactions of its own.
fn bare(folder: &Path, rows: u32, transactions: u32) -> Duration {
    let connection = connection(folder);
    let begun = Instant::now();
    for n in 0..rows {
        for t in 0..transactions {
            let id = [n.to_be_bytes(), t.to_be_bytes()].concat();
            connection.execute("INSERT OR REPLACE INTO bare VALUES (?1, ?2)", params![id, "x".repeat(200)]).unwrap();
        }
    }
    begun.elapsed()
}

/// So many rows in one transaction.
fn rows(folder: &Path, rows: u32) -> Duration {
    let mut connection = connection(folder);
    let begun = Instant::now();
    let transaction = connection.transaction().unwrap();
    for n in 0..rows {
        let id = [n.to_be_bytes(), [9; 4]].concat();
        let mut statement = transaction.prepare_cached("INSERT OR REPLACE INTO bare VALUES (?1, ?2)").unwrap();
        statement.execute(params![id, "x".repeat(200)]).unwrap();
    }
    transaction.commit().unwrap();
    begun.elapsed()
}

fn ratio(ours: Duration, bare: Duration) -> f64 {
    ours.as_secs_f64() / bare.as_secs_f64()
}

fn summary() -> Summary {
    Summary {
        sealed_bytes: 0,
        frames: Default::default(),
        masks: 0,
        events: 0,
        first_captured: START,
        last_captured: START,
        audit: Default::default(),
        gate: Default::default(),
        plugins: vec![],
    }
}

fn panic_here() -> ! {
    unreachable!("the vault opens a segment")
}
