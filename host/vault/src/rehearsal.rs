//! Time for rehearsals.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sluis_frame::{Clock, Timestamp};

/// A clock that stands still until it is told otherwise. It can be set back, as operators do.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

// === impl ManualClock ===

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_nanos()))
    }

    /// Sets it, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_nanos(), Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::SeqCst))
    }
}
