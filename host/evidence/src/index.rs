//! The page that explains a pack: what each file is, what it shows, which article asks for it, and how to check it.

use jiff::Timestamp;
use sluis_notice::{Document, Language, Section, tell};

use crate::manifest::Configuration;
use crate::path::PackPath;
use crate::shortcoming::Shortcoming;

/// What is told of a pack before its manifest is written.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The name of the shop.
    pub shop: &'a str,
    /// When it is made.
    pub made: Timestamp,
    /// Its configuration.
    pub configuration: &'a Configuration,
    /// What is not as it should be.
    pub shortcomings: &'a [Shortcoming],
    /// The files that are in it. Index, manifest and what ties it to the ledger come besides.
    pub paths: &'a [PackPath],
}

/// The index of a pack.
pub fn document(told: &Told<'_>, language: Language) -> Document {
    let Told { shop, made, shortcomings, .. } = told;
    let title = tell!(language, "Bewijspakket: {shop}", "Nachweispaket: {shop}", "Evidence pack: {shop}");
    let made = made.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let verdict = if shortcomings.is_empty() {
        tell!(
            language,
            "Gemaakt op {made}. Bij het maken is niets gevonden dat niet is zoals het moet zijn.",
            "Gemacht am {made}. Beim Machen wurde nichts gefunden, das nicht ist, wie es sein muss.",
            "Made at {made}. Nothing was found in making it that is not as it should be."
        )
    } else {
        let count = shortcomings.len();
        tell!(
            language,
            "Gemaakt op {made}. LET OP: {count} zaken zijn niet zoals ze moeten zijn; ze staan hieronder.",
            "Gemacht am {made}. ACHTUNG: {count} Dinge sind nicht, wie sie sein müssen; sie stehen hier unten.",
            "Made at {made}. ATTENTION: {count} things are not as they should be; they stand below."
        )
    };
    let sections = [short(told, language), Some(contents(told, language)), Some(how(language))];
    Document {
        language,
        title,
        lead: vec![verdict],
        sections: sections.into_iter().flatten().collect(),
        removed: Vec::new(),
    }
}

/// What falls short, and what is missing.
fn short(told: &Told<'_>, language: Language) -> Option<Section> {
    let title = tell!(
        language,
        "Wat tekortschiet of ontbreekt",
        "Was nicht genügt oder fehlt",
        "What falls short or is missing"
    );
    let label = tell!(language, "Niet zoals het moet zijn", "Nicht, wie es sein muss", "Not as it should be");
    let mut section = Section::new("short", title);
    for (number, shortcoming) in told.shortcomings.iter().enumerate() {
        section = section.with(&number.to_string(), label.clone(), shortcoming.told(language));
    }
    let has = |start: &str| told.paths.iter().any(|path| path.as_str().starts_with(start));
    if !has("evaluation/privacy") {
        section = section.with(
            "evaluation",
            tell!(language, "Geen meting", "Keine Messung", "No measurement"),
            tell!(
                language,
                "Dit pakket bevat geen verslag over hoe goed gezichten verborgen worden. Zonder zo'n verslag zegt het alleen welke onderdelen werken, niet hoe goed.",
                "Dieses Paket enthält keinen Bericht darüber, wie gut Gesichter verborgen werden. Ohne ihn sagt es nur, welche Komponenten arbeiten, nicht wie gut.",
                "No report on how well faces are hidden is in this pack. Without one it says which components are at work only, not how well."
            ),
        );
    }
    if !told.configuration.left_out.is_empty() {
        let left_out = told.configuration.left_out.join(", ");
        section = section.with(
            "left-out",
            tell!(language, "Weggelaten", "Weggelassen", "Left out"),
            tell!(
                language,
                "Uit configuration.toml is weggelaten wat een geheim kan zijn: {left_out}. De SHA-256 van de hele tekst staat in manifest.json en in het logboek.",
                "Aus configuration.toml ist weggelassen, was ein Geheimnis sein kann: {left_out}. Der SHA-256 des ganzen Textes steht in manifest.json und im Protokoll.",
                "What may be a secret is left out of configuration.toml: {left_out}. The SHA-256 of the whole text stands in manifest.json and in the ledger."
            ),
        );
    }
    (!section.items.is_empty()).then_some(section)
}

/// Every file that is there.
fn contents(told: &Told<'_>, language: Language) -> Section {
    let mut section = Section::new("files", tell!(language, "De bestanden", "Die Dateien", "The files"));
    for (key, start, text) in parts(language) {
        let files: Vec<_> = told.paths.iter().map(PackPath::as_str).filter(|path| path.starts_with(start)).collect();
        if files.is_empty() {
            continue;
        }
        section = section.with(key, files.join(", "), text);
    }
    section
        .with("tie", "ledger/entry.jsonl, ledger/checkpoint.txt", tell!(
            language,
            "Wat dit pakket aan het logboek bindt: de regels van het logboek vanaf de vermelding die de SHA-256 van manifest.json noemt, en de ondertekende stand daarna. Art. 5, lid 2, AVG (verantwoordingsplicht).",
            "Was dieses Paket an das Protokoll bindet: die Zeilen des Protokolls ab dem Eintrag, der den SHA-256 von manifest.json nennt, und der unterschriebene Stand danach. Art. 5 Abs. 2 DSGVO (Rechenschaftspflicht).",
            "What ties this pack to the ledger: the lines of the ledger from the entry that names the SHA-256 of manifest.json, and the signed state after them. Art. 5(2) GDPR (accountability)."
        ))
        .with("manifest", "manifest.json", tell!(
            language,
            "Elk bestand met lengte en SHA-256. Het hele pakket is de informatie die art. 42, lid 6, AVG van wie een certificaat aanvraagt verlangt; een certificaat neemt geen verantwoordelijkheid weg (art. 42, lid 4).",
            "Jede Datei mit Länge und SHA-256. Das ganze Paket ist die Information, die Art. 42 Abs. 6 DSGVO von dem verlangt, der eine Zertifizierung beantragt; eine Zertifizierung mindert keine Verantwortung (Art. 42 Abs. 4).",
            "Every file with its length and SHA-256. The whole pack is the information that Art. 42(6) GDPR asks of who applies for a certification; a certification reduces no responsibility (Art. 42(4))."
        ))
}

/// What each part shows: its key, how the paths of its files begin, and the text.
fn parts(language: Language) -> [(&'static str, &'static str, String); 9] {
    [
        (
            "configuration",
            "configuration.toml",
            tell!(
                language,
                "Wat is ingesteld: camera's, maskering, bewaartermijn, plaats van kopieën. Het toont welke maatregelen zijn gekozen. Art. 24, lid 1, en art. 25 AVG.",
                "Was eingestellt ist: Kameras, Maskierung, Aufbewahrungsdauer, Ort der Kopien. Es zeigt, welche Maßnahmen gewählt sind. Art. 24 Abs. 1 und Art. 25 DSGVO.",
                "What is configured: cameras, masks, retention, where copies lie. It shows which measures were chosen. Art. 24(1) and Art. 25 GDPR."
            ),
        ),
        (
            "digests",
            "digests.json",
            tell!(
                language,
                "Welk programma, welke onderdelen en welke modellen werken, met hun SHA-256. Zo kan een derde nagaan dat het de onderzochte zijn. Art. 32, lid 1, onder b), AVG.",
                "Welches Programm, welche Komponenten und welche Modelle arbeiten, mit ihrem SHA-256. So kann ein Dritter prüfen, dass es die untersuchten sind. Art. 32 Abs. 1 lit. b DSGVO.",
                "Which program, components and models are at work, with their SHA-256: so that others can tell that they are those that were examined. Art. 32(1)(b) GDPR."
            ),
        ),
        (
            "notice",
            "notice/notice",
            tell!(
                language,
                "De publieke kennisgeving die geldt, in drie talen, en de feiten waaruit ze is gemaakt. Art. 12 en 13 AVG.",
                "Der geltende öffentliche Hinweis in drei Sprachen und die Tatsachen, aus denen er gemacht ist. Art. 12 und 13 DSGVO.",
                "The public notice in force, in three languages, and the facts that it is made of. Art. 12 and 13 GDPR."
            ),
        ),
        (
            "record",
            "notice/record",
            tell!(
                language,
                "Het register van verwerkingsactiviteiten. Art. 30 AVG.",
                "Das Verzeichnis von Verarbeitungstätigkeiten. Art. 30 DSGVO.",
                "The record of processing activities. Art. 30 GDPR."
            ),
        ),
        (
            "dpia",
            "notice/dpia",
            tell!(
                language,
                "Invoer voor de gegevensbeschermingseffectbeoordeling. Art. 35 AVG.",
                "Eingabe für die Datenschutz-Folgenabschätzung. Art. 35 DSGVO.",
                "Input for the data protection impact assessment. Art. 35 GDPR."
            ),
        ),
        (
            "works-council",
            "notice/works-council",
            tell!(
                language,
                "Invoer voor de ondernemingsraad. Art. 27 WOR; § 87 BetrVG.",
                "Eingabe für den Betriebsrat. Art. 27 WOR; § 87 BetrVG.",
                "Input for a works council. Art. 27 WOR; section 87 BetrVG."
            ),
        ),
        (
            "rehearsal",
            "rehearsal.json",
            tell!(
                language,
                "Een hele studie met deze bewaartermijn, in versnelde tijd en met storingen, tegen de echte kluis: of iets na zijn termijn leesbaar was. Art. 5, lid 1, onder e), art. 17 en art. 32, lid 1, onder d), AVG.",
                "Eine ganze Studie mit dieser Aufbewahrungsdauer, in gerafftem Zeitlauf und mit Störungen, gegen den echten Tresor: ob etwas nach seiner Frist lesbar war. Art. 5 Abs. 1 lit. e, Art. 17 und Art. 32 Abs. 1 lit. d DSGVO.",
                "A whole study with this retention, in time that runs fast and with faults, against the real vault: whether anything could be read past its deadline. Art. 5(1)(e), Art. 17 and Art. 32(1)(d) GDPR."
            ),
        ),
        (
            "evaluation",
            "evaluation/",
            tell!(
                language,
                "Hoe goed de onderdelen die werken op gelabelde opnamen waren. Verslagen over andere onderdelen worden geweigerd. Art. 25 en art. 32, lid 1, onder d), AVG.",
                "Wie gut die arbeitenden Komponenten auf Aufnahmen mit bekannter Wahrheit waren. Berichte über andere Komponenten werden abgewiesen. Art. 25 und Art. 32 Abs. 1 lit. d DSGVO.",
                "How good the components at work were on labelled footage. Reports of other components are refused. Art. 25 and Art. 32(1)(d) GDPR."
            ),
        ),
        (
            "ledger",
            "ledger/",
            tell!(
                language,
                "Of het hele logboek is zoals het werd geschreven, en de publieke sleutel ervan. Art. 5, lid 2, AVG.",
                "Ob das ganze Protokoll ist, wie es geschrieben wurde, und sein öffentlicher Schlüssel. Art. 5 Abs. 2 DSGVO.",
                "Whether the whole ledger is as it was written, and its public key. Art. 5(2) GDPR."
            ),
        ),
    ]
}

/// How to check it.
fn how(language: Language) -> Section {
    Section::new("check", tell!(language, "Hoe u dit nagaat", "Wie Sie das prüfen", "How to check it"))
        .with("command", "sluis evidence check DIR --key KEY", tell!(
            language,
            "Vraag de publieke sleutel aan de winkel langs een andere weg dan dit pakket (sluis ledger key). Met de sleutel uit het pakket zelf toont het alleen dat het met zichzelf overeenstemt.",
            "Lassen Sie sich den öffentlichen Schlüssel auf einem anderen Weg geben als mit diesem Paket (sluis ledger key). Mit dem Schlüssel aus dem Paket selbst zeigt es nur, dass es mit sich selbst übereinstimmt.",
            "Have the public key given to you by another way than this pack (sluis ledger key). With the key in the pack it shows only that it agrees with itself."
        ))
        .with("by-hand", "sha256sum", tell!(
            language,
            "Zonder dit programma: sha256sum van elk bestand staat in manifest.json; die van manifest.json in de eerste regel van ledger/entry.jsonl; die van elke regel, zonder regeleinde, in de volgende; die van de laatste, als base64, in regel 3 van ledger/checkpoint.txt, een ondertekende notitie (c2sp.org/signed-note).",
            "Ohne dieses Programm: sha256sum jeder Datei steht in manifest.json; der von manifest.json in der ersten Zeile von ledger/entry.jsonl; der jeder Zeile, ohne Zeilenende, in der nächsten; der der letzten, als base64, in Zeile 3 von ledger/checkpoint.txt, einer unterschriebenen Notiz (c2sp.org/signed-note).",
            "Without this program: the sha256sum of every file stands in manifest.json; that of manifest.json in the first line of ledger/entry.jsonl; that of every line, without its newline, in the next; that of the last, in base64, in line 3 of ledger/checkpoint.txt, a signed note (c2sp.org/signed-note)."
        ))
        .with("limits", tell!(language, "Wat het niet toont", "Was es nicht zeigt", "What it does not show"), tell!(
            language,
            "De machine zegt dit over zichzelf. Wie de machine en haar sleutel heeft, kan een ander logboek maken: bewaar de stand van het logboek elders, en vergelijk.",
            "Die Maschine sagt das über sich selbst. Wer die Maschine und ihren Schlüssel hat, kann ein anderes Protokoll machen: Bewahren Sie den Stand des Protokolls anderswo auf, und vergleichen Sie.",
            "The machine says this of itself. Who has the machine and its key can make another ledger: keep the ledger's state elsewhere, and compare."
        ))
}

#[cfg(test)]
mod tests {
    use sluis_ledger::Hash;
    use sluis_notice::{html, text};

    use super::*;

    fn page(shortcomings: &[Shortcoming], paths: &[&str], left_out: &[&str], language: Language) -> String {
        let configuration =
            Configuration { sha256: Hash::ZERO, left_out: left_out.iter().map(|place| (*place).to_owned()).collect() };
        let paths: Vec<PackPath> = paths.iter().map(|path| path.parse().unwrap()).collect();
        let told = Told {
            shop: "Bakery <1>",
            made: Timestamp::UNIX_EPOCH,
            configuration: &configuration,
            shortcomings,
            paths: &paths,
        };
        let document = document(&told, language);
        assert!(html::page(&document).contains("Bakery &lt;1&gt;"));
        text::page(&document)
    }

    #[test]
    fn what_falls_short_stands_before_the_files() {
        for language in Language::ALL {
            let page = page(
                &[Shortcoming::NoticeNotPublished, Shortcoming::Ledger { problems: 2 }],
                &["digests.json"],
                &["comments"],
                language,
            );
            let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing in {page}"));
            assert!(place("1970-01-01 00:00:00 UTC") < place("ledger/verify.json"));
            assert!(place("ledger/verify.json") < place("digests.json,".trim_end_matches(',')));
            assert!(place("configuration.toml") < place("* digests.json"), "what was left out is told at the top");
        }
    }

    #[test]
    fn that_no_evaluation_is_in_the_pack_is_said() {
        let none = page(&[], &["digests.json"], &[], Language::En);
        assert!(none.contains("No measurement") && none.contains("Nothing was found"), "{none}");
        let some = page(&[], &["evaluation/privacy-1.json"], &[], Language::En);
        assert!(!some.contains("No measurement") && some.contains("* evaluation/privacy-1.json"), "{some}");
    }
}
