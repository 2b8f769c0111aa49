//! A component on cleared segments of a vault: a partner learns how it does in the shop, and receives no picture.
//!
//! What comes back is counted here: calls, failures by class, answers by kind, times, memory. Nothing that the component wrote by itself is passed on: no name of a zone, no text of
//! a refusal, no name of a function. Figures are of all segments together. Every segment is opened as by hand: by a member of staff, with a reason, and logged.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde::Serialize;
use sluis_frame::{CameraId, Fate};
use sluis_segment::{Error as SegmentError, Reader, Recorded, SegmentId};
use sluis_stage::{AuditChamber, ChamberSettings, GestureChamber, Limits, Plugin, World};
use sluis_vault::{Archive, Entry, Error as VaultError, Reason};

use crate::Workbench;
use crate::bench::Allowed;
use crate::camera::Camera;
use crate::error::Error;
use crate::subject::word;
use crate::times::{Times, shown};

/// What is tried, and how.
pub struct Trial<'a> {
    /// The component.
    pub plugin: &'a Plugin,
    /// The vault.
    pub archive: &'a Archive,
    /// Who tries it, and why: logged with every segment.
    pub reason: &'a Reason,
    /// What it is told of a camera.
    pub told: &'a dyn Fn(&CameraId) -> Told,
    /// The models that it may load.
    pub models: Vec<String>,
    /// What it may take.
    pub limits: Limits,
}

/// What a component is told of a camera.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// How it stands and sees.
    pub camera: Camera,
    /// The settings for it, as a JSON object.
    pub settings: String,
}

/// On which segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// On these.
    Segments(Vec<SegmentId>),
    /// On those of an open grant.
    Grant([u8; 16]),
}

/// What came of it: figures, and nothing else.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The component's name, as whoever tries it gave it.
    pub component: String,
    /// Its world.
    pub world: World,
    /// The version of the contract that it was built against.
    pub contract: String,
    /// Its digest.
    pub sha256: String,
    /// Its bytes.
    pub size: usize,
    /// Segments that it was shown.
    pub segments: usize,
    /// Segments that it was not shown, and why; told by the host.
    pub left_out: Vec<LeftOut>,
    /// Frames that it was shown.
    pub frames: u64,
    /// Frames that were recorded as blanks: they show nothing, and are not shown.
    pub blanks: u64,
    /// Frames with an answer.
    pub answered: u64,
    /// Answers, by kind.
    pub answers: BTreeMap<String, u64>,
    /// Calls that failed, by class.
    pub failures: BTreeMap<String, u64>,
    /// How long calls took.
    pub times: Times,
    /// The most memory that it had, in bytes.
    pub memory: usize,
    /// What a chamber may take.
    pub allowed: Allowed,
}

/// A segment that was not shown.
#[derive(Debug, Serialize)]
pub struct LeftOut {
    /// Which.
    pub segment: SegmentId,
    /// Why.
    pub why: String,
}

/// What is counted.
#[derive(Default)]
struct Counted {
    frames: u64,
    blanks: u64,
    answered: u64,
    answers: BTreeMap<String, u64>,
    failures: BTreeMap<String, u64>,
    took: Vec<Duration>,
    memory: usize,
}

/// A chamber that sees what is not raw.
enum Chamber {
    Audit(AuditChamber),
    Gestures(GestureChamber),
}

// === impl Trial ===

impl Trial<'_> {
    /// Tries it. `progress` is told how many segments are done, and how many there are.
    ///
    /// # Errors
    ///
    /// [`Error::RawWorld`] for a component that sees raw frames; [`Error::NoGrant`]; [`Error::Vault`] when a segment that is named is not known, or the vault cannot be read;
    /// [`Error::NothingReadable`].
    pub fn run(
        &self,
        bench: &Workbench,
        which: &Which,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Report, Error> {
        let world = self.plugin.world();
        if world.sees_raw() {
            return Err(Error::RawWorld { world });
        }
        let entries = self.entries(which)?;
        let (mut counted, mut left_out) = (Counted::default(), Vec::new());
        for (done, entry) in entries.iter().enumerate() {
            progress(done, entries.len());
            match self.segment(bench, entry, &mut counted) {
                Ok(()) => {}
                Err(Error::Vault(error @ (VaultError::Index { .. } | VaultError::IndexBusy { .. }))) => {
                    return Err(error.into());
                }
                Err(Error::Vault(error)) => left_out.push(LeftOut { segment: entry.segment, why: error.to_string() }),
                Err(other) => return Err(other),
            }
        }
        progress(entries.len(), entries.len());
        let segments = entries.len() - left_out.len();
        if let (0, Some(first)) = (segments, left_out.first()) {
            return Err(Error::NothingReadable { count: left_out.len(), why: first.why.clone() });
        }
        Ok(self.report(segments, left_out, counted))
    }

    fn entries(&self, which: &Which) -> Result<Vec<Entry>, Error> {
        let segments = match which {
            Which::Segments(segments) => segments.clone(),
            Which::Grant(id) => {
                let now = self.archive.time()?;
                let open = self.archive.grants()?.into_iter();
                let mut open = open.filter(|grant| grant.ended.is_none() && grant.how.is_none() && grant.expires > now);
                let none = || Error::NoGrant { grant: id.iter().map(|byte| format!("{byte:02x}")).collect() };
                open.find(|grant| grant.id == *id).ok_or_else(none)?.segments
            }
        };
        segments.into_iter().map(|segment| Ok(self.archive.entry(segment)?)).collect()
    }

    /// Shows one segment to a new chamber. What is wrong with the segment is an [`Error::Vault`].
    fn segment(&self, bench: &Workbench, entry: &Entry, counted: &mut Counted) -> Result<(), Error> {
        // What may not be handed out is not used either.
        self.archive.may_leave(entry)?;
        let opened = self.archive.open_segment(entry.segment, self.reason)?;
        let damaged = |source: SegmentError| Error::Vault(told(entry.segment, source));
        let reader = Reader::new(opened, &bench.reader).map_err(damaged)?;
        let header = reader.header().clone();
        let Told { camera, settings } = (self.told)(&header.camera);
        let given = ChamberSettings {
            facts: camera.facts(header.size, header.rate, header.depth_unit.is_some()),
            camera: header.camera,
            settings,
            limits: self.limits,
            models: self.models.clone(),
        };
        let made = if self.plugin.world() == World::AnonymisationAudit {
            self.plugin.audit(&given).map(Chamber::Audit)
        } else {
            self.plugin.gestures(&given).map(Chamber::Gestures)
        };
        let mut chamber = match made {
            Ok(chamber) => chamber,
            Err(error) => {
                counted.fail(&error);
                return Ok(());
            }
        };
        let mut last = None;
        for recorded in reader {
            let Recorded { frame, .. } = recorded.map_err(damaged)?;
            if frame.fate() == Fate::Blanked {
                counted.blanks += 1;
                continue;
            }
            counted.frames += 1;
            match &mut chamber {
                // Whom the floor saw then is not recorded.
                Chamber::Audit(audit) => {
                    let inspection = counted.timed(|| audit.look_again(&frame, &[]));
                    let findings = inspection.map(|inspection| inspection.findings);
                    counted.take(findings, |finding| format!("finding: {}", word(&finding.fault)));
                    counted.memory = counted.memory.max(audit.memory());
                }
                Chamber::Gestures(detector) => {
                    let events = counted.timed(|| detector.observe(&frame, &[]));
                    counted.take(events, |event| event.gesture.to_string());
                    counted.memory = counted.memory.max(detector.memory());
                }
            }
            last = Some(frame);
        }
        if let (Chamber::Gestures(detector), Some(last)) = (&mut chamber, &last) {
            let events = counted.timed(|| detector.conclude(last));
            counted.take(events, |event| event.gesture.to_string());
        }
        Ok(())
    }

    fn report(&self, segments: usize, left_out: Vec<LeftOut>, counted: Counted) -> Report {
        let examined = self.plugin.examined();
        Report {
            component: self.plugin.name().to_owned(),
            world: examined.world,
            contract: format!("sluis:stage@{}", examined.contract),
            sha256: examined.sha256.to_string(),
            size: examined.size,
            segments,
            left_out,
            frames: counted.frames,
            blanks: counted.blanks,
            answered: counted.answered,
            answers: counted.answers,
            failures: counted.failures,
            times: Times::of(counted.took),
            memory: counted.memory,
            allowed: Allowed {
                call_ms: u64::try_from(self.limits.call.as_millis()).unwrap_or(u64::MAX),
                memory: self.limits.memory,
            },
        }
    }
}

impl std::fmt::Debug for Trial<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trial").field("plugin", &self.plugin).finish_non_exhaustive()
    }
}

/// What a reader of a segment says: also that its deadline has come meanwhile.
fn told(segment: SegmentId, error: SegmentError) -> VaultError {
    match error {
        SegmentError::Io { doing, source } => source.downcast::<VaultError>().unwrap_or_else(|source| {
            VaultError::Damage { segment, source: Box::new(SegmentError::Io { doing, source }) }
        }),
        other => VaultError::Damage { segment, source: Box::new(other) },
    }
}

// === impl Counted ===

impl Counted {
    fn timed<A>(&mut self, call: impl FnOnce() -> A) -> A {
        let start = Instant::now();
        let answer = call();
        self.took.push(start.elapsed());
        answer
    }

    fn take<A>(&mut self, answer: Result<Vec<A>, sluis_stage::Error>, kind: impl Fn(&A) -> String) {
        match answer {
            Ok(answers) => {
                self.answered += u64::from(!answers.is_empty());
                answers.iter().for_each(|answer| *self.answers.entry(kind(answer)).or_default() += 1);
            }
            Err(error) => self.fail(&error),
        }
    }

    /// By its class: the rest of the message could hold words of the component.
    fn fail(&mut self, error: &sluis_stage::Error) {
        *self.failures.entry(word(&error.class())).or_default() += 1;
    }
}

// === impl Report ===

impl Report {
    /// Whether every segment was shown, and no call failed.
    pub fn is_clean(&self) -> bool {
        self.left_out.is_empty() && self.failures.is_empty()
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let mut row = |name: &str, value: String| {
            let _ = writeln!(text, "{name:10} {value}");
        };
        row("component", format!("{}, {}, {}, {} bytes", self.component, self.world, self.contract, self.size));
        row("sha256", self.sha256.clone());
        row("segments", self.segments.to_string());
        row("frames", format!("{}, and {} blanks that show nothing", self.frames, self.blanks));
        let counts = |counts: &BTreeMap<String, u64>| {
            let all: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            if all.is_empty() { "none".to_owned() } else { all.join(", ") }
        };
        row("answers", format!("{}, on {} frames", counts(&self.answers), self.answered));
        row("failures", counts(&self.failures));
        let Times { p50, p95, max, .. } = self.times;
        let (p50, p95, max) = (shown(p50), shown(p95), shown(max));
        row("a call", format!("p50 {p50}, p95 {p95}, max {max} of {} ms that are allowed", self.allowed.call_ms));
        let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
        row("memory", format!("{:.1} MiB of {:.0} MiB that are allowed", mib(self.memory), mib(self.allowed.memory)));
        text.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_counted_by_its_class_and_its_words_stay_here() {
        let at = sluis_stage::Place { plugin: "p".into(), camera: CameraId::new("a").unwrap(), frame: None };
        let mut counted = Counted::default();
        counted.take(Err::<Vec<()>, _>(sluis_stage::Error::Refused { at, reason: "what I saw".into() }), |()| {
            String::new()
        });
        assert_eq!(counted.failures, BTreeMap::from([("refused".to_owned(), 1)]));
    }
}
