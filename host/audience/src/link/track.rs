//! One person, while he or she is before the screen.

use sluis_frame::{AgeClass, Face, Rect, ScreenId, SexClass, SizeClass, Timestamp, Visit};

use super::attention::Attention;

/// Seen fewer times than this, it was a false alarm of the detector.
const SIGHTINGS: u32 = 3;

/// How far a face may be from where it was expected, in sides of a face: `NEAR` at once, more with every second that it was not seen, never more than
/// `FAR`. A face box is about 0.17 m wide, so somebody who walks across at 1.4 m/s and was seen once moves 0.8 sides between two frames at 10 a second.
const NEAR: f32 = 0.75;
const DRIFT_PER_SECOND: f32 = 2.5;
const FAR: f32 = 2.0;

/// Two sightings of one face differ in height by less than this factor, grid included.
const GROWTH: f32 = 2.0;

/// How much a new measurement of speed counts against the ones before.
const FRESH: f32 = 0.5;

/// Speed says nothing of where a face is after so many seconds.
const COASTS_SECONDS: f32 = 0.5;

/// One person.
#[derive(Debug)]
pub(super) struct Track {
    first: Timestamp,
    last: Timestamp,
    area: Rect,
    /// Pixels a second, right and down.
    speed: (f32, f32),
    sightings: u32,
    attention: Attention,
    sizes: [u32; SizeClass::ALL.len()],
    /// Of the sightings with the face towards the screen.
    ages: [u32; AgeClass::ALL.len()],
    sexes: [u32; SexClass::ALL.len()],
}

// === impl Track ===

impl Track {
    pub(super) fn new(at: Timestamp, face: Face) -> Self {
        let mut track = Self {
            first: at,
            last: at,
            area: face.area,
            speed: (0.0, 0.0),
            sightings: 0,
            attention: Attention::default(),
            sizes: Default::default(),
            ages: Default::default(),
            sexes: Default::default(),
        };
        track.count(at, face);
        track
    }

    pub(super) const fn first(&self) -> Timestamp {
        self.first
    }

    pub(super) const fn last(&self) -> Timestamp {
        self.last
    }

    /// How far `area` is from where this person is expected, in sides of a face; `None` when it cannot be the same face.
    pub(super) fn distance(&self, now: Timestamp, area: Rect) -> Option<f32> {
        let (old, new) = (self.area.height.max(1) as f32, area.height.max(1) as f32);
        if old.max(new) > GROWTH * old.min(new) {
            return None;
        }
        let unseen = now.since(self.last).as_secs_f32();
        let coasts = unseen.min(COASTS_SECONDS);
        let (from, to) = (self.area.centre(), area.centre());
        let (dx, dy) = (to.x - from.x - self.speed.0 * coasts, to.y - from.y - self.speed.1 * coasts);
        let side = (side(self.area) + side(area)) / 2.0;
        let distance = dx.hypot(dy) / side;
        (distance <= (NEAR + DRIFT_PER_SECOND * unseen).min(FAR)).then_some(distance)
    }

    /// The person was seen.
    pub(super) fn see(&mut self, at: Timestamp, face: Face) {
        let seconds = at.since(self.last).as_secs_f32();
        if seconds > 0.0 {
            let (from, to) = (self.area.centre(), face.area.centre());
            let blend = |old: f32, way: f32| old + FRESH * (way / seconds - old);
            self.speed = (blend(self.speed.0, to.x - from.x), blend(self.speed.1, to.y - from.y));
        }
        (self.last, self.area) = (at, face.area);
        self.count(at, face);
    }

    /// Time has passed, perhaps without a sighting.
    pub(super) fn settle(&mut self, now: Timestamp) {
        self.attention.settle(now);
    }

    /// What is kept of the person; `None` when there was none.
    pub(super) fn visit(self, screen: &ScreenId) -> Option<Visit> {
        if self.sightings < SIGHTINGS {
            return None;
        }
        let most = |counts: &[u32]| (0..counts.len()).rev().max_by_key(|class| counts[*class]);
        let size = SizeClass::ALL[most(&self.sizes).unwrap_or(0)];
        let visit = Visit::new(screen.clone(), self.first, self.last.since(self.first), size);
        let glances = self.attention.glances();
        let visit = glances.into_iter().fold(visit, |visit, (start, length)| visit.with_glance(start, length));
        let age = majority(&self.ages).map_or(AgeClass::Unknown, |class| AgeClass::ALL[class]);
        let sex = majority(&self.sexes).map_or(SexClass::Undetermined, |class| SexClass::ALL[class]);
        Some(visit.with_person(age, sex))
    }

    fn count(&mut self, at: Timestamp, face: Face) {
        self.sightings += 1;
        self.attention.see(at, face.attentive);
        self.sizes[face.size as usize] += 1;
        if face.attentive {
            self.ages[face.age as usize] += 1;
            self.sexes[face.sex as usize] += 1;
        }
    }
}

fn side(area: Rect) -> f32 {
    ((area.width + area.height) as f32 / 2.0).max(1.0)
}

/// The class with more than half of all votes, and at least three. Unsure votes count against it, so somebody of whom the model was mostly unsure stays unknown.
fn majority(votes: &[u32]) -> Option<usize> {
    let all: u32 = votes.iter().sum();
    votes.iter().position(|count| *count >= SIGHTINGS && count * 2 > all)
}
