//! A shop with a cloud, staff and a partner: the built program around the clock, and its command line beside it.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use sluis_frame::{Clock, SystemClock};
use sluis_share::{
    Ask, AskNonce, Document, Grant, GrantId, Name, PartnerSecret, Release, SegmentId, ShopPublicKey, Time,
};
use sluis_store::{FolderStore, ObjectName, ObjectStore};
use sluis_tests::home;
use sluis_tests::program::{errors, json, sluis};
use sluis_tests::service::Service;

const SHOP: &str = r#"
[[camera]]
id = "one"
driver = "synthetic"
synthetic = { seed = 3, view = "oblique" }
[segment]
seconds = 2
[cloud]
client = "folder"
path = "cloud"
[ledger]
checkpoint-file = "checkpoint.txt"
"#;

/// The program's command line on this shop.
fn call(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = sluis(&home::without_models());
    command.current_dir(folder).args(arguments).args(["--config", "sluis.toml"]).output().unwrap()
}

fn ok(output: Output) -> String {
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), errors(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn told(folder: &Path, arguments: &[&str]) -> Value {
    let mut command = sluis(&home::without_models());
    json(command.current_dir(folder).args(arguments).args(["--json", "--config", "sluis.toml"]))
}

fn segment(folder: &Path, id: &str) -> Value {
    let listed = told(folder, &["vault", "ls"]);
    listed["segments"].as_array().unwrap().iter().find(|s| s["id"] == id).cloned().unwrap()
}

fn objects(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder.join("cloud")).unwrap().map(|e| e.unwrap().path()).collect()
}

#[test]
fn a_shop_shares_with_a_partner_erases_for_a_guest_and_it_is_all_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut service = Service::start(&home::without_models(), at, SHOP);
    service.wait("camera-opened");
    let uploaded = |_: &Service| {
        let listed = told(at, &["vault", "ls"]);
        listed["segments"].as_array().unwrap().iter().filter(|s| s["in_cloud"] == true).count() >= 2
    };
    service.until("two copies in the cloud", uploaded);
    let listed = told(at, &["vault", "ls"]);
    let mut there = listed["segments"].as_array().unwrap().iter().filter(|s| s["in_cloud"] == true);
    let (granted, erased) =
        (there.next().unwrap()["id"].as_str().unwrap(), there.next().unwrap()["id"].as_str().unwrap());

    // Nobody opens anything before there is somebody.
    let open = |key: &[&str]| {
        call(at, &[&["vault", "open", granted, "--to", "plain.mcap", "--reason", "a test"], key].concat())
    };
    assert!(errors(&open(&[])).contains("needs a member of staff"));
    ok(call(at, &["staff", "add", "Petra", "--role", "privacy-officer", "--key", "petra.key"]));
    ok(call(at, &["staff", "add", "Omar", "--role", "operator", "--key", "omar.key", "--as", "petra.key"]));
    assert!(errors(&open(&["--as", "omar.key"])).contains("does not allow this"));
    ok(open(&["--as", "petra.key"]));
    assert!(at.join("plain.mcap").exists());

    // A partner.
    let secret = PartnerSecret::generate().unwrap();
    fs::write(at.join("models.json"), secret.public().to_string()).unwrap();
    let add = [
        "partner",
        "add",
        "Models BV",
        "--key",
        "models.json",
        "--contract",
        "2026-17",
        "--purpose",
        "training",
        "--as",
        "petra.key",
        "--reason",
        "a contract",
    ];
    assert!(
        errors(&call(at, &[&add[..], &["--country", "US"]].concat())).contains("Art. 44"),
        "no ground for a transfer"
    );
    ok(call(at, &[&add[..], &["--country", "NL"]].concat()));
    let new = [
        "grant",
        "new",
        "Models BV",
        "--segment",
        granted,
        "--out",
        "grant.json",
        "--as",
        "petra.key",
        "--reason",
        "2026-17",
    ];
    let id: GrantId = ok(call(at, &new)).parse().unwrap();
    let shop: ShopPublicKey = ok(call(at, &["grant", "key"])).parse().unwrap();
    let now = || Time::from_nanos(SystemClock.now().as_nanos());
    let grant = Grant::verify(&fs::read(at.join("grant.json")).unwrap(), &shop, now()).unwrap();
    assert_eq!(grant.terms().grant, id);

    // It asks; the service answers by itself.
    let cloud = FolderStore::open(at.join("cloud")).unwrap();
    let wanted: SegmentId = granted.parse().unwrap();
    let ask = Ask::new(id, vec![wanted], now(), AskNonce::random().unwrap(), Name::new("job 17").unwrap()).unwrap();
    cloud.put(&ObjectName::new(ask.document().to_string()).unwrap(), &ask.sign(&secret)).unwrap();
    let key = at.join("cloud").join(Document::Release(id, wanted).to_string());
    service.until("the key is released", |_| key.exists());
    let release = Release::verify(&fs::read(&key).unwrap(), &shop, &grant, now()).unwrap();
    assert!(std::str::from_utf8(&release.open(&secret, now()).unwrap()).unwrap().contains("AesGcmHkdfStreamingKey"));
    let grants = told(at, &["grant", "ls"]);
    assert_eq!((&grants["openings"][0]["who"], &grants["openings"][0]["segment"]), (&"job 17".into(), &granted.into()));

    // A guest asks for erasure; a court demands the other one.
    ok(call(at, &["vault", "erase", erased, "--as", "petra.key", "--reason", "a guest asked for it"]));
    let refused = call(at, &["vault", "open", erased, "--to", "no.mcap", "--as", "petra.key", "--reason", "a test"]);
    assert!(!refused.status.success() && !at.join("no.mcap").exists());
    let disclose = [
        "disclose",
        granted,
        "--authority",
        "District court",
        "--ground",
        "Sv 126nd, case 7",
        "--scope",
        "till 2",
        "--to",
        "court",
    ];
    ok(call(at, &[&disclose[..], &["--as", "petra.key", "--reason", "case 7"]].concat()));
    assert!(at.join("court").join(granted).join("segment.sealed").exists());
    service.until("the erased segment is gone", |_| segment(at, erased)["state"] == "destroyed");
    assert!(objects(at).iter().all(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        !name.contains(erased) || name.starts_with("gone-")
    }));
    assert!(service.stop().success());

    // All of it is in the ledger, and nothing can be taken out.
    let verified = told(at, &["ledger", "verify", "--checkpoint", "checkpoint.txt"]);
    assert!(verified["problems"].as_array().unwrap().is_empty(), "{verified}");
    let ledger = at.join("vault.ledger/ledger.jsonl");
    let text = fs::read_to_string(&ledger).unwrap();
    for event in [
        "started",
        "configuration",
        "components",
        "begun",
        "sealed",
        "uploaded",
        "staff-added",
        "opened",
        "partner-added",
        "granted",
        "released",
        "erased",
        "keys-destroyed",
        "destroyed",
        "disclosed",
        "stopped",
    ] {
        assert!(text.contains(&format!("\"event\":\"{event}\"")), "no record of `{event}`");
    }
    fs::write(&ledger, text.replace("a guest asked for it", "it was never there!!")).unwrap();
    let tampered = call(at, &["ledger", "verify", "--checkpoint", "checkpoint.txt"]);
    assert_eq!(tampered.status.code(), Some(3), "{}", errors(&tampered));
    let shorter: String = text.lines().take(20).map(|line| format!("{line}\n")).collect();
    fs::write(&ledger, shorter).unwrap();
    fs::write(at.join("vault.ledger/checkpoints"), "").unwrap();
    assert_eq!(
        call(at, &["ledger", "verify", "--checkpoint", "checkpoint.txt"]).status.code(),
        Some(3),
        "cut, with its checkpoints"
    );
}

#[test]
fn nothing_starts_that_would_send_recordings_where_they_may_not_lie() {
    let folder = tempfile::tempdir().unwrap();
    let write = |tables: &str| {
        let text = format!(
            "[shop]\nid = \"test\"\nname = \"Test\"\n[vault]\ndir = \"vault\"\n[[camera]]\nid = \"one\"\ndriver = \"synthetic\"\n\
             [cloud]\nclient = \"s3\"\nendpoint = \"https://s3.example.com\"\nregion = \"us-east-1\"\nbucket = \"shop\"\n{tables}"
        );
        fs::write(folder.path().join("sluis.toml"), text).unwrap();
        call(folder.path(), &["run"])
    };
    for tables in ["", "[[residency.allowed]]\nregion = \"nl-ams\"\nendpoint = \"s3.example.nl\"\n"] {
        let output = write(tables);
        let said = errors(&output);
        assert!(!output.status.success() && said.contains("us-east-1") && said.contains("residency"), "{said}");
    }
    assert!(!folder.path().join("vault").exists(), "nothing was made");
}
