//! What a vault needs done again and again: deadlines, room, copies, partners, pauses, requests at the rights desk, holding everything against each other. On threads of its own, for disk and network take their time, and cameras
//! do not wait for them.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sluis_breach::term::{self, Reminder};
use sluis_breach::{BreachNumber, Register};
use sluis_frame::{Clock, SystemClock, Timestamp};
use sluis_rights::Desk;
use sluis_segment::SegmentId;
use sluis_vault::{Upload, Vault};

use super::pauses::Pauses;
use super::random;
use super::tally::Tally;
use crate::events::Event;

/// Tells what happens.
pub(super) type TellHouse = Arc<dyn Fn(Event) + Send + Sync>;

/// Tells what is paused.
pub(super) type TellPauses = Arc<dyn Fn(Pauses) + Send + Sync>;

/// The threads at work. They end when it is dropped, or soon after: an upload ends in the middle, and is gone on with at the next start.
#[derive(Debug)]
pub(super) struct Housekeeping {
    bell: Arc<Bell>,
    sweeper: Option<thread::JoinHandle<()>>,
}

/// What they are told.
pub(super) struct Orders {
    pub(super) vault: Arc<Vault>,
    pub(super) tally: Arc<Mutex<Tally>>,
    pub(super) tell: TellHouse,
    /// Told every second what is paused.
    pub(super) paused: TellPauses,
    /// What uploads may take of the line, in bytes a second; `None` without a cloud.
    pub(super) upload: Option<u64>,
    /// Where the ledger's latest checkpoint is kept.
    pub(super) checkpoint: Option<PathBuf>,
    /// The rights desk, where there is a notice: without one nobody knows whom to write to.
    pub(super) desk: Option<Desk>,
    /// The breach register, where there is a notice.
    pub(super) breaches: Option<Register>,
}

/// Rings when it is over.
#[derive(Debug, Default)]
struct Bell {
    over: Mutex<bool>,
    rung: Condvar,
}

/// Deadlines are looked at this often.
const SWEEP: Duration = Duration::from_secs(30);
/// Partners wait for an answer at most this long.
const ANSWER: Duration = Duration::from_secs(10);
/// What is paused is looked at this often.
const PAUSES: Duration = Duration::from_secs(1);
/// The ledger is signed this often, if anything has happened.
const CHECKPOINT: Duration = Duration::from_secs(3600);
/// Index, disk and cloud are held against each other this often.
const RECONCILE: Duration = Duration::from_secs(24 * 3600);
/// Requests that are over are forgotten this often.
const FORGET: Duration = Duration::from_secs(3600);
/// Clocks of breaches are looked at this often.
const BREACHES: Duration = Duration::from_secs(30);
/// What is due at the rights desk is told this often.
const REMIND: Duration = Duration::from_secs(24 * 3600);
/// How long it is waited when there is nothing to upload.
const IDLE: Duration = Duration::from_secs(5);
/// The longest wait after an upload that failed.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

// === impl Housekeeping ===

impl Housekeeping {
    pub(super) fn start(orders: Orders) -> io::Result<Self> {
        let bell = Arc::new(Bell::default());
        let orders = Arc::new(orders);
        let spawn = |name: &str, work: fn(&Orders, &Bell)| {
            let (orders, bell) = (Arc::clone(&orders), Arc::clone(&bell));
            thread::Builder::new().name(name.to_owned()).spawn(move || work(&orders, &bell))
        };
        if orders.upload.is_some() {
            spawn("upload", uploads)?;
            spawn("partners", partners)?;
        }
        spawn("pauses", pauses)?;
        if orders.desk.is_some() || orders.breaches.is_some() {
            spawn("rights", requests)?;
        }
        let sweeper = Some(spawn("sweep", sweeps)?);
        Ok(Self { bell, sweeper })
    }

    /// Ends it. What destroys is waited for, what uploads is not.
    pub(super) fn end(mut self) {
        self.bell.ring();
        if let Some(sweeper) = self.sweeper.take() {
            let _ = sweeper.join();
        }
    }
}

impl Drop for Housekeeping {
    fn drop(&mut self) {
        self.bell.ring();
    }
}

// === impl Bell ===

impl Bell {
    fn ring(&self) {
        *self.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.rung.notify_all();
    }

    /// Waits; says whether it goes on.
    fn wait(&self, time: Duration) -> bool {
        let over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.rung.wait_timeout_while(over, time, |over| !*over);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn is_rung(&self) -> bool {
        *self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Deadlines, room, the clock, and once a day everything.
fn sweeps(orders: &Orders, bell: &Bell) {
    let Orders { vault, tally, tell, checkpoint, .. } = orders;
    let (mut signed, mut reconciled, mut was_sure) = (None::<Instant>, Instant::now(), true);
    let mut away = vault.start().reconciled.cloud_unreachable.is_some();
    loop {
        match vault.sweep() {
            Ok(swept) if swept.destroyed.is_empty() => {}
            Ok(swept) => tell(Event::Swept { segments: swept.destroyed.len() as u64, bytes: swept.bytes }),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the vault could not be swept");
                tell(Event::SweepFailed);
            }
        }
        match vault.make_room() {
            Ok(0) => {}
            Ok(segments) => tell(Event::MadeRoom { segments }),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "no room could be made"),
        }
        let sure = vault.archive().is_sure_of_time().unwrap_or(false);
        if sure != std::mem::replace(&mut was_sure, sure) {
            tell(if sure { Event::ClockSure } else { Event::ClockUnsure });
        }
        let backlog = vault.backlog().ok().flatten();
        {
            let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
            (tally.clock_unsure, tally.backlog) = (!sure, backlog);
        }
        if signed.is_none_or(|at| at.elapsed() >= CHECKPOINT) {
            signed = Some(Instant::now());
            if let Err(error) = vault.archive().keep_checkpoint(checkpoint.as_deref()) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the ledger's checkpoint could not be kept outside"
                );
            }
        }
        // A cloud that could not be asked is asked again soon: it may know of segments that are gone.
        if away || reconciled.elapsed() >= RECONCILE {
            reconciled = Instant::now();
            match vault.reconcile() {
                Ok(found) => {
                    away = found.cloud_unreachable.is_some();
                    tell_reconciled(&found, tell);
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "index and disk could not be held against each other"
                    );
                }
            }
        }
        if !bell.wait(SWEEP) {
            break;
        }
    }
    if let Err(error) = vault.archive().keep_checkpoint(checkpoint.as_deref()) {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the ledger's last checkpoint could not be kept outside"
        );
    }
}

/// What did not agree, if anything did not.
pub(super) fn tell_reconciled(found: &sluis_vault::Reconciled, tell: &TellHouse) {
    let (orphans, missing) = (found.orphans as u64, found.missing.len() as u64);
    if orphans + missing > 0 {
        tell(Event::Reconciled { orphans, missing });
    }
    if found.restored > 0 || !found.buried_again.is_empty() {
        tell(Event::RestoredFromCopy { records: found.restored });
    }
}

/// One segment after the other, what must be gone first first. What failed waits longer each time, and does not hold up the rest.
fn uploads(orders: &Orders, bell: &Bell) {
    let Orders { vault, tell, upload, .. } = orders;
    let rate = upload.unwrap_or(u64::MAX);
    let mut failed: Vec<SegmentId> = Vec::new();
    let mut wait = IDLE;
    let mut told = false;
    while !bell.is_rung() {
        let mut line = Line { rate, free_at: Instant::now() };
        let mut pace = |bytes: usize| line.spare(bytes, bell);
        let pause = match vault.upload_next(&failed, &mut pace) {
            Ok(Upload::Done { .. } | Upload::Gone { .. }) => {
                wait = IDLE;
                told = false;
                continue;
            }
            Ok(_) if failed.is_empty() => IDLE,
            // All that is left has failed: again, after a while.
            Ok(_) => {
                failed.clear();
                wait = (wait * 2).min(LONGEST_WAIT);
                wait.mul_f64(0.5 + random() / 2.0)
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an upload failed; it is gone on with later");
                if !std::mem::replace(&mut told, true) {
                    tell(Event::UploadFailed);
                }
                if let sluis_vault::Error::Upload { segment, .. } = error {
                    failed.push(segment);
                }
                // A cloud that is away fails for all: a few tries are enough to know.
                if failed.len() >= 3 { LONGEST_WAIT.min(wait) } else { Duration::from_millis(100) }
            }
        };
        if !bell.wait(pause) {
            break;
        }
    }
}

/// What is paused. What cannot be read is not known, and then nobody may see anything.
fn pauses(orders: &Orders, bell: &Bell) {
    let Orders { vault, paused, .. } = orders;
    let mut failed = false;
    loop {
        let read = vault.archive().pauses();
        if let Err(error) = &read
            && !std::mem::replace(&mut failed, true)
        {
            tracing::error!(error = error as &dyn std::error::Error, "what is paused cannot be read");
        }
        failed &= read.is_err();
        paused(read.map(Pauses::from).unwrap_or_default());
        if !bell.wait(PAUSES) {
            break;
        }
    }
}

/// What the law puts a date on: requests, and breaches.
fn requests(orders: &Orders, bell: &Bell) {
    let Orders { desk, breaches, tell, .. } = orders;
    let (mut swept, mut told, mut reminded) = (None::<Instant>, None::<Instant>, BTreeMap::new());
    loop {
        let now = SystemClock.now();
        if let Some(register) = breaches {
            clocks(register, &mut reminded, now, tell);
        }
        if let Some(desk) = desk
            && swept.is_none_or(|at| at.elapsed() >= FORGET)
        {
            swept = Some(Instant::now());
            sweep_desk(desk, &mut told, now, tell);
        }
        if !bell.wait(BREACHES) {
            break;
        }
    }
}

/// Tells which breaches run out of time. Each reminder is told once, and again after a restart.
fn clocks(register: &Register, reminded: &mut BTreeMap<BreachNumber, Reminder>, now: Timestamp, tell: &TellHouse) {
    // What was changed is for whoever looks: the clock of a breach does not wait for the ledger.
    let contents = match register.read(None) {
        Ok(contents) => contents,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the breach register cannot be read");
            return;
        }
    };
    for trouble in contents.trouble.iter().filter(|trouble| trouble.step == 1) {
        tracing::error!(%trouble, "the 72 hours of a breach cannot be counted: `sluis breach ls`");
    }
    for breach in contents.breaches.iter().filter(|breach| breach.runs()) {
        let reminder = term::reminder(breach.entered.aware, now);
        if reminded.insert(breach.number, reminder) != Some(reminder) {
            let hours_left = term::hours_left(breach.entered.aware, now);
            let assessed = breach.assessment.is_some();
            tell(Event::BreachDue { breach: breach.number.to_string(), hours_left, assessed });
        }
    }
}

/// Forgets requests whose time is over, and tells what is due.
fn sweep_desk(desk: &Desk, told: &mut Option<Instant>, now: Timestamp, tell: &TellHouse) {
    match desk.sweep(now) {
        Ok(swept) if swept.forgotten.is_empty() => {}
        Ok(swept) => tell(Event::RequestsForgotten { requests: swept.forgotten.len() as u64 }),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the rights desk could not be swept");
        }
    }
    if told.is_none_or(|at| at.elapsed() >= REMIND) {
        *told = Some(Instant::now());
        let due = desk.reminders(now).and_then(|due| Ok((due, desk.copies()?)));
        match due {
            Ok((due, copies)) => {
                for reminder in due {
                    tell(Event::RequestDue { request: reminder.number.to_string(), days_left: reminder.days_left });
                }
                let copies = copies.iter().filter(|copy| copy.delete_by <= now).count() as u64;
                if copies > 0 {
                    tell(Event::CopiesDue { copies });
                }
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "what is due at the rights desk cannot be read"
                );
            }
        }
    }
}

/// What partners ask for.
fn partners(orders: &Orders, bell: &Bell) {
    let Orders { vault, tell, .. } = orders;
    let mut away = false;
    while bell.wait(ANSWER) {
        match vault.answer_partners() {
            Ok(answered) => {
                away = false;
                if answered.released > 0 {
                    tell(Event::PartnersOpened { segments: answered.released });
                }
                if answered.refused > 0 {
                    tell(Event::PartnersRefused { requests: answered.refused });
                }
            }
            Err(error) if !std::mem::replace(&mut away, true) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "partners cannot be answered; the next look tries again"
                );
            }
            Err(_) => {}
        }
    }
}

/// A line of which uploads take their share only.
struct Line {
    /// Bytes a second.
    rate: u64,
    free_at: Instant,
}

// === impl Line ===

impl Line {
    /// Waits until so many bytes may go; says whether it goes on.
    fn spare(&mut self, bytes: usize, bell: &Bell) -> bool {
        let now = Instant::now();
        let wait = self.free_at.saturating_duration_since(now);
        self.free_at = self.free_at.max(now) + Duration::from_secs_f64(bytes as f64 / self.rate.max(1) as f64);
        if wait.is_zero() { !bell.is_rung() } else { bell.wait(wait) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;
    use sluis_breach::register::BookError;
    use sluis_breach::{Affected, Book, By, Entered, Kind, Risk, Step, Written};
    use sluis_notice::{Language, facts};
    use sluis_rights::Calendar;

    use super::*;

    /// A ledger that nobody reads.
    struct Nowhere;

    impl Book for Nowhere {
        fn write(&self, _: &Written) -> Result<(), BookError> {
            Ok(())
        }

        fn read(&self) -> Result<Vec<Written>, BookError> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn a_breach_is_told_at_once_twice_before_its_end_and_when_it_is_late_until_nothing_runs() {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::at(folder.path().join("vault.breaches"));
        let hour = |hours: u64| Timestamp::from_secs(1_782_000_000) + Duration::from_secs(3600 * hours);
        let by = By { who: "Petra", at: hour(0) };
        let entered = Entered {
            aware: hour(0),
            kinds: BTreeSet::from([Kind::Confidentiality]),
            happened: "A stick was lost.".to_owned(),
            faces: false,
            window: None,
            cameras: BTreeSet::new(),
            segments: BTreeSet::new(),
            signs: BTreeSet::new(),
            language: Language::Nl,
            facts: facts::sample(),
            affected: Affected { as_of: hour(0), segments: Vec::new() },
        };
        let number = register.enter(&Nowhere, entered, &Calendar::new(TimeZone::UTC, []), by).unwrap().number;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        let tell: TellHouse = Arc::new(move |event| hears.lock().unwrap().push(event));
        let mut reminded = BTreeMap::new();
        for hours in 0..=100 {
            clocks(&register, &mut reminded, hour(hours), &tell);
        }
        let told = |event: &Event| match event {
            Event::BreachDue { hours_left, assessed: false, .. } => *hours_left,
            other => panic!("{other:?}"),
        };
        assert_eq!(heard.lock().unwrap().drain(..).map(|event| told(&event)).collect::<Vec<_>>(), [72, 24, 6, -1, -24]);
        let step = Step::Assessed { risk: Risk::None, because: "It was empty.".to_owned(), exempt: None };
        register.take(&Nowhere, number, step, by).unwrap();
        clocks(&register, &mut BTreeMap::new(), hour(101), &tell);
        assert!(heard.lock().unwrap().is_empty());
    }

    #[test]
    fn a_line_gives_no_more_than_its_rate() {
        let bell = Bell::default();
        let mut line = Line { rate: 1_000_000, free_at: Instant::now() };
        let begun = Instant::now();
        for _ in 0..5 {
            assert!(line.spare(20_000, &bell));
        }
        // The fifth may go when the first four, 80 ms of the line, have gone.
        assert!(begun.elapsed() >= Duration::from_millis(80));
        bell.ring();
        assert!(!line.spare(1, &bell), "it is over");
    }
}
