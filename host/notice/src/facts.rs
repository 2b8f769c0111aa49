//! Everything that a notice tells.
//!
//! Facts are plain values with an order of their own: two configurations with the same facts have the same notice. Lengths are whole centimetres, angles whole degrees: more exact
//! is no use to a reader, and whole numbers are the same on every machine. A field that is added later has a default that is not written, so that what was published stays as it was.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::language::{Language, Localised};
use crate::notice::people;

/// Everything that a notice tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Facts {
    /// The shop's name for people.
    pub shop: String,
    /// The IANA name of its time zone, for the day on which a version was published; UTC when nothing is said.
    pub time_zone: Option<String>,
    /// The address of the notice on the web.
    pub url: String,
    /// Who is responsible.
    pub controller: Controller,
    /// Whom to ask about privacy there.
    pub privacy_officer: Option<Officer>,
    /// Where to complain.
    pub authority: Authority,
    /// What it is done for.
    pub purposes: Vec<Localised>,
    /// On which ground.
    pub basis: Basis,
    /// On which days; on any when nothing is said.
    pub study: Option<Study>,
    /// At which hours; at any when nothing is said.
    pub hours: Option<Hours>,
    /// Whether reaching, taking and putting back are written down.
    pub gestures: bool,
    /// The cameras.
    pub cameras: Vec<Camera>,
    /// Counting who looks at screens, if that is on.
    pub audience: Option<Audience>,
    /// To whom recordings may be given.
    pub recipients: Vec<Recipient>,
    /// Who keeps encrypted copies, if anybody does.
    pub host: Option<Host>,
    /// How long recordings are kept.
    pub retention: Retention,
    /// How to shop without being filmed.
    pub without_cameras: Localised,
    /// What holds for those who work there.
    pub employees: Localised,
}

/// Who is responsible (GDPR, Art. 4(7)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Controller {
    /// Name.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// Address of electronic mail.
    pub email: String,
    /// Telephone number.
    pub phone: Option<String>,
}

/// Whom to ask about privacy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Officer {
    /// Name.
    pub name: Option<String>,
    /// Address of electronic mail.
    pub email: String,
    /// Telephone number.
    pub phone: Option<String>,
}

/// A supervisory authority (GDPR, Art. 51).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Authority {
    /// Name.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// Its website.
    pub website: String,
}

/// On which ground data are processed (GDPR, Art. 6(1)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ground", deny_unknown_fields, rename_all = "kebab-case")]
pub enum Basis {
    /// Legitimate interests, Art. 6(1)(f).
    LegitimateInterests {
        /// What was weighed, in short.
        balancing: Localised,
    },
    /// Consent, Art. 6(1)(a).
    Consent,
}

/// The days of a study: both belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Study {
    /// The first.
    pub first_day: Date,
    /// The last.
    pub last_day: Date,
}

/// When cameras may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hours {
    /// Days of the week with the times of each, as `07:00-18:30`. On a day that is not named they see nothing.
    pub days: Vec<Opening>,
    /// Days on which they see nothing all the same.
    pub closed: Vec<Date>,
}

/// The times of a day of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Opening {
    /// The day.
    pub day: Weekday,
    /// Its times.
    pub times: Vec<String>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "their names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A camera.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Camera {
    /// Its name.
    pub id: String,
    /// What it looks at.
    pub what: Option<Localised>,
    /// Where it stands, if that is known.
    pub spot: Option<Spot>,
    /// What is kept of its pictures.
    pub keeps: Keeps,
    /// The parts of the shop that gestures are told of.
    pub zones: Vec<Zone>,
    /// The parts of its picture that nobody may see: what is there, where that is said.
    pub excluded: Vec<Option<Localised>>,
    /// The screen that it counts for.
    pub screen: Option<Screen>,
}

/// Where a camera stands, and where it looks. x and y go along the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Spot {
    /// In centimetres.
    pub x: i32,
    /// In centimetres.
    pub y: i32,
    /// Above the floor, in centimetres.
    pub height: i32,
    /// Where it looks, seen from above, in degrees: 0 is along y, and it grows to the left.
    pub pan: i32,
    /// How far it looks down, in degrees: 0 is level, 90 straight down.
    pub tilt: i32,
}

/// What is kept of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeps {
    /// The masked pictures.
    Pictures {
        /// Whether it measures depth too.
        depth: bool,
        /// How much is masked at the least.
        mode: Mode,
        /// What is put in the place of what is masked.
        style: Style,
    },
    /// No picture, only counts.
    Counts,
}

/// How much is masked at the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Heads.
    Heads,
    /// Whole persons.
    Persons,
    /// Everything that moves.
    EverythingThatMoves,
}

/// What is put in the place of what is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// One colour.
    Fill,
    /// At most four cells across.
    Pixelate,
    /// The same, interpolated.
    Blur,
}

/// A part of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Zone {
    /// Its name.
    pub id: String,
    /// What it is.
    pub kind: ZoneKind,
    /// Two opposite corners on the floor, x and y in centimetres, the smaller first; if they are known.
    pub outline: Option<[[i32; 2]; 2]>,
}

/// What a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "their names say it")]
pub enum ZoneKind {
    Shelf,
    Counter,
    Basket,
    Queue,
    Screen,
}

/// An advertising screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Screen {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: String,
}

/// Counting who looks at screens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Audience {
    /// What for.
    pub purpose: Localised,
    /// The smallest group that is told of, in persons.
    pub smallest_group: u32,
    /// What classes of age and sex are estimated for, if they are.
    pub demographics: Option<Localised>,
}

/// Somebody to whom recordings may be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipient {
    /// Name.
    pub name: String,
    /// Where it handles them: two letters (ISO 3166-1).
    pub country: String,
    /// What protects them there.
    pub safeguard: Safeguard,
    /// What it may use them for.
    pub purpose: Localised,
}

/// What protects data at a recipient (GDPR, Chapter V).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Safeguard {
    /// It is within the European Economic Area, where the GDPR holds.
    WithinEea,
    /// An adequacy decision, Art. 45.
    AdequacyDecision,
    /// Standard contractual clauses, Art. 46(2)(c).
    StandardContractualClauses,
    /// Binding corporate rules, Art. 46(2)(b) and 47.
    BindingCorporateRules,
    /// An exception for a single case, Art. 49, and which.
    Derogation(Localised),
}

impl Safeguard {
    /// It in words.
    pub fn tell(&self, language: Language) -> String {
        people::safeguard(self, language)
    }
}

/// Who keeps encrypted copies for the controller (GDPR, Art. 28).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Host {
    /// Name.
    pub name: String,
    /// Where the copies lie: two letters (ISO 3166-1).
    pub country: String,
    /// What protects them there.
    pub safeguard: Safeguard,
    /// The server and the region, or the folder, as the configuration names them.
    pub at: String,
}

/// How long recordings are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Retention {
    /// Hours from recording to destruction.
    pub hours: u32,
    /// Why for longer than 72.
    pub reason: Option<Localised>,
    /// Hours that a raw picture may wait, sealed, for a slow machine.
    pub deferred_hours: Option<u32>,
}

// === impl Retention ===

impl Retention {
    /// The longest that a recording is ever kept, held for a request: 30 days.
    const CEILING_HOURS: u32 = 720;

    /// Whether what somebody asks about can be kept for longer than the rest.
    pub const fn may_be_held(&self) -> bool {
        self.hours < Self::CEILING_HOURS
    }
}

// === impl Authority ===

impl Default for Authority {
    /// The Dutch one.
    fn default() -> Self {
        Self {
            name: "Autoriteit Persoonsgegevens".to_owned(),
            address: "Postbus 93374, 2509 AJ Den Haag".to_owned(),
            website: "https://autoriteitpersoonsgegevens.nl".to_owned(),
        }
    }
}

// === impl Facts ===

impl Facts {
    /// Whether depth of any camera is kept.
    pub fn depth(&self) -> bool {
        self.cameras.iter().any(|camera| matches!(camera.keeps, Keeps::Pictures { depth: true, .. }))
    }

    /// Whether a picture of any camera is kept.
    pub fn pictures(&self) -> bool {
        self.cameras.iter().any(|camera| camera.keeps != Keeps::Counts)
    }

    /// Where rights are used: with the privacy officer where there is one.
    pub fn contact(&self) -> &str {
        self.privacy_officer.as_ref().map_or(&self.controller.email, |officer| &officer.email)
    }
}

/// Facts with something in every field, for examples and tests.
#[doc(hidden)]
pub fn sample() -> Facts {
    let each =
        |text: &str| Localised { nl: format!("{text} (nl)"), de: format!("{text} (de)"), en: format!("{text} (en)") };
    Facts {
        shop: "Bakery <Hilversum>".to_owned(),
        time_zone: Some("Europe/Amsterdam".to_owned()),
        url: "https://www.example.nl/privacy/hilversum".to_owned(),
        controller: Controller {
            name: "Bakery & Sons B.V.".to_owned(),
            address: "Kerkbrink 1, 1211 BW Hilversum".to_owned(),
            email: "info@example.nl".to_owned(),
            phone: Some("+31 35 123 45 67".to_owned()),
        },
        privacy_officer: Some(Officer {
            name: Some("A. de Vries".to_owned()),
            email: "privacy@example.nl".to_owned(),
            phone: None,
        }),
        authority: Authority::default(),
        purposes: vec![each("to lay out shops better"), each("to shorten waiting")],
        basis: Basis::LegitimateInterests { balancing: each("faces are destroyed before anything is kept") },
        study: Some(Study { first_day: jiff::civil::date(2026, 6, 28), last_day: jiff::civil::date(2026, 8, 22) }),
        hours: Some(Hours {
            days: vec![Opening {
                day: Weekday::Monday,
                times: vec!["07:00-12:00".to_owned(), "13:00-18:30".to_owned()],
            }],
            closed: vec![jiff::civil::date(2026, 7, 1)],
        }),
        gestures: true,
        cameras: vec![
            Camera {
                id: "shelves".to_owned(),
                what: Some(each("along the shelves")),
                spot: Some(Spot { x: 180, y: 0, height: 250, pan: 10, tilt: 30 }),
                keeps: Keeps::Pictures { depth: true, mode: Mode::Heads, style: Style::Fill },
                zones: vec![Zone {
                    id: "bread".to_owned(),
                    kind: ZoneKind::Shelf,
                    outline: Some([[0, 235], [52, 397]]),
                }],
                excluded: vec![Some(each("the staff door")), None],
                screen: None,
            },
            Camera {
                id: "screen".to_owned(),
                what: None,
                spot: None,
                keeps: Keeps::Counts,
                zones: Vec::new(),
                excluded: Vec::new(),
                screen: Some(Screen { name: "checkout-3".to_owned(), owner: "Screens B.V.".to_owned() }),
            },
        ],
        audience: Some(Audience {
            purpose: each("how many see our adverts"),
            smallest_group: 5,
            demographics: Some(each("whether adverts reach the young")),
        }),
        recipients: vec![Recipient {
            name: "Shelf Models Inc.".to_owned(),
            country: "US".to_owned(),
            safeguard: Safeguard::StandardContractualClauses,
            purpose: each("training of models of reaching"),
        }],
        host: Some(Host {
            name: "Wolken B.V.".to_owned(),
            country: "NL".to_owned(),
            safeguard: Safeguard::WithinEea,
            at: "s3.example.nl, nl-ams".to_owned(),
        }),
        retention: Retention {
            hours: 720,
            reason: Some(each("models are trained on four weeks")),
            deferred_hours: Some(4),
        },
        without_cameras: each("the till on the left has no camera"),
        employees: each("nobody's work is judged by it"),
    }
}
