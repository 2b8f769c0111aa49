//! What all papers say of a breach.

use sluis_notice::{Facts, Language, country, tell};

use super::Writing;
use crate::affected::Standing;
use crate::breach::Breach;
use crate::step::{Exemption, Kind, Risk};

/// What was breached.
pub(super) fn kinds(breach: &Breach, language: Language) -> String {
    let one = |kind: &Kind| match kind {
        Kind::Confidentiality => tell!(language, "vertrouwelijkheid", "Vertraulichkeit", "confidentiality"),
        Kind::Integrity => tell!(language, "integriteit", "Integrität", "integrity"),
        Kind::Availability => tell!(language, "beschikbaarheid", "Verfügbarkeit", "availability"),
    };
    language.list(&breach.entered.kinds.iter().map(one).collect::<Vec<_>>())
}

/// When it happened, as far as that is known.
pub(super) fn happened_when(breach: &Breach, writing: &Writing<'_>) -> String {
    let language = writing.language;
    match breach.entered.window {
        Some(window) => {
            let (from, to) = (writing.moment(window.from), writing.moment(window.to));
            tell!(language, "Van {from} tot {to}.", "Von {from} bis {to}.", "From {from} to {to}.")
        }
        None => tell!(language, "Dat is nog niet bekend.", "Das ist noch nicht bekannt.", "That is not known yet."),
    }
}

/// How many people.
pub(super) fn people(breach: &Breach, language: Language) -> String {
    let unknown = tell!(
        language,
        "Bezoekers van de winkel en wie er werkt. Om hoeveel mensen het gaat is niet vast te stellen: niemand wordt geteld of met naam bewaard.",
        "Gäste des Ladens und wer dort arbeitet. Wie viele Menschen es sind, lässt sich nicht feststellen: niemand wird gezählt oder mit Namen gespeichert.",
        "Guests of the shop, and those who work there. How many people they are cannot be known: nobody is counted or kept by name."
    );
    if breach.entered.faces {
        return unknown;
    }
    let masked = tell!(
        language,
        "Gezichten zijn onherkenbaar gemaakt voordat iets is bewaard.",
        "Gesichter wurden unkenntlich gemacht, bevor etwas gespeichert wurde.",
        "Faces were made unrecognisable before anything was kept."
    );
    format!("{unknown} {masked}")
}

/// What the data are.
pub(super) fn data(breach: &Breach, language: Language) -> String {
    let (facts, mut data) = (&breach.entered.facts, Vec::new());
    if facts.pictures() && breach.entered.faces {
        data.push(tell!(
            language,
            "video waarin gezichten te herkennen zijn, tegen wat wij bezoekers zeggen",
            "Video, in dem Gesichter zu erkennen sind, entgegen unserem Hinweis für Gäste",
            "video in which faces can be recognised, against what we tell guests"
        ));
    } else if facts.pictures() {
        data.push(tell!(
            language,
            "video met onherkenbaar gemaakte gezichten (kleding, houding, plaats en tijd zijn te zien)",
            "Video mit unkenntlich gemachten Gesichtern (Kleidung, Haltung, Ort und Zeit sind zu sehen)",
            "video with faces made unrecognisable (clothes, posture, place and time can be seen)"
        ));
    }
    if facts.depth() {
        data.push(tell!(language, "dieptebeelden", "Tiefenbilder", "depth pictures"));
    }
    if facts.gestures {
        data.push(tell!(
            language,
            "gebaren zoals reiken en pakken, met tijd en plek",
            "Handgriffe wie Greifen und Nehmen, mit Zeit und Stelle",
            "gestures such as reaching and taking, with time and spot"
        ));
    }
    if facts.audience.is_some() {
        data.push(tell!(language, "tellingen van groepen", "Zählungen von Gruppen", "counts of groups"));
    }
    let data = if data.is_empty() {
        tell!(language, "geen opnamen", "keine Aufnahmen", "no recordings")
    } else {
        language.list(&data)
    };
    tell!(
        language,
        "Het gaat om: {data}. Namen, adressen en betaalgegevens zijn er niet bij.",
        "Es geht um: {data}. Namen, Adressen und Zahlungsdaten sind nicht dabei.",
        "These are: {data}. Names, addresses and payments are not among them."
    )
}

/// How many recordings, and what is left of them.
pub(super) fn records(breach: &Breach, writing: &Writing<'_>) -> Vec<String> {
    let (language, affected) = (writing.language, &breach.entered.affected);
    let Some((from, to)) = affected.span() else {
        return vec![tell!(
            language,
            "Geen opname in de kluis is van die tijd en die camera's.",
            "Keine Aufnahme im Tresor ist aus dieser Zeit und von diesen Kameras.",
            "No recording in the vault is of that time and those cameras."
        )];
    };
    let (segments, minutes) = (affected.segments.len(), affected.minutes());
    let cameras: Vec<String> = affected.cameras().into_iter().map(ToString::to_string).collect();
    let (cameras, count) = (language.list(&cameras), cameras.len());
    let (from, to, as_of) = (writing.moment(from), writing.moment(to), writing.moment(affected.as_of));
    let stand = |standing| affected.standing(standing);
    let (kept, destroyed, lost) =
        (stand(Standing::Readable) + stand(Standing::Writing), stand(Standing::Destroyed), stand(Standing::Lost));
    vec![
        tell!(
            language,
            "Stukken opname: {segments}, minuten samen: ongeveer {minutes}, van {from} tot {to}. Camera's: {count} ({cameras}).",
            "Aufnahmestücke: {segments}, Minuten zusammen: etwa {minutes}, von {from} bis {to}. Kameras: {count} ({cameras}).",
            "Pieces of recording: {segments}, minutes together: about {minutes}, from {from} to {to}. Cameras: {count} ({cameras})."
        ),
        tell!(
            language,
            "Stand van {as_of}: {kept} bewaard, {destroyed} vernietigd (sleutel weg, niemand kan ze lezen), {lost} verloren voor hun termijn.",
            "Stand {as_of}: {kept} gespeichert, {destroyed} vernichtet (Schlüssel weg, niemand kann sie lesen), {lost} vor ihrer Frist verloren.",
            "As of {as_of}: {kept} kept, {destroyed} destroyed (key gone, nobody can read them), {lost} lost before their deadline."
        ),
    ]
}

/// In whose hands they were.
pub(super) fn hands(breach: &Breach, language: Language) -> Vec<String> {
    let affected = &breach.entered.affected;
    let mut hands = Vec::new();
    let openers = affected.openers();
    let (who, times) = (openers.len(), openers.values().sum::<usize>());
    hands.push(match who {
        0 => tell!(
            language,
            "In de winkel heeft niemand ze geopend.",
            "Im Laden hat niemand sie geöffnet.",
            "Nobody has opened them at the shop."
        ),
        _ => tell!(
            language,
            "Aantal keren in de winkel geopend: {times}; aantal gebruikers: {who}. Wie en waarom staat in het logboek.",
            "Öffnungen im Laden: {times}; Benutzer: {who}. Wer und warum steht im Protokoll.",
            "Openings at the shop: {times}; users: {who}. The log tells who and why."
        ),
    });
    let exports = affected.exports().len();
    if exports > 0 {
        hands.push(tell!(
            language,
            "Buiten de kluis geschreven kopieën waarvan niet vaststaat dat zij weg zijn: {exports}. Die zijn leesbaar voor wie ze heeft.",
            "Aus dem Tresor geschriebene Kopien, von denen nicht feststeht, dass sie weg sind: {exports}. Wer sie hat, kann sie lesen.",
            "Copies written out of the vault that are not known to be gone: {exports}. Who has them can read them."
        ));
    }
    let opened = affected.opened();
    for (partner, segments) in affected.granted() {
        hands.push(match opened.get(partner).map_or(0, Vec::len) {
            0 => tell!(
                language,
                "{partner} mocht er {segments} openen en heeft dat niet gedaan.",
                "{partner} durfte {segments} davon öffnen und hat es nicht getan.",
                "{partner} was allowed to open {segments} of them, and has not."
            ),
            opened => tell!(
                language,
                "{partner} mocht er {segments} openen; keren geopend: {opened}.",
                "{partner} durfte {segments} davon öffnen; so oft geöffnet: {opened}.",
                "{partner} was allowed to open {segments} of them; times opened: {opened}."
            ),
        });
    }
    let copies = affected.in_cloud();
    if let Some(host) = breach.entered.facts.host.as_ref().filter(|_| copies > 0) {
        let (name, country) = (&host.name, country::name(&host.country, language));
        hands.push(tell!(
            language,
            "Versleutelde kopieën van {copies} stukken liggen bij {name} ({country}), zonder sleutel.",
            "Verschlüsselte Kopien von {copies} Stücken liegen bei {name} ({country}), ohne Schlüssel.",
            "Encrypted copies of {copies} pieces lie at {name} ({country}), without a key."
        ));
    }
    hands
}

/// What may follow from it, kind by kind.
pub(super) fn consequences(breach: &Breach, language: Language) -> Vec<String> {
    let one = |kind: &Kind| match kind {
        Kind::Confidentiality if breach.entered.faces => tell!(
            language,
            "Wie in beeld is kan aan het gezicht worden herkend; zo is te weten wanneer die in de winkel was en wat die daar deed.",
            "Wer im Bild ist, kann am Gesicht erkannt werden; so lässt sich erfahren, wann er im Laden war und was er dort tat.",
            "Who is in a picture can be recognised by the face; so it can be learned when they were in the shop and what they did there."
        ),
        Kind::Confidentiality => tell!(
            language,
            "Wie iemand goed kent, kan die aan kleding, houding, plaats en tijd herkennen en zo te weten komen wanneer die in de winkel was en wat die daar deed. Gezichten zijn niet te herstellen.",
            "Wer jemanden gut kennt, kann ihn an Kleidung, Haltung, Ort und Zeit erkennen und so erfahren, wann er im Laden war und was er dort tat. Gesichter lassen sich nicht wiederherstellen.",
            "Who knows somebody well can recognise them by clothes, posture, place and time, and so learn when they were in the shop and what they did there. Faces cannot be restored."
        ),
        Kind::Integrity => tell!(
            language,
            "Wat opnamen of het logboek zeggen kan onjuist zijn, ook over wie wat heeft geopend.",
            "Was Aufnahmen oder Protokoll sagen, kann falsch sein, auch darüber, wer was geöffnet hat.",
            "What recordings or the log say may be wrong, also about who has opened what."
        ),
        Kind::Availability => tell!(
            language,
            "Wie om een kopie van opnamen vraagt (artikel 15 AVG), kan die voor deze tijd misschien niet krijgen.",
            "Wer eine Kopie von Aufnahmen verlangt (Artikel 15 DSGVO), kann sie für diese Zeit vielleicht nicht bekommen.",
            "Who asks for a copy of recordings (Article 15 GDPR) may not get one for this time."
        ),
    };
    breach.entered.kinds.iter().map(one).collect()
}

/// What protects the data, whatever happened.
pub(super) fn protection(facts: &Facts, language: Language) -> Vec<String> {
    let hours = language.hours(facts.retention.hours);
    vec![
        tell!(
            language,
            "Elk stuk opname is versleuteld met een eigen sleutel (AES-256-GCM); kopieën elders zijn versleuteld en wie ze bewaart heeft geen sleutel.",
            "Jedes Stück Aufnahme ist mit einem eigenen Schlüssel verschlüsselt (AES-256-GCM); Kopien anderswo sind verschlüsselt, und wer sie aufbewahrt, hat keinen Schlüssel.",
            "Each piece of a recording is encrypted with a key of its own (AES-256-GCM); copies elsewhere are encrypted, and who keeps them has no key."
        ),
        tell!(
            language,
            "Na {hours} wordt de sleutel vernietigd: dan kan niemand de opname meer lezen, waar zij ook ligt.",
            "Nach {hours} wird der Schlüssel vernichtet: dann kann niemand die Aufnahme mehr lesen, wo immer sie liegt.",
            "After {hours} the key is destroyed: then nobody can read the recording any more, wherever it lies."
        ),
    ]
}

/// How the risk was judged.
pub(super) fn judgement(breach: &Breach, language: Language) -> String {
    let Some(assessment) = &breach.assessment else {
        return tell!(
            language,
            "Het risico is nog niet beoordeeld.",
            "Das Risiko ist noch nicht beurteilt.",
            "The risk has not been judged yet."
        );
    };
    let because = &assessment.because;
    match assessment.risk {
        Risk::None => tell!(
            language,
            "Een risico voor mensen is niet waarschijnlijk: {because}",
            "Ein Risiko für Menschen ist nicht wahrscheinlich: {because}",
            "A risk for people is unlikely: {because}"
        ),
        Risk::Risk => tell!(
            language,
            "Er is een risico voor mensen: {because}",
            "Es besteht ein Risiko für Menschen: {because}",
            "There is a risk for people: {because}"
        ),
        Risk::High => tell!(
            language,
            "Er is een hoog risico voor mensen: {because}",
            "Es besteht ein hohes Risiko für Menschen: {because}",
            "There is a high risk for people: {because}"
        ),
    }
}

/// Whether people are told, and why or how.
pub(super) fn told_people(breach: &Breach, language: Language) -> String {
    let Some(assessment) = &breach.assessment else {
        return tell!(
            language,
            "Of mensen worden ingelicht (artikel 34) hangt af van dat oordeel.",
            "Ob Menschen benachrichtigt werden (Artikel 34), hängt von dieser Beurteilung ab.",
            "Whether people are told (Article 34) depends on that judgement."
        );
    };
    match (assessment.risk, assessment.exempt) {
        (Risk::None | Risk::Risk, _) => tell!(
            language,
            "Mensen hoeven niet te worden ingelicht: het risico is niet hoog (artikel 34, lid 1).",
            "Menschen müssen nicht benachrichtigt werden: das Risiko ist nicht hoch (Artikel 34 Absatz 1).",
            "People need not be told: the risk is not high (Article 34(1))."
        ),
        (Risk::High, None) => tell!(
            language,
            "De betrokkenen worden zelf ingelicht (artikel 34, lid 1).",
            "Die Betroffenen werden selbst benachrichtigt (Artikel 34 Absatz 1).",
            "The people concerned are told themselves (Article 34(1))."
        ),
        (Risk::High, Some(Exemption::Encrypted)) => tell!(
            language,
            "Mensen hoeven niet te worden ingelicht: wie de gegevens heeft kan ze niet lezen, want zij zijn versleuteld (artikel 34, lid 3, onder a).",
            "Menschen müssen nicht benachrichtigt werden: wer die Daten hat, kann sie nicht lesen, denn sie sind verschlüsselt (Artikel 34 Absatz 3 Buchstabe a).",
            "People need not be told: who has the data cannot read them, for they are encrypted (Article 34(3)(a))."
        ),
        (Risk::High, Some(Exemption::Measures)) => tell!(
            language,
            "Mensen hoeven niet te worden ingelicht: door wat sindsdien is gedaan is het hoge risico niet meer waarschijnlijk (artikel 34, lid 3, onder b).",
            "Menschen müssen nicht benachrichtigt werden: durch die seither getroffenen Maßnahmen besteht das hohe Risiko aller Wahrscheinlichkeit nach nicht mehr (Artikel 34 Absatz 3 Buchstabe b).",
            "People need not be told: by what was done since, the high risk is no longer likely (Article 34(3)(b))."
        ),
        (Risk::High, Some(Exemption::Effort)) => tell!(
            language,
            "In plaats van elke betrokkene wordt het publiek ingelicht (artikel 34, lid 3, onder c): van niemand is een naam of adres bekend.",
            "Anstelle jedes Einzelnen wird die Öffentlichkeit benachrichtigt (Artikel 34 Absatz 3 Buchstabe c): von niemandem sind Name oder Adresse bekannt.",
            "The public is told in place of each person concerned (Article 34(3)(c)): nobody's name or address is known."
        ),
    }
}

/// Who is responsible, with an address.
pub(super) fn controller(facts: &Facts) -> String {
    let controller = &facts.controller;
    let mut parts = vec![controller.name.clone(), controller.address.clone(), controller.email.clone()];
    parts.extend(controller.phone.clone());
    parts.join(", ")
}

/// Whom to ask (Art. 33(3)(b)).
pub(super) fn contact(facts: &Facts) -> String {
    match &facts.privacy_officer {
        Some(officer) => {
            let parts = [officer.name.clone(), Some(officer.email.clone()), officer.phone.clone()];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
        None => controller(facts),
    }
}
