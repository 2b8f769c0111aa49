//! The desk of a configuration, with what its letters need to know.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use sluis_frame::{CameraId, Pose};
use sluis_notice::facts::{Basis, Safeguard};
use sluis_notice::{Standing, country, notice};
use sluis_rights::letter::{Authority, Controller, Facts, NationalLaw, Office as Letters, Recipient};
use sluis_rights::translate::{CameraView, OpenHours, ZoneKind, ZoneView};
use sluis_rights::{Calendar, Desk, Keep, Language};

use super::Error;
use crate::config::text::Wording;
use crate::config::{self, Config};
use crate::keep::{self, Made};

/// The rights desk of a shop.
#[derive(Debug)]
pub struct Office {
    config: Config,
    desk: Desk,
    controller: Controller,
    calendar: Calendar,
    keep: Keep,
}

// === impl Office ===

impl Office {
    /// Opens the desk of a configuration, in the vault's folder.
    ///
    /// # Errors
    ///
    /// [`Error::NoNotice`]; [`Error::Place`] when the root secret cannot be had; [`Error::Desk`].
    pub fn open(config: Config) -> Result<Self, Error> {
        let controller = controller(&config).ok_or(Error::NoNotice)?;
        let (calendar, keep) = (calendar(&config), config.rights.keep());
        let desk = desk(&config)?;
        Ok(Self { config, desk, controller, calendar, keep })
    }

    /// The configuration.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The desk.
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The shop's days.
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Where letters come from.
    pub const fn letters(&self) -> Letters<'_> {
        Letters { controller: &self.controller, calendar: &self.calendar, keep: self.keep }
    }

    /// What Art. 15(1) and (2) want told, in the words of the notice that is published, or would be.
    ///
    /// # Errors
    ///
    /// [`Error::Notice`] when the published notices cannot be read; [`Error::NoNotice`].
    pub fn facts(&self, language: Language) -> Result<Facts, Error> {
        self.facts_with(language, [])
    }

    /// The same, with partners who have had data of the person, also those whom the notice names no more (Art. 15(1)(c)).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn facts_with<'a>(
        &self,
        language: Language,
        partners: impl IntoIterator<Item = &'a str>,
    ) -> Result<Facts, Error> {
        let store = crate::notice::store(&self.config);
        let published = store.current()?;
        let recipients = published.as_ref().map(|version| version.facts.recipients.clone()).unwrap_or_default();
        let told = crate::notice::facts(&self.config, recipients).ok_or(Error::NoNotice)?;
        let spoken = spoken(language);
        let document = notice::document(&told, spoken, &Standing::Draft(published.as_ref()));
        let of = |section: &str| {
            let items = document.sections.iter().filter(|found| found.key == section).flat_map(|found| &found.items);
            items.map(|item| item.text.join(" ")).collect::<Vec<String>>()
        };
        let mut named = told.recipients.clone();
        for partner in partners {
            if named.iter().all(|recipient| recipient.name != partner) {
                named.extend(formerly(&store, partner)?);
            }
        }
        // Within the EEA nothing more is needed (Art. 15(2)).
        let protected = |by: &Safeguard| (*by != Safeguard::WithinEea).then(|| by.tell(spoken));
        let recipients = named.iter().map(|recipient| Recipient {
            name: recipient.name.clone(),
            country: country::name(&recipient.country, spoken).to_owned(),
            purpose: recipient.purpose.get(spoken).trim_end_matches('.').to_owned(),
            safeguard: protected(&recipient.safeguard),
        });
        // Who keeps copies is a recipient too (Art. 4(9)).
        let host = told.host.iter().map(|host| Recipient {
            name: host.name.clone(),
            country: country::name(&host.country, spoken).to_owned(),
            purpose: match language {
                Language::Dutch => "bewaart versleutelde kopieën en kan ze niet openen",
                Language::German => "bewahrt verschlüsselte Kopien auf und kann sie nicht öffnen",
                Language::English => "keeps encrypted copies, and cannot open them",
            }
            .to_owned(),
            safeguard: protected(&host.safeguard),
        });
        Ok(Facts {
            purposes: of("purposes"),
            basis: basis(&told.basis, language).to_owned(),
            categories: of("recorded"),
            recipients: recipients.chain(host).collect(),
            retention_hours: told.retention.hours,
        })
    }

    /// Cameras and zones, for words to fit.
    pub fn cameras(&self) -> Vec<CameraView> {
        self.config.cameras.iter().map(camera).collect()
    }

    /// Where cameras stand, as far as that is known.
    pub fn poses(&self) -> BTreeMap<CameraId, Pose> {
        let posed = |camera: &config::Camera| Some((camera.id().clone(), camera.place(None).pose?));
        self.config.cameras.iter().filter_map(posed).collect()
    }

    /// When the shop is open, if that is known.
    pub fn hours(&self) -> Option<OpenHours> {
        let hours = self.config.hours.as_ref()?;
        let week = hours.week().map(|spans| spans.iter().map(|span| span.ends()).collect());
        Some(OpenHours { week, closed: hours.closed.iter().map(|day| day.date()).collect() })
    }

    /// Where copies lie in the cloud, for a receipt.
    pub fn cloud(&self) -> String {
        cloud(&self.config)
    }
}

/// A partner as the last notice told that named it.
fn formerly(store: &sluis_notice::Store, partner: &str) -> Result<Option<sluis_notice::facts::Recipient>, Error> {
    for number in store.numbers()?.into_iter().rev() {
        let recipients = store.version(number)?.facts.recipients;
        if let Some(found) = recipients.into_iter().find(|recipient| recipient.name == partner) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The desk alone, for whoever keeps it in order.
///
/// # Errors
///
/// [`Error::Place`] when the root secret cannot be had; [`Error::Desk`].
pub fn desk(config: &Config) -> Result<Desk, Error> {
    let root = keep::root(config, Made::Never)?;
    Ok(Desk::open(&config.vault.dir, &root.derive("rights desk"), calendar(config), config.rights.keep())?)
}

/// Where copies of a configuration lie in the cloud.
pub fn cloud(config: &Config) -> String {
    let cloud = config.cloud();
    let place =
        cloud.and_then(|cloud| cloud.endpoint.clone().or_else(|| cloud.path.as_ref().map(|p| p.display().to_string())));
    place.or_else(|| cloud.and_then(|cloud| cloud.region.clone())).unwrap_or_else(|| "the cloud".to_owned())
}

/// The shop's days.
pub fn calendar(config: &Config) -> Calendar {
    let zone = config.shop.time_zone.as_ref().map_or_else(TimeZone::system, |zone| zone.zone().clone());
    Calendar::new(zone, config.rights.holidays.iter().map(|day| day.date()))
}

fn controller(config: &Config) -> Option<Controller> {
    let notice = config.notice()?;
    let officer = notice.privacy_officer.as_ref();
    let name = officer.and_then(|officer| officer.name.as_ref()).map(|name| name.as_str().to_owned());
    let authority = notice.authority.as_ref();
    let facts = crate::notice::facts(config, Vec::new())?;
    Some(Controller {
        name: notice.controller.name.as_str().to_owned(),
        address: lines(notice.controller.address.as_str()),
        email: facts.contact().to_owned(),
        officer: name.unwrap_or_else(|| notice.controller.name.as_str().to_owned()),
        authority: Authority {
            name: facts.authority.name.clone(),
            address: lines(&facts.authority.address),
            website: facts.authority.website.clone(),
        },
        // Nothing else is said: the Dutch authority, and Dutch law.
        law: if authority.is_none() { NationalLaw::Netherlands } else { NationalLaw::Other },
    })
}

/// An address as the configuration has it: parts with commas between them.
fn lines(address: &str) -> Vec<String> {
    address.split(',').map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn basis(basis: &Basis, language: Language) -> &'static str {
    match (basis, language) {
        (Basis::LegitimateInterests { .. }, Language::Dutch) => "ons gerechtvaardigd belang bij deze doelen",
        (Basis::LegitimateInterests { .. }, Language::German) => "unser berechtigtes Interesse an diesen Zwecken",
        (Basis::LegitimateInterests { .. }, Language::English) => "our legitimate interests in these purposes",
        (Basis::Consent, Language::Dutch) => "uw toestemming",
        (Basis::Consent, Language::German) => "Ihre Einwilligung",
        (Basis::Consent, Language::English) => "your consent",
    }
}

const fn spoken(language: Language) -> sluis_notice::Language {
    match language {
        Language::Dutch => sluis_notice::Language::Nl,
        Language::German => sluis_notice::Language::De,
        Language::English => sluis_notice::Language::En,
    }
}

fn camera(camera: &config::Camera) -> CameraView {
    let zones = camera.place(None).zones;
    let zones = zones.iter().filter_map(|zone| {
        Some(ZoneView {
            name: zone.get("id")?.as_str()?.to_owned(),
            kind: serde_json::from_value::<ZoneKind>(zone.get("kind")?.clone()).ok(),
            also: Vec::new(),
        })
    });
    // What it looks at, as the notice says it in three languages.
    let what = camera.what.as_ref().map(Wording::localised);
    let also = what.map(|what| sluis_notice::Language::ALL.map(|language| what.get(language).to_owned()));
    CameraView { camera: camera.id().clone(), also: also.into_iter().flatten().collect(), zones: zones.collect() }
}
