//! The light of the moment.
//!
//! Lamps flicker, and cameras change their exposure and white balance when somebody in a dark coat comes near. Both multiply each colour of the whole picture by nearly
//! the same factor. That factor is where the ratios of the picture to a remembered one heap up: what changed in the picture has any ratio, what stayed has this one.

use sluis_sdk::{Frame, PixelFormat, Rect, Size};

/// The picture in which the light is measured.
const SIZE: Size = Size::new(64, 48);
/// Bins of the histogram of ratios: each an eightieth of a doubling, a step of 0.9 %.
const PER_DOUBLING: f32 = 80.0;
/// Doublings on both sides that are looked at.
const DOUBLINGS: f32 = 2.0;
const BINS: usize = (2.0 * DOUBLINGS * PER_DOUBLING) as usize + 1;
/// Values outside are cut off by the camera, or mostly noise.
const USABLE: std::ops::RangeInclusive<f32> = 14.0..=242.0;
/// With fewer usable cells the light is taken to be as before.
const ENOUGH: usize = 100;

/// The light of one camera.
#[derive(Debug, Default)]
pub struct Light {
    reference: Vec<[f32; 3]>,
    gains: [f32; 3],
}

// === impl Light ===

impl Light {
    /// The factors of red, green and blue of this frame, compared with the frames before.
    pub fn measure(&mut self, frame: &Frame<'_>, masks: &[Rect]) -> [f32; 3] {
        let picture = frame.size();
        let rgb = frame.read(picture.rect(), SIZE, PixelFormat::Rgb8);
        let hidden = |cell: usize| {
            let at = SIZE.cell((cell % 64) as u32, (cell / 64) as u32, picture);
            masks.iter().any(|mask| mask.intersect(at).is_some())
        };
        let cells: Vec<[f32; 3]> = rgb.chunks_exact(3).map(|p| [p[0], p[1], p[2]].map(f32::from)).collect();
        let usable: Vec<bool> = (0..cells.len()).map(|cell| masks.is_empty() || !hidden(cell)).collect();
        if self.reference.is_empty() {
            self.reference = cells;
            self.gains = [1.0; 3];
            return self.gains;
        }
        for channel in 0..3 {
            self.gains[channel] = self.peak(&cells, &usable, channel).unwrap_or(self.gains[channel]);
        }
        for ((then, now), _) in self.reference.iter_mut().zip(&cells).zip(&usable).filter(|(_, usable)| **usable) {
            for channel in 0..3 {
                let bare = now[channel] / self.gains[channel];
                let alike = (bare - then[channel]).abs() < 0.1 * then[channel] + 4.0;
                // What stayed is followed in some seconds, what changed in minutes.
                then[channel] += (bare - then[channel]) * if alike { 0.02 } else { 0.002 };
            }
        }
        self.gains
    }

    fn peak(&self, cells: &[[f32; 3]], usable: &[bool], channel: usize) -> Option<f32> {
        let mut heap = [0u32; BINS];
        let mut count = 0;
        let ratios = || {
            let pairs = cells.iter().zip(&self.reference).zip(usable).filter(|(_, usable)| **usable);
            pairs.filter_map(|((now, then), _)| {
                let (now, then) = (now[channel], then[channel]);
                (USABLE.contains(&now) && USABLE.contains(&then)).then(|| (now / then).log2())
            })
        };
        for ratio in ratios() {
            let bin = ((ratio + DOUBLINGS) * PER_DOUBLING).round();
            if (0.0..BINS as f32).contains(&bin) {
                heap[bin as usize] += 1;
                count += 1;
            }
        }
        if count < ENOUGH {
            return None;
        }
        // Five bins together: the noise of a cell is wider than one.
        let around = |bin: usize| heap[bin - 2..=bin + 2].iter().sum::<u32>();
        let peak = (2..BINS - 2).max_by_key(|bin| around(*bin))?;
        let centre = peak as f32 / PER_DOUBLING - DOUBLINGS;
        let near: Vec<f32> = ratios().filter(|r| (r - centre).abs() < 4.0 / PER_DOUBLING).collect();
        Some((near.iter().sum::<f32>() / near.len().max(1) as f32).exp2())
    }
}

#[cfg(test)]
mod tests {
    use sluis_sdk::Still;

    use super::*;

    /// A picture of many colours, times a factor, with a share of it covered in white.
    fn picture(factor: f32, covered: f32) -> Still {
        let size = Size::new(128, 96);
        let pixel = |i: usize| {
            let (x, y) = (i % 128, i / 128);
            let base = 50 + (x / 8 * 37 + y / 8 * 53) % 120;
            let value = if (x as f32) < covered * 128.0 { 230.0 } else { base as f32 * factor };
            [value.min(255.0) as u8; 3]
        };
        Still::new(size, (0..size.pixels()).flat_map(pixel).collect())
    }

    #[test]
    fn an_exposure_step_is_measured_even_when_a_third_of_the_picture_is_covered() {
        let mut light = Light::default();
        assert_eq!(light.measure(&picture(1.0, 0.0).frame(), &[]), [1.0; 3]);
        for (factor, covered) in [(1.3, 0.0), (0.8, 0.33), (1.0, 0.33)] {
            let gains = light.measure(&picture(factor, covered).frame(), &[]);
            assert!(gains.iter().all(|g| (g - factor).abs() < 0.03), "{factor}: {gains:?}");
        }
    }

    #[test]
    fn a_black_picture_leaves_the_light_as_it_was() {
        let mut light = Light::default();
        light.measure(&picture(1.0, 0.0).frame(), &[]);
        assert_eq!(light.measure(&picture(0.0, 0.0).frame(), &[]), [1.0; 3]);
    }
}
