//! Promise: a partner with public packages reads what was granted, and is refused what was not.
//!
//! Here is the shop; the partner is `examples/read-a-segment/read_granted.py`, between them a folder. The packages are installed once into a virtual environment under the
//! target folder; `SLUIS_PEERS_PYTHON` names a Python that has them already. Where neither is there the tests say so and pass, except in CI.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this crate is tests")]

#[path = "python/shop.rs"]
mod shop;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use sluis_share::{Document, PartnerKey, PartnerSecret, ShopKey, Time};
use sluis_tests::peers::{python_or_skip, run};

use crate::shop::{HOUR, Shop, now};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// A Python with the packages of the example.
fn python() -> Option<&'static Path> {
    static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let list = Path::new(HERE).join("../../examples/read-a-segment/requirements.txt");
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
        python_or_skip("SLUIS_PEERS_PYTHON", &environment, &[list], "no partner read what was granted")
    });
    PYTHON.as_deref()
}

fn script(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg("-B").arg(Path::new(HERE).join("../../examples/read-a-segment/read_granted.py"));
    command
}

/// A partner: its keys in a folder of its own, made by the example itself.
struct Reader {
    python: &'static Path,
    home: tempfile::TempDir,
}

impl Reader {
    /// The partner and its public key as the shop gets it.
    fn new(python: &'static Path) -> (Self, PartnerKey) {
        let home = tempfile::tempdir().unwrap();
        let secret = home.path().join("partner.secret");
        let output = script(python).args(["keygen", "--to"]).arg(&secret).stderr(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let key: PartnerKey = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(&key.fingerprint().short()),
            "they would compare other digits"
        );
        (Self { python, home }, key)
    }

    fn secret(&self) -> PathBuf {
        self.home.path().join("partner.secret")
    }

    /// `list` or `read` of the shop's grant.
    fn command(&self, what: &str, shop: &Shop) -> Command {
        let known = self.home.path().join("shop.json");
        fs::write(&known, shop.key.public().to_string()).unwrap();
        let mut command = script(self.python);
        command
            .arg(what)
            .arg("--folder")
            .arg(shop.folder.path())
            .args(["--grant", &shop.grant.terms().grant.to_string()]);
        command.arg("--secret").arg(self.secret()).arg("--shop-key").arg(known);
        if what == "read" {
            command.args(["--who", "training job 17", "--wait", "60"]);
        }
        command
    }

    /// What a program says that uses the example as a library. It finds `store`, `grant`, `secret` and `shop`.
    fn program(&self, shop: &Shop, text: &str) -> String {
        let known = self.home.path().join("shop.json");
        fs::write(&known, shop.key.public().to_string()).unwrap();
        let head = "
import sys
sys.path.insert(0, sys.argv[1])
import read_granted as granted
store, grant = granted.FolderStore(sys.argv[2]), sys.argv[3]
secret, shop = granted.Secret.load(sys.argv[4]), granted.ShopKey.load(sys.argv[5])
";
        let mut command = Command::new(self.python);
        command.args(["-B", "-c", &format!("{head}{text}")]);
        command.arg(Path::new(HERE).join("../../examples/read-a-segment")).arg(shop.folder.path());
        run(command.arg(shop.grant.terms().grant.to_string()).arg(self.secret()).arg(known)).unwrap()
    }

    /// What it is refused with.
    fn refused(&self, what: &str, shop: &Shop) -> String {
        run(&mut self.command(what, shop)).expect_err("it was not refused")
    }
}

#[test]
fn a_partner_reads_what_was_granted_and_every_opening_is_asked_for() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let shop = Shop::new(key, 2, now(), HOUR);
    let listed = run(&mut reader.command("list", &shop)).unwrap();
    assert!(listed.contains("bakery grants Shelf Models"), "{listed}");
    assert!(shop.documents().iter().all(|d| matches!(d, Document::Grant(_))), "looking at a grant opens nothing");

    let reading = reader.command("read", &shop).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let asked = shop.answer(reading);
    let said = &asked.said;
    for segment in &shop.segments {
        for line in
            ["video  12 messages of 96x80", "depth  12 messages of 96x80", "masks  12 messages", "events  2 messages"]
        {
            let line = format!("{segment}  /shelf-1/{line}");
            assert!(said.contains(&line), "`{line}` is missing in:\n{said}");
        }
    }
    let wishes: Vec<_> =
        asked.asks.iter().map(|ask| (ask.wish().segments.as_slice(), ask.wish().who.as_str())).collect();
    let each: Vec<_> = shop.segments.iter().map(|s| (std::slice::from_ref(s), "training job 17")).collect();
    assert_eq!(wishes, each, "one request for each segment that was opened");
    let files = shop.files();
    assert!(files.iter().all(|f| f.ends_with(".json") || f.ends_with(".sealed")), "what else is there? {files:?}");
    assert_eq!(fs::read_dir(reader.home.path()).unwrap().count(), 2, "the reader wrote something down");
}

#[test]
fn pictures_come_out_as_they_went_in() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let shop = Shop::new(key, 1, now(), HOUR);
    shop.release(shop.segments[0]);
    let said = reader.program(
        &shop,
        "
for m in granted.GrantedSegments(store, grant, secret, shop, who='test', wait_s=0):
    if m.kind == 'video': print(m.time_ns, *m.picture[70, 90])
    if m.kind == 'depth': print('depth', m.time_ns, m.picture.sum())
    if m.kind == 'events': print(m.message['event']['gesture'])
",
    );
    for n in 0..12 {
        let time = shop::captured(shop.grant.terms().segments[0].started, n).as_nanos();
        let pixel = said
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{time} ")))
            .unwrap_or_else(|| panic!("{time} in:\n{said}"));
        let pixel: Vec<i32> = pixel.split(' ').map(|v| v.parse().unwrap()).collect();
        for (found, painted) in pixel.iter().zip(shop::COLOUR) {
            assert!(
                (found - i32::from(painted)).abs() < 16,
                "picture {n} is {pixel:?} where {:?} was recorded",
                shop::COLOUR
            );
        }
        let sum: u64 = shop::depth_values(n).iter().map(|v| u64::from(*v)).sum();
        assert!(said.contains(&format!("depth {time} {sum}")), "depth of {n}, {sum}, in:\n{said}");
    }
    assert_eq!(said.matches("reach").count(), 2, "{said}");
}

#[test]
fn reading_stops_at_the_deadline_in_the_middle() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let shop = Shop::new(key, 2, now(), HOUR);
    for segment in &shop.segments {
        shop.release(*segment);
    }
    // The reader's clock is set to the end of the grant when it has seen five messages, and to just before it.
    let said = reader.program(
        &shop,
        "
import time
for ahead in (1, 0):
    now, seen = time.time_ns(), 0
    try:
        for m in granted.GrantedSegments(store, grant, secret, shop, who='test', wait_s=0, clock=lambda: now):
            seen += 1
            if seen == 5: now = granted.load_grant(store, grant, secret, shop).expires_ns - ahead
        print('all', seen)
    except granted.Refused as refused:
        print('stopped after', seen, refused)
",
    );
    assert!(said.contains("all ") && !said.contains("all 5\n"), "{said}");
    assert!(said.contains("stopped after 5 the segment"), "{said}");
    assert!(said.contains("while it was read: delete what you have of it"), "{said}");
}

#[test]
fn a_shop_that_does_not_answer_is_waited_for_and_no_longer() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let shop = Shop::new(key, 1, now(), HOUR);
    let said = run(reader.command("read", &shop).args(["--wait", "0"])).unwrap_err();
    assert!(said.contains("refused: the shop has not answered ask-"), "{said}");
    assert_eq!(shop.documents().iter().filter(|d| matches!(d, Document::Ask(..))).count(), 1, "it asked all the same");
}

#[test]
fn a_changed_grant_is_refused() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let shop = Shop::new(key, 1, now(), HOUR);
    let path = shop.path(shop.grant.document());
    let whole = fs::read(&path).unwrap();
    let payload = whole.windows(11).position(|w| w == b"\"payload\":\"").unwrap() + 11;
    let mut changed = whole.clone();
    changed[payload + 100] = if changed[payload + 100] == b'A' { b'B' } else { b'A' };
    fs::write(&path, &changed).unwrap();
    let said = reader.refused("read", &shop);
    assert!(said.contains("refused: the signature of the grant does not fit"), "{said}");
    for (cut, why) in
        [(&whole[..whole.len() - 1], "is not in a signed envelope"), (&b"[]"[..], "is not in a signed envelope")]
    {
        fs::write(&path, cut).unwrap();
        let said = reader.refused("read", &shop);
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(shop.documents(), [shop.grant.document()], "nothing was asked for under it");
}

#[test]
fn a_grant_of_another_shop_is_refused() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let mut shop = Shop::new(key, 1, now(), HOUR);
    shop.key = ShopKey::from_seed([8; 32]);
    let said = reader.refused("read", &shop);
    assert!(said.contains("refused: the grant is signed with another key than the shop's"), "{said}");
    assert!(said.contains(&shop.key.public().fingerprint().short()), "which one? {said}");
}

#[test]
fn an_expired_grant_is_refused() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let shop = Shop::new(key, 1, Time::from_nanos(now().as_nanos() - 2 * HOUR), HOUR);
    let said = reader.refused("read", &shop);
    assert!(said.contains("refused: the grant expired at 2"), "{said}");
    assert!(said.contains("copies must be deleted"), "{said}");
}

#[test]
fn a_grant_for_another_partner_is_refused() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let shop = Shop::new(PartnerSecret::generate().unwrap().public(), 1, now(), HOUR);
    let said = reader.refused("list", &shop);
    assert!(said.contains("refused: the grant is for the partner with the key"), "{said}");
    assert!(said.contains(&key.fingerprint().short()), "{said}");
}

#[test]
fn a_key_of_another_segment_or_another_shop_is_refused() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let shop = Shop::new(key, 2, now(), HOUR);
    let [one, two] = [0, 1].map(|n| shop.release(shop.segments[n]));
    fs::rename(shop.path(two), shop.path(one)).unwrap();
    let said = reader.refused("read", &shop);
    assert!(said.contains("refused: the key is of the segment"), "{said}");

    let mut other = Shop::new(key, 1, now(), HOUR);
    let own = std::mem::replace(&mut other.key, ShopKey::from_seed([8; 32]));
    other.release(other.segments[0]);
    other.key = own;
    let said = reader.refused("read", &other);
    assert!(said.contains("refused: the release of a key is signed with another key"), "{said}");
}

#[test]
fn a_segment_that_was_changed_or_exchanged_does_not_open() {
    let Some(python) = python() else { return };
    let (reader, key) = Reader::new(python);
    let shop = Shop::new(key, 2, now(), HOUR);
    let [one, two] = [0, 1].map(|n| shop.folder.path().join(shop.grant.terms().segments[n].object.as_str()));
    shop.release(shop.segments[0]);
    let whole = fs::read(&one).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for bytes in [&changed, &whole[..whole.len() / 4096 * 4096], &fs::read(&two).unwrap()] {
        fs::write(&one, bytes).unwrap();
        let said = reader.refused("read", &shop);
        assert!(said.contains("does not open: it was changed or cut"), "{said}");
    }
}
