//! The clock of a device, in terms of ours.

use std::collections::VecDeque;

use sluis_frame::Timestamp;

/// How long the shortest way of a frame to us is remembered, in nanoseconds. Long enough that some frame has come without delay, and short enough that drift
/// within it does not count: clocks of cameras are off by up to 100 parts in a million, which is 1 ms in 10 s.
const WINDOW: i64 = 10_000_000_000;

/// The window is kept as the minima of this many parts, so that memory is bounded whatever the rate.
const PARTS: i64 = 10;

/// A frame that seems to have been under way for longer than this was not: our clock was set forward. No driver holds frames back so long.
const JUMP: i64 = WINDOW;

/// Maps what a device says of when a frame was taken to the time of our [`Clock`](sluis_frame::Clock).
///
/// A frame arrives some time after it was taken: never earlier, often later, as the system is busy. So the *smallest* difference of arrival and device time, over
/// the last 10 s, is what lies between the two clocks (the filter of minima that NTP uses for the same reason: RFC 5905, section 10). As the window moves on, it
/// follows the drift of the device's clock. What remains in it is the shortest way from the sensor to us, a constant of some milliseconds.
///
/// It starts anew when the device's clock goes back (the device was reset), or when our clock was set forward by more than 10 s; a smaller step forward is
/// followed within 10 s, and a step back at once. The times that it gives never run backwards: after our clock was set back, they go on at half speed until the
/// clock has caught up, as `adjtime(3)` slews a clock.
#[derive(Debug, Default)]
pub(crate) struct DeviceClock {
    /// The smallest difference of arrival and device time in each part of the window, oldest first, in nanoseconds.
    minima: VecDeque<Minimum>,
    /// Device time of the last frame, in nanoseconds.
    device: Option<i64>,
    /// What was given for the last frame.
    given: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
struct Minimum {
    /// Which part of the window: device time divided by its length.
    part: i64,
    difference: i64,
}

// === impl DeviceClock ===

impl DeviceClock {
    /// When a frame was taken, by our clock. `device` is when the device says that it was taken, in milliseconds of its own clock; `arrival` is when the frame
    /// came, by ours. A device time that is no number counts as the time of arrival.
    pub(crate) fn taken(&mut self, device: f64, arrival: Timestamp) -> Timestamp {
        let before = self.given;
        let mapped = if device.is_finite() { self.map(nanos(device), arrival) } else { (arrival, 0) };
        let (taken, elapsed) = mapped;
        let given = match before {
            Some(before) if taken < before => Timestamp::from_nanos(before.as_nanos().saturating_add(elapsed / 2)),
            _ => taken,
        };
        self.given = Some(given);
        given
    }

    /// The time of a frame by our clock, and the device's time since the frame before.
    fn map(&mut self, device: i64, arrival: Timestamp) -> (Timestamp, i64) {
        let difference = arrival.as_nanos().saturating_sub(device);
        let elapsed = self.device.map_or(0, |last| device.saturating_sub(last));
        let jumped = self.smallest().is_some_and(|smallest| difference.saturating_sub(smallest) > JUMP);
        if elapsed < 0 || jumped {
            self.minima.clear();
        }
        self.device = Some(device);
        let part = device.div_euclid(WINDOW / PARTS);
        self.minima.retain(|minimum| part.saturating_sub(minimum.part) < PARTS);
        match self.minima.back_mut() {
            Some(last) if last.part == part => last.difference = last.difference.min(difference),
            _ => self.minima.push_back(Minimum { part, difference }),
        }
        let smallest = self.smallest().unwrap_or(difference);
        (Timestamp::from_nanos(device.saturating_add(smallest)), elapsed.max(0))
    }

    fn smallest(&self) -> Option<i64> {
        self.minima.iter().map(|minimum| minimum.difference).min()
    }
}

/// Saturates, far outside of what any clock says.
fn nanos(millis: f64) -> i64 {
    (millis * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_800_000_000_000;
    /// What the device's clock says at START, in milliseconds.
    const DEVICE: f64 = 5000.0;

    fn at(millis: f64) -> Timestamp {
        Timestamp::from_nanos(START * 1_000_000 + (millis * 1e6) as i64)
    }

    /// Milliseconds since START.
    fn millis(time: Timestamp) -> f64 {
        (time.as_nanos() - START * 1_000_000) as f64 / 1e6
    }

    #[test]
    fn late_arrivals_do_not_move_a_frame() {
        let mut clock = DeviceClock::default();
        for frame in 0..300 {
            let taken = f64::from(frame) * 33.0;
            // Every third frame comes with the shortest delay, 4 ms.
            let delay = [4.0, 9.5, 31.0][frame as usize % 3];
            let given = millis(clock.taken(DEVICE + taken, at(taken + delay)));
            assert!((given - (taken + 4.0)).abs() < 1e-3, "frame {frame}: {given} instead of {}", taken + 4.0);
        }
    }

    #[test]
    fn drift_is_followed() {
        let mut clock = DeviceClock::default();
        // The device's clock runs fast, and then slow, by 100 parts in a million: 60 ms in 10 minutes.
        for drift in [1.0001, 0.9999] {
            let mut clock_of_device = DEVICE;
            for frame in 0..18_000 {
                let now = f64::from(frame) * 33.0;
                let given = millis(clock.taken(clock_of_device, at(now)));
                assert!((given - now).abs() < 1.1, "frame {frame} of drift {drift}: {given} instead of {now}");
                clock_of_device += 33.0 * drift;
            }
            clock = DeviceClock::default();
        }
    }

    #[test]
    fn a_device_that_was_reset_starts_anew() {
        let mut clock = DeviceClock::default();
        clock.taken(900_000.0, at(0.0));
        clock.taken(900_033.0, at(33.0));
        assert_eq!(millis(clock.taken(10.0, at(2000.0))), 2000.0);
        assert_eq!(millis(clock.taken(43.0, at(2040.0))), 2033.0);
    }

    #[test]
    fn our_clock_set_forward_is_followed_at_once() {
        let mut clock = DeviceClock::default();
        clock.taken(DEVICE, at(0.0));
        let hour = 3_600_000.0;
        assert_eq!(millis(clock.taken(DEVICE + 33.0, at(hour + 33.0))), hour + 33.0);
    }

    #[test]
    fn a_small_step_forward_is_followed_within_the_window() {
        let mut clock = DeviceClock::default();
        clock.taken(DEVICE, at(0.0));
        let mut given = 0.0;
        for frame in 1..400 {
            let now = f64::from(frame) * 33.0;
            given = millis(clock.taken(DEVICE + now, at(now + 500.0))) - now;
        }
        assert_eq!(given, 500.0);
    }

    #[test]
    fn after_our_clock_was_set_back_time_goes_on_at_half_speed_until_it_is_caught_up() {
        let mut clock = DeviceClock::default();
        clock.taken(DEVICE, at(1000.0));
        assert_eq!(millis(clock.taken(DEVICE + 100.0, at(100.0))), 1050.0);
        assert_eq!(millis(clock.taken(DEVICE + 200.0, at(200.0))), 1100.0);
        assert_eq!(millis(clock.taken(DEVICE + 2200.0, at(2200.0))), 2200.0);
    }

    #[test]
    fn a_device_without_a_time_is_given_the_time_of_arrival() {
        let mut clock = DeviceClock::default();
        assert_eq!(millis(clock.taken(f64::NAN, at(7.0))), 7.0);
        assert_eq!(millis(clock.taken(f64::INFINITY, at(8.0))), 8.0);
    }

    proptest! {
        #[test]
        fn time_never_runs_backwards_and_memory_is_bounded(
            frames in prop::collection::vec((prop::num::f64::ANY, any::<i64>()), 0..50),
            steps in prop::collection::vec((0.0..5000.0f64, -3000.0..3000.0f64), 0..200),
        ) {
            let mut clock = DeviceClock::default();
            let mut last = Timestamp::from_nanos(i64::MIN);
            let mut device = DEVICE;
            let sane = steps.into_iter().map(|(step, late)| {
                device += step;
                (device, at(device + late).as_nanos())
            });
            for (device, arrival) in sane.collect::<Vec<_>>().into_iter().chain(frames) {
                let given = clock.taken(device, Timestamp::from_nanos(arrival));
                prop_assert!(given >= last);
                prop_assert!(clock.minima.len() <= PARTS as usize);
                last = given;
            }
        }
    }
}
