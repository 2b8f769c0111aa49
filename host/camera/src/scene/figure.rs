//! A drawn person.

use super::picture::{Canvas, Ink};

/// A drawn person, seen from the front. Lengths are in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure {
    /// Where the feet stand.
    pub(super) feet: (f32, f32),
    /// From the feet to the crown.
    pub(super) height: f32,
    /// How far the walk has come, in double steps.
    pub(super) stride: f32,
    /// How far the right hand is stretched out to the shelf, from 0 to 1.
    pub(super) reach: f32,
    pub(super) skin: Ink,
    pub(super) hair: Ink,
    pub(super) coat: Ink,
}

const TROUSERS: Ink = [48, 50, 60];
const SHOES: Ink = [26, 24, 24];

// === impl Figure ===

impl Figure {
    pub(super) fn draw(&self, canvas: &mut Canvas) {
        // Proportions of a grown person of seven and a half heads.
        let head = self.height / 7.5;
        let (x, ground) = self.feet;
        let crown = ground - self.height;
        let (neck, hip) = (crown + head * 1.35, ground - self.height * 0.48);
        let swing = (std::f32::consts::TAU * self.stride).sin() * head * 0.5;

        for (side, swing) in [(-1.0, swing), (1.0, -swing)] {
            let foot = (x + side * head * 0.45 + swing, ground - (side * swing).max(0.0) * 0.25);
            canvas.limb((x + side * head * 0.35, hip), foot, head * 0.55, TROUSERS);
            canvas.ellipse(foot.0, foot.1, head * 0.4, head * 0.18, SHOES);
        }
        canvas.limb((x, neck + head * 0.45), (x, hip), head * 1.5, self.coat);
        self.arms(canvas, (x, neck + head * 0.35), hip, swing, head);
        canvas.limb((x, crown + head * 0.8), (x, neck + head * 0.1), head * 0.4, self.skin);
        self.head(canvas, (x, crown + head * 0.5), head);
    }

    fn arms(&self, canvas: &mut Canvas, shoulders: (f32, f32), hip: f32, swing: f32, head: f32) {
        let between = |from: f32, to: f32| from + (to - from) * self.reach;
        let (x, y) = shoulders;
        let left = (x - head - swing * 0.6, hip + head * 0.2);
        let right = (between(x + head + swing * 0.6, x + head * 1.9), between(hip + head * 0.2, y - head * 1.1));
        let dark = self.coat.map(|v| v / 4 * 3);
        for (side, hand) in [(-1.0, left), (1.0, right)] {
            canvas.limb((x + side * head * 0.8, y), hand, head * 0.4, dark);
            canvas.ellipse(hand.0, hand.1, head * 0.22, head * 0.24, self.skin);
        }
    }

    fn head(&self, canvas: &mut Canvas, (x, y): (f32, f32), head: f32) {
        let (rx, ry) = (head * 0.38, head * 0.5);
        let shadow = self.skin.map(|v| v / 5 * 4);
        canvas.ellipse(x, y - ry * 0.15, rx * 1.12, ry, self.hair);
        canvas.ellipse(x, y + ry * 0.12, rx * 0.95, ry * 0.86, self.skin);
        for side in [-1.0, 1.0] {
            let eye = x + side * rx * 0.42;
            canvas.ellipse(eye, y, rx * 0.22, ry * 0.09, [245, 243, 240]);
            canvas.ellipse(eye, y, rx * 0.1, ry * 0.09, [36, 30, 28]);
            canvas.rect(eye - rx * 0.26, y - ry * 0.24, rx * 0.52, ry * 0.07, self.hair);
        }
        canvas.ellipse(x, y + ry * 0.28, rx * 0.13, ry * 0.14, shadow);
        canvas.ellipse(x, y + ry * 0.58, rx * 0.36, ry * 0.08, [168, 82, 78]);
    }
}
