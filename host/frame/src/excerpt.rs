//! Less than a cleared frame: for whoever may see some of what was kept, and not the rest.

use std::fmt;
use std::sync::Arc;

use crate::mask::Coverage;
use crate::picture::{Picture, Rgb};
use crate::state::{Cleared, Frame, Header};

/// A cleared frame of which more has been filled.
///
/// It is made of a `Frame<Cleared>` and of nothing else, holds less than that, and can become no frame again, so it needs no door. It has no depth.
pub struct Excerpt {
    header: Header,
    picture: Picture,
}

// === impl Excerpt ===

impl Excerpt {
    /// What is left of a frame when everything under `hidden` has become one colour. The frame stays as it is.
    ///
    /// # Panics
    ///
    /// When `hidden` is not of the frame's size: what it hides is then not known.
    pub fn new(frame: &Frame<Cleared>, hidden: &Coverage, Rgb(r, g, b): Rgb) -> Self {
        let size = frame.size();
        assert_eq!(hidden.size(), size, "what is hidden is told for pictures of the frame's size");
        let mut pixels: Arc<[u8]> = Arc::from(frame.picture().pixels());
        let to = Arc::get_mut(&mut pixels).expect("made in the line above, so nobody else holds it");
        let hidden = to.chunks_exact_mut(3).zip(hidden.as_slice()).filter(|(_, hidden)| **hidden);
        hidden.for_each(|(pixel, _)| pixel.copy_from_slice(&[r, g, b]));
        let picture = Picture::new(size, pixels).expect("as many pixels as the picture it was copied from");
        Self { header: frame.header().clone(), picture }
    }

    /// Nothing of the frame but its header: a black picture.
    pub fn blank(frame: &Frame<Cleared>) -> Self {
        let picture =
            Picture::plain(frame.size(), Rgb::BLACK).expect("a frame has this size, so a picture can have it");
        Self { header: frame.header().clone(), picture }
    }

    /// Where and when the frame was taken.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What is left of its colours.
    pub const fn picture(&self) -> &Picture {
        &self.picture
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Excerpt").field("header", &self.header).field("picture", &self.picture).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::camera::{CameraId, FrameNumber};
    use crate::clock::Timestamp;
    use crate::geometry::Size;
    use crate::picture::Depth;
    use crate::state::Fate;

    const SIZE: Size = Size::new(9, 7);

    /// A test may make what only a door makes elsewhere: it lies in this crate.
    fn cleared(pixels: Vec<u8>) -> Frame<Cleared> {
        let header =
            Header { camera: CameraId::new("a").unwrap(), number: FrameNumber(3), captured: Timestamp::from_secs(1) };
        Frame {
            header,
            picture: Picture::new(SIZE, pixels).unwrap(),
            depth: Some(Depth::new(SIZE, 0.001, vec![7; SIZE.pixels()]).unwrap()),
            state: Cleared { masks: Arc::from([]), fate: Fate::Recorded, verdict: None },
        }
    }

    proptest! {
        /// Whatever lies under what is hidden, the excerpt is the same.
        #[test]
        fn nothing_of_what_is_hidden_is_left(
            one in prop::collection::vec(any::<u8>(), SIZE.pixels() * 3),
            other in prop::collection::vec(any::<u8>(), SIZE.pixels() * 3),
            hidden in prop::collection::vec(any::<bool>(), SIZE.pixels()),
        ) {
            let at = |x: u32, y: u32| (y * SIZE.width + x) as usize;
            let coverage = Coverage::from_fn(SIZE, |x, y| hidden[at(x, y)]);
            let mixed: Vec<u8> = (0..one.len()).map(|i| if hidden[i / 3] { other[i] } else { one[i] }).collect();
            let fill = Rgb(1, 2, 3);
            let from_one = Excerpt::new(&cleared(one.clone()), &coverage, fill);
            let from_other = Excerpt::new(&cleared(mixed), &coverage, fill);
            prop_assert_eq!(from_one.picture().pixels(), from_other.picture().pixels());
            for (i, pixel) in from_one.picture().pixels().chunks_exact(3).enumerate() {
                prop_assert_eq!(pixel, if hidden[i] { &[1, 2, 3] } else { &one[i * 3..i * 3 + 3] });
            }
        }
    }

    #[test]
    fn a_blank_has_the_time_and_nothing_else() {
        let frame = cleared(vec![200; SIZE.pixels() * 3]);
        let blank = Excerpt::blank(&frame);
        assert_eq!(blank.header(), frame.header());
        assert!(blank.picture().pixels().iter().all(|p| *p == 0));
    }

    #[test]
    #[should_panic(expected = "of the frame's size")]
    fn what_is_hidden_elsewhere_hides_nothing_here() {
        let coverage = Coverage::from_fn(Size::new(4, 4), |_, _| true);
        Excerpt::new(&cleared(vec![200; SIZE.pixels() * 3]), &coverage, Rgb::BLACK);
    }
}
