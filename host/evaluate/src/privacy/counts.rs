//! What a comparison of recorded pictures with labels comes to.

use std::ops::AddAssign;

use serde::{Serialize, Serializer};

/// Counts of one clip, or of several together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Recorded frames that are labelled.
    pub frames: u64,
    /// Face-frames: visible faces large enough, over all frames.
    pub faces: u64,
    /// Those that can be seen.
    pub exposed: u64,
    /// In how many labelled frames in a row one face was exposed, at most.
    pub longest_exposed_run: u64,
    /// Heads seen from behind, large enough, over all frames.
    pub heads_behind: u64,
    /// Those of whose head less than enough is masked.
    pub heads_behind_exposed: u64,
    /// Heads from behind that move.
    pub heads_behind_moving: u64,
    /// Those of them that are exposed.
    pub heads_behind_moving_exposed: u64,
    /// Frames of which only a blank was recorded.
    pub blanked: u64,
    /// Frames that were recorded after stricter masking.
    pub quarantined: u64,
    /// The masked share of the pictures that are not blank, 0 to 1.
    pub mask_share: Mean,
    /// The share of those pictures that is labelled as head, 0 to 1.
    pub head_share: Mean,
    /// Separate masked areas that touch no labelled head, over the same frames.
    pub masks_elsewhere: u64,
    /// Frames with an exposed face that the audit let through.
    pub audit_misses: u64,
    /// Frames in which all faces were masked at the first masking.
    pub rightly_masked: u64,
    /// Those of them in which the audit found something all the same, none of it on an uncovered head.
    pub audit_false_alarms: u64,
}

/// A mean that goes on; told as its value.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Mean {
    sum: f64,
    of: u64,
}

/// Counts of one person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TrackCounts {
    /// Who, as labelled.
    pub id: u64,
    /// Frames with a visible face that is large enough.
    pub faces: u64,
    /// Those in which it can be seen.
    pub exposed: u64,
    /// In how many labelled frames in a row, at most.
    pub longest_exposed_run: u64,
    /// Frames in which the head is seen from behind.
    pub heads_behind: u64,
    /// Those in which it is exposed.
    pub heads_behind_exposed: u64,
}

// === impl Counts ===

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.faces += other.faces;
        self.exposed += other.exposed;
        self.longest_exposed_run = self.longest_exposed_run.max(other.longest_exposed_run);
        self.heads_behind += other.heads_behind;
        self.heads_behind_exposed += other.heads_behind_exposed;
        self.heads_behind_moving += other.heads_behind_moving;
        self.heads_behind_moving_exposed += other.heads_behind_moving_exposed;
        self.blanked += other.blanked;
        self.quarantined += other.quarantined;
        self.mask_share += other.mask_share;
        self.head_share += other.head_share;
        self.masks_elsewhere += other.masks_elsewhere;
        self.audit_misses += other.audit_misses;
        self.rightly_masked += other.rightly_masked;
        self.audit_false_alarms += other.audit_false_alarms;
    }
}

// === impl Mean ===

impl Mean {
    /// One more value.
    pub fn add(&mut self, value: f64) {
        *self += Self { sum: value, of: 1 };
    }

    /// The mean; 0 of nothing.
    pub fn value(self) -> f64 {
        self.sum / self.of.max(1) as f64
    }
}

impl AddAssign for Mean {
    fn add_assign(&mut self, other: Self) {
        self.sum += other.sum;
        self.of += other.of;
    }
}

impl Serialize for Mean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.value())
    }
}
