//! What YuNet's outputs mean.
//!
//! YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023; MIT; the file of OpenCV Zoo) sees blue, green, red from 0 to 255 and answers on three grids, of an eighth, a
//! sixteenth and a thirty-second of its input. For each cell: how likely a face is there (as class and as object), and where, from the cell's corner. (Its
//! five landmarks are not used: nothing that describes a face is computed here.)

use sluis_detect::{Area, Candidate, Outputs, network};
use sluis_sdk::Size;

/// The name of the model in the registry.
pub const MODEL: &str = "yunet";
/// The name of the network's input.
pub const INPUT: &str = "input";

/// Input pixels per cell of each grid, both ways.
const STRIDES: [u32; 3] = [8, 16, 32];

/// Faces in a picture of size `input` (whole multiples of 32), in its pixels: every cell of at least `threshold`. Neighbouring cells tell of the same face; suppress
/// afterwards.
///
/// # Errors
///
/// [`network::Error::Foreign`] when the outputs are not YuNet's.
pub fn decode(outputs: &Outputs, input: Size, threshold: f32) -> Result<Vec<Candidate>, network::Error> {
    let mut found = Vec::new();
    for stride in STRIDES {
        let (columns, rows) = ((input.width / stride) as usize, (input.height / stride) as usize);
        let cells = columns * rows;
        let class = outputs.values(&format!("cls_{stride}"), cells)?;
        let object = outputs.values(&format!("obj_{stride}"), cells)?;
        let bounds = outputs.values(&format!("bbox_{stride}"), cells * 4)?;
        let (bounds, _) = bounds.as_chunks::<4>();
        let stride = stride as f32;
        for (cell, [right, down, width, height]) in bounds.iter().enumerate() {
            let score = (class[cell].clamp(0.0, 1.0) * object[cell].clamp(0.0, 1.0)).sqrt();
            if score >= threshold {
                let x = ((cell % columns) as f32 + right) * stride;
                let y = ((cell / columns) as f32 + down) * stride;
                found.push(Candidate { area: Area::centred(x, y, width.exp() * stride, height.exp() * stride), score });
            }
        }
    }
    Ok(found)
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
    fn outputs_of_another_picture_are_refused() {
        assert!(decode(&outputs(INPUT_SIZE), Size::new(96, 32), 0.5).is_err());
    }
}
