//! The facts of the public notice, from a configuration and the partners of a vault; and whether a configuration's notice is published.

use sluis_notice::facts::{
    Audience, Authority, Basis, Camera, Controller, Facts, Host, Hours, Keeps, Mode, Officer, Opening, Recipient,
    Retention, Safeguard, Screen, Spot, Study, Style, Weekday, Zone, ZoneKind,
};
use sluis_notice::{Document, Language, Localised, Store, Version, html, notice_beside};
use sluis_share::{Partner, TransferGround};

use crate::config::notice::{self, Notice};
use crate::config::text::{Text, Wording};
use crate::config::{self, Config, Driver, Keep, MaskStyle};

/// How a configuration and its notice stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has none, and needs none.
    NotNeeded,
    /// This version is in force, and tells what the configuration does.
    Published(Box<Version>),
    /// The version in force tells something else, or there is none.
    NotPublished {
        /// The version in force.
        current: Option<u64>,
    },
}

/// The published notices of a configuration.
pub fn store(config: &Config) -> Store {
    let dir = config.notice().and_then(|notice| notice.dir.clone());
    Store::at(dir.unwrap_or_else(|| notice_beside(&config.vault.dir)))
}

/// Whether the notice of a configuration is published. Recipients are those that the published notice names: nobody else can be granted anything.
///
/// # Errors
///
/// [`sluis_notice::Error`] when the published notices cannot be read.
pub fn state(config: &Config) -> Result<State, sluis_notice::Error> {
    if config.notice.is_none() {
        return Ok(State::NotNeeded);
    }
    let Some(version) = store(config).current()? else { return Ok(State::NotPublished { current: None }) };
    let told = facts(config, version.facts.recipients.clone()).is_some_and(|facts| version.tells(&facts));
    Ok(if told { State::Published(Box::new(version)) } else { State::NotPublished { current: Some(version.number) } })
}

/// A document in all languages, as a page and as plain text: `nl.html`, `nl.txt`, and so on, with their contents.
pub fn in_all_languages(of: impl Fn(Language) -> Document) -> Vec<(String, String)> {
    let both = |language| {
        let document = of(language);
        [
            (format!("{language}.html"), html::page(&document)),
            (format!("{language}.txt"), sluis_notice::text::page(&document)),
        ]
    };
    Language::ALL.into_iter().flat_map(both).collect()
}

/// A partner as the notice names it.
///
/// # Errors
///
/// [`sluis_share::Error`] when nothing allows a transfer to it: then it can be granted nothing.
pub fn recipient(partner: &Partner) -> Result<Recipient, sluis_share::Error> {
    let safeguard = match partner.transfer_ground()? {
        TransferGround::WithinEea => Safeguard::WithinEea,
        TransferGround::AdequacyDecision => Safeguard::AdequacyDecision,
        TransferGround::StandardContractualClauses => Safeguard::StandardContractualClauses,
        TransferGround::BindingCorporateRules => Safeguard::BindingCorporateRules,
        TransferGround::Derogation(which) => Safeguard::Derogation(Localised::same(which.as_str())),
    };
    Ok(Recipient {
        name: partner.name.to_string(),
        country: partner.country.code().to_owned(),
        safeguard,
        purpose: Localised::same(partner.purpose.as_str()),
    })
}

/// What the notice of a configuration tells; `None` where it has no table `[notice]`.
pub fn facts(config: &Config, mut recipients: Vec<Recipient>) -> Option<Facts> {
    let notice = config.notice()?;
    // In whatever order partners were added, it is the same notice.
    recipients.sort_by(|one, other| one.name.cmp(&other.name));
    let measures = config.cameras.iter().any(|camera| camera.audience.is_some());
    let study = config.study.as_ref();
    Some(Facts {
        shop: config.shop.name.as_str().to_owned(),
        time_zone: config.shop.time_zone.as_ref().and_then(config::hours::ShopZone::name).map(str::to_owned),
        url: notice.url.as_str().to_owned(),
        controller: controller(&notice.controller),
        privacy_officer: notice.privacy_officer.as_ref().map(officer),
        authority: notice.authority.as_ref().map_or_else(Authority::default, authority),
        purposes: notice.purposes.get_ref().iter().map(words).collect(),
        basis: basis(notice),
        study: study.map(|s| Study { first_day: s.first_day.get_ref().date(), last_day: s.last_day.get_ref().date() }),
        hours: config.hours.as_ref().map(hours),
        gestures: config.plugins.gestures.is_some(),
        cameras: config.cameras.iter().map(camera).collect(),
        audience: config.audience.as_ref().filter(|_| measures).map(|audience| Audience {
            purpose: words(&audience.purpose),
            smallest_group: audience.min_group.get(),
            demographics: audience.demographics.as_ref().map(|demographics| words(&demographics.purpose)),
        }),
        recipients,
        host: host(config, notice),
        retention: Retention {
            hours: (config.vault.retention().as_secs() / 3600) as u32,
            reason: config.vault.retention_reason.as_ref().map(words),
            deferred_hours: config.deferred().map(|deferred| deferred.hours.get()),
        },
        without_cameras: words(&notice.route),
        employees: words(&notice.employees),
    })
}

fn words<const MIN: usize, const MAX: usize>(wording: &Wording<MIN, MAX>) -> Localised {
    wording.localised().clone()
}

fn text<const MIN: usize, const MAX: usize>(text: &Text<MIN, MAX>) -> String {
    text.as_str().to_owned()
}

fn controller(controller: &notice::Controller) -> Controller {
    Controller {
        name: text(&controller.name),
        address: text(&controller.address),
        email: controller.email.as_str().to_owned(),
        phone: controller.phone.as_ref().map(text),
    }
}

fn officer(officer: &notice::Officer) -> Officer {
    Officer {
        name: officer.name.as_ref().map(text),
        email: officer.email.as_str().to_owned(),
        phone: officer.phone.as_ref().map(text),
    }
}

fn authority(authority: &notice::Authority) -> Authority {
    Authority {
        name: text(&authority.name),
        address: text(&authority.address),
        website: authority.website.as_str().to_owned(),
    }
}

fn basis(notice: &Notice) -> Basis {
    match (notice.basis, &notice.balancing) {
        // Without it the configuration was refused.
        (notice::Basis::LegitimateInterests, balancing) => {
            Basis::LegitimateInterests { balancing: balancing.as_ref().map_or_else(|| Localised::same(""), words) }
        }
        (notice::Basis::Consent, _) => Basis::Consent,
    }
}

fn hours(hours: &config::Hours) -> Hours {
    let days = [
        (Weekday::Monday, &hours.monday),
        (Weekday::Tuesday, &hours.tuesday),
        (Weekday::Wednesday, &hours.wednesday),
        (Weekday::Thursday, &hours.thursday),
        (Weekday::Friday, &hours.friday),
        (Weekday::Saturday, &hours.saturday),
        (Weekday::Sunday, &hours.sunday),
    ];
    let open = days.into_iter().filter(|(_, times)| !times.is_empty());
    let days = open.map(|(day, times)| Opening { day, times: times.iter().map(ToString::to_string).collect() });
    Hours { days: days.collect(), closed: hours.closed.iter().map(|day| day.date()).collect() }
}

fn camera(camera: &config::Camera) -> Camera {
    let place = camera.place(None);
    let mode = match camera.mode {
        config::Mode::Heads => Mode::Heads,
        config::Mode::Persons => Mode::Persons,
        config::Mode::EverythingThatMoves => Mode::EverythingThatMoves,
    };
    let style = match camera.mask.style {
        MaskStyle::Fill => Style::Fill,
        MaskStyle::Pixelate => Style::Pixelate,
        MaskStyle::Blur => Style::Blur,
    };
    let screen = camera.audience.as_ref().map(|screen| Screen {
        name: screen.screen.get_ref().as_str().to_owned(),
        // Without it the configuration was refused.
        owner: screen.owner.as_ref().map(text).unwrap_or_default(),
    });
    Camera {
        id: camera.id().as_str().to_owned(),
        what: camera.what.as_ref().map(words),
        spot: place.pose.map(spot),
        keeps: match camera.keep {
            Keep::Counts => Keeps::Counts,
            Keep::Pictures => Keeps::Pictures { depth: depth(camera), mode, style },
        },
        zones: place.zones.iter().filter_map(zone).collect(),
        excluded: camera.exclusions.iter().map(|exclusion| exclusion.what.as_ref().map(words)).collect(),
        screen,
    }
}

/// Whether a camera may measure depth. Of a recording that is no single file the notice says so: it may have depth beside its pictures.
fn depth(camera: &config::Camera) -> bool {
    match camera.driver {
        Driver::Realsense | Driver::Synthetic => true,
        Driver::Rtsp | Driver::V4l2 => false,
        Driver::File => camera.path.as_ref().is_some_and(|path| path.extension().is_none()),
    }
}

fn spot(pose: sluis_frame::Pose) -> Spot {
    let [x, y, height] = pose.position.map(centimetres);
    let degrees = |angle: f64| angle.round() as i32;
    Spot { x, y, height, pan: degrees(pose.pan), tilt: degrees(pose.tilt) }
}

/// A zone, as a gesture detector is told it.
fn zone(told: &serde_json::Value) -> Option<Zone> {
    let corner = |name: &str| -> Option<[i32; 2]> {
        let corner = told.get("box")?.get(name)?;
        Some([centimetres(corner.get(0)?.as_f64()?), centimetres(corner.get(1)?.as_f64()?)])
    };
    Some(Zone {
        id: told.get("id")?.as_str()?.to_owned(),
        kind: serde_json::from_value::<ZoneKind>(told.get("kind")?.clone()).ok()?,
        outline: corner("min").zip(corner("max")).map(|(min, max)| [min, max]),
    })
}

fn centimetres(metres: f64) -> i32 {
    (metres * 100.0).round() as i32
}

fn host(config: &Config, notice: &Notice) -> Option<Host> {
    let (cloud, host) = (config.cloud()?, notice.host.as_ref()?.get_ref());
    let safeguard = match host.safeguard {
        _ if host.country.is_eea() => Safeguard::WithinEea,
        Some(notice::Safeguard::StandardContractualClauses) => Safeguard::StandardContractualClauses,
        Some(notice::Safeguard::BindingCorporateRules) => Safeguard::BindingCorporateRules,
        // With none the configuration was refused.
        Some(notice::Safeguard::AdequacyDecision) | None => Safeguard::AdequacyDecision,
    };
    let server = cloud.endpoint.as_deref().map(|address| address.trim_start_matches("https://").to_owned());
    let at = match (&cloud.path, &cloud.region) {
        // However the configuration was named, it is the same folder and the same notice.
        (Some(path), None) => std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string(),
        (_, region) => [server, region.clone()].into_iter().flatten().collect::<Vec<_>>().join(", "),
    };
    Some(Host { name: text(&host.name), country: host.country.code().to_owned(), safeguard, at })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::Timestamp;
    use sluis_share::{Country, Name, PartnerSecret, Sentence};

    use super::*;

    fn example(name: &str) -> Config {
        Config::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)).unwrap()
    }

    fn partner(name: &str) -> Partner {
        Partner {
            name: Name::new(name).unwrap(),
            key: PartnerSecret::generate().unwrap().public(),
            country: Country::new("US").unwrap(),
            contract: Sentence::new("DPA 2026-04, 1 June 2026").unwrap(),
            ground: Some(TransferGround::StandardContractualClauses),
            purpose: Sentence::new("training of models of reaching").unwrap(),
        }
    }

    #[test]
    fn the_study_tells_what_its_configuration_does() {
        let facts = facts(&example("hilversum/sluis.toml"), Vec::new()).unwrap();
        assert_eq!((facts.cameras.len(), facts.retention.hours, facts.gestures, facts.depth()), (4, 720, true, true));
        assert_eq!(facts.study.unwrap().first_day, jiff::civil::date(2026, 6, 28));
        let shelves = &facts.cameras[0];
        assert_eq!(shelves.spot.unwrap(), Spot { x: 180, y: 0, height: 250, pan: 10, tilt: 30 });
        assert_eq!(shelves.zones[0].outline, Some([[0, 235], [52, 397]]));
        assert!(matches!(shelves.keeps, Keeps::Pictures { depth: true, .. }));
        assert!(matches!(facts.cameras[2].keeps, Keeps::Pictures { depth: false, .. }));
        assert_eq!(facts.hours.unwrap().days[3].times, ["07:00-21:00"]);
        let host = facts.host.unwrap();
        assert_eq!(
            (&*host.country, &host.safeguard, &*host.at),
            ("NL", &Safeguard::WithinEea, "s3.example.nl, nl-ams")
        );
        assert!(facts.audience.is_none());
    }

    #[test]
    fn screens_tell_whose_they_are_and_what_they_count() {
        let facts = facts(&example("advertising-screens/sluis.toml"), Vec::new()).unwrap();
        assert!(!facts.pictures() && facts.audience.unwrap().demographics.is_none());
        assert!(facts.cameras.iter().all(|camera| !camera.screen.as_ref().unwrap().owner.is_empty()));
    }

    #[test]
    fn a_partner_is_named_with_what_protects_data_there() {
        let told = recipient(&partner("Shelf Models")).unwrap();
        assert_eq!((&*told.country, &told.safeguard), ("US", &Safeguard::StandardContractualClauses));
        let nothing = Partner { ground: None, ..partner("Shelf Models") };
        assert!(recipient(&nothing).is_err());
        let config = example("hilversum/sluis.toml");
        let (one, other) = (recipient(&partner("a")).unwrap(), recipient(&partner("b")).unwrap());
        assert_eq!(facts(&config, vec![one.clone(), other.clone()]), facts(&config, vec![other, one]));
    }

    #[test]
    fn a_notice_is_published_until_the_configuration_tells_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = example("hilversum/sluis.toml");
        config.vault.dir = folder.path().join("vault");
        assert_eq!(state(&config).unwrap(), State::NotPublished { current: None });
        let recipients = vec![recipient(&partner("Shelf Models")).unwrap()];
        store(&config).publish(&facts(&config, recipients).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        assert!(folder.path().join("vault.notice/1.json").is_file());
        // That partners come and go does not stop the cameras: who is not named is granted nothing.
        assert!(matches!(state(&config).unwrap(), State::Published(version) if version.number == 1));
        config.cameras.pop();
        assert_eq!(state(&config).unwrap(), State::NotPublished { current: Some(1) });
        config.notice = None;
        assert_eq!(state(&config).unwrap(), State::NotNeeded);
    }
}
