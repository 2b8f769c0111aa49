//! How the numbers of a video (luma and two chroma planes, 4:2:0) become red, green and blue.

use sluis_frame::Size;

/// Which weights of red, green and blue make up luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matrix {
    /// ITU-R BT.601: standard definition, and what is meant when nothing is said.
    Bt601,
    /// ITU-R BT.709: high definition.
    Bt709,
    /// ITU-R BT.2020, not constant luminance.
    Bt2020,
}

/// How a video says that its numbers are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour {
    pub(crate) matrix: Matrix,
    /// Luma from 0 to 255 instead of 16 to 235.
    pub(crate) full_range: bool,
}

/// The planes of one picture: a chroma sample for each two by two pixels.
#[derive(Clone, Copy)]
pub(crate) struct Planes<'a> {
    pub(crate) size: Size,
    pub(crate) y: &'a [u8],
    pub(crate) u: &'a [u8],
    pub(crate) v: &'a [u8],
    /// Bytes from one row of luma to the next.
    pub(crate) luma_stride: usize,
    /// Bytes from one row of chroma to the next.
    pub(crate) chroma_stride: usize,
}

/// The factors of the conversion, times 2^16.
struct Factors {
    luma: i32,
    /// What is taken from luma first.
    black: i32,
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

const SHIFT: u32 = 16;

// === impl Matrix ===

impl Matrix {
    /// From `matrix_coefficients` of ITU-T H.273, table 4; `None` for what is no luma and chroma, or never met in H.264 from cameras.
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Bt709),
            // 2 is "unspecified": read as BT.601, as ffmpeg does. 4 (FCC) differs from BT.601 by less than one count.
            2 | 4 | 5 | 6 => Some(Self::Bt601),
            9 | 10 => Some(Self::Bt2020),
            _ => None,
        }
    }

    /// The weights of red and blue in luma (H.273, table 4).
    fn weights(self) -> (f64, f64) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
            Self::Bt2020 => (0.2627, 0.0593),
        }
    }
}

// === impl Colour ===

impl Colour {
    /// What is meant when a video says nothing.
    pub(crate) const UNSAID: Self = Self { matrix: Matrix::Bt601, full_range: false };

    fn factors(self) -> Factors {
        let (kr, kb) = self.matrix.weights();
        let kg = 1.0 - kr - kb;
        // Limited range: 219 steps of luma and 224 of chroma stand for 255.
        let (luma, chroma, black) = if self.full_range { (1.0, 1.0, 0) } else { (255.0 / 219.0, 255.0 / 224.0, 16) };
        let fixed = |factor: f64| (factor * f64::from(1 << SHIFT)).round() as i32;
        Factors {
            luma: fixed(luma),
            black,
            red_v: fixed(chroma * 2.0 * (1.0 - kr)),
            green_u: fixed(chroma * 2.0 * kb * (1.0 - kb) / kg),
            green_v: fixed(chroma * 2.0 * kr * (1.0 - kr) / kg),
            blue_u: fixed(chroma * 2.0 * (1.0 - kb)),
        }
    }

    /// Red, green and blue of every pixel, 3 bytes each, rows from the top. Chroma is repeated, not interpolated, as video players do by default.
    ///
    /// `None` when the planes are smaller than they say.
    pub(crate) fn to_rgb(self, planes: Planes<'_>) -> Option<Vec<u8>> {
        let factors = self.factors();
        let (width, height) = (planes.size.width as usize, planes.size.height as usize);
        let mut rgb = vec![0; planes.size.pixels() * 3];
        for (row, out) in rgb.chunks_exact_mut((width * 3).max(1)).enumerate().take(height) {
            let chroma = row / 2 * planes.chroma_stride;
            let luma = row * planes.luma_stride;
            let y = planes.y.get(luma..luma + width)?;
            let u = planes.u.get(chroma..chroma + width.div_ceil(2))?;
            let v = planes.v.get(chroma..chroma + width.div_ceil(2))?;
            factors.row(y, u, v, out);
        }
        Some(rgb)
    }

    /// As [`to_rgb`](Self::to_rgb), from rows of luma and chroma in turns, 4:2:2: the bytes are luma, blue chroma, luma, red chroma for each two pixels, as YUYV
    /// (YUY2) has them. `stride` is the number of bytes from one row to the next.
    ///
    /// `None` when there are fewer bytes than that needs.
    #[cfg_attr(not(feature = "v4l2"), allow(dead_code, reason = "for the driver behind the feature `v4l2`"))]
    pub(crate) fn yuyv_to_rgb(self, size: Size, stride: usize, bytes: &[u8]) -> Option<Vec<u8>> {
        let factors = self.factors();
        let (width, height) = (size.width as usize, size.height as usize);
        let pairs = width.div_ceil(2);
        // The last row need not be followed by anything.
        let needed = stride.checked_mul(height.checked_sub(1)?)?.checked_add(pairs * 4)?;
        if stride < pairs * 4 || bytes.len() < needed {
            return None;
        }
        let mut rgb = vec![0; size.pixels() * 3];
        let (mut y, mut u, mut v) = (vec![0; pairs * 2], vec![0; pairs], vec![0; pairs]);
        for (row, out) in bytes.chunks(stride.max(1)).zip(rgb.chunks_exact_mut((width * 3).max(1))) {
            for (pair, quad) in row.chunks_exact(4).take(pairs).enumerate() {
                (y[2 * pair], u[pair], y[2 * pair + 1], v[pair]) = (quad[0], quad[1], quad[2], quad[3]);
            }
            factors.row(&y[..width], &u, &v, out);
        }
        Some(rgb)
    }
}

// === impl Factors ===

impl Factors {
    fn row(&self, y: &[u8], u: &[u8], v: &[u8], out: &mut [u8]) {
        let half = 1 << (SHIFT - 1);
        let level = |sum: i32| (sum >> SHIFT).clamp(0, 255) as u8;
        for (((pixels, luma), u), v) in out.chunks_mut(6).zip(y.chunks(2)).zip(u).zip(v) {
            let (u, v) = (i32::from(*u) - 128, i32::from(*v) - 128);
            let red = self.red_v * v + half;
            let green = half - self.green_u * u - self.green_v * v;
            let blue = self.blue_u * u + half;
            for (pixel, y) in pixels.chunks_exact_mut(3).zip(luma) {
                let y = (i32::from(*y) - self.black) * self.luma;
                pixel[0] = level(y + red);
                pixel[1] = level(y + green);
                pixel[2] = level(y + blue);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(colour: Colour, y: u8, u: u8, v: u8) -> Vec<u8> {
        let size = Size::new(1, 1);
        colour.to_rgb(Planes { size, y: &[y], u: &[u], v: &[v], luma_stride: 1, chroma_stride: 1 }).unwrap()
    }

    #[test]
    fn black_and_white_are_where_the_range_says() {
        let full = Colour { matrix: Matrix::Bt709, full_range: true };
        assert_eq!(one(Colour::UNSAID, 16, 128, 128), [0, 0, 0]);
        assert_eq!(one(Colour::UNSAID, 235, 128, 128), [255, 255, 255]);
        assert_eq!(one(full, 0, 128, 128), [0, 0, 0]);
        assert_eq!(one(full, 255, 128, 128), [255, 255, 255]);
    }

    #[test]
    fn pure_red_comes_back_in_each_matrix() {
        // Luma and chroma of pure red, from the definitions in ITU-R BT.601, BT.709 and BT.2020, limited range.
        for (matrix, y, u, v) in
            [(Matrix::Bt601, 81, 90, 240), (Matrix::Bt709, 63, 102, 240), (Matrix::Bt2020, 74, 97, 240)]
        {
            let rgb = one(Colour { matrix, full_range: false }, y, u, v);
            assert!(rgb[0] >= 252 && rgb[1] <= 3 && rgb[2] <= 3, "{matrix:?}: {rgb:?}");
        }
    }

    #[test]
    fn an_odd_picture_has_all_its_pixels() {
        let size = Size::new(3, 3);
        let planes = Planes { size, y: &[235; 12], u: &[128; 4], v: &[128; 4], luma_stride: 4, chroma_stride: 2 };
        assert_eq!(Colour::UNSAID.to_rgb(planes).unwrap(), [255; 27]);
    }

    /// One pixel by the definition in ITU-R BT.601 and BT.709, in real numbers.
    fn by_the_book(colour: Colour, y: u8, u: u8, v: u8) -> [f64; 3] {
        let (kr, kb) = colour.matrix.weights();
        let (y, u, v) = (f64::from(y), f64::from(u) - 128.0, f64::from(v) - 128.0);
        let (y, u, v) = if colour.full_range {
            (y / 255.0, u / 255.0, v / 255.0)
        } else {
            ((y - 16.0) / 219.0, u / 224.0, v / 224.0)
        };
        let (red, blue) = (y + 2.0 * (1.0 - kr) * v, y + 2.0 * (1.0 - kb) * u);
        let green = (y - kr * red - kb * blue) / (1.0 - kr - kb);
        [red, green, blue].map(|level| (level * 255.0).clamp(0.0, 255.0))
    }

    proptest! {
        #[test]
        fn yuyv_is_read_as_the_book_says_at_any_stride(
            width in 1u32..9, height in 1u32..5, padding in 0usize..7, full_range: bool, matrix in 0usize..3, seed in prop::collection::vec(any::<u8>(), 200),
        ) {
            let colour = Colour { matrix: [Matrix::Bt601, Matrix::Bt709, Matrix::Bt2020][matrix], full_range };
            let size = Size::new(width, height);
            let row = width.div_ceil(2) as usize * 4;
            let stride = row + padding;
            let bytes = &seed[..stride * height as usize - padding];
            let rgb = colour.yuyv_to_rgb(size, stride, bytes).unwrap();
            for (number, pixel) in rgb.chunks_exact(3).enumerate() {
                let (x, line) = (number % width as usize, number / width as usize);
                let pair = &bytes[line * stride + x / 2 * 4..];
                let expected = by_the_book(colour, pair[x % 2 * 2], pair[1], pair[3]);
                for (found, expected) in pixel.iter().zip(expected) {
                    prop_assert!((f64::from(*found) - expected).abs() <= 1.0, "{found} instead of {expected}");
                }
            }
            prop_assert!(colour.yuyv_to_rgb(size, stride, &bytes[..bytes.len() - 1]).is_none());
            prop_assert!(colour.yuyv_to_rgb(size, row - 1, &seed).is_none());
        }
    }

    #[test]
    fn planes_smaller_than_they_say_are_refused() {
        let size = Size::new(4, 4);
        let planes = Planes { size, y: &[0; 15], u: &[0; 4], v: &[0; 4], luma_stride: 4, chroma_stride: 2 };
        assert!(Colour::UNSAID.to_rgb(planes).is_none());
    }
}
