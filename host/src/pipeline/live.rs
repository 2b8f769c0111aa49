//! What can be seen of a pipeline while it runs.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::account::{Decided, Progress, Seen, Station};
use super::intake::Intake;
use super::swap::{Order, Orders};

/// What can be seen of a pipeline from outside while it runs, and after.
#[derive(Debug)]
pub struct Live {
    intake: Arc<Intake>,
    front: Mutex<Seen>,
    back: Mutex<Decided>,
    posts: [Post; 2],
    orders: [Orders; 2],
}

/// Where a thread of the pipeline is.
#[derive(Debug)]
pub(super) struct Post {
    begun: Instant,
    /// The station, counted from 1; 0 is none.
    station: AtomicU8,
    /// Milliseconds from `begun` to when it came there.
    since: AtomicU64,
}

/// The two threads of a pipeline.
#[derive(Debug, Clone, Copy)]
#[repr(usize)]
pub(super) enum End {
    Front,
    Back,
}

// === impl Live ===

impl Live {
    pub(super) fn new(intake: Arc<Intake>) -> Self {
        let (posts, orders) = ([Post::new(), Post::new()], Default::default());
        Self { intake, front: Mutex::default(), back: Mutex::default(), posts, orders }
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        let front = *self.front.lock().unwrap_or_else(PoisonError::into_inner);
        let back = *self.back.lock().unwrap_or_else(PoisonError::into_inner);
        Progress { taken: self.intake.taken(), front, back }
    }

    /// Where its threads are at work, and since when. Waiting for the camera is no work.
    pub fn busy(&self) -> impl Iterator<Item = (Station, Duration)> {
        self.posts.iter().filter_map(Post::at)
    }

    /// Hands the pipeline something. It obeys between two frames.
    pub fn order(&self, order: Order) {
        if matches!(order, Order::EndTrial) {
            self.orders[End::Back as usize].give(Order::EndTrial);
        }
        let end = if order.is_for_the_front() { End::Front } else { End::Back };
        self.orders[end as usize].give(order);
    }

    /// What one of the threads has been handed since it last looked.
    pub(super) fn orders(&self, end: End) -> Vec<Order> {
        self.orders[end as usize].take()
    }

    pub(super) fn show_front(&self, seen: &Seen) {
        *self.front.lock().unwrap_or_else(PoisonError::into_inner) = *seen;
    }

    pub(super) fn show_back(&self, decided: &Decided) {
        *self.back.lock().unwrap_or_else(PoisonError::into_inner) = *decided;
    }

    pub(super) const fn post(&self, end: End) -> &Post {
        &self.posts[end as usize]
    }
}

// === impl Post ===

impl Post {
    fn new() -> Self {
        Self { begun: Instant::now(), station: AtomicU8::new(0), since: AtomicU64::new(0) }
    }

    /// The thread has come to a station.
    pub(super) fn come(&self, station: Station) {
        self.since.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        self.station.store(station as u8 + 1, Ordering::Release);
    }

    /// The thread waits.
    pub(super) fn leave(&self) {
        self.station.store(0, Ordering::Release);
    }

    fn at(&self) -> Option<(Station, Duration)> {
        let number = self.station.load(Ordering::Acquire);
        let station = *Station::ALL.get(usize::from(number).checked_sub(1)?)?;
        let since = Duration::from_millis(self.since.load(Ordering::Relaxed));
        Some((station, self.begun.elapsed().saturating_sub(since)))
    }
}
