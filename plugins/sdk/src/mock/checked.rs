//! The bounds of an answer, as the host holds them.

use crate::audience::Face;
use crate::audit::Verdict;
use crate::filter::Region;
use crate::gestures::Event;
use crate::layout::LONGEST_ID;
use crate::{MOST_ANSWERS, Rect, Size};

/// The grid that rectangles of those who see raw frames are widened to, in pixels.
const GRID: i64 = 8;

/// An answer outside the bounds of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Too many answers.
    #[error("{0} answers, and at most {MOST_ANSWERS} are allowed")]
    TooMany(usize),
    /// A rectangle without any pixel of the picture, or with edges beyond what a coordinate can hold.
    #[error("the rectangle {0} covers no pixel of the picture, or overflows")]
    Area(Rect),
    /// A share above 100.
    #[error("{0} where 0 to 100 is allowed")]
    Percent(u8),
    /// A zone's name that is too long.
    #[error("a zone's name of {0} bytes, and at most {LONGEST_ID} are allowed")]
    Zone(usize),
    /// An event that ends before it starts, or after this frame.
    #[error("an event from {start_ms} to {end_ms} ms, told at {now_ms} ms: it must have started, and ended, by now")]
    Interval {
        /// Its start.
        start_ms: u64,
        /// Its end.
        end_ms: u64,
        /// The frame's time.
        now_ms: u64,
    },
}

pub(super) fn regions(answer: Vec<Region>, size: Size) -> Result<Vec<Region>, Malformed> {
    let taken = |region: Region| {
        percent(region.confidence)?;
        Ok(Region { area: snapped(region.area, size)?, ..region })
    };
    counted(answer)?.into_iter().map(taken).collect()
}

pub(super) fn verdict(answer: Verdict, size: Size) -> Result<Verdict, Malformed> {
    let mut worst_score = answer.worst_score;
    percent(worst_score)?;
    let mut findings = counted(answer.findings)?;
    for finding in &mut findings {
        percent(finding.score)?;
        worst_score = worst_score.max(finding.score);
        finding.area = clipped(finding.area, size)?;
    }
    Ok(Verdict { findings, worst_score })
}

pub(super) fn events(answer: Vec<Event>, now_ms: u64) -> Result<Vec<Event>, Malformed> {
    let answer = counted(answer)?;
    for event in &answer {
        percent(event.confidence)?;
        if let Some(zone) = event.zone.as_ref().filter(|zone| zone.len() > LONGEST_ID) {
            return Err(Malformed::Zone(zone.len()));
        }
        let Event { start_ms, end_ms, .. } = *event;
        if start_ms > end_ms || end_ms > now_ms {
            return Err(Malformed::Interval { start_ms, end_ms, now_ms });
        }
    }
    Ok(answer)
}

pub(super) fn faces(answer: Vec<Face>, size: Size) -> Result<Vec<Face>, Malformed> {
    let taken = |face: Face| Ok(Face { area: snapped(face.area, size)?, ..face });
    counted(answer)?.into_iter().map(taken).collect()
}

fn counted<T>(answers: Vec<T>) -> Result<Vec<T>, Malformed> {
    if answers.len() > MOST_ANSWERS { Err(Malformed::TooMany(answers.len())) } else { Ok(answers) }
}

fn percent(value: u8) -> Result<(), Malformed> {
    if value > 100 { Err(Malformed::Percent(value)) } else { Ok(()) }
}

fn clipped(area: Rect, size: Size) -> Result<Rect, Malformed> {
    let holds = |edge: i64| edge <= i64::from(i32::MAX);
    let inside = area.intersect(size.rect()).filter(|_| holds(area.right()) && holds(area.bottom()));
    inside.ok_or(Malformed::Area(area))
}

fn snapped(area: Rect, size: Size) -> Result<Rect, Malformed> {
    let inside = clipped(area, size)?;
    let (down, up) = (|v: i64| v.div_euclid(GRID) * GRID, |v: i64| (v + GRID - 1).div_euclid(GRID) * GRID);
    Ok(Rect::from_edges(down(inside.x.into()), down(inside.y.into()), up(inside.right()), up(inside.bottom())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Subject;
    use crate::gestures::Kind;

    const SIZE: Size = Size::new(100, 60);

    fn region(area: Rect) -> Region {
        Region { area, subject: Subject::Face, confidence: 50 }
    }

    #[test]
    fn a_region_is_cut_to_the_picture_and_widened_to_the_grid() {
        let taken =
            regions(vec![region(Rect::new(-20, -20, 200, 200)), region(Rect::new(50, 30, 1, 1))], SIZE).unwrap();
        assert_eq!((taken[0].area, taken[1].area), (Rect::new(0, 0, 104, 64), Rect::new(48, 24, 8, 8)));
    }

    #[test]
    fn what_the_host_takes_for_a_failure_is_an_error() {
        let outside = Rect::new(100, 0, 5, 5);
        assert_eq!(regions(vec![region(outside)], SIZE), Err(Malformed::Area(outside)));
        let overflowing = Rect::new(1, 1, u32::MAX, 5);
        assert_eq!(regions(vec![region(overflowing)], SIZE), Err(Malformed::Area(overflowing)));
        assert_eq!(regions(vec![region(SIZE.rect()); 65], SIZE), Err(Malformed::TooMany(65)));
        let unsure = Region { confidence: 101, ..region(SIZE.rect()) };
        assert_eq!(regions(vec![unsure], SIZE), Err(Malformed::Percent(101)));
    }

    #[test]
    fn an_event_from_the_future_is_an_error() {
        let event = |end_ms, zone: &str| Event {
            kind: Kind::Reach,
            track: 1,
            zone: Some(zone.to_owned()),
            start_ms: 5,
            end_ms,
            contact: None,
            position: None,
            confidence: 100,
        };
        assert!(events(vec![event(9, "shelf")], 9).is_ok());
        assert_eq!(
            events(vec![event(10, "shelf")], 9),
            Err(Malformed::Interval { start_ms: 5, end_ms: 10, now_ms: 9 })
        );
        assert_eq!(events(vec![event(9, &"z".repeat(65))], 9), Err(Malformed::Zone(65)));
    }

    #[test]
    fn the_worst_score_is_at_least_that_of_each_finding() {
        let finding = crate::audit::Finding { area: SIZE.rect(), fault: crate::audit::Fault::Face, score: 80 };
        let taken = verdict(Verdict { findings: vec![finding], worst_score: 10 }, SIZE).unwrap();
        assert_eq!(taken.worst_score, 80);
    }
}
