//! What the vault can know of the time: the measure that it is held against.
//!
//! True time passes; a machine's clock can be wrong, and while it is off nobody counts. This is worked out here again, more simply, and never from what the vault says.

use sluis_frame::{Clock, Timestamp};
use sluis_vault::time::TOLERANCE;

use crate::world::World;

/// The least that the vault must know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// It is at least so late.
    pub(crate) least: Timestamp,
    /// When that was worked out, in true time, and in which start of the machine.
    at: Timestamp,
    boot: u64,
    /// Whether somebody has agreed with the clock since the machine started.
    confirmed: bool,
    /// The latest time that the clock showed since somebody last said that it is right. The vault may know it.
    pub(crate) shown: Timestamp,
    /// The same, as far as the vault must know it: a copy of its folder that is put back has not seen what came after it was made.
    pub(crate) remembered: Timestamp,
}

// === impl Known ===

impl Known {
    pub(crate) fn new(world: &World) -> Self {
        let now = world.truth();
        Self { least: now, at: now, boot: world.booted().0, confirmed: true, shown: now, remembered: now }
    }

    /// The vault has looked at its clock.
    pub(crate) fn look(&mut self, world: &World) {
        let (now, (boot, booted)) = (world.truth(), world.booted());
        self.least = self.least + if boot == self.boot { now.since(self.at) } else { now.since(booted) };
        self.confirmed &= boot == self.boot;
        (self.at, self.boot) = (now, boot);
        let clock = Clock::now(world);
        self.shown = self.shown.max(clock);
        self.remembered = self.remembered.max(clock);
        let right = world.clock_ahead().unsigned_abs() <= TOLERANCE.as_nanos() as u64;
        self.confirmed |= right && world.server();
        if right && (world.server() || self.confirmed && clock <= self.least + TOLERANCE) {
            // The clock may be some minutes ahead; the vault need not be.
            self.least = self.least.max(clock.min(now));
        }
    }

    /// The vault remembers no more than it did then. What its clock has shown since may be forgotten or not.
    pub(crate) fn go_back_to(&mut self, then: &Self) {
        *self = Self { shown: self.shown.max(then.shown), ..*then };
    }

    /// Somebody has said that the clock, which is right, is.
    pub(crate) fn trust(&mut self, world: &World) {
        self.look(world);
        self.least = self.least.max(world.truth());
        (self.shown, self.remembered) = (self.least, self.least);
        self.confirmed = true;
    }
}
