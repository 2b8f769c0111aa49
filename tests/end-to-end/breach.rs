//! A breach, from the first sign to the closed register, with the built program alone, in three languages. What was typed and what was answered is written to `breach.txt` in the target folder.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test prepares is there, or the test fails")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use sluis_frame::{Clock, SystemClock};
use sluis_share::{Ask, AskNonce, Document, GrantId, Name, PartnerSecret, SegmentId, Time};
use sluis_store::{FolderStore, ObjectName, ObjectStore};
use sluis_tests::home;
use sluis_tests::program::{errors, sluis};
use sluis_tests::service::{NOTICE, Service};
use sluis_tests::transcript::Transcript;

const SHOP: &str = r#"
[segment]
seconds = 4
[[camera]]
id = "front"
driver = "synthetic"
synthetic = { seed = 3, view = "oblique" }
[cloud]
client = "folder"
path = "cloud"
"#;

const HOST: &str = "[notice.host]\nname = \"Hosting BV\"\ncountry = \"NL\"\n";

const HAPPENED: &str = "Somebody at Models BV, or with its key, asked for recordings that it may not open.";

/// The exit code of what is not as it should be.
const NOT_AS_IT_SHOULD_BE: i32 = 3;

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
        text(&output)
    }

    fn refused(&mut self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output));
        errors(&output)
    }

    /// What it answers, and complains of, where something is not as it should be.
    fn wrong(&mut self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert_eq!(output.status.code(), Some(NOT_AS_IT_SHOULD_BE), "{arguments:?}: {}", errors(&output));
        format!("{}\n{}", text(&output), errors(&output))
    }

    /// The JSON object that it prints, whatever the exit code.
    fn told(&self, arguments: &[&str]) -> Value {
        let output = self.command().args(arguments).args(["--json", "--config", "sluis.toml"]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {}", errors(&output)))
    }

    /// The segments that can be opened, the oldest first.
    fn sealed(&self) -> Vec<Value> {
        let listed = self.told(&["vault", "ls"]);
        let sealed = |s: &&Value| s["state"] == "sealed" && s["in_cloud"] == true;
        listed["segments"].as_array().unwrap().iter().filter(sealed).cloned().collect()
    }

    fn letter(&self, name: &str) -> String {
        let letter = fs::read_to_string(self.at.join("letters").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        // Whatever line it stands in.
        letter.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The only sign there is.
    fn sign(&mut self) -> Value {
        let told = self.wrong(&["breach", "signs"]);
        assert!(told.contains("access-refused") && told.contains("sluis breach new"), "{told}");
        let signs = self.told(&["breach", "signs"])["signs"].clone();
        assert_eq!(signs.as_array().unwrap().len(), 1, "{signs}");
        signs[0].clone()
    }
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
}

/// The first word of an answer.
fn number(answer: &str) -> String {
    answer.split_whitespace().next().unwrap().to_owned()
}

/// Whole seconds, so many hours ago.
fn ago(hours: i64) -> String {
    (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Asks for a segment under a grant, signed with this key.
fn ask(cloud: &FolderStore, grant: GrantId, segment: SegmentId, secret: &PartnerSecret) {
    let now = Time::from_nanos(SystemClock.now().as_nanos());
    let name = Name::new("job 17").unwrap();
    let ask = Ask::new(grant, vec![segment], now, AskNonce::random().unwrap(), name).unwrap();
    cloud.put(&ObjectName::new(ask.document().to_string()).unwrap(), &ask.sign(secret)).unwrap();
}

#[test]
#[allow(clippy::too_many_lines, reason = "one night, in its order")]
fn a_breach_from_its_first_sign_to_the_closed_register() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut shop = Shop { at: at.to_owned(), transcript: Transcript::new(&[(at, ".")]) };
    let mut service = Service::start(&home::without_models(), at, &format!("{SHOP}{NOTICE}{HOST}"));
    service.wait("notice-missing");
    shop.transcript.chapter("A shop, and a partner who may open one recording");
    shop.ok(&["staff", "add", "Petra", "--role", "privacy-officer", "--key", "petra.key"]);
    let (key, theirs) = (PartnerSecret::generate().unwrap(), PartnerSecret::generate().unwrap());
    fs::write(at.join("models.json"), key.public().to_string()).unwrap();
    let purpose = "training of models of reaching";
    let partner =
        ["partner", "add", "Models BV", "--key", "models.json", "--contract", "2026-17", "--purpose", purpose];
    shop.ok(&[&partner[..], &["--country", "NL", "--reason", "a contract"]].concat());
    shop.ok(&["notice", "publish", "--reason", "the first notice"]);
    service.wait("camera-opened");
    service.until("copies in the cloud", |_| shop.sealed().len() >= 3);
    let granted = shop.sealed()[1].clone();
    let segment: SegmentId = granted["id"].as_str().unwrap().parse().unwrap();
    let new = ["grant", "new", "Models BV", "--segment", granted["id"].as_str().unwrap(), "--reason", "2026-17"];
    let grant: GrantId = shop.ok(&new).parse().unwrap();
    let cloud = FolderStore::open(at.join("cloud")).unwrap();
    ask(&cloud, grant, segment, &key);
    let release = at.join("cloud").join(Document::Release(grant, segment).to_string());
    service.until("the key is released", |_| release.exists());
    assert!(shop.ok(&["breach", "signs"]).contains("No sign"), "what is as it should be is no sign");
    assert!(shop.ok(&["breach", "ls"]).contains("No breach"));

    shop.transcript.chapter("A sign: somebody else asks under the partner's grant");
    ask(&cloud, grant, segment, &theirs);
    service.wait("partners-refused");
    let sign = shop.sign();
    let id = sign["id"].as_str().unwrap();

    shop.transcript.chapter("It is entered: 72 hours run");
    let (aware, started) = (ago(0), granted["started"].as_str().unwrap().to_owned());
    let to = (started.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_secs(2)).to_string();
    let entry = ["breach", "new", "--aware", &aware, "--kind", "confidentiality", "--happened", HAPPENED];
    let told = shop.ok(&[&entry[..], &["--from", &started, "--to", &to, "--sign", id, "--lang", "nl"]].concat());
    let breach = number(&told);
    assert!(breach.starts_with("B-") && breach.ends_with("-0001"), "{told}");
    for part in [
        "Art. 33(1)",
        "hours left",
        "cameras: front",
        "Models BV was granted 1",
        "cannot be known",
        "owed: judge the risk",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(shop.ok(&["breach", "signs"]).contains("No sign"), "it is entered");
    let due = service.wait("breach-due");
    assert!(due["message"].as_str().unwrap().contains(&breach), "{due}");

    shop.transcript.chapter("It cannot be closed while something is owed");
    let told = shop.refused(&["breach", "close", &breach, "--because", "enough"]);
    assert!(told.contains("nobody has judged its risk"), "{told}");
    let because = "Who has the key of a partner may have seen guests.";
    let told =
        shop.refused(&["breach", "assess", &breach, "--risk", "risk", "--because", because, "--exempt", "effort"]);
    assert!(told.contains("Art. 34(3)"), "{told}");
    let told = shop.ok(&["breach", "assess", &breach, "--risk", "high", "--because", because, "--exempt", "effort"]);
    assert!(told.contains("tell the authority") && told.contains("tell the public"), "{told}");
    assert!(shop.refused(&["breach", "close", &breach, "--because", "enough"]).contains("Art. 33(1)"));
    shop.ok(&["breach", "note", &breach, "The partner's machine was taken over on Tuesday."]);

    shop.transcript.chapter("Letters, in three languages");
    for (lang, authority, people, partner) in [
        ("nl", "artikel 33, lid 3, onder d", "Datalek bij Test", "geopend op"),
        ("de", "Artikel 33 Absatz 3 Buchstabe d", "Datenpanne bei Test", "geöffnet am"),
        ("en", "Article 33(3)(d)", "Data breach at Test", "opened on"),
    ] {
        for whom in ["authority", "people", "partner:Models BV"] {
            shop.ok(&["breach", "letter", &breach, whom, "--letters", "letters", "--lang", lang]);
        }
        let letter = shop.letter(&format!("{breach}-authority.{lang}.txt"));
        assert!(letter.contains(authority) && letter.contains(HAPPENED) && !letter.contains("Petra"), "{letter}");
        let letter = shop.letter(&format!("{breach}-people.{lang}.txt"));
        assert!(letter.contains(people) && letter.contains("test@example.nl"), "{letter}");
        let letter = shop.letter(&format!("{breach}-partner-Models-BV.{lang}.txt"));
        assert!(letter.contains(partner) && letter.contains(&segment.to_string()), "{letter}");
        assert!(shop.letter(&format!("{breach}-authority.{lang}.html")).starts_with("<!doctype html>"));
    }
    let told = shop.refused(&["breach", "letter", &breach, "partner:Nobody BV", "--letters", "letters"]);
    assert!(told.contains("Models BV"), "{told}");

    shop.transcript.chapter("Everybody is told, and it is closed");
    shop.ok(&["breach", "told", &breach, "authority", "--reference", "AP 2026-4711"]);
    let told = shop.ok(&["breach", "ls"]);
    assert!(told.contains("the 72 hours run no more") && told.contains("tell the public"), "{told}");
    shop.ok(&["grant", "revoke", &grant.to_string(), "--reason", "a breach"]);
    shop.ok(&["breach", "note", &breach, "--measure", "The grant is revoked; the partner gets a new key."]);
    // In phases: what follows takes no letter's place.
    shop.ok(&["breach", "letter", &breach, "authority", "--letters", "letters", "--lang", "en"]);
    let letter = shop.letter(&format!("{breach}-authority.en-2.txt"));
    assert!(letter.contains("Further information") && letter.contains("AP 2026-4711"), "{letter}");
    assert!(letter.contains("The grant is revoked"), "{letter}");
    shop.ok(&["breach", "told", &breach, "authority", "--reference", "AP 2026-4711, supplement"]);
    shop.ok(&["breach", "told", &breach, "people", "--reference", "https://www.example.nl/breach"]);
    shop.ok(&["breach", "told", &breach, "partner:Models BV"]);
    shop.ok(&["breach", "close", &breach, "--because", "All are told, and the key is changed."]);
    let shown = shop.told(&["breach", "show", &breach]);
    assert!(shown["breach"]["closed"].is_string() && shown["trouble"].as_array().unwrap().is_empty(), "{shown}");
    assert!(shop.ok(&["breach", "show", &breach]).contains("told authority"));

    shop.transcript.chapter("One that is late says why");
    let (aware, kind) = (ago(96), ["--kind", "availability"]);
    let entry = ["breach", "new", "--aware", &aware, "--happened", "The disk of the till's camera failed."];
    let told = shop.ok(&[&entry[..], &kind].concat());
    let late = number(&told);
    assert!(told.contains("LATE"), "{told}");
    assert!(shop.wrong(&["breach", "ls"]).contains("LATE"));
    let told = shop.refused(&["breach", "letter", &late, "authority", "--letters", "letters"]);
    assert!(told.contains("Art. 33(1)"), "{told}");
    let told = shop.refused(&["breach", "told", &late, "authority"]);
    assert!(told.contains("--because"), "{told}");
    let why = "The only officer was ill for four days.";
    shop.ok(&["breach", "letter", &late, "authority", "--letters", "letters", "--because", why]);
    assert!(shop.letter(&format!("{late}-authority.nl.txt")).contains(why));
    shop.ok(&["breach", "told", &late, "authority", "--because", why]);
    shop.ok(&["breach", "assess", &late, "--risk", "none", "--because", "Nothing was on it that was needed."]);
    shop.ok(&["breach", "close", &late, "--because", "The disk is replaced."]);

    shop.transcript.chapter("A sign that is none");
    ask(&cloud, grant, segment, &theirs);
    service.wait("partners-refused");
    let sign = shop.sign();
    let id = sign["id"].as_str().unwrap();
    shop.ok(&["breach", "signs", "--dismiss", id, "--because", "The partner's old program still asks; it has no key."]);
    assert!(shop.ok(&["breach", "signs"]).contains("No sign"));

    shop.transcript.chapter("The whole register, in three languages");
    for (lang, facts, effects, action) in [
        ("nl", "* Feiten", "* Gevolgen", "* Corrigerende maatregelen"),
        ("de", "* Fakten", "* Auswirkungen", "* Abhilfemaßnahmen"),
        ("en", "* Facts", "* Effects", "* Remedial action"),
    ] {
        let paper = shop.ok(&["breach", "register", "--lang", lang, "--format", "text"]);
        let paper = paper.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [&*breach, &*late, facts, effects, action, why] {
            assert!(paper.contains(part), "{part}: {paper}");
        }
        let file = format!("register.{lang}.html");
        shop.ok(&["breach", "register", "--lang", lang, "--out", &file]);
        assert!(fs::read_to_string(at.join(file)).unwrap().contains(&format!("<html lang=\"{lang}\">")));
    }

    shop.transcript.chapter("What is changed is told");
    let step = at.join(format!("vault.breaches/{breach}/2.json"));
    let whole = fs::read_to_string(&step).unwrap();
    fs::write(&step, whole.replace("\"high\"", "\"risk\"")).unwrap();
    let told = shop.wrong(&["breach", "show", &breach]);
    assert!(told.contains(&format!("step 2 of {breach} was changed")), "{told}");
    let signs = shop.told(&["breach", "signs"]);
    assert_eq!(signs["signs"][0]["sign"], "register-changed", "{signs}");
    fs::remove_file(&step).unwrap();
    assert!(shop.wrong(&["breach", "ls"]).contains(&format!("step 2 of {breach} was removed")));
    fs::write(&step, whole).unwrap();
    shop.ok(&["breach", "ls"]);

    // The ledger, which is kept for good, knows that there were steps, and none of their words.
    assert!(service.stop().success());
    let ledger = fs::read_to_string(at.join("vault.ledger/ledger.jsonl")).unwrap();
    assert!(ledger.contains("\"event\":\"breach\"") && ledger.contains(&breach));
    assert!(!ledger.contains("asked for recordings that it may not open") && !ledger.contains("taken over on Tuesday"));

    shop.transcript.chapter("A ledger that is damaged, and a vault that is gone, keep nobody from the register");
    // One digit of a digest, in the line of the last step.
    let (sound, path) = (ledger, at.join("vault.ledger/ledger.jsonl"));
    let digest = sound.rfind("\"sha256\":\"").unwrap() + "\"sha256\":\"".len();
    let other = if sound[digest..].starts_with('0') { "1" } else { "0" };
    fs::write(&path, format!("{}{other}{}", &sound[..digest], &sound[digest + 1..])).unwrap();
    let told = shop.wrong(&["breach", "signs"]);
    assert!(told.contains("ledger-changed"), "{told}");
    shop.ok(&["breach", "note", &breach, "The ledger was found damaged."]);
    let told = shop.wrong(&["breach", "ls"]);
    assert!(told.contains("nothing proves that the register is"), "{told}");
    let paper = ["breach", "register", "--lang", "en", "--format", "text"];
    assert!(!shop.wrong(&paper).contains("none was changed"));
    fs::write(&path, sound).unwrap();
    // Without its vault the register can still be read, and says what it cannot know.
    fs::rename(at.join("vault"), at.join("gone")).unwrap();
    let told = shop.wrong(&paper);
    assert!(told.contains("cannot be held against the ledger") && told.contains("is not known"), "{told}");
    assert!(!told.contains("none was changed"), "{told}");
    shop.transcript.keep("breach.txt");
}
