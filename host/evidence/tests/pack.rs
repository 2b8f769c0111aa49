//! A pack that was made is as it should be; a pack that anybody has touched is not, and which file it is, is said.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;
use sluis_evidence::{Checked, Error, Pack, Shortcoming, check};
use sluis_ledger::{Checkpoint, EntryId, Ledger, LedgerKey, New, PublicKey, excerpt};

const ORIGIN: &str = "sluis/test";

/// A pack, and the ledger that it is tied to.
struct Made {
    folder: tempfile::TempDir,
    pack: PathBuf,
    key: PublicKey,
}

fn put_all(folder: &Path, key: &PublicKey) -> Pack {
    fs::create_dir(folder).unwrap();
    let mut pack = Pack::begin(folder, "[shop]\nname = \"Test\"\n").unwrap();
    for path in
        ["digests.json", "rehearsal.json", "ledger/verify.json", "index.html", "index.txt", "notice/notice.nl.txt"]
    {
        pack.put_json(path, &json!({ "file": path })).unwrap();
    }
    pack.put("ledger/key.txt", format!("{key}\n").as_bytes()).unwrap();
    pack
}

/// Writes an entry into the ledger, and gives the lines from it to the checkpoint: one more entry comes between.
fn told(ledger: &mut Ledger, folder: &Path, what: serde_json::Value) -> (Vec<u8>, Checkpoint) {
    let number = ledger.head().entries;
    let id = |n: u64| EntryId::from_bytes(u128::from(n).to_be_bytes());
    let another = New { at: 6, id: id(number + 1), what: json!({ "event": "stopped" }) };
    ledger.append(&[New { at: 5, id: id(number), what }, another]).unwrap();
    let checkpoint = ledger.checkpoint(7).unwrap();
    (excerpt(folder, number, &checkpoint).unwrap(), checkpoint)
}

fn made_with(shortcomings: &[Shortcoming]) -> (Made, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let (pack, books) = (folder.path().join("pack"), folder.path().join("ledger"));
    let mut ledger = Ledger::open(&books, LedgerKey::from_seed([1; 32]), ORIGIN).unwrap();
    told(&mut ledger, &books, json!({ "event": "started" }));
    let key = ledger.public().clone();
    let closed = put_all(&pack, &key).close("Test", Timestamp::UNIX_EPOCH, shortcomings).unwrap();
    let what = json!({ "event": "evidence", "sha256": closed.sha256, "shortcomings": shortcomings.len() });
    let (lines, checkpoint) = told(&mut ledger, &books, what);
    closed.tie(&lines, &checkpoint).unwrap();
    (Made { folder, pack, key }, ledger)
}

fn made() -> Made {
    made_with(&[]).0
}

impl Made {
    fn check(&self) -> Checked {
        check(&self.pack, Some(&self.key)).unwrap()
    }

    /// That checking finds this, of this file.
    fn finds(&self, file: &str, why: &str) {
        let Checked { problems, .. } = self.check();
        assert!(
            problems.iter().any(|problem| problem.file == file && problem.why.contains(why)),
            "{file}, {why}: {problems:?}"
        );
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let below = |entry: fs::DirEntry| if entry.path().is_dir() { files(&entry.path()) } else { vec![entry.path()] };
    fs::read_dir(folder).unwrap().map(Result::unwrap).flat_map(below).collect()
}

#[test]
fn a_pack_is_as_it_was_made() {
    let made = made();
    let checked = made.check();
    assert!(checked.is_as_it_should_be() && checked.key_from_outside, "{checked:?}");
    assert_eq!((checked.files, checked.shop.as_deref()), (8, Some("Test")));
    let entry = checked.entry.unwrap();
    assert_eq!((entry.number, entry.signed_entries), (2, 4));
    let alone = check(&made.pack, None).unwrap();
    assert!(alone.is_as_it_should_be() && !alone.key_from_outside);
}

#[test]
fn a_byte_that_was_changed_is_found_in_its_file() {
    let made = made();
    let all = files(&made.pack);
    assert_eq!(all.len(), 11);
    for path in all {
        let name = path.strip_prefix(&made.pack).unwrap().to_str().unwrap().to_owned();
        let good = fs::read(&path).unwrap();
        for place in [0, good.len() / 2, good.len() - 2] {
            let mut bad = good.clone();
            bad[place] ^= 1;
            fs::write(&path, bad).unwrap();
            let problems = made.check().problems;
            assert!(problems.iter().any(|problem| problem.file == name), "{name}, byte {place}: {problems:?}");
        }
        fs::write(&path, [&good[..], b"x"].concat()).unwrap();
        assert!(!made.check().problems.is_empty(), "{name} grew");
        fs::write(&path, &good[..good.len() - 1]).unwrap();
        assert!(!made.check().problems.is_empty(), "{name} shrank");
        fs::remove_file(&path).unwrap();
        let problems = made.check().problems;
        assert!(problems.iter().any(|problem| problem.file == name), "{name} is missing: {problems:?}");
        fs::write(&path, good).unwrap();
    }
    assert!(made.check().is_as_it_should_be());
}

#[test]
fn files_that_do_not_belong_there_are_found_and_no_link_is_followed() {
    let made = made();
    fs::write(made.pack.join("notice/more.txt"), "more").unwrap();
    made.finds("notice/more.txt", "does not belong");
    fs::write(made.pack.join(".hidden"), "more").unwrap();
    made.finds(".hidden", "called so");
    fs::create_dir(made.pack.join("empty")).unwrap();
    made.finds("empty", "empty folder");
    let file = made.pack.join("digests.json");
    fs::rename(&file, made.folder.path().join("digests.json")).unwrap();
    symlink(made.folder.path().join("digests.json"), &file).unwrap();
    made.finds("digests.json", "symbolic link");
    made.finds("digests.json", "missing");
    let notice = made.pack.join("notice");
    fs::rename(&notice, made.folder.path().join("notice")).unwrap();
    symlink(made.folder.path().join("notice"), &notice).unwrap();
    made.finds("notice", "symbolic link");
    made.finds("notice/notice.nl.txt", "missing");
}

#[test]
fn a_manifest_cannot_lead_out_of_the_folder_or_ask_for_more_than_is_looked_at() {
    let made = made();
    let path = made.pack.join("manifest.json");
    let good = fs::read_to_string(&path).unwrap();
    for bad in ["../ledger/ledger.jsonl", "/etc/passwd", "notice/../../x"] {
        fs::write(&path, good.replace("\"digests.json\"", &format!("{bad:?}"))).unwrap();
        made.finds("manifest.json", "no file of a pack");
    }
    let mut huge: serde_json::Value = serde_json::from_str(&good).unwrap();
    huge["files"][0]["bytes"] = json!(u64::MAX);
    fs::write(&path, huge.to_string()).unwrap();
    made.finds("configuration.toml", "more than is looked at");
    fs::write(&path, " ".repeat(2 << 20)).unwrap();
    made.finds("manifest.json", "longer than");
    fs::write(&path, good.replace("\"version\": 1", "\"version\": 2")).unwrap();
    made.finds("manifest.json", "version 2");
}

#[test]
fn a_manifest_that_was_made_anew_is_not_the_one_of_the_entry() {
    let made = made();
    let forged = made.folder.path().join("forged");
    let mut pack = put_all(&forged, &made.key);
    pack.put("notice/extra.txt", b"better than it was").unwrap();
    let _ = pack.close("Test", Timestamp::UNIX_EPOCH, &[]).unwrap();
    for file in ["ledger/entry.jsonl", "ledger/checkpoint.txt"] {
        fs::copy(made.pack.join(file), forged.join(file)).unwrap();
    }
    let forged = Made { pack: forged, ..made };
    forged.finds("manifest.json", "names another manifest");
    assert_eq!(forged.check().entry, None);
}

#[test]
fn an_entry_of_something_else_and_a_chain_that_was_cut_are_found() {
    let (made, mut ledger) = made_with(&[]);
    let path = made.pack.join("ledger/entry.jsonl");
    let good = fs::read_to_string(&path).unwrap();
    let (first, rest) = good.split_once('\n').unwrap();
    fs::write(&path, rest).unwrap();
    made.finds("ledger/entry.jsonl", "tells of no evidence pack");
    fs::write(&path, format!("{first}\n")).unwrap();
    made.finds("ledger/entry.jsonl", "the lines end after");
    fs::write(&path, "").unwrap();
    made.finds("ledger/entry.jsonl", "there is no entry");
    // The entry of another pack, signed by the same shop.
    let what = json!({ "event": "evidence", "sha256": "0".repeat(64), "shortcomings": 0 });
    let (lines, checkpoint) = told(&mut ledger, &made.folder.path().join("ledger"), what);
    fs::write(&path, lines).unwrap();
    made.finds("ledger/entry.jsonl", "the lines end after");
    fs::write(made.pack.join("ledger/checkpoint.txt"), checkpoint.to_string()).unwrap();
    made.finds("manifest.json", "names another manifest");
}

#[test]
fn a_pack_with_a_ledger_of_its_own_shows_nothing_to_who_has_the_key() {
    let made = made();
    let forged = made.folder.path().join("forged");
    let books = made.folder.path().join("books");
    let mut ledger = Ledger::open(&books, LedgerKey::from_seed([2; 32]), ORIGIN).unwrap();
    let own = ledger.public().clone();
    let closed = put_all(&forged, &own).close("Test", Timestamp::UNIX_EPOCH, &[]).unwrap();
    let (lines, checkpoint) =
        told(&mut ledger, &books, json!({ "event": "evidence", "sha256": closed.sha256, "shortcomings": 0 }));
    closed.tie(&lines, &checkpoint).unwrap();
    // It agrees with itself.
    let alone = check(&forged, None).unwrap();
    assert!(alone.is_as_it_should_be() && !alone.key_from_outside);
    let forged = Made { pack: forged, ..made };
    forged.finds("ledger/key.txt", "another key");
    forged.finds("ledger/checkpoint.txt", "another key");
}

#[test]
fn what_falls_short_is_told_and_cannot_be_taken_back() {
    let (made, mut ledger) = made_with(&[Shortcoming::NoticeNotPublished]);
    let checked = made.check();
    assert!(checked.problems.is_empty() && !checked.is_as_it_should_be());
    assert_eq!(checked.shortcomings, [Shortcoming::NoticeNotPublished]);
    // An entry that counts others than the manifest tells.
    let sha256 = sluis_ledger::Hash::of(&fs::read(made.pack.join("manifest.json")).unwrap());
    let what = json!({ "event": "evidence", "sha256": sha256, "shortcomings": 0 });
    let (lines, checkpoint) = told(&mut ledger, &made.folder.path().join("ledger"), what);
    fs::write(made.pack.join("ledger/entry.jsonl"), lines).unwrap();
    fs::write(made.pack.join("ledger/checkpoint.txt"), checkpoint.to_string()).unwrap();
    made.finds("manifest.json", "other shortcomings");
}

#[test]
fn no_secret_of_the_configuration_gets_into_a_pack() {
    let folder = tempfile::tempdir().unwrap();
    let text = "# hunter0\n[shop]\nname = \"Test\"\n[[camera]]\n[camera.settings.other]\ntoken = \"hunter-two\"\n";
    let mut pack = Pack::begin(folder.path(), text).unwrap();
    let written = fs::read_to_string(folder.path().join("configuration.toml")).unwrap();
    assert!(!written.contains("hunter") && written.contains("name = \"Test\""), "{written}");
    let refused = pack.put("digests.json", b"{ \"note\": \"hunter-two\" }").unwrap_err();
    assert!(matches!(&refused, Error::Secret { key, .. } if key == "camera.0.settings.other.token"), "{refused}");
    assert!(!refused.to_string().contains("hunter") && !folder.path().join("digests.json").exists());
}
