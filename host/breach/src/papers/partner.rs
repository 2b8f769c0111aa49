//! The letter to a partner who had recordings that a breach concerns.

use sluis_notice::{Document, Section, tell};

use super::{Writing, words};
use crate::breach::Breach;

/// By when a partner answers, in days.
const ANSWER: u32 = 3;

/// What a partner is told, and asked. Whoever it is, it learns nothing of other partners.
pub fn partner(breach: &Breach, name: &str, writing: &Writing<'_>) -> Document {
    let (language, entered, number) = (writing.language, &breach.entered, breach.number);
    let shop = &entered.facts.shop;
    let title = tell!(
        language,
        "Inbreuk {number} bij {shop}: opnamen die u had",
        "Datenpanne {number} bei {shop}: Aufnahmen, die Sie hatten",
        "Breach {number} at {shop}: recordings that you had"
    );
    let what = Section::new("what", tell!(language, "Wat er is gebeurd", "Was geschehen ist", "What happened"))
        .with("happened", tell!(language, "Gebeurtenis", "Vorfall", "Event"), entered.happened.clone())
        .with("kinds", tell!(language, "Inbreuk op", "Verletzung von", "Breach of"), words::kinds(breach, language))
        .with("when", tell!(language, "Wanneer", "Wann", "When"), words::happened_when(breach, writing));
    let opened = entered.affected.opened();
    let lines: Vec<String> = opened
        .get(name)
        .into_iter()
        .flatten()
        .map(|opened| {
            let (segment, grant, at) = (opened.segment, opened.grant, writing.moment(opened.at));
            tell!(
                language,
                "{segment}, geopend op {at} onder machtiging {grant}",
                "{segment}, geöffnet am {at} unter Freigabe {grant}",
                "{segment}, opened on {at} under grant {grant}"
            )
        })
        .collect();
    let granted = entered.affected.granted().get(name).copied().unwrap_or(0);
    let lines = if lines.is_empty() {
        vec![tell!(
            language,
            "U heeft er geen geopend. U mocht er {granted} openen.",
            "Sie haben keine geöffnet. Sie durften {granted} öffnen.",
            "You have opened none of them. You were allowed to open {granted}."
        )]
    } else {
        lines
    };
    let yours = Section::new("yours", tell!(language, "Uw opnamen", "Ihre Aufnahmen", "Your recordings")).with_all(
        "segments",
        tell!(language, "Stukken opname", "Aufnahmestücke", "Pieces of recording"),
        lines,
    );
    let contact = words::contact(&entered.facts);
    let questions = vec![
        tell!(
            language,
            "Gebruik deze opnamen niet tot u van ons hoort, en geef ze aan niemand.",
            "Verwenden Sie diese Aufnahmen nicht, bis Sie von uns hören, und geben Sie sie niemandem.",
            "Do not use these recordings until you hear from us, and give them to nobody."
        ),
        tell!(
            language,
            "Ga na of er bij u iets is gebeurd: wie erbij kon, waar kopieën liggen, of sleutels in andere handen zijn.",
            "Prüfen Sie, ob bei Ihnen etwas geschehen ist: wer Zugang hatte, wo Kopien liegen, ob Schlüssel in fremden Händen sind.",
            "Look whether something happened at your side: who could reach them, where copies lie, whether keys are in other hands."
        ),
        tell!(
            language,
            "Antwoord binnen {ANSWER} dagen aan {contact}; blijkt u een inbreuk, meld die dan meteen.",
            "Antworten Sie binnen {ANSWER} Tagen an {contact}; stellen Sie eine Verletzung fest, melden Sie sie sofort.",
            "Answer within {ANSWER} days to {contact}; if you find a breach, say so at once."
        ),
    ];
    let asked =
        Section::new("asked", tell!(language, "Wat wij van u vragen", "Worum wir Sie bitten", "What we ask of you"))
            .with_all("asked", tell!(language, "Verzoeken", "Bitten", "Requests"), questions);
    writing.document(
        title,
        vec![name.to_owned(), writing.day(writing.at), words::controller(&entered.facts)],
        vec![what, yours, asked],
    )
}
