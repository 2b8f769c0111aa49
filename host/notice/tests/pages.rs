//! What readers of the pages can rely on.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use sluis_notice::{Change, Document, Facts, Language, Standing, Version, facts, html, notice, papers, text};

fn published(facts: &Facts, language: Language) -> Document {
    let published: Timestamp = "2026-06-20T22:30:00Z".parse().unwrap();
    notice::document(facts, language, &Standing::Published(&Version::after(None, facts, published)))
}

/// All documents in all languages.
fn all() -> Vec<Document> {
    let facts = facts::sample();
    let of = |language| {
        [
            published(&facts, language),
            papers::record(&facts, language),
            papers::assessment(&facts, language),
            papers::works_council(&facts, language),
        ]
    };
    Language::ALL.into_iter().flat_map(of).collect()
}

#[test]
fn pages_are_well_formed_and_ask_nothing_of_anybody() {
    for document in all() {
        let page = html::page(&document);
        // As XML but for the two things that only HTML allows.
        let xml = page.replace("<!doctype html>", "").replace("\">\n<meta", "\"/>\n<meta");
        let xml = xml.replace("<meta charset=\"utf-8\"/>", "").replace("no-referrer\">", "no-referrer\"/>");
        let parsed = roxmltree::Document::parse(&xml).unwrap_or_else(|e| panic!("{e}: {xml}"));
        assert_eq!(parsed.root_element().attribute("lang"), Some(document.language.code()));
        for node in parsed.descendants() {
            assert!(
                !["script", "link", "img", "iframe", "a"].contains(&node.tag_name().name()),
                "{:?}",
                node.tag_name()
            );
            for name in ["src", "href", "style", "onload", "onclick"] {
                assert_eq!(node.attribute(name), None);
            }
        }
        assert!(!page.contains("url(") && !page.contains("@import"));
        // One first heading, and each second one names its section.
        let with = |tag| parsed.descendants().filter(move |node| node.has_tag_name(tag));
        assert_eq!(with("h1").count(), 1);
        assert_eq!(with("h2").count(), document.sections.len());
        for section in with("section") {
            let key = section.attribute("aria-labelledby").unwrap();
            assert!(section.descendants().any(|node| node.has_tag_name("h2") && node.attribute("id") == Some(key)));
        }
    }
}

#[test]
fn every_item_is_on_both_pages_in_every_language() {
    for document in all() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (page, plain) = (html::page(&document), words(&text::page(&document)));
        for item in document.items() {
            assert!(!item.text.is_empty() && item.text.iter().all(|line| !line.trim().is_empty()), "{}", item.key);
            for line in &item.text {
                assert!(plain.contains(&words(line)), "{line} is not in the text");
                let escaped =
                    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;");
                assert!(page.contains(&escaped.replace('"', "&quot;")), "{line} is not on the page");
            }
        }
    }
}

#[test]
fn languages_tell_the_same_items() {
    let keys = |language| published(&facts::sample(), language).items().map(|i| i.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(Language::Nl), keys(Language::De));
    assert_eq!(keys(Language::Nl), keys(Language::En));
    let texts = |language| published(&facts::sample(), language).items().map(|i| i.text.join(" ")).collect::<Vec<_>>();
    // Where a text is the same in two languages it is a name.
    let same = texts(Language::Nl).into_iter().zip(texts(Language::De)).filter(|(nl, de)| nl == de);
    assert_eq!(same.map(|(text, _)| text).collect::<Vec<_>>(), ["A. de Vries. E-mail: privacy@example.nl."; 0]);
}

#[test]
fn keys_are_different() {
    let document = published(&facts::sample(), Language::En);
    let keys: BTreeMap<&str, ()> = document.items().map(|item| (item.key.as_str(), ())).collect();
    assert_eq!(keys.len(), document.items().count());
}

#[test]
fn what_is_new_is_marked_with_a_word_and_what_is_gone_is_listed() {
    let (before, mut after) = (facts::sample(), facts::sample());
    after.retention.hours = 480;
    after.purposes.push(sluis_notice::Localised::same("to prevent theft"));
    after.recipients.clear();
    let now: Timestamp = "2026-07-01T08:00:00Z".parse().unwrap();
    let version = Version::after(Some(&Version::after(None, &before, now)), &after, now);
    assert_eq!(version.changes["purposes.3"], Change::New);
    let document = notice::document(&after, Language::En, &Standing::Published(&version));
    let plain = text::page(&document);
    assert!(
        plain.contains("* Time limit [update]\n") && plain.contains("* Purpose 3 [new]\n  to prevent theft"),
        "{plain}"
    );
    assert!(
        plain.contains("No longer so since the version before\n") && plain.contains("* Shelf Models Inc.\n"),
        "{plain}"
    );
    assert!(plain.contains("* Purpose 1\n"), "what is as it was has no mark: {plain}");
    let page = html::page(&document);
    assert!(page.contains("<h3>Time limit <mark>update</mark></h3>") && page.contains("<li>Shelf Models Inc.</li>"));
    let draft = text::page(&notice::document(
        &after,
        Language::De,
        &Standing::Draft(Some(&Version::after(None, &before, now))),
    ));
    assert!(draft.contains("Zurzeit gilt Version 1") && draft.contains("* Frist [geändert]"), "{draft}");
}

#[test]
fn a_version_holds_from_the_day_of_the_shop() {
    // Half past midnight in Amsterdam.
    let document = published(&facts::sample(), Language::Nl);
    assert_eq!(document.lead[0], "Versie 1. Geldt vanaf 21 juni 2026.");
}

#[test]
fn what_is_off_is_not_told() {
    let mut facts = facts::sample();
    facts.audience = None;
    facts.cameras.pop();
    facts.gestures = false;
    facts.retention = facts::Retention { hours: 72, reason: None, deferred_hours: None };
    facts.host = None;
    facts.study = None;
    facts.hours = None;
    let plain = text::page(&published(&facts, Language::En));
    for word in ["glance", "screen", "reaching,", "Waiting", "Why that long"] {
        assert!(!plain.contains(word), "{word}: {plain}");
    }
    for said in [
        "There is no end date",
        "All day and night",
        "There are no copies elsewhere",
        "At most 72 hours (3 days)",
        "On request",
    ] {
        assert!(plain.contains(said), "{said}: {plain}");
    }
}

#[test]
fn the_notice_in_each_language_is_as_it_was_read_over() {
    // Whoever changes words reads all three again, and writes them with SLUIS_BLESS=1.
    for language in Language::ALL {
        let file = format!("{}/tests/golden/notice.{language}.txt", env!("CARGO_MANIFEST_DIR"));
        let now = text::page(&published(&facts::sample(), language));
        if std::env::var_os("SLUIS_BLESS").is_some() {
            std::fs::write(&file, &now).unwrap();
        }
        let golden = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(golden == now, "the notice is not that of {file}; it is now\n{now}");
    }
}
