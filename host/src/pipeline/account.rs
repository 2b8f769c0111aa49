//! What became of a camera's frames, and what it took.

use std::fmt;
use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};
use sluis_frame::CameraId;
use sluis_guard::Fates;

/// The stations on the way of a frame, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Station {
    /// Reading and decoding the camera's picture.
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

/// Time spent at each station, all frames together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times([Duration; Station::ALL.len()]);

/// What became of a camera's frames.
#[derive(Debug, Clone, Serialize)]
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
    #[serde(rename = "stations")]
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
        self.0[station as usize] += time;
    }

    /// The time at a station.
    pub fn at(&self, station: Station) -> Duration {
        self.0[station as usize]
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        for station in Station::ALL {
            self.add(station, other.at(station));
        }
        self
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Station::ALL.map(|station| (station, self.at(station).as_secs_f64())))
    }
}
