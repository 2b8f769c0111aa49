//! Pixels as networks take them.

/// The interleaved 8-bit picture `pixels` (rows from the top, three channels a pixel) as one plane per channel in the order given, each value a float
/// from 0 to 255: what OpenCV calls a blob with scale 1 and mean 0, which both networks here were trained on.
///
/// Bytes after the last whole pixel are ignored.
pub fn planes(pixels: &[u8]) -> Vec<f32> {
    let count = pixels.len() / 3;
    let mut planes = vec![0.0; count * 3];
    let (first, rest) = planes.split_at_mut(count);
    let (second, third) = rest.split_at_mut(count);
    for (((pixel, a), b), c) in pixels.chunks_exact(3).zip(first).zip(second).zip(third) {
        (*a, *b, *c) = (f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2]));
    }
    planes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_part_and_keep_their_order() {
        assert_eq!(planes(&[1, 2, 3, 10, 20, 255]), [1.0, 10.0, 2.0, 20.0, 3.0, 255.0]);
    }
}
