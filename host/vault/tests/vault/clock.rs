//! The clock is set, and the machine goes off and on.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sluis_frame::{Clock, Timestamp};
use sluis_segment::handover::{ToEye, ToKeep};
use sluis_vault::{SecondSource, SinceBoot, State, TimeCheck, Uptime, Vault, VaultSettings};

use crate::rig::{Hand, Rig, START, id, put, reason, root, state};

const HOUR: u64 = 3600;

/// A machine: its clock can be set, its uptime cannot.
#[derive(Debug)]
struct Machine {
    clock: AtomicI64,
    boot: AtomicU8,
    elapsed: AtomicI64,
    /// What somebody else says the time is.
    other: Mutex<Option<Timestamp>>,
    asked: AtomicBool,
}

impl Machine {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: AtomicI64::new(START.as_nanos()),
            boot: AtomicU8::new(1),
            elapsed: AtomicI64::new(1_000_000_000),
            other: Mutex::new(None),
            asked: AtomicBool::new(false),
        })
    }

    fn pass(&self, seconds: u64) {
        let nanos = i64::try_from(seconds).unwrap() * 1_000_000_000;
        self.clock.fetch_add(nanos, Ordering::SeqCst);
        self.elapsed.fetch_add(nanos, Ordering::SeqCst);
    }

    fn set_clock(&self, by: i64) {
        self.clock.fetch_add(by * 1_000_000_000, Ordering::SeqCst);
    }

    /// Off for so long, and on again.
    fn off(&self, seconds: u64) {
        self.pass(seconds);
        self.boot.fetch_add(1, Ordering::SeqCst);
        self.elapsed.store(0, Ordering::SeqCst);
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.clock.load(Ordering::SeqCst))
    }
}

impl Uptime for Machine {
    fn since_boot(&self) -> Option<SinceBoot> {
        let elapsed = u64::try_from(self.elapsed.load(Ordering::SeqCst)).unwrap();
        Some(SinceBoot { boot: [self.boot.load(Ordering::SeqCst); 16], elapsed: Duration::from_nanos(elapsed) })
    }
}

impl SecondSource for Machine {
    fn name(&self) -> &str {
        "another"
    }

    fn now(&self) -> Option<Timestamp> {
        self.asked.store(true, Ordering::SeqCst);
        *self.other.lock().unwrap()
    }
}

fn open(rig: &Rig, machine: &Arc<Machine>) -> Arc<Vault> {
    let sources: Vec<Arc<dyn SecondSource>> = vec![Arc::clone(machine) as Arc<dyn SecondSource>];
    let time = Some(TimeCheck { uptime: Arc::clone(machine) as Arc<dyn Uptime>, sources });
    let settings = VaultSettings { time, ..rig.settings() };
    let clock = Arc::clone(machine) as Arc<dyn Clock>;
    Arc::new(Vault::open(settings, clock, rig.store(), &root()).unwrap())
}

fn begin(vault: &Arc<Vault>, machine: &Machine) -> Result<(), String> {
    let hand = Hand::new(vault);
    let answer = hand.ask(ToKeep::Open { camera: id("shelf"), started: Clock::now(machine) });
    hand.end();
    match answer {
        ToEye::Opened { .. } => Ok(()),
        ToEye::Refused { reason } => Err(reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_clock_that_jumps_forward_destroys_nothing_and_records_nothing() {
    let (rig, machine) = (Rig::new(), Machine::new());
    let vault = open(&rig, &machine);
    let segment = put(&vault, b"x");
    machine.set_clock(40 * 24 * 3600);
    assert!(vault.sweep().unwrap().destroyed.is_empty(), "it was destroyed early");
    assert_eq!(state(&vault, segment), State::Sealed);
    let refused = begin(&vault, &machine).unwrap_err();
    assert!(refused.contains("trust-time"), "{refused}");
    assert!(!vault.archive().is_sure_of_time().unwrap());
    assert!(
        vault.open_segment(segment, &reason()).is_err(),
        "by the clock it is past its deadline, so nobody reads it"
    );
    // The clock is set right again: all goes on.
    machine.set_clock(-40 * 24 * 3600);
    begin(&vault, &machine).unwrap();
    // By its own time, and not a minute later, it goes.
    machine.pass(HOUR - 1);
    assert!(vault.sweep().unwrap().destroyed.is_empty());
    machine.pass(1);
    assert!(vault.sweep().unwrap().destroyed.contains(&segment));
}

#[test]
fn a_jump_that_another_clock_confirms_counts() {
    let (rig, machine) = (Rig::new(), Machine::new());
    let vault = open(&rig, &machine);
    let segment = put(&vault, b"x");
    machine.set_clock(2 * 3600);
    *machine.other.lock().unwrap() = Some(Clock::now(machine.as_ref()));
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
    begin(&vault, &machine).unwrap();
}

#[test]
fn a_clock_set_back_keeps_nothing_for_longer_than_time_goes() {
    let (rig, machine) = (Rig::new(), Machine::new());
    let vault = open(&rig, &machine);
    let segment = put(&vault, b"x");
    machine.set_clock(-30 * 60);
    machine.pass(HOUR - 1);
    assert!(vault.sweep().unwrap().destroyed.is_empty());
    machine.pass(1);
    assert_eq!(vault.sweep().unwrap().destroyed, [segment], "an hour has passed, whatever the clock says");
    assert!(!machine.asked.load(Ordering::SeqCst), "nobody needs to be asked");
}

#[test]
fn after_a_night_without_power_nothing_is_recorded_before_somebody_agrees() {
    let (rig, machine) = (Rig::new(), Machine::new());
    drop(open(&rig, &machine));
    machine.off(12 * HOUR);
    let vault = open(&rig, &machine);
    assert!(begin(&vault, &machine).is_err());
    *machine.other.lock().unwrap() = Some(Clock::now(machine.as_ref()));
    begin(&vault, &machine).unwrap();
}

#[test]
fn who_has_looked_at_another_clock_can_say_so() {
    let (rig, machine) = (Rig::new(), Machine::new());
    let vault = open(&rig, &machine);
    let segment = put(&vault, b"x");
    machine.set_clock(2 * 3600);
    assert!(begin(&vault, &machine).is_err());
    vault.archive().trust_time(machine.as_ref(), &reason()).unwrap();
    begin(&vault, &machine).unwrap();
    assert_eq!(vault.sweep().unwrap().destroyed, [segment]);
    let told = sluis_ledger_text(&rig);
    assert!(told.contains("clock-unsure") && told.contains("clock-confirmed") && told.contains("a test"), "{told}");
}

#[test]
fn a_restart_within_the_same_start_of_the_machine_counts_on() {
    let (rig, machine) = (Rig::new(), Machine::new());
    drop(open(&rig, &machine));
    machine.pass(3 * HOUR);
    begin(&open(&rig, &machine), &machine).unwrap();
    machine.set_clock(3600);
    assert!(begin(&open(&rig, &machine), &machine).is_err(), "a jump while nobody looked");
}

fn sluis_ledger_text(rig: &Rig) -> String {
    std::fs::read_to_string(rig.dir().join("ledger/ledger.jsonl")).unwrap()
}
