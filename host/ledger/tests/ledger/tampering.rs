//! What somebody has done to the files is found.

use std::fs;

use proptest::prelude::*;
use ring::digest::{SHA256, digest};
use sluis_ledger::{Error, Kept, Problem};

use crate::rig::{Rig, START, batch, new};

fn found(rig: &Rig) -> Vec<Problem> {
    rig.verify(&[]).problems
}

/// Chains lines anew after a change, as somebody would who knows the format but not the key.
fn rechain(lines: &mut [Vec<u8>]) {
    let mut previous = "0".repeat(64);
    for line in lines {
        let text = String::from_utf8(line.clone()).unwrap();
        let at = text.find("\"previous\":\"").unwrap() + 12;
        let text = format!("{}{previous}{}", &text[..at], &text[at + 64..]);
        previous = hex::encode(digest(&SHA256, text.trim_end().as_bytes()));
        *line = text.into_bytes();
    }
}

/// Entry 4 says something else, and all is chained anew.
fn forge(rig: &Rig) {
    let mut lines = rig.lines();
    lines[4] = String::from_utf8(lines[4].clone()).unwrap().replace("test", "fake").into_bytes();
    rechain(&mut lines);
    rig.put_lines(&lines);
}

#[test]
fn an_untouched_ledger_has_no_problems() {
    let (rig, made) = Rig::filled();
    let verified = rig.verify(&made);
    assert_eq!((verified.problems, verified.entries, verified.checkpoints, verified.unsigned_tail), (vec![], 20, 2, 0));
}

#[test]
fn one_bit_changed_in_any_byte_is_found() {
    let (rig, _) = Rig::filled();
    let whole = rig.bytes();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        fs::write(rig.file(), &bytes).unwrap();
        assert!(!rig.verify(&[]).is_whole(), "byte {place}");
    }
}

#[test]
fn a_changed_entry_is_named() {
    for number in 0..19 {
        let (rig, _) = Rig::filled();
        let mut lines = rig.lines();
        let offset = lines[..number].concat().len() as u64;
        lines[number] = String::from_utf8(lines[number].clone()).unwrap().replace("test", "fake").into_bytes();
        rig.put_lines(&lines);
        let number = number as u64;
        assert!(found(&rig).contains(&Problem::Changed { number, offset }), "{number}: {:?}", found(&rig));
    }
}

#[test]
fn a_removed_entry_is_found() {
    for number in 0..20 {
        let (rig, _) = Rig::filled();
        let mut lines = rig.lines();
        lines.remove(number);
        rig.put_lines(&lines);
        let problems = found(&rig);
        let number = number as u64;
        let named = problems.iter().any(
            |p| matches!(p, Problem::Number { expected, found, .. } if (*expected, *found) == (number, number + 1)),
        );
        assert!(named || number == 19, "{number}: {problems:?}");
        assert!(problems.contains(&Problem::Shorter { kept: Kept::Beside, checkpoint: 20, entries: 19 }));
    }
}

#[test]
fn a_repeated_entry_is_found() {
    for number in 0..20 {
        let (rig, _) = Rig::filled();
        let mut lines = rig.lines();
        lines.insert(number, lines[number].clone());
        rig.put_lines(&lines);
        let number = number as u64;
        let named = |p: &Problem| matches!(p, Problem::Number { expected, found, .. } if (*expected, *found) == (number + 1, number));
        assert!(found(&rig).iter().any(named), "{number}: {:?}", found(&rig));
    }
}

#[test]
fn two_entries_in_the_other_order_are_found() {
    for number in 0..19 {
        let (rig, _) = Rig::filled();
        let mut lines = rig.lines();
        lines.swap(number, number + 1);
        rig.put_lines(&lines);
        assert!(found(&rig).iter().any(|p| matches!(p, Problem::Number { .. })), "{number}");
    }
}

#[test]
fn a_ledger_cut_at_any_byte_is_shorter_than_its_checkpoint() {
    let (rig, _) = Rig::filled();
    let whole = rig.bytes();
    for cut in 0..whole.len() {
        fs::write(rig.file(), &whole[..cut]).unwrap();
        let entries = whole[..cut].iter().filter(|b| **b == b'\n').count() as u64;
        let shorter = Problem::Shorter { kept: Kept::Beside, checkpoint: 20, entries };
        let problems = found(&rig);
        assert!(problems.contains(&shorter), "cut at {cut}: {problems:?}");
        assert!(!problems.iter().any(Problem::is_torn), "cut at {cut}: a covered entry is not torn but cut");
    }
}

#[test]
fn a_folder_put_back_to_an_older_copy_is_found_with_a_checkpoint_from_outside_only() {
    let rig = Rig::new();
    let mut ledger = rig.open();
    ledger.append(&batch(0..10)).unwrap();
    ledger.checkpoint(START).unwrap();
    let older = rig.copy();
    ledger.append(&batch(10..20)).unwrap();
    let outside = ledger.checkpoint(START).unwrap();
    drop(ledger);
    rig.roll_back(&older);

    let unseen = rig.verify(&[]);
    assert_eq!((unseen.problems, unseen.unsigned_tail), (vec![], 0), "nothing inside the folder can tell");
    let expected = [
        Problem::CheckpointMissing { checkpoint: 20 },
        Problem::Shorter { kept: Kept::Outside, checkpoint: 20, entries: 10 },
    ];
    assert_eq!(rig.verify(std::slice::from_ref(&outside)).problems, expected);

    // Nor does it help to go on with other entries.
    let mut ledger = rig.open();
    ledger.append(&batch(30..50)).unwrap();
    ledger.checkpoint(START).unwrap();
    assert_eq!(found(&rig), []);
    let problems = rig.verify(&[outside]).problems;
    assert!(problems.contains(&Problem::Unfit { kept: Kept::Outside, checkpoint: 20 }), "{problems:?}");
}

#[test]
fn a_chain_made_anew_is_found_by_the_checkpoints() {
    let (rig, _) = Rig::filled();
    forge(&rig);
    let unfit = |checkpoint| Problem::Unfit { kept: Kept::Beside, checkpoint };
    assert_eq!(found(&rig), [unfit(10), unfit(20)]);
    assert!(matches!(rig.try_open(), Err(Error::Unfit { entries: 20, .. })));
}

#[test]
fn a_chain_made_anew_without_checkpoints_is_found_by_the_one_from_outside() {
    for outside in 0..2 {
        let (rig, made) = Rig::filled();
        forge(&rig);
        fs::write(rig.checkpoints(), "").unwrap();
        let unseen = rig.verify(&[]);
        assert_eq!(
            (unseen.problems, unseen.unsigned_tail),
            (vec![], 20),
            "all unsigned, which is all that can be said"
        );
        let unfit = Problem::Unfit { kept: Kept::Outside, checkpoint: [10, 20][outside] };
        assert!(rig.verify(&made[outside..=outside]).problems.contains(&unfit));
    }
}

#[test]
fn a_change_after_the_last_checkpoint_is_found_when_the_ledger_opens() {
    let (rig, _) = Rig::filled();
    rig.open().append(&batch(20..23)).unwrap();
    let mut lines = rig.lines();
    let offset = lines[..22].concat().len() as u64;
    lines[21] = String::from_utf8(lines[21].clone()).unwrap().replace("test", "fake").into_bytes();
    rig.put_lines(&lines);
    let before = rig.bytes();
    assert!(matches!(rig.try_open(), Err(Error::Line { offset: found, .. }) if found == offset));
    assert_eq!(rig.bytes(), before);
}

#[test]
fn an_entry_longer_than_any_is_found_and_the_rest_still_read() {
    let (rig, _) = Rig::filled();
    let mut lines = rig.lines();
    lines[4] = [vec![b'x'; 3 << 20], b"\n".to_vec()].concat();
    lines[7] = String::from_utf8(lines[7].clone()).unwrap().replace("test", "fake").into_bytes();
    rig.put_lines(&lines);
    let problems = found(&rig);
    assert!(matches!(problems[0], Problem::Garbage { number: 4, .. }), "{problems:?}");
    assert!(matches!(problems[1], Problem::Changed { number: 7, .. }), "{problems:?}");
}

#[test]
fn a_file_that_is_garbage_from_end_to_end_gives_a_list_that_ends() {
    let (rig, _) = Rig::filled();
    fs::write(rig.file(), "garbage\n".repeat(5000)).unwrap();
    let verified = rig.verify(&[]);
    assert_eq!((verified.problems.len(), verified.unlisted), (1000, 4002), "each line, and both checkpoints");
    assert!(!verified.is_whole());
}

#[test]
fn a_ledger_that_is_gone_is_an_error() {
    let (rig, _) = Rig::filled();
    fs::remove_file(rig.file()).unwrap();
    assert!(matches!(sluis_ledger::verify(&rig.dir(), &crate::rig::public(), &[]), Err(Error::NoLedger { .. })));
    assert!(matches!(rig.try_open(), Err(Error::Shorter { .. })));
}

/// Something done to the lines of a ledger.
#[derive(Debug, Clone)]
enum Touch {
    Byte(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
}

fn any_touch() -> impl Strategy<Value = Touch> {
    use prop::sample::Index;
    prop_oneof![
        any::<(Index, u8)>().prop_map(|(at, to)| Touch::Byte(at, to)),
        any::<Index>().prop_map(Touch::Remove),
        any::<(Index, Index)>().prop_map(|(from, to)| Touch::Repeat(from, to)),
        any::<(Index, Index)>().prop_map(|(a, b)| Touch::Swap(a, b)),
        any::<Index>().prop_map(Touch::Cut),
        any::<(Index, Vec<u8>)>().prop_map(|(at, bytes)| Touch::Insert(at, bytes)),
    ]
}

fn touch(bytes: &[u8], how: &Touch) -> Vec<u8> {
    let mut lines: Vec<_> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    match how {
        Touch::Byte(at, to) => {
            let mut bytes = bytes.to_vec();
            let at = at.index(bytes.len());
            bytes[at] = *to;
            return bytes;
        }
        Touch::Cut(at) => return bytes[..at.index(bytes.len())].to_vec(),
        Touch::Remove(at) => drop(lines.remove(at.index(lines.len()))),
        Touch::Repeat(from, to) => lines.insert(to.index(lines.len()), lines[from.index(lines.len())].clone()),
        Touch::Swap(a, b) => {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
        }
        Touch::Insert(at, bytes) => lines.insert(at.index(lines.len()), bytes.clone()),
    }
    lines.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The promise as a whole: whatever is done to the signed part of the file is found; what is done behind it never hides what is before.
    #[test]
    fn whatever_differs_in_the_signed_part_is_found(touches in prop::collection::vec(any_touch(), 1..4), rechained: bool) {
        let (rig, made) = Rig::filled();
        rig.open().append(&[new(20), new(21)]).unwrap();
        let whole = rig.bytes();
        let mut bytes = touches.iter().fold(whole.clone(), |bytes, how| touch(&bytes, how));
        if rechained {
            let mut lines: Vec<_> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
            let good = |line: &Vec<u8>| String::from_utf8(line.clone()).is_ok_and(|t| t.find("\"previous\":\"").is_some_and(|at| t.is_char_boundary(at + 76)));
            if lines.iter().all(good) {
                rechain(&mut lines);
                bytes = lines.concat();
            }
        }
        fs::write(rig.file(), &bytes).unwrap();
        let signed = made[1].bytes() as usize;
        let same = bytes.get(..signed) == Some(&whole[..signed]);
        let unfit = |p: &Problem| matches!(p, Problem::Unfit { .. } | Problem::Shorter { .. });
        let verified = rig.verify(&[]);
        prop_assert!(same || !verified.is_whole());
        prop_assert!(!(same && verified.problems.iter().any(unfit)));

        fs::remove_file(rig.checkpoints()).unwrap();
        let mut verified = rig.verify(&made[1..]);
        verified.problems.retain(|p| !matches!(p, Problem::CheckpointMissing { .. }));
        prop_assert!(same || !verified.is_whole());
        prop_assert!(!(same && verified.problems.iter().any(unfit)));
    }
}
