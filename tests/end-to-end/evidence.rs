//! What a certifier is shown is what the shop runs, and whoever touches it is found out.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use sluis_tests::home;
use sluis_tests::leak::files_below;
use sluis_tests::program::{errors, sluis};
use sluis_tests::service::{NOTICE, Service};

/// What may stand in no pack: a comment of the configuration, a setting of a component, and a file of `credentials-dir`.
const SECRETS: [&str; 3] = ["hunter-comment", "hunter-setting", "hunter-file"];

/// A drawn shop with a notice, in which somebody has put secrets where none belong.
fn shop(mode: &str) -> String {
    format!(
        // After a key of `[service]`, for that is the table in which these lines go on.
        "credentials-dir = \"secrets\"\n# the camera's password is hunter-comment\n[segment]\nseconds = 2\n\
         [[camera]]\nid = \"one\"\ndriver = \"synthetic\"\nmode = \"{mode}\"\n\
         [camera.settings.other]\napi-key = \"hunter-setting\"\nlevel = 3\n{NOTICE}"
    )
}

fn call(arguments: &[&str]) -> Output {
    sluis(&home::without_models()).args(arguments).output().unwrap()
}

fn pack(folder: &Path, out: &Path, more: &[&str]) -> Output {
    let (file, key) = (folder.join("sluis.toml"), folder.join("officer.key"));
    let names = ["--config", file.to_str().unwrap(), "--as", key.to_str().unwrap(), "--reason", "a certifier asks"];
    let arguments = ["evidence", "pack", "--lang", "en", "--rehearsals", "1", "--out", out.to_str().unwrap()];
    call(&[&arguments[..], &names, more].concat())
}

/// Checks a pack, with the key of the shop.
fn check(pack: &Path, key: &str) -> (i32, Value) {
    let output = call(&["evidence", "check", pack.to_str().unwrap(), "--key", key, "--json"]);
    assert!(!output.stdout.is_empty(), "{}", errors(&output));
    let answer = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), answer)
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), errors(output))
}

/// A shop that has run under its notice, and has ended.
fn shop_that_ran(folder: &Path) -> String {
    fs::create_dir(folder.join("secrets")).unwrap();
    fs::write(folder.join("secrets/till"), "admin:hunter-file\n").unwrap();
    let home = home::without_models();
    let mut service = Service::start(&home, folder, &shop("heads"));
    service.wait("notice-missing");
    service.publish(&home);
    service.wait("camera-opened");
    service.until("a sealed segment", |s| s.metric("sluis_segments_sealed_total", "") > 0.0);
    assert!(service.stop().success());
    let key = call(&["ledger", "key", "--config", folder.join("sluis.toml").to_str().unwrap()]);
    assert!(key.status.success(), "{}", said(&key));
    String::from_utf8(key.stdout).unwrap().trim().to_owned()
}

fn problems_of(answer: &Value) -> Vec<&str> {
    answer["problems"].as_array().unwrap().iter().map(|problem| problem["file"].as_str().unwrap()).collect()
}

#[test]
fn a_pack_shows_what_the_shop_runs_and_whoever_touches_it_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let key = shop_that_ran(folder.path());
    let out = folder.path().join("pack");
    let made = pack(folder.path(), &out, &[]);
    assert!(made.status.success(), "{}", said(&made));
    assert!(errors(&made).contains(&key), "the key is told: {}", errors(&made));
    assert!(said(&pack(folder.path(), &out, &[])).contains("is there already"));

    let (code, answer) = check(&out, &key);
    assert_eq!((code, &answer["problems"], &answer["shortcomings"]), (0, &Value::Array(vec![]), &Value::Array(vec![])));
    assert_eq!((answer["shop"].as_str(), answer["key-from-outside"].as_bool()), (Some("Test"), Some(true)));
    let alone = call(&["evidence", "check", out.to_str().unwrap()]);
    assert!(alone.status.success() && errors(&alone).contains("agrees with itself"), "{}", said(&alone));

    // The ledger has it, in the name of who made it.
    let ledger = call(&["ledger", "ls", "--json", "--config", folder.path().join("sluis.toml").to_str().unwrap()]);
    let lines: Vec<Value> =
        ledger.stdout.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
    let entry = lines.iter().find(|entry| entry["what"]["event"] == "evidence").unwrap();
    assert_eq!(
        (entry["what"]["by"].as_str(), entry["number"].as_u64()),
        (Some("officer"), answer["entry"]["number"].as_u64())
    );

    shows_what_runs(folder.path(), &out);
    let files = files_below(&out);
    for file in &files {
        let bytes = fs::read(file).unwrap();
        for secret in SECRETS {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} stands in {}", file.display());
        }
    }
    touched(&out, &key, &files);
}

/// That the facts are those of the shop.
fn shows_what_runs(folder: &Path, out: &Path) {
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let json = |name: &str| serde_json::from_str::<Value>(&read(name)).unwrap();
    let (manifest, configuration) = (json("manifest.json"), read("configuration.toml"));
    assert!(configuration.contains("level = 3") && configuration.contains("[left out]"), "{configuration}");
    let left_out: Vec<&str> =
        manifest["configuration"]["left-out"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(left_out, ["comments", "camera.0.settings.other.api-key"]);
    let text = fs::read(folder.join("sluis.toml")).unwrap();
    let sha256 = sluis_ledger::Hash::of(&text).to_string();
    assert_eq!(manifest["configuration"]["sha256"], sha256);
    assert_eq!(json("ledger/in-force.json")["configuration"]["record"]["sha256"], sha256);

    let digests = json("digests.json");
    let worlds: Vec<&str> =
        digests["components"].as_array().unwrap().iter().filter_map(|one| one["world"].as_str()).collect();
    assert_eq!(worlds, ["privacy-filter", "anonymisation-audit"]);
    let (hash, size) = sluis_ledger::Hash::of_all(fs::File::open(sluis(folder).get_program()).unwrap()).unwrap();
    assert_eq!((&digests["program"]["sha256"], &digests["program"]["size"]), (&hash.to_string().into(), &size.into()));
    assert_eq!(digests["contracts"], serde_json::json!(["0.1.0", "0.2.0"]));
    for name in ["notice", "record", "dpia", "works-council"] {
        for language in ["nl", "de", "en"] {
            assert!(read(&format!("notice/{name}.{language}.html")).contains(&format!("<html lang=\"{language}\">")));
            assert!(read(&format!("notice/{name}.{language}.txt")).contains("Test"));
        }
    }
    assert_eq!(json("notice/notice.json")["number"], 1);
    let rehearsals = json("rehearsal.json");
    assert_eq!((rehearsals.as_array().unwrap().len(), rehearsals[0]["readable_past_deadline"].as_u64()), (1, Some(0)));
    assert_eq!(json("ledger/verify.json")["problems"], Value::Array(vec![]));
    let index = read("index.txt");
    assert!(index.contains("No measurement") && index.contains("sluis evidence check"), "{index}");
    assert!(read("index.html").contains("<html lang=\"en\">"));
}

/// One byte of each file, a file more, a file less, another key.
fn touched(out: &Path, key: &str, files: &[PathBuf]) {
    for file in files {
        let name = file.strip_prefix(out).unwrap().to_str().unwrap();
        let good = fs::read(file).unwrap();
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        fs::write(file, bad).unwrap();
        let (code, answer) = check(out, key);
        assert!(code == 3 && problems_of(&answer).contains(&name), "{name}: {code} {answer}");
        fs::write(file, good).unwrap();
    }
    fs::write(out.join("notice/more.txt"), "more").unwrap();
    let (code, answer) = check(out, key);
    assert_eq!((code, problems_of(&answer)), (3, vec!["notice/more.txt"]));
    fs::remove_file(out.join("notice/more.txt")).unwrap();
    fs::rename(out.join("digests.json"), out.join("../digests.json")).unwrap();
    let (code, answer) = check(out, key);
    assert_eq!((code, problems_of(&answer)), (3, vec!["digests.json"]));
    fs::rename(out.join("../digests.json"), out.join("digests.json")).unwrap();
    // The form that Go's documentation has: a key, but not this shop's.
    let (code, answer) = check(out, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    assert!(code == 3 && problems_of(&answer).contains(&"ledger/checkpoint.txt"), "{code} {answer}");
    assert_eq!(check(out, key).0, 0);
}

#[test]
fn what_falls_short_is_said_and_what_would_mislead_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = shop_that_ran(folder.path());
    // Another configuration than the one that ran and was published.
    Service::write_configuration(folder.path(), &shop("persons"));
    let out = folder.path().join("pack");
    let made = pack(folder.path(), &out, &[]);
    assert_eq!(made.status.code(), Some(3), "{}", said(&made));
    assert!(said(&made).contains("tells something else than the configuration does"), "{}", said(&made));
    let (code, answer) = check(&out, &key);
    let told: Vec<&str> =
        answer["shortcomings"].as_array().unwrap().iter().filter_map(|one| one["what"].as_str()).collect();
    assert_eq!((code, told), (3, vec!["notice-differs", "configuration-not-in-force"]));
    assert_eq!(answer["problems"], Value::Array(vec![]));
    let index = fs::read_to_string(out.join("index.txt")).unwrap();
    let (short, files) =
        (index.find("version 1, tells something else").unwrap(), index.find("* digests.json").unwrap());
    assert!(short < files, "{index}");

    // A report of other components.
    let component =
        |world: &str| serde_json::json!({ "name": "x", "world": world, "version": "1.0.0", "sha256": "0".repeat(64) });
    let components = [component("privacy-filter"), component("anonymisation-audit")];
    let report = folder.path().join("report.json");
    fs::write(&report, serde_json::json!({ "components": components, "clips": [], "total": {} }).to_string()).unwrap();
    let refused = pack(folder.path(), &folder.path().join("other"), &["--evaluation", report.to_str().unwrap()]);
    assert!(
        refused.status.code() == Some(1) && errors(&refused).contains("it says nothing about this shop"),
        "{}",
        said(&refused)
    );
    // Whose key is none, makes none.
    let stranger = call(&[
        "evidence",
        "pack",
        "--config",
        folder.path().join("sluis.toml").to_str().unwrap(),
        "--reason",
        "a test",
        "--out",
        folder.path().join("other").to_str().unwrap(),
    ]);
    assert_eq!(stranger.status.code(), Some(1), "{}", said(&stranger));
    // A ledger that cannot be held against what was signed in the cloud proves less than it seems to.
    let cloud = "[cloud]\nclient = \"s3\"\nendpoint = \"https://s3.example.nl\"\nregion = \"nl-ams\"\nbucket = \"shop\"\ncredentials = \"cloud\"\n\
                 [[residency.allowed]]\nregion = \"nl-ams\"\nendpoint = \"s3.example.nl\"\n[notice.host]\nname = \"Hosting BV\"\ncountry = \"NL\"\n";
    Service::write_configuration(folder.path(), &format!("{}{cloud}", shop("heads")));
    let refused = pack(folder.path(), &folder.path().join("other"), &[]);
    assert!(
        refused.status.code() == Some(1) && errors(&refused).contains("the cloud cannot be looked into from here"),
        "{}",
        said(&refused)
    );
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        !left.iter().any(|name| name == "other" || name.to_string_lossy().starts_with(".sluis-evidence")),
        "{left:?}"
    );
}
