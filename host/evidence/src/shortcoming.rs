//! What a pack shows that is not as it should be, as it says itself.

use serde::{Deserialize, Serialize};
use sluis_notice::{Language, tell};

/// Something that is not as it should be. A pack is made all the same, for it is true; but it says so at its top, its entry in the ledger counts it, and whoever makes or checks it is told by the
/// exit code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Shortcoming {
    /// The configuration has no `[notice]`: there is nothing to tell guests.
    NoNotice,
    /// Nothing was published.
    NoticeNotPublished,
    /// The version in force tells something else than the configuration does.
    NoticeDiffers {
        /// The version in force.
        version: u64,
        /// The items that would be new, say something else, or be gone.
        items: Vec<String>,
    },
    /// The ledger does not say that this version of the notice was published last.
    NoticeNotInLedger {
        /// The version in force.
        version: u64,
    },
    /// The last configuration that the ledger knows of is another one.
    ConfigurationNotInForce {
        /// SHA-256 of the one in the ledger, if there is one.
        ledger: Option<String>,
    },
    /// The last components that the ledger knows of are others.
    ComponentNotInForce {
        /// Which is installed and was not written down.
        component: String,
    },
    /// Rehearsals found that a promise was broken.
    Rehearsal {
        /// Their numbers.
        seeds: Vec<u64>,
    },
    /// The ledger is not as it was written.
    Ledger {
        /// How many things are wrong in it.
        problems: u64,
    },
}

// === impl Shortcoming ===

impl Shortcoming {
    /// In words.
    pub fn told(&self, language: Language) -> String {
        match self {
            Self::NoNotice => tell!(
                language,
                "De configuratie heeft geen publieke kennisgeving: bezoekers wordt niets verteld (art. 13 AVG).",
                "Die Konfiguration hat keinen öffentlichen Hinweis: Gästen wird nichts gesagt (Art. 13 DSGVO).",
                "The configuration has no public notice: guests are told nothing (Art. 13 GDPR)."
            ),
            Self::NoticeNotPublished => tell!(
                language,
                "Er is geen kennisgeving gepubliceerd (art. 13 AVG). Een dienst die zo is ingesteld, neemt niets op.",
                "Es ist kein Hinweis veröffentlicht (Art. 13 DSGVO). Ein so eingerichteter Dienst nimmt nichts auf.",
                "No notice was published (Art. 13 GDPR). A service that is configured so records nothing."
            ),
            Self::NoticeDiffers { version, items } => {
                let items = items.join(", ");
                tell!(
                    language,
                    "De kennisgeving die geldt, versie {version}, zegt iets anders dan de configuratie doet (art. 13 AVG): {items}.",
                    "Der geltende Hinweis, Version {version}, sagt etwas anderes, als die Konfiguration tut (Art. 13 DSGVO): {items}.",
                    "The notice in force, version {version}, tells something else than the configuration does (Art. 13 GDPR): {items}."
                )
            }
            Self::NoticeNotInLedger { version } => tell!(
                language,
                "Het logboek zegt niet dat versie {version} van de kennisgeving als laatste is gepubliceerd.",
                "Das Protokoll sagt nicht, dass Version {version} des Hinweises als letzte veröffentlicht wurde.",
                "The ledger does not say that version {version} of the notice was published last."
            ),
            Self::ConfigurationNotInForce { ledger: Some(ledger) } => tell!(
                language,
                "De laatste configuratie die in het logboek staat is een andere (SHA-256 {ledger}): deze is niet in werking gezet.",
                "Die letzte Konfiguration im Protokoll ist eine andere (SHA-256 {ledger}): Diese hier wurde nicht in Kraft gesetzt.",
                "The last configuration in the ledger is another one (SHA-256 {ledger}): this one was not put in force."
            ),
            Self::ConfigurationNotInForce { ledger: None } => tell!(
                language,
                "In het logboek staat geen configuratie: er is nog niets in werking gezet.",
                "Im Protokoll steht keine Konfiguration: Es wurde noch nichts in Kraft gesetzt.",
                "There is no configuration in the ledger: nothing was put in force yet."
            ),
            Self::ComponentNotInForce { component } => tell!(
                language,
                "Het onderdeel {component} is geïnstalleerd, en het logboek zegt niet dat het in werking is.",
                "Die Komponente {component} ist installiert, und das Protokoll sagt nicht, dass sie in Kraft ist.",
                "The component {component} is installed, and the ledger does not say that it is in force."
            ),
            Self::Rehearsal { seeds } => {
                let seeds = seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
                tell!(
                    language,
                    "Een beproeving vond een gebroken belofte: nummer {seeds} in rehearsal.json (art. 5, lid 1, onder e), en art. 32, lid 1, onder d), AVG).",
                    "Eine Erprobung fand ein gebrochenes Versprechen: Nummer {seeds} in rehearsal.json (Art. 5 Abs. 1 lit. e, Art. 32 Abs. 1 lit. d DSGVO).",
                    "A rehearsal found a promise broken: number {seeds} in rehearsal.json (Art. 5(1)(e) and Art. 32(1)(d) GDPR)."
                )
            }
            Self::Ledger { problems } => tell!(
                language,
                "Het logboek is niet zoals het werd geschreven: {problems} bevindingen in ledger/verify.json (art. 5, lid 2, AVG).",
                "Das Protokoll ist nicht, wie es geschrieben wurde: {problems} Befunde in ledger/verify.json (Art. 5 Abs. 2 DSGVO).",
                "The ledger is not as it was written: {problems} findings in ledger/verify.json (Art. 5(2) GDPR)."
            ),
        }
    }
}
