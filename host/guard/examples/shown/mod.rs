//! Pictures of what is masked, for a person at a desk.

use std::path::Path;

use sluis_frame::{Coverage, Frame, Raw, Rect};

/// Masks tinted red, labels outlined green.
pub(crate) fn draw(path: &Path, raw: &Frame<Raw>, coverage: &Coverage, labels: &[Rect]) {
    let size = raw.size();
    let mut pixels = raw.picture().pixels().to_vec();
    for (pixel, covered) in pixels.chunks_exact_mut(3).zip(coverage.as_slice()) {
        if *covered {
            pixel[0] = pixel[0] / 2 + 127;
        }
    }
    for label in labels {
        for y in label.top()..label.bottom() {
            for x in label.left()..label.right() {
                let edge = y == label.top() || y + 1 == label.bottom() || x == label.left() || x + 1 == label.right();
                if edge && size.rect().contains(x as i32, y as i32) {
                    let at = (y as usize * size.width as usize + x as usize) * 3;
                    pixels[at..at + 3].copy_from_slice(&[0, 255, 0]);
                }
            }
        }
    }
    if let Err(error) = image::save_buffer(path, &pixels, size.width, size.height, image::ColorType::Rgb8) {
        println!("{}: {error}", path.display());
    }
}
