//! Whatever a power cut or a kill leaves opens and goes on.

use std::fs;

use sluis_ledger::{Error, Problem, read};

use crate::rig::{Rig, START, batch};

#[test]
fn a_ledger_cut_at_any_byte_of_the_last_append_opens_and_goes_on() {
    let rig = Rig::new();
    let mut ledger = rig.open();
    ledger.append(&batch(0..3)).unwrap();
    ledger.checkpoint(START).unwrap();
    ledger.append(&batch(3..5)).unwrap();
    let acknowledged = rig.bytes().len();
    let head = ledger.append(&batch(5..8)).unwrap();
    drop(ledger);
    let whole = rig.bytes();
    for cut in acknowledged..=whole.len() {
        let image = rig.copy();
        fs::write(image.file(), &whole[..cut]).unwrap();
        let torn = cut - whole[..cut].iter().rposition(|b| *b == b'\n').unwrap() - 1;

        let problems = image.verify(&[]).problems;
        let expected = Problem::TornEnd { offset: (cut - torn) as u64, bytes: torn as u64 };
        assert_eq!(problems, if torn > 0 { vec![expected] } else { vec![] }, "cut at {cut}");
        assert!(read(&image.dir()).unwrap().all(|entry| entry.is_ok()));

        let mut ledger = image.open();
        assert_eq!(ledger.start().torn, torn as u64, "cut at {cut}");
        // The caller does not know what has arrived, and repeats all.
        assert_eq!(ledger.append(&batch(5..8)).unwrap(), head, "cut at {cut}");
        assert_eq!(image.bytes(), whole);
        assert_eq!(image.verify(&[]).problems, []);
    }
}

#[test]
fn checkpoints_cut_at_any_byte_of_the_last_one_open_and_go_on() {
    let (rig, made) = Rig::filled();
    let whole = fs::read(rig.checkpoints()).unwrap();
    let first = made[0].to_string().len();
    for cut in 0..=whole.len() {
        let image = rig.copy();
        fs::write(image.checkpoints(), &whole[..cut]).unwrap();
        let left = usize::from(cut >= first) + usize::from(cut == whole.len());
        let verified = image.verify(&[]);
        assert!(verified.is_whole(), "cut at {cut}: {:?}", verified.problems);
        assert_eq!(verified.checkpoints, left as u64, "cut at {cut}");

        let mut ledger = image.open();
        let torn = cut - [0, first, whole.len()][left];
        assert_eq!(ledger.start().torn_checkpoint, torn as u64, "cut at {cut}");
        assert_eq!(ledger.start().checkpoint.as_ref(), left.checked_sub(1).map(|at| &made[at]));
        ledger.append(&batch(20..21)).unwrap();
        ledger.checkpoint(START + 9).unwrap();
        let verified = image.verify(&[]);
        assert_eq!((verified.problems, verified.checkpoints), (vec![], left as u64 + 1), "cut at {cut}");
    }
}

#[test]
fn a_ledger_cut_below_its_last_checkpoint_does_not_open() {
    let (rig, _) = Rig::filled();
    let whole = rig.bytes();
    for cut in 0..whole.len() {
        fs::write(rig.file(), &whole[..cut]).unwrap();
        assert!(matches!(rig.try_open(), Err(Error::Shorter { entries: 20, .. })), "cut at {cut}");
        assert_eq!(rig.bytes(), &whole[..cut], "what is left is evidence");
    }
}

#[test]
fn zeros_that_a_file_system_left_at_the_end_are_cut_off() {
    let (rig, _) = Rig::filled();
    let whole = rig.bytes();
    fs::write(rig.file(), [whole.as_slice(), &[0; 5000]].concat()).unwrap();
    assert_eq!(rig.open().start().torn, 5000);
    assert_eq!(rig.bytes(), whole);
}
