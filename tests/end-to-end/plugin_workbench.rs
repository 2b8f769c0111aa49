//! The local loop of a plugin's author, from `sluis plugin new` to a try in a shop.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use sluis_tests::program::{count, errors, json, sluis};
use sluis_tests::service::signal;
use sluis_tests::{footage, home};

/// Longer than any build takes.
const PATIENCE: Duration = Duration::from_secs(900);

/// The program, as somebody without a shop has it: nothing is installed.
fn program() -> Command {
    let mut command = sluis(&home::components().with_file_name("sluis-tests-nothing"));
    command.env("SLUIS_BUILD_DIR", home::components().join("build"));
    command
}

fn ran(command: &mut Command) -> Output {
    command.output().expect("the program starts")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), errors(output))
}

/// Where crates of this test lie. Kept from run to run, outside of the checkout's workspace.
fn crates() -> PathBuf {
    home::components().with_file_name("workbench-tests")
}

/// A new crate of a world. Its dependencies have the versions of this workspace, so no network is needed.
fn new(name: &str, world: &str) -> PathBuf {
    let folder = crates().join(name);
    let _ = fs::remove_dir_all(&folder);
    let sdk = footage::checkout().join("plugins/sdk");
    let output =
        ran(program().args(["plugin", "new", name, "--world", world, "--to"]).arg(&folder).arg("--sdk").arg(sdk));
    assert!(output.status.success(), "{}", text(&output));
    fs::copy(footage::checkout().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

/// The crate's own tests, natively. What Cargo compiles is shared by all crates of this test.
fn cargo_test(folder: &Path) {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet", "--target-dir"]).arg(crates().join("target")).current_dir(folder);
    for name in ["CARGO_TARGET_DIR", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    let output = ran(&mut cargo);
    assert!(output.status.success(), "{}", text(&output));
}

fn tested(folder: &Path, more: &[&str]) -> Output {
    ran(program().args(["plugin", "test"]).arg(folder).args(more))
}

#[test]
fn a_new_plugin_of_each_world_passes_its_tests_and_answers_the_same_again() {
    for world in ["privacy-filter", "anonymisation-audit", "gesture-detector", "audience-meter"] {
        let folder = new(&format!("new-{world}"), world);
        cargo_test(&folder);
        assert_eq!(tested(&folder, &[]).status.code(), Some(3), "{world} has no golden answers yet");
        assert!(tested(&folder, &["--bless"]).status.success(), "{world}");
        let output = tested(&folder, &["--json"]);
        assert!(output.status.success(), "{world}: {}", text(&output));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let case = &answer["cases"][0];
        assert_eq!((&answer["world"], &case["verdict"]), (&world.into(), &"same".into()), "{answer}");
        // What the host has masked leaves an auditor nothing to find.
        let answers = count(case, "lines") > 0 || world == "anonymisation-audit";
        assert!(count(case, "frames") > 100 && answers, "{world} is shown something to answer: {case}");
    }
}

#[test]
fn an_answer_that_changes_is_shown_until_it_is_blessed_and_a_failure_cannot_be() {
    let folder = new("changing", "privacy-filter");
    assert!(tested(&folder, &["--bless"]).status.success());
    // Looked at: every answer, and a sheet of pictures.
    let sheet = folder.join("sheet.png");
    let looked = tested(&folder, &["--json", "--show", "--sheet", sheet.to_str().unwrap()]);
    let answer: Value = serde_json::from_slice(&looked.stdout).unwrap();
    let case = &answer["cases"][0];
    let lines = case["answers"].as_array().unwrap().iter().map(|a| a["answer"].as_array().unwrap().len() as u64);
    assert_eq!(lines.sum::<u64>(), count(case, "lines"), "{answer}");
    assert!(fs::read(sheet).unwrap().starts_with(b"\x89PNG"));
    // Fewer frames are held against the beginning.
    let fewer = tested(&folder, &["--frames", "60"]);
    assert!(fewer.status.success() && text(&fewer).contains("of 300 with golden answers"), "{}", text(&fewer));
    let undeclared = tested(&folder, &["--model", "looks=Cargo.toml"]);
    assert!(text(&undeclared).contains("declares no model `looks`; it declares: none"), "{}", text(&undeclared));
    let source = folder.join("src/lib.rs");
    let before = fs::read_to_string(&source).unwrap();
    fs::write(&source, before.replace("Subject::Head, confidence: 50", "Subject::Face, confidence: 51")).unwrap();
    let output = tested(&folder, &[]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    for part in ["FAILED", "frame ", "    - head ", " sure 50\n", "    + face ", " sure 51\n", "--bless"] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    assert!(tested(&folder, &["--bless"]).status.success());
    assert!(tested(&folder, &[]).status.success());

    // On other footage there is nothing to hold answers against, and that is no success.
    let other = tested(&folder, &["--seed", "2", "--frames", "60"]);
    assert!(other.status.code() == Some(3) && text(&other).contains("no golden answers"), "{}", text(&other));
    // What an installer writes goes with the golden answers.
    let settings = ["--seed", "2", "--frames", "60", "--settings", r#"{"least-contrast": 255}"#];
    assert!(tested(&folder, &[&settings[..], &["--bless"]].concat()).status.success());
    let golden = fs::read_to_string(folder.join("tests/golden/synthetic-oblique-2.json")).unwrap();
    assert!(golden.contains("least-contrast") && golden.contains("\"answers\": []"), "{golden}");
    // What would be lost is not written over.
    for other in [&["--frames", "30"][..], &["--frames", "60", "--settings", "{}"]] {
        let over = tested(&folder, &[&["--seed", "2", "--bless"][..], other].concat());
        assert!(over.status.code() == Some(1) && text(&over).contains("is left as it is"), "{}", text(&over));
    }
    assert_eq!(fs::read_to_string(folder.join("tests/golden/synthetic-oblique-2.json")).unwrap(), golden);
    let wrong = tested(&folder, &["--settings", r#"{"contrast": 1}"#]);
    assert!(wrong.status.code() == Some(1) && text(&wrong).contains("unknown field `contrast`"), "{}", text(&wrong));

    fs::write(&source, before.replace("let picture =", "assert!(frame.elapsed_ms() < 500);\n        let picture ="))
        .unwrap();
    let failing = tested(&folder, &["--bless", "--seed", "3", "--frames", "30"]);
    assert!(failing.status.code() == Some(3) && text(&failing).contains("it crashed"), "{}", text(&failing));
    assert!(!folder.join("tests/golden/synthetic-oblique-3.json").exists(), "a failure was blessed");
}

#[test]
fn a_plugin_is_measured_against_itself_compiled_natively() {
    let folder = new("measured", "privacy-filter");
    let answer = json(program().args(["plugin", "bench", "--json", "--frames", "60"]).arg(&folder));
    assert_eq!((count(&answer, "frames"), &answer["same_answers"]), (55, &true.into()), "{answer}");
    for (who, figure) in [("component", "p50_ms"), ("native", "p95_ms"), ("ratio", "p50"), ("ratio", "max")] {
        assert!(answer[who][figure].as_f64().unwrap() > 0.0, "{who} {figure}: {answer}");
    }
    assert!(count(&answer, "memory") > 0);
    let table = ran(program().args(["plugin", "bench", "--frames", "20", "--no-native"]).arg(&folder));
    let said = text(&table);
    assert!(table.status.success() && said.contains("native       not measured"), "{said}");
}

#[test]
fn pose_and_lens_that_are_given_are_told_to_component_and_native_build_and_kept_with_the_answers() {
    let folder = new("told", "privacy-filter");
    let source = folder.join("src/lib.rs");
    let refuses = "let told = (camera.mount.map(|mount| mount.height_mm), camera.lens.map(|lens| lens.cx));
        if told != (Some(2_400), Some(320_500)) {
            return Err(format!(\"told {told:?}\"));
        }
        let settings =";
    let before = fs::read_to_string(&source).unwrap();
    let asks = before.replace("_camera: Camera", "camera: Camera").replacen("let settings =", refuses, 1);
    fs::write(&source, asks).unwrap();
    let untold = tested(&folder, &["--bless"]);
    assert!(untold.status.code() == Some(1) && text(&untold).contains("told (None, None)"), "{}", text(&untold));

    let pose = ["--pose", r#"{"position": [0, 0, 2.4], "tilt": 32}"#];
    let given = [&pose[..], &["--lens", r#"{"fx": 605, "fy": 605, "cx": 320.5, "cy": 240}"#]].concat();
    let blessed = tested(&folder, &[&given[..], &["--bless"]].concat());
    assert!(blessed.status.success(), "{}", text(&blessed));
    let again = tested(&folder, &[]);
    assert!(again.status.success(), "{}", text(&again));
    let answer = json(program().args(["plugin", "bench", "--json", "--frames", "20"]).args(&given).arg(&folder));
    assert_eq!(answer["same_answers"], true, "{answer}");
}

#[test]
fn a_plugin_that_prints_is_measured_all_the_same_and_one_that_panics_says_why() {
    let folder = new("printing", "privacy-filter");
    let source = folder.join("src/lib.rs");
    let before = fs::read_to_string(&source).unwrap();
    let with = |line: &str| {
        let changed = before.replace("let picture =", &format!("{line}\n        let picture ="));
        assert_ne!(changed, before);
        fs::write(&source, changed).unwrap();
    };
    // More in one call than a pipe holds.
    with("let line = \"x\".repeat(100_000);\n        println!(\"{line}\");\n        eprintln!(\"{line}\");");
    let answer = json(program().args(["plugin", "bench", "--json", "--frames", "20"]).arg(&folder));
    assert_eq!((count(&answer, "frames"), &answer["same_answers"]), (15, &true.into()), "{answer}");

    // Only natively: in the sandbox it would be a failure before that.
    with("assert!(cfg!(target_arch = \"wasm32\"), \"no picture of {}\", frame.size());");
    let panics = ran(program().args(["plugin", "bench", "--frames", "20"]).arg(&folder));
    assert!(panics.status.code() == Some(1) && text(&panics).contains("no picture of 640x480"), "{}", text(&panics));

    // In the sandbox too, where a panic has no text.
    with("assert!(frame.elapsed_ms() < 100, \"a counter ran over\");");
    let panics = ran(program().args(["plugin", "bench", "--frames", "20"]).arg(&folder));
    let said = text(&panics).replace("\n  \u{2502} ", " ");
    assert!(said.contains("it crashed") && said.contains("a counter ran over"), "{said}");
}

#[test]
fn the_example_of_a_partners_plugin_passes_its_tests_and_answers_the_same_again() {
    // A copy: a checkout is not written to.
    let (from, to) = (footage::checkout().join("examples/partner-plugin"), crates().join("partner-plugin"));
    let _ = fs::remove_dir_all(&to);
    for file in
        ["src/lib.rs", "src/patches.rs", "src/steady.rs", "tests/plugin.rs", "tests/golden/synthetic-oblique-1.json"]
    {
        fs::create_dir_all(to.join(file).parent().unwrap()).unwrap();
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    fs::copy(footage::checkout().join("Cargo.lock"), to.join("Cargo.lock")).unwrap();
    let manifest = fs::read_to_string(from.join("Cargo.toml")).unwrap();
    let sdk = footage::checkout().join("plugins/sdk");
    let by_path = manifest.replace("\"../../plugins/sdk\"", &format!("{sdk:?}"));
    assert_ne!(by_path, manifest);
    fs::write(to.join("Cargo.toml"), by_path).unwrap();
    cargo_test(&to);
    // The settings are kept with the answers.
    let output = tested(&to, &["--json"]);
    assert!(output.status.success(), "{}", text(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let case = &answer["cases"][0];
    assert!(case["verdict"] == "same" && count(case, "lines") > 0, "{answer}");
}

#[test]
fn a_plugin_that_is_watched_is_tested_again_at_a_change() {
    let folder = new("watched", "privacy-filter");
    assert!(tested(&folder, &["--bless"]).status.success());
    let mut command = program();
    command.args(["plugin", "watch"]).arg(&folder).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
    let wait = |part: &str| {
        let mut said = Vec::new();
        while let Ok(line) = told.recv_timeout(PATIENCE) {
            said.push(line);
            if said.last().unwrap().contains(part) {
                return said.join("\n");
            }
        }
        panic!("`{part}` was not said: {}", said.join("\n"));
    };
    assert!(wait("watching").contains("ok     synthetic-oblique-1"));
    let source = folder.join("src/lib.rs");
    let before = fs::read_to_string(&source).unwrap();
    fs::write(&source, before.replace("confidence: 50", "confidence: 49")).unwrap();
    wait("changed: src/lib.rs");
    let said = wait("watching");
    assert!(said.contains("FAILED") && said.contains("sure 49"), "{said}");
    // Not as Ctrl-C does: who starts tests in the background may have that ignored.
    signal(child.id(), "TERM");
    assert!(!child.wait().unwrap().success());
}

/// A vault of the drawn shop at `OUT/vault`, and the name of its segment.
fn recorded(out: &Path) -> String {
    let home = home::with_planted("sluis-tests-gestures", &["tests/components/counts-frames"]);
    let demo = json(sluis(&home).args(["demo", "--json", "--seconds", "3", "--out"]).arg(out));
    assert_eq!(count(&demo, "segments"), 1, "{demo}");
    let listed = json(sluis(&home).args(["vault", "ls", "--json", "--vault"]).arg(out.join("vault")));
    listed["segments"][0]["id"].as_str().unwrap().to_owned()
}

fn tried(out: &Path, component: &str, more: &[&str]) -> Command {
    let mut command = program();
    command.args(["plugin", "try"]).arg(home::components().join(component).with_extension("wasm"));
    command.arg("--vault").arg(out.join("vault")).arg("--as").arg(out.join("staff.key"));
    command.args(["--reason", "contract 17"]).args(more);
    command
}

#[test]
fn a_try_in_a_shop_gives_figures_and_nothing_else_and_is_logged() {
    let out = tempfile::tempdir().unwrap();
    let segment = recorded(out.path());
    let build = ran(sluis(&home::without_models())
        .args(["plugin", "build", "tests/components/finds-white", "tests/components/leaves-fast", "--out"])
        .arg(home::components())
        .current_dir(footage::checkout()));
    assert!(build.status.success(), "{}", text(&build));
    let on = ["--segment", segment.as_str(), "--json"];

    let output = ran(&mut tried(out.path(), "counts-frames", &on));
    assert!(output.status.success(), "{}", text(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let frames = count(&report, "frames");
    assert!(frames > 10 && count(&report["answers"], "reach") >= frames / 3, "{report}");
    assert_eq!(report["failures"], serde_json::json!({}));
    let untold = "told no zones of camera `synthetic-shop`";
    assert!(errors(&output).contains(untold), "{}", text(&output));
    let zones = ran(&mut tried(out.path(), "counts-frames", &[&on[..], &["--settings", r#"{"zones": []}"#]].concat()));
    assert!(zones.status.success() && !errors(&zones).contains(untold), "{}", text(&zones));
    // It names its zone `shelf`, or with this setting a long one: neither comes out.
    assert!(!text(&output).contains("shelf"), "{}", text(&output));
    let failing =
        ran(&mut tried(out.path(), "counts-frames", &[&on[..], &["--settings", r#"{"long-zone": 1}"#]].concat()));
    let report: Value = serde_json::from_slice(&failing.stdout).unwrap();
    assert!(failing.status.code() == Some(3) && count(&report["failures"], "malformed") > 0, "{report}");
    assert!(!text(&failing).contains("zzz"), "{}", text(&failing));

    let audit = json(&mut tried(out.path(), "finds-white", &on));
    assert_eq!((&audit["world"], count(&audit, "frames")), (&"anonymisation-audit".into(), frames), "{audit}");

    // A filter would look for faces where there are none any more.
    let filter = ran(&mut tried(out.path(), "leaves-fast", &on));
    assert!(filter.status.code() == Some(1) && text(&filter).contains("masked already"), "{}", text(&filter));
    let nobody = ran(program()
        .args(["plugin", "try"])
        .arg(home::components().join("counts-frames.wasm"))
        .arg("--vault")
        .arg(out.path().join("vault"))
        .args(["--reason", "contract 17", "--segment", &segment]));
    assert!(nobody.status.code() == Some(1) && text(&nobody).contains("member of staff"), "{}", text(&nobody));
    let no_grant = ran(&mut tried(out.path(), "counts-frames", &["--grant", &"0".repeat(32)]));
    assert!(text(&no_grant).contains("no open grant"), "{}", text(&no_grant));

    let ledger = fs::read_to_string(out.path().join("vault.ledger/ledger.jsonl")).unwrap();
    let openings = ledger.lines().filter(|line| line.contains("\"event\":\"opened\"") && line.contains(&segment));
    let tries: Vec<&str> = openings.filter(|line| line.contains("try of ") && line.contains(": contract 17")).collect();
    assert_eq!(tries.len(), 4, "one for each that was shown it: {ledger}");
    assert!(tries[0].contains("try of counts-frames (sha256 "), "{}", tries[0]);
}
