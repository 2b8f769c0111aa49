//! What chambers may say, and its bounds.
//!
//! The types are closed: rectangles, enumerations, small numbers. Rectangles of chambers that see raw frames lie on a
//! grid of 8 pixels, so that a picture cannot be spelled out in their edges.

use std::time::Duration;

use serde::{Deserialize, Serialize};
pub use sluis_frame::{AgeClass, Face, SexClass, SizeClass};
use sluis_frame::{Event, Finding, Gesture, Rect, Size, Timestamp};

/// Regions, findings, events or faces in one answer, and people told to a chamber.
pub const MAX_ANSWERS: usize = 64;
/// The grid that regions and faces are widened to, in pixels.
pub const GRID: u32 = 8;
/// Bytes of a zone's name.
pub const MAX_ZONE: usize = 64;
/// Pixels that one `read` may ask for.
pub const MAX_PIXELS: u64 = sluis_scale::MOST_PIXELS;

/// What a region that a privacy filter names shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The face, chin to hairline and ear to ear.
    Face,
    /// The whole head, from any side.
    Head,
    /// The whole visible person.
    Person,
    /// Something else that identifies: a badge, a document, a screen, a number plate.
    Identifier,
}

/// A region that a privacy filter wants masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Where, in camera pixels: cut to the picture, then widened outward to multiples of 8. It can reach up to 7 pixels
    /// beyond the right and the lower edge.
    pub area: Rect,
    /// What it shows.
    pub subject: Subject,
    /// How sure the detector is, 0 to 100.
    pub confidence: u8,
}

/// What an auditor says of one redacted frame. Whether its detector is independent of the filter's is not its to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What is wrong; areas are cut to the picture. The frame passes if and only if this is empty.
    pub findings: Vec<Finding>,
    /// The highest score of anything looked at, 0 to 100, and at least that of each finding.
    pub worst_score: u8,
}

/// An event in the words of its chamber: its own time, its own tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToldEvent {
    pub(crate) gesture: Gesture,
    pub(crate) track: u32,
    pub(crate) zone: Option<String>,
    pub(crate) start_ms: u64,
    pub(crate) end_ms: u64,
    pub(crate) contact: Option<(i32, i32)>,
    pub(crate) position: Option<(i32, i32)>,
    pub(crate) confidence: u8,
}

/// An answer, or a request, outside the bounds of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Nonsense {
    /// Too many answers.
    #[error("it gave {count} answers, at most {MAX_ANSWERS} are allowed")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// An answer too long to be taken out of the sandbox, or arguments too long to be taken in.
    #[error("it passed more bytes to the host than a call may carry")]
    TooLong,
    /// A rectangle without any pixel of the picture, or with edges beyond what a coordinate can hold.
    #[error("it named a rectangle that covers no pixel of the picture, or overflows")]
    Area,
    /// A share above 100.
    #[error("it gave {value} where 0 to 100 is allowed")]
    Percent {
        /// What it gave.
        value: u8,
    },
    /// A zone's name too long.
    #[error("it named a zone of {bytes} bytes, at most {MAX_ZONE} are allowed")]
    Zone {
        /// How long.
        bytes: usize,
    },
    /// An event that ends before it starts, or after now.
    #[error("it told of an event that ends before it starts, or has not ended yet")]
    Interval,
    /// A `read` of nothing or of too much.
    #[error("it asked to read an empty picture, or one of more than {MAX_PIXELS} pixels")]
    Read,
    /// A tensor whose dimensions, type and data do not agree.
    #[error("it made a tensor whose dimensions, type and data do not agree")]
    Tensor,
    /// A value that the type does not have.
    #[error("it passed a value that the contract's types do not have")]
    Value,
}

/// Checks what must hold of every list.
pub(crate) fn counted<T>(answers: Vec<T>) -> Result<Vec<T>, Nonsense> {
    if answers.len() > MAX_ANSWERS { Err(Nonsense::TooMany { count: answers.len() }) } else { Ok(answers) }
}

/// Checks a share of 100.
pub(crate) fn percent(value: u8) -> Result<u8, Nonsense> {
    if value > 100 { Err(Nonsense::Percent { value }) } else { Ok(value) }
}

/// Cuts a rectangle to the picture.
pub(crate) fn clipped(area: Rect, size: Size) -> Result<Rect, Nonsense> {
    let holds = |edge: i64| edge <= i64::from(i32::MAX);
    if !holds(area.right()) || !holds(area.bottom()) {
        return Err(Nonsense::Area);
    }
    area.clip(size).ok_or(Nonsense::Area)
}

/// Cuts a rectangle to the picture and widens it to the grid.
pub(crate) fn snapped(area: Rect, size: Size) -> Result<Rect, Nonsense> {
    clipped(area, size).map(|inside| inside.snap_outward(GRID))
}

/// Checks an event told at `now_ms` of a chamber, and puts it into the host's time and numbers: the chamber's milliseconds count from `origin`, and its tracks
/// from `first_track`.
pub(crate) fn event(told: ToldEvent, now_ms: u64, origin: Timestamp, first_track: u32) -> Result<Event, Nonsense> {
    let ToldEvent { gesture, track, zone, start_ms, end_ms, contact, position, confidence } = told;
    if let Some(zone) = &zone
        && zone.len() > MAX_ZONE
    {
        return Err(Nonsense::Zone { bytes: zone.len() });
    }
    if start_ms > end_ms || end_ms > now_ms {
        return Err(Nonsense::Interval);
    }
    let (start, end) = (origin + Duration::from_millis(start_ms), origin + Duration::from_millis(end_ms));
    let confidence = percent(confidence)?;
    Ok(Event { gesture, track: first_track.wrapping_add(track), zone, start, end, contact, position, confidence })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size::new(100, 60);

    proptest! {
        #[test]
        fn a_region_never_loses_a_pixel_of_the_picture(x in any::<i32>(), y in any::<i32>(), w in any::<u32>(), h in any::<u32>()) {
            let area = Rect::new(x, y, w, h);
            match snapped(area, SIZE) {
                Ok(region) => {
                    let inside = area.clip(SIZE).unwrap();
                    prop_assert_eq!(region.union(inside), region);
                    prop_assert!(region.x % 8 == 0 && region.y % 8 == 0 && region.width % 8 == 0 && region.height % 8 == 0);
                    prop_assert!(region.x >= 0 && region.y >= 0 && region.right() < 108 && region.bottom() < 68);
                }
                Err(nonsense) => prop_assert_eq!(nonsense, Nonsense::Area),
            }
        }
    }

    #[test]
    fn a_rectangle_partly_outside_is_cut() {
        assert_eq!(snapped(Rect::new(-20, -20, 30, 30), SIZE), Ok(Rect::new(0, 0, 16, 16)));
    }

    #[test]
    fn an_empty_an_outside_and_an_overflowing_rectangle_are_nonsense() {
        let outside = Rect::new(100, 0, 5, 5);
        let overflowing = Rect::new(1, 1, u32::MAX, 5);
        for area in [Rect::new(5, 5, 0, 3), outside, overflowing] {
            assert_eq!(snapped(area, SIZE), Err(Nonsense::Area), "{area}");
        }
    }

    #[test]
    fn an_event_from_the_future_is_nonsense() {
        let told = |start_ms, end_ms, zone: Option<String>| {
            let (gesture, contact, position) = (Gesture::Reach, None, None);
            let told = ToldEvent { gesture, track: 1, zone, start_ms, end_ms, contact, position, confidence: 100 };
            event(told, 9, Timestamp::from_secs(7), 40)
        };
        let event = told(5, 9, Some("é".repeat(32))).unwrap();
        assert_eq!((event.start.as_nanos(), event.end.as_nanos()), (7_005_000_000, 7_009_000_000));
        assert_eq!(event.track, 41);
        assert_eq!(told(5, 10, None), Err(Nonsense::Interval));
        assert_eq!(told(5, 4, None), Err(Nonsense::Interval));
        assert_eq!(told(5, 9, Some("z".repeat(65))), Err(Nonsense::Zone { bytes: 65 }));
    }

    #[test]
    fn sixty_four_answers_are_taken_and_sixty_five_are_not() {
        assert!(counted(vec![0; 64]).is_ok());
        assert_eq!(counted(vec![0; 65]), Err(Nonsense::TooMany { count: 65 }));
    }
}
