//! What the place looks like when nothing happens, and what differs from it now.

use std::collections::VecDeque;
use std::time::Duration;

use ndarray::{Array2, Axis, Slice, Zip};

use super::grid::Tone;

/// While the model is younger than this it is a plain average of what stood still.
const YOUNG: f32 = 2.0;
/// What came to rest counts as standing still after this, while the model is young.
const SETTLED: Duration = Duration::from_secs(1);
/// Seconds in which the place is followed where nothing stands: dusk, clouds, a pushed chair's old place.
const FOLLOW: f32 = 10.0;
/// Seconds in which something that is no silhouette (a moved product) becomes part of the place.
const ABSORB: f32 = 20.0;
/// A silhouette becomes part of the place when nothing of it has moved for this long. People do not stand that still; chairs do.
const STILL: f32 = 300.0;
/// What went away from the place, once nothing of its silhouette has moved for this long, is followed this quickly, both in seconds.
const GONE_STILL: f32 = 1.0;
const GONE_ABSORB: f32 = 0.3;
/// How far beyond a silhouette its surroundings are looked at, in cells: the cell beside it holds some of both.
const BESIDE: usize = 2;
/// Something stood in the place where the model has at least this contrast along the outline, and has gone when the picture has at most this share of it.
const OUTLINED: f32 = 12.0;
const FADED: f32 = 0.5;
/// And nowhere on the outline has the picture an edge that the model has not, but at so many cells: part of it may be somebody's head before what they hide.
const NEW_EDGES: u32 = 3;
/// How long ago the picture is that movement is measured against. At 30 frames a second, one frame is too short for a slow head to move a cell.
const LOOK_BACK: Duration = Duration::from_millis(200);
/// Least difference in brightness that counts, of 255. Compression noise, averaged over a cell, stays below about 4.
const LEAST_CONTRAST: f32 = 9.0;
/// Least difference in colour that counts. Chroma is coded more coarsely, yet shadows change it little.
const LEAST_COLOUR: f32 = 7.0;
/// A difference also counts only beyond this many standard deviations of the cell: leaves, screens and flicker are learned.
const SIGMAS: f32 = 3.5;
/// Learned deviations end here, so that a busy cell does not become blind.
const MOST_SIGMA: f32 = 8.0;
/// A global change of light between these factors is followed without calling it movement.
const GAINS: std::ops::RangeInclusive<f32> = 0.5..=2.0;
/// Levels of brightness at which the change of light is measured on its own: exposure and gamma curves move dark, middle and bright parts by different factors.
const LEVELS: usize = 8;
/// How many of 255 a level is wide.
const LEVEL: f32 = 256.0 / LEVELS as f32;
/// What a level may be off from the common factor, of 255: about half of what counts as a difference, so that nobody who fills a level is taken for light.
const MOST_OFF: f32 = 5.0;
/// A level is measured on its own when at least this share of the picture is of it; with less, one person may be most of it.
const LEVEL_SHARE: f32 = 0.05;
/// And a global change of tint (automatic white balance) up to this, in units of 0 to 255.
const MOST_TINT: f32 = 12.0;
/// A cell with at least this step in brightness to a neighbour is part of an outline. The picture is looked at in so many parts each way; with fewer cells of outlines than this, a part tells nothing, and with fewer
/// parts that tell something, nothing is known.
const OUTLINE: f32 = 24.0;
const PARTS: usize = 4;
const LEAST_OUTLINES: u32 = 12;
const LEAST_PARTS: usize = 5;
/// Share of the step between a cell and its neighbours that may appear or vanish without counting: lenses, mounts and codecs shift edges by
/// part of a cell.
const EDGE_TOLERANCE: f32 = 0.25;

/// The model of the place.
#[derive(Debug)]
pub(crate) struct Background {
    /// `None` until the first frame.
    model: Option<Model>,
    /// Pictures of the last [`LOOK_BACK`], oldest first, and one older.
    recent: VecDeque<(Duration, Array2<Tone>)>,
}

#[derive(Debug)]
struct Model {
    /// `None` when the place was known beforehand: such a model is never young.
    born: Option<Duration>,
    last: Duration,
    mean: Array2<Tone>,
    /// Mean square of the difference in brightness and in colour.
    spread: Array2<(f32, f32)>,
    /// When each cell last moved.
    moved: Array2<Duration>,
    /// The greatest step in brightness from each cell to a neighbour.
    steps: Array2<f32>,
}

/// How one picture is lit compared with another, as a whole. Exposure and lamps change pictures by a factor, white balance shifts colours.
#[derive(Debug, Clone, Copy)]
struct Light {
    gain: f32,
    /// What is left to add after the factor, at the middle of each level of brightness.
    off: [f32; LEVELS],
    red: f32,
    blue: f32,
}

/// How each cell differs.
#[derive(Debug)]
pub(crate) struct Change {
    /// From the background or from a moment ago, in units of what counts: above 1 is foreground.
    pub(crate) degree: Array2<f32>,
    /// From a moment ago only, in the same units: somebody who walks past somebody who stands.
    pub(crate) motion: Array2<f32>,
    /// From the background only, in the same units.
    pub(crate) place: Array2<f32>,
    /// The share of outlines, 0 to 1, that are not where they were a moment ago, in most parts of the picture: small when people move, large when the camera does.
    pub(crate) outlines: f32,
}

// === impl Background ===

impl Background {
    pub(crate) fn new() -> Self {
        Self { model: None, recent: VecDeque::new() }
    }

    /// How `now` differs from the place and from a moment ago. Nothing does in the first frame.
    pub(crate) fn compare(&self, at: Duration, now: &Array2<Tone>) -> Change {
        let mut degree = Array2::zeros(now.dim());
        let mut motion = Array2::zeros(now.dim());
        if let Some(model) = &self.model {
            let light = Light::between(now, &model.mean);
            Zip::from(&mut degree).and(now).and(&model.mean).and(&model.spread).and(&model.steps).for_each(
                |degree, now, mean, spread, step| {
                    let now = light.on(*now);
                    let edge = step * EDGE_TOLERANCE;
                    let luma = now.contrast(*mean) / (threshold(LEAST_CONTRAST, spread.0) + edge);
                    let colour = now.colour_contrast(*mean) / (threshold(LEAST_COLOUR, spread.1) + edge / 2.0);
                    *degree = f32::max(luma, colour);
                },
            );
        }
        let place = degree.clone();
        let mut outlines = 0.0;
        if let Some(before) = self.a_moment_ago(at) {
            let light = Light::between(now, before);
            let steps = steps(before);
            outlines = outlines_moved(now, before, &steps, &light);
            Zip::from(&mut degree).and(&mut motion).and(now).and(before).and(&steps).for_each(
                |degree, motion, now, before, step| {
                    let now = light.on(*now);
                    let edge = step * EDGE_TOLERANCE;
                    let luma = now.contrast(*before) / (LEAST_CONTRAST + edge);
                    *motion = luma.max(now.colour_contrast(*before) / (LEAST_COLOUR + edge / 2.0));
                    *degree = degree.max(*motion);
                },
            );
        }
        Change { degree, motion, place, outlines }
    }

    /// Learns from `now`. `silhouettes` numbers the cells of each silhouette from 1; 0 elsewhere.
    pub(crate) fn learn(&mut self, at: Duration, now: Array2<Tone>, change: &Change, silhouettes: &Array2<usize>) {
        match &mut self.model {
            Some(model) => model.learn(at, &now, change, silhouettes),
            None => self.model = Some(Model::of(at, &now)),
        }
        self.recent.push_back((at, now));
        while self.recent.get(1).is_some_and(|(then, _)| at.saturating_sub(*then) >= LOOK_BACK) {
            self.recent.pop_front();
        }
    }

    /// Begins anew with `now`: the place as it was learned is no more. A place that was known beforehand stays what it was.
    pub(crate) fn restart(&mut self, at: Duration, now: Array2<Tone>) {
        if self.model.as_ref().is_none_or(|model| model.born.is_some()) {
            self.model = Some(Model::of(at, &now));
        }
        self.recent.clear();
        self.recent.push_back((at, now));
    }

    /// Begins with a place that is known already.
    pub(crate) fn known(at: Duration, place: &Array2<Tone>) -> Self {
        Self { model: Some(Model { born: None, ..Model::of(at, place) }), recent: VecDeque::new() }
    }

    /// The picture about [`LOOK_BACK`] ago, or the one before when frames are rarer.
    fn a_moment_ago(&self, at: Duration) -> Option<&Array2<Tone>> {
        let old_enough = self.recent.iter().rev().find(|(then, _)| at.saturating_sub(*then) >= LOOK_BACK);
        old_enough.or(self.recent.front()).map(|(_, tones)| tones)
    }
}

/// The share of outlines that moved, 0 to 1: of the parts of the picture that have outlines, three quarters have at least this share. Somebody who comes close hides much of the picture, but seldom
/// so many parts of it; a camera that moves moves all.
fn outlines_moved(now: &Array2<Tone>, before: &Array2<Tone>, steps: &Array2<f32>, light: &Light) -> f32 {
    let (rows, columns) = now.dim();
    let mut parts = [(0, 0); PARTS * PARTS];
    Zip::indexed(now).and(before).and(steps).for_each(|(row, column), now, before, step| {
        if *step >= OUTLINE {
            let (there, moved) = &mut parts[row * PARTS / rows * PARTS + column * PARTS / columns];
            *there += 1;
            *moved += u32::from(light.on(*now).contrast(*before) > LEAST_CONTRAST);
        }
    });
    let telling = parts.iter().filter(|(there, _)| *there >= LEAST_OUTLINES);
    let mut shares: Vec<f32> = telling.map(|(there, moved)| *moved as f32 / *there as f32).collect();
    shares.sort_by(f32::total_cmp);
    if shares.len() < LEAST_PARTS { 0.0 } else { shares[shares.len() / 4] }
}

// === impl Model ===

impl Model {
    fn of(at: Duration, now: &Array2<Tone>) -> Self {
        Self {
            born: Some(at),
            last: at,
            mean: now.clone(),
            spread: Array2::from_elem(now.dim(), (0.0, 0.0)),
            moved: Array2::from_elem(now.dim(), at),
            steps: steps(now),
        }
    }

    fn learn(&mut self, at: Duration, now: &Array2<Tone>, change: &Change, silhouettes: &Array2<usize>) {
        let seconds = at.saturating_sub(self.last).as_secs_f32();
        let age = self.born.map_or(f32::INFINITY, |born| at.saturating_sub(born).as_secs_f32());
        self.last = at;
        Zip::from(&mut self.moved).and(&change.motion).for_each(|moved, motion| {
            if *motion > 1.0 {
                *moved = at;
            }
        });
        let still = self.still_for(at, silhouettes);
        let gone = self.gone(now, silhouettes, still.len());
        let light = Light::between(now, &self.mean);
        let young = age < YOUNG;
        let moved = &self.moved;
        let settled = |place| at.saturating_sub(moved[place]) >= SETTLED || change.degree[place] <= 1.0;
        // The share of the present in a plain average of everything since birth.
        let average = if age > 0.0 { seconds / (age + seconds) } else { 0.5 };
        Zip::indexed(&mut self.mean).and(&mut self.spread).and(now).and(&change.degree).for_each(
            |place, mean, spread, now, degree| {
                let quiet = *degree <= 1.0;
                let share = match silhouettes[place] {
                    _ if change.motion[place] > 1.0 => return,
                    _ if young && settled(place) => average.max(seconds / FOLLOW),
                    0 if quiet => seconds / FOLLOW,
                    0 => seconds / ABSORB,
                    silhouette if still[silhouette] >= STILL => seconds / ABSORB,
                    silhouette if still[silhouette] >= GONE_STILL && gone[silhouette] => seconds / GONE_ABSORB,
                    _ => return,
                }
                .clamp(0.0, 1.0);
                // Light that rose everywhere is learned as it is, slowly; differences are judged under the old light.
                let lit = light.on(*now);
                if quiet {
                    let (luma, colour) = (lit.contrast(*mean), lit.colour_contrast(*mean));
                    spread.0 += (luma * luma - spread.0) * share;
                    spread.1 += (colour * colour - spread.1) * share;
                }
                *mean = mean.towards(*now, share);
            },
        );
        self.steps = steps(&self.mean);
    }

    /// For each silhouette, by its number: whether it is where something stood that is no longer there, a product taken from a shelf or somebody who was there when the camera began. Such
    /// a silhouette has its outline in the model and none in the picture; somebody who is there has it in the picture.
    fn gone(&self, now: &Array2<Tone>, silhouettes: &Array2<usize>, count: usize) -> Vec<bool> {
        let mut contrasts = vec![(0.0f32, 0.0f32, 0u32, 0u32); count];
        let (rows, columns) = silhouettes.dim();
        for ((row, column), silhouette) in silhouettes.indexed_iter().filter(|(_, silhouette)| **silhouette > 0) {
            let beside = [
                row.checked_sub(BESIDE).map(|row| (row, column)),
                (row + BESIDE < rows).then_some((row + BESIDE, column)),
                column.checked_sub(BESIDE).map(|column| (row, column)),
                (column + BESIDE < columns).then_some((row, column + BESIDE)),
            ];
            for outside in beside.into_iter().flatten().filter(|place| silhouettes[*place] == 0) {
                let contrast = |tones: &Array2<Tone>| {
                    let (here, there) = (tones[(row, column)], tones[outside]);
                    here.contrast(there).max(here.colour_contrast(there))
                };
                let (in_picture, in_model, edges, new) = &mut contrasts[*silhouette];
                let (now, then) = (contrast(now), contrast(&self.mean));
                *in_picture += now;
                *in_model += then;
                *edges += 1;
                *new += u32::from(now > OUTLINED && now > then);
            }
        }
        let gone = |(in_picture, in_model, edges, new): (f32, f32, u32, u32)| {
            in_model > OUTLINED * edges as f32 && in_picture < FADED * in_model && new <= NEW_EDGES
        };
        contrasts.into_iter().map(gone).collect()
    }

    /// For each silhouette, by its number: seconds since anything of it moved.
    fn still_for(&self, at: Duration, silhouettes: &Array2<usize>) -> Vec<f32> {
        let count = silhouettes.iter().max().map_or(0, |most| most + 1);
        let mut still = vec![f32::INFINITY; count];
        Zip::from(silhouettes).and(&self.moved).for_each(|silhouette, moved| {
            let seconds = at.saturating_sub(*moved).as_secs_f32();
            still[*silhouette] = still[*silhouette].min(seconds);
        });
        still
    }
}

/// The greatest step in brightness from each cell to the ones beside, above and below it.
fn steps(tones: &Array2<Tone>) -> Array2<f32> {
    let mut steps = Array2::zeros(tones.dim());
    for axis in [Axis(0), Axis(1)] {
        let length = tones.len_of(axis);
        let (front, back) = (Slice::from(..length - 1), Slice::from(1..));
        for (here, there) in [(front, back), (back, front)] {
            let (mine, other) = (tones.slice_axis(axis, here), tones.slice_axis(axis, there));
            Zip::from(steps.slice_axis_mut(axis, here)).and(mine).and(other).for_each(|step: &mut f32, a, b| {
                *step = step.max(a.contrast(*b));
            });
        }
    }
    steps
}

fn threshold(least: f32, mean_square: f32) -> f32 {
    least.max(SIGMAS * mean_square.sqrt().min(MOST_SIGMA))
}

// === impl Light ===

impl Light {
    /// How `now` must be lit to look like `then` as a whole: medians over cells, so that what moves in less than half of them does not count.
    fn between(now: &Array2<Tone>, then: &Array2<Tone>) -> Self {
        let clear = |tone: &Tone| (16.0..245.0).contains(&tone.luma);
        let pairs: Vec<(Tone, Tone)> = now
            .iter()
            .zip(then)
            .step_by(7) // prime to most row lengths, so that samples do not line up in columns
            .filter(|(now, then)| clear(now) && clear(then))
            .map(|(now, then)| (*now, *then))
            .collect();
        if pairs.len() < 16 {
            return Self { gain: 1.0, off: [0.0; LEVELS], red: 0.0, blue: 0.0 };
        }
        let gain = median(pairs.iter().map(|(now, then)| then.luma / now.luma));
        let gain = gain.clamp(*GAINS.start(), *GAINS.end());
        let mut levels = [const { Vec::new() }; LEVELS];
        for (now, then) in &pairs {
            let lit = now.luma * gain;
            levels[((lit / LEVEL) as usize).min(LEVELS - 1)].push(then.luma - lit);
        }
        let enough = (pairs.len() as f32 * LEVEL_SHARE) as usize;
        let off =
            levels.map(
                |level: Vec<f32>| {
                    if level.len() > enough { median(level.into_iter()).clamp(-MOST_OFF, MOST_OFF) } else { 0.0 }
                },
            );
        let tint = |of: fn(&Tone) -> f32| median(pairs.iter().map(|(now, then)| of(then) - of(now) * gain));
        let (red, blue) = (tint(|t| t.red), tint(|t| t.blue));
        Self { gain, off, red: red.clamp(-MOST_TINT, MOST_TINT), blue: blue.clamp(-MOST_TINT, MOST_TINT) }
    }

    fn on(self, tone: Tone) -> Tone {
        let lit = tone.luma * self.gain;
        Tone {
            luma: lit + self.off_at(lit),
            red: tone.red * self.gain + self.red,
            blue: tone.blue * self.gain + self.blue,
        }
    }

    /// On the line between the middles of the levels around.
    fn off_at(&self, lit: f32) -> f32 {
        let at = (lit / LEVEL - 0.5).clamp(0.0, (LEVELS - 1) as f32);
        let (below, share) = (at as usize, at.fract());
        self.off[below] + (self.off[(below + 1).min(LEVELS - 1)] - self.off[below]) * share
    }
}

/// `values` is not empty.
fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place of eight greys, seen through a curve of exposure.
    fn place(curve: impl Fn(f32) -> f32) -> Array2<Tone> {
        Array2::from_shape_fn((48, 64), |(_, column)| Tone {
            luma: curve(30.0 + (column / 8 * 26) as f32),
            red: 0.0,
            blue: 0.0,
        })
    }

    #[test]
    fn what_went_away_becomes_part_of_the_place_at_once_and_what_came_does_not() {
        // A box of 8 by 10 cells stands on a wall, or does not.
        let on_it = |row: usize, column: usize| (20..30).contains(&row) && (28..36).contains(&column);
        let look = |there: bool| {
            Array2::from_shape_fn((48, 64), |(row, column)| Tone {
                luma: if there && on_it(row, column) { 60.0 } else { 160.0 },
                red: 0.0,
                blue: 0.0,
            })
        };
        let still_seen = |first: bool| {
            let mut background = Background::new();
            let mut seen = 0;
            // Ten pictures a second: three seconds one way, then three the other.
            for number in 0..60 {
                let (at, now) = (Duration::from_millis(100) * number, look(first == (number < 30)));
                let change = background.compare(at, &now);
                let silhouettes = super::super::silhouette::Silhouettes::of(&change.degree);
                seen = silhouettes.all.len();
                background.learn(at, now, &change, &silhouettes.numbers);
            }
            seen
        };
        assert_eq!((still_seen(true), still_seen(false)), (0, 1));
    }

    #[test]
    fn somebody_before_what_they_hide_does_not_become_part_of_the_place() {
        // A light panel on a dark wall; then somebody in dark clothes stands before all of it, and only the head is seen beside it.
        let panel = |row: usize, column: usize| (16..40).contains(&row) && (24..40).contains(&column);
        let head = |row: usize, column: usize| (8..16).contains(&row) && (29..35).contains(&column);
        let look = |somebody: bool| {
            Array2::from_shape_fn((48, 64), |(row, column)| {
                let luma = match (panel(row, column), head(row, column)) {
                    (true, _) if !somebody => 200.0,
                    (_, true) if somebody => 140.0,
                    _ => 40.0,
                };
                Tone { luma, red: 0.0, blue: 0.0 }
            })
        };
        let mut background = Background::new();
        let mut degree = Array2::zeros((48, 64));
        for number in 0..80 {
            let (at, now) = (Duration::from_millis(100) * number, look(number >= 30));
            let change = background.compare(at, &now);
            let silhouettes = super::super::silhouette::Silhouettes::of(&change.degree);
            degree = change.degree.clone();
            background.learn(at, now, &change, &silhouettes.numbers);
        }
        assert!(degree.indexed_iter().all(|((row, column), degree)| !head(row, column) || *degree > 1.0));
    }

    #[test]
    fn exposure_that_moves_dark_and_bright_parts_differently_is_no_change_and_somebody_is() {
        let mut background = Background::new();
        let none = Array2::zeros((48, 64));
        let still = Change { degree: none.clone(), motion: none.clone(), place: none, outlines: 0.0 };
        let silhouettes = Array2::zeros((48, 64));
        for second in 0..3 {
            background.learn(Duration::from_secs(second), place(|luma| luma), &still, &silhouettes);
        }
        // Darker parts rise by up to 9 while white stays where it is.
        let brighter = |luma: f32| luma + 9.0 * (1.0 - luma / 255.0);
        let at = Duration::from_secs(3);
        let change = background.compare(at, &place(brighter));
        assert!(change.degree.iter().all(|degree| *degree < 1.0), "{:?}", change.degree.row(0));
        // Somebody in dark clothes, who fills much of one level of brightness.
        let mut with = place(brighter);
        let body = |column: usize| (32..40).contains(&column);
        with.indexed_iter_mut().filter(|((_, column), _)| body(*column)).for_each(|(_, tone)| tone.luma = 40.0);
        let change = background.compare(at, &with);
        assert!(change.degree.indexed_iter().all(|((_, column), degree)| !body(column) || *degree > 1.0));
    }
}
