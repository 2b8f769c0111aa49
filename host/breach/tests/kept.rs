//! The register keeps what was written, and tells what was done to it.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

mod shop;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Barrier;
use std::thread;

use shop::{Ledger, after, assessed, calendar, closed, entered, note, register};
use sluis_breach::register::Wrong;
use sluis_breach::{Book, BreachNumber, Error, Risk, Trouble, breaches_beside};

fn first() -> BreachNumber {
    "B-2026-0001".parse().unwrap()
}

fn trouble(number: &str, step: u64, what: Wrong) -> Trouble {
    Trouble { number: number.to_owned(), step, what }
}

#[test]
fn it_lies_beside_the_vault_and_others_cannot_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let (register, ledger) = (register(folder.path()), Ledger::default());
    assert_eq!(register.folder(), breaches_beside(&folder.path().join("vault")));
    assert!(register.read(Some(&ledger)).unwrap().breaches.is_empty());
    assert!(!register.folder().exists(), "who only looks makes nothing");
    register.enter(&ledger, entered(), &calendar(), after(1)).unwrap();
    for (path, mode) in [("", 0o700), ("B-2026-0001", 0o700), ("B-2026-0001/1.json", 0o600)] {
        let found = fs::metadata(register.folder().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{path}");
    }
}

#[test]
fn what_was_entered_reads_back_and_the_words_are_not_in_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let (register, ledger) = (register(folder.path()), Ledger::default());
    let breach = register.enter(&ledger, entered(), &calendar(), after(1)).unwrap();
    let breach = register.take(&ledger, breach.number, note("The train company was asked.", true), after(2)).unwrap();
    let (read, trouble) = register.show(&ledger, first()).unwrap();
    assert_eq!((&read, trouble.len()), (&breach, 0));
    assert_eq!(read.entered, entered());
    let lines = ledger.read().unwrap();
    assert_eq!(lines.iter().map(|line| line.step).collect::<Vec<_>>(), [1, 2]);
    // The same words twice have two digests: nobody learns them by guessing.
    let again = register.take(&ledger, breach.number, note("The train company was asked.", true), after(2)).unwrap();
    assert_ne!(again.steps[1].salt, again.steps[2].salt);
    assert!(matches!(register.show(&ledger, "B-2026-0002".parse().unwrap()), Err(Error::Unknown { .. })));
}

#[test]
fn a_step_that_was_changed_removed_or_slipped_in_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (register, ledger) = (register(folder.path()), Ledger::default());
    let number = register.enter(&ledger, entered(), &calendar(), after(1)).unwrap().number;
    register.take(&ledger, number, assessed(Risk::Risk), after(2)).unwrap();
    register.take(&ledger, number, note("It was a small stick.", false), after(3)).unwrap();
    let file = |step: u64| register.folder().join(format!("B-2026-0001/{step}.json"));
    let troubles = || register.read(Some(&ledger)).unwrap().trouble;

    let whole = fs::read_to_string(file(2)).unwrap();
    fs::write(file(2), whole.replace("\"risk\": \"risk\"", "\"risk\": \"none\"")).unwrap();
    assert_eq!(troubles(), [trouble("B-2026-0001", 2, Wrong::Changed)]);
    fs::write(file(2), &whole[..40]).unwrap();
    assert_eq!(troubles(), [trouble("B-2026-0001", 2, Wrong::Changed)]);
    fs::write(file(2), &whole).unwrap();
    assert!(troubles().is_empty());

    fs::write(file(4), whole.replace("\"number\": 2", "\"number\": 4")).unwrap();
    assert_eq!(troubles(), [trouble("B-2026-0001", 4, Wrong::SlippedIn)]);
    fs::remove_file(file(4)).unwrap();
    fs::remove_file(file(3)).unwrap();
    assert_eq!(troubles(), [trouble("B-2026-0001", 3, Wrong::Removed)]);
    assert!(register.read(None).unwrap().trouble.is_empty(), "without a ledger the end can be cut off unseen");
    let first = fs::read_to_string(file(1)).unwrap();
    fs::write(file(1), &first[..40]).unwrap();
    let alone = register.read(None).unwrap();
    assert!(alone.breaches.is_empty() && alone.trouble == [trouble("B-2026-0001", 1, Wrong::Unreadable)]);
    fs::remove_file(file(1)).unwrap();
    assert_eq!(register.read(None).unwrap().trouble, [trouble("B-2026-0001", 1, Wrong::Removed)]);
    fs::write(file(1), first).unwrap();

    // The clock does not stand still: it can be gone on with, under a number that was never used.
    let breach = register.take(&ledger, number, note("A step was removed.", false), after(4)).unwrap();
    assert_eq!(breach.steps.iter().map(|taken| taken.number).collect::<Vec<_>>(), [1, 2, 4]);
    assert_eq!(troubles(), [trouble("B-2026-0001", 3, Wrong::Removed)]);
}

#[test]
fn a_breach_that_was_removed_as_a_whole_is_told_and_its_number_is_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let (register, ledger) = (register(folder.path()), Ledger::default());
    register.enter(&ledger, entered(), &calendar(), after(1)).unwrap();
    fs::remove_dir_all(register.folder()).unwrap();
    assert_eq!(register.read(Some(&ledger)).unwrap().trouble, [trouble("B-2026-0001", 1, Wrong::Removed)]);
    assert!(matches!(register.show(&ledger, first()), Err(Error::Headless { .. })));
    assert!(matches!(register.take(&ledger, first(), closed(), after(2)), Err(Error::Headless { .. })));
    assert_eq!(register.enter(&ledger, entered(), &calendar(), after(1)).unwrap().number.to_string(), "B-2026-0002");
}

#[test]
fn what_the_ledger_does_not_take_did_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let (register, ledger) = (register(folder.path()), Ledger::default());
    let number = register.enter(&ledger, entered(), &calendar(), after(1)).unwrap().number;
    *ledger.full.lock().unwrap() = true;
    assert!(matches!(register.take(&ledger, number, assessed(Risk::None), after(2)), Err(Error::Book { .. })));
    let (breach, trouble) = register.show(&ledger, number).unwrap();
    assert_eq!((breach.steps.len(), trouble.len()), (1, 0));
    assert!(!register.folder().join("B-2026-0001/2.json.new").exists());
}

#[test]
fn a_crash_after_the_ledger_was_written_loses_nothing_and_one_before_it_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (register, ledger) = (register(folder.path()), Ledger::default());
    let number = register.enter(&ledger, entered(), &calendar(), after(1)).unwrap().number;
    register.take(&ledger, number, assessed(Risk::None), after(2)).unwrap();
    let (named, new) = ("B-2026-0001/2.json", "B-2026-0001/2.json.new");
    let [named, new] = [named, new].map(|name| register.folder().join(name));

    // Between the ledger and the name.
    fs::rename(&named, &new).unwrap();
    let (breach, trouble) = register.show(&ledger, number).unwrap();
    assert!(breach.assessment.is_some() && trouble.is_empty());
    let breach = register.take(&ledger, number, closed(), after(3)).unwrap();
    assert!(named.is_file() && !new.exists() && breach.steps.len() == 3);

    // Before the ledger: of another step, that nobody has heard of.
    let unheard = register.folder().join("B-2026-0001/4.json.new");
    fs::write(&unheard, fs::read_to_string(&named).unwrap().replace("\"number\": 2", "\"number\": 4")).unwrap();
    let (breach, trouble) = register.show(&ledger, number).unwrap();
    assert!(breach.steps.len() == 3 && trouble.is_empty());
    let breach = register.take(&ledger, number, note("It is found.", false), after(4)).unwrap();
    assert!(breach.steps.len() == 4 && !unheard.exists());
    assert!(register.read(Some(&ledger)).unwrap().trouble.is_empty());
}

#[test]
fn two_writers_at_once_take_turns() {
    const EACH: usize = 20;
    let folder = tempfile::tempdir().unwrap();
    let (ledger, gate) = (Ledger::default(), Barrier::new(3));
    thread::scope(|scope| {
        for writer in 0..2 {
            let (ledger, gate, register) = (&ledger, &gate, register(folder.path()));
            scope.spawn(move || {
                gate.wait();
                for count in 0..EACH {
                    let number = register.enter(ledger, entered(), &calendar(), after(1)).unwrap().number;
                    register.take(ledger, number, note(&format!("{writer}: {count}"), false), after(2)).unwrap();
                    let _ = register.take(ledger, first(), note(&format!("{writer} too"), false), after(2)).unwrap();
                }
            });
        }
        gate.wait();
        for _ in 0..EACH {
            assert!(register(folder.path()).read(Some(&ledger)).unwrap().trouble.is_empty());
        }
    });
    let contents = register(folder.path()).read(Some(&ledger)).unwrap();
    let numbers: Vec<u32> = contents.breaches.iter().map(|breach| breach.number.count()).collect();
    assert_eq!(numbers, (1..=2 * EACH as u32).collect::<Vec<_>>());
    assert_eq!(contents.breaches[0].steps.len(), 2 + 2 * EACH);
    assert!(contents.trouble.is_empty());
}

#[test]
fn signs_that_were_looked_into_are_kept_too() {
    let folder = tempfile::tempdir().unwrap();
    let (register, ledger) = (register(folder.path()), Ledger::default());
    let signs = ["0123456789ab".to_owned()].into();
    register.dismiss(&ledger, signs, "a partner was refused", "Its clock was wrong.", after(1)).unwrap();
    let contents = register.read(Some(&ledger)).unwrap();
    assert!(contents.dismissed.len() == 1 && contents.trouble.is_empty() && contents.breaches.is_empty());
    fs::remove_file(register.folder().join("signs/1.json")).unwrap();
    assert_eq!(register.read(Some(&ledger)).unwrap().trouble, [trouble("signs", 1, Wrong::Removed)]);
}
