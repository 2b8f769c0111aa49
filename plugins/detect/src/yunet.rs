//! What YuNet's outputs mean.
//!
//! YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023; MIT; the file of OpenCV Zoo) sees blue, green, red from 0 to 255 and answers on three grids, of an eighth, a
//! sixteenth and a thirty-second of its input. For each cell: how likely a face is there (as class and as object), where, from the cell's corner, and where its eyes, its
//! nose and the corners of its mouth are.
//!
//! [`decode`] reads no landmarks, for those who only want to know that there is a face; [`decode_faces`] reads them.

use sluis_sdk::Size;

use crate::area::Area;
use crate::candidate::Candidate;
use crate::network::{self, Outputs};

/// The name of the model in the registry.
pub const MODEL: &str = "yunet";
/// The name of the network's input.
pub const INPUT: &str = "input";

/// Two candidates that overlap more than this (intersection over union) are one face: OpenCV's value for YuNet.
pub const ONE_FACE: f32 = 0.3;

/// Input pixels per cell of each grid, both ways.
const STRIDES: [u32; 3] = [8, 16, 32];

/// The five points of a face, `(x, y)` in the pixels of whatever picture the detector looked at. Right and left are the person's own: the right eye is on the left of the
/// picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Landmarks {
    /// The middle of the right eye.
    pub right_eye: (f32, f32),
    /// The middle of the left eye.
    pub left_eye: (f32, f32),
    /// The tip of the nose.
    pub nose: (f32, f32),
    /// The right corner of the mouth.
    pub right_mouth: (f32, f32),
    /// The left corner of the mouth.
    pub left_mouth: (f32, f32),
}

/// Faces in a picture of size `input` (whole multiples of 32), in its pixels: every cell of at least `threshold`. Neighbouring cells tell of the same face; suppress
/// afterwards.
///
/// # Errors
///
/// [`network::Error::Foreign`] when the outputs are not YuNet's.
pub fn decode(outputs: &Outputs, input: Size, threshold: f32) -> Result<Vec<Candidate>, network::Error> {
    let mut found = Vec::new();
    for stride in STRIDES {
        found.extend(hot_cells(outputs, input, stride, threshold)?.into_iter().map(|(_, candidate)| candidate));
    }
    Ok(found)
}

/// As [`decode`], with the landmarks of each face.
///
/// # Errors
///
/// As for [`decode`].
pub fn decode_faces(
    outputs: &Outputs,
    input: Size,
    threshold: f32,
) -> Result<Vec<(Candidate, Landmarks)>, network::Error> {
    let mut found = Vec::new();
    for stride in STRIDES {
        let (columns, cells) = grid(input, stride);
        let (points, _) = outputs.values(&format!("kps_{stride}"), cells * 10)?.as_chunks::<10>();
        let face = |(cell, candidate): (usize, Candidate)| {
            let (column, row) = ((cell % columns) as f32, (cell / columns) as f32);
            let point = |n: usize| {
                ((column + points[cell][2 * n]) * stride as f32, (row + points[cell][2 * n + 1]) * stride as f32)
            };
            let landmarks = Landmarks {
                right_eye: point(0),
                left_eye: point(1),
                nose: point(2),
                right_mouth: point(3),
                left_mouth: point(4),
            };
            (candidate, landmarks)
        };
        found.extend(hot_cells(outputs, input, stride, threshold)?.into_iter().map(face));
    }
    Ok(found)
}

/// Columns, and cells in all, of a grid.
fn grid(input: Size, stride: u32) -> (usize, usize) {
    let (columns, rows) = ((input.width / stride) as usize, (input.height / stride) as usize);
    (columns, columns * rows)
}

/// The cells of at least `threshold` in one grid, by number, row by row.
fn hot_cells(
    outputs: &Outputs,
    input: Size,
    stride: u32,
    threshold: f32,
) -> Result<Vec<(usize, Candidate)>, network::Error> {
    let (columns, cells) = grid(input, stride);
    let class = outputs.values(&format!("cls_{stride}"), cells)?;
    let object = outputs.values(&format!("obj_{stride}"), cells)?;
    let (bounds, _) = outputs.values(&format!("bbox_{stride}"), cells * 4)?.as_chunks::<4>();
    let stride = stride as f32;
    let candidate = |(cell, [right, down, width, height]): (usize, &[f32; 4])| {
        let score = (class[cell].clamp(0.0, 1.0) * object[cell].clamp(0.0, 1.0)).sqrt();
        let x = ((cell % columns) as f32 + right) * stride;
        let y = ((cell / columns) as f32 + down) * stride;
        let area = Area::centred(x, y, width.exp() * stride, height.exp() * stride);
        (score >= threshold).then_some((cell, Candidate { area, score }))
    };
    Ok(bounds.iter().enumerate().filter_map(candidate).collect())
}

// === impl Landmarks ===

impl Landmarks {
    /// The same face in another picture: each point moved by `way`.
    #[must_use]
    pub fn map(self, way: impl Fn((f32, f32)) -> (f32, f32)) -> Self {
        Self {
            right_eye: way(self.right_eye),
            left_eye: way(self.left_eye),
            nose: way(self.nose),
            right_mouth: way(self.right_mouth),
            left_mouth: way(self.left_mouth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUT_SIZE: Size = Size::new(64, 32);

    fn outputs(of: Size) -> Outputs {
        let mut named = Vec::new();
        for stride in STRIDES {
            let cells = (of.width / stride * of.height / stride) as usize;
            named.push((format!("cls_{stride}"), vec![0.2; cells]));
            named.push((format!("obj_{stride}"), vec![0.2; cells]));
            // Half a cell right and down of the corner; twice as wide as a cell, three times as high.
            named.push((format!("bbox_{stride}"), [0.5, 0.5, 2f32.ln(), 3f32.ln()].repeat(cells)));
            named.push((format!("kps_{stride}"), [0.0, 0.1, 1.0, 0.1, 0.5, 0.5, 0.1, 0.9, 0.9, 0.9].repeat(cells)));
        }
        // Stride 16, second row, third column.
        for (name, values) in &mut named {
            match name.as_str() {
                "cls_16" => values[4 + 2] = 0.81,
                "obj_16" => values[4 + 2] = 1.5,
                _ => {}
            }
        }
        Outputs::new(named)
    }

    #[test]
    fn a_hot_cell_becomes_a_face_in_input_pixels() {
        let found = decode(&outputs(INPUT_SIZE), INPUT_SIZE, 0.5).unwrap();
        assert_eq!(found.len(), 1);
        let (x, y) = found[0].area.centre();
        assert!((x - 40.0).abs() < 1e-3 && (y - 24.0).abs() < 1e-3, "{x} {y}");
        assert!((found[0].area.width() - 32.0).abs() < 1e-3 && (found[0].area.height() - 48.0).abs() < 1e-3);
        assert_eq!(found[0].percent(), 90);
    }

    #[test]
    fn its_points_are_in_input_pixels_from_the_cells_corner() {
        let found = decode_faces(&outputs(INPUT_SIZE), INPUT_SIZE, 0.5).unwrap();
        let (candidate, landmarks) = found[0];
        assert_eq!((found.len(), candidate), (1, decode(&outputs(INPUT_SIZE), INPUT_SIZE, 0.5).unwrap()[0]));
        assert_eq!(
            (landmarks.right_eye, landmarks.left_eye, landmarks.nose),
            ((32.0, 17.6), (48.0, 17.6), (40.0, 24.0))
        );
        let doubled = landmarks.map(|(x, y)| (2.0 * x, 2.0 * y));
        assert_eq!(doubled.nose, (80.0, 48.0));
    }

    #[test]
    fn outputs_of_another_picture_are_refused() {
        assert!(decode(&outputs(INPUT_SIZE), Size::new(96, 32), 0.5).is_err());
        assert!(decode_faces(&outputs(INPUT_SIZE), Size::new(96, 32), 0.5).is_err());
    }
}
