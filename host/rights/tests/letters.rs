//! Every letter, in every language, against what it was when somebody last read it. `SLUIS_BLESS=1` writes them anew: read the difference.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::date;
use jiff::tz::TimeZone;
use sluis_frame::{CameraId, Timestamp};
use sluis_rights::decision::Why;
use sluis_rights::letter::facts::{
    Authority, Controller, CopiedVideo, CopyContents, Facts, NationalLaw, Notice, Order, Pause, Recipient,
};
use sluis_rights::letter::{Block, Office};
use sluis_rights::receipt::{CloudCopy, ErasedSegment, ExportedCopy, GrantedCopy, VaultCopy};
use sluis_rights::term::{Of, Reminder};
use sluis_rights::{
    AnswerTo, By, Calendar, Change, Desk, Document, ErasureReceipt, Error, Ground, Held, Keep, Kind, Language, Letter,
    LetterKind, New, Outcome, Person, Request, SegmentName, Window,
};

const DAY: Duration = Duration::from_secs(24 * 3600);
const HOUR: Duration = Duration::from_secs(3600);
const NAME: &str = "Wilhelmina Achterberg";

fn at(text: &str) -> Timestamp {
    Timestamp::from_secs(text.parse::<jiff::Timestamp>().unwrap().as_second())
}

fn received() -> Timestamp {
    at("2026-11-27T09:00:00Z")
}

fn by(at: Timestamp) -> By<'static> {
    By { who: "P. Jansen", at }
}

fn calendar() -> Calendar {
    Calendar::new(TimeZone::get("Europe/Amsterdam").unwrap(), [date(2026, 12, 25)])
}

fn controller() -> Controller {
    Controller {
        name: "Bakkerij De Sluis B.V.".to_owned(),
        address: vec!["Kerkbrink 1".to_owned(), "1211 BW Hilversum".to_owned()],
        email: "privacy@desluis.example".to_owned(),
        officer: "P. Jansen".to_owned(),
        authority: Authority {
            name: "Autoriteit Persoonsgegevens".to_owned(),
            address: vec!["Postbus 93374".to_owned(), "2509 AJ Den Haag".to_owned()],
            website: "https://autoriteitpersoonsgegevens.nl".to_owned(),
        },
        law: NationalLaw::Netherlands,
    }
}

fn camera(name: &str) -> CameraId {
    CameraId::new(name).unwrap()
}

fn segment(id: u8) -> SegmentName {
    SegmentName::from_bytes([id; 16])
}

/// In the language of the letter, as an officer would write it.
fn said(language: Language) -> &'static str {
    match language {
        Language::Dutch => "het schap bij de deur, rond tien over twee, rode jas",
        Language::German => "das Regal an der Tür, gegen zehn nach zwei, roter Mantel",
        Language::English => "the shelf by the door, about ten past two, red coat",
    }
}

fn reason(language: Language) -> &'static str {
    match language {
        Language::Dutch => "in het tijdvak staan drie mensen met een rode jas.",
        Language::German => "in dem Zeitraum stehen dort drei Menschen mit rotem Mantel.",
        Language::English => "in that time three people with red coats stand there.",
    }
}

fn facts(language: Language) -> Facts {
    let [purpose, basis, category, training, safeguard, netherlands] = match language {
        Language::Dutch => [
            "de winkel beter inrichten en wachttijden verkorten",
            "ons gerechtvaardigd belang bij een winkel die goed is ingericht",
            "video en diepte met onherkenbaar gemaakte gezichten; dag, tijd en plaats",
            "training van modellen",
            "standaardcontractbepalingen (artikel 46 AVG); een kopie krijgt u bij ons",
            "Nederland",
        ],
        Language::German => [
            "den Laden besser einrichten und Wartezeiten verkürzen",
            "unser berechtigtes Interesse an einem gut eingerichteten Laden",
            "Video und Tiefe mit unkenntlich gemachten Gesichtern; Tag, Uhrzeit und Ort",
            "Training von Modellen",
            "Standarddatenschutzklauseln (Art. 46 DSGVO); eine Kopie bekommen Sie bei uns",
            "Niederlande",
        ],
        Language::English => [
            "laying out the shop better and shortening waiting",
            "our legitimate interest in a shop that is laid out well",
            "video and depth with masked faces; day, time and place",
            "training of models",
            "standard contractual clauses (Article 46 GDPR); you can get a copy from us",
            "Netherlands",
        ],
    };
    let recipient = |name: &str, country: &str, safeguard: Option<&str>| Recipient {
        name: name.to_owned(),
        country: country.to_owned(),
        purpose: training.to_owned(),
        safeguard: safeguard.map(str::to_owned),
    };
    Facts {
        purposes: vec![purpose.to_owned()],
        basis: basis.to_owned(),
        categories: vec![category.to_owned()],
        recipients: vec![recipient("Models BV", netherlands, None), recipient("Models Inc.", "USA", Some(safeguard))],
        retention_hours: 720,
    }
}

fn receipt(number: &str) -> ErasureReceipt {
    let started = at("2026-11-26T13:09:00Z");
    let now = received() + 2 * DAY;
    let erased = |id: u8, opened: Vec<Timestamp>, gone: bool| ErasedSegment {
        segment: segment(id),
        camera: camera("bread-front"),
        started,
        vault: VaultCopy { bytes: 4_812_001, key_destroyed: Some(now), bytes_destroyed: gone.then_some(now + HOUR) },
        cloud: Some(CloudCopy {
            object: format!("{}-0.sealed", segment(id)),
            place: "s3.example.nl, nl-ams".to_owned(),
            gone: gone.then_some(now + HOUR),
        }),
        exports: vec![ExportedCopy {
            destination: "/srv/training/november".to_owned(),
            form: "dataset".to_owned(),
            who: "P. Jansen".to_owned(),
            at: now - DAY,
            removed: gone.then_some(now + HOUR),
        }],
        grants: vec![GrantedCopy { grant: "ab".repeat(16), partner: "Models Inc.".to_owned(), opened }],
    };
    ErasureReceipt {
        request: number.parse().unwrap(),
        as_of: now + HOUR,
        segments: vec![erased(1, vec![now - DAY], true), erased(2, vec![], false)],
    }
}

fn why(ground: Ground, language: Language) -> Why {
    Why { ground, reason: reason(language).to_owned() }
}

/// A real request of a real desk, that stands so that the letter is true.
fn request(letter: LetterKind, language: Language) -> Request {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path(), &[7; 32], calendar(), Keep::default()).unwrap();
    let kind = match letter {
        LetterKind::Erased | LetterKind::Partner => Kind::Erasure,
        LetterKind::Restricted => Kind::Restriction,
        LetterKind::ObjectionGranted | LetterKind::ObjectionRefused => Kind::Objection,
        LetterKind::Rectification => Kind::Rectification,
        LetterKind::Complaint => Kind::Complaint,
        _ => Kind::Access,
    };
    let started = at("2026-11-26T13:09:00Z");
    let new = New {
        kind,
        received: received(),
        language,
        person: Person {
            name: Some(NAME.into()),
            answer_to: AnswerTo::Post(vec!["Havenstraat 12".into(), "1211 KL Hilversum".into()]),
        },
        remembers: said(language).into(),
        window: Some(Window { from: at("2026-11-26T13:00:00Z"), to: at("2026-11-26T13:20:00Z") }),
        cameras: BTreeSet::from([camera("bread-front"), camera("shelves")]),
    };
    let number = desk.enter(new, by(received())).unwrap().number;
    let apply = |change| desk.apply(number, change, by(received() + DAY)).unwrap();
    let held = |id, camera| Held { segment: segment(id), camera, started, until: started + 30 * DAY };
    apply(Change::Hold(vec![held(1, camera("bread-front")), held(2, camera("shelves"))]));
    apply(Change::Choose(BTreeSet::from([segment(1)])));
    let decide = |outcome| drop(apply(Change::Decide(outcome)));
    match letter {
        LetterKind::Extension => {
            let reason = match language {
                Language::Dutch => "er zijn beelden van veertig camera's te bekijken.",
                Language::German => "es sind Bilder von vierzig Kameras anzusehen.",
                Language::English => "there are pictures of forty cameras to look at.",
            };
            apply(Change::Extend { reason: reason.to_owned() });
        }
        LetterKind::Access => decide(Outcome::Partly(why(Ground::RightsOfOthers, language))),
        LetterKind::Erased => {
            decide(Outcome::Granted);
            apply(Change::CarriedOut(receipt(&number.to_string())));
        }
        LetterKind::NothingFound => decide(Outcome::NothingFound),
        LetterKind::ObjectionGranted => {
            let from = received() + HOUR;
            apply(Change::Pause(Pause {
                camera: camera("bread-front"),
                zone: Some("bread".to_owned()),
                from,
                until: None,
            }));
            decide(Outcome::Granted);
        }
        LetterKind::Restricted | LetterKind::Partner => decide(Outcome::Granted),
        LetterKind::ObjectionRefused => decide(Outcome::Refused(why(Ground::CompellingGrounds, language))),
        LetterKind::Rectification => decide(Outcome::Refused(why(Ground::NothingToRectify, language))),
        LetterKind::Refusal => decide(Outcome::Refused(why(Ground::NotIdentified, language))),
        _ => {}
    }
    if letter == LetterKind::ObjectionGranted {
        apply(Change::CarriedOut(receipt(&number.to_string())));
    }
    desk.show(number).unwrap()
}

fn write(kind: LetterKind, language: Language) -> Document {
    let request = request(kind, language);
    let facts = facts(language);
    let video = |file: &str, of: &str| CopiedVideo {
        file: PathBuf::from(file),
        camera: camera(of),
        window: Window { from: at("2026-11-26T13:00:00Z"), to: at("2026-11-26T13:20:00Z") },
    };
    let copy = CopyContents {
        videos: vec![video("bread-front.mp4", "bread-front"), video("shelves.mp4", "shelves")],
        events: Some((PathBuf::from("events.csv"), 3)),
    };
    let receipt = receipt(&request.number.to_string());
    let opened = receipt.partners_to_tell().remove("Models Inc.").unwrap();
    let letter = match kind {
        LetterKind::Acknowledgement => Letter::Acknowledgement,
        LetterKind::MoreDetails => Letter::MoreDetails,
        LetterKind::Extension => Letter::Extension,
        LetterKind::Access => Letter::Access { facts: &facts, copy: &copy },
        LetterKind::Erased => Letter::Erased,
        LetterKind::NothingFound => Letter::NothingFound { retention_hours: 72 },
        LetterKind::Restricted => Letter::Restricted,
        LetterKind::ObjectionGranted => Letter::ObjectionGranted,
        LetterKind::ObjectionRefused => Letter::ObjectionRefused,
        LetterKind::Rectification => Letter::Rectification,
        LetterKind::Complaint => Letter::Complaint,
        LetterKind::Refusal => Letter::Refusal,
        LetterKind::Reminder => Letter::Reminder(Reminder {
            number: request.number,
            kind: request.kind,
            of: Of::Answer,
            date: request.due,
            days_left: 3,
        }),
        LetterKind::Partner => Letter::Partner(Notice {
            partner: "Models Inc.",
            order: Order::Erase,
            opened: &opened,
            by: date(2026, 12, 11),
        }),
    };
    let controller = controller();
    let office = Office { controller: &controller, calendar: &calendar(), keep: Keep::default() };
    letter.write(&request, office, language, received() + 2 * DAY).unwrap()
}

fn all() -> impl Iterator<Item = (LetterKind, Language)> {
    LetterKind::ALL.into_iter().flat_map(|kind| Language::ALL.into_iter().map(move |language| (kind, language)))
}

fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("SLUIS_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{name} is missing: run with SLUIS_BLESS=1"));
    assert_eq!(
        found, expected,
        "{name} was another letter; if that is meant, run with SLUIS_BLESS=1 and read the difference"
    );
}

#[test]
fn every_letter_reads_as_it_was_approved() {
    for (kind, language) in all() {
        golden(&format!("{}/{kind}.txt", language.tag()), &write(kind, language).text());
    }
}

#[test]
fn a_letter_prints_as_it_was_approved() {
    for language in Language::ALL {
        golden(
            &format!("{}/acknowledgement.html", language.tag()),
            &write(LetterKind::Acknowledgement, language).html(),
        );
    }
}

/// The words of a letter, in order, without how they are laid out.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().filter(|word| !word.trim_matches(['-', '=']).is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_page_is_well_formed_loads_nothing_and_says_what_the_text_says() {
    for (kind, language) in all() {
        let document = write(kind, language);
        let html = document.html();
        // Well-formed XML too, but for the line that says that it is HTML.
        let page = html.strip_prefix("<!doctype html>\n").unwrap();
        let parsed = roxmltree::Document::parse(page).unwrap_or_else(|error| panic!("{kind} {language:?}: {error}"));
        assert_eq!(parsed.root_element().attribute("lang"), Some(language.tag()));
        let loads = parsed.descendants().any(|node| {
            ["script", "img", "link", "iframe"].contains(&node.tag_name().name()) || node.has_attribute("src")
        });
        assert!(!loads, "{kind}");
        let body = parsed.descendants().find(|node| node.has_tag_name("body")).unwrap();
        let said: Vec<&str> = body.descendants().filter(roxmltree::Node::is_text).filter_map(|n| n.text()).collect();
        assert_eq!(words(&said.join(" ")), words(&document.text()), "{kind} {language:?}");
    }
}

#[test]
fn no_letter_is_left_with_marks_of_its_template() {
    for (kind, language) in all() {
        let text = write(kind, language).text();
        for mark in ["{{", "}}", "{%", "%}", "## ", "\n| ", "\n#"] {
            assert!(!text.contains(mark), "{kind} {language:?}: {mark:?} in\n{text}");
        }
        // What a template prints of nothing; in English it is a word.
        assert!(language == Language::English || !text.contains("none"), "{kind} {language:?}: {text}");
        let long = text.lines().find(|line| line.chars().count() > 78);
        assert_eq!(long.filter(|line| line.contains(' ') && !line.starts_with("- ")), None, "{kind} {language:?}");
    }
}

#[test]
fn whoever_does_not_get_all_is_told_why_where_to_complain_and_that_there_are_courts() {
    for language in Language::ALL {
        for kind in [
            LetterKind::Refusal,
            LetterKind::ObjectionRefused,
            LetterKind::Rectification,
            LetterKind::NothingFound,
            LetterKind::Extension,
            LetterKind::Access,
        ] {
            let text = write(kind, language).text();
            let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for told in ["Autoriteit Persoonsgegevens", "https://autoriteitpersoonsgegevens.nl", "79", "77", "35 UAVG"]
            {
                assert!(one_line.contains(told), "{kind} {language:?} lacks {told}");
            }
            if !matches!(kind, LetterKind::NothingFound | LetterKind::Extension) {
                assert!(one_line.contains(reason(language)), "{kind} {language:?} gives no reason");
            }
        }
    }
}

#[test]
fn an_answer_to_access_tells_all_that_article_15_wants() {
    for language in Language::ALL {
        let text = write(LetterKind::Access, language).text();
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let facts = facts(language);
        let mut wanted =
            vec!["bread-front.mp4", "events.csv", "Models Inc., USA", "Models BV", "Autoriteit", &facts.basis];
        wanted.extend(facts.purposes.iter().chain(&facts.categories).map(String::as_str));
        wanted.extend(facts.recipients.iter().filter_map(|r| r.safeguard.as_deref()));
        for told in wanted {
            assert!(one_line.contains(told), "{language:?} lacks {told}");
        }
        // Rights: 16, 17, 18, 21; complaint: 77. Letters (a) to (h), each with its heading.
        let letters = ["a", "b", "c", "d", "e", "g", "h"].map(|letter| match language {
            Language::Dutch => format!("artikel 15, lid 1, onder {letter}"),
            Language::German => format!("Art. 15 Abs. 1 Buchst. {letter}"),
            Language::English => format!("Article 15(1)({letter})"),
        });
        for told in letters.iter().map(String::as_str).chain(["16", "17", "18", "21", "77"]) {
            assert!(one_line.contains(told), "{language:?} lacks {told}");
        }
    }
}

#[test]
fn a_partner_is_told_nothing_of_the_person() {
    for language in Language::ALL {
        let document = write(LetterKind::Partner, language);
        let all = document.text() + &document.html();
        for secret in [NAME, "Achterberg", "Havenstraat", said(language)] {
            assert!(!all.contains(secret), "{secret}");
        }
        assert!(all.contains(&segment(1).to_string()) && all.contains(&"ab".repeat(16)), "what it opened is named");
        assert!(!all.contains(&segment(2).to_string()), "what it did not open is not");
    }
}

#[test]
fn a_receipt_in_a_letter_names_every_copy_and_no_member_of_staff_who_made_one() {
    for language in Language::ALL {
        let text = write(LetterKind::Erased, language).text();
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for told in [
            segment(1).to_string().as_str(),
            &segment(2).to_string(),
            "nl-ams",
            "/srv/training/november",
            "Models Inc.",
        ] {
            assert!(one_line.contains(told), "{language:?} lacks {told}");
        }
        assert_eq!(one_line.matches("P. Jansen").count(), 1, "only the signature");
    }
}

#[test]
fn a_letter_that_would_not_be_true_is_not_written() {
    let request = request(LetterKind::Acknowledgement, Language::English);
    let controller = controller();
    let office = Office { controller: &controller, calendar: &calendar(), keep: Keep::default() };
    let facts = facts(Language::English);
    let copy = CopyContents { videos: vec![], events: None };
    for letter in [
        Letter::Extension,
        Letter::Access { facts: &facts, copy: &copy },
        Letter::Erased,
        Letter::NothingFound { retention_hours: 72 },
        Letter::Restricted,
        Letter::ObjectionRefused,
        Letter::Rectification,
        Letter::Refusal,
        Letter::Partner(Notice { partner: "Models", order: Order::Restrict, opened: &[], by: date(2026, 12, 11) }),
    ] {
        let refused = letter.write(&request, office, Language::English, received());
        assert!(matches!(refused, Err(Error::Letter { .. })), "{letter:?}");
    }
}

#[test]
fn what_somebody_wrote_cannot_change_a_letters_shape() {
    let mut request = request(LetterKind::Acknowledgement, Language::English);
    request.remembers =
        vec!["red coat\n\n## You win\n\n- <b>1 million</b> & more\n| {{ controller.email }} {% if x %}".into()];
    let controller = controller();
    let office = Office { controller: &controller, calendar: &calendar(), keep: Keep::default() };
    let document = Letter::Acknowledgement.write(&request, office, Language::English, received()).unwrap();
    let headings = document.blocks.iter().filter(|block| matches!(block, Block::Heading(_))).count();
    assert_eq!(headings, 3);
    let one_line = document.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.contains("{{ controller.email }} {% if x %}"), "it is quoted, not read");
    assert!(document.html().contains("&lt;b&gt;1 million&lt;/b&gt; &amp; more"));
}

#[test]
fn reminders_tell_what_is_near_what_ends_and_what_is_overdue() {
    let request = request(LetterKind::Reminder, Language::English);
    let controller = controller();
    let office = Office { controller: &controller, calendar: &calendar(), keep: Keep::default() };
    let remind = |of, days_left, language| {
        let reminder = Reminder { number: request.number, kind: request.kind, of, date: request.due, days_left };
        Letter::Reminder(reminder).write(&request, office, language, received()).unwrap().text()
    };
    for language in Language::ALL {
        for (name, of, days) in
            [("overdue", Of::Answer, -2), ("hold-today", Of::EndOfHold, 0), ("hold", Of::EndOfHold, 3)]
        {
            let text = remind(of, days, language);
            golden(&format!("{}/reminder-{name}.txt", language.tag()), &text);
            assert!(!text.contains(NAME), "a reminder names nobody");
        }
    }
}
