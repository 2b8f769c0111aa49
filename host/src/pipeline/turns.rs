//! The processor, shared fairly among cameras.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Who may compute now: at most so many threads as the machine has processors, and when more want to, the camera that has computed least comes first.
///
/// A camera's share is measured in time, so one with large pictures does not take it from the others. (Start-time fair queueing: Goyal, Vin and Cheng, SIGCOMM
/// 1996.)
#[derive(Debug)]
pub struct Turns {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug)]
struct Queue {
    free: usize,
    /// Who waits: what their camera had used when they came, and a number.
    waiting: Vec<(Duration, u64)>,
    next: u64,
    /// What the camera that was let in last had used: who comes back after a rest starts from here.
    level: Duration,
}

/// One camera's share, for all of its threads.
#[derive(Debug, Clone, Default)]
pub struct Share(Arc<Mutex<Duration>>);

/// A turn; over when it is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    turns: &'a Turns,
    share: &'a Share,
    begun: Instant,
}

// === impl Turns ===

impl Turns {
    /// At most so many at once.
    pub const fn new(at_once: usize) -> Self {
        let queue = Queue { free: at_once, waiting: Vec::new(), next: 0, level: Duration::ZERO };
        Self { queue: Mutex::new(queue), changed: Condvar::new() }
    }

    /// As many at once as this machine has processors.
    pub fn of_this_machine() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// Waits for a turn.
    pub fn take<'a>(&'a self, share: &'a Share) -> Turn<'a> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let used = {
            let mut used = share.used();
            // Rest is not saved up.
            *used = (*used).max(queue.level);
            *used
        };
        let me = (used, queue.next);
        queue.next += 1;
        queue.waiting.push(me);
        while queue.free == 0 || queue.waiting.iter().min() != Some(&me) {
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.waiting.retain(|other| *other != me);
        queue.free -= 1;
        queue.level = queue.level.max(used);
        if queue.free > 0 && !queue.waiting.is_empty() {
            self.changed.notify_all();
        }
        Turn { turns: self, share, begun: Instant::now() }
    }
}

// === impl Share ===

impl Share {
    fn used(&self) -> std::sync::MutexGuard<'_, Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Turn ===

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.share.used() += self.begun.elapsed();
        self.turns.queue.lock().unwrap_or_else(PoisonError::into_inner).free += 1;
        self.turns.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn no_more_compute_at_once_than_there_is_room_for() {
        let (turns, at_once, most) = (Turns::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let share = Share::default();
                    for _ in 0..20 {
                        let _turn = turns.take(&share);
                        most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::yield_now();
                        at_once.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!((1..=2).contains(&most.into_inner()));
    }

    #[test]
    fn a_camera_with_heavy_frames_gets_no_more_time_than_one_with_light_ones() {
        let (turns, stop) = (Turns::new(1), AtomicBool::new(false));
        let shares = [Share::default(), Share::default()];
        thread::scope(|scope| {
            for (share, work) in shares.iter().zip([Duration::from_millis(8), Duration::from_millis(1)]) {
                let (turns, stop) = (&turns, &stop);
                // Two threads a camera, as in a pipeline: one of them always waits for its turn.
                for _ in 0..2 {
                    scope.spawn(move || {
                        while !stop.load(Ordering::SeqCst) {
                            let _turn = turns.take(share);
                            thread::sleep(work);
                        }
                    });
                }
            }
            let enough = || shares.iter().map(|share| *share.used()).sum::<Duration>() >= Duration::from_millis(600);
            while !enough() {
                thread::sleep(Duration::from_millis(5));
            }
            stop.store(true, Ordering::SeqCst);
        });
        let [heavy, light] = shares.map(|share| share.used().as_secs_f64());
        assert!((0.5..2.0).contains(&(heavy / light)), "{heavy} s against {light} s");
    }
}
