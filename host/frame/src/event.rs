//! What people did, as a gesture detector tells it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gesture {
    /// Somebody comes near a zone.
    Approach,
    /// Somebody stays at a zone.
    Dwell,
    /// A hand, or a product in it, enters a zone.
    Reach,
    /// A product leaves its zone in a hand.
    Take,
    /// A product is returned to a zone.
    PutBack,
    /// Somebody stands in a queue.
    Wait,
    /// Somebody leaves a zone or the picture.
    Leave,
}

impl fmt::Display for Gesture {
    /// As the contract writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Approach => "approach",
            Self::Dwell => "dwell",
            Self::Reach => "reach",
            Self::Take => "take",
            Self::PutBack => "put-back",
            Self::Wait => "wait",
            Self::Leave => "leave",
        })
    }
}

/// One thing that happened, told when it has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub gesture: Gesture,
    /// A number for the person, forgotten when the track ends; it means nothing beyond one run of its camera.
    pub track: u32,
    /// The zone, as the configuration names it.
    pub zone: Option<String>,
    /// Capture of the first frame of it, to the millisecond.
    pub start: Timestamp,
    /// Capture of the last frame of it, likewise.
    pub end: Timestamp,
    /// Where the hand met the zone: x and y in camera pixels.
    pub contact: Option<(i32, i32)>,
    /// Where the person stood: x and y in millimetres on the shop's floor.
    pub position: Option<(i32, i32)>,
    /// 0 to 100.
    pub confidence: u8,
}
