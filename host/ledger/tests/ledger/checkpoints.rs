//! Checkpoints speak for the ledger.

use std::fs;

use sluis_ledger::{Checkpoint, Error, Kept, Ledger, LedgerKey, Problem, PublicKey, verify};

use crate::rig::{ORIGIN, Rig, START, batch, key, public};

#[test]
fn a_checkpoint_tells_the_head_and_is_signed() {
    let rig = Rig::new();
    let mut ledger = rig.open();
    let head = ledger.append(&batch(0..3)).unwrap();
    let made = ledger.checkpoint(START).unwrap();
    assert_eq!((made.origin(), made.head(), made.at()), (ORIGIN, head, START));
    assert_eq!(made.bytes(), rig.bytes().len() as u64);
    assert!(made.is_signed_by(ledger.public()));
    assert_eq!(fs::read_to_string(rig.checkpoints()).unwrap(), made.to_string());

    let key: PublicKey = ledger.public().to_string().parse().unwrap();
    let kept: Checkpoint = made.to_string().parse().unwrap();
    let verified = verify(&rig.dir(), &key, &[kept]).unwrap();
    assert_eq!((verified.problems, verified.head, verified.unsigned_tail), (vec![], head, 0));
}

#[test]
fn a_ledger_without_checkpoints_is_all_unsigned() {
    let rig = Rig::new();
    rig.open().append(&batch(0..3)).unwrap();
    let verified = rig.verify(&[]);
    assert_eq!((verified.entries, verified.checkpoints, verified.unsigned_tail), (3, 0, 3));
}

#[test]
fn a_checkpoint_kept_outside_signs_what_the_folder_does_not() {
    let (rig, made) = Rig::filled();
    fs::remove_file(rig.checkpoints()).unwrap();
    let verified = rig.verify(&made[1..]);
    assert_eq!(verified.unsigned_tail, 0);
    assert_eq!(verified.problems, [Problem::CheckpointMissing { checkpoint: 20 }]);
}

#[test]
fn a_checkpoint_of_another_key_is_found() {
    let (rig, made) = Rig::filled();
    // Another ledger with the same entries: only who signed it differs.
    let other = Rig::new();
    let mut ledger = Ledger::open(&other.dir(), LedgerKey::from_seed([8; 32]), ORIGIN).unwrap();
    ledger.append(&batch(0..20)).unwrap();
    let forged = ledger.checkpoint(START).unwrap();
    assert_eq!(forged.head(), made[1].head());

    let problem = |kept| Problem::Signature { kept, checkpoint: 20 };
    assert_eq!(rig.verify(std::slice::from_ref(&forged)).problems, [problem(Kept::Outside)]);
    fs::write(rig.checkpoints(), format!("{}{forged}", made[0])).unwrap();
    let verified = rig.verify(&[]);
    assert_eq!(verified.problems, [problem(Kept::Beside)]);
    assert_eq!((verified.checkpoints, verified.unsigned_tail), (1, 10));
    assert!(matches!(rig.try_open(), Err(Error::LastCheckpoint { .. })));
}

#[test]
fn a_checkpoint_of_another_ledger_under_the_same_key_is_found() {
    let (rig, _) = Rig::filled();
    let other = Rig::new();
    let mut ledger = Ledger::open(&other.dir(), key(), "shop.example/other").unwrap();
    ledger.append(&batch(0..20)).unwrap();
    let foreign = ledger.checkpoint(START).unwrap();
    assert_eq!(rig.verify(&[foreign]).problems, [Problem::Signature { kept: Kept::Outside, checkpoint: 20 }]);
}

#[test]
fn checkpoints_changed_in_any_byte_are_found_or_told_as_torn() {
    let (rig, made) = Rig::filled();
    let whole = fs::read(rig.checkpoints()).unwrap();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(rig.checkpoints(), &bytes).unwrap();
        let verified = rig.verify(&[]);
        assert!(!verified.problems.is_empty(), "byte {place}");
        assert!(verified.checkpoints < 2, "byte {place}");
        assert!(!rig.verify(&made).is_whole(), "byte {place}: with those kept outside it is never taken for torn");
    }
}

#[test]
fn garbage_for_checkpoints_is_found_and_not_cut_off() {
    let (rig, made) = Rig::filled();
    for garbage in ["x".repeat(5000), "x\n".repeat(5000), format!("{}\n— \n{}", made[0], made[1])] {
        fs::write(rig.checkpoints(), &garbage).unwrap();
        let verify = verify(&rig.dir(), &public(), &[]).unwrap();
        assert!(
            verify.problems.iter().any(|p| matches!(p, Problem::CheckpointGarbage { .. })),
            "{:?}",
            verify.problems
        );
    }
    fs::write(rig.checkpoints(), "x\n".repeat(5000)).unwrap();
    assert!(matches!(rig.try_open(), Err(Error::LastCheckpoint { .. })));
    assert_eq!(fs::read(rig.checkpoints()).unwrap().len(), 10_000);
}
