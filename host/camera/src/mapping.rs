//! The time of a camera's own clock, in ours.

use std::collections::VecDeque;
use std::time::Duration;

use sluis_frame::Timestamp;

/// Maps the times that a device gives its pictures to our clock.
///
/// A picture arrives later than it was taken, each by another delay, but never earlier. So the least of *arrival minus device time* over a while is the best guess
/// of how the two clocks lie apart: it belongs to the picture that was delayed least. Added to a picture's device time it gives a time of capture that keeps the
/// camera's own spacing, whatever the network does; what remains is the least delay itself, and how far the clocks drift apart within the while. This is the
/// minimum filter of NTP (RFC 5905, section 10: the clock filter takes the sample of least delay out of the last few), one way.
///
/// The device's clock may show any date. Ours may be set while it runs: that is seen against the machine's steady clock, and a new mapping begins.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// The least of arrival minus device time in each second of the window, in nanoseconds, with the second; the oldest first. At most one more than the window
    /// has seconds, however many pictures come.
    least: VecDeque<(u64, i128)>,
    /// Our clock minus the steady clock at the last arrival, in nanoseconds.
    ahead: Option<i128>,
    /// Our clock at the last arrival.
    arrived: Timestamp,
    /// The last time of capture that was given.
    captured: Option<Timestamp>,
}

/// How far back the least delay is looked for, in seconds. Cameras' clocks drift by up to about 100 ppm against ours, so this costs up to 3 ms; nearly
/// every network has a quiet moment in half a minute.
const WINDOW: u64 = 30;

/// Our clock was set if it moved by more than this against the steady one between two pictures. NTP steps a clock by more than 128 ms (RFC 5905, appendix
/// A.1.1, STEPT) and slews it below that; reading two clocks one after the other is much quicker.
const SET: u128 = 250_000_000;

/// A picture that seems to have been on its way for longer than this was not: the device's clock was set back, or began anew.
const LONGEST_DELAY: i128 = 10_000_000_000;

// === impl Mapping ===

impl Mapping {
    /// Nothing has arrived yet. `now` is our clock.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { least: VecDeque::new(), ahead: None, arrived: now, captured: None }
    }

    /// A picture has arrived that the device took at `device` (nanoseconds by its clock), when the steady clock showed `steady` and ours `clock`.
    pub(crate) fn arrived(&mut self, device: i64, steady: Duration, clock: Timestamp) {
        let ahead = i128::from(clock.as_nanos()) - steady.as_nanos() as i128;
        if self.ahead.replace(ahead).is_some_and(|before| (ahead - before).unsigned_abs() > SET) {
            self.least.clear();
            // With our clock, times of capture go back too, as everything else on this machine does.
            self.captured = None;
        }
        self.arrived = clock;
        let offset = i128::from(clock.as_nanos()) - i128::from(device);
        if self.offset().is_some_and(|least| offset - least > LONGEST_DELAY) {
            self.least.clear();
        }
        let second = steady.as_secs();
        while self.least.front().is_some_and(|(at, _)| at + WINDOW <= second) {
            self.least.pop_front();
        }
        match self.least.back_mut() {
            Some((at, least)) if *at == second => *least = (*least).min(offset),
            _ => self.least.push_back((second, offset)),
        }
    }

    /// When the picture was taken that the device took at `device`, by our clock. Never later than the last arrival, and never earlier than what was
    /// given before, unless our clock was set back in between.
    pub(crate) fn captured(&mut self, device: i64) -> Timestamp {
        let mapped = self.offset().map_or(self.arrived, |offset| {
            let nanos = (i128::from(device) + offset).clamp(i128::from(i64::MIN), i128::from(i64::MAX));
            Timestamp::from_nanos(nanos as i64)
        });
        let captured = mapped.min(self.arrived);
        let captured = self.captured.map_or(captured, |before| captured.max(before));
        self.captured = Some(captured);
        captured
    }

    fn offset(&self) -> Option<i128> {
        self.least.iter().map(|(_, least)| *least).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000_000;
    const MILLISECOND: i64 = 1_000_000;

    /// Our clock at the beginning of a test.
    const START: i64 = 1_800_000_000 * SECOND;

    /// A camera and the way from it: everything in nanoseconds.
    struct Camera {
        mapping: Mapping,
        /// What its clock shows at the beginning.
        device: i64,
        /// How much faster than ours it runs, in parts per million.
        drift: i64,
        /// By how much our clock was set.
        set: i64,
        /// When the last picture arrived: the next cannot overtake it.
        last: i64,
    }

    impl Camera {
        fn new(device: i64, drift: i64) -> Self {
            Self { mapping: Mapping::new(Timestamp::from_nanos(START)), device, drift, set: 0, last: 0 }
        }

        /// Takes a picture `at` after the beginning, which arrives `delay` later. Gives how much later than the truth its time of capture is.
        fn take(&mut self, at: i64, delay: i64) -> i64 {
            let device = self.device.saturating_add(at + at / MILLISECOND * self.drift);
            self.last = self.last.max(at + delay);
            let steady = Duration::from_nanos(self.last as u64);
            let clock = Timestamp::from_nanos(START + self.set + self.last);
            self.mapping.arrived(device, steady, clock);
            let captured = self.mapping.captured(device);
            assert!(captured <= clock, "captured after it arrived");
            captured.as_nanos() - (START + self.set + at)
        }
    }

    /// Delays from nothing to `most`, the same on every run.
    fn jitter(number: i64, most: i64) -> i64 {
        number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407).unsigned_abs() as i64
            % most.max(1)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn what_arrives_irregularly_keeps_the_spacing_of_the_camera(
            device in any::<i64>(),
            least in 0..20 * MILLISECOND,
            delays in prop::collection::vec(0..200 * MILLISECOND, 60..200),
        ) {
            let mut camera = Camera::new(device / 2, 0);
            // Among the first there is one that is quick.
            camera.take(0, least);
            for (number, delay) in delays.iter().enumerate() {
                let late = camera.take((number as i64 + 1) * 40 * MILLISECOND, least + delay);
                prop_assert_eq!(late, least);
            }
        }

        #[test]
        fn a_day_of_drift_is_followed(drift in -100i64..=100, most in 1..50 * MILLISECOND) {
            let mut camera = Camera::new(77 * SECOND, drift);
            // A whole day of pictures takes too long: half a minute of every hour.
            for hour in 0..24 {
                for number in 0..900 {
                    let at = hour * 3600 * SECOND + number * 33 * MILLISECOND;
                    let late = camera.take(at, jitter(number, most));
                    // 30 s of 100 ppm is 3 ms.
                    prop_assert!((-3 * MILLISECOND..most).contains(&late), "{late} ns at {at}");
                }
            }
        }

        #[test]
        fn when_our_clock_is_set_a_new_mapping_begins_at_once(hours in prop::sample::select(vec![-1i64, 1]), most in 1..50 * MILLISECOND) {
            let mut camera = Camera::new(0, 0);
            for number in 0..300 {
                if number == 150 {
                    camera.set = hours * 3600 * SECOND;
                }
                let late = camera.take(number * 40 * MILLISECOND, jitter(number, most));
                prop_assert!((0..most).contains(&late), "{late} ns for picture {number}");
            }
        }

        #[test]
        fn a_backlog_at_the_beginning_does_no_harm(backlog in 1i64..5_000) {
            let mut camera = Camera::new(0, 0);
            // What was waiting comes all at once; then pictures come as they are taken.
            let ready = backlog * MILLISECOND;
            for number in 0..400 {
                let at = number * 40 * MILLISECOND;
                let late = camera.take(at, (ready - at).max(5 * MILLISECOND));
                if at > ready {
                    prop_assert_eq!(late, 5 * MILLISECOND);
                }
            }
        }

        #[test]
        fn times_never_run_back_and_nothing_panics_whatever_a_device_says(
            devices in prop::collection::vec(prop_oneof![any::<i64>(), -SECOND..SECOND], 1..100),
        ) {
            let mut mapping = Mapping::new(Timestamp::from_nanos(START));
            let mut before = None;
            for (number, device) in devices.into_iter().enumerate() {
                let steady = Duration::from_millis(40 * number as u64);
                let clock = Timestamp::from_nanos(START) + steady;
                mapping.arrived(device, steady, clock);
                let captured = mapping.captured(device);
                prop_assert!(captured <= clock && before.is_none_or(|before| captured >= before));
                before = Some(captured);
                prop_assert!(mapping.least.len() <= WINDOW as usize + 1);
            }
        }
    }

    #[test]
    fn pictures_that_are_shown_in_another_order_keep_their_times() {
        let mut mapping = Mapping::new(Timestamp::from_nanos(START));
        // Decoded 0, 3, 1, 2; one picture in 40 ms, and each arrives 10 ms after it could be sent.
        for (sent, shown) in [0, 3, 1, 2].into_iter().enumerate() {
            let steady = Duration::from_millis(40 * sent as u64 + 10);
            mapping.arrived(shown * 40 * MILLISECOND, steady, Timestamp::from_nanos(START) + steady);
        }
        let captured: Vec<i64> = (0..4).map(|shown| mapping.captured(shown * 40 * MILLISECOND).as_nanos()).collect();
        assert!(captured.windows(2).all(|pair| pair[1] - pair[0] == 40 * MILLISECOND), "{captured:?}");
    }

    #[test]
    fn a_camera_that_begins_to_count_anew_is_followed_at_once() {
        let mut camera = Camera::new(3600 * SECOND, 0);
        camera.take(0, MILLISECOND);
        camera.device = 0;
        assert_eq!(camera.take(40 * MILLISECOND, MILLISECOND), MILLISECOND);
    }
}
