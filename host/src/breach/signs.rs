//! Signs of a breach: facts in the vault and the ledger that may be one. Somebody must look; no program can judge it.
//!
//! | sign | what it is taken from |
//! |---|---|
//! | `kept-too-long` | a recording has its key an hour after its deadline, or had it |
//! | `copy-too-long` | an export with its key lies where it was written, after its deadline |
//! | `lost` | a recording was lost, or its bytes are missing, before its deadline |
//! | `ledger-changed` | the ledger is not what was written or signed; its end was cut off |
//! | `put-back` | the vault's folder was put back from a copy |
//! | `access-refused` | somebody asked under a grant, and was refused |
//! | `component-taken-back` | a component that masks or audits was in force, and was taken back: what was recorded with it may show a face |
//! | `erasure-unfinished` | copies of what was erased for somebody are not reached a day later |
//! | `register-changed` | a step of the breach register was changed, removed or slipped in |
//!
//! Each is made of facts with names that stay the same, so what was looked into does not come back, and what is new does. What only the journal of the service tells is not here: that the process that sees was ended by
//! signal 31 (`eye-ended`) is told there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::Value;
use sluis_breach::register::Contents;
use sluis_breach::{Kind, Signs};
use sluis_frame::{CameraId, Timestamp};
use sluis_ledger::Problem;
use sluis_registry::Home;
use sluis_rights::SegmentName;
use sluis_rights::receipt::Left;
use sluis_vault::{Archive, Entry, ExportForm, State};

use super::Error;
use crate::config::Config;
use crate::rights::{office, window};

/// How long after its deadline a recording may have its key: sweeps come every 30 seconds, and a machine may restart.
const GRACE: Duration = Duration::from_secs(3600);

/// How long copies of what was erased may take to be reached: index, disk and cloud are held against each other once a day.
const ERASED: Duration = Duration::from_secs(24 * 3600);

/// The worlds whose components keep faces from being seen.
const MASKS: [&str; 2] = ["privacy-filter", "anonymisation-audit"];

/// Something that may be a breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sign {
    /// Its name for the command line. It changes when a fact is added.
    pub id: String,
    /// What it is.
    pub sign: Of,
    /// In words.
    pub what: String,
    /// What of the data may be breached.
    pub kinds: BTreeSet<Kind>,
    /// The first moment that it is about.
    pub from: Timestamp,
    /// The last.
    pub to: Timestamp,
    /// Of which cameras.
    pub cameras: BTreeSet<CameraId>,
    /// Which recordings, where that is known.
    pub segments: BTreeSet<SegmentName>,
    /// The facts that it is made of.
    pub facts: Signs,
}

/// What a sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the module says what each is")]
pub enum Of {
    KeptTooLong,
    CopyTooLong,
    Lost,
    LedgerChanged,
    PutBack,
    AccessRefused,
    ComponentTakenBack,
    ErasureUnfinished,
    RegisterChanged,
}

/// One fact, before facts of a kind are put together.
#[derive(Debug)]
struct Fact {
    of: Of,
    /// What tells it from others of its kind.
    subject: String,
    /// Facts of one kind with the same are one sign.
    group: String,
    what: String,
    from: Timestamp,
    to: Timestamp,
    camera: Option<CameraId>,
    segment: Option<SegmentName>,
}

/// Recordings by name: the camera, and from when to when.
type Recorded = HashMap<String, (CameraId, (Timestamp, Timestamp))>;

/// What the ledger tells that matters here, read once.
#[derive(Debug, Default)]
struct Told {
    facts: Vec<Fact>,
    /// Recordings that a hold was released of, and when last.
    released: HashMap<String, Timestamp>,
    /// Versions of components that were at work: since when.
    at_work: BTreeMap<(String, String), Timestamp>,
}

/// All signs there are, the first first. Facts that a breach was entered for, or that were looked into, are left out.
///
/// # Errors
///
/// [`Error`] when vault, ledger or rights desk cannot be read at all.
pub fn look(archive: &Archive, config: &Config, home: &Home, register: &Contents) -> Result<Vec<Sign>, Error> {
    let mut facts = Vec::new();
    let longest = Duration::from_secs(u64::from(config.segment.seconds.get()));
    let told = ledger(archive, longest, &mut facts)?;
    recordings(archive, longest, &told, &mut facts)?;
    exports(archive, &mut facts)?;
    components(home, &told, archive.time()?, &mut facts)?;
    erasures(archive, config, &mut facts)?;
    for trouble in &register.trouble {
        let now = archive.time()?;
        facts.push(Fact::new(Of::RegisterChanged, format!("{trouble}"), (now, now)).told(&trouble.to_string()));
    }
    facts.extend(told.facts);
    Ok(signs(facts, &handled(register)))
}

/// The facts that a breach was entered for, or that were looked into. A step that is not as it was written handles nothing: it could hide what it was put there for.
fn handled(register: &Contents) -> Signs {
    let sound = |name: &str, step: u64| register.trouble.iter().all(|t| t.number != name || t.step != step);
    let entered = register.breaches.iter().filter(|breach| sound(&breach.number.to_string(), 1));
    let entered = entered.flat_map(|breach| &breach.entered.signs);
    let dismissed = register.dismissed.iter().filter(|taken| sound(sluis_breach::register::SIGNS, taken.number));
    let dismissed = dismissed.filter_map(|taken| match &taken.step {
        sluis_breach::Step::Dismissed { signs, .. } => Some(signs),
        _ => None,
    });
    entered.chain(dismissed.flatten()).cloned().collect()
}

/// From when to when something was recorded.
fn span(entry: &Entry, longest: Duration) -> (Timestamp, Timestamp) {
    (entry.started, window::ended(entry, longest))
}

/// Puts facts of a kind together that nobody has handled.
fn signs(facts: Vec<Fact>, handled: &Signs) -> Vec<Sign> {
    let mut groups: BTreeMap<(Of, String), Sign> = BTreeMap::new();
    let mut counts: HashMap<(Of, String), usize> = HashMap::new();
    for fact in facts {
        let key = name(&[fact.of.as_str(), &fact.subject]);
        if handled.contains(&key) {
            continue;
        }
        let group = (fact.of, fact.group.clone());
        *counts.entry(group.clone()).or_default() += 1;
        let sign = groups.entry(group).or_insert_with(|| Sign {
            id: String::new(),
            sign: fact.of,
            what: fact.what.clone(),
            kinds: fact.of.kinds(),
            from: fact.from,
            to: fact.to,
            cameras: BTreeSet::new(),
            segments: BTreeSet::new(),
            facts: Signs::new(),
        });
        (sign.from, sign.to) = (sign.from.min(fact.from), sign.to.max(fact.to));
        sign.cameras.extend(fact.camera);
        sign.segments.extend(fact.segment);
        sign.facts.insert(key);
    }
    let mut signs: Vec<Sign> = groups
        .into_iter()
        .map(|(group, mut sign)| {
            let facts: Vec<&str> = sign.facts.iter().map(String::as_str).collect();
            sign.id = name(&facts);
            let count = counts.get(&group).copied().unwrap_or(0);
            if count > 1 {
                sign.what = format!("{} ({count} times)", sign.what);
            }
            sign
        })
        .collect();
    signs.sort_by(|one, other| (one.from, &one.id).cmp(&(other.from, &other.id)));
    signs
}

/// A short name of something.
fn name(parts: &[&str]) -> String {
    hex::encode(&digest(&SHA256, parts.join("\n").as_bytes()).as_ref()[..6])
}

/// What the ledger tells, and whether it is what was written.
fn ledger(archive: &Archive, longest: Duration, facts: &mut Vec<Fact>) -> Result<Told, Error> {
    // What is wrong with a ledger that takes no records is found below.
    archive.tell_ledger_soon();
    let (now, mut told) = (archive.time()?, Told::default());
    let of = |entry: Entry| (entry.segment.to_string(), (entry.camera.clone(), span(&entry, longest)));
    let recorded: Recorded = archive.list()?.into_iter().map(of).collect();
    let entries = match sluis_ledger::read(archive.ledger_folder()) {
        Ok(entries) => entries,
        Err(sluis_ledger::Error::NoLedger { .. }) => {
            let gone = Fact::new(Of::LedgerChanged, "there is no ledger".to_owned(), (now, now));
            facts.push(gone.told("there is no ledger, and this vault had one"));
            return Ok(told);
        }
        Err(error) => return Err(error.into()),
    };
    // What is wrong with a line is found below, with all else that is wrong.
    for entry in entries.map_while(Result::ok) {
        let (at, id) = (Timestamp::from_nanos(entry.at), entry.id.to_string());
        told.take(at, &id, &entry.what, &recorded);
    }
    // A cloud that is away keeps nobody from looking at what is here.
    let outside = archive.checkpoints_in_cloud().unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "the checkpoints in the cloud cannot be fetched");
        Vec::new()
    });
    let verified = sluis_ledger::verify(archive.ledger_folder(), &archive.ledger_public_key()?, &outside)?;
    for problem in verified.problems.iter().filter(|problem| !problem.is_torn()) {
        let subject = match problem {
            // It grows again: how long it is now tells nothing new.
            Problem::Shorter { checkpoint, .. } => format!("shorter than {checkpoint}"),
            other => other.to_string(),
        };
        facts.push(Fact::new(Of::LedgerChanged, subject, (now, now)).told(&problem.to_string()));
    }
    Ok(told)
}

/// Recordings that had their key for too long, or were lost too early.
fn recordings(archive: &Archive, longest: Duration, told: &Told, facts: &mut Vec<Fact>) -> Result<(), Error> {
    let now = archive.time()?;
    let destroyed: HashMap<_, _> = archive.receipts()?.into_iter().map(|r| (r.segment, r.key_destroyed)).collect();
    for entry in archive.list()? {
        let until = match (entry.state, destroyed.get(&entry.segment)) {
            (State::Writing | State::Sealed | State::Recovered, _) => Some(now),
            (State::Shredded | State::Destroyed, Some(at)) => Some(*at),
            _ => None,
        };
        // A hold that is released brings a deadline that may have been before that.
        let released = told.released.get(&entry.segment.to_string()).copied();
        let due = released.map_or(entry.deadline.time(), |at| at.max(entry.deadline.time()));
        let late = until.is_some_and(|until| until > due + GRACE);
        let span = span(&entry, longest);
        let fact = |of, what: &str| {
            Fact::new(of, entry.segment.to_string(), span)
                .of_segment(&entry.camera, window::name(entry.segment))
                .told(what)
        };
        if late {
            facts.push(fact(Of::KeptTooLong, "a recording could be read after its deadline"));
        }
        if entry.state == State::Lost {
            facts.push(fact(Of::Lost, "a recording was lost before its deadline"));
        }
    }
    Ok(())
}

/// Exports that lie where they were written, with their key, after their deadline. Training data and copies for people have deadlines of their own.
fn exports(archive: &Archive, facts: &mut Vec<Fact>) -> Result<(), Error> {
    let now = archive.time()?;
    for export in archive.exports(None)? {
        let entry = archive.entry(export.opening.segment)?;
        let ours = matches!(export.form, ExportForm::Sealed | ExportForm::Plain);
        let there = ours && Path::new(&export.destination).exists();
        if there && now > entry.deadline.time() + GRACE {
            let subject = format!("{} {}", entry.segment, export.destination);
            let what = format!("a copy that can be read lies at {} after its deadline", export.destination);
            let fact = Fact::new(Of::CopyTooLong, subject, (entry.started, entry.started + Duration::from_secs(1)));
            facts.push(fact.of_segment(&entry.camera, window::name(entry.segment)).told(&what));
        }
    }
    Ok(())
}

/// Components that were in force, and were taken back.
fn components(home: &Home, told: &Told, now: Timestamp, facts: &mut Vec<Fact>) -> Result<(), Error> {
    let manifest = home.manifest()?;
    for (name, standing) in home.standings()? {
        let masks = manifest.components.iter().any(|c| c.name == name && MASKS.contains(&c.world.as_str()));
        for refusal in standing.refused.iter().filter(|_| masks) {
            // What was only tried had no effect.
            let Some(since) = told.at_work.get(&(name.clone(), refusal.version.clone())) else { continue };
            let until = Timestamp::from_secs(i64::try_from(refusal.at).unwrap_or(i64::MAX)).min(now);
            let (version, why) = (&refusal.version, &refusal.why);
            let subject = format!("{name} {version} {}", refusal.at);
            let what = format!(
                "{name} {version} was in force and was taken back: {why}. What was recorded meanwhile may show faces"
            );
            facts.push(Fact::new(Of::ComponentTakenBack, subject, (*since, until)).alone().told(&what));
        }
    }
    Ok(())
}

/// Erasures of which copies are not reached.
fn erasures(archive: &Archive, config: &Config, facts: &mut Vec<Fact>) -> Result<(), Error> {
    if config.notice.is_none() {
        return Ok(());
    }
    let (desk, now) = (office::desk(config)?, archive.time()?);
    for listed in desk.list().map_err(crate::rights::Error::from)? {
        let request = match desk.show(listed.number) {
            Ok(request) => request,
            Err(sluis_rights::Error::Forgotten { .. }) => continue,
            Err(error) => return Err(crate::rights::Error::from(error).into()),
        };
        let Some(receipt) = request.receipt.filter(|receipt| now > receipt.as_of + ERASED) else { continue };
        for left in receipt.left() {
            let (segment, where_) = match left {
                Left::Vault(segment) => (segment, "the vault".to_owned()),
                Left::Cloud(segment, cloud) => (segment, cloud.place.clone()),
                Left::Export(segment, export) => (segment, export.destination.clone()),
            };
            let known = receipt.segments.iter().find(|known| known.segment == segment);
            let Some(known) = known else { continue };
            let number = request.number;
            let what = format!(
                "a copy that was erased for request {number} is not known to be gone from {where_}: `sluis rights receipt {number}`"
            );
            let span = (known.started, known.started + Duration::from_secs(1));
            let fact = Fact::new(Of::ErasureUnfinished, format!("{number} {segment} {where_}"), span);
            facts.push(fact.of_segment(&known.camera, segment).told(&what));
        }
    }
    Ok(())
}

// === impl Told ===

impl Told {
    fn take(&mut self, at: Timestamp, id: &str, what: &Value, recorded: &Recorded) {
        let text = |key: &str| what.get(key).and_then(Value::as_str).unwrap_or_default();
        let number = |key: &str| what.get(key).and_then(Value::as_u64).unwrap_or_default();
        let mut fact = |of, told: &str| self.facts.push(Fact::new(of, id.to_owned(), (at, at)).alone().told(told));
        match text("event") {
            "bytes-missing" => {
                let segment = text("segment");
                let what = "the bytes of a recording are missing";
                let fact = |span| Fact::new(Of::Lost, format!("bytes of {segment}"), span).told(what);
                // It is about the recording, whenever it was missed.
                self.facts.push(match (recorded.get(segment), segment.parse::<SegmentName>()) {
                    (Some((camera, span)), Ok(name)) => fact(*span).of_segment(camera, name),
                    _ => fact((at, at)),
                });
            }
            "ledger-cut" => {
                let (expected, found) = (number("expected"), number("found"));
                fact(
                    Of::LedgerChanged,
                    &format!("the end of the ledger was cut off: it had {found} of {expected} records"),
                );
            }
            "restored-from-copy" => fact(
                Of::PutBack,
                "the vault's folder was put back from a copy; what was destroyed since was destroyed again",
            ),
            "release-refused" => {
                let (grant, reason) = (text("grant"), text("reason"));
                let what = format!("somebody asked under grant {grant} and was refused: {reason}");
                self.facts.push(Fact {
                    group: grant.to_owned(),
                    ..Fact::new(Of::AccessRefused, id.to_owned(), (at, at)).told(&what)
                });
            }
            "hold-released" => {
                self.released.insert(text("segment").to_owned(), at);
            }
            "components" => {
                for component in what.get("components").and_then(Value::as_array).into_iter().flatten() {
                    let text = |key: &str| component.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                    self.at_work.entry((text("name"), text("version"))).or_insert(at);
                }
            }
            _ => {}
        }
    }
}

// === impl Fact ===

impl Fact {
    fn new(of: Of, subject: String, (from, to): (Timestamp, Timestamp)) -> Self {
        Self { of, subject, group: String::new(), what: String::new(), from, to, camera: None, segment: None }
    }

    fn told(self, what: &str) -> Self {
        Self { what: what.to_owned(), ..self }
    }

    /// Of a camera's recording: those of one camera are one sign.
    fn of_segment(self, camera: &CameraId, segment: SegmentName) -> Self {
        Self { group: camera.to_string(), camera: Some(camera.clone()), segment: Some(segment), ..self }
    }

    /// A sign of its own.
    fn alone(self) -> Self {
        Self { group: self.subject.clone(), ..self }
    }
}

// === impl Of ===

impl Of {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeptTooLong => "kept-too-long",
            Self::CopyTooLong => "copy-too-long",
            Self::Lost => "lost",
            Self::LedgerChanged => "ledger-changed",
            Self::PutBack => "put-back",
            Self::AccessRefused => "access-refused",
            Self::ComponentTakenBack => "component-taken-back",
            Self::ErasureUnfinished => "erasure-unfinished",
            Self::RegisterChanged => "register-changed",
        }
    }

    /// What of the data may be breached.
    fn kinds(self) -> BTreeSet<Kind> {
        let kinds: &[Kind] = match self {
            Self::KeptTooLong
            | Self::CopyTooLong
            | Self::AccessRefused
            | Self::ComponentTakenBack
            | Self::ErasureUnfinished => &[Kind::Confidentiality],
            Self::Lost => &[Kind::Availability],
            Self::LedgerChanged | Self::RegisterChanged => &[Kind::Integrity],
            Self::PutBack => &[Kind::Integrity, Kind::Availability],
        };
        kinds.iter().copied().collect()
    }

    /// Whether the time that it is about is the time of recordings.
    pub const fn is_of_recordings(self) -> bool {
        !matches!(self, Self::LedgerChanged | Self::PutBack | Self::AccessRefused | Self::RegisterChanged)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn lost(segment: u8, camera: &str) -> Fact {
        let name = SegmentName::from_bytes([segment; 16]);
        let span = (at(60 * i64::from(segment)), at(60 * i64::from(segment) + 60));
        let fact = Fact::new(Of::Lost, name.to_string(), span);
        fact.of_segment(&CameraId::new(camera).unwrap(), name).told("a recording was lost")
    }

    #[test]
    fn facts_of_one_camera_are_one_sign_and_its_name_stays() {
        let found = signs(vec![lost(2, "shelf"), lost(1, "shelf"), lost(3, "till")], &Signs::new());
        assert_eq!(found.len(), 2);
        let shelf = &found[0];
        assert_eq!((shelf.from, shelf.to, shelf.segments.len()), (at(60), at(180), 2));
        assert!(shelf.what.ends_with("(2 times)"), "{}", shelf.what);
        assert_eq!(signs(vec![lost(1, "shelf"), lost(2, "shelf")], &Signs::new())[0].id, shelf.id);
    }

    #[test]
    fn what_was_looked_into_does_not_come_back_and_what_is_new_does() {
        let facts = || vec![lost(1, "shelf"), lost(2, "shelf")];
        let handled = signs(facts(), &Signs::new()).remove(0).facts;
        assert!(signs(facts(), &handled).is_empty());
        let mut more = facts();
        more.push(lost(3, "shelf"));
        let found = signs(more, &handled);
        assert_eq!((found.len(), found[0].segments.len()), (1, 1));
    }

    #[test]
    fn a_step_that_was_slipped_in_hides_nothing() {
        let dismissed = |number| sluis_breach::Taken {
            number,
            who: "Petra".to_owned(),
            at: at(1),
            salt: "00".repeat(16),
            step: sluis_breach::Step::Dismissed {
                signs: [format!("fact {number}")].into(),
                told: "a sign".to_owned(),
                because: "it is none".to_owned(),
            },
        };
        let trouble = sluis_breach::register::Trouble {
            number: sluis_breach::register::SIGNS.to_owned(),
            step: 2,
            what: sluis_breach::register::Wrong::SlippedIn,
        };
        let contents =
            Contents { breaches: vec![], dismissed: vec![dismissed(1), dismissed(2)], trouble: vec![trouble] };
        assert_eq!(handled(&contents), Signs::from(["fact 1".to_owned()]));
    }

    #[test]
    fn the_ledger_tells_what_may_be_a_breach() {
        let (mut told, shelf) = (Told::default(), CameraId::new("shelf").unwrap());
        let segment = "00".repeat(16);
        let recorded = HashMap::from([(segment.clone(), (shelf.clone(), (at(-90), at(-30))))]);
        for (id, what) in [
            json!({ "event": "started", "version": "1" }),
            json!({ "event": "components", "components": [{ "name": "filter", "version": "2.0.0", "digest": null }] }),
            json!({ "event": "bytes-missing", "segment": segment }),
            json!({ "event": "ledger-cut", "expected": 9, "found": 7 }),
            json!({ "event": "restored-from-copy", "records": 2 }),
            json!({ "event": "release-refused", "grant": "ab", "reason": "it has ended" }),
            json!({ "event": "release-refused", "grant": "ab", "reason": "it has ended" }),
            json!({ "event": "hold-released", "segment": segment, "deadline": 1, "reason": "x" }),
        ]
        .iter()
        .enumerate()
        {
            told.take(at(id as i64), &id.to_string(), what, &recorded);
        }
        let found = signs(told.facts, &Signs::new());
        let of: Vec<Of> = found.iter().map(|sign| sign.sign).collect();
        assert_eq!(of, [Of::Lost, Of::LedgerChanged, Of::PutBack, Of::AccessRefused]);
        assert_eq!(found[0].cameras, BTreeSet::from([shelf]));
        assert_eq!((found[0].from, found[0].to), (at(-90), at(-30)), "of the recording, not of when it was missed");
        assert!(found[3].what.contains("(2 times)") && told.released[&segment] == at(7));
        assert_eq!(told.at_work[&("filter".to_owned(), "2.0.0".to_owned())], at(1));
    }
}
