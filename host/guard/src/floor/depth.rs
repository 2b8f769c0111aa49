//! How far away the place is when nobody stands in front of it.

use std::time::Duration;

use ndarray::{Array2, Axis, Slice, Zip};

use super::background::Change;

/// How much nearer something must be than the place, in metres at least, and as a share of the distance: the error of structured light and
/// stereo sensors grows with it.
const LEAST_METRES: f32 = 0.12;
const LEAST_SHARE: f32 = 0.04;
/// And beyond this many standard deviations of what the cell's distance has been: far walls, shiny floors and edges are noisy.
const SIGMAS: f32 = 4.0;
/// Seconds in which the place is followed.
const FOLLOW_SECONDS: f32 = 2.0;
/// What is farther away than thought, so many frames in a row, is the place: whoever stood in front has gone. Sensors see single far readings beside edges.
const BELIEVED_FRAMES: u8 = 3;

/// Where depth errs by less than this, in metres, a head is seen before any place, even one that leans against it: heads are 0.19 m deep.
const SURE_METRES: f32 = 0.16;
/// The same where nobody's head can be but of who lies or crawls.
const LOW_TRUST_SECONDS: f32 = 5.0;
/// Seconds for which a cell has looked the same before its distance is believed to be that of the place. Somebody may have been there from the first frame, and
/// people do not sit that still.
const TRUST_SECONDS: f32 = 60.0;
/// How many seconds of that a second of movement undoes.
const UNDONE: f32 = 10.0;

/// What depth says of a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stance {
    /// It has no reading, or the place has none.
    #[default]
    NoReading,
    /// As far away as ever, but that says little: depth errs too much there, or the place has not been seen for long.
    Unsure,
    /// As far away as ever: nobody.
    Place,
    /// Something stands before the place.
    Before,
}

/// The distance of the place.
#[derive(Debug)]
pub(crate) struct DepthBackground {
    place: Option<(Duration, Array2<Place>)>,
}

/// The distance of the place in one cell.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// In metres; 0 where none was ever read.
    metres: f32,
    /// Mean square of what readings differ from it.
    spread: f32,
    /// Frames in a row in which it was farther away than thought.
    farther: u8,
    /// Seconds for which nothing moved there, less those that movement has undone.
    still: f32,
}

// === impl DepthBackground ===

impl DepthBackground {
    pub(crate) fn new() -> Self {
        Self { place: None }
    }

    /// Adds to `change` what stands in front of the place. A cell without a reading says nothing: hair and black cloth often have none. Nor does one that is
    /// as near as the place is beside it: edges wander from frame to frame.
    pub(crate) fn compare(&self, now: &Array2<f32>, change: &mut Change) {
        let Some((_, place)) = &self.place else { return };
        let nearest = nearest_around(place);
        Zip::from(&mut change.degree).and(now).and(place).and(&nearest).for_each(|degree, now, place, nearest| {
            if *now > 0.0 && place.metres > 0.0 {
                *degree = degree.max((nearest - now) / place.margin());
            }
        });
    }

    /// What each cell is. `low` says which lie so low that nobody's head can be there.
    pub(crate) fn stances(&self, now: &Array2<f32>, low: impl Fn((usize, usize)) -> bool) -> Array2<Stance> {
        let Some((_, place)) = &self.place else { return Array2::default(now.dim()) };
        let nearest = nearest_around(place);
        let mut stances = Array2::default(now.dim());
        Zip::indexed(&mut stances).and(now).and(place).and(&nearest).for_each(|cell, stance, now, place, nearest| {
            if *now == 0.0 || place.metres == 0.0 {
                return;
            }
            let margin = place.margin();
            let still = if low(cell) { LOW_TRUST_SECONDS } else { TRUST_SECONDS };
            let sure = margin <= SURE_METRES && place.still >= still;
            *stance = match () {
                () if nearest - now > margin => Stance::Before,
                () if sure && (place.metres - now).abs() <= margin => Stance::Place,
                () => Stance::Unsure,
            };
        });
        stances
    }

    /// How far away the place is in a cell, in metres, if that was ever read.
    pub(crate) fn metres(&self, cell: (usize, usize)) -> Option<f32> {
        self.place.as_ref().map(|(_, place)| place[cell].metres).filter(|metres| *metres > 0.0)
    }

    /// Learns where the place is, from what stands in front of nothing.
    pub(crate) fn learn(&mut self, at: Duration, now: &Array2<f32>, change: &Change) {
        let Some((last, place)) = &mut self.place else {
            self.place = Some((at, now.map(|metres| Place { metres: *metres, ..Place::default() })));
            return;
        };
        let seconds = at.saturating_sub(*last).as_secs_f32();
        let share = (seconds / FOLLOW_SECONDS).clamp(0.0, 1.0);
        *last = at;
        Zip::from(place).and(now).and(&change.degree).and(&change.motion).for_each(|place, now, degree, motion| {
            if *now > 0.0 {
                place.trust(*now, *motion > 1.0, seconds);
                place.learn(*now, *degree <= 1.0, share);
            }
        });
    }
}

// === impl Place ===

impl Place {
    /// How much nearer than the place something must be to stand in front of it.
    fn margin(&self) -> f32 {
        LEAST_METRES.max(self.metres * LEAST_SHARE).max(SIGMAS * self.spread.sqrt())
    }

    /// Who walks by before it says nothing about the place.
    fn trust(&mut self, now: f32, moves: bool, seconds: f32) {
        if (now - self.metres).abs() <= self.margin() {
            let earned = if moves { -UNDONE * seconds } else { seconds };
            self.still = (self.still + earned).clamp(0.0, 2.0 * TRUST_SECONDS);
        }
    }

    fn learn(&mut self, now: f32, quiet: bool, share: f32) {
        let beyond = now - self.metres;
        self.farther = if beyond > self.margin() { self.farther.saturating_add(1) } else { 0 };
        if self.metres == 0.0 || self.farther >= BELIEVED_FRAMES {
            // Whoever was there from the first frame has gone; what is behind them now must earn its trust.
            *self = Self { metres: now, ..Self::default() };
        } else if self.farther == 0 && quiet {
            self.spread += (beyond * beyond - self.spread) * share;
            self.metres += beyond * share;
        }
    }
}

/// The nearest place in each cell and the eight around it; infinite where none was ever read.
fn nearest_around(place: &Array2<Place>) -> Array2<f32> {
    let known = place.map(|place| if place.metres > 0.0 { place.metres } else { f32::INFINITY });
    nearest_along(&nearest_along(&known, Axis(0)), Axis(1))
}

/// The least of each cell and its two neighbours along the axis.
fn nearest_along(metres: &Array2<f32>, axis: Axis) -> Array2<f32> {
    let length = metres.len_of(axis);
    let (front, back) = (Slice::from(..length - 1), Slice::from(1..));
    let mut nearest = metres.clone();
    for (here, there) in [(front, back), (back, front)] {
        nearest.slice_axis_mut(axis, here).zip_mut_with(&metres.slice_axis(axis, there), |a, b| *a = a.min(*b));
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(shape: (usize, usize)) -> Change {
        Change {
            degree: Array2::zeros(shape),
            motion: Array2::zeros(shape),
            place: Array2::zeros(shape),
            outlines: 0.0,
        }
    }

    /// Sees these distances one after the other, at ten frames a second, and says what differs in the last.
    fn differs(distances: impl IntoIterator<Item = Array2<f32>>) -> Array2<f32> {
        let mut background = DepthBackground::new();
        let mut last = None;
        for (number, now) in distances.into_iter().enumerate() {
            let mut seen = change(now.dim());
            background.compare(&now, &mut seen);
            background.learn(Duration::from_millis(100 * number as u64), &now, &seen);
            last = Some(seen.degree);
        }
        last.unwrap()
    }

    fn wall(metres: f32) -> Array2<f32> {
        Array2::from_elem((3, 4), metres)
    }

    #[test]
    fn somebody_before_the_wall_is_seen_and_the_wall_is_not() {
        let mut person = wall(3.0);
        person[(1, 1)] = 2.0;
        let degree = differs([wall(3.0), wall(3.0), person]);
        assert!(degree[(1, 1)] > 1.0);
        assert_eq!(degree.iter().filter(|d| **d > 1.0).count(), 1);
    }

    #[test]
    fn a_wall_that_wavers_is_not_seen_once_that_is_known() {
        let wavering = (0..60).map(|n| wall(if n % 2 == 0 { 5.0 } else { 5.18 }));
        assert!(differs(wavering).iter().all(|d| *d <= 1.0));
    }

    #[test]
    fn an_edge_that_wanders_by_a_cell_is_not_seen() {
        let shelf = |edge| Array2::from_shape_fn((3, 4), |(_, c)| if c < edge { 1.0 } else { 3.0 });
        assert!(differs([shelf(2), shelf(2), shelf(3)]).iter().all(|d| *d <= 1.0));
    }

    #[test]
    fn one_far_reading_is_not_believed_and_three_are() {
        let degree = differs([wall(3.0), wall(9.0), wall(3.0)]);
        assert!(degree.iter().all(|d| *d <= 1.0), "the wall would stand before a place that is not there");
        let gone = differs([wall(2.0), wall(3.0), wall(3.0), wall(3.0), wall(3.0), wall(2.0)]);
        assert!(gone.iter().all(|d| *d > 1.0), "who stood there from the first is seen when he comes back");
    }
}
