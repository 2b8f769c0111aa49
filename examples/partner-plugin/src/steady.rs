//! What has stayed where it is.

use sluis_sdk::Rect;

/// Rectangles, and in how many frames one after the other each was seen.
#[derive(Debug)]
pub(crate) struct Steady {
    least_frames: u32,
    seen: Vec<(Rect, u32)>,
}

/// Two rectangles are one thing when they share this much of their union.
const SAME: f32 = 0.5;

impl Steady {
    pub(crate) fn new(least_frames: u32) -> Self {
        Self { least_frames, seen: Vec::new() }
    }

    /// Takes a frame's rectangles in, each with something that goes with it; gives those that have been there long enough.
    pub(crate) fn see<T: Copy>(&mut self, areas: &[(Rect, T)]) -> Vec<(Rect, T)> {
        let before = std::mem::take(&mut self.seen);
        let count = |area: Rect| before.iter().find(|(seen, _)| seen.iou(area) >= SAME).map_or(0, |(_, count)| *count);
        self.seen = areas.iter().map(|(area, _)| (*area, count(*area).saturating_add(1))).collect();
        let steady = areas.iter().zip(&self.seen).filter(|(_, (_, count))| *count >= self.least_frames);
        steady.map(|(area, _)| *area).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_counts_and_what_jumps_begins_again() {
        let mut steady = Steady::new(3);
        let here = (Rect::new(0, 0, 16, 16), ());
        let there = (Rect::new(100, 0, 16, 16), ());
        assert_eq!(steady.see(&[here]), []);
        assert_eq!(steady.see(&[here]), []);
        assert_eq!(steady.see(&[(Rect::new(2, 0, 16, 16), ())]).len(), 1);
        assert_eq!(steady.see(&[there]), []);
        assert_eq!(steady.see::<()>(&[]), []);
        assert_eq!(steady.see(&[there]), []);
    }
}
