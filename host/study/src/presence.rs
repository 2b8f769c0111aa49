//! Masked heads as visits: which head of this frame is which of the frames before.
//!
//! Masks carry no names. Heads that overlap from one frame to the next are taken for one, greedily by overlap; a head that has been away for longer than
//! [`AWAY`] comes back as a new visit. So visits are at most too many and too short, and a group of visits is counted with care: see [`heat`](crate::heat).

use std::time::Duration;

use sluis_frame::{Point, Rect, Timestamp};

/// For how long a head may be away and still be the same visit.
pub const AWAY: Duration = Duration::from_secs(2);

/// Two masks are on one head when they share this much of the smaller one: a head is often masked by floor, filter and hold at once.
const SAME_HEAD: f32 = 0.3;

/// The heads of one camera.
#[derive(Debug, Default)]
pub struct Presence {
    here: Vec<Visit>,
    begun: u32,
}

/// A head in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Head {
    /// Which visit.
    pub visit: u32,
    /// Its middle, in camera pixels.
    pub at: Point,
    /// Since when it has been seen without a gap in this visit; at most [`AWAY`].
    pub since: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Visit {
    number: u32,
    area: Rect,
    seen: Timestamp,
}

// === impl Presence ===

impl Presence {
    /// The heads under the masks of the next frame.
    pub fn see(&mut self, at: Timestamp, masks: &[Rect]) -> Vec<Head> {
        // A clock that was set back begins anew.
        self.here.retain(|visit| at >= visit.seen && at.since(visit.seen) <= AWAY);
        let mut free = std::mem::take(&mut self.here);
        let mut heads = Vec::new();
        for area in merge(masks) {
            let overlaps = free.iter().map(|visit| visit.area.iou(area)).enumerate();
            let best = overlaps.filter(|(_, iou)| *iou > 0.0).max_by(|a, b| a.1.total_cmp(&b.1));
            let (number, since) = match best {
                Some((n, _)) => {
                    let visit = free.swap_remove(n);
                    (visit.number, at.since(visit.seen))
                }
                None => {
                    self.begun += 1;
                    (self.begun - 1, Duration::ZERO)
                }
            };
            self.here.push(Visit { number, area, seen: at });
            heads.push(Head { visit: number, at: area.centre(), since });
        }
        // Those who are hidden for a moment.
        self.here.extend(free);
        heads
    }
}

/// The boxes of heads: masks that share much are one.
fn merge(masks: &[Rect]) -> Vec<Rect> {
    let mut heads: Vec<Rect> = Vec::new();
    for mask in masks.iter().filter(|mask| !mask.is_empty()) {
        let mut head = *mask;
        while let Some(n) = heads.iter().position(|other| shared(*other, head) >= SAME_HEAD) {
            head = heads.swap_remove(n).union(head);
        }
        heads.push(head);
    }
    heads
}

fn shared(a: Rect, b: Rect) -> f32 {
    let both = a.intersect(b).map_or(0, Rect::area);
    both as f32 / a.area().min(b.area()).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_secs(100) + Duration::from_millis(ms)
    }

    #[test]
    fn a_head_that_moves_is_one_visit_and_its_time_adds_up() {
        let mut presence = Presence::default();
        let mut stayed = Duration::ZERO;
        for n in 0..50 {
            let heads = presence.see(at(n * 100), &[Rect::new(n as i32 * 5, 10, 20, 20)]);
            assert_eq!((heads.len(), heads[0].visit), (1, 0));
            stayed += heads[0].since;
        }
        assert_eq!(stayed, Duration::from_millis(4900));
    }

    #[test]
    fn several_masks_on_one_head_are_one_head() {
        let mut presence = Presence::default();
        let masks = [Rect::new(10, 10, 20, 20), Rect::new(60, 10, 20, 20), Rect::new(12, 8, 30, 30)];
        assert_eq!(presence.see(at(0), &masks).len(), 2);
    }

    #[test]
    fn who_comes_back_after_a_while_is_a_new_visit() {
        let mut presence = Presence::default();
        let mask = [Rect::new(10, 10, 20, 20)];
        let mut visit = |ms| presence.see(at(ms), &mask)[0].visit;
        assert_eq!([visit(0), visit(1900), visit(4000)], [0, 0, 1]);
    }

    #[test]
    fn a_clock_set_back_begins_anew() {
        let mut presence = Presence::default();
        presence.see(at(9000), &[Rect::new(10, 10, 20, 20)]);
        assert_eq!(presence.see(at(0), &[Rect::new(10, 10, 20, 20)])[0].visit, 1);
    }
}
