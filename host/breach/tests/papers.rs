//! What is written about a breach, in three languages. With `SLUIS_BLESS=1` the texts of this build become the golden ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test prepares is there, or the test fails")]

mod shop;

use std::fs;
use std::path::Path;

use shop::{Ledger, after, assessed, calendar, closed, entered, note, told};
use sluis_breach::papers::{self, Writing};
use sluis_breach::register::Contents;
use sluis_breach::{Breach, By, Entered, Exemption, Register, Risk, Step, Whom};
use sluis_notice::{Document, Language, html, text};

/// Takes steps one after another, and gives the breach after each.
fn taken(register: &Register, ledger: &Ledger, steps: Vec<(Step, By<'_>)>) -> Vec<Breach> {
    let mut breaches = vec![register.enter(ledger, entered(), &calendar(), after(1)).unwrap()];
    for (step, by) in steps {
        breaches.push(register.take(ledger, breaches[0].number, step, by).unwrap());
    }
    breaches
}

fn story(register: &Register, ledger: &Ledger) -> Vec<Breach> {
    let high = Step::Assessed {
        risk: Risk::High,
        because: "Who found the stick has the keys too.".to_owned(),
        exempt: Some(Exemption::Effort),
    };
    let first = Step::Told {
        whom: Whom::Authority,
        when: after(73).at,
        reference: Some("AP 2026-4711".to_owned()),
        late: Some("The only officer was ill.".to_owned()),
    };
    let steps = vec![
        (note("The stick was last seen at Hilversum station.", false), after(2)),
        (high, after(70)),
        (first, after(73)),
        (note("No export goes to a stick any more.", true), after(74)),
        (told(Whom::People, after(80)), after(80)),
        (closed(), after(90)),
    ];
    taken(register, ledger, steps)
}

fn documents(language: Language) -> Vec<(&'static str, Document)> {
    let folder = tempfile::tempdir().unwrap();
    let (register, ledger, calendar) = (shop::register(folder.path()), Ledger::default(), calendar());
    let story = story(&register, &ledger);
    let writing = |hours| Writing { language, calendar: &calendar, at: after(hours).at };
    let faces = register.enter(&ledger, Entered { faces: true, ..entered() }, &calendar, after(1)).unwrap();
    register.take(&ledger, faces.number, assessed(Risk::None), after(2)).unwrap();
    let signs = ["0123456789ab".to_owned()].into();
    register.dismiss(&ledger, signs, "a partner was refused", "Its clock was wrong.", after(1)).unwrap();
    fs::remove_file(register.folder().join("B-2026-0001/2.json")).unwrap();
    let contents: Contents = register.read(Some(&ledger)).unwrap();
    let named = "Shelf Models Inc.";
    vec![
        ("authority-first", papers::authority(&story[0], None, &writing(2))),
        ("authority-late", papers::authority(&story[2], Some("The only officer was ill."), &writing(73))),
        ("authority-more", papers::authority(&story[4], None, &writing(75))),
        ("people", papers::people(&story[4], &writing(75))),
        ("people-faces", papers::people(&faces, &writing(75))),
        ("partner", papers::partner(&story[4], named, &writing(75))),
        ("register", papers::register(&contents, true, "Bakery <Hilversum>", &writing(100))),
    ]
}

#[test]
fn letters_and_register_say_what_they_said() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for language in Language::ALL {
        for (name, document) in documents(language) {
            let (path, page) = (golden.join(format!("{name}.{language}.txt")), text::page(&document));
            if std::env::var_os("SLUIS_BLESS").is_some() {
                fs::write(&path, &page).unwrap();
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(page, expected, "{}: bless it with SLUIS_BLESS=1 if it is better now", path.display());
        }
    }
}

#[test]
fn pages_are_well_formed_and_every_language_says_as_much() {
    let shape =
        |document: &Document| document.items().map(|item| (item.key.clone(), item.text.len())).collect::<Vec<_>>();
    let english = documents(Language::En);
    for language in Language::ALL {
        for ((name, document), (_, other)) in documents(language).iter().zip(&english) {
            assert_eq!(shape(document), shape(other), "{name}.{language}");
            assert!(document.items().all(|item| item.text.iter().all(|text| !text.trim().is_empty())), "{name}");
            let page = html::page(document);
            let body = &page[page.find("<body>").unwrap()..page.find("</html>").unwrap()];
            roxmltree::Document::parse(body).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(!page.contains("Bakery <Hilversum>") && page.contains("Bakery &lt;Hilversum&gt;"), "{name}");
        }
    }
}

#[test]
fn a_notification_has_what_article_33_3_wants() {
    for (name, document) in documents(Language::En).iter().filter(|(name, _)| name.starts_with("authority")) {
        // Whatever line it stands in.
        let page = text::page(document).split_whitespace().collect::<Vec<_>>().join(" ");
        for article in ["33(3)(a)", "33(3)(b)", "33(3)(c)", "33(3)(d)", "33(4)", "33(1)"] {
            assert!(page.contains(article), "{name} lacks {article}");
        }
        assert!(page.contains("How many people they are cannot be known"), "{name}");
        assert!(page.contains("A. de Vries") && page.contains("privacy@example.nl"), "{name}");
        // Members of staff are counted, not named.
        assert!(!page.contains("Petra") && !page.contains("anna"), "{name}");
    }
}

#[test]
fn where_faces_can_be_seen_no_paper_says_that_they_cannot() {
    for language in Language::ALL {
        let (_, document) = documents(language).into_iter().find(|(name, _)| *name == "people-faces").unwrap();
        let page = text::page(&document);
        for word in ["onherkenbaar", "unkenntlich", "unrecognisable"] {
            assert!(!page.contains(word), "{page}");
        }
    }
}

#[test]
fn a_partner_learns_what_it_had_and_nothing_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut entered = entered();
    entered.affected.segments[0].copies.grants.push(sluis_rights::receipt::GrantedCopy {
        grant: "cd".repeat(16),
        partner: "Other BV".to_owned(),
        opened: vec![after(0).at],
    });
    let (register, calendar) = (shop::register(folder.path()), calendar());
    let breach = register.enter(&Ledger::default(), entered, &calendar, after(1)).unwrap();
    let writing = Writing { language: Language::En, calendar: &calendar, at: after(2).at };
    let page = text::page(&papers::partner(&breach, "Shelf Models Inc.", &writing));
    assert!(page.contains(&"00".repeat(16)) && !page.contains("Other BV"), "{page}");
}
