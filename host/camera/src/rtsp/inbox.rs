//! Coded pictures on their way from the connection to whoever asks for frames.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sluis_frame::Timestamp;

use crate::driver::Rate;
use crate::error::Error;
use crate::h264::Format;

/// One coded picture (an access unit of H.264) as it arrived.
#[derive(Debug)]
pub(super) struct Unit {
    /// In the form that decoders take; a key picture begins with its parameter sets.
    pub(super) data: Vec<u8>,
    /// It can be decoded without any other, and so can all that follows (an IDR picture).
    pub(super) key: bool,
    /// Something before it is missing.
    pub(super) gap: bool,
    /// How it is coded.
    pub(super) format: Arc<Format>,
    /// When it was taken, in nanoseconds by the camera's clock.
    pub(super) device: i64,
    /// When it arrived, by the steady clock, since the camera was opened.
    pub(super) steady: Duration,
    /// When it arrived, by our clock.
    pub(super) clock: Timestamp,
}

/// A bounded queue of coded pictures. Whoever puts one in never waits.
///
/// A coded picture builds on those before it, so no single one can be left out. When nobody takes any until the queue is full, the oldest are dropped up to the next
/// key picture, where decoding can go on; without one, all are, and what comes is dropped until one comes. So what is taken next is as recent as it can be.
#[derive(Debug)]
pub(super) struct Inbox {
    bounds: Bounds,
    state: Mutex<State>,
    changed: Condvar,
}

/// The most that waits to be taken.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    units: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct State {
    units: VecDeque<Unit>,
    bytes: usize,
    /// Everything is dropped until a key picture comes.
    skipping: bool,
    /// Pictures that were dropped.
    dropped: u64,
    rate: Option<Rate>,
    ended: bool,
    error: Option<Error>,
}

/// What came out of the queue in time.
#[derive(Debug)]
pub(super) enum Taken {
    Unit(Unit),
    Nothing,
    /// There is no more, because of this, unless it was said before.
    Ended(Option<Error>),
}

// === impl Inbox ===

impl Inbox {
    /// Puts in a picture. Gives how many had to be dropped for it, itself included.
    pub(super) fn put(&self, unit: Unit) -> u64 {
        let mut state = self.state();
        let before = state.dropped;
        state.put(unit, self.bounds);
        let dropped = state.dropped - before;
        drop(state);
        self.changed.notify_all();
        dropped
    }

    /// Says how many pictures come in a second.
    pub(super) fn set_rate(&self, rate: Rate) {
        self.state().rate = Some(rate);
        self.changed.notify_all();
    }

    /// There will be no more, because of `error`. Only the first reason counts.
    pub(super) fn end(&self, error: Error) {
        let mut state = self.state();
        if !state.ended {
            state.ended = true;
            state.error = Some(error);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// The oldest picture; waits for it, but not beyond `until`.
    pub(super) fn take(&self, until: Instant) -> Taken {
        let mut state = self.wait(until, |state| !state.units.is_empty() || state.ended);
        match state.units.pop_front() {
            Some(unit) => {
                state.bytes -= unit.data.len();
                Taken::Unit(unit)
            }
            None if state.ended => Taken::Ended(state.error.take()),
            None => Taken::Nothing,
        }
    }

    /// How many pictures come in a second; waits until it is known, but not beyond `until`.
    pub(super) fn rate(&self, until: Instant) -> Option<Rate> {
        self.wait(until, |state| state.rate.is_some() || state.ended).rate
    }

    fn wait(&self, until: Instant, ready: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let mut state = self.state();
        while !ready(&state) {
            let patience = until.saturating_duration_since(Instant::now());
            if patience.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing can fail half-way while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self { bounds: Bounds::default(), state: Mutex::default(), changed: Condvar::new() }
    }
}

// === impl Bounds ===

impl Default for Bounds {
    /// 10 s of 50 pictures a second, or of 25 Mbit/s, which is what the best 4K cameras send.
    fn default() -> Self {
        Self { units: 500, bytes: 32 << 20 }
    }
}

// === impl State ===

impl State {
    fn put(&mut self, mut unit: Unit, most: Bounds) {
        while self.units.len() >= most.units || self.bytes + unit.data.len() > most.bytes {
            if !self.drop_oldest() {
                break;
            }
            while self.units.front().is_some_and(|unit| !unit.key) {
                self.drop_oldest();
            }
            match self.units.front_mut() {
                Some(next) => next.gap = true,
                None => self.skipping = true,
            }
        }
        if self.skipping {
            if !unit.key {
                self.dropped += 1;
                return;
            }
            self.skipping = false;
            unit.gap = true;
        }
        self.bytes += unit.data.len();
        self.units.push_back(unit);
    }

    /// `false` when there was none.
    fn drop_oldest(&mut self) -> bool {
        let Some(oldest) = self.units.pop_front() else { return false };
        self.bytes -= oldest.data.len();
        self.dropped += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sluis_frame::Size;

    use super::*;
    use crate::colour::Colour;

    fn unit(number: i64, key: bool, bytes: usize) -> Unit {
        let format = Format { size: Size::new(16, 16), colour: Colour::UNSAID, rate: None, parameters: Vec::new() };
        Unit {
            data: vec![0; bytes],
            key,
            gap: false,
            format: Arc::new(format),
            device: number,
            steady: Duration::ZERO,
            clock: Timestamp::from_secs(0),
        }
    }

    /// A box for 60 pictures, and 1000 bytes.
    fn small() -> Inbox {
        Inbox { bounds: Bounds { units: 60, bytes: 1000 }, ..Inbox::default() }
    }

    fn take(inbox: &Inbox) -> Option<Unit> {
        match inbox.take(Instant::now()) {
            Taken::Unit(unit) => Some(unit),
            _ => None,
        }
    }

    #[test]
    fn when_nobody_takes_pictures_the_oldest_go_up_to_a_key_picture() {
        let inbox = small();
        let dropped: u64 = (0..=60).map(|number| inbox.put(unit(number, number % 30 == 0, 10))).sum();
        assert_eq!(dropped, 30);
        let first = take(&inbox).unwrap();
        assert!(first.key && first.gap && first.device == 30, "{first:?}");
        assert!(!take(&inbox).unwrap().gap);
    }

    #[test]
    fn without_a_key_picture_all_go_until_one_comes() {
        let inbox = small();
        for number in 0..=60 {
            inbox.put(unit(number, number == 0, 10));
        }
        assert!(take(&inbox).is_none());
        assert_eq!(inbox.put(unit(998, false, 10)), 1);
        assert_eq!(inbox.put(unit(999, true, 10)), 0);
        let next = take(&inbox).unwrap();
        assert!(next.key && next.gap && next.device == 999, "{next:?}");
    }

    #[test]
    fn the_end_comes_after_what_came_before_it_and_says_why_once() {
        let inbox = Inbox::default();
        inbox.put(unit(0, true, 10));
        let at: crate::rtsp::Address = "rtsp://camera/".parse().unwrap();
        inbox.end(Error::Lost { at: at.clone(), reason: "first".to_owned() });
        inbox.end(Error::Lost { at, reason: "second".to_owned() });
        assert!(take(&inbox).is_some());
        let Taken::Ended(Some(error)) = inbox.take(Instant::now()) else { panic!("no reason") };
        assert!(error.to_string().contains("first"), "{error}");
        assert!(matches!(inbox.take(Instant::now() + Duration::from_secs(60)), Taken::Ended(None)));
    }

    proptest! {
        #[test]
        fn it_is_bounded_and_never_begins_in_the_middle(
            units in prop::collection::vec((prop::bool::weighted(0.05), 1usize..100, prop::bool::weighted(0.1)), 1..300),
        ) {
            let inbox = small();
            let (mut put, mut taken, mut dropped) = (0, 0, 0);
            let mut before = -1;
            for (number, (key, bytes, takes)) in units.into_iter().enumerate() {
                put += 1;
                dropped += inbox.put(unit(number as i64, key || number == 0, bytes));
                prop_assert!(inbox.state().units.len() <= 60 && inbox.state().bytes <= 1000);
                if takes && let Some(unit) = take(&inbox) {
                    taken += 1;
                    prop_assert!(unit.device == before + 1 || unit.key && unit.gap, "{unit:?} after {before}");
                    before = unit.device;
                }
            }
            prop_assert_eq!(put, taken + dropped + inbox.state().units.len() as u64);
        }
    }
}
