//! What CenterFace's outputs mean.
//!
//! CenterFace (Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019; MIT) sees red, green, blue from 0 to 255 and answers
//! on a grid of a quarter of its input, for each cell: how likely a face's centre is there, the logarithm of the face's height and width in cells, and where in
//! the cell the centre is. (Its five landmarks are not used: nothing that describes a face is computed here.)

use sluis_detect::{Area, Candidate, Outputs, network};
use sluis_sdk::Size;

/// The name of the model in the registry.
pub const MODEL: &str = "centerface";
/// The name of the network's input.
pub const INPUT: &str = "input.1";

/// Input pixels per cell of the answer, both ways.
const STRIDE: u32 = 4;
/// `[1, 1, rows, columns]`: 0 to 1.
const HEAT: &str = "537";
/// `[1, 2, rows, columns]`: the logarithm of height and width, in cells.
const SCALE: &str = "538";
/// `[1, 2, rows, columns]`: down and right from the cell's corner, in cells.
const OFFSET: &str = "539";

/// Faces in a picture of size `input` (whole multiples of 32), in its pixels: every cell of at least `threshold`. Neighbouring cells tell of the same face; suppress
/// afterwards.
///
/// # Errors
///
/// [`network::Error::Foreign`] when the outputs are not CenterFace's.
pub fn decode(outputs: &Outputs, input: Size, threshold: f32) -> Result<Vec<Candidate>, network::Error> {
    let (columns, rows) = ((input.width / STRIDE) as usize, (input.height / STRIDE) as usize);
    let cells = columns * rows;
    let heat = outputs.values(HEAT, cells)?;
    let (heights, widths) = outputs.values(SCALE, cells * 2)?.split_at(cells);
    let (down, right) = outputs.values(OFFSET, cells * 2)?.split_at(cells);
    let stride = STRIDE as f32;
    let candidate = |cell: usize| {
        let x = ((cell % columns) as f32 + right[cell] + 0.5) * stride;
        let y = ((cell / columns) as f32 + down[cell] + 0.5) * stride;
        let area = Area::centred(x, y, widths[cell].exp() * stride, heights[cell].exp() * stride);
        Candidate { area, score: heat[cell] }
    };
    Ok((0..cells).filter(|cell| heat[*cell] >= threshold).map(candidate).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(cells: usize, hot: usize) -> Outputs {
        let mut heat = vec![0.1; cells];
        heat[hot] = 0.9;
        // 10 cells high and 8 wide; centre a quarter down and half to the right of the middle of its cell.
        let scale = [vec![10.0f32.ln(); cells], vec![8.0f32.ln(); cells]].concat();
        let offset = [vec![0.25; cells], vec![0.5; cells]].concat();
        let named = [(HEAT, heat), (SCALE, scale), (OFFSET, offset)];
        Outputs::new(named.into_iter().map(|(name, values)| (name.to_owned(), values)).collect())
    }

    #[test]
    fn a_hot_cell_becomes_a_face_in_input_pixels() {
        let input = Size::new(64, 32);
        let found = decode(&outputs(16 * 8, 16 * 3 + 5), input, 0.5).unwrap();
        assert_eq!(found.len(), 1);
        let Area { left, top, right, bottom } = found[0].area;
        // Centre: x = (5 + 0.5 + 0.5) * 4, y = (3 + 0.25 + 0.5) * 4.
        for (edge, expected) in [(left, 24.0 - 16.0), (right, 24.0 + 16.0), (top, 15.0 - 20.0), (bottom, 15.0 + 20.0)] {
            assert!((edge - expected).abs() < 1e-3, "{edge} is not {expected}");
        }
        assert_eq!(found[0].percent(), 90);
    }

    #[test]
    fn outputs_of_another_picture_are_refused() {
        assert!(decode(&outputs(16 * 8, 0), Size::new(96, 32), 0.5).is_err());
    }
}
