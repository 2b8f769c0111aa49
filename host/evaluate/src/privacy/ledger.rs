//! Holds recorded pictures against labels, frame by frame.

use std::collections::BTreeMap;

use sluis_frame::{Coverage, Fate, Mask, Rect, mask};

use super::counts::{Counts, TrackCounts};
use super::labels::{Head, HeadLabels, Moment, View};
use super::{COVERED, LEAST_HEIGHT};

/// The account of one clip.
#[derive(Debug)]
pub struct Ledger<'l> {
    labels: &'l HeadLabels,
    counts: Counts,
    tracks: BTreeMap<u64, Track>,
    /// Frames whose first masking the audit did not pass, and what is to be said of it.
    rejected: BTreeMap<u64, Rejection>,
}

/// A face that can be seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposed {
    /// Whose, as labelled.
    pub id: u64,
    /// The box of the face.
    pub face: Rect,
    /// The share of it that is masked, 0 to 1.
    pub masked: f32,
}

#[derive(Debug, Default)]
struct Track {
    counts: TrackCounts,
    /// The frame of the last exposure, and how many there were in a row.
    run: Option<(u64, u64)>,
}

#[derive(Debug, Clone, Copy)]
struct Rejection {
    /// All faces were masked.
    rightly_masked: bool,
    /// Something that was found may have been a head that is not.
    with_reason: bool,
}

// === impl Ledger ===

impl<'l> Ledger<'l> {
    /// Of a clip of which nothing was seen yet.
    pub fn new(labels: &'l HeadLabels) -> Self {
        Self { labels, counts: Counts::default(), tracks: BTreeMap::new(), rejected: BTreeMap::new() }
    }

    /// The audit did not pass the first masking of a frame: `masked` was covered, and `findings` were found. Tell this before [`see`](Self::see).
    pub fn reject(&mut self, frame: u64, masked: &Coverage, findings: &[Rect]) {
        let Moment { heads, ignore } = self.labels.at(frame);
        let bare = |head: &&Head| masked.share_of(head.head) < COVERED;
        let reasons: Vec<Rect> = heads.iter().filter(bare).map(|head| head.head).chain(ignore).collect();
        let with_reason = findings.iter().any(|f| reasons.iter().any(|reason| f.intersect(*reason).is_some()));
        let rightly_masked = faces(&heads).all(|(_, face)| masked.share_of(face) >= COVERED);
        self.rejected.insert(frame, Rejection { rightly_masked, with_reason });
    }

    /// What was recorded of a frame. `masked` is what is masked in the decoded picture (of a blank: all that is black), `masks` is what the record says. Frames come in order, and those that are
    /// not labelled do not count. Gives the faces that can be seen.
    pub fn see(&mut self, frame: u64, fate: Fate, masked: &Coverage, masks: &[Mask]) -> Vec<Exposed> {
        if frame >= self.labels.frames {
            return Vec::new();
        }
        let blank = fate == Fate::Blanked;
        let moment = self.labels.at(frame);
        let counts = &mut self.counts;
        counts.frames += 1;
        counts.blanked += u64::from(blank);
        counts.quarantined += u64::from(fate == Fate::Quarantined);
        let mut exposed = Vec::new();
        for (head, face) in faces(&moment.heads) {
            let track = self.tracks.entry(head.id).or_default();
            counts.faces += 1;
            track.counts.faces += 1;
            let share = masked.share_of(face);
            if share < COVERED {
                exposed.push(Exposed { id: head.id, face, masked: share });
                counts.exposed += 1;
                track.expose(frame);
            }
        }
        for head in moment.heads.iter().filter(|h| h.view == View::Back && h.head_height >= LEAST_HEIGHT) {
            let track = &mut self.tracks.entry(head.id).or_default().counts;
            let moves = u64::from(self.labels.moves(head, frame));
            let bare = u64::from(masked.share_of(head.head) < COVERED);
            counts.heads_behind += 1;
            counts.heads_behind_exposed += bare;
            counts.heads_behind_moving += moves;
            counts.heads_behind_moving_exposed += moves * bare;
            track.heads_behind += 1;
            track.heads_behind_exposed += bare;
        }
        if !blank {
            let pixels = masked.size().pixels() as f64;
            counts.mask_share.add(masked.count() as f64 / pixels);
            let heads: Vec<Mask> =
                moment.heads.iter().map(|h| Mask::rect(h.head, sluis_frame::Cause::Filter)).collect();
            counts.head_share.add(Coverage::of(&heads, masked.size()).count() as f64 / pixels);
            counts.masks_elsewhere += elsewhere(masks, &moment);
        }
        counts.audit_misses += u64::from(!exposed.is_empty());
        let first = self.rejected.get(&frame).copied();
        let first = first.unwrap_or(Rejection { rightly_masked: exposed.is_empty(), with_reason: true });
        counts.rightly_masked += u64::from(first.rightly_masked);
        counts.audit_false_alarms += u64::from(first.rightly_masked && !first.with_reason);
        exposed
    }

    /// What it comes to: all together, and person by person.
    pub fn close(self) -> (Counts, Vec<TrackCounts>) {
        let tracks = self.tracks.into_iter().map(|(id, track)| TrackCounts { id, ..track.counts });
        let tracks: Vec<TrackCounts> = tracks.collect();
        let longest_exposed_run = tracks.iter().map(|track| track.longest_exposed_run).max().unwrap_or(0);
        (Counts { longest_exposed_run, ..self.counts }, tracks)
    }
}

impl Track {
    /// One more frame in which the face is exposed.
    fn expose(&mut self, frame: u64) {
        let run = match self.run {
            Some((last, run)) if last + 1 == frame => run + 1,
            _ => 1,
        };
        self.run = Some((frame, run));
        self.counts.exposed += 1;
        self.counts.longest_exposed_run = self.counts.longest_exposed_run.max(run);
    }
}

/// The faces that count.
fn faces(heads: &[Head]) -> impl Iterator<Item = (&Head, Rect)> {
    heads.iter().filter(|head| head.face_height >= LEAST_HEIGHT).filter_map(|head| Some((head, head.face?)))
}

/// Separate masked areas where nobody is labelled and nothing is ignored.
fn elsewhere(masks: &[Mask], moment: &Moment) -> u64 {
    let somebody = || moment.heads.iter().map(|h| h.head).chain(moment.ignore.iter().copied());
    let nobody = |members: &Vec<usize>| {
        members.iter().all(|i| somebody().all(|head| masks[*i].bounds().intersect(head).is_none()))
    };
    mask::groups(masks).iter().filter(|members| nobody(members)).count() as u64
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sluis_frame::{Cause, Size};

    use super::*;
    use crate::file;

    const SIZE: Size = Size::new(200, 100);
    const FACE: Rect = Rect::new(22, 24, 16, 20);
    const BEHIND: Rect = Rect::new(100, 20, 20, 30);

    fn labels() -> HeadLabels {
        let text = r#"{"clip": "a/b.mp4", "width": 200, "height": 100, "fps": 10, "frames": 10, "keyframes": [{"frame": 0, "heads": [
            {"id": 1, "view": "frontal", "head": [20, 20, 20, 30], "face": [22, 24, 16, 20]},
            {"id": 2, "view": "back", "head": [100, 20, 20, 30]},
            {"id": 3, "view": "frontal", "head": [150, 20, 10, 15], "face": [150, 20, 10, 15]}], "ignore": [[180, 0, 20, 20]]}]}"#;
        file::parse(text, Path::new("b.json")).unwrap()
    }

    fn see(ledger: &mut Ledger<'_>, frame: u64, fate: Fate, rects: &[Rect]) -> Vec<u64> {
        let masks: Vec<Mask> = rects.iter().map(|r| Mask::rect(*r, Cause::Filter)).collect();
        ledger.see(frame, fate, &Coverage::of(&masks, SIZE), &masks).iter().map(|e| e.id).collect()
    }

    #[test]
    fn a_face_of_which_a_tenth_and_more_shows_is_exposed() {
        let labels = labels();
        let mut ledger = Ledger::new(&labels);
        assert!(see(&mut ledger, 0, Fate::Recorded, &[Rect::new(22, 26, 16, 18)]).is_empty());
        assert_eq!(see(&mut ledger, 1, Fate::Recorded, &[Rect::new(22, 27, 16, 17)]), [1]);
        assert_eq!(see(&mut ledger, 2, Fate::Recorded, &[]), [1]);
        assert!(see(&mut ledger, 3, Fate::Blanked, &[SIZE.rect()]).is_empty());
        assert_eq!(see(&mut ledger, 4, Fate::Quarantined, &[]), [1]);
        // Beyond what is labelled.
        assert!(see(&mut ledger, 10, Fate::Recorded, &[]).is_empty());
        let (counts, tracks) = ledger.close();
        assert_eq!((counts.frames, counts.faces, counts.exposed, counts.longest_exposed_run), (5, 5, 3, 2));
        assert_eq!((counts.heads_behind, counts.heads_behind_exposed, counts.heads_behind_moving), (5, 4, 0));
        assert_eq!((counts.blanked, counts.quarantined, counts.audit_misses), (1, 1, 3));
        assert_eq!((tracks[0].id, tracks[0].exposed, tracks[0].longest_exposed_run), (1, 3, 2));
    }

    #[test]
    fn masks_where_nobody_is_are_counted_once_for_each_area() {
        let labels = labels();
        let mut ledger = Ledger::new(&labels);
        let overlapping = [Rect::new(60, 60, 20, 20), Rect::new(70, 70, 20, 20)];
        see(&mut ledger, 0, Fate::Recorded, &[&overlapping[..], &[FACE, Rect::new(185, 5, 10, 10)]].concat());
        let (counts, _) = ledger.close();
        assert_eq!(counts.masks_elsewhere, 1);
        assert!((counts.mask_share.value() - (700.0 + 320.0 + 100.0) / 20_000.0).abs() < 1e-9);
        assert!((counts.head_share.value() - (600.0 + 600.0 + 150.0) / 20_000.0).abs() < 1e-9);
    }

    #[test]
    fn an_alarm_is_false_when_everybody_was_masked_and_nothing_found_was_a_head() {
        let masks = |rects: &[Rect]| {
            let masks: Vec<Mask> = rects.iter().map(|r| Mask::rect(*r, Cause::Filter)).collect();
            Coverage::of(&masks, SIZE)
        };
        for (masked, finding, false_alarm) in [
            (vec![FACE, BEHIND], Rect::new(60, 60, 10, 10), true),
            // A head that is bare, a masked one, and where nothing counts.
            (vec![FACE], BEHIND, false),
            (vec![FACE, BEHIND], BEHIND, true),
            (vec![FACE, BEHIND], Rect::new(190, 10, 5, 5), false),
            // A face is bare: whatever was found, the frame was not rightly masked.
            (vec![BEHIND], Rect::new(60, 60, 10, 10), false),
        ] {
            let labels = labels();
            let mut ledger = Ledger::new(&labels);
            ledger.reject(0, &masks(&masked), &[finding]);
            see(&mut ledger, 0, Fate::Quarantined, &[FACE, BEHIND]);
            assert_eq!(ledger.close().0.audit_false_alarms, u64::from(false_alarm), "{masked:?} {finding:?}");
        }
    }
}
