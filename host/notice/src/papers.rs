//! What the law wants besides the notice, from the same facts.
//!
//! - [`record`]: the record of processing activities (GDPR, Art. 30(1)), whole.
//! - [`assessment`]: input for the data protection impact assessment (GDPR, Art. 35(7)). What the program knows is said; what only the controller can judge is asked.
//! - [`works_council`]: input for a works council (Dutch Works Councils Act, WOR, Art. 27(1)(k) and (l); German Works Constitution Act, BetrVG, section 87(1) no. 6).

use crate::document::{Document, Section};
use crate::facts::{Basis, Facts};
use crate::language::{Language, tell};
use crate::notice;

/// The record of processing activities.
pub fn record(facts: &Facts, language: Language) -> Document {
    let subjects = Section::new(
        "categories",
        tell!(
            language,
            "Betrokkenen en gegevens (artikel 30, lid 1, onder c)",
            "Betroffene und Daten (Artikel 30 Absatz 1 Buchstabe c)",
            "Data subjects and data (Article 30(1)(c))"
        ),
    );
    let subjects = subjects.with(
        "subjects",
        tell!(language, "Betrokkenen", "Betroffene", "Data subjects"),
        tell!(
            language,
            "Bezoekers van de winkel en wie er werkt.",
            "Gäste des Ladens und wer dort arbeitet.",
            "Guests of the shop, and those who work there."
        ),
    );
    let mut recipients = notice::recipients(facts, language);
    recipients.title = tell!(
        language,
        "Ontvangers en doorgifte (artikel 30, lid 1, onder d en e)",
        "Empfänger und Übermittlungen (Artikel 30 Absatz 1 Buchstaben d und e)",
        "Recipients and transfers (Article 30(1)(d) and (e))"
    );
    let mut sections = vec![
        titled(
            notice::controller(facts, language),
            tell!(
                language,
                "Verwerkingsverantwoordelijke (artikel 30, lid 1, onder a)",
                "Verantwortlicher (Artikel 30 Absatz 1 Buchstabe a)",
                "Controller (Article 30(1)(a))"
            ),
        ),
        titled(
            notice::purposes(facts, language),
            tell!(
                language,
                "Doelen (artikel 30, lid 1, onder b)",
                "Zwecke (Artikel 30 Absatz 1 Buchstabe b)",
                "Purposes (Article 30(1)(b))"
            ),
        ),
        Section {
            items: [subjects.items, notice::recorded(facts, language).items].concat(),
            ..Section::new("categories", subjects.title)
        },
        recipients,
        notice::places(facts, language),
        titled(
            notice::retention(facts, language),
            tell!(
                language,
                "Termijnen (artikel 30, lid 1, onder f)",
                "Fristen (Artikel 30 Absatz 1 Buchstabe f)",
                "Time limits (Article 30(1)(f))"
            ),
        ),
        measures(
            language,
            tell!(
                language,
                "Maatregelen (artikel 30, lid 1, onder g, en artikel 32)",
                "Maßnahmen (Artikel 30 Absatz 1 Buchstabe g und Artikel 32)",
                "Measures (Article 30(1)(g) and Article 32)"
            ),
        ),
    ];
    sections.extend(notice::audience(facts, language));
    let shop = &facts.shop;
    let title = tell!(
        language,
        "Register van de verwerkingsactiviteiten: camera's in {shop}",
        "Verzeichnis von Verarbeitungstätigkeiten: Kameras in {shop}",
        "Record of processing activities: cameras in {shop}"
    );
    paper(language, title, sections)
}

/// Input for the data protection impact assessment.
pub fn assessment(facts: &Facts, language: Language) -> Document {
    let mut sections = vec![
        needed(language),
        notice::purposes(facts, language),
        notice::recorded(facts, language),
        notice::times(facts, language),
        notice::cameras(facts, language),
    ];
    sections.extend(notice::audience(facts, language));
    sections.extend([
        notice::recipients(facts, language),
        notice::places(facts, language),
        notice::retention(facts, language),
        proportion(facts, language),
        risks(language),
        measures(
            language,
            tell!(
                language,
                "Maatregelen tegen deze risico's (artikel 35, lid 7, onder d)",
                "Maßnahmen gegen diese Risiken (Artikel 35 Absatz 7 Buchstabe d)",
                "Measures against these risks (Article 35(7)(d))"
            ),
        ),
        open(language),
    ]);
    let shop = &facts.shop;
    let title = tell!(
        language,
        "Invoer voor de gegevensbeschermingseffectbeoordeling (AVG, artikel 35): camera's in {shop}",
        "Eingaben für die Datenschutz-Folgenabschätzung (DSGVO, Artikel 35): Kameras in {shop}",
        "Input for the data protection impact assessment (GDPR, Article 35): cameras in {shop}"
    );
    paper(language, title, sections)
}

/// Input for a works council.
pub fn works_council(facts: &Facts, language: Language) -> Document {
    let law = Section::new("consent", tell!(language, "Instemming", "Mitbestimmung", "Consent of the works council"));
    let law = law
        .with(
            "nl",
            tell!(language, "In Nederland", "In den Niederlanden", "In the Netherlands"),
            tell!(
                language,
                "De ondernemingsraad moet instemmen met een regeling over persoonsgegevens van medewerkers en met voorzieningen waarmee hun aanwezigheid, gedrag of prestaties kunnen worden waargenomen of gecontroleerd (WOR, artikel 27, lid 1, onder k en l).",
                "Der Betriebsrat muss einer Regelung über personenbezogene Daten der Beschäftigten zustimmen, ebenso Einrichtungen, mit denen ihre Anwesenheit, ihr Verhalten oder ihre Leistung beobachtet oder kontrolliert werden kann (niederländische WOR, Artikel 27 Absatz 1 Buchstaben k und l).",
                "The works council must consent to rules about personal data of employees, and to facilities by which their presence, behaviour or performance can be observed or checked (Dutch WOR, Article 27(1)(k) and (l))."
            ),
        )
        .with(
            "de",
            tell!(language, "In Duitsland", "In Deutschland", "In Germany"),
            tell!(
                language,
                "De ondernemingsraad beslist mee over technische voorzieningen die bedoeld of geschikt zijn om gedrag of prestaties van medewerkers te controleren (BetrVG, § 87, lid 1, nr. 6).",
                "Der Betriebsrat bestimmt mit bei technischen Einrichtungen, die dazu bestimmt oder geeignet sind, das Verhalten oder die Leistung der Beschäftigten zu überwachen (BetrVG, § 87 Absatz 1 Nummer 6).",
                "The works council has a say in technical devices that are meant or suited to monitor the behaviour or performance of employees (German BetrVG, section 87(1) no. 6)."
            ),
        );
    let seen = Section::new(
        "seen",
        tell!(
            language,
            "Wat van medewerkers te zien is",
            "Was von Beschäftigten zu sehen ist",
            "What can be seen of employees"
        ),
    );
    let seen = seen
        .with(
            "seen",
            tell!(language, "Te zien", "Zu sehen", "To be seen"),
            tell!(
                language,
                "Wie in beeld werkt, wordt opgenomen zoals bezoekers: met een onherkenbaar gezicht, en met kleding, houding, plaats en tijd. Collega's kunnen iemand daaraan herkennen.",
                "Wer im Bild arbeitet, wird aufgenommen wie Gäste: mit unkenntlichem Gesicht, aber mit Kleidung, Haltung, Ort und Uhrzeit. Kolleginnen und Kollegen können jemanden daran erkennen.",
                "Who works before a camera is recorded as guests are: with an unrecognisable face, and with clothes, posture, place and time. Colleagues can recognise somebody by these."
            ),
        )
        .with(
            "reports",
            tell!(language, "Overzichten", "Auswertungen", "Reports"),
            tell!(
                language,
                "Rapporten gaan over groepen, niet over personen. Het programma kent geen namen en geen diensten, en maakt geen rapport over een medewerker.",
                "Berichte handeln von Gruppen, nicht von Personen. Das Programm kennt keine Namen und keine Dienstpläne und erstellt keinen Bericht über eine einzelne Person.",
                "Reports are about groups, not persons. The program knows no names and no shifts, and makes no report about an employee."
            ),
        );
    let agree = Section::new("agree", tell!(language, "Af te spreken", "Zu vereinbaren", "To be agreed"));
    let points = [
        tell!(
            language,
            "Dat opnamen niet worden gebruikt om medewerkers te beoordelen of te straffen, en wat geldt bij een vermoeden van een strafbaar feit.",
            "Dass Aufnahmen nicht verwendet werden, um Beschäftigte zu beurteilen oder zu bestrafen, und was bei Verdacht auf eine Straftat gilt.",
            "That recordings are not used to judge or punish employees, and what holds when a crime is suspected."
        ),
        tell!(
            language,
            "Welke plekken nooit in beeld zijn, zoals pauzeruimten, en of de zwarte delen van de beelden kloppen.",
            "Welche Orte nie im Bild sind, etwa Pausenräume, und ob die geschwärzten Bildteile stimmen.",
            "Which places are never in a picture, such as rooms for breaks, and whether the blacked out parts are right."
        ),
        tell!(
            language,
            "Wie een sleutel heeft, en dat de ondernemingsraad het logboek mag inzien (`sluis ledger ls`).",
            "Wer einen Schlüssel hat, und dass der Betriebsrat das Protokoll einsehen darf (`sluis ledger ls`).",
            "Who has a key, and that the works council may read the log (`sluis ledger ls`)."
        ),
        tell!(
            language,
            "Dat elke nieuwe versie van de tekst voor bezoekers vooraf wordt voorgelegd.",
            "Dass jede neue Fassung des Hinweises für Gäste vorab vorgelegt wird.",
            "That each new version of the notice is shown beforehand."
        ),
    ];
    let agree = (1..).zip(points).fold(agree, |section, (number, point)| {
        let label = tell!(language, "Punt {number}", "Punkt {number}", "Point {number}");
        section.with(&number.to_string(), label, point)
    });
    let mut sections = vec![
        law,
        notice::purposes(facts, language),
        seen,
        notice::employees(facts, language),
        notice::times(facts, language),
        notice::cameras(facts, language),
        notice::recipients(facts, language),
        notice::retention(facts, language),
    ];
    sections.extend(notice::audience(facts, language));
    sections.push(agree);
    let shop = &facts.shop;
    let title = tell!(
        language,
        "Voor de ondernemingsraad: camera's in {shop}",
        "Für den Betriebsrat: Kameras in {shop}",
        "For the works council: cameras in {shop}"
    );
    paper(language, title, sections)
}

fn paper(language: Language, title: String, sections: Vec<Section>) -> Document {
    let lead = tell!(
        language,
        "Gemaakt uit dezelfde instellingen als de tekst voor bezoekers.",
        "Aus denselben Einstellungen erstellt wie der Hinweis für Gäste.",
        "Made from the same settings as the notice for guests."
    );
    Document { language, title, lead: vec![lead], sections, removed: Vec::new() }
}

fn titled(section: Section, title: String) -> Section {
    Section { title, ..section }
}

fn measures(language: Language, title: String) -> Section {
    let label = |nl: &str, de: &str, en: &str| tell!(language, "{nl}", "{de}", "{en}");
    Section::new("measures", title)
        .with(
            "masking",
            label("Onherkenbaar maken", "Unkenntlich machen", "Masking"),
            tell!(
                language,
                "Beelden van gezichten staan alleen in het werkgeheugen. Het programma maskeert wat beweegt en wat de onderdelen vinden. Een tweede onderdeel controleert elk beeld. Faalt er iets, dan wordt strenger gemaskeerd of het beeld zwart gemaakt.",
                "Bilder von Gesichtern liegen nur im Arbeitsspeicher. Das Programm maskiert, was sich bewegt und was die Komponenten finden. Eine zweite Komponente prüft jedes Bild. Schlägt etwas fehl, wird strenger maskiert oder das Bild geschwärzt.",
                "Pictures of faces are in working memory only. The program masks what moves and what components find. A second component checks every picture. When something fails, it is masked more strictly, or the picture is blanked."
            ),
        )
        .with(
            "encryption",
            label("Versleutelen", "Verschlüsseln", "Encryption"),
            tell!(
                language,
                "Elk stuk opname heeft een eigen sleutel (AES-256-GCM). Kopieën zijn versleuteld; wie ze bewaart, heeft geen sleutel.",
                "Jedes Stück Aufnahme hat einen eigenen Schlüssel (AES-256-GCM). Kopien sind verschlüsselt; wer sie aufbewahrt, hat keinen Schlüssel.",
                "Each piece of a recording has a key of its own (AES-256-GCM). Copies are encrypted; who keeps them has no key."
            ),
        )
        .with(
            "access",
            label("Toegang", "Zugang", "Access"),
            tell!(
                language,
                "Alleen met een persoonlijke sleutel en een reden. Elke keer staat in een logboek dat niet ongezien te veranderen is. Partners krijgen elke sleutel pas als zij een opname openen.",
                "Nur mit einem persönlichen Schlüssel und einem Grund. Jedes Mal steht in einem Protokoll, das nicht unbemerkt geändert werden kann. Partner bekommen jeden Schlüssel erst, wenn sie eine Aufnahme öffnen.",
                "Only with a personal key and a reason. Each time stands in a log that cannot be changed unseen. Partners get each key only when they open a recording."
            ),
        )
        .with(
            "components",
            label("Onderdelen van anderen", "Komponenten anderer", "Components of others"),
            tell!(
                language,
                "Onderdelen van partners draaien afgeschermd, zonder bestanden, netwerk of klok. Nieuwe versies worden eerst geprobeerd.",
                "Komponenten von Partnern laufen abgeschirmt, ohne Dateien, Netz oder Uhr. Neue Fassungen werden erst erprobt.",
                "Components of partners run shielded, without files, network or clock. New versions are tried first."
            ),
        )
        .with(
            "deletion",
            label("Wissen", "Löschen", "Deletion"),
            tell!(
                language,
                "Na de termijn wordt de sleutel vernietigd, daarna het bestand en de kopieën. Dat staat in het logboek.",
                "Nach der Frist wird der Schlüssel vernichtet, danach die Datei und die Kopien. Das steht im Protokoll.",
                "After the time limit the key is destroyed, then the file and its copies. The log tells it."
            ),
        )
        .with(
            "notice",
            label("Openheid", "Offenheit", "Openness"),
            tell!(
                language,
                "De tekst voor bezoekers komt uit de instellingen. Is hij niet gepubliceerd, dan nemen de camera's niets op.",
                "Der Hinweis für Gäste kommt aus den Einstellungen. Ist er nicht veröffentlicht, nehmen die Kameras nichts auf.",
                "The notice for guests comes from the settings. While it is not published, the cameras record nothing."
            ),
        )
}

fn needed(language: Language) -> Section {
    Section::new("needed", tell!(language, "Is een beoordeling nodig?", "Ist eine Abschätzung nötig?", "Is an assessment needed?")).with(
        "law",
        tell!(language, "Waarschijnlijk wel", "Wahrscheinlich ja", "Probably yes"),
        tell!(
            language,
            "Zij is verplicht bij stelselmatig en grootschalig toezicht op openbaar toegankelijke ruimten (artikel 35, lid 3, onder c). Ook noemt de Autoriteit Persoonsgegevens grootschalig cameratoezicht in haar lijst van verplichte beoordelingen. Beslis, en schrijf op waarom.",
            "Sie ist Pflicht bei systematischer umfangreicher Überwachung öffentlich zugänglicher Bereiche (Artikel 35 Absatz 3 Buchstabe c). Aufsichtsbehörden führen dazu Listen (Artikel 35 Absatz 4). Entscheiden Sie, und schreiben Sie auf, warum.",
            "It is obligatory for systematic monitoring of a publicly accessible area on a large scale (Article 35(3)(c)). Supervisory authorities keep lists (Article 35(4)). Decide, and write down why."
        ),
    )
}

fn proportion(facts: &Facts, language: Language) -> Section {
    let title = tell!(
        language,
        "Noodzaak en evenredigheid (artikel 35, lid 7, onder b)",
        "Notwendigkeit und Verhältnismäßigkeit (Artikel 35 Absatz 7 Buchstabe b)",
        "Necessity and proportionality (Article 35(7)(b))"
    );
    let section = Section { items: notice::basis(facts, language).items, ..Section::new("basis", title) };
    let route = notice::without_cameras(facts, language).items;
    let question = match facts.basis {
        Basis::LegitimateInterests { .. } => tell!(
            language,
            "Kan het doel ook zonder camera's of met minder worden bereikt? Waarom wegen uw belangen zwaarder dan die van bezoekers, ook van kinderen?",
            "Lässt sich der Zweck auch ohne Kameras oder mit weniger erreichen? Warum wiegen Ihre Interessen schwerer als die der Gäste, auch der Kinder?",
            "Can the purpose be reached without cameras, or with less? Why do your interests outweigh those of guests, children among them?"
        ),
        Basis::Consent => tell!(
            language,
            "Hoe geven bezoekers toestemming, en hoe bewijst u dat (artikel 7)? Kunnen zij ook zonder toestemming winkelen?",
            "Wie willigen Gäste ein, und wie weisen Sie das nach (Artikel 7)? Können sie auch ohne Einwilligung einkaufen?",
            "How do guests consent, and how do you prove it (Article 7)? Can they shop without consenting?"
        ),
    };
    let section = Section { items: [section.items, route].concat(), ..Section::new("basis", section.title) };
    section.with("question", tell!(language, "Te beantwoorden", "Zu beantworten", "To be answered"), question)
}

fn risks(language: Language) -> Section {
    let title = tell!(
        language,
        "Risico's (artikel 35, lid 7, onder c)",
        "Risiken (Artikel 35 Absatz 7 Buchstabe c)",
        "Risks (Article 35(7)(c))"
    );
    Section::new("risks", title)
        .with(
            "recognised",
            tell!(language, "Iemand wordt toch herkend", "Jemand wird doch erkannt", "Somebody is recognised all the same"),
            tell!(
                language,
                "Aan kleding, gang, plaats en tijd, of omdat een gezicht niet is gevonden. Meet dit met eigen beelden: `sluis evaluate privacy`.",
                "An Kleidung, Gang, Ort und Uhrzeit, oder weil ein Gesicht nicht gefunden wurde. Messen Sie das mit eigenen Bildern: `sluis evaluate privacy`.",
                "By clothes, gait, place and time, or because a face was not found. Measure it on footage of your own: `sluis evaluate privacy`."
            ),
        )
        .with(
            "observed",
            tell!(language, "Zich bekeken voelen", "Sich beobachtet fühlen", "Feeling watched"),
            tell!(
                language,
                "Bezoekers en medewerkers gedragen zich anders omdat er camera's zijn.",
                "Gäste und Beschäftigte verhalten sich anders, weil Kameras da sind.",
                "Guests and employees behave differently because there are cameras."
            ),
        )
        .with(
            "leak",
            tell!(language, "Diefstal of misbruik van opnamen", "Diebstahl oder Missbrauch von Aufnahmen", "Theft or misuse of recordings"),
            tell!(
                language,
                "Door inbraak, door iemand met een sleutel, of door een partner die opnamen langer bewaart dan het contract toestaat.",
                "Durch Einbruch, durch jemanden mit einem Schlüssel oder durch einen Partner, der Aufnahmen länger behält, als der Vertrag erlaubt.",
                "By a break-in, by somebody with a key, or by a partner who keeps recordings for longer than the contract allows."
            ),
        )
        .with(
            "purpose",
            tell!(language, "Ander gebruik", "Andere Verwendung", "Other uses"),
            tell!(
                language,
                "Opnamen worden later voor iets anders gebruikt, bijvoorbeeld om medewerkers te beoordelen.",
                "Aufnahmen werden später für etwas anderes verwendet, etwa um Beschäftigte zu beurteilen.",
                "Recordings are later used for something else, for example to judge employees."
            ),
        )
}

fn open(language: Language) -> Section {
    let title = tell!(
        language,
        "Wat u zelf moet beoordelen",
        "Was Sie selbst beurteilen müssen",
        "What you must judge yourself"
    );
    let points = [
        tell!(
            language,
            "Hoe waarschijnlijk en hoe ernstig elk risico hier is, en wat na de maatregelen overblijft.",
            "Wie wahrscheinlich und wie schwer jedes Risiko hier ist, und was nach den Maßnahmen bleibt.",
            "How likely and how severe each risk is here, and what remains after the measures."
        ),
        tell!(
            language,
            "Het advies van de functionaris voor gegevensbescherming, als die er is (artikel 35, lid 2), en de mening van bezoekers en medewerkers (lid 9).",
            "Der Rat der oder des Datenschutzbeauftragten, falls benannt (Artikel 35 Absatz 2), und die Meinung von Gästen und Beschäftigten (Absatz 9).",
            "The advice of the data protection officer, where there is one (Article 35(2)), and the views of guests and employees (Article 35(9))."
        ),
        tell!(
            language,
            "Of u de toezichthouder vooraf moet raadplegen omdat het risico hoog blijft (artikel 36).",
            "Ob Sie die Aufsichtsbehörde vorher befragen müssen, weil das Risiko hoch bleibt (Artikel 36).",
            "Whether you must consult the supervisory authority first because the risk stays high (Article 36)."
        ),
        tell!(
            language,
            "De bescherming in elk land buiten de EER waar een ontvanger is (artikel 44 tot en met 49).",
            "Den Schutz in jedem Land außerhalb des EWR, in dem ein Empfänger sitzt (Artikel 44 bis 49).",
            "The protection in each country outside the EEA where a recipient is (Articles 44 to 49)."
        ),
    ];
    (1..).zip(points).fold(Section::new("open", title), |section, (number, point)| {
        let label = tell!(language, "Vraag {number}", "Frage {number}", "Question {number}");
        section.with(&number.to_string(), label, point)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::sample;

    #[test]
    fn each_paper_has_what_its_law_asks_for() {
        let facts = sample();
        let titles = |document: &Document| document.sections.iter().map(|s| s.title.clone()).collect::<String>();
        let record = titles(&record(&facts, Language::En));
        for part in ["(1)(a)", "(1)(b)", "(1)(c)", "(1)(d) and (e)", "(1)(f)", "(1)(g)"] {
            assert!(record.contains(part), "{part}: {record}");
        }
        let assessment = titles(&assessment(&facts, Language::De));
        for part in ["Absatz 7 Buchstabe b", "Absatz 7 Buchstabe c", "Absatz 7 Buchstabe d"] {
            assert!(assessment.contains(part), "{part}: {assessment}");
        }
        let council = works_council(&facts, Language::Nl);
        let said = |text: &str| council.items().any(|item| item.text.iter().any(|line| line.contains(text)));
        assert!(said("artikel 27, lid 1, onder k en l") && said("§ 87") && said("nobody's work is judged by it (nl)"));
    }

    #[test]
    fn keys_are_different_within_each_paper() {
        for make in [record, assessment, works_council] {
            let document = make(&sample(), Language::Nl);
            let mut keys: Vec<&str> = document.items().map(|item| item.key.as_str()).collect();
            let all = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), all, "{keys:?}");
        }
    }
}
