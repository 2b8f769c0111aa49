//! The notification to the authority (Art. 33).

use sluis_notice::{Document, Section, tell};

use super::{Writing, noted, words};
use crate::breach::Breach;
use crate::step::{Step, Whom};
use crate::term;

/// The notification, or what follows it (Art. 33(4)). `late` is why it was not made within 72 hours: without it a first one that is late says only that.
pub fn authority(breach: &Breach, late: Option<&str>, writing: &Writing<'_>) -> Document {
    let (language, facts, number) = (writing.language, &breach.entered.facts, breach.number);
    let first = breach.told.get(&Whom::Authority);
    let (shop, authority) = (&facts.shop, &facts.authority);
    let title = match first {
        None => tell!(
            language,
            "Melding van een inbreuk in verband met persoonsgegevens: {number}",
            "Meldung einer Verletzung des Schutzes personenbezogener Daten: {number}",
            "Notification of a personal data breach: {number}"
        ),
        Some(_) => tell!(
            language,
            "Aanvulling op de melding van een inbreuk in verband met persoonsgegevens: {number}",
            "Ergänzung zur Meldung einer Verletzung des Schutzes personenbezogener Daten: {number}",
            "Further information on a personal data breach: {number}"
        ),
    };
    let (name, address, day) = (&authority.name, &authority.address, writing.day(writing.at));
    let law = tell!(
        language,
        "Artikel 33 van de Algemene verordening gegevensbescherming (AVG). Winkel: {shop}.",
        "Artikel 33 der Datenschutz-Grundverordnung (DSGVO). Laden: {shop}.",
        "Article 33 of the General Data Protection Regulation (GDPR). Shop: {shop}."
    );
    let lead = vec![format!("{name}, {address}"), day, law];
    let sections = vec![
        who(breach, writing),
        clock(breach, late, writing),
        nature(breach, writing),
        effects(breach, writing),
        done(breach, writing),
        phases(breach, writing),
    ];
    writing.document(title, lead, sections)
}

fn who(breach: &Breach, writing: &Writing<'_>) -> Section {
    let (language, facts) = (writing.language, &breach.entered.facts);
    let title = tell!(
        language,
        "Wie meldt, en wie meer weet (artikel 33, lid 3, onder b)",
        "Wer meldet, und wer mehr weiß (Artikel 33 Absatz 3 Buchstabe b)",
        "Who notifies, and who knows more (Article 33(3)(b))"
    );
    Section::new("who", title)
        .with(
            "controller",
            tell!(language, "Verwerkingsverantwoordelijke", "Verantwortlicher", "Controller"),
            words::controller(facts),
        )
        .with("contact", tell!(language, "Contactpunt", "Anlaufstelle", "Contact point"), words::contact(facts))
}

fn clock(breach: &Breach, late: Option<&str>, writing: &Writing<'_>) -> Section {
    let language = writing.language;
    let (aware, due) = (writing.moment(breach.entered.aware), writing.moment(breach.due()));
    let title = tell!(
        language,
        "De 72 uur (artikel 33, lid 1)",
        "Die 72 Stunden (Artikel 33 Absatz 1)",
        "The 72 hours (Article 33(1))"
    );
    let section = Section::new("clock", title).with(
        "aware",
        tell!(language, "Kennisneming", "Bekanntwerden", "Becoming aware"),
        tell!(
            language,
            "Kennis genomen op {aware}. De 72 uur lopen tot {due}.",
            "Bekannt geworden am {aware}. Die 72 Stunden laufen bis {due}.",
            "Aware since {aware}. The 72 hours run until {due}."
        ),
    );
    // Every notification; the first is the one that can be late.
    let earlier = breach.steps.iter().filter_map(|taken| match &taken.step {
        Step::Told { whom: Whom::Authority, when, reference, .. } => {
            let (when, reference) =
                (writing.moment(*when), reference.as_ref().map(|r| format!(": {r}")).unwrap_or_default());
            Some(format!("{when}{reference}"))
        }
        _ => None,
    });
    let earlier: Vec<String> = earlier.collect();
    if !earlier.is_empty() {
        return section.with_all(
            "earlier",
            tell!(language, "Eerder gemeld", "Früher gemeldet", "Notified before"),
            earlier,
        );
    }
    if !term::is_late(breach.entered.aware, writing.at) {
        return section;
    }
    let why = late.map_or_else(
        || {
            tell!(
                language,
                "Deze melding is te laat. De redenen volgen.",
                "Diese Meldung ist verspätet. Die Gründe folgen.",
                "This notification is late. The reasons follow."
            )
        },
        str::to_owned,
    );
    section.with(
        "late",
        tell!(language, "Waarom niet binnen 72 uur", "Warum nicht binnen 72 Stunden", "Why not within 72 hours"),
        why,
    )
}

fn nature(breach: &Breach, writing: &Writing<'_>) -> Section {
    let (language, entered) = (writing.language, &breach.entered);
    let title = tell!(
        language,
        "Aard van de inbreuk (artikel 33, lid 3, onder a)",
        "Art der Verletzung (Artikel 33 Absatz 3 Buchstabe a)",
        "Nature of the breach (Article 33(3)(a))"
    );
    let kinds = words::kinds(breach, language);
    let found = noted(breach, false, writing);
    let section = Section::new("nature", title)
        .with(
            "happened",
            tell!(language, "Wat er is gebeurd", "Was geschehen ist", "What happened"),
            entered.happened.clone(),
        )
        .with("kinds", tell!(language, "Inbreuk op", "Verletzung von", "Breach of"), kinds)
        .with("when", tell!(language, "Wanneer", "Wann", "When"), words::happened_when(breach, writing))
        .with("people", tell!(language, "Betrokkenen", "Betroffene", "Data subjects"), words::people(breach, language))
        .with("data", tell!(language, "Gegevens", "Daten", "Data"), words::data(breach, language))
        .with_all(
            "records",
            tell!(language, "Opnamen (bij benadering)", "Aufnahmen (ungefähr)", "Records (approximately)"),
            words::records(breach, writing),
        )
        .with_all(
            "hands",
            tell!(language, "In wiens handen", "In wessen Händen", "In whose hands"),
            words::hands(breach, language),
        );
    if found.is_empty() {
        return section;
    }
    section.with_all("found", tell!(language, "Sindsdien gebleken", "Seither festgestellt", "Found out since"), found)
}

fn effects(breach: &Breach, writing: &Writing<'_>) -> Section {
    let language = writing.language;
    let title = tell!(
        language,
        "Waarschijnlijke gevolgen (artikel 33, lid 3, onder c)",
        "Wahrscheinliche Folgen (Artikel 33 Absatz 3 Buchstabe c)",
        "Likely consequences (Article 33(3)(c))"
    );
    Section::new("effects", title)
        .with_all(
            "consequences",
            tell!(language, "Gevolgen", "Folgen", "Consequences"),
            words::consequences(breach, language),
        )
        .with("risk", tell!(language, "Risico", "Risiko", "Risk"), words::judgement(breach, language))
}

fn done(breach: &Breach, writing: &Writing<'_>) -> Section {
    let language = writing.language;
    let title = tell!(
        language,
        "Maatregelen (artikel 33, lid 3, onder d)",
        "Maßnahmen (Artikel 33 Absatz 3 Buchstabe d)",
        "Measures (Article 33(3)(d))"
    );
    let taken = noted(breach, true, writing);
    let taken = if taken.is_empty() {
        vec![tell!(language, "Nog geen genoteerd.", "Noch keine vermerkt.", "None noted yet.")]
    } else {
        taken
    };
    Section::new("measures", title)
        .with_all("taken", tell!(language, "Genomen", "Ergriffen", "Taken"), taken)
        .with_all(
            "before",
            tell!(language, "Wat al gold", "Was schon galt", "In force before"),
            words::protection(&breach.entered.facts, language),
        )
        .with(
            "people",
            tell!(language, "Betrokkenen inlichten", "Benachrichtigung", "Telling people"),
            words::told_people(breach, language),
        )
}

fn phases(breach: &Breach, writing: &Writing<'_>) -> Section {
    let language = writing.language;
    let title = tell!(
        language,
        "Wat nog volgt (artikel 33, lid 4)",
        "Was noch folgt (Artikel 33 Absatz 4)",
        "What is still to come (Article 33(4))"
    );
    let mut open = Vec::new();
    if breach.entered.window.is_none() {
        open.push(tell!(language, "Wanneer het is gebeurd.", "Wann es geschehen ist.", "When it happened."));
    }
    if breach.assessment.is_none() {
        open.push(tell!(language, "Hoe groot het risico is.", "Wie hoch das Risiko ist.", "How large the risk is."));
    }
    if noted(breach, true, writing).is_empty() {
        open.push(tell!(
            language,
            "Welke maatregelen zijn genomen.",
            "Welche Maßnahmen ergriffen wurden.",
            "Which measures were taken."
        ));
    }
    if open.is_empty() {
        open.push(tell!(
            language,
            "Niets, zover nu bekend. Blijkt er meer, dan melden wij dat zonder onredelijke vertraging.",
            "Nichts, soweit jetzt bekannt. Stellt sich mehr heraus, melden wir es unverzüglich.",
            "Nothing, as far as is known now. If more is found out, we will say so without undue further delay."
        ));
    }
    Section::new("phases", title).with_all(
        "open",
        tell!(language, "Nog te melden", "Noch zu melden", "To be told"),
        open,
    )
}
