//! What of a recorded picture is masked, told from its pixels.

use sluis_frame::{Coverage, Mask, Picture, Rgb};

/// A masked pixel's colours lie this close to the fill, of 255. Video rounds, and rings for a few pixels where a mask ends; a quantiser of recording quality stays
/// below this, skin in a shop's light above.
const CLOSE: u8 = 40;

/// The pixels that are masked in a decoded `picture`: those that the record says are, where they also have the colour of masks. Neither alone would do: a record can
/// lie, and hair can be black.
pub fn masked(picture: &Picture, masks: &[Mask], Rgb(r, g, b): Rgb) -> Coverage {
    let fill = [r, g, b];
    let (pixels, _) = picture.pixels().as_chunks::<3>();
    Coverage::of(masks, picture.size())
        .filter(|at| pixels[at].iter().zip(&fill).all(|(is, of)| is.abs_diff(*of) <= CLOSE))
}

#[cfg(test)]
mod tests {
    use sluis_frame::{Cause, Rect, Size};

    use super::*;

    #[test]
    fn a_mask_that_was_not_painted_and_black_hair_are_both_bare() {
        let size = Size::new(30, 10);
        // Black on the left, skin in the middle, black on the right.
        let rgb: Vec<u8> =
            (0..300).flat_map(|i| if (10..20).contains(&(i % 30)) { [180, 140, 120] } else { [4; 3] }).collect();
        let masks = [Mask::rect(Rect::new(0, 0, 20, 10), Cause::Filter)];
        let seen = masked(&Picture::new(size, rgb).unwrap(), &masks, Rgb::BLACK);
        assert_eq!([5, 15, 25].map(|x| seen.contains(x, 5)), [true, false, false]);
    }
}
