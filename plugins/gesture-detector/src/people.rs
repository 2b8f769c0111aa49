//! Who is there, from frame to frame.
//!
//! The host's floor names silhouettes in each frame; here they become tracks. Where depth and pose tell where they stand, what stands at one place is one person, and goes on with the
//! track that was near; elsewhere a silhouette goes on with the track whose place in the picture, foreseen from its movement, it fits best; two
//! people who cross are one silhouette for a while, and their tracks wait on it, each with its own movement, and part again by place and by the colours of their clothes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use sluis_sdk::{Frame, PixelFormat, Rect, Size};

use crate::change::Colours;
use crate::look::Look;
use crate::stand::Standing;

/// A track that is not seen for so long has ended.
const LOST_MS: u64 = 1_500;
/// A track must have been seen on so many frames, and for so long, to be somebody.
const FRAMES: u32 = 4;
const LASTED_MS: u64 = 400;
/// Silhouettes narrower or lower than this share of the picture are nobody.
const LEAST: f32 = 0.04;
/// Who stands moves slower than this: metres a second, and, without depth, heights of the silhouette a second (of somebody 1.7 m tall). Trunks sway, and are measured with noise.
const STANDS: f32 = 0.4;
const STANDS_PICTURE: f32 = STANDS / 1.7;
/// People in shops walk no faster, in metres a second.
const FASTEST: f32 = 2.0;
/// What stands nearer together than this, in metres, is one person: a trunk is 0.45 m broad, and two who stand shoulder to shoulder are 0.5 m apart.
const ONE_PERSON: f32 = 0.4;
/// A person goes on no farther than this from where they were foreseen, in metres: the middle of a trunk, as seen, wanders by half its breadth, and who is hidden for a moment may turn.
const GOES_ON: f32 = 0.7;

/// Who is named most often, the earliest track among equals.
pub fn most_often(tracks: &[u32]) -> Option<u32> {
    let mut counts = BTreeMap::new();
    tracks.iter().for_each(|track| *counts.entry(*track).or_insert(0u32) += 1);
    counts.into_iter().max_by_key(|(track, count)| (*count, Reverse(*track))).map(|(track, _)| track)
}

/// Somebody, in one frame.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The track.
    pub track: u32,
    /// The silhouette's bounding box, in camera pixels.
    pub body: Rect,
}

/// Somebody, from frame to frame.
#[derive(Debug, Clone)]
pub struct Track {
    /// Its number.
    pub id: u32,
    /// Where the silhouette is, or is thought to be: left, top, right, bottom, in camera pixels.
    pub area: [f32; 4],
    /// Its movement, in pixels a second.
    pub speed: [f32; 2],
    /// Where it stands, in metres on the shop's floor, where that is known.
    pub place: Option<[f32; 2]>,
    /// Its movement there, in metres a second.
    pace: [f32; 2],
    /// First and last frame on which it was seen.
    pub first_ms: u64,
    /// The last.
    pub seen_ms: u64,
    /// How many frames it was seen on.
    pub frames: u32,
    /// The colours of the clothes.
    clothes: Colours,
}

/// All tracks of a camera.
#[derive(Debug, Default)]
pub struct People {
    tracks: Vec<Track>,
    next: u32,
    last_ms: u64,
}

// === impl Seen ===

impl Seen {
    /// The distance of a point to the silhouette's box, in pixels; 0 within.
    pub fn distance(&self, [x, y]: [f32; 2]) -> f32 {
        let beyond = |v: f32, low: f32, high: f32| (low - v).max(v - high).max(0.0);
        beyond(x, self.body.x as f32, self.body.right() as f32).hypot(beyond(
            y,
            self.body.y as f32,
            self.body.bottom() as f32,
        ))
    }

    /// How far from its box somebody's hand may be when the silhouette lost the arm: a third of the height.
    pub fn reach(&self) -> f32 {
        self.body.height as f32 / 3.0
    }
}

// === impl Track ===

impl Track {
    /// Where the feet are, in camera pixels.
    pub fn feet(&self) -> [f32; 2] {
        [(self.area[0] + self.area[2]) / 2.0, self.area[3]]
    }

    /// Its silhouette.
    pub fn body(&self) -> Rect {
        let [l, t, r, b] = self.area.map(|v| v.round() as i64);
        Rect::from_edges(l, t, r, b)
    }

    /// Whether it has been seen often enough to be somebody.
    pub fn is_somebody(&self) -> bool {
        self.frames >= FRAMES && self.seen_ms - self.first_ms >= LASTED_MS
    }

    /// Whether it stands, and does not only walk past: slower than half a stroll.
    pub fn stands(&self) -> bool {
        let height = self.area[3] - self.area[1];
        match self.place {
            Some(_) => self.pace[0].hypot(self.pace[1]) < STANDS,
            None => self.speed[0].hypot(self.speed[1]) < STANDS_PICTURE * height,
        }
    }

    fn foreseen_place(&self, seconds: f32) -> Option<[f32; 2]> {
        self.place.map(|[x, y]| [x + self.pace[0] * seconds, y + self.pace[1] * seconds])
    }

    fn foreseen(&self, seconds: f32) -> [f32; 4] {
        let [dx, dy] = self.speed.map(|v| v * seconds);
        [self.area[0] + dx, self.area[1] + dy, self.area[2] + dx, self.area[3] + dy]
    }
}

// === impl People ===

impl People {
    /// The tracks after the next frame, and those that have ended.
    ///
    /// `seen` are the silhouettes in it, largest first.
    pub fn see(&mut self, frame: &Frame<'_>, mut seen: Vec<Standing>) -> Vec<Track> {
        let now = frame.elapsed_ms();
        let size = frame.size();
        let seconds = now.saturating_sub(self.last_ms).min(1_000) as f32 / 1000.0;
        self.last_ms = now;
        let least = |side: u32, of: u32| side as f32 >= of as f32 * LEAST;
        seen.retain(|p| least(p.body.width, size.width) && least(p.body.height, size.height));
        // The floor names who walks before others twice: alone, and within the common silhouette.
        let alone = distinct(&seen);
        let clothes: Vec<Colours> = alone.iter().map(|p| colours(frame, p.body)).collect();

        let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
        for (t, track) in self.tracks.iter().enumerate() {
            let (area, place) = (track.foreseen(seconds), track.foreseen_place(seconds));
            for (s, person) in alone.iter().enumerate() {
                let fit = match (place, person.place) {
                    (Some(a), Some(b)) => 1.0 - apart(a, b) / GOES_ON,
                    _ => fit(area, edges(person.body)),
                };
                if fit > 0.05 {
                    pairs.push((fit + 0.3 * alike(&track.clothes, &clothes[s]), t, s));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut of_track = vec![None; self.tracks.len()];
        let mut of_seen = vec![None; alone.len()];
        for (_, t, s) in pairs {
            if of_track[t].is_none() && of_seen[s].is_none() {
                (of_track[t], of_seen[s]) = (Some(s), Some(t));
            }
        }
        for (t, track) in self.tracks.iter_mut().enumerate() {
            let place = track.foreseen(seconds);
            match of_track[t] {
                Some(s) => track.follow(&alone[s], &clothes[s], seconds, now),
                // Behind somebody, or in one silhouette with them: it goes on as it went, more slowly.
                None if alone.iter().any(|p| covered(place, edges(p.body)) > 0.5) => {
                    track.place = track.foreseen_place(seconds);
                    track.area = place;
                    (track.speed, track.pace) =
                        (track.speed.map(|v| v * (1.0 - 0.5 * seconds)), track.pace.map(|v| v * (1.0 - 0.5 * seconds)));
                    track.seen_ms = now;
                }
                // Nowhere to be seen: it is looked for ahead, but not far.
                None => {
                    track.place = track.foreseen_place(seconds);
                    track.area = place;
                    track.pace = track.pace.map(|v| v * (1.0 - seconds));
                }
            }
        }
        for (s, person) in alone.iter().enumerate().filter(|(s, _)| of_seen[*s].is_none()) {
            self.next += 1;
            self.tracks.push(Track {
                id: self.next,
                area: edges(person.body),
                speed: [0.0; 2],
                place: person.place,
                pace: [0.0; 2],
                first_ms: now,
                seen_ms: now,
                frames: 1,
                clothes: clothes[s].clone(),
            });
        }
        let (ended, going) = std::mem::take(&mut self.tracks).into_iter().partition(|t| {
            let outside = t.area[2] < 0.0 || t.area[0] > size.width as f32 || t.area[1] > size.height as f32;
            now - t.seen_ms > LOST_MS || (outside && t.seen_ms < now)
        });
        self.tracks = going;
        ended
    }

    /// Who is there.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// A number for somebody of whom only a hand is seen.
    pub fn nameless(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// All tracks end.
    pub fn clear(&mut self) -> Vec<Track> {
        std::mem::take(&mut self.tracks)
    }
}

impl Track {
    fn follow(&mut self, person: &Standing, clothes: &Colours, seconds: f32, now: u64) {
        let to = edges(person.body);
        if let (Some(from), Some(at), true) = (self.place, person.place, seconds > 0.0) {
            for i in 0..2 {
                self.pace[i] += ((at[i] - from[i]) / seconds - self.pace[i]) * (seconds / 0.4).min(1.0);
            }
            let longest = self.pace[0].hypot(self.pace[1]).max(FASTEST);
            self.pace = self.pace.map(|v| v * FASTEST / longest);
        }
        // Without a reading they are where they were.
        self.place = person.place.or(self.place);
        if seconds > 0.0 {
            let middle = |a: [f32; 4]| [(a[0] + a[2]) / 2.0, (a[1] + a[3]) / 2.0];
            let (from, at) = (middle(self.area), middle(to));
            for i in 0..2 {
                let speed = (at[i] - from[i]) / seconds;
                // Silhouettes breathe; a person's movement changes within about half a second.
                self.speed[i] += (speed - self.speed[i]) * (seconds / 0.4).min(1.0);
            }
        }
        self.area = to;
        self.seen_ms = now;
        self.frames += 1;
        let share = 1.0 / self.frames.min(20) as f32;
        self.clothes.iter_mut().zip(clothes).for_each(|(mean, now)| *mean += (now - *mean) * share);
    }
}

/// One for each person: what stands at one place in one, and silhouettes without those that lie wholly within another of about their size.
fn distinct(seen: &[Standing]) -> Vec<Standing> {
    let mut kept: Vec<Standing> = Vec::new();
    for person in seen {
        let again = |k: &Standing| match (k.place, person.place) {
            (Some(a), Some(b)) => apart(a, b) < ONE_PERSON,
            _ => k.body.iou(person.body) > 0.5 || covered(edges(person.body), edges(k.body)) > 0.85,
        };
        match kept.iter_mut().find(|k| again(k)) {
            Some(known) if person.place.is_some() => known.body = around(known.body, person.body),
            Some(_) => {}
            None => kept.push(*person),
        }
    }
    kept
}

fn around(a: Rect, b: Rect) -> Rect {
    let (left, top) = (i64::from(a.x.min(b.x)), i64::from(a.y.min(b.y)));
    Rect::from_edges(left, top, a.right().max(b.right()), a.bottom().max(b.bottom()))
}

fn apart(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn edges(rect: Rect) -> [f32; 4] {
    [rect.x as f32, rect.y as f32, rect.right() as f32, rect.bottom() as f32]
}

fn overlap(a: [f32; 4], b: [f32; 4]) -> f32 {
    (a[2].min(b[2]) - a[0].max(b[0])).max(0.0) * (a[3].min(b[3]) - a[1].max(b[1])).max(0.0)
}

fn surface(a: [f32; 4]) -> f32 {
    (a[2] - a[0]).max(0.0) * (a[3] - a[1]).max(0.0)
}

/// Intersection over union.
fn fit(a: [f32; 4], b: [f32; 4]) -> f32 {
    let both = overlap(a, b);
    both / (surface(a) + surface(b) - both).max(1.0)
}

/// The share of `a` that lies in `b`.
fn covered(a: [f32; 4], b: [f32; 4]) -> f32 {
    overlap(a, b) / surface(a).max(1.0)
}

/// The share of each sort of colour in the middle of a silhouette.
fn colours(frame: &Frame<'_>, body: Rect) -> Colours {
    let (w, h) = (i64::from(body.width), i64::from(body.height));
    let (x, y) = (i64::from(body.x), i64::from(body.y));
    // The trunk: heads are masked, and the sides are background.
    let trunk = Rect::from_edges(x + w / 4, y + h / 5, x + w - w / 4, y + h - h / 3);
    let mut colours = vec![0.0; Look::SORTS];
    if trunk.is_empty() {
        return colours;
    }
    let to = Size::new(8, 12);
    let rgb = frame.read(trunk, to, PixelFormat::Rgb8);
    for pixel in rgb.chunks_exact(3) {
        colours[Look::of([0, 1, 2].map(|c| f32::from(pixel[c]))).sort()] += 1.0 / to.pixels() as f32;
    }
    colours
}

/// 0 to 1: how alike two shares of colours are.
fn alike(a: &Colours, b: &Colours) -> f32 {
    a.iter().zip(b).map(|(a, b)| a.min(*b)).sum()
}

#[cfg(test)]
mod tests {
    use sluis_sdk::Still;

    use super::*;

    fn standing(x: i32, place: [f32; 2]) -> Standing {
        Standing { body: Rect::new(x, 100, 60, 200), place: Some(place) }
    }

    #[test]
    fn two_silhouettes_at_one_place_are_one_person_and_two_who_stand_side_by_side_are_two() {
        let one = [standing(100, [1.0, 2.0]), standing(130, [1.2, 2.1])];
        assert_eq!(distinct(&one).len(), 1);
        assert_eq!(distinct(&one)[0].body, Rect::new(100, 100, 90, 200));
        assert_eq!(distinct(&[standing(100, [1.0, 2.0]), standing(130, [1.5, 2.0])]).len(), 2);
    }

    #[test]
    fn a_person_keeps_the_track_by_where_they_stand_and_stands_only_when_they_do() {
        let size = Size::new(640, 480);
        let still = |ms| Still::new(size, vec![90; size.pixels() * 3]).at_ms(ms);
        let mut people = People::default();
        // A walk of 1.2 m/s for two seconds, the silhouette jumping about; then two seconds of standing.
        for number in 0..60u64 {
            let seconds = number.min(30) as f32 / 15.0;
            let jump = if number % 2 == 0 { 0 } else { 70 };
            let now = still(number * 1000 / 15);
            people.see(&now.frame(), vec![standing(100 + jump, [1.2 * seconds, 2.0])]);
            assert_eq!(people.tracks().iter().map(|t| t.id).collect::<Vec<_>>(), [1]);
            if number == 29 {
                assert!(!people.tracks()[0].stands());
            }
        }
        assert!(people.tracks()[0].stands());
    }
}
