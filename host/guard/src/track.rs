//! Links what was seen from frame to frame, and says what must be masked in a frame because of it.
//!
//! A detector flickers, and finds a face a little too late. Its answers are linked into tracks; a track is masked where it was seen, in between by
//! interpolation, and before its beginning and after its end for the hold time. Linking is greedy, best overlap first: at shop scale the optimal
//! assignment differs only where two heads cross, and there a doubtful link never costs a mask. It opens a second track beside the first,
//! and both are masked.

use std::collections::VecDeque;
use std::time::Duration;

use sluis_frame::Rect;

/// Overlap of a detection with a track's predicted place from which they are taken for the same without doubt.
const SURE: f32 = 0.3;
/// Overlap from which they may be the same, both grown by [`REACH`]. Boxes of one size reach it within 1.2 box widths.
const PERHAPS: f32 = 0.1;
const REACH: f32 = 1.5;
/// What the floor saw is held beyond the frames on which it was seen once it was seen this often: frames wait long enough to learn of it, so its first sight is
/// extended as well.
const SURELY_THERE: u32 = 2;
/// A face that moved less than this share of its width within this time sits still. Nobody leaves without moving: when the filter finds it no more, somebody has turned away, and it is masked for some seconds
/// still. So is what the audit found: whatever was wrong with one frame is masked in those after it.
const STILL_WITHIN: f32 = 0.25;
const STILL_FOR: Duration = Duration::from_millis(300);
const STAYS: Duration = Duration::from_secs(5);
/// Velocity is measured over this long where the track has it, so that a jitter of a pixel or two does not become speed.
const VELOCITY_BASE: Duration = Duration::from_millis(200);
/// A prediction leads at most this many box sizes away: a track seen twice in passing may be anything.
const FARTHEST: f32 = 1.5;

/// What a track is of. Only likes are linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A face or head that the filter named.
    Head,
    /// Anything else that the filter named.
    Region,
    /// A head zone of the floor.
    FloorHead,
    /// A silhouette of the floor.
    Body,
    /// What the audit found.
    Audit,
}

/// A place that must be masked in the frame that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) kind: Kind,
    pub(crate) area: Rect,
    /// It was seen in that very frame.
    pub(crate) seen: bool,
}

/// All tracks of a camera.
#[derive(Debug)]
pub(crate) struct Tracks {
    /// The longest gap that is bridged.
    gap: Duration,
    /// How far a track is masked before its beginning and after its end.
    extend: Duration,
    tracks: Vec<Track>,
}

#[derive(Debug)]
struct Track {
    kind: Kind,
    /// In order of time, at most one at a time, never empty.
    seen: VecDeque<Seen>,
    /// How often it was surely the same that was seen.
    times: u32,
    /// It hardly moved before it was seen last.
    still: bool,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Duration,
    area: Rect,
}

// === impl Kind ===

impl Kind {
    /// The outlines of silhouettes come and go with light and noise: how they jump says little about where somebody goes: enough to find them again, not to mask them there. The audit looks but now and then.
    fn goes_nowhere(self) -> bool {
        matches!(self, Self::FloorHead | Self::Body | Self::Audit)
    }
}

// === impl Tracks ===

impl Tracks {
    pub(crate) fn new(gap: Duration, extend: Duration) -> Self {
        Self { gap, extend, tracks: Vec::new() }
    }

    /// What was seen of one kind in the frame captured at `at`. Empty areas are nothing.
    pub(crate) fn observe(&mut self, at: Duration, kind: Kind, areas: impl IntoIterator<Item = Rect>) {
        let areas: Vec<Rect> = areas.into_iter().filter(|area| !area.is_empty()).collect();
        let open: Vec<usize> = (0..self.tracks.len()).filter(|i| self.tracks[*i].is_open(kind, at, self.gap)).collect();
        let mut pairs = Vec::new();
        for &track in &open {
            let expected = self.tracks[track].expected(at);
            for (found, area) in areas.iter().enumerate() {
                let sure = expected.iou(*area);
                let perhaps = expected.grow(REACH).iou(area.grow(REACH));
                if sure >= SURE || perhaps >= PERHAPS {
                    pairs.push((sure, perhaps, track, found));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
        let mut linked = vec![false; areas.len()];
        let mut continued = vec![false; self.tracks.len()];
        for (sure, _, track, found) in pairs {
            if linked[found] || continued[track] {
                continue;
            }
            (linked[found], continued[track]) = (true, true);
            let seen = Seen { at, area: areas[found] };
            if sure >= SURE {
                self.tracks[track].see(seen);
            } else {
                // Perhaps the same, perhaps its neighbour: bridge the two, and let the first be held as if it had ended.
                let Track { times, .. } = self.tracks[track];
                let last = self.tracks[track].last();
                self.tracks.push(Track { kind, seen: [last, seen].into(), times: times + 1, still: false });
            }
        }
        for (area, _) in areas.iter().zip(&linked).filter(|(_, linked)| !**linked) {
            self.tracks.push(Track { kind, seen: [Seen { at, area: *area }].into(), times: 1, still: false });
        }
    }

    /// Everything that must be masked in a frame captured at `at`, not grown.
    pub(crate) fn places(&self, at: Duration) -> impl Iterator<Item = Place> {
        self.tracks.iter().filter_map(move |track| {
            // Nobody was seen to come before the first frame: who is seen soon after it was there.
            let lead = if track.seen[0].at <= self.gap { self.gap } else { self.extend };
            track.place(at, lead, self.extend)
        })
    }

    /// Forgets what no frame captured at `oldest` or later can need.
    pub(crate) fn forget_before(&mut self, oldest: Duration) {
        let memory = self.gap.max(self.extend);
        self.tracks.retain_mut(|track| {
            // The one before the first that still counts is the other end of a gap.
            while track.seen.len() > 1 && track.seen[1].at + memory < oldest {
                track.seen.pop_front();
            }
            let memory = if track.stays() { memory.max(STAYS) } else { memory };
            track.last().at + memory >= oldest
        });
    }
}

// === impl Track ===

impl Track {
    fn last(&self) -> Seen {
        *self.seen.back().expect("a track begins with what was seen and keeps its last")
    }

    fn is_open(&self, kind: Kind, at: Duration, gap: Duration) -> bool {
        let last = self.last().at;
        self.kind == kind && last < at && at - last <= gap
    }

    /// Where it should be at `at`, after its last.
    fn expected(&self, at: Duration) -> Rect {
        let last = self.last();
        let before = self.seen.iter().rev().skip(1);
        let base = before.clone().find(|s| last.at - s.at >= VELOCITY_BASE).or(before.last());
        base.map_or(last.area, |base| carried(*base, last, at))
    }

    /// Where it should have been at `at`, before its first.
    fn expected_before(&self, at: Duration) -> Rect {
        let first = self.seen[0];
        let after = self.seen.iter().skip(1);
        let base = after.clone().find(|s| s.at - first.at >= VELOCITY_BASE).or(after.last());
        base.map_or(first.area, |base| carried(*base, first, at))
    }

    /// Sees it once more, surely.
    fn see(&mut self, seen: Seen) {
        let before = self.seen.iter().rev().find(|s| seen.at.saturating_sub(s.at) >= STILL_FOR);
        let moved = |s: &Seen| {
            let (a, b) = (s.area.centre(), seen.area.centre());
            (a.x - b.x).hypot(a.y - b.y)
        };
        self.still = before.is_some_and(|s| moved(s) <= STILL_WITHIN * seen.area.width as f32);
        self.seen.push_back(seen);
        self.times += 1;
    }

    /// Whether it is masked for longer after its last sight: a face that hardly moved when it was found last, and whatever the audit found.
    fn stays(&self) -> bool {
        self.kind == Kind::Audit || (self.kind == Kind::Head && self.still)
    }

    /// Whether it is masked in frames on which it was not seen. What the floor sees flickers where light and noise do; somebody is seen again.
    fn is_sure(&self) -> bool {
        match self.kind {
            Kind::Head | Kind::Region | Kind::Audit => true,
            Kind::FloorHead | Kind::Body => self.times >= SURELY_THERE,
        }
    }

    /// Where it is masked at `at`: it is extended by `lead` before its first sight, and by `extend` after its last.
    fn place(&self, at: Duration, lead: Duration, extend: Duration) -> Option<Place> {
        let next = self.seen.partition_point(|s| s.at < at);
        let place = |area| Some(Place { kind: self.kind, area, seen: false });
        match (next.checked_sub(1).map(|i| self.seen[i]), self.seen.get(next)) {
            (_, Some(seen)) if seen.at == at => Some(Place { kind: self.kind, area: seen.area, seen: true }),
            _ if !self.is_sure() => None,
            (Some(before), Some(after)) => {
                // What was seen just before may still be there, and what is seen soon may be there already.
                let held = (at - before.at <= extend).then_some(before.area);
                let early = (after.at - at <= extend).then_some(after.area);
                place([held, early].into_iter().flatten().fold(between(before, *after, at), Rect::union))
            }
            (Some(last), None) if at - last.at <= extend && self.kind.goes_nowhere() => place(last.area),
            (Some(last), None) if at - last.at <= extend => place(last.area.union(self.expected(at))),
            (Some(last), None) if at - last.at <= STAYS && self.stays() => place(last.area),
            (None, Some(first)) if first.at - at <= lead && self.kind.goes_nowhere() => place(first.area),
            (None, Some(first)) if first.at - at <= lead => place(first.area.union(self.expected_before(at))),
            _ => None,
        }
    }
}

/// The area of `from` moved on to `at`, at the speed at which it came from `base` (or, backwards, goes to it).
fn carried(base: Seen, from: Seen, at: Duration) -> Rect {
    let seconds = from.at.as_secs_f32() - base.at.as_secs_f32();
    let ahead = at.as_secs_f32() - from.at.as_secs_f32();
    if seconds == 0.0 {
        return from.area;
    }
    let (a, b) = (base.area.centre(), from.area.centre());
    let limit = |length: u32| length as f32 * FARTHEST;
    let (w, h) = (limit(from.area.width), limit(from.area.height));
    let dx = ((b.x - a.x) / seconds * ahead).clamp(-w, w) as i64;
    let dy = ((b.y - a.y) / seconds * ahead).clamp(-h, h) as i64;
    let r = from.area;
    Rect::from_edges(r.left() + dx, r.top() + dy, r.right() + dx, r.bottom() + dy)
}

/// On the way from one to the other, edge by edge.
fn between(before: Seen, after: Seen, at: Duration) -> Rect {
    let t = (at - before.at).as_secs_f64() / (after.at - before.at).as_secs_f64();
    let on_the_way = |from: i64, to: i64| from as f64 + (to - from) as f64 * t;
    let (a, b) = (before.area, after.area);
    Rect::from_edges(
        on_the_way(a.left(), b.left()).floor() as i64,
        on_the_way(a.top(), b.top()).floor() as i64,
        on_the_way(a.right(), b.right()).ceil() as i64,
        on_the_way(a.bottom(), b.bottom()).ceil() as i64,
    )
}
