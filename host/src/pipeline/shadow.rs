//! A new version of a component on trial: it is shown what the working one is shown, and nothing that it answers has any effect.
//!
//! It is shown frames in bursts of a second, so that it can follow what moves, and rests between them for as long as keeps its time within its share of a
//! processor. The working one sees every frame and knows what was between the bursts, so the candidate is not held to it but to a *control*: a second chamber of
//! the version in force that is shown the same frames. Two versions that are the same then give the same answers, and there is no noise to allow for. What one of the two found and the other did not in the whole second around it counts as *missed*: the guard's hold masks what is found a second
//! before and after.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sluis_frame::{Cleared, Frame, Person, Raw, Rect, Redacted, Timestamp};
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
    /// Of what the other found, how much it did not find within a second.
    pub missed: u64,
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
    control: Vec<Rect>,
    candidate: Vec<Rect>,
}

/// What one of the two answered to a frame.
#[derive(Default)]
struct Found {
    /// Pixels of all that it named.
    pixels: u64,
    /// What it is held to.
    areas: Vec<Rect>,
}

/// Its answers count after this much time: a detector that learns what the place looks like has had no chance before.
const LEARNS: Duration = Duration::from_secs(10);

/// How long a burst is, in the camera's time, and how far apart two findings of the same may be.
const BURST: Duration = Duration::from_secs(1);

/// The longest a burst may be in frames.
const LONGEST: usize = 60;

/// So much of a region must be covered by the other's for it to be found.
const COVERED: f64 = 0.5;

/// Detectors are not held to what they are less sure of than this, in percent.
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
        self.show(World::PrivacyFilter, frame.header().captured, !people.is_empty(), |chamber| match chamber {
            Chamber::Filter(chamber) => chamber.find(frame, people).ok().map(|regions| Found {
                pixels: regions.iter().map(|region| region.area.area()).sum(),
                areas: regions.iter().filter(|region| region.confidence >= SURE).map(|region| region.area).collect(),
            }),
            _ => None,
        });
    }

    /// Shows an auditor on trial a frame.
    pub(super) fn audit(&mut self, frame: &Frame<Redacted>, people: &[Person]) {
        let with_people = !people.is_empty() || !frame.masks().is_empty();
        self.show(World::AnonymisationAudit, frame.header().captured, with_people, |chamber| match chamber {
            Chamber::Audit(chamber) => {
                let inspection = chamber.inspect(frame, people).ok()?;
                Some(Found::at(inspection.findings.iter().map(|finding| finding.area).collect()))
            }
            _ => None,
        });
    }

    /// Shows a gesture detector on trial a frame. Detectors tell a gesture when they are sure of it, so gestures are counted and not compared one by one.
    pub(super) fn gestures(&mut self, frame: &Frame<Cleared>, people: &[Person]) {
        let with_people = !people.is_empty() || !frame.masks().is_empty();
        self.show(World::GestureDetector, frame.header().captured, with_people, |chamber| match chamber {
            Chamber::Gestures(chamber) => {
                let told = chamber.observe(frame, people).ok()?;
                Some(Found::at(vec![Rect::new(0, 0, 1, 1); told.len()]))
            }
            _ => None,
        });
    }

    /// Shows an audience meter on trial a frame.
    pub(super) fn audience(&mut self, frame: &Frame<Raw>, people: &[Person]) {
        self.show(World::AudienceMeter, frame.header().captured, !people.is_empty(), |chamber| match chamber {
            Chamber::Audience(chamber) => {
                let faces = chamber.measure(frame, people).ok()?;
                Some(Found::at(faces.iter().map(|face| face.area).collect()))
            }
            _ => None,
        });
    }

    /// Asks both about a frame, if they are of this world and have time left. `ask` gives `None` when the call failed.
    fn show(&mut self, world: World, at: Timestamp, people: bool, mut ask: impl FnMut(&mut Chamber) -> Option<Found>) {
        if self.candidate.world() != world {
            return;
        }
        if !self.budget.allows(at) {
            self.seen().passed_over += 1;
            return;
        }
        let mut timed = |chamber: &mut Chamber| {
            let begun = Instant::now();
            (ask(chamber), begun.elapsed())
        };
        // Who comes second finds the picture in the processor's cache: they take turns.
        let candidate_first = self.burst.len() % 2 == 1;
        let early = candidate_first.then(|| timed(&mut self.candidate));
        let control = timed(&mut self.control);
        let candidate = early.unwrap_or_else(|| timed(&mut self.candidate));
        self.compare(at, people, control, candidate);
    }

    /// Takes the answers of both. Of a frame at which the version in force failed it has found nothing; one at which the candidate failed is not compared.
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
        let compared = candidate.filter(|_| !learns).map(|candidate| (control.unwrap_or_default(), candidate));
        if let Some((control, candidate)) = &compared {
            seen.working.add(control, control_took);
            seen.candidate.add(candidate, candidate_took);
        }
        drop(seen);
        if let Some((control, candidate)) = compared {
            // What only the candidate finds may be anything.
            let people = people || !control.areas.is_empty();
            self.burst.push(Shown { at, people, control: control.areas, candidate: candidate.areas });
        }
        if over || self.burst.len() >= LONGEST {
            self.end_burst();
        }
    }

    /// Counts what each missed of what the other found in the burst that is over.
    fn end_burst(&mut self) {
        let burst = std::mem::take(&mut self.burst);
        let [by_candidate, by_control] = if matches!(self.candidate, Chamber::Gestures(_)) {
            [0, 0]
        } else {
            [missed(&burst, |s| &s.control, |s| &s.candidate), missed(&burst, |s| &s.candidate, |s| &s.control)]
        };
        let mut seen = self.seen();
        seen.compared += burst.len() as u64;
        seen.people += burst.iter().filter(|shown| shown.people).count() as u64;
        seen.candidate.missed += by_candidate;
        seen.working.missed += by_control;
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

/// How many of the regions of one are covered by none of the other's within [`BURST`].
fn missed(burst: &[Shown], of: impl Fn(&Shown) -> &Vec<Rect>, by: impl Fn(&Shown) -> &Vec<Rect>) -> u64 {
    let near = |one: Timestamp, other: Timestamp| one.since(other).max(other.since(one)) <= BURST;
    let is_found = |at: Timestamp, region: Rect| {
        burst.iter().filter(|shown| near(shown.at, at)).flat_map(&by).any(|other| covers(*other, region))
    };
    let misses = burst.iter().flat_map(|shown| of(shown).iter().map(|region| (shown.at, *region)));
    misses.filter(|(at, region)| !is_found(*at, *region)).count() as u64
}

fn covers(other: Rect, region: Rect) -> bool {
    let common = other.intersect(region).map_or(0, Rect::area);
    common as f64 >= COVERED * region.area() as f64
}

// === impl Found ===

impl Found {
    fn at(areas: Vec<Rect>) -> Self {
        Self { pixels: areas.iter().map(|area| area.area()).sum(), areas }
    }
}

// === impl Side ===

impl Side {
    fn add(&mut self, found: &Found, took: Duration) {
        self.found += found.areas.len() as u64;
        self.frames += u64::from(!found.areas.is_empty());
        self.pixels += found.pixels;
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
        Shown { at: at(ms), people: true, control: control.to_vec(), candidate: candidate.to_vec() }
    }

    fn both(burst: &[Shown]) -> [u64; 2] {
        [missed(burst, |s| &s.control, |s| &s.candidate), missed(burst, |s| &s.candidate, |s| &s.control)]
    }

    #[test]
    fn what_the_other_found_within_a_second_is_not_missed() {
        let flickers = [shown(0, &[HERE], &[]), shown(100, &[HERE], &[HERE]), shown(200, &[], &[HERE])];
        assert_eq!(both(&flickers), [0, 0]);
        let late = [shown(0, &[HERE], &[]), shown(1_100, &[], &[HERE])];
        assert_eq!(both(&late), [1, 1]);
    }

    #[test]
    fn a_face_that_one_never_finds_is_missed_in_every_frame() {
        let blind: Vec<Shown> = (0..10).map(|i| shown(i * 100, &[HERE, THERE], &[THERE])).collect();
        assert_eq!(both(&blind), [10, 0]);
        // A region that covers the other by half is the same; by less it is not.
        let half = [shown(0, &[HERE], &[Rect::new(120, 100, 40, 40)])];
        assert_eq!(both(&half), [0, 0]);
        let less = [shown(0, &[HERE], &[Rect::new(121, 100, 40, 40)])];
        assert_eq!(both(&less), [1, 1]);
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
