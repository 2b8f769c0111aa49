//! Parts of a picture that a camera may not see.

use std::ops::Range;

use crate::geometry::Size;
use crate::picture::{Depth, Picture};
use crate::state::{Frame, Raw};

/// What is taken out of every raw picture of a camera before anything looks at it: a door to the staff room, a neighbour's window. (Cameras call it a privacy mask; ours is
/// none of the camera's and holds with every one.)
///
/// Every pixel that one of the polygons touches becomes black, and has no depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    size: Size,
    /// Runs of pixels, by row. They may overlap.
    runs: Vec<(usize, Range<usize>)>,
}

// === impl Exclusion ===

impl Exclusion {
    /// For pictures of `size`: what `polygons` touch, their corners in pixels from the top left. What lies outside the picture does not matter.
    pub fn new<'a>(size: Size, polygons: impl IntoIterator<Item = &'a [[f64; 2]]>) -> Self {
        let mut runs = Vec::new();
        for polygon in polygons {
            for y in 0..size.height as usize {
                touched(polygon, y as f64, |left, right| {
                    let clamped = |x: f64| x.clamp(0.0, size.width.into()) as usize;
                    let run = clamped(left.floor())..clamped(right.floor() + 1.0);
                    runs.extend((!run.is_empty()).then_some((y, run)));
                });
            }
        }
        Self { size, runs }
    }

    /// Nothing, in pictures of `size`.
    pub const fn none(size: Size) -> Self {
        Self { size, runs: Vec::new() }
    }

    /// Where it lies in a picture of `size`: everywhere, if that is not the size that it was made for.
    fn places(&self, size: Size) -> impl Iterator<Item = Range<usize>> {
        let other = self.size != size;
        let width = size.width as usize;
        let runs = self.runs.iter().filter(move |_| !other);
        let all = other.then_some(0..size.pixels());
        runs.map(move |(y, run)| y * width + run.start..y * width + run.end).chain(all)
    }

    fn is_nothing(&self, size: Size) -> bool {
        self.places(size).next().is_none()
    }

    fn take_from_colour(&self, picture: &mut Picture) {
        let size = picture.size();
        let pixels = picture.pixels_mut();
        self.places(size).for_each(|place| pixels[place.start * 3..place.end * 3].fill(0));
    }

    fn take_from_depth(&self, depth: &mut Depth) {
        let size = depth.size();
        let values = depth.values_mut();
        self.places(size).for_each(|place| values[place].fill(0));
    }
}

/// Gives, from left to right, the first and the last x at which the polygon touches the row of pixels from `top` to `top + 1`: for each edge that runs through it, and for
/// each part of its middle line that lies inside.
fn touched(polygon: &[[f64; 2]], top: f64, mut run: impl FnMut(f64, f64)) {
    let (middle, bottom) = (top + 0.5, top + 1.0);
    let mut crossings = Vec::new();
    let next = polygon.iter().cycle().skip(1);
    for ([ax, ay], [bx, by]) in polygon.iter().zip(next) {
        let at = |y: f64| if ay == by { *ax } else { ax + (bx - ax) * (y - ay) / (by - ay) };
        let (upper, lower) = (ay.min(*by).max(top), ay.max(*by).min(bottom));
        if upper <= lower {
            let ends = if ay == by { [*ax, *bx] } else { [at(upper), at(lower)] };
            run(ends[0].min(ends[1]), ends[0].max(ends[1]));
        }
        if (*ay <= middle) != (*by <= middle) {
            crossings.push(at(middle));
        }
    }
    crossings.sort_by(f64::total_cmp);
    crossings.chunks_exact(2).for_each(|pair| run(pair[0], pair[1]));
}

impl Frame<Raw> {
    /// The frame without what is excluded.
    #[must_use]
    pub fn without(mut self, exclusion: &Exclusion) -> Self {
        if !exclusion.is_nothing(self.size()) {
            exclusion.take_from_colour(&mut self.picture);
            self.depth.iter_mut().for_each(|depth| exclusion.take_from_depth(depth));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{CameraId, FrameNumber, Header, Rgb, Timestamp};

    fn white(size: Size) -> Frame<Raw> {
        let camera = CameraId::new("till").unwrap();
        let header = Header { camera, number: FrameNumber(0), captured: Timestamp::from_nanos(0) };
        let depth = Depth::new(size, 0.001, vec![1000; size.pixels()]).unwrap();
        Frame::capture(header, Picture::plain(size, Rgb(255, 255, 255)).unwrap(), Some(depth)).unwrap()
    }

    fn picture_of(frame: &Frame<Raw>) -> String {
        let width = frame.size().width as usize;
        let rows = frame.picture().pixels().chunks_exact(3 * width);
        rows.map(|row| row.chunks_exact(3).map(|p| if p == [0; 3] { '#' } else { '.' }).collect::<String>() + "\n")
            .collect()
    }

    #[test]
    fn every_pixel_that_the_polygon_touches_is_gone_in_colour_and_depth() {
        let triangle = [[1.5, 1.0], [6.2, 1.0], [1.5, 4.5]];
        let frame = white(Size::new(8, 6)).without(&Exclusion::new(Size::new(8, 6), [&triangle[..]]));
        // The upper edge lies on the border of two rows and touches both.
        assert_eq!(picture_of(&frame), ".######.\n.######.\n.####...\n.###....\n.##.....\n........\n");
        let depth = frame.depth().unwrap().values();
        let gone = |(pixel, depth): (&[u8], &u16)| (pixel == [0; 3]) == (*depth == 0);
        assert!(frame.picture().pixels().chunks_exact(3).zip(depth).all(gone));
    }

    #[test]
    fn a_notch_is_left_out_and_what_lies_outside_the_picture_does_no_harm() {
        let size = Size::new(8, 4);
        let u =
            [[-3.0, -2.0], [1.5, -2.0], [1.5, 2.5], [5.5, 2.5], [5.5, -2.0], [20.0, -2.0], [20.0, 9.0], [-3.0, 9.0]];
        let frame = white(size).without(&Exclusion::new(size, [&u[..]]));
        assert_eq!(picture_of(&frame), "##...###\n##...###\n########\n########\n");
    }

    #[test]
    fn a_picture_of_another_size_is_gone_altogether() {
        let frame = white(Size::new(4, 2)).without(&Exclusion::new(Size::new(8, 6), []));
        assert_eq!(picture_of(&frame), "####\n####\n");
        let frame = white(Size::new(4, 2)).without(&Exclusion::none(Size::new(4, 2)));
        assert_eq!(picture_of(&frame), "....\n....\n");
    }

    proptest! {
        #[test]
        fn whatever_lies_inside_is_gone(
            corners in proptest::collection::vec([-2.0..18.0f64, -2.0..14.0f64], 3..12),
            [x, y] in [0.0..16.0f64, 0.0..12.0f64],
        ) {
            let size = Size::new(16, 12);
            let frame = white(size).without(&Exclusion::new(size, [&corners[..]]));
            // Even-odd rule at the point itself.
            let edges = corners.iter().zip(corners.iter().cycle().skip(1));
            let crossed = edges.filter(|([ax, ay], [bx, by])| {
                (*ay <= y) != (*by <= y) && x < ax + (bx - ax) * (y - ay) / (by - ay)
            });
            if crossed.count() % 2 == 1 {
                let place = y as usize * 16 + x as usize;
                prop_assert_eq!(&frame.picture().pixels()[place * 3..place * 3 + 3], &[0; 3]);
            }
        }
    }
}
