//! How far away the place is when nobody stands in front of it.

use std::time::Duration;

use ndarray::{Array2, Zip};

use super::background::Change;

/// How much nearer something must be than the place, in metres at least, and as a share of the distance: the error of structured light and
/// stereo sensors grows with it.
const LEAST_METRES: f32 = 0.12;
const LEAST_SHARE: f32 = 0.04;
/// How far two cells may be apart in a moment and still be the same surface, for the place that is farther away than thought.
const FOLLOW_SECONDS: f32 = 2.0;

/// The distance of the place, in metres; 0 where none was ever read.
#[derive(Debug)]
pub(crate) struct DepthBackground {
    place: Option<(Duration, Array2<f32>)>,
}

// === impl DepthBackground ===

impl DepthBackground {
    pub(crate) fn new() -> Self {
        Self { place: None }
    }

    /// Adds to `change` what stands in front of the place. A cell without a reading says nothing: hair and black cloth often have none.
    pub(crate) fn compare(&self, now: &Array2<f32>, change: &mut Change) {
        let Some((_, place)) = &self.place else { return };
        Zip::from(&mut change.degree).and(now).and(place).for_each(|degree, now, place| {
            if *now > 0.0 && *place > 0.0 {
                *degree = degree.max((place - now) / LEAST_METRES.max(place * LEAST_SHARE));
            }
        });
    }

    /// Learns: at once what is farther away than thought (whoever stood in front has gone), slowly what is nearer and does not differ.
    pub(crate) fn learn(&mut self, at: Duration, now: &Array2<f32>, change: &Change) {
        let Some((last, place)) = &mut self.place else {
            self.place = Some((at, now.clone()));
            return;
        };
        let share = (at.saturating_sub(*last).as_secs_f32() / FOLLOW_SECONDS).clamp(0.0, 1.0);
        *last = at;
        Zip::from(place).and(now).and(&change.degree).for_each(|place, now, degree| {
            if *now > *place {
                *place = *now;
            } else if *now > 0.0 && *degree <= 1.0 {
                *place += (now - *place) * share;
            }
        });
    }
}
