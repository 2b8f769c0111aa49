//! The public notice as a document: what GDPR Art. 13 asks for, in plain words.

mod cameras;
pub(crate) mod people;

pub(crate) use cameras::{audience, cameras, kind, recorded};
pub(crate) use people::{controller, employees, recipients, rights, without_cameras};

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::document::{Document, Section};
use crate::facts::{Basis, Facts, Hours, Study};
use crate::language::{Language, Localised, tell};
use crate::version::{Change, Version, changes, removed};

/// How a notice stands.
#[derive(Debug, Clone, Copy)]
pub enum Standing<'a> {
    /// It is, or was, in force.
    Published(&'a Version),
    /// It is not published. What is in force instead, if anything is.
    Draft(Option<&'a Version>),
}

/// The notice of these facts. What is new since the version before is marked.
pub fn document(facts: &Facts, language: Language, standing: &Standing<'_>) -> Document {
    let (lead, changes, gone) = match standing {
        Standing::Published(version) => {
            (vec![published(facts, version, language)], version.changes.clone(), version.removed.clone())
        }
        Standing::Draft(current) => {
            let changes = current.map(|current| changes(&current.facts, facts)).unwrap_or_default();
            let gone = current.map(|current| removed(&current.facts, &changes)).unwrap_or_default();
            (vec![draft(*current, language)], changes, gone)
        }
    };
    let shop = &facts.shop;
    let mut document = Document {
        language,
        title: tell!(language, "Camera's in {shop}", "Kameras in {shop}", "Cameras in {shop}"),
        lead,
        sections: sections(facts, language),
        removed: gone.values().map(|label: &Localised| label.get(language).to_owned()).collect(),
    };
    document.lead.push(tell!(
        language,
        "Deze tekst is gemaakt uit de instellingen van de camera's zelf. Zonder deze tekst nemen de camera's niets op.",
        "Dieser Text ist aus den Einstellungen der Kameras selbst entstanden. Ohne diesen Text nehmen die Kameras nichts auf.",
        "This text is made from the settings of the cameras themselves. Without this text the cameras record nothing."
    ));
    mark(&mut document, &changes);
    document
}

/// The page where nothing is published: without a notice nothing is recorded.
pub fn nothing(language: Language) -> Document {
    Document {
        language,
        title: tell!(language, "Camera's", "Kameras", "Cameras"),
        lead: vec![tell!(
            language,
            "Er is nog geen verklaring gepubliceerd. Zonder verklaring nemen de camera's niets op.",
            "Es ist noch kein Hinweis veröffentlicht. Ohne Hinweis nehmen die Kameras nichts auf.",
            "No notice is published yet. Without a notice the cameras record nothing."
        )],
        sections: Vec::new(),
        removed: Vec::new(),
    }
}

fn mark(document: &mut Document, changes: &BTreeMap<String, Change>) {
    for item in document.sections.iter_mut().flat_map(|section| &mut section.items) {
        item.change = changes.get(&item.key).copied();
    }
}

fn published(facts: &Facts, version: &Version, language: Language) -> String {
    let zone = facts.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    let (number, day) = (version.number, language.date(version.published.to_zoned(zone).date()));
    tell!(
        language,
        "Versie {number}. Geldt vanaf {day}.",
        "Version {number}. Gilt ab dem {day}.",
        "Version {number}. In force from {day}."
    )
}

fn draft(current: Option<&Version>, language: Language) -> String {
    match current.map(|version| version.number) {
        Some(number) => tell!(
            language,
            "Ontwerp: deze tekst is nog niet gepubliceerd. Nu geldt versie {number}.",
            "Entwurf: Dieser Text ist noch nicht veröffentlicht. Zurzeit gilt Version {number}.",
            "Draft: this text is not published yet. Version {number} is in force."
        ),
        None => tell!(
            language,
            "Ontwerp: deze tekst is nog niet gepubliceerd.",
            "Entwurf: Dieser Text ist noch nicht veröffentlicht.",
            "Draft: this text is not published yet."
        ),
    }
}

/// What it says, without versions and marks.
pub(crate) fn sections(facts: &Facts, language: Language) -> Vec<Section> {
    let mut sections = vec![
        controller(facts, language),
        purposes(facts, language),
        basis(facts, language),
        recorded(facts, language),
        times(facts, language),
        cameras(facts, language),
    ];
    sections.extend(audience(facts, language));
    sections.extend([
        recipients(facts, language),
        places(facts, language),
        retention(facts, language),
        rights(facts, language),
        without_cameras(facts, language),
        employees(facts, language),
    ]);
    sections
}

pub(crate) fn purposes(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Waarvoor doen wij dit?", "Wofür machen wir das?", "What is it for?");
    (1..).zip(&facts.purposes).fold(Section::new("purposes", title), |section, (number, purpose)| {
        let label = tell!(language, "Doel {number}", "Zweck {number}", "Purpose {number}");
        section.with(&number.to_string(), label, purpose.get(language))
    })
}

pub(crate) fn basis(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Waarom mag dat?", "Warum ist das erlaubt?", "Why is it allowed?");
    let (ground, weighed) = (
        tell!(language, "Wettelijke grond", "Rechtsgrundlage", "Legal ground"),
        tell!(language, "Wat wij hebben afgewogen", "Was wir abgewogen haben", "What we weighed"),
    );
    let section = Section::new("basis", title);
    match &facts.basis {
        Basis::LegitimateInterests { balancing } => section
            .with(
                "ground",
                ground,
                tell!(
                    language,
                    "Ons gerechtvaardigd belang bij deze doelen (AVG, artikel 6, lid 1, onder f). U kunt bezwaar maken: zie uw rechten.",
                    "Unser berechtigtes Interesse an diesen Zwecken (DSGVO, Artikel 6 Absatz 1 Buchstabe f). Sie können widersprechen: siehe Ihre Rechte.",
                    "Our legitimate interests in these purposes (GDPR, Article 6(1)(f)). You can object: see your rights."
                ),
            )
            .with("balancing", weighed, balancing.get(language)),
        Basis::Consent => section.with(
            "ground",
            ground,
            tell!(
                language,
                "Uw toestemming (AVG, artikel 6, lid 1, onder a). U kunt die altijd intrekken: zie uw rechten.",
                "Ihre Einwilligung (DSGVO, Artikel 6 Absatz 1 Buchstabe a). Sie können sie jederzeit widerrufen: siehe Ihre Rechte.",
                "Your consent (GDPR, Article 6(1)(a)). You can withdraw it at any time: see your rights."
            ),
        ),
    }
}

pub(crate) fn times(facts: &Facts, language: Language) -> Section {
    let title =
        tell!(language, "Wanneer nemen de camera's op?", "Wann nehmen die Kameras auf?", "When do the cameras record?");
    let days = match facts.study {
        Some(Study { first_day, last_day }) => {
            let (first, last) = (language.date(first_day), language.date(last_day));
            tell!(
                language,
                "Van {first} tot en met {last}. Daarvoor en daarna staan de camera's uit.",
                "Vom {first} bis einschließlich {last}. Davor und danach sind die Kameras aus.",
                "From {first} to {last}, both included. Before and after, the cameras are off."
            )
        }
        None => tell!(language, "Er is geen einddatum.", "Es gibt kein Enddatum.", "There is no end date."),
    };
    let hours = match &facts.hours {
        Some(hours) => self::hours(hours, language),
        None => vec![tell!(language, "De hele dag en nacht.", "Tag und Nacht.", "All day and night.")],
    };
    Section::new("times", title).with("days", tell!(language, "Dagen", "Tage", "Days"), days).with_all(
        "hours",
        tell!(language, "Uren", "Uhrzeiten", "Hours"),
        hours,
    )
}

fn hours(hours: &Hours, language: Language) -> Vec<String> {
    let open = hours.days.iter().filter(|opening| !opening.times.is_empty());
    let mut lines: Vec<String> = open
        .map(|opening| {
            let day = language.weekday(opening.day);
            format!("{day}: {}", language.list(&opening.times.iter().map(|t| t.replace('-', "–")).collect::<Vec<_>>()))
        })
        .collect();
    lines.push(tell!(
        language,
        "Op andere tijden staan de camera's uit.",
        "Zu anderen Zeiten sind die Kameras aus.",
        "At other times the cameras are off."
    ));
    if !hours.closed.is_empty() {
        let days = language.list(&hours.closed.iter().map(|day| language.date(*day)).collect::<Vec<_>>());
        lines.push(tell!(language, "Ook uit op {days}.", "Auch aus am {days}.", "Also off on {days}."));
    }
    lines
}

pub(crate) fn places(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Waar staan de opnamen?", "Wo liegen die Aufnahmen?", "Where are the recordings?");
    let local = tell!(
        language,
        "Op een eigen computer van de winkel. Daar worden gezichten onherkenbaar gemaakt voordat iets wordt bewaard. Wat wordt bewaard, is versleuteld.",
        "Auf einem eigenen Computer des Ladens. Dort werden Gesichter unkenntlich gemacht, bevor etwas gespeichert wird. Was gespeichert wird, ist verschlüsselt.",
        "On the shop's own computer. Faces are made unrecognisable there before anything is kept. What is kept is encrypted."
    );
    let copies = facts.host.as_ref().map(|host| {
        let (name, at) = (&host.name, &host.at);
        let (country, safeguard) =
            (crate::country::name(&host.country, language), people::safeguard(&host.safeguard, language));
        tell!(
            language,
            "Versleutelde kopieën bij {name} ({country}; {at}). Dit bedrijf kan ze niet openen. {safeguard}",
            "Verschlüsselte Kopien bei {name} ({country}; {at}). Dieses Unternehmen kann sie nicht öffnen. {safeguard}",
            "Encrypted copies at {name} ({country}; {at}). This company cannot open them. {safeguard}"
        )
    });
    let copies = copies.unwrap_or_else(|| {
        tell!(
            language,
            "Er zijn nergens anders kopieën.",
            "Es gibt sonst nirgends Kopien.",
            "There are no copies elsewhere."
        )
    });
    Section::new("places", title).with("local", tell!(language, "Eerst", "Zuerst", "First"), local).with(
        "copies",
        tell!(language, "Kopieën", "Kopien", "Copies"),
        copies,
    )
}

pub(crate) fn retention(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Hoe lang bewaren wij ze?", "Wie lange speichern wir sie?", "How long are they kept?");
    let hours = language.hours(facts.retention.hours);
    let text = tell!(
        language,
        "Hoogstens {hours} na de opname. Dan wordt de sleutel vernietigd en niemand kan de opname nog openen, ook de kopieën niet. Daarna worden de bestanden gewist.",
        "Höchstens {hours} nach der Aufnahme. Dann wird der Schlüssel vernichtet, und niemand kann die Aufnahme mehr öffnen, auch die Kopien nicht. Danach werden die Dateien gelöscht.",
        "At most {hours} after the recording. Then its key is destroyed and nobody can open the recording any more, nor its copies. After that the files are deleted."
    );
    let reason = facts.retention.reason.as_ref().map(|reason| reason.get(language).to_owned());
    let asked = facts.retention.may_be_held().then(|| {
        tell!(
            language,
            "Vraagt iemand iets over een opname, dan bewaren wij die tot daarover beslist is, hoogstens 30 dagen na de opname.",
            "Fragt jemand etwas zu einer Aufnahme, bewahren wir sie auf, bis darüber entschieden ist, höchstens 30 Tage nach der Aufnahme.",
            "When somebody asks something about a recording, we keep it until that is decided, 30 days after the recording at the most."
        )
    });
    let waiting = facts.retention.deferred_hours.map(|hours| {
        let hours = language.hours(hours);
        tell!(
            language,
            "Als de computer het druk heeft, wachten beelden met gezichten hoogstens {hours}. Ze zijn dan verzegeld met een sleutel die alleen in het werkgeheugen staat. Niemand kan ze bekijken. Lukt het niet op tijd, dan worden ze vernietigd.",
            "Wenn der Computer überlastet ist, warten Bilder mit Gesichtern höchstens {hours}. Sie sind dann mit einem Schlüssel versiegelt, der nur im Arbeitsspeicher liegt. Niemand kann sie ansehen. Gelingt es nicht rechtzeitig, werden sie vernichtet.",
            "When the computer is busy, pictures with faces wait for at most {hours}. They are then sealed with a key that exists in working memory only. Nobody can look at them. What is not done in time is destroyed."
        )
    });
    Section::new("retention", title)
        .with("hours", tell!(language, "Termijn", "Frist", "Time limit"), text)
        .with_some("reason", tell!(language, "Waarom zo lang", "Warum so lange", "Why that long"), reason)
        .with_some("asked", tell!(language, "Bij een verzoek", "Bei einem Antrag", "On request"), asked)
        .with_some("waiting", tell!(language, "Wachten", "Warten", "Waiting"), waiting)
}
