//! People whose head is bare.
//!
//! The host masks the head of everybody that its floor sees, so on a frame that is as it should be there is nobody to find here. It is asked all the same,
//! because the one who asks is not the one who masked.

use sluis_detect::Area;
use sluis_sdk::{Person, Size};

/// Less than this share of a head under masks, and it is bare.
const MASKED: f32 = 0.5;

/// The heads, as far as they are in a picture of this size, that no mask covers.
pub fn bare_heads(people: &[Person], masks: &[Area], picture: Size) -> Vec<Area> {
    let seen = |person: &Person| Area::from(person.head).pixels(picture).map(Area::from);
    people.iter().filter_map(seen).filter(|head| head.covered_by(masks) < MASKED).collect()
}

#[cfg(test)]
mod tests {
    use sluis_sdk::Rect;

    use super::*;

    const PICTURE: Size = Size::new(640, 480);

    fn person(x: i32) -> Person {
        Person { body: Rect::new(x, 100, 60, 200), head: Rect::new(x + 10, 100, 40, 50) }
    }

    #[test]
    fn a_head_without_a_mask_is_found_and_a_masked_one_is_not() {
        let mask = Area::from(Rect::new(100, 96, 64, 56));
        assert_eq!(bare_heads(&[person(100), person(300)], &[mask], PICTURE), [Area::from(person(300).head)]);
    }

    #[test]
    fn a_head_outside_the_picture_needs_no_mask() {
        assert_eq!(bare_heads(&[person(700)], &[], PICTURE), []);
        // Of the head at the edge, only what is in the picture counts.
        assert_eq!(bare_heads(&[person(-40)], &[Area::new(0.0, 96.0, 16.0, 56.0)], PICTURE), []);
    }
}
