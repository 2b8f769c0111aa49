//! Compares decoded pictures with the masks that are declared on them.
//!
//! The picture went through RGB → YUV 4:2:0 → H.264 → RGB, so it is compared with tolerances. They were measured on the
//! noisiest pictures and masks that we could think of: the test beside this file holds them one and a half times above the worst.

use sluis_frame::mask::groups;
use sluis_frame::{Coverage, Depth, Mask, Picture, Point, Rect, Rgb, Shape, Size, Style, paint};

use crate::error::Error;

/// How far from the edge of a mask its pixels are looked at: coding mixes the pixels of a block, and chroma has half the resolution.
const EDGE: u32 = 8;

/// The largest difference of one pixel in one colour from what a mask makes of it, of 255.
const PIXEL: f32 = 64.0;

/// The largest root mean square of such differences over a group of masks that are filled, of 255. A face has 20 to 60. A small mask that moves over a
/// bright wall was seen at 8.2 (real footage, 22 by 4 pixels away from the edge).
const FILLED: f32 = 14.0;

/// Likewise where the inside holds no whole block of the codec's transform, [`BLOCK`] pixels each way: every block of it has surroundings in it. 16 was seen on real
/// footage, 22 by 2 pixels away from the edge. (What lies bare under a small mask of black is off by 50 and more.)
const FILLED_THIN: f32 = 24.0;

/// The side of a block of the codec's transform, in pixels (ITU-T H.264, 8x8 transform).
const BLOCK: u32 = 8;

/// The side of the parts in which a filled cover is looked at, in pixels: two macroblocks of the codec.
const PART: u32 = 32;

/// Likewise for `pixelate` and `blur`, whose cells have steps and slopes to code.
const CELLED: f32 = 14.0;

/// How far from the edge where a mask is too narrow for that. One that is still too narrow, less than 9 pixels, shows no face: it is not looked at.
const NEAR_EDGE: u32 = 4;

/// Such pixels carry much of their surroundings: of a narrow filled mask only the mean is judged, which may be off by this, of 255. (What so narrow a
/// mask of cells should look like is not known.)
const NARROW: f32 = 24.0;

/// A blank must be black to within this, pixel by pixel: nothing stands beside it in the picture, so there is hardly any noise.
const BLACK: u8 = 12;

/// The largest difference that was seen, or what is wrong.
pub(super) fn blank(picture: &Picture) -> Result<f32, Error> {
    let brightest = picture.pixels().iter().copied().max().unwrap_or(0);
    if brightest > BLACK { Err(stop("a blank is not black".to_owned())) } else { Ok(f32::from(brightest)) }
}

/// Depth under each group of masks must be one plane.
pub(super) fn depth(depth: &Depth, masks: &[Mask]) -> Result<(), Error> {
    let width = depth.size().width as usize;
    for group in groups(masks) {
        let mut plane = None;
        let mut flat = true;
        for i in group {
            masks[i].shape.spans(depth.size(), |y, x| {
                for value in &depth.values()[y * width + x.start..y * width + x.end] {
                    flat &= *plane.get_or_insert(*value) == *value;
                }
            });
        }
        if !flat {
            return Err(stop("depth under a mask is not flat".to_owned()));
        }
    }
    Ok(())
}

/// The largest difference that was seen, or what is wrong.
pub(super) fn picture(picture: &Picture, masks: &[Mask], style: Style) -> Result<f32, Error> {
    let mut worst = 0.0f32;
    for group in groups(masks) {
        let members: Vec<&Mask> = group.iter().map(|i| &masks[*i]).collect();
        if let Some(patch) = Patch::of(picture, &members) {
            worst = worst.max(patch.check(style)?);
        }
    }
    Ok(worst)
}

/// Everything that is covered must be of one colour. Part by part, so that little that shows is not lost in much that does not.
pub(super) fn filled(picture: &Picture, covered: &Coverage, colour: Rgb) -> Result<(), Error> {
    let size = picture.size();
    for top in (0..size.height).step_by(PART as usize) {
        for left in (0..size.width).step_by(PART as usize) {
            let Some(frame) = Rect::new(left as i32, top as i32, PART, PART).clip(size) else { continue };
            let inner =
                Coverage::from_fn(Size::new(frame.width, frame.height), |x, y| covered.contains(left + x, top + y));
            if inner.count() > 0 {
                let thin = inner.eroded(BLOCK / 2).count() == 0;
                Patch { picture, frame, around: frame, inner, narrow: false, thin }.check(Style::Fill(colour))?;
            }
        }
    }
    Ok(())
}

/// The part of a picture around one group of masks.
struct Patch<'a> {
    picture: &'a Picture,
    /// Around the masks, with a border wide enough that beyond it nothing is covered, unless the picture ends there.
    frame: Rect,
    /// Around the masks, in the picture: what `paint` cuts into cells.
    around: Rect,
    /// The pixels to look at, of `frame`.
    inner: Coverage,
    /// Whether `inner` is but [`NEAR_EDGE`] away from the edge.
    narrow: bool,
    /// Whether `inner` holds no whole [`BLOCK`].
    thin: bool,
}

/// Differences of a picture from what masks make of it, of 255; what was not looked at is 0.
#[derive(Debug, Clone, Copy)]
struct Noise {
    /// The largest of one pixel.
    pixel: f32,
    /// The root mean square.
    group: f32,
    /// Of the mean, under masks that are too narrow to have an inside.
    narrow: f32,
}

// === impl Patch ===

impl<'a> Patch<'a> {
    /// `None` when the group covers nothing that can be looked at.
    fn of(picture: &'a Picture, masks: &[&Mask]) -> Option<Self> {
        let size = picture.size();
        let around = masks.iter().map(|m| m.bounds()).reduce(Rect::union)?.clip(size)?;
        let border = i64::from(EDGE) + 1;
        let (left, top) = (around.left() - border, around.top() - border);
        let frame = Rect::from_edges(left, top, around.right() + border, around.bottom() + border).clip(size)?;
        let moved: Vec<Mask> =
            masks.iter().map(|m| Mask { shape: moved(&m.shape, -frame.x, -frame.y), cause: m.cause }).collect();
        let covered = Coverage::of(&moved, Size::new(frame.width, frame.height));
        let wide = covered.eroded(EDGE);
        let narrow = wide.count() == 0;
        let inner = if narrow { covered.eroded(NEAR_EDGE) } else { wide };
        let thin = inner.eroded(BLOCK / 2).count() == 0;
        (inner.count() > 0).then_some(Self { picture, frame, around, inner, narrow, thin })
    }

    fn check(&self, style: Style) -> Result<f32, Error> {
        // Some thousand pixels tell the cells of a blur well enough, but can miss a cell of which little shows: only all pixels prove a leak.
        let sampled = self.judge(style, (self.inner.count() / 1_000) | 1);
        if sampled.is_err() && style == Style::Blur { self.judge(style, 1) } else { sampled }
    }

    /// Compares, with a blur's cells fitted to every `stride`-th pixel. (An odd stride meets all columns of most patches.)
    fn judge(&self, style: Style, stride: usize) -> Result<f32, Error> {
        let Noise { pixel, group, narrow } = self.noise(style, stride);
        if narrow > NARROW {
            return Err(self.leak("the mean under a narrow mask", narrow));
        }
        if pixel > PIXEL {
            return Err(self.leak("a pixel under a mask", pixel));
        }
        let most = match style {
            Style::Fill(_) if self.thin => FILLED_THIN,
            Style::Fill(_) => FILLED,
            Style::Pixelate | Style::Blur => CELLED,
        };
        if group > most {
            return Err(self.leak("the pixels under a mask", group));
        }
        Ok(pixel)
    }

    /// How far the picture is from what the masks make of it.
    fn noise(&self, style: Style, stride: usize) -> Noise {
        let model = match style {
            Style::Fill(Rgb(r, g, b)) => Model::Plain([r, g, b].map(f32::from)),
            Style::Pixelate => Model::Cells(Cells::fit(self, false, 1)),
            Style::Blur => Model::Cells(Cells::fit(self, true, stride)),
        };
        let (mut worst, mut squares, mut sums, mut n) = (0.0f32, [0.0f64; 3], [0.0f64; 3], 0u32);
        for (x, y, pixel) in self.pixels() {
            let Some(expected) = model.at(x, y) else { continue };
            for c in 0..3 {
                let difference = pixel[c] - expected[c];
                worst = worst.max(difference.abs());
                squares[c] += f64::from(difference * difference);
                sums[c] += f64::from(difference);
            }
            n += 1;
        }
        let n = f64::from(n.max(1));
        if self.narrow {
            let mean = sums.iter().map(|s| (s / n).abs() as f32).fold(0.0, f32::max);
            return Noise { pixel: 0.0, group: 0.0, narrow: mean };
        }
        let root = squares.iter().map(|s| (s / n).sqrt() as f32).fold(0.0, f32::max);
        Noise { pixel: worst, group: root, narrow: 0.0 }
    }

    fn leak(&self, what: &str, off: f32) -> Error {
        stop(format!(
            "the mask at {} does not show in the encoded picture: {what} is off by {off:.0} of 255",
            self.around
        ))
    }

    /// The pixels to look at, with their place in the picture.
    fn pixels(&self) -> impl Iterator<Item = (usize, usize, [f32; 3])> {
        let (left, top, width) = (self.frame.x as usize, self.frame.y as usize, self.frame.width as usize);
        let stride = self.picture.size().width as usize;
        let covered = self.inner.as_slice().iter().enumerate().filter(|(_, covered)| **covered);
        covered.map(move |(i, _)| {
            let (x, y) = (left + i % width, top + i / width);
            let at = (y * stride + x) * 3;
            let pixel = &self.picture.pixels()[at..at + 3];
            (x, y, [f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2])])
        })
    }
}

/// What a mask should have made of its pixels.
enum Model {
    Plain([f32; 3]),
    Cells(Cells),
}

/// The cells of `pixelate` and `blur`, with their colours as the picture shows them.
struct Cells {
    around: Rect,
    columns: usize,
    rows: usize,
    colours: Vec<[f32; 3]>,
    smooth: bool,
}

// === impl Model ===

impl Model {
    /// The colour of a pixel; `None` where coding noise says nothing.
    fn at(&self, x: usize, y: usize) -> Option<[f32; 3]> {
        match self {
            Self::Plain(colour) => Some(*colour),
            Self::Cells(cells) => cells.shows(x, y).then(|| cells.at(x, y)),
        }
    }
}

// === impl Cells ===

impl Cells {
    /// The colours that explain the picture best: least squares, by a few rounds of handing each pixel's error back to the cells that it is mixed from.
    fn fit(patch: &Patch<'_>, smooth: bool, stride: usize) -> Self {
        let around = patch.around;
        let columns = paint::CELLS.min(around.width as usize);
        let rows = paint::CELLS.min(around.height as usize);
        let mut cells = Self { around, columns, rows, colours: vec![[0.0; 3]; columns * rows], smooth };
        let shown = patch.pixels().filter(|(x, y, _)| cells.shows(*x, *y)).step_by(stride);
        let samples: Vec<_> = shown.map(|(x, y, pixel)| (cells.mix(x, y), pixel)).collect();
        // Without mixing the first round is exact.
        for _ in 0..if smooth { 24 } else { 1 } {
            let mut errors = vec![[0.0f32; 4]; columns * rows];
            for (mix, pixel) in &samples {
                let expected = cells.mixed(mix);
                for (cell, weight) in *mix {
                    for c in 0..3 {
                        errors[cell][c] += (pixel[c] - expected[c]) * weight;
                    }
                    errors[cell][3] += weight;
                }
            }
            for (colour, error) in cells.colours.iter_mut().zip(&errors).filter(|(_, error)| error[3] > 0.0) {
                for c in 0..3 {
                    colour[c] += error[c] / error[3];
                }
            }
        }
        cells
    }

    /// Whether a pixel shows what a cell holds: not so beside the steps of `pixelate`, where coding mixes the cells.
    fn shows(&self, x: usize, y: usize) -> bool {
        /// Chroma pairs and the deblocking filter reach this far.
        const STEP: f32 = 3.0;
        let inside = |at: usize, length: u32, cells: usize| {
            let side = length as f32 / cells as f32;
            let within = ((at as f32 + 0.5) / side).fract() * side;
            side < 3.0 * STEP || (within >= STEP && side - within >= STEP)
        };
        self.smooth
            || (inside(x - self.around.x as usize, self.around.width, self.columns)
                && inside(y - self.around.y as usize, self.around.height, self.rows))
    }

    /// The cells that a pixel is mixed from, with their shares, as [`paint`] mixes them.
    fn mix(&self, x: usize, y: usize) -> [(usize, f32); 4] {
        let place = |at: usize, length: u32, cells: usize| {
            if !self.smooth {
                let cell = at * cells / length as usize;
                return (cell, cell, 0.0);
            }
            let position = ((at as f32 + 0.5) * cells as f32 / length as f32 - 0.5).clamp(0.0, (cells - 1) as f32);
            (position as usize, (position as usize + 1).min(cells - 1), position.fract())
        };
        let (left, right, fx) = place(x - self.around.x as usize, self.around.width, self.columns);
        let (top, bottom, fy) = place(y - self.around.y as usize, self.around.height, self.rows);
        let cell = |row: usize, column: usize| row * self.columns + column;
        [
            (cell(top, left), (1.0 - fx) * (1.0 - fy)),
            (cell(top, right), fx * (1.0 - fy)),
            (cell(bottom, left), (1.0 - fx) * fy),
            (cell(bottom, right), fx * fy),
        ]
    }

    fn at(&self, x: usize, y: usize) -> [f32; 3] {
        self.mixed(&self.mix(x, y))
    }

    fn mixed(&self, mix: &[(usize, f32); 4]) -> [f32; 3] {
        std::array::from_fn(|c| mix.iter().map(|(cell, share)| self.colours[*cell][c] * share).sum())
    }
}

fn moved(shape: &Shape, dx: i32, dy: i32) -> Shape {
    let rect = |r: &Rect| Rect { x: r.x.saturating_add(dx), y: r.y.saturating_add(dy), ..*r };
    match shape {
        Shape::Rect(r) => Shape::Rect(rect(r)),
        Shape::Ellipse(r) => Shape::Ellipse(rect(r)),
        Shape::Polygon(points) => {
            Shape::Polygon(points.iter().map(|p| Point { x: p.x + dx as f32, y: p.y + dy as f32 }).collect())
        }
    }
}

fn stop(why: String) -> Error {
    Error::NotASegment(why)
}

#[cfg(test)]
mod tests;
