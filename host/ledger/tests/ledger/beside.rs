//! Verifying and reading work while another thread appends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sluis_ledger::{read, read_tail};

use crate::rig::{Rig, START, batch};

#[test]
fn verifying_beside_the_one_that_appends_never_cries_tampering() {
    let rig = Rig::new();
    let mut ledger = rig.open();
    let outside = ledger.checkpoint(START).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0..200 {
                ledger.append(&batch(turn * 20..turn * 20 + 20)).unwrap();
                ledger.checkpoint(START + turn as i64).unwrap();
            }
            done.store(true, Ordering::Release);
        });
        let mut seen = 0;
        while !done.load(Ordering::Acquire) {
            let verified = rig.verify(std::slice::from_ref(&outside));
            assert!(verified.is_whole(), "{:?}", verified.problems);
            assert!(verified.entries >= seen);
            seen = verified.entries;
            assert!(read(&rig.dir()).unwrap().all(|entry| entry.is_ok()));
            assert!(read_tail(&rig.dir(), 3).unwrap().all(|entry| entry.is_ok()));
        }
    });
    let verified = rig.verify(&[outside]);
    assert_eq!((verified.entries, verified.checkpoints, verified.unsigned_tail), (4000, 201, 0));
}
