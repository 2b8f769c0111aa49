//! A real process, really killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use sluis_frame::{Clock, SystemClock};
use sluis_segment::handover::pair;
use sluis_vault::{Archive, Error, FolderStore, Retention, Vault, VaultSettings};

use crate::rig::{SHOP, frame, recorder, root, serve};

const FOLDER: &str = "SLUIS_TEST_KILL_FOLDER";

fn open(folder: &Path) -> Result<Vault, Error> {
    let ledger = folder.join("ledger");
    let settings = VaultSettings { ledger, ..VaultSettings::new(folder, SHOP, Retention::DEFAULT) };
    Vault::open(settings, Arc::new(SystemClock), store(folder), &root())
}

fn store(folder: &Path) -> Arc<FolderStore> {
    Arc::new(FolderStore::open(folder.join("segments")).unwrap())
}

/// Not a test of its own: what [`a_killed_recorder_costs_at_most_its_last_seconds`] starts and kills. Alone it does nothing.
#[test]
fn child_that_records_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let vault = Arc::new(open(Path::new(&folder)).unwrap());
    let (eye, keep) = pair(8);
    let _serving = serve(&vault, keep);
    let mut recorder = recorder("shelf", eye);
    let start = SystemClock.now();
    // 65 s of recording: one whole segment, and 5 s of a second one.
    for n in 0..650 {
        recorder.record(&frame("shelf", n, start), &[]).unwrap();
    }
    println!("\nrecorded");
    std::thread::sleep(Duration::from_secs(600));
}

#[test]
fn a_killed_recorder_costs_at_most_its_last_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child_that_records_until_it_is_killed", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let recorded = lines.map_while(Result::ok).any(|line| line.contains("recorded"));
    assert!(recorded, "the child ended early");
    // Its bytes are on their way through the queue.
    std::thread::sleep(Duration::from_millis(500));
    assert!(matches!(open(folder.path()), Err(Error::InUse { .. })), "a second keeper beside a living one");
    child.kill().unwrap();
    child.wait().unwrap();

    let visited = Archive::open(folder.path(), Arc::new(SystemClock), store(folder.path()), &root()).unwrap();
    let verified = visited.verify().unwrap();
    assert_eq!((verified.ok, verified.writing), (1, 1), "looking recovers nothing");

    let vault = open(folder.path()).unwrap();
    assert_eq!(vault.start().recovery.recovered.len(), 1);
    let frames: Vec<_> = vault.list().unwrap().iter().map(|e| e.summary.as_ref().unwrap().frames.total()).collect();
    assert_eq!(frames[0], 600);
    assert!((20..=50).contains(&frames[1]), "{} of 50 frames", frames[1]);
    let verified = vault.verify().unwrap();
    assert_eq!((verified.segments, verified.ok, verified.problems), (2, 2, vec![]));
}
