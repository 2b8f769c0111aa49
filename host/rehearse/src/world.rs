//! The universe of a rehearsal: true time, and what a machine in it is told.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sluis_frame::{Clock, Timestamp};
use sluis_vault::{Free, SecondSource, SinceBoot, Uptime};

/// True time, the machine's clock and uptime, a time server, and the room on the disk. Time stands still until it is told to pass.
#[derive(Debug)]
pub(crate) struct World(Mutex<State>);

/// What a universe is like at one moment.
#[derive(Debug, Clone, Copy)]
struct State {
    now: Timestamp,
    /// How far the machine's clock is from true time, in nanoseconds.
    ahead: i64,
    boot: u64,
    booted: Timestamp,
    server: bool,
    full: bool,
}

/// Free bytes on an empty enough disk, and on one that is full.
const ROOM: u64 = 100 << 30;
const NO_ROOM: u64 = 1 << 20;

// === impl World ===

impl World {
    /// A machine that was started at `now`, whose clock is right.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(Mutex::new(State { now, ahead: 0, boot: 1, booted: now, server: true, full: false }))
    }

    /// True time.
    pub(crate) fn truth(&self) -> Timestamp {
        self.state().now
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        let mut state = self.state();
        state.now = state.now + time;
    }

    /// Sets the machine's clock so many nanoseconds ahead of true time.
    pub(crate) fn set_clock_ahead(&self, ahead: i64) {
        self.state().ahead = ahead;
    }

    /// How far the machine's clock is ahead of true time, in nanoseconds.
    pub(crate) fn clock_ahead(&self) -> i64 {
        self.state().ahead
    }

    /// The machine was without power, and starts now.
    pub(crate) fn boot(&self) {
        let mut state = self.state();
        state.boot += 1;
        state.booted = state.now;
    }

    /// Which start of the machine this is, and when it was.
    pub(crate) fn booted(&self) -> (u64, Timestamp) {
        let state = self.state();
        (state.boot, state.booted)
    }

    /// Whether the time server answers.
    pub(crate) fn set_server(&self, answers: bool) {
        self.state().server = answers;
    }

    pub(crate) fn server(&self) -> bool {
        self.state().server
    }

    /// Whether the disk is full.
    pub(crate) fn set_full(&self, full: bool) {
        self.state().full = full;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.state().full
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        let state = self.state();
        Timestamp::from_nanos(state.now.as_nanos() + state.ahead)
    }
}

impl Uptime for World {
    fn since_boot(&self) -> Option<SinceBoot> {
        let state = self.state();
        let mut boot = [0; 16];
        boot[..8].copy_from_slice(&state.boot.to_le_bytes());
        Some(SinceBoot { boot, elapsed: state.now.since(state.booted) })
    }
}

impl SecondSource for World {
    fn name(&self) -> &str {
        "a rehearsed time server"
    }

    fn now(&self) -> Option<Timestamp> {
        let state = self.state();
        state.server.then_some(state.now)
    }
}

impl Free for World {
    fn free(&self) -> io::Result<u64> {
        Ok(if self.state().full { NO_ROOM } else { ROOM })
    }
}
