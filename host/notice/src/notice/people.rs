//! Who is responsible, who gets recordings, what guests and employees can do.

use crate::country;
use crate::document::Section;
use crate::facts::{Basis, Facts, Safeguard};
use crate::language::{Language, tell};

fn reach(email: &str, phone: Option<&str>, language: Language) -> String {
    match phone {
        Some(phone) => tell!(
            language,
            "E-mail: {email}. Telefoon: {phone}.",
            "E-Mail: {email}. Telefon: {phone}.",
            "Email: {email}. Telephone: {phone}."
        ),
        None => tell!(language, "E-mail: {email}.", "E-Mail: {email}.", "Email: {email}."),
    }
}

pub(crate) fn controller(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Wie is verantwoordelijk?", "Wer ist verantwortlich?", "Who is responsible?");
    let controller = &facts.controller;
    let (name, address) = (&controller.name, &controller.address);
    let reached = reach(&controller.email, controller.phone.as_deref(), language);
    let officer = facts.privacy_officer.as_ref().map(|officer| {
        let name = officer.name.as_ref().map(|name| format!("{name}. ")).unwrap_or_default();
        format!("{name}{}", reach(&officer.email, officer.phone.as_deref(), language))
    });
    let (shop, url) = (&facts.shop, &facts.url);
    Section::new("controller", title)
        .with(
            "name",
            tell!(language, "Verantwoordelijke", "Verantwortlich", "Controller"),
            format!("{name}, {address}. {reached}"),
        )
        .with_some(
            "officer",
            tell!(language, "Vragen over privacy", "Fragen zum Datenschutz", "Questions about privacy"),
            officer,
        )
        .with(
            "notice",
            tell!(language, "Deze tekst", "Dieser Text", "This text"),
            tell!(
                language,
                "Geldt voor {shop}. U vindt de nieuwste versie op {url}.",
                "Gilt für {shop}. Sie finden die neueste Fassung unter {url}.",
                "It is about {shop}. The latest version is at {url}."
            ),
        )
}

/// What protects data, in a sentence.
pub(crate) fn safeguard(safeguard: &Safeguard, language: Language) -> String {
    let copy = tell!(
        language,
        "U kunt ons om een kopie vragen.",
        "Sie können uns um eine Kopie bitten.",
        "You can ask us for a copy."
    );
    match safeguard {
        Safeguard::WithinEea => tell!(
            language,
            "Daar geldt de AVG, zoals hier.",
            "Dort gilt die DSGVO wie hier.",
            "The GDPR holds there, as it does here."
        ),
        Safeguard::AdequacyDecision => tell!(
            language,
            "De Europese Commissie vindt de bescherming daar goed genoeg (AVG, artikel 45).",
            "Die Europäische Kommission hält den Schutz dort für ausreichend (DSGVO, Artikel 45).",
            "The European Commission has decided that protection there is good enough (GDPR, Article 45)."
        ),
        Safeguard::StandardContractualClauses => tell!(
            language,
            "Beschermd door een contract met de standaardbepalingen van de Europese Commissie (AVG, artikel 46, lid 2, onder c). {copy}",
            "Geschützt durch einen Vertrag mit den Standarddatenschutzklauseln der Europäischen Kommission (DSGVO, Artikel 46 Absatz 2 Buchstabe c). {copy}",
            "Protected by a contract with the standard data protection clauses of the European Commission (GDPR, Article 46(2)(c)). {copy}"
        ),
        Safeguard::BindingCorporateRules => tell!(
            language,
            "Beschermd door bindende bedrijfsvoorschriften die een toezichthouder heeft goedgekeurd (AVG, artikel 46, lid 2, onder b, en artikel 47). {copy}",
            "Geschützt durch verbindliche interne Datenschutzvorschriften, die eine Aufsichtsbehörde genehmigt hat (DSGVO, Artikel 46 Absatz 2 Buchstabe b und Artikel 47). {copy}",
            "Protected by binding corporate rules that a supervisory authority has approved (GDPR, Article 46(2)(b) and Article 47). {copy}"
        ),
        Safeguard::Derogation(which) => {
            let which = which.get(language);
            tell!(
                language,
                "Een uitzondering voor een bijzonder geval (AVG, artikel 49): {which}",
                "Eine Ausnahme für einen besonderen Fall (DSGVO, Artikel 49): {which}",
                "An exception for a special case (GDPR, Article 49): {which}"
            )
        }
    }
}

pub(crate) fn recipients(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Wie krijgt de opnamen?", "Wer bekommt die Aufnahmen?", "Who gets the recordings?");
    let ours = tell!(
        language,
        "Alleen medewerkers die ze voor hun werk nodig hebben, met een eigen sleutel. Elke keer wordt opgeschreven wie een opname opent en waarom.",
        "Nur Beschäftigte, die sie für ihre Arbeit brauchen, mit einem eigenen Schlüssel. Jedes Mal wird aufgeschrieben, wer eine Aufnahme öffnet und warum.",
        "Only staff who need them for their work, each with a key of their own. Each time it is written down who opens a recording, and why."
    );
    let section =
        Section::new("recipients", title).with("staff", tell!(language, "Bij ons", "Bei uns", "With us"), ours);
    let section = if facts.recipients.is_empty() {
        let nobody = tell!(language, "Niemand.", "Niemand.", "Nobody.");
        section.with("nobody", tell!(language, "Anderen", "Andere", "Others"), nobody)
    } else {
        facts.recipients.iter().fold(section, |section, recipient| {
            let (country, protected) =
                (country::name(&recipient.country, language), safeguard(&recipient.safeguard, language));
            let purpose = recipient.purpose.get(language).trim_end_matches('.');
            let text = tell!(
                language,
                "Land: {country}. Waarvoor: {purpose}. {protected}",
                "Land: {country}. Wofür: {purpose}. {protected}",
                "Country: {country}. What for: {purpose}. {protected}"
            );
            section.with(&format!("to-{}", recipient.name), &recipient.name, text)
        })
    };
    section.with(
        "authorities",
        tell!(language, "Politie en andere overheden", "Polizei und andere Behörden", "Police and other authorities"),
        tell!(
            language,
            "Alleen als een wet ons daartoe verplicht. Ook dat wordt opgeschreven.",
            "Nur wenn ein Gesetz uns dazu verpflichtet. Auch das wird aufgeschrieben.",
            "Only when a law obliges us to. That is written down too."
        ),
    )
}

pub(crate) fn rights(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Wat zijn uw rechten?", "Welche Rechte haben Sie?", "What are your rights?");
    let contact = facts.contact();
    let how = tell!(
        language,
        "Schrijf naar {contact}. Het is gratis en u krijgt binnen een maand antwoord (AVG, artikel 12). Wij weten niet wie u bent. Zeg ons daarom wanneer en waar u in de winkel was en wat u aan had, anders kunnen wij u niet vinden (AVG, artikel 11).",
        "Schreiben Sie an {contact}. Es kostet nichts, und Sie bekommen innerhalb eines Monats Antwort (DSGVO, Artikel 12). Wir wissen nicht, wer Sie sind. Sagen Sie uns deshalb, wann und wo Sie im Laden waren und was Sie anhatten, sonst können wir Sie nicht finden (DSGVO, Artikel 11).",
        "Write to {contact}. It is free, and you get an answer within a month (GDPR, Article 12). We do not know who you are. So tell us when and where in the shop you were and what you wore; otherwise we cannot find you (GDPR, Article 11)."
    );
    let (basis_key, basis_label, basis_text) = match facts.basis {
        Basis::LegitimateInterests { .. } => (
            "object",
            tell!(language, "Bezwaar maken", "Widersprechen", "Object"),
            tell!(
                language,
                "U kunt bezwaar maken om redenen die met u te maken hebben. Wij stoppen dan met het gebruik van opnamen van u, tenzij wij dwingende redenen hebben (AVG, artikel 21).",
                "Sie können aus Gründen widersprechen, die mit Ihnen zu tun haben. Wir verwenden Aufnahmen von Ihnen dann nicht mehr, außer wir haben zwingende Gründe (DSGVO, Artikel 21).",
                "You can object for reasons that have to do with you. We then stop using recordings of you, unless we have compelling reasons (GDPR, Article 21)."
            ),
        ),
        Basis::Consent => (
            "withdraw",
            tell!(language, "Toestemming intrekken", "Einwilligung widerrufen", "Withdraw consent"),
            tell!(
                language,
                "U kunt uw toestemming altijd intrekken. Wat daarvoor is gebeurd, blijft toegestaan (AVG, artikel 7, lid 3).",
                "Sie können Ihre Einwilligung jederzeit widerrufen. Was vorher geschehen ist, bleibt erlaubt (DSGVO, Artikel 7 Absatz 3).",
                "You can withdraw your consent at any time. What was done before stays lawful (GDPR, Article 7(3))."
            ),
        ),
    };
    let authority = &facts.authority;
    let (name, address, website) = (&authority.name, &authority.address, &authority.website);
    Section::new("rights", title)
        .with("how", tell!(language, "Zo gebruikt u ze", "So nutzen Sie sie", "How to use them"), how)
        .with(basis_key, basis_label, basis_text)
        .with(
            "copy",
            tell!(language, "Weten en een kopie krijgen", "Auskunft und eine Kopie bekommen", "Know, and get a copy"),
            tell!(
                language,
                "U kunt vragen of wij opnamen van u hebben, en een kopie krijgen (AVG, artikel 15).",
                "Sie können fragen, ob wir Aufnahmen von Ihnen haben, und eine Kopie bekommen (DSGVO, Artikel 15).",
                "You can ask whether we have recordings of you, and get a copy (GDPR, Article 15)."
            ),
        )
        .with(
            "erase",
            tell!(language, "Laten wissen", "Löschen lassen", "Have them erased"),
            tell!(
                language,
                "U kunt ons vragen opnamen van u te wissen (AVG, artikel 17).",
                "Sie können uns bitten, Aufnahmen von Ihnen zu löschen (DSGVO, Artikel 17).",
                "You can ask us to erase recordings of you (GDPR, Article 17)."
            ),
        )
        .with(
            "restrict",
            tell!(language, "Gebruik beperken", "Verwendung einschränken", "Have their use restricted"),
            tell!(
                language,
                "U kunt ons vragen opnamen van u alleen te bewaren en niet te gebruiken, bijvoorbeeld zolang uw bezwaar loopt (AVG, artikel 18).",
                "Sie können uns bitten, Aufnahmen von Ihnen nur zu speichern und nicht zu verwenden, zum Beispiel solange Ihr Widerspruch geprüft wird (DSGVO, Artikel 18).",
                "You can ask us only to keep recordings of you and not to use them, for example while your objection is looked at (GDPR, Article 18)."
            ),
        )
        .with(
            "complain",
            tell!(language, "Klagen", "Sich beschweren", "Complain"),
            tell!(
                language,
                "Bent u het niet met ons eens? Dan kunt u klagen bij {name}, {address}, {website} (AVG, artikel 77).",
                "Sind Sie nicht mit uns einverstanden? Dann können Sie sich beschweren bei: {name}, {address}, {website} (DSGVO, Artikel 77).",
                "Do you disagree with us? Then you can complain to {name}, {address}, {website} (GDPR, Article 77)."
            ),
        )
}

pub(crate) fn without_cameras(facts: &Facts, language: Language) -> Section {
    let title = tell!(
        language,
        "Liever niet gefilmd worden?",
        "Lieber nicht gefilmt werden?",
        "Would you rather not be filmed?"
    );
    let label = tell!(language, "De route zonder camera's", "Der Weg ohne Kameras", "The route without cameras");
    Section::new("without-cameras", title).with("route", label, facts.without_cameras.get(language))
}

pub(crate) fn employees(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Wie hier werkt", "Wer hier arbeitet", "Those who work here");
    let label = tell!(language, "Medewerkers", "Beschäftigte", "Employees");
    Section::new("employees", title).with("text", label, facts.employees.get(language))
}
