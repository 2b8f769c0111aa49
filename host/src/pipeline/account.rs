//! What became of a camera's frames, and what it took.

use std::fmt;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize, Serializer};
use sluis_frame::CameraId;
use sluis_guard::Fates;
use sluis_segment::Finished;
use sluis_segment::summary::FrameCounts;
use sluis_stage::World;

use super::histogram::Histogram;
use super::intake::Taken;

/// The stations on the way of a frame, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Station {
    /// Waiting for the camera's next picture, and for a turn at the processor.
    Camera,
    /// The host's own floor.
    Floor,
    /// The audience meter component, and linking.
    Audience,
    /// The privacy filter component.
    Filter,
    /// Tracks, hold, and the delay line.
    Hold,
    /// Painting of masks.
    Paint,
    /// The audit component.
    Audit,
    /// The gesture component.
    Gestures,
    /// Encoding, gate and seal.
    Record,
}

impl fmt::Display for Station {
    /// As in the summary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl Station {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Camera,
        Self::Floor,
        Self::Audience,
        Self::Filter,
        Self::Hold,
        Self::Paint,
        Self::Audit,
        Self::Gestures,
        Self::Record,
    ];
}

/// Time spent at each station, frame by frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times([Histogram; Station::ALL.len()]);

/// How far a camera's pipeline has come.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Progress {
    /// What came from the camera.
    pub taken: Taken,
    /// What was seen of it.
    pub front: Seen,
    /// What was decided on it.
    pub back: Decided,
}

/// What the front of a pipeline has done.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Calls of the filter that failed.
    pub filter_failures: u64,
    /// Calls of the audience meter that failed.
    pub audience_failures: u64,
    /// Persons before the camera's screen.
    pub visits: u64,
    /// Glances.
    pub glances: u64,
    /// Bytes of memory that the filter takes now.
    pub filter_memory: u64,
    /// Bytes of memory that the audience meter takes now.
    pub audience_memory: u64,
    /// Time at its stations.
    pub times: Times,
}

/// What the back of a pipeline has done.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Decided {
    /// How frames ended, whether or not their segment was sealed.
    pub frames: FrameCounts,
    /// What is in segments that are sealed; `None` when nothing is recorded.
    pub sealed: Option<Finished>,
    /// Whether it is over: what is in no segment by then is in none.
    pub over: bool,
    /// Masks painted.
    pub masks: u64,
    /// Gestures told.
    pub gestures: u64,
    /// Frames in which the audit found something the first time.
    pub findings: u64,
    /// Frames masked more strictly than the camera's mode from the first.
    pub stepped_up: u64,
    /// Calls of the audit that failed.
    pub audit_failures: u64,
    /// Calls of the gesture detector that failed.
    pub gesture_failures: u64,
    /// Segments destroyed because they could not be finished.
    pub abandoned: u64,
    /// Bytes of memory that the audit takes now.
    pub audit_memory: u64,
    /// Bytes of memory that the gesture detector takes now.
    pub gesture_memory: u64,
    /// From capture until the recorder had the frame.
    pub latency: Histogram,
    /// Time at its stations.
    pub times: Times,
}

/// What became of a camera's frames.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Which camera.
    pub camera: CameraId,
    /// The four fates; they add up. Dropped are those that are in no segment: never processed, or lost with a segment that was abandoned.
    #[serde(flatten)]
    pub fates: Fates,
    /// Masks painted, over all frames.
    pub masks: u64,
    /// Gestures that the detector told.
    pub gestures: u64,
    /// Persons before the camera's screen, if they are counted.
    pub visits: u64,
    /// Glances that the meter's records were linked into.
    pub glances: u64,
    /// Frames in which the audit found something the first time.
    pub findings: u64,
    /// Frames that were masked more strictly than the camera's mode from the first, because the camera moved, most of the picture changed at once, or the delay line was full.
    pub stepped_up: u64,
    /// Calls of a component that failed: trap, time-out, memory, malformed answer.
    pub failures: u64,
    /// Whether the audit's detector is of another family than the filter's.
    pub independent: bool,
    /// Segments sealed.
    pub segments: u64,
    /// Segments that the gate stopped, or that failed while they were written: destroyed.
    pub abandoned: u64,
    /// Sealed bytes.
    pub bytes: u64,
    /// Time spent at each station, in seconds.
    #[serde(rename = "stations", skip_deserializing, serialize_with = "Times::in_seconds")]
    pub times: Times,
}

// === impl Times ===

impl Times {
    /// Does something and counts its time to a station.
    pub fn measure<T>(&mut self, station: Station, what: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = what();
        self.add(station, start.elapsed());
        result
    }

    /// Counts time to a station.
    pub fn add(&mut self, station: Station, time: Duration) {
        self.0[station as usize].add(time);
    }

    /// The time at a station, all frames together.
    pub fn at(&self, station: Station) -> Duration {
        self.of(station).total()
    }

    /// The times at a station.
    pub const fn of(&self, station: Station) -> &Histogram {
        &self.0[station as usize]
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(times, more)| *times = times.plus(more));
        self
    }

    fn in_seconds<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Station::ALL.map(|station| (station, self.at(station).as_secs_f64())))
    }
}

// === impl Seen ===

impl Seen {
    fn plus(self, other: &Self) -> Self {
        Self {
            filter_failures: self.filter_failures.saturating_add(other.filter_failures),
            audience_failures: self.audience_failures.saturating_add(other.audience_failures),
            visits: self.visits.saturating_add(other.visits),
            glances: self.glances.saturating_add(other.glances),
            filter_memory: other.filter_memory,
            audience_memory: other.audience_memory,
            times: self.times.plus(&other.times),
        }
    }
}

// === impl Decided ===

impl Decided {
    fn plus(self, other: &Self) -> Self {
        let sealed = match (self.sealed, other.sealed) {
            (Some(one), Some(two)) => Some(one.plus(&two)),
            (one, two) => one.or(two),
        };
        Self {
            frames: self.frames.plus(&other.frames),
            sealed,
            over: other.over,
            masks: self.masks.saturating_add(other.masks),
            gestures: self.gestures.saturating_add(other.gestures),
            findings: self.findings.saturating_add(other.findings),
            stepped_up: self.stepped_up.saturating_add(other.stepped_up),
            audit_failures: self.audit_failures.saturating_add(other.audit_failures),
            gesture_failures: self.gesture_failures.saturating_add(other.gesture_failures),
            abandoned: self.abandoned.saturating_add(other.abandoned),
            audit_memory: other.audit_memory,
            gesture_memory: other.gesture_memory,
            latency: self.latency.plus(&other.latency),
            times: self.times.plus(&other.times),
        }
    }
}

// === impl Progress ===

impl Progress {
    /// Both together; what is now (the queue, the rate) is the other's.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        let (one, two) = (self.taken, other.taken);
        let taken = Taken {
            entered: one.entered.saturating_add(two.entered),
            adopted: one.adopted.saturating_add(two.adopted),
            dropped: one.dropped.saturating_add(two.dropped),
            ..two
        };
        Self { taken, front: self.front.plus(&other.front), back: self.back.plus(&other.back) }
    }

    /// How the frames ended so far. What is on its way is in none of the four; nothing is, once the pipeline is over.
    pub fn fates(&self) -> Fates {
        let Self { taken, back, .. } = self;
        // What is in no segment was not recorded, whatever was decided on it.
        let frames = back.sealed.filter(|_| back.over).map_or(back.frames, |sealed| sealed.frames);
        let FrameCounts { recorded, quarantined, blanked } = frames;
        let lost = if back.over { taken.due().saturating_sub(frames.total()) } else { taken.dropped };
        Fates { entered: taken.entered, recorded, quarantined, blanked, dropped: lost }
    }

    /// All of it, for camera `camera`. `independent`: whether the audit's detector is of another family than the filter's.
    pub fn account(&self, camera: CameraId, independent: bool) -> Account {
        let Self { front, back, .. } = self;
        let Finished { segments, sealed_bytes, .. } = back.sealed.unwrap_or_default();
        Account {
            camera,
            fates: self.fates(),
            masks: back.masks,
            gestures: back.gestures,
            visits: front.visits,
            glances: front.glances,
            findings: back.findings,
            stepped_up: back.stepped_up,
            failures: self.failures().iter().map(|(_, failures)| failures).sum(),
            independent,
            segments,
            abandoned: back.abandoned,
            bytes: sealed_bytes,
            times: front.times.plus(&back.times),
        }
    }

    /// Calls that failed, by component.
    pub const fn failures(&self) -> [(World, u64); 4] {
        [
            (World::PrivacyFilter, self.front.filter_failures),
            (World::AnonymisationAudit, self.back.audit_failures),
            (World::GestureDetector, self.back.gesture_failures),
            (World::AudienceMeter, self.front.audience_failures),
        ]
    }

    /// Bytes of memory that components take now.
    pub const fn memory(&self) -> [(World, u64); 4] {
        [
            (World::PrivacyFilter, self.front.filter_memory),
            (World::AnonymisationAudit, self.back.audit_memory),
            (World::GestureDetector, self.back.gesture_memory),
            (World::AudienceMeter, self.front.audience_memory),
        ]
    }
}
