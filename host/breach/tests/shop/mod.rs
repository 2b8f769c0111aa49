//! A shop with a breach, for tests.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses some of it; what a test prepares is there, or the test fails"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use jiff::tz::TimeZone;
use sluis_breach::affected::{Opening, Standing};
use sluis_breach::register::BookError;
use sluis_breach::{Affected, AffectedSegment, Book, By, Copies, Entered, Kind, Register, Risk, Step, Whom, Written};
use sluis_frame::{CameraId, Timestamp};
use sluis_notice::{Language, facts};
use sluis_rights::receipt::{CloudCopy, ExportedCopy, GrantedCopy, VaultCopy};
use sluis_rights::{Calendar, SegmentName, Window};

/// A ledger in memory. It can be made to fail.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) lines: Mutex<Vec<Written>>,
    pub(crate) full: Mutex<bool>,
}

impl Book for Ledger {
    fn write(&self, line: &Written) -> Result<(), BookError> {
        if *self.full.lock().unwrap() {
            return Err("the disk is full".into());
        }
        self.lines.lock().unwrap().push(line.clone());
        Ok(())
    }

    fn read(&self) -> Result<Vec<Written>, BookError> {
        Ok(self.lines.lock().unwrap().clone())
    }
}

pub(crate) fn calendar() -> Calendar {
    Calendar::new(TimeZone::get("Europe/Amsterdam").unwrap(), [])
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::from_nanos(text.parse::<jiff::Timestamp>().unwrap().as_nanosecond().try_into().unwrap())
}

/// Petra, so many hours after she became aware of it.
pub(crate) fn after(hours: u64) -> By<'static> {
    By { who: "Petra", at: aware() + std::time::Duration::from_secs(hours * 3600) }
}

/// In the night in which clocks go forward.
pub(crate) fn aware() -> Timestamp {
    at("2026-03-28T22:30:00Z")
}

pub(crate) fn register(folder: &Path) -> Register {
    Register::at(folder.join("vault.breaches"))
}

/// A stick with recordings was lost, and a partner had opened one of them.
pub(crate) fn entered() -> Entered {
    let camera = CameraId::new("shelves").unwrap();
    let segment = |id: u8, standing, exports, grants| {
        let started = at("2026-03-27T13:00:00Z") + std::time::Duration::from_secs(60 * u64::from(id));
        AffectedSegment {
            copies: Copies {
                segment: SegmentName::from_bytes([id; 16]),
                camera: camera.clone(),
                started,
                vault: VaultCopy { bytes: 7_000_000, key_destroyed: None, bytes_destroyed: None },
                cloud: Some(CloudCopy { object: format!("{id}.sealed"), place: "s3.example.nl".into(), gone: None }),
                exports,
                grants,
            },
            ended: started + std::time::Duration::from_secs(60),
            deadline: at("2026-04-26T13:00:00Z"),
            standing,
            openings: vec![Opening {
                who: "Petra, as anna (uid 1000)".into(),
                at: at("2026-03-28T08:00:00Z"),
                how: "export".into(),
                reason: "the weekly count".into(),
            }],
        }
    };
    let export = ExportedCopy {
        destination: "/media/stick".into(),
        form: "sealed".into(),
        who: "Petra".into(),
        at: at("2026-03-28T08:00:00Z"),
        removed: None,
    };
    let grant = |opened: &[&str]| GrantedCopy {
        grant: "ab".repeat(16),
        partner: "Shelf Models Inc.".into(),
        opened: opened.iter().map(|text| at(text)).collect(),
    };
    Entered {
        aware: aware(),
        kinds: BTreeSet::from([Kind::Confidentiality, Kind::Availability]),
        happened: "A stick with two pieces of recording and their keys was lost on the train.".to_owned(),
        faces: false,
        window: Some(Window { from: at("2026-03-27T13:00:00Z"), to: at("2026-03-27T13:03:00Z") }),
        cameras: BTreeSet::from([camera.clone()]),
        segments: BTreeSet::new(),
        signs: BTreeSet::from(["0123456789ab".to_owned()]),
        language: Language::Nl,
        facts: facts::sample(),
        affected: Affected {
            as_of: aware(),
            segments: vec![
                segment(0, Standing::Readable, vec![export.clone()], vec![grant(&["2026-03-28T09:00:00Z"])]),
                segment(1, Standing::Readable, vec![export], vec![grant(&[])]),
                segment(2, Standing::Destroyed, vec![], vec![]),
            ],
        },
    }
}

pub(crate) fn assessed(risk: Risk) -> Step {
    Step::Assessed { risk, because: "Who found it can look at what is on it.".to_owned(), exempt: None }
}

pub(crate) fn told(whom: Whom, by: By<'_>) -> Step {
    Step::Told { whom, when: by.at, reference: None, late: None }
}

pub(crate) fn closed() -> Step {
    Step::Closed { because: "All is done.".to_owned() }
}

pub(crate) fn note(words: &str, measure: bool) -> Step {
    Step::Noted { words: words.to_owned(), measure }
}
