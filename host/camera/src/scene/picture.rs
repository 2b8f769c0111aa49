//! A picture that shapes are drawn on.

use sluis_frame::Size;

/// Red, green, blue.
pub(super) type Ink = [u8; 3];

#[derive(Debug, Clone)]
pub(super) struct Canvas {
    size: Size,
    pixels: Vec<u8>,
}

// === impl Canvas ===

impl Canvas {
    pub(super) fn new(size: Size, ink: Ink) -> Self {
        Self { size, pixels: ink.repeat(size.pixels()) }
    }

    /// 3 bytes a pixel, rows from the top.
    pub(super) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// A rectangle from its left top corner.
    pub(super) fn rect(&mut self, left: f32, top: f32, width: f32, height: f32, ink: Ink) {
        self.shape((left, top, left + width, top + height), ink, |_, _| true);
    }

    /// An ellipse about its centre.
    pub(super) fn ellipse(&mut self, x: f32, y: f32, rx: f32, ry: f32, ink: Ink) {
        self.shape((x - rx, y - ry, x + rx, y + ry), ink, |px, py| {
            let (dx, dy) = ((px - x) / rx, (py - y) / ry);
            dx * dx + dy * dy <= 1.0
        });
    }

    /// A line with round ends.
    pub(super) fn limb(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32, ink: Ink) {
        let r = thickness / 2.0;
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).max(f32::EPSILON);
        let bounds = (from.0.min(to.0) - r, from.1.min(to.1) - r, from.0.max(to.0) + r, from.1.max(to.1) + r);
        self.shape(bounds, ink, |px, py| {
            let along = (((px - from.0) * dx + (py - from.1) * dy) / length).clamp(0.0, 1.0);
            let (ex, ey) = (px - from.0 - along * dx, py - from.1 - along * dy);
            ex * ex + ey * ey <= r * r
        });
    }

    /// Every pixel within the bounds (left, top, right, bottom) whose centre is inside.
    fn shape(&mut self, bounds: (f32, f32, f32, f32), ink: Ink, inside: impl Fn(f32, f32) -> bool) {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        // A cast of a negative number gives 0.
        let (left, top) = (bounds.0.floor() as usize, bounds.1.floor() as usize);
        let (right, bottom) = ((bounds.2.ceil() as usize).min(width), (bounds.3.ceil() as usize).min(height));
        for y in top..bottom {
            for x in left..right {
                if inside(x as f32 + 0.5, y as f32 + 0.5) {
                    let at = (y * width + x) * 3;
                    self.pixels[at..at + 3].copy_from_slice(&ink);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_not_drawn() {
        let mut canvas = Canvas::new(Size::new(8, 4), [0; 3]);
        canvas.ellipse(-20.0, -20.0, 5.0, 5.0, [9; 3]);
        canvas.rect(7.0, 3.0, 100.0, 100.0, [9; 3]);
        canvas.limb((-5.0, 900.0), (90.0, 700.0), 4.0, [9; 3]);
        assert_eq!(canvas.pixels().iter().filter(|v| **v == 9).count(), 3);
    }
}
