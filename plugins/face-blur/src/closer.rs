//! Where to look a second time, at full resolution.
//!
//! A picture larger than the detector's input is shrunk, and a face far away with it. Where the host's floor sees a person whose head would be small, that part
//! of the picture is shown again, enlarged. The number of looks is bounded, so that a crowd cannot slow the camera down; the people take turns. The
//! host extends every mask by at least half a second both ways: five people have turns that are close enough. More of them, and the host's floor must see those who move.

use sluis_detect::{Area, View};
use sluis_sdk::{Person, Size};

/// The most looks at a time. Each costs a network about an eighth of a search of 640x480.
pub const MOST: usize = 1;
/// How long nobody has a turn after that, in milliseconds.
pub const REST_MS: u64 = 90;
/// The side of the detector's input for one look, in pixels.
pub const INPUT: u32 = 192;

/// Heads below this height, in the pixels of the first search, are looked at again: detectors find faces of 16 pixels and less only now and then, and a face is
/// about two thirds of a head.
const SMALL: f32 = 32.0;
/// Heads below this height, in camera pixels, are none: enlarged, there would still be no face to see.
const LEAST: u32 = 16;
/// The side of what is shown, in heads: the floor's place for a head is rough.
const HEADS: f32 = 3.0;
/// A look must enlarge at least this much more than the first search did, or it shows nothing new.
const WORTHWHILE: f32 = 1.5;

/// Whose turn it is.
#[derive(Debug, Default)]
pub struct Turns {
    next: usize,
    last_ms: Option<u64>,
}

// === impl Turns ===

impl Turns {
    /// The parts to look at in this frame: at most [`MOST`], about the heads of `people` that are small in `first`, the view of a whole picture
    /// of this size.
    pub fn take(&mut self, now_ms: u64, people: &[Person], picture: Size, first: &View) -> Vec<View> {
        if self.last_ms.is_some_and(|last| now_ms.saturating_sub(last) < REST_MS) {
            return Vec::new();
        }
        let views: Vec<View> = people.iter().filter_map(|person| closer(person, picture, first)).collect();
        if views.is_empty() {
            return views;
        }
        self.last_ms = Some(now_ms);
        let looks = views.len().min(MOST);
        let start = self.next % views.len();
        self.next = start + looks;
        views.iter().cycle().skip(start).take(looks).copied().collect()
    }
}

fn closer(person: &Person, picture: Size, first: &View) -> Option<View> {
    let head = Area::from(person.head);
    head.pixels(picture)?;
    let side = (head.width().max(head.height()) * HEADS).max(1.0);
    let enlarges = INPUT as f32 / side;
    let small = person.head.height >= LEAST && head.height() * first.scale() < SMALL;
    (small && enlarges >= first.scale() * WORTHWHILE).then(|| View::square(head.centre(), side as u32, INPUT))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sluis_sdk::Rect;

    use super::*;

    const FULL_HD: Size = Size::new(1920, 1080);

    fn person(x: i32, head: u32) -> Person {
        Person { body: Rect::new(x - 20, 300, head * 3, head * 7), head: Rect::new(x, 300, head, head) }
    }

    #[test]
    fn everybody_has_a_turn_and_no_frame_has_more_than_the_bound() {
        let first = View::whole(FULL_HD, 640);
        let people: Vec<Person> = (0..5).map(|i| person(i * 300 + 100, 40)).collect();
        let mut turns = Turns::default();
        let mut seen = BTreeSet::new();
        for turn in 0..5 {
            let looks = turns.take(turn * REST_MS, &people, FULL_HD, &first);
            assert_eq!(turns.take(turn * REST_MS + 1, &people, FULL_HD, &first), []);
            assert_eq!(looks.len(), MOST);
            seen.extend(looks.iter().map(|v| v.part.x));
        }
        assert_eq!(seen.len(), people.len());
    }

    #[test]
    fn a_look_holds_the_head_and_enlarges_it() {
        let first = View::whole(FULL_HD, 640);
        let small = person(800, 30);
        let [look] = Turns::default().take(0, &[small], FULL_HD, &first)[..] else { panic!("one look") };
        assert_eq!(look.part.intersect(small.head), Some(small.head));
        assert!(look.scale() > 2.0, "{look:?}");
    }

    #[test]
    fn large_heads_and_heads_outside_the_picture_need_no_second_look() {
        let first = View::whole(FULL_HD, 640);
        assert_eq!(Turns::default().take(0, &[person(800, 120), person(3000, 30)], FULL_HD, &first), []);
    }
}
