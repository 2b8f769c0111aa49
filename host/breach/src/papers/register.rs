//! The whole register as a paper (Art. 33(5)).

use sluis_notice::{Document, Section, tell};

use super::{Writing, noted, words};
use crate::breach::Breach;
use crate::register::{Contents, Trouble, Wrong};
use crate::step::{Step, Taken, Whom};

/// The register: of each breach the facts, the effects and the remedial action, and whether all of that is as it was written; `held` says whether that could be held against the ledger.
pub fn register(contents: &Contents, held: bool, shop: &str, writing: &Writing<'_>) -> Document {
    let language = writing.language;
    let title = tell!(
        language,
        "Register van inbreuken in verband met persoonsgegevens: {shop}",
        "Verzeichnis der Verletzungen des Schutzes personenbezogener Daten: {shop}",
        "Register of personal data breaches: {shop}"
    );
    let (at, count) = (writing.moment(writing.at), contents.breaches.len());
    let lead = vec![
        tell!(
            language,
            "Artikel 33, lid 5, AVG. Stand van {at}. Inbreuken: {count}.",
            "Artikel 33 Absatz 5 DSGVO. Stand {at}. Verletzungen: {count}.",
            "Article 33(5) GDPR. As of {at}. Breaches: {count}."
        ),
        if !contents.trouble.is_empty() {
            tell!(
                language,
                "Niet alles is zoals het is opgeschreven: zie het einde.",
                "Nicht alles ist, wie es geschrieben wurde: siehe am Ende.",
                "Not all of it is as it was written: see the end."
            )
        } else if held {
            tell!(
                language,
                "Elke stap is vergeleken met het logboek: geen is gewijzigd of weggenomen.",
                "Jeder Schritt ist mit dem Protokoll verglichen: keiner wurde geändert oder entfernt.",
                "Each step was held against the ledger: none was changed or removed."
            )
        } else {
            tell!(
                language,
                "De stappen konden niet met het logboek worden vergeleken: of er een is gewijzigd of weggenomen, is niet bekend.",
                "Die Schritte konnten nicht mit dem Protokoll verglichen werden: ob einer geändert oder entfernt wurde, ist nicht bekannt.",
                "The steps could not be held against the ledger: whether one was changed or removed is not known."
            )
        },
    ];
    let mut sections: Vec<Section> = contents.breaches.iter().map(|breach| self::breach(breach, writing)).collect();
    if !contents.dismissed.is_empty() {
        sections.push(dismissed(&contents.dismissed, writing));
    }
    if !contents.trouble.is_empty() {
        sections.push(trouble(&contents.trouble, writing));
    }
    writing.document(title, lead, sections)
}

fn breach(breach: &Breach, writing: &Writing<'_>) -> Section {
    let (language, entered) = (writing.language, &breach.entered);
    let state = match breach.closed {
        Some(at) => {
            let day = writing.day(at);
            tell!(language, "gesloten op {day}", "geschlossen am {day}", "closed on {day}")
        }
        None => tell!(language, "open", "offen", "open"),
    };
    let (aware, due) = (writing.moment(entered.aware), writing.moment(breach.due()));
    let facts = [
        vec![
            entered.happened.clone(),
            words::happened_when(breach, writing),
            words::people(breach, language),
            words::data(breach, language),
        ],
        words::records(breach, writing),
        words::hands(breach, language),
        noted(breach, false, writing),
    ];
    let effects = [words::consequences(breach, language), vec![words::judgement(breach, language)]];
    let action = noted(breach, true, writing);
    let action = if action.is_empty() {
        vec![tell!(language, "Geen genoteerd.", "Keine vermerkt.", "None noted.")]
    } else {
        action
    };
    Section::new(breach.number.to_string(), format!("{}: {} ({state})", breach.number, words::kinds(breach, language)))
        .with(
            "aware",
            tell!(language, "Kennisneming", "Bekanntwerden", "Becoming aware"),
            tell!(
                language,
                "{aware}; 72 uur tot {due}.",
                "{aware}; 72 Stunden bis {due}.",
                "{aware}; 72 hours until {due}."
            ),
        )
        .with_all("facts", tell!(language, "Feiten", "Fakten", "Facts"), facts.concat())
        .with_all("effects", tell!(language, "Gevolgen", "Auswirkungen", "Effects"), effects.concat())
        .with_all("action", tell!(language, "Corrigerende maatregelen", "Abhilfemaßnahmen", "Remedial action"), action)
        .with_all("told", tell!(language, "Ingelicht", "Benachrichtigt", "Told"), told(breach, writing))
        .with_some("closed", tell!(language, "Gesloten, want", "Geschlossen, denn", "Closed, for"), closed(breach))
}

/// Who was told, and why others were not.
fn told(breach: &Breach, writing: &Writing<'_>) -> Vec<String> {
    let language = writing.language;
    let tell_one = |taken: &Taken| {
        let Step::Told { whom, when, reference, late } = &taken.step else { return None };
        let who = match whom {
            Whom::Authority => breach.entered.facts.authority.name.clone(),
            Whom::People => tell!(language, "betrokkenen", "Betroffene", "people"),
            Whom::Partner(name) => name.clone(),
        };
        let mut line = format!("{who}: {}", writing.moment(*when));
        if let Some(reference) = reference {
            line += &format!(" ({reference})");
        }
        if let Some(late) = late {
            line += &tell!(
                language,
                ". Reden van de vertraging: {late}",
                ". Grund der Verzögerung: {late}",
                ". Reason for the delay: {late}"
            );
        }
        Some(line)
    };
    let mut told: Vec<String> = breach.steps.iter().filter_map(tell_one).collect();
    told.push(words::told_people(breach, language));
    told
}

fn closed(breach: &Breach) -> Option<String> {
    breach.closed?;
    breach.steps.iter().rev().find_map(|taken| match &taken.step {
        Step::Closed { because } => Some(because.clone()),
        _ => None,
    })
}

fn dismissed(dismissed: &[Taken], writing: &Writing<'_>) -> Section {
    let language = writing.language;
    let title = tell!(
        language,
        "Tekenen die geen inbreuk zijn",
        "Anzeichen, die keine Verletzung sind",
        "Signs that are no breach"
    );
    dismissed.iter().fold(Section::new("signs", title), |section, taken| match &taken.step {
        Step::Dismissed { told, because, .. } => {
            let (key, label) = (taken.number.to_string(), format!("{}: {told}", writing.day(taken.at)));
            section.with(&key, label, because.clone())
        }
        _ => section,
    })
}

fn trouble(trouble: &[Trouble], writing: &Writing<'_>) -> Section {
    let language = writing.language;
    let title = tell!(language, "Niet zoals opgeschreven", "Nicht wie geschrieben", "Not as it was written");
    let section = Section::new("trouble", title);
    trouble.iter().fold(section, |section, Trouble { number, step, what }| {
        let label = tell!(language, "{number}, stap {step}", "{number}, Schritt {step}", "{number}, step {step}");
        let text = match what {
            Wrong::Changed => tell!(
                language,
                "Gewijzigd: het logboek noemt een andere.",
                "Geändert: das Protokoll nennt einen anderen.",
                "Changed: the ledger tells of another."
            ),
            Wrong::Removed => tell!(language, "Weggenomen.", "Entfernt.", "Removed."),
            Wrong::SlippedIn => tell!(
                language,
                "Ingevoegd: het logboek noemt hem niet.",
                "Eingefügt: das Protokoll nennt ihn nicht.",
                "Slipped in: the ledger does not tell of it."
            ),
            Wrong::Unreadable => tell!(language, "Onleesbaar.", "Unlesbar.", "Unreadable."),
        };
        section.with(&format!("{number}-{step}"), label, text)
    })
}
