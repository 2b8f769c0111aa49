//! What letters say that no request knows: facts of the controller and of the processing.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Timestamp};

use crate::receipt::Opened;
use crate::request::Window;

/// Who answers for the cameras.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Controller {
    /// Its name.
    pub name: String,
    /// Lines of its address.
    pub address: Vec<String>,
    /// Where it is written to about this.
    pub email: String,
    /// Who signs: the privacy officer.
    pub officer: String,
    /// Where one complains.
    pub authority: Authority,
    /// Whose law says how one goes to court.
    pub law: NationalLaw,
}

/// A supervisory authority (Art. 51).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Lines of its address.
    pub address: Vec<String>,
    /// Its website.
    pub website: String,
}

/// Whose law says how one goes to court (Art. 79).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NationalLaw {
    /// The Dutch one: an application to the district court, within six weeks of the answer (Art. 35 UAVG).
    Netherlands,
    /// Another: letters name the right, not the way.
    Other,
}

/// What Art. 15(1) and (2) want told, in the language of the letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Facts {
    /// What for (Art. 15(1)(a)).
    pub purposes: Vec<String>,
    /// On which legal basis (Art. 6(1)), as "our legitimate interest in …".
    pub basis: String,
    /// What kinds of data (Art. 15(1)(b)).
    pub categories: Vec<String>,
    /// Who gets or got them (Art. 15(1)(c)).
    pub recipients: Vec<Recipient>,
    /// For how many hours recordings are kept (Art. 15(1)(d)).
    pub retention_hours: u32,
}

/// Who gets or got data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipient {
    /// Who.
    pub name: String,
    /// In which country.
    pub country: String,
    /// What for.
    pub purpose: String,
    /// Outside the European Economic Area: what protects the data there (Art. 15(2), Art. 46), and where a copy of it can be had.
    pub safeguard: Option<String>,
}

/// What is in the copy for the person (Art. 15(3)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CopyContents {
    /// Videos, in which other people are filled (Art. 15(4)).
    pub videos: Vec<CopiedVideo>,
    /// The file of events, and how many are in it.
    pub events: Option<(PathBuf, u64)>,
}

/// A video in a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CopiedVideo {
    /// Its file.
    pub file: PathBuf,
    /// The camera.
    pub camera: CameraId,
    /// Of which time.
    pub window: Window,
}

/// A pause that an objection brought (Art. 21(1)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pause {
    /// The camera.
    pub camera: CameraId,
    /// The part of its picture; `None`: all of it.
    pub zone: Option<String>,
    /// From when.
    pub from: Timestamp,
    /// Until when; `None`: until somebody ends it.
    pub until: Option<Timestamp>,
}

/// What a partner is told (Art. 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice<'a> {
    /// The partner.
    pub partner: &'a str,
    /// What it is to do.
    pub order: Order,
    /// What it had opened.
    pub opened: &'a [Opened<'a>],
    /// By when it confirms that.
    pub by: Date,
}

/// What a partner is to do with what it opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Erase it (Art. 17(1)).
    Erase,
    /// Keep it and not use it (Art. 18).
    Restrict,
}
