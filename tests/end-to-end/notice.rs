//! What the notice says is what the machine does.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use sluis_share::PartnerSecret;
use sluis_tests::home;
use sluis_tests::program::{errors, json, sluis};
use sluis_tests::service::{NOTICE, Service, get};
use sluis_tests::transcript::Transcript;

/// A drawn shop that goes on without end, in short segments, with a notice.
fn shop(mode: &str) -> String {
    format!("[segment]\nseconds = 2\n[[camera]]\nid = \"one\"\ndriver = \"synthetic\"\nmode = \"{mode}\"\n{NOTICE}")
}

/// The program's command line on the shop in `folder`.
fn call(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = sluis(&home::without_models());
    command.args(arguments).arg("--config").arg(folder.join("sluis.toml")).output().unwrap()
}

fn ok(output: Output) -> String {
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), errors(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn segments(folder: &Path) -> usize {
    let mut list = sluis(&home::without_models());
    let answer = json(list.args(["vault", "ls", "--json", "--vault"]).arg(folder.join("vault")));
    answer["segments"].as_array().unwrap().len()
}

/// That no frame comes in, for longer than a segment.
fn sees_nothing(service: &Service) {
    let entered = service.metric("sluis_frames_entered_total", "");
    thread::sleep(Duration::from_secs(3));
    assert_eq!(service.metric("sluis_frames_entered_total", ""), entered);
    let (code, health) = service.page("/healthz");
    assert!(code == 503 && health.contains("\"notice\":false"), "{code} {health}");
    assert_eq!(service.metric("sluis_notice_published", ""), 0.0);
}

/// That segments are sealed again.
fn records(service: &mut Service) {
    let sealed = service.metric("sluis_segments_sealed_total", "");
    service.until("a sealed segment", |s| s.metric("sluis_segments_sealed_total", "") > sealed);
    service.until("health", |s| s.page("/healthz").0 == 200);
}

#[test]
fn nothing_is_recorded_but_under_a_published_notice_that_tells_it() {
    let (folder, home) = (tempfile::tempdir().unwrap(), home::without_models());
    let mut service = Service::start(&home, folder.path(), &shop("heads"));
    service.wait("serving");
    service.wait("notice-missing");
    sees_nothing(&service);
    assert_eq!(segments(folder.path()), 0);

    service.publish(&home);
    let begun = service.wait("notice-in-force");
    assert!(begun["message"].as_str().unwrap().contains("version 1"), "{begun}");
    service.wait("camera-opened");
    records(&mut service);

    // Guests must be told of it: cameras are closed, and what was on its way is sealed.
    service.reload(&shop("persons"));
    service.wait("notice-missing");
    service.until("closed cameras", |s| s.metric("sluis_camera_up", "") == 0.0);
    sees_nothing(&service);
    service.publish(&home);
    let begun = service.wait("notice-in-force");
    assert!(begun["message"].as_str().unwrap().contains("version 2"), "{begun}");
    service.wait("camera-opened");
    records(&mut service);

    // Guests need not be told of it: nobody is disturbed.
    let eye = service.eye();
    service.reload(&format!("{}[plugins.update]\nevery-minutes = 90\n", shop("persons")));
    service.wait("reloaded");
    records(&mut service);
    assert_eq!(service.eye(), eye);

    // A notice of what the machine does not do yet: it may not go on as before either.
    Service::write_configuration(folder.path(), &shop("everything-that-moves"));
    service.publish(&home);
    service.wait("notice-missing");
    service.until("closed cameras", |s| s.metric("sluis_camera_up", "") == 0.0);
    sees_nothing(&service);
    service.reload(&shop("everything-that-moves"));
    let begun = service.wait("notice-in-force");
    assert!(begun["message"].as_str().unwrap().contains("version 3"), "{begun}");
    service.wait("camera-opened");
    records(&mut service);

    assert!(service.stop().success());
    assert!(!service.told("frames-lost") && !service.told("segments-recovered"), "{:#?}", service.heard);
    let ledger = ok(call(folder.path(), &["ledger", "ls", "--json", "--last", "10000"]));
    let notices: Vec<serde_json::Value> = ledger.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let told = notices.iter().filter(|entry| entry["what"]["event"] == "notice");
    let told: Vec<&str> = told.map(|entry| entry["what"]["version"].as_str().unwrap()).collect();
    assert_eq!(told, ["1", "2", "3"], "{ledger}");
    for number in 1..=3 {
        let published = fs::read_to_string(folder.path().join(format!("vault.notice/{number}.json"))).unwrap();
        let published: serde_json::Value = serde_json::from_str(&published).unwrap();
        assert!(ledger.contains(published["sha256"].as_str().unwrap()), "version {number} is not in {ledger}");
    }
}

/// The page of the notice, served. It ends when this is dropped.
struct Pages {
    server: Child,
    address: String,
}

impl Pages {
    fn serve(folder: &Path) -> Self {
        let mut command = sluis(&home::without_models());
        command.args(["notice", "serve", "--listen", "127.0.0.1:0", "--config"]).arg(folder.join("sluis.toml"));
        let mut server = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { server, address }
    }

    fn page(&self, path: &str) -> (u16, String) {
        let (code, head, body) = get(&self.address, path);
        // Nothing that runs, nothing that is remembered, whatever is asked for.
        assert!(head.to_ascii_lowercase().contains("content-security-policy: default-src 'none'"), "{head}");
        assert!(!head.to_ascii_lowercase().contains("set-cookie"), "{head}");
        (code, String::from_utf8_lossy(&body).into_owned())
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.server.id().to_string()).status();
        let _ = self.server.wait();
    }
}

#[test]
fn the_page_says_what_the_cameras_do_now_and_shows_what_is_kept() {
    let (folder, home) = (tempfile::tempdir().unwrap(), home::without_models());
    let mut service = Service::start(&home, folder.path(), &shop("heads"));
    service.wait("notice-missing");
    let pages = Pages::serve(folder.path());
    assert!(pages.page("/en").1.contains("No notice is published yet"), "{:?}", pages.page("/en"));
    service.publish(&home);
    service.wait("camera-opened");
    records(&mut service);
    service.until("a page that says so", |_| {
        let page = pages.page("/en").1;
        page.contains("1 of 1 cameras film") && page.contains("The oldest is of")
    });
    let (code, page) = pages.page("/en");
    for part in [
        "<html lang=\"en\"",
        "face-blur",
        "recordings. The oldest is of",
        "Version 1",
        "/stills/one.png",
        "To try the program out",
    ] {
        assert!(code == 200 && page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script"), "{page}");
    for (path, part) in
        [("/nl", "Wat gebeurt er nu?"), ("/de", "Was geschieht jetzt?"), ("/en.txt", "WHAT HAPPENS NOW")]
    {
        let (code, page) = pages.page(path);
        assert!(code == 200 && page.to_uppercase().contains(&part.to_uppercase()), "{path}: {page}");
    }
    let (code, head, still) = get(&pages.address, "/stills/one.png");
    assert!(code == 200 && still.starts_with(b"\x89PNG"), "{head}");
    // Asked for again at once, it is the same, and nothing is opened for it.
    assert_eq!(get(&pages.address, "/stills/one.png").2, still);
    let ledger = ok(call(folder.path(), &["ledger", "ls", "--json", "--last", "10000"]));
    assert_eq!(ledger.matches("a still for the public notice").count(), 1, "{ledger}");
    for path in ["/stills/two.png", "/stills/../1.json", "/fr", "/now.json", "/vault"] {
        assert_eq!(pages.page(path).0, 404, "{path}");
    }
    assert_eq!(get(&pages.address, "/").0, 307);

    // What is paused is said to be.
    let officer = folder.path().join("officer.key");
    let pause = ["pause", "--camera", "one", "--reason", "a guest objects", "--as", officer.to_str().unwrap()];
    ok(call(folder.path(), &pause));
    service.until("a page that says so", |_| pages.page("/en").1.contains("Paused: nothing is recorded."));
    assert!(service.stop().success());
    fs::remove_file(folder.path().join("vault.notice/now.json")).unwrap();
    assert!(pages.page("/en").1.contains("The program reports nothing."));
}

#[test]
fn a_notice_that_was_changed_by_hand_is_not_believed() {
    let (folder, home) = (tempfile::tempdir().unwrap(), home::without_models());
    let mut service = Service::start(&home, folder.path(), &shop("heads"));
    service.wait("notice-missing");
    service.publish(&home);
    service.wait("camera-opened");
    let file = folder.path().join("vault.notice/1.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"hours\": 72", "\"hours\": 24")).unwrap();
    service.wait("notice-missing");
    service.until("closed cameras", |s| s.metric("sluis_camera_up", "") == 0.0);
    fs::write(&file, text).unwrap();
    service.wait("camera-opened");
    assert!(service.stop().success());
}

const SHELF: &str = r#"
[[camera]]
id = "shelf"
what = { nl = "langs de broodschappen", de = "entlang der Brotregale", en = "along the bread shelves" }
driver = "synthetic"
"#;

const QUEUE: &str = r#"
[[camera]]
id = "queue"
what = { nl = "recht van boven op de wachtrij", de = "senkrecht von oben auf die Warteschlange", en = "straight down on the queue" }
driver = "synthetic"
"#;

/// Of a notice as text: items that are marked, and all that is under this title.
fn marked(page: &str, gone: &str) -> String {
    let (mut told, mut is_told) = (String::new(), false);
    for line in page.lines() {
        is_told = match line {
            _ if line == gone => true,
            _ if line.starts_with("* ") => line.ends_with(']') || (is_told && told.contains(gone)),
            _ => is_told && (line.starts_with("  ") || told.ends_with(&format!("{gone}\n"))),
        };
        if is_told {
            told += &format!("{line}\n");
        }
    }
    told
}

/// `docs/notice-changes.md` is made of what is written down here.
#[test]
fn a_notice_through_two_changes_in_three_languages() {
    let (folder, home) = (tempfile::tempdir().unwrap(), home::without_models());
    let mut transcript = Transcript::new(&[(folder.path(), ".")]);
    let mut service = Service::start(&home, folder.path(), &format!("{SHELF}{NOTICE}"));
    service.wait("notice-missing");
    let say = |transcript: &mut Transcript, arguments: &[&str], code: i32| {
        let mut command = sluis(&home);
        command.current_dir(folder.path()).env("SLUIS_STAFF_KEY", "officer.key");
        let output = transcript.call(command, &[arguments, &["--config", "sluis.toml"]].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", errors(&output));
    };
    transcript.chapter("The first notice");
    say(&mut transcript, &["staff", "add", "Petra", "--role", "privacy-officer", "--key", "officer.key"], 0);
    say(&mut transcript, &["notice", "publish", "--reason", "the first notice"], 0);
    say(&mut transcript, &["notice", "--lang", "nl", "--format", "text"], 0);
    // Nothing more is recorded; what is new is published while nothing runs.
    assert!(service.stop().success());

    let languages = [
        ("nl", "nieuw", "gewijzigd", "Niet meer van toepassing sinds de vorige versie"),
        ("de", "neu", "geändert", "Seit der vorigen Version entfallen"),
        ("en", "new", "update", "No longer so since the version before"),
    ];
    let changes = [
        ("A camera more", format!("{SHELF}{QUEUE}{NOTICE}"), vec!["straight down on the queue"]),
        (
            "A camera less, and whole persons are masked",
            format!("{QUEUE}mode = \"persons\"\n{NOTICE}"),
            vec!["queue", "shelf"],
        ),
    ];
    for (number, (title, tables, told_of)) in (2..).zip(changes) {
        transcript.chapter(title);
        Service::write_configuration(folder.path(), &tables);
        say(&mut transcript, &["notice", "diff"], 3);
        say(&mut transcript, &["notice", "publish", "--reason", title], 0);
        say(&mut transcript, &["notice", "diff"], 0);
        for (language, new, update, gone) in languages {
            let show = ["notice", "show", "--number", &format!("{number}"), "--lang", language, "--format", "text"];
            let page = ok(call(folder.path(), &show));
            let told = marked(&page, gone);
            assert!(told.contains(&format!("[{new}]")) || told.contains(&format!("[{update}]")), "{page}");
            assert_eq!(told.contains(gone), number == 3, "{page}");
            assert!(language != "en" || told_of.iter().any(|part| told.contains(part)), "{told}");
            transcript.note(&format!("$ sluis {} --config sluis.toml    # what is marked", show.join(" ")));
            told.lines().for_each(|line| transcript.note(line));
        }
    }
    transcript.chapter("Afterwards");
    say(&mut transcript, &["notice", "ls"], 0);
    transcript.keep("notice-changes.txt");
}

#[test]
fn a_partner_that_the_notice_does_not_name_is_granted_nothing() {
    let (folder, home) = (tempfile::tempdir().unwrap(), home::without_models());
    let mut service = Service::start(&home, folder.path(), &shop("heads"));
    service.wait("notice-missing");
    service.publish(&home);
    service.wait("camera-opened");
    let (key, officer) = (folder.path().join("partner.json"), folder.path().join("officer.key"));
    fs::write(&key, PartnerSecret::generate().unwrap().public().to_string()).unwrap();
    let asks = ["--as", officer.to_str().unwrap(), "--reason", "a test"];
    let partner = [
        "partner",
        "add",
        "Shelf Models",
        "--country",
        "US",
        "--contract",
        "DPA 2026-04",
        "--purpose",
        "training of models of reaching",
    ];
    let ground = ["--ground", "standard-contractual-clauses", "--key", key.to_str().unwrap()];
    ok(call(folder.path(), &[&partner[..], &ground, &asks].concat()));
    let grant = [&["grant", "new", "Shelf Models"][..], &asks].concat();
    let refused = errors(&call(folder.path(), &grant));
    assert!(
        refused.contains("version 1 of the notice does not name it") && refused.contains("publish the notice first"),
        "{refused}"
    );
    // The same when only the vault is named.
    let mut by_vault = sluis(&home);
    by_vault.args(&grant).arg("--vault").arg(folder.path().join("vault"));
    assert!(errors(&by_vault.output().unwrap()).contains("does not name it"));
    let diff = call(folder.path(), &["notice", "diff"]);
    assert_eq!(diff.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&diff.stdout).contains("new      recipients.to-Shelf Models"), "{diff:?}");
    service.publish(&home);
    // Now it is another thing that is missing: there is no cloud to fetch from.
    let refused = errors(&call(folder.path(), &grant));
    assert!(!refused.contains("notice"), "{refused}");
    assert_eq!(service.page("/healthz").0, 200, "a partner closes no camera");
    assert!(service.stop().success());
    let page = ok(call(folder.path(), &["notice", "--lang", "en", "--format", "text"]));
    assert!(page.contains("Shelf Models") && page.contains("Country: United States"), "{page}");
}

#[test]
fn notice_signs_and_papers_need_nothing_but_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    Service::write_configuration(folder.path(), &shop("heads"));
    for (language, title) in [("nl", "Camera's in Test"), ("de", "Kameras in Test"), ("en", "Cameras in Test")] {
        let page = ok(call(folder.path(), &["notice", "--lang", language, "--format", "text"]));
        assert!(page.starts_with(title), "{page}");
        assert!(
            ok(call(folder.path(), &["notice", "show", "--lang", language]))
                .contains(&format!("<html lang=\"{language}\">"))
        );
        for paper in ["record", "dpia", "works-council"] {
            let page = ok(call(folder.path(), &["notice", paper, "--lang", language, "--format", "text"]));
            assert!(page.contains("Test"), "{page}");
        }
    }
    let signs = folder.path().join("signs");
    ok(call(folder.path(), &["notice", "sign", "--out", signs.to_str().unwrap()]));
    for language in ["nl", "de", "en"] {
        assert!(fs::read(signs.join(format!("entrance.{language}.pdf"))).unwrap().starts_with(b"%PDF-"));
        assert!(fs::read_to_string(signs.join(format!("entrance.{language}.svg"))).unwrap().starts_with("<svg"));
    }
    assert_eq!(call(folder.path(), &["notice", "diff"]).status.code(), Some(3));
    let check = String::from_utf8(call(folder.path(), &["check"]).stdout).unwrap();
    let line = check.lines().find(|line| line.starts_with("notice")).unwrap();
    assert!(line.contains("missing") && line.contains("not published"), "{check}");
    // Who publishes is a privacy officer, and there is none.
    assert!(!call(folder.path(), &["notice", "publish", "--reason", "a test"]).status.success());
    assert!(!folder.path().join("vault.notice").exists());
}
