//! A new version of a component on trial: it is shown what the working one is shown, and nothing that it answers has any effect.
//!
//! It is shown frames in bursts of a second, so that it can follow what moves, and rests between them for as long as keeps its time within its share of a
//! processor. The working one sees every frame and knows what was between the bursts, so the candidate is not held to it but to a *control*: a second chamber of
//! the version in force that is shown the same frames. Two versions that are the same then give the same answers, and there is no noise to allow for.
//!
//! What one of the two found counts as *missed* by the other when that other would leave it bare. For filters and auditors the yardstick is what the guard would mask: all that it named within
//! [`EXTEND`] before and after, grown by [`GROW`]; less than [`MASKED`] of a region covered by it all together is bare, as it is where masks are evaluated.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sluis_frame::{Cleared, Frame, Person, Raw, Rect, Redacted, Size, Timestamp};
use sluis_guard::guard::{EXTEND, GROW};
use sluis_stage::{AudienceChamber, AuditChamber, FilterChamber, GestureChamber, World};

/// What has been seen of a trial so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Trial {
    /// Frames that both were shown.
    pub shown: u64,
    /// Of these, those whose answers were compared: all in bursts that are over but the first, in which it learns what the place looks like.
    pub compared: u64,
    /// Of these, those with people in them.
    pub people: u64,
    /// Frames that neither was shown, since the trial began: for want of time.
    pub passed_over: u64,
    /// The version in force: not the one at work, which sees every frame, but a second one beside it.
    pub working: Side,
    /// The version on trial.
    pub candidate: Side,
}

/// One of the two versions in a trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Side {
    /// Calls that failed.
    pub failures: u64,
    /// Regions, findings, gestures or faces that it found.
    pub found: u64,
    /// Of these, those that it is sure of.
    pub sure: u64,
    /// Of what the other found, how much it did not find.
    pub missed: u64,
    /// Of these, those that the other is sure of.
    pub missed_sure: u64,
    /// Frames in which it found something.
    pub frames: u64,
    /// Pixels of what it found, all frames together.
    pub pixels: u64,
    /// Time of its calls, in microseconds.
    pub micros: u64,
}

/// A chamber of any world.
#[derive(Debug)]
pub enum Chamber {
    /// A privacy filter.
    Filter(FilterChamber),
    /// An auditor.
    Audit(AuditChamber),
    /// A gesture detector.
    Gestures(GestureChamber),
    /// An audience meter.
    Audience(AudienceChamber),
}

/// A chamber on trial in a camera's pipeline, and what it is held to.
pub struct Shadow {
    candidate: Chamber,
    /// The version in force once more, shown what the candidate is shown.
    control: Chamber,
    seen: Arc<Mutex<Trial>>,
    budget: Budget,
    /// Capture of the first frame that they were shown.
    first: Option<Timestamp>,
    burst: Vec<Shown>,
}

/// How much time a trial may take.
#[derive(Debug)]
struct Budget {
    /// Of one processor.
    share: f64,
    begun: Instant,
    spent: Duration,
    /// Capture of the first frame of the burst that is going on.
    burst: Option<Timestamp>,
}

/// What both answered to a frame.
struct Shown {
    at: Timestamp,
    people: bool,
    control: Found,
    candidate: Found,
}

/// What one of the two answered to a frame: areas within the picture, and whether it is sure of each.
type Found = Vec<(Rect, bool)>;

/// Its answers count after this much time: a detector that learns what the place looks like has had no chance before.
const LEARNS: Duration = Duration::from_secs(10);

/// How long a burst is, in the camera's time.
const BURST: Duration = Duration::from_secs(1);

/// The longest a burst may be in frames.
const LONGEST: usize = 60;

/// So much of a region must be covered by what the other would have masked.
const MASKED: f64 = 0.9;

/// So much of a face that is counted, and not masked, must be covered by the other's.
const COUNTED: f64 = 0.5;

/// A detector is sure from so many percent on.
const SURE: u8 = 50;

// === impl Shadow ===

impl Shadow {
    /// Puts a chamber on trial beside a second one of the version in force. Both together may take a share of one processor, 0 to 1; what is seen of them is added to `seen`.
    pub fn new(candidate: Chamber, control: Chamber, share: f64, seen: Arc<Mutex<Trial>>) -> Self {
        let budget = Budget { share, begun: Instant::now(), spent: Duration::ZERO, burst: None };
        Self { candidate, control, seen, budget, first: None, burst: Vec::new() }
    }

    pub(super) const fn is_at_the_front(&self) -> bool {
        self.candidate.is_at_the_front()
    }

    /// Shows a filter on trial a frame.
    pub(super) fn filter(&mut self, frame: &Frame<Raw>, people: &[Person]) {
        let (at, size) = (frame.header().captured, frame.size());
        self.show(World::PrivacyFilter, at, size, !people.is_empty(), |chamber| match chamber {
            Chamber::Filter(chamber) => {
                let regions = chamber.find(frame, people).ok()?;
                Some(regions.iter().map(|region| (region.area, region.confidence >= SURE)).collect())
            }
            _ => None,
        });
    }

    /// Shows an auditor on trial a frame.
    pub(super) fn audit(&mut self, frame: &Frame<Redacted>, people: &[Person]) {
        let with_people = !people.is_empty() || !frame.masks().is_empty();
        let (at, size) = (frame.header().captured, frame.size());
        self.show(World::AnonymisationAudit, at, size, with_people, |chamber| match chamber {
            Chamber::Audit(chamber) => {
                let inspection = chamber.inspect(frame, people).ok()?;
                Some(inspection.findings.iter().map(|finding| (finding.area, true)).collect())
            }
            _ => None,
        });
    }

    /// Shows a gesture detector on trial a frame. Detectors tell a gesture when they are sure of it, so gestures are counted and not compared one by one.
    pub(super) fn gestures(&mut self, frame: &Frame<Cleared>, people: &[Person]) {
        let with_people = !people.is_empty() || !frame.masks().is_empty();
        let (at, size) = (frame.header().captured, frame.size());
        self.show(World::GestureDetector, at, size, with_people, |chamber| match chamber {
            Chamber::Gestures(chamber) => {
                let told = chamber.observe(frame, people).ok()?;
                Some(vec![(Rect::new(0, 0, 1, 1), true); told.len()])
            }
            _ => None,
        });
    }

    /// Shows an audience meter on trial a frame.
    pub(super) fn audience(&mut self, frame: &Frame<Raw>, people: &[Person]) {
        let (at, size) = (frame.header().captured, frame.size());
        self.show(World::AudienceMeter, at, size, !people.is_empty(), |chamber| match chamber {
            Chamber::Audience(chamber) => {
                let faces = chamber.measure(frame, people).ok()?;
                Some(faces.iter().map(|face| (face.area, true)).collect())
            }
            _ => None,
        });
    }

    /// Asks both about a frame, if they are of this world and have time left. `ask` gives `None` when the call failed.
    fn show(
        &mut self,
        world: World,
        at: Timestamp,
        size: Size,
        people: bool,
        mut ask: impl FnMut(&mut Chamber) -> Option<Found>,
    ) {
        if self.candidate.world() != world {
            return;
        }
        if !self.budget.allows(at) {
            self.seen().passed_over += 1;
            return;
        }
        let mut timed = |chamber: &mut Chamber| {
            let begun = Instant::now();
            let found = ask(chamber);
            let took = begun.elapsed();
            // What lies outside of the picture exposes nobody.
            let within = |(area, sure): (Rect, bool)| Some((area.clip(size)?, sure));
            (found.map(|found| found.into_iter().filter_map(within).collect()), took)
        };
        // Who comes second finds the picture in the processor's cache: they take turns.
        let candidate_first = self.burst.len() % 2 == 1;
        let early = candidate_first.then(|| timed(&mut self.candidate));
        let control = timed(&mut self.control);
        let candidate = early.unwrap_or_else(|| timed(&mut self.candidate));
        self.compare(at, people, control, candidate);
    }

    /// Takes the answers of both. A frame at which one of them failed is not compared.
    fn compare(
        &mut self,
        at: Timestamp,
        people: bool,
        (control, control_took): (Option<Found>, Duration),
        (candidate, candidate_took): (Option<Found>, Duration),
    ) {
        let over = self.budget.spend(control_took + candidate_took, at);
        let learns = at.since(*self.first.get_or_insert(at)) < LEARNS;
        let mut seen = self.seen();
        seen.shown += 1;
        seen.working.failures += u64::from(control.is_none());
        seen.candidate.failures += u64::from(candidate.is_none());
        let compared = control.zip(candidate).filter(|_| !learns);
        if let Some((control, candidate)) = &compared {
            seen.working.add(control, control_took);
            seen.candidate.add(candidate, candidate_took);
        }
        drop(seen);
        if let Some((control, candidate)) = compared {
            // What only the candidate finds may be anything.
            let people = people || !control.is_empty();
            self.burst.push(Shown { at, people, control, candidate });
        }
        if over || self.burst.len() >= LONGEST {
            self.end_burst();
        }
    }

    /// Counts what each missed of what the other found in the burst that is over.
    fn end_burst(&mut self) {
        let burst = std::mem::take(&mut self.burst);
        let missed = |of: fn(&Shown) -> &Found, by: fn(&Shown) -> &Found| match self.candidate {
            Chamber::Filter(_) | Chamber::Audit(_) => missed(&burst, of, by, GROW, MASKED),
            Chamber::Audience(_) => missed(&burst, of, by, 1.0, COUNTED),
            Chamber::Gestures(_) => [0, 0],
        };
        let by_candidate = missed(|s| &s.control, |s| &s.candidate);
        let by_control = missed(|s| &s.candidate, |s| &s.control);
        let mut seen = self.seen();
        let seen = &mut *seen;
        seen.compared += burst.len() as u64;
        seen.people += burst.iter().filter(|shown| shown.people).count() as u64;
        for (side, [all, sure]) in [(&mut seen.candidate, by_candidate), (&mut seen.working, by_control)] {
            side.missed += all;
            side.missed_sure += sure;
        }
    }

    fn seen(&self) -> MutexGuard<'_, Trial> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Chamber ===

impl Chamber {
    const fn world(&self) -> World {
        match self {
            Self::Filter(_) => World::PrivacyFilter,
            Self::Audit(_) => World::AnonymisationAudit,
            Self::Gestures(_) => World::GestureDetector,
            Self::Audience(_) => World::AudienceMeter,
        }
    }

    /// Whether it works at the front of the pipeline, before the delay line.
    pub(super) const fn is_at_the_front(&self) -> bool {
        matches!(self, Self::Filter(_) | Self::Audience(_))
    }
}

impl fmt::Debug for Shadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadow").field("candidate", &self.candidate).field("seen", &self.seen).finish_non_exhaustive()
    }
}

/// How many of the regions of one the other leaves bare, and of these how many it is sure of.
fn missed(
    burst: &[Shown],
    of: impl Fn(&Shown) -> &Found,
    by: impl Fn(&Shown) -> &Found,
    grow: f32,
    share: f64,
) -> [u64; 2] {
    let mut missed = [0, 0];
    for shown in burst {
        let near = |other: &&Shown| shown.at.since(other.at).max(other.at.since(shown.at)) <= EXTEND;
        let masks: Vec<Rect> = burst.iter().filter(near).flat_map(&by).map(|(area, _)| area.grow(grow)).collect();
        for (region, sure) in of(shown) {
            let bare = !is_covered(*region, &masks, share);
            missed[0] += u64::from(bare);
            missed[1] += u64::from(bare && *sure);
        }
    }
    missed
}

/// Whether all of these together cover so much of a region, by 16 points of each of 16 rows.
fn is_covered(region: Rect, by: &[Rect], share: f64) -> bool {
    const POINTS: u32 = 16;
    let place = |from: i32, length: u32, i: u32| from + ((2 * i + 1) * length / (2 * POINTS)) as i32;
    let row = |y| (0..POINTS).map(move |x| (place(region.x, region.width, x), place(region.y, region.height, y)));
    let mut bare: Vec<(i32, i32)> = (0..POINTS).flat_map(row).collect();
    let may_be_bare = ((1.0 - share) * bare.len() as f64) as usize;
    for mask in by {
        bare.retain(|(x, y)| !mask.contains(*x, *y));
        if bare.len() <= may_be_bare {
            return true;
        }
    }
    false
}

// === impl Side ===

impl Side {
    fn add(&mut self, found: &Found, took: Duration) {
        self.found += found.len() as u64;
        self.sure += found.iter().filter(|(_, sure)| *sure).count() as u64;
        self.frames += u64::from(!found.is_empty());
        self.pixels += found.iter().map(|(area, _)| area.area()).sum::<u64>();
        self.micros += took.as_micros() as u64;
    }
}

// === impl Budget ===

impl Budget {
    /// Whether a frame may be shown now: always within a burst, and a burst begins when the time spent is within the share.
    fn allows(&mut self, at: Timestamp) -> bool {
        if self.burst.is_none() && self.spent.as_secs_f64() <= self.share * self.begun.elapsed().as_secs_f64() {
            self.burst = Some(at);
        }
        self.burst.is_some()
    }

    /// Counts time, and says whether the burst is over with it.
    fn spend(&mut self, time: Duration, at: Timestamp) -> bool {
        self.spent += time;
        let over = self.burst.is_none_or(|begun| at.since(begun).max(begun.since(at)) >= BURST);
        if over {
            self.burst = None;
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Rect = Rect::new(100, 100, 40, 40);
    const THERE: Rect = Rect::new(300, 100, 40, 40);

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_nanos(1_000_000_000_000 + ms * 1_000_000)
    }

    fn shown(ms: i64, control: &[Rect], candidate: &[Rect]) -> Shown {
        let sure = |areas: &[Rect]| areas.iter().map(|area| (*area, true)).collect();
        Shown { at: at(ms), people: true, control: sure(control), candidate: sure(candidate) }
    }

    fn both(burst: &[Shown]) -> [u64; 2] {
        let missed = |of: fn(&Shown) -> &Found, by: fn(&Shown) -> &Found| missed(burst, of, by, GROW, MASKED)[0];
        [missed(|s| &s.control, |s| &s.candidate), missed(|s| &s.candidate, |s| &s.control)]
    }

    #[test]
    fn what_the_hold_would_mask_is_not_missed() {
        let flickers = [shown(0, &[HERE], &[]), shown(100, &[HERE], &[HERE]), shown(200, &[], &[HERE])];
        assert_eq!(both(&flickers), [0, 0]);
        let late = [shown(0, &[HERE], &[]), shown(600, &[], &[HERE])];
        assert_eq!(both(&late), [1, 1], "the hold reaches half a second");
    }

    #[test]
    fn who_loses_a_face_in_the_middle_of_a_burst_has_missed_it() {
        let loses = |i: i64| if i < 3 { vec![HERE] } else { Vec::new() };
        let burst: Vec<Shown> = (0..10).map(|i| shown(i * 100, &[HERE], &loses(i))).collect();
        // It saw it last at 200 ms, which holds to 700 ms.
        assert_eq!(both(&burst), [2, 0]);
    }

    #[test]
    fn a_face_that_one_never_finds_is_missed_in_every_frame() {
        let blind: Vec<Shown> = (0..10).map(|i| shown(i * 100, &[HERE, THERE], &[THERE])).collect();
        assert_eq!(both(&blind), [10, 0]);
    }

    #[test]
    fn a_mask_that_leaves_a_part_of_a_face_bare_is_none() {
        // Grown by 1.3 a mask of 40 pixels reaches 6 further on each side.
        let beside = |x| both(&[shown(0, &[HERE], &[Rect::new(x, 100, 40, 40)])]);
        assert_eq!(beside(106), [0, 0]);
        assert_eq!(beside(112), [1, 1]);
        // Two halves are a whole.
        let halves = [shown(0, &[HERE], &[Rect::new(100, 100, 20, 40), Rect::new(120, 100, 20, 40)])];
        assert_eq!(both(&halves)[0], 0);
    }

    #[test]
    fn of_what_is_missed_is_told_what_the_other_is_sure_of() {
        let unsure = Shown { control: vec![(HERE, true), (THERE, false)], ..shown(0, &[], &[]) };
        assert_eq!(missed(&[unsure], |s| &s.control, |s| &s.candidate, GROW, MASKED), [2, 1]);
    }

    #[test]
    fn a_trial_takes_no_more_than_its_share() {
        let begun = Instant::now().checked_sub(Duration::from_secs(100)).expect("the machine has run for that long");
        let mut budget = Budget { share: 0.1, begun, spent: Duration::ZERO, burst: None };
        let (mut frames, mut ms) = (0, 0);
        while budget.allows(at(ms)) {
            budget.spend(Duration::from_millis(130), at(ms));
            frames += 1;
            ms += 100;
        }
        // Ten seconds, in bursts of eleven frames.
        assert_eq!((frames, frames % 11), (77, 0));
    }

    #[test]
    fn a_trial_begins_with_a_whole_burst() {
        let mut budget = Budget { share: 0.1, begun: Instant::now(), spent: Duration::ZERO, burst: None };
        let shown = (0..30).filter(|i| {
            let allowed = budget.allows(at(i * 100));
            if allowed {
                budget.spend(Duration::from_secs(1), at(i * 100));
            }
            allowed
        });
        assert_eq!(shown.count(), 11);
    }
}
