//! The rights desk of a running shop: each kind of request from letter to receipt, with the built program alone. What was typed and what was answered is written to `rights-desk.txt` in the target folder, with letters and stills beside it;
//! `docs/rights-desk.md` is made of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jiff::tz::TimeZone;
use serde_json::Value;
use sluis_frame::{Clock, SystemClock};
use sluis_share::{Ask, AskNonce, Document, GrantId, Name, PartnerSecret, SegmentId, Time};
use sluis_store::{FolderStore, ObjectName, ObjectStore};
use sluis_tests::home;
use sluis_tests::program::{errors, json, sluis};
use sluis_tests::service::{NOTICE, Service};
use sluis_tests::transcript::Transcript;

const SHOP: &str = r#"
[segment]
seconds = 4
[[camera]]
id = "front"
driver = "synthetic"
synthetic = { seed = 3, view = "oblique" }
[[camera.zone]]
id = "bread"
kind = "shelf"
polygon = [[400, 0], [640, 0], [640, 480], [400, 480]]
[cloud]
client = "folder"
path = "cloud"
"#;

const HOST: &str = "[notice.host]\nname = \"Hosting BV\"\ncountry = \"NL\"\n";

/// The shop, and what was said there.
struct Shop {
    at: PathBuf,
    transcript: Transcript,
}

impl Shop {
    fn command(&self) -> Command {
        let mut command = sluis(&home::without_models());
        command.current_dir(&self.at).env("SLUIS_STAFF_KEY", "petra.key");
        command
    }

    fn call(&mut self, arguments: &[&str]) -> Output {
        self.transcript.call(self.command(), &[arguments, &["--config", "sluis.toml"]].concat())
    }

    fn ok(&mut self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", errors(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn refused(&mut self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        errors(&output)
    }

    fn told(&self, arguments: &[&str]) -> Value {
        json(self.command().args(arguments).args(["--json", "--config", "sluis.toml"]))
    }

    /// The segments that can be opened, the oldest first.
    fn sealed(&self) -> Vec<Value> {
        let listed = self.told(&["vault", "ls"]);
        let sealed = |s: &&Value| s["state"] == "sealed" && s["in_cloud"] == true;
        listed["segments"].as_array().unwrap().iter().filter(sealed).cloned().collect()
    }

    fn segment(&self, id: &str) -> Value {
        let listed = self.told(&["vault", "ls"]);
        listed["segments"].as_array().unwrap().iter().find(|s| s["id"] == id).cloned().unwrap()
    }

    fn letter(&self, name: &str) -> String {
        fs::read_to_string(self.at.join("letters").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Enters a request about the seconds in which this segment was recorded, and gives its number.
    fn enter(&mut self, kind: &str, lang: &str, segment: &Value) -> String {
        let started: jiff::Timestamp = segment["started"].as_str().unwrap().parse().unwrap();
        let shown = |at: jiff::Timestamp| at.to_zoned(zone()).strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let (from, to) =
            (shown(started + jiff::SignedDuration::from_secs(1)), shown(started + jiff::SignedDuration::from_secs(3)));
        let arguments = [
            "rights",
            "new",
            kind,
            "--camera",
            "front",
            "--from",
            &from,
            "--to",
            &to,
            "--remembers",
            "red coat, with a pram",
            "--name",
            "A. Guest",
            "--email",
            "guest@example.nl",
            "--lang",
            lang,
            "--letters",
            "letters",
        ];
        number(&self.ok(&arguments))
    }
}

/// The shop's.
fn zone() -> TimeZone {
    TimeZone::get("Europe/Amsterdam").unwrap()
}

fn number(answer: &str) -> String {
    answer.split_whitespace().next().unwrap().to_owned()
}

/// The number of the silhouette that is followed longest.
fn followed_longest(silhouettes: &[Value]) -> u64 {
    let followed = |s: &&Value| s["followed"][1].as_i64().unwrap() - s["followed"][0].as_i64().unwrap();
    silhouettes.iter().max_by_key(followed).unwrap()["number"].as_u64().unwrap()
}

fn objects(folder: &Path, of: &str) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(of)).collect()
}

#[test]
#[allow(clippy::too_many_lines, reason = "one day, in its order")]
fn each_kind_of_request_from_letter_to_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut shop = Shop { at: at.to_owned(), transcript: Transcript::new(&[(at, ".")]) };
    let tables = format!("{SHOP}{NOTICE}{HOST}");
    let mut service = Service::start(&home::without_models(), at, &tables);
    service.wait("notice-missing");
    shop.transcript.chapter("A shop, its officer and its notice");
    shop.ok(&["staff", "add", "Petra", "--role", "privacy-officer", "--key", "petra.key"]);
    shop.ok(&["notice", "publish", "--reason", "the first notice"]);
    service.wait("camera-opened");
    service.until("copies in the cloud", |_| shop.sealed().len() >= 7);

    // Copies of one segment, wherever copies can be.
    shop.transcript.chapter("Copies of a recording, wherever copies can be");
    let erased = shop.sealed()[1].clone();
    let erased_id = erased["id"].as_str().unwrap().to_owned();
    let secret = PartnerSecret::generate().unwrap();
    fs::write(at.join("models.json"), secret.public().to_string()).unwrap();
    shop.ok(&[
        "partner",
        "add",
        "Models BV",
        "--key",
        "models.json",
        "--contract",
        "2026-17",
        "--purpose",
        "training of models of reaching",
        "--country",
        "NL",
        "--reason",
        "a contract",
    ]);
    let told = shop.refused(&["grant", "new", "Models BV", "--segment", &erased_id, "--reason", "2026-17"]);
    assert!(told.contains("notice"), "{told}");
    shop.ok(&["notice", "publish", "--reason", "a partner"]);
    let grant: GrantId =
        shop.ok(&["grant", "new", "Models BV", "--segment", &erased_id, "--reason", "2026-17"]).parse().unwrap();
    let cloud = FolderStore::open(at.join("cloud")).unwrap();
    let wanted: SegmentId = erased_id.parse().unwrap();
    let now = Time::from_nanos(SystemClock.now().as_nanos());
    let ask = Ask::new(grant, vec![wanted], now, AskNonce::random().unwrap(), Name::new("job 17").unwrap()).unwrap();
    cloud.put(&ObjectName::new(ask.document().to_string()).unwrap(), &ask.sign(&secret)).unwrap();
    let release = at.join("cloud").join(Document::Release(grant, wanted).to_string());
    service.until("the key is released", |_| release.exists());
    shop.ok(&["vault", "export", &erased_id, "--to", "stick", "--reason", "the weekly count"]);
    shop.ok(&["vault", "open", &erased_id, "--to", "plain.mcap", "--reason", "what a partner sees"]);

    shop.transcript.chapter("Access: a copy without others (Art. 15)");
    let day = jiff::Timestamp::now().to_zoned(zone()).strftime("%Y-%m-%d %H:%M").to_string();
    let entered = shop.ok(&[
        "rights",
        "new",
        "access",
        "--where",
        "the bread shelf",
        "--when",
        &format!("about {day}"),
        "--remembers",
        "red coat, with a pram",
        "--email",
        "guest@example.nl",
        "--lang",
        "en",
        "--letters",
        "letters",
    ]);
    let access = number(&entered);
    assert!(entered.contains("held against every sweep"), "{entered}");
    let told = shop.letter(&format!("{access}-acknowledgement.txt"));
    assert!(told.contains("Art") && told.contains(&access), "{told}");
    shop.ok(&["rights", "stills", &access, "--to", "stills"]);
    let listed: Value = serde_json::from_str(&fs::read_to_string(at.join("stills/candidates.json")).unwrap()).unwrap();
    let person = format!("front:{}", followed_longest(listed["cameras"]["front"].as_array().unwrap()));
    shop.ok(&[
        "rights",
        "decide",
        &access,
        "--grant",
        "--stills",
        "stills",
        "--person",
        &person,
        "--copy",
        "copy",
        "--letters",
        "letters",
    ]);
    let about: Value = serde_json::from_str(&fs::read_to_string(at.join("copy/front/about.json")).unwrap()).unwrap();
    assert!(about["frames"]["shown"].as_u64().unwrap() > 0, "{about}");
    assert!(at.join("copy/front/copy.mp4").is_file() && at.join("copy/events.json").is_file());
    let told = shop.letter(&format!("{access}-access.txt"));
    assert!(told.contains("Models BV") && told.contains("copy.mp4") && told.contains("Article 15(1)(a)"), "{told}");
    shop.ok(&["rights", "deleted", &access, "--folder", "copy"]);
    assert!(!at.join("copy").exists());

    shop.transcript.chapter("Erasure: every copy (Art. 17)");
    let erasure = shop.enter("erasure", "nl", &erased);
    let other = shop.enter("access", "en", &erased);
    let told = shop.refused(&["rights", "decide", &erasure, "--grant", "--all", "--letters", "letters"]);
    assert!(told.contains(&format!("request {other} (access), which is not decided")), "{told}");
    assert_eq!(shop.segment(&erased_id)["state"], "sealed");
    let why = "Nobody on these pictures is alone in them.";
    let refuse = ["rights", "decide", &other, "--refuse", "rights-of-others", "--because", why, "--letters"];
    // A letter that cannot be written leaves it undecided.
    fs::write(at.join("full"), "").unwrap();
    shop.refused(&[&refuse[..], &["full"]].concat());
    assert_eq!(shop.told(&["rights", "show", &other])["state"], "open");
    shop.ok(&[&refuse[..], &["letters"]].concat());
    let grant_all = ["rights", "decide", &erasure, "--grant", "--all", "--letters", "letters"];
    let told = shop.refused(&grant_all);
    assert!(told.contains("was refused, and the person may complain"), "{told}");
    let told = shop.ok(&[&grant_all[..], &["--despite", &other]].concat());
    for part in ["key destroyed", "gone", "stick", "plain.mcap (plain)", "Models BV", "opened 1 time"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(shop.segment(&erased_id)["state"], "destroyed");
    assert_eq!(objects(&at.join("cloud"), &erased_id).iter().filter(|name| name.ends_with(".sealed")).count(), 0);
    assert!(!release.exists(), "the released key still lies there");
    let told = shop.letter(&format!("{erasure}-partner-Models-BV.txt"));
    assert!(told.contains(&erased_id), "{told}");
    assert!(shop.letter(&format!("{erasure}-erased.txt")).contains("AVG"));
    let told = shop.refused(&["rights", "deleted", &erasure, "--folder", "stick"]);
    assert!(told.contains("is still there"), "{told}");
    fs::remove_dir_all(at.join("stick")).unwrap();
    shop.ok(&["rights", "deleted", &erasure, "--folder", "stick"]);
    fs::remove_file(at.join("plain.mcap")).unwrap();
    shop.ok(&["rights", "deleted", &erasure, "--folder", "plain.mcap"]);
    let told = shop.ok(&["rights", "receipt", &erasure, "--letters", "letters"]);
    assert!(!told.contains("to be deleted there"), "{told}");

    shop.transcript.chapter("Nothing found: when all of it was looked at");
    let moments = [-2, 1].map(|hours| {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        at.to_zoned(zone()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    });
    let wide = ["--camera", "front", "--from", &moments[0], "--to", &moments[1]];
    let asked =
        ["rights", "new", "erasure", "--remembers", "a dog", "--collect", "--lang", "en", "--letters", "letters"];
    let nothing = number(&shop.ok(&[&asked[..], &wide[..]].concat()));
    let held = |shop: &Shop| shop.told(&["rights", "show", &nothing])["held"].as_array().unwrap().len();
    assert!(held(&shop) > 3);
    let none = ["rights", "decide", &nothing, "--nothing-found", "--letters", "letters"];
    let told = shop.refused(&none);
    assert!(told.contains("may still be recorded until"), "{told}");
    let first = shop.sealed().first().unwrap().clone();
    let started: jiff::Timestamp = first["started"].as_str().unwrap().parse().unwrap();
    let [from, to] = [1, 3].map(|seconds| {
        let at = started + jiff::SignedDuration::from_secs(seconds);
        at.to_zoned(zone()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    });
    shop.ok(&["rights", "narrow", &nothing, "--camera", "front", "--from", &from, "--to", &to]);
    assert_eq!(held(&shop), 1, "what is not meant any more is let go");
    shop.ok(&none);
    assert!(shop.letter(&format!("{nothing}-nothing-found.txt")).contains("72 hours"));

    shop.transcript.chapter("Restriction: kept, and not used (Art. 18)");
    let restricted = shop.sealed().last().unwrap().clone();
    let restricted_id = restricted["id"].as_str().unwrap().to_owned();
    let restriction = shop.enter("restriction", "de", &restricted);
    shop.ok(&["rights", "decide", &restriction, "--grant", "--all", "--letters", "letters"]);
    let told = shop.refused(&["vault", "open", &restricted_id, "--to", "plain.mcap", "--reason", "a test"]);
    assert!(told.contains("is restricted"), "{told}");
    let late = shop.enter("erasure", "nl", &restricted);
    let told = shop.refused(&["rights", "decide", &late, "--grant", "--all", "--letters", "letters"]);
    assert!(told.contains("is restricted since"), "{told}");
    let why = "Iemand anders heeft deze opname nodig.";
    shop.ok(&["rights", "decide", &late, "--refuse", "legal-claims", "--because", why, "--letters", "letters"]);
    assert!(shop.letter(&format!("{restriction}-restricted.txt")).contains("DSGVO"));

    shop.transcript.chapter("Objection: a part of the picture is paused (Art. 21)");
    let seen = shop.sealed().first().unwrap().clone();
    let objection = shop.enter("objection", "nl", &seen);
    let pause = ["rights", "decide", &objection, "--grant", "--pause", "front/bread", "--letters", "letters"];
    let told = shop.refused(&pause);
    assert!(told.contains("--not-told-apart"), "{told}");
    shop.ok(&[&pause[..], &["--not-told-apart"]].concat());
    let paused = shop.told(&["pause", "ls"]);
    assert_eq!((&paused["pauses"][0]["camera"], &paused["pauses"][0]["zone"]), (&"front".into(), &"bread".into()));
    let told = shop.letter(&format!("{objection}-objection-granted.txt"));
    assert!(told.contains("bread") && told.contains("niet zien wie u bent"), "{told}");

    shop.transcript.chapter("Refused, with the reason and the way to complain (Art. 12(4))");
    let refused = shop.enter("objection", "en", &seen);
    let told = shop.refused(&[
        "rights",
        "decide",
        &refused,
        "--refuse",
        "rights-of-others",
        "--because",
        "no",
        "--letters",
        "letters",
    ]);
    assert!(told.contains("is no ground"), "{told}");
    let why = "Thefts in the week before are under investigation, and this camera sees the shelf they happened at.";
    shop.ok(&[
        "rights",
        "decide",
        &refused,
        "--refuse",
        "compelling-grounds",
        "--because",
        why,
        "--letters",
        "letters",
    ]);
    let told = shop.letter(&format!("{refused}-objection-refused.txt"));
    assert!(told.contains("under investigation") && told.contains("Autoriteit Persoonsgegevens"), "{told}");

    shop.transcript.chapter("Complaint: where to (Art. 77)");
    let complaint = shop.enter("complaint", "nl", &seen);
    shop.ok(&["rights", "decide", &complaint, "--grant", "--letters", "letters"]);
    assert!(shop.letter(&format!("{complaint}-complaint.txt")).contains("Autoriteit Persoonsgegevens"));

    shop.transcript.chapter("The desk");
    shop.ok(&["rights", "ls"]);
    shop.ok(&["rights", "show", &erasure]);
    let year = jiff::Timestamp::now().to_zoned(zone()).year() + 3;
    let until = format!("{year}-01-01T00:00");
    let told = shop.ok(&["rights", "keep", &refused, "--until", &until, "--because", "a claim was announced"]);
    assert!(told.contains(&format!("{}-12-31T23:00", year - 1)), "{told}");
    let requests = shop.told(&["rights", "ls"]);
    let requests = requests["requests"].as_array().unwrap();
    assert!(requests.len() == 9 && requests.iter().all(|request| request["state"] == "closed"), "{requests:?}");
    assert!(service.stop().success());
    // Who asked is nowhere in the clear.
    for file in ["rights.sqlite", "rights.sqlite-wal"] {
        let bytes = fs::read(at.join("vault").join(file)).unwrap_or_default();
        assert!(!bytes.windows(5).any(|bytes| bytes == b"Guest" || bytes == b"guest"), "{file}");
    }
    shop.transcript.keep("rights-desk.txt");
    shop.transcript.keep_file(&at.join("stills/front.png"), "rights-desk-stills.png");
    for letter in fs::read_dir(at.join("letters")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = letter.file_name().unwrap().to_str().unwrap();
        shop.transcript.keep_file(&letter, &format!("rights-desk-{name}"));
    }
}
