//! The communication to people, or to the public in their place (Art. 34).

use sluis_notice::{Document, Section, tell};

use super::{Writing, noted, words};
use crate::breach::Breach;
use crate::step::Exemption;

/// What people are told: in clear and plain language, with what Art. 34(2) wants. For the entrance, the website, or the press.
pub fn people(breach: &Breach, writing: &Writing<'_>) -> Document {
    let (language, entered) = (writing.language, &breach.entered);
    let facts = &entered.facts;
    let (shop, number) = (&facts.shop, breach.number);
    let title = tell!(language, "Datalek bij {shop}", "Datenpanne bei {shop}", "Data breach at {shop}");
    let public = breach.assessment.as_ref().is_some_and(|assessment| assessment.exempt == Some(Exemption::Effort));
    let day = writing.day(writing.at);
    let mut lead =
        vec![tell!(language, "{day}. Kenmerk: {number}.", "{day}. Zeichen: {number}.", "{day}. Reference: {number}.")];
    if public {
        lead.push(tell!(
            language,
            "Wij maken dit openbaar omdat wij niet weten wie u bent: wij hebben geen namen of adressen (AVG, artikel 34, lid 3, onder c).",
            "Wir machen dies öffentlich, weil wir nicht wissen, wer Sie sind: wir haben keine Namen oder Adressen (DSGVO, Artikel 34 Absatz 3 Buchstabe c).",
            "We make this public because we do not know who you are: we have no names or addresses (GDPR, Article 34(3)(c))."
        ));
    }
    let what = Section::new("what", tell!(language, "Wat is er gebeurd?", "Was ist geschehen?", "What happened?"))
        .with("happened", tell!(language, "Gebeurtenis", "Vorfall", "Event"), entered.happened.clone())
        .with("when", tell!(language, "Wanneer", "Wann", "When"), words::happened_when(breach, writing))
        .with("data", tell!(language, "Welke gegevens", "Welche Daten", "Which data"), words::data(breach, language));
    let what = match entered.affected.span() {
        None => what,
        Some((from, to)) => {
            let (from, to) = (writing.moment(from), writing.moment(to));
            what.with(
                "you",
                tell!(language, "Gaat het over u?", "Betrifft es Sie?", "Is it about you?"),
                tell!(
                    language,
                    "Misschien, als u in de winkel was tussen {from} en {to}.",
                    "Vielleicht, wenn Sie zwischen {from} und {to} im Laden waren.",
                    "Perhaps, if you were in the shop between {from} and {to}."
                ),
            )
        }
    };
    let effects = Section::new(
        "effects",
        tell!(language, "Wat kan dat voor u betekenen?", "Was kann das für Sie bedeuten?", "What can it mean for you?"),
    )
    .with_all(
        "consequences",
        tell!(language, "Mogelijke gevolgen", "Mögliche Folgen", "Likely consequences"),
        words::consequences(breach, language),
    );
    let done = [noted(breach, true, writing), words::protection(facts, language)].concat();
    let measures =
        Section::new("measures", tell!(language, "Wat doen wij eraan?", "Was tun wir?", "What do we do about it?"))
            .with_all("taken", tell!(language, "Maatregelen", "Maßnahmen", "Measures"), done);
    let (contact, controller, url) = (words::contact(facts), words::controller(facts), &facts.url);
    let (authority, website) = (&facts.authority.name, &facts.authority.website);
    let you = Section::new("you", tell!(language, "Wat kunt u doen?", "Was können Sie tun?", "What can you do?"))
        .with(
            "ask",
            tell!(language, "Vragen", "Fragen", "Ask"),
            tell!(
                language,
                "Vraag het onze contactpersoon: {contact}. Verantwoordelijk is {controller}.",
                "Fragen Sie unsere Anlaufstelle: {contact}. Verantwortlich ist {controller}.",
                "Ask our contact point: {contact}. Responsible is {controller}."
            ),
        )
        .with(
            "rights",
            tell!(language, "Uw rechten", "Ihre Rechte", "Your rights"),
            tell!(
                language,
                "U kunt een kopie of wissing vragen van wat er van u is opgenomen, zolang het er is. Hoe staat op {url}.",
                "Sie können eine Kopie oder die Löschung dessen verlangen, was von Ihnen aufgenommen wurde, solange es da ist. Wie, steht auf {url}.",
                "You can ask for a copy, or the erasure, of what was recorded of you, as long as it is there. How is told at {url}."
            ),
        )
        .with(
            "complain",
            tell!(language, "Klagen", "Beschweren", "Complain"),
            tell!(language, "Dat kan bij {authority}: {website}.", "Das geht bei {authority}: {website}.", "You can do so with {authority}: {website}."),
        );
    writing.document(title, lead, vec![what, effects, measures, you])
}
