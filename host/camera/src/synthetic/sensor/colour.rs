//! Colour as a sensor gives it: softened by the lens, under lamps that flicker, exposed by a control that corrects itself now and then, and noisy.

use super::super::random::Random;
use super::super::settings::Faults;
use super::{NORMALS, Normals};

/// Noise of reading, and noise of light per unit of brightness: standard deviation and variance, in counts of 255. About what a small rolling-shutter
/// sensor shows indoors: 1.2 counts in the dark, 2.5 in the light.
const READING: f32 = 1.2;
const LIGHT: f32 = 0.019;

/// Lamps on 50 Hz mains flicker at twice that; LED lamps with a usual driver by about a hundredth.
const FLICKER_HERTZ: f64 = 100.0;
const FLICKER: f32 = 0.009;

/// How long a rolling shutter takes from the first row to the last, in seconds.
const READOUT: f64 = 0.016;

/// Exposure changes by up to this share, every so many seconds, over so many frames.
const EXPOSURE: f32 = 0.16;
const EXPOSURE_EVERY: (f32, f32) = (6.0, 18.0);
const EXPOSURE_FRAMES: f32 = 5.0;

/// The colour imager of one camera.
#[derive(Debug)]
pub(in crate::synthetic) struct Colour {
    faults: Faults,
    seed: u64,
    width: usize,
    height: usize,
    exposure: Exposure,
    normals: Normals,
}

/// The control of the exposure.
#[derive(Debug)]
struct Exposure {
    random: Random,
    gain: f32,
    goal: f32,
    step: f32,
    /// When it is set anew, in seconds since the first frame.
    next: f64,
}

// === impl Colour ===

impl Colour {
    pub(in crate::synthetic) fn new(faults: Faults, seed: u64, width: usize, height: usize) -> Self {
        let random = Random::keyed(seed, 20, 0);
        let exposure = Exposure { random, gain: 1.0, goal: 1.0, step: 0.0, next: f64::from(EXPOSURE_EVERY.0) };
        Self { faults, seed, width, height, exposure, normals: Normals::new() }
    }

    /// The next picture of a scene, 3 bytes a pixel; `seconds` since the first.
    pub(in crate::synthetic) fn take(&mut self, scene: &[u8], number: u64, seconds: f64) -> Vec<u8> {
        let exposed = if self.faults.exposure { self.exposure.next_gain(seconds) } else { 1.0 };
        let stride = self.width * 3;
        let mut soft = [vec![0u16; stride], vec![0u16; stride], vec![0u16; stride]];
        soften_row(&scene[..stride], &mut soft[0]);
        soft[1] = soft[0].clone();
        let mut picture = vec![0u8; scene.len()];
        let mut random = Random::keyed(self.seed, 21, number);
        let deviations = deviations();
        for y in 0..self.height {
            // Rows above, here and below; beyond the edges the row itself.
            let below = (y + 1).min(self.height - 1);
            soften_row(&scene[below * stride..(below + 1) * stride], &mut soft[2]);
            let gain = exposed * self.flicker(seconds, y);
            let row = &mut picture[y * stride..(y + 1) * stride];
            let gain = (gain * f32::from(1u16 << 8)) as u32;
            for (i, value) in row.iter_mut().enumerate() {
                // Each of the three is 8 times too great, and 8 of them are summed.
                let sum = u32::from(soft[0][i]) + 6 * u32::from(soft[1][i]) + u32::from(soft[2][i]);
                *value = ((sum * gain + (1 << 13)) >> 14).min(255) as u8;
            }
            if self.faults.colour_noise {
                self.add_noise(row, &deviations, &mut random);
            }
            soft.rotate_left(1);
        }
        picture
    }

    fn flicker(&self, seconds: f64, row: usize) -> f32 {
        if !self.faults.flicker {
            return 1.0;
        }
        let at = seconds + READOUT * row as f64 / self.height as f64;
        1.0 + FLICKER * (std::f64::consts::TAU * (FLICKER_HERTZ * at).fract()).sin() as f32
    }

    fn add_noise(&self, row: &mut [u8], deviations: &[f32; 256], random: &mut Random) {
        const CHOICE: u32 = NORMALS.trailing_zeros();
        for pixel in row.chunks_exact_mut(3) {
            let mut bits = random.bits();
            for value in pixel {
                let noisy = f32::from(*value) + deviations[usize::from(*value)] * self.normals.at(bits);
                *value = (noisy + 0.5) as u8;
                bits >>= CHOICE;
            }
        }
    }
}

// === impl Exposure ===

impl Exposure {
    fn next_gain(&mut self, seconds: f64) -> f32 {
        if seconds >= self.next {
            self.next = seconds + f64::from(self.random.between(EXPOSURE_EVERY.0, EXPOSURE_EVERY.1));
            self.goal = 1.0 + EXPOSURE * self.random.between(-1.0, 0.8);
            self.step = (self.goal - self.gain).abs() / EXPOSURE_FRAMES;
        }
        self.gain += (self.goal - self.gain).clamp(-self.step, self.step);
        self.gain
    }
}

/// How a lens spreads a point across a row: an eighth to either side. The values are 8 times as great.
fn soften_row(row: &[u8], soft: &mut [u16]) {
    let last = row.len() - 3;
    for i in 0..3 {
        soft[i] = 7 * u16::from(row[i]) + u16::from(row[i + 3]);
        soft[last + i] = 7 * u16::from(row[last + i]) + u16::from(row[last + i - 3]);
    }
    for (i, value) in soft[3..last].iter_mut().enumerate() {
        *value = u16::from(row[i]) + 6 * u16::from(row[i + 3]) + u16::from(row[i + 6]);
    }
}

/// The standard deviation of the noise for every brightness, in counts.
fn deviations() -> [f32; 256] {
    std::array::from_fn(|value| (READING * READING + LIGHT * value as f32).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREY: [u8; 64 * 48 * 3] = [128; 64 * 48 * 3];

    fn spread(values: &[f32]) -> f32 {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32).sqrt()
    }

    #[test]
    fn a_plain_scene_without_faults_stays_as_it_is() {
        assert!(Colour::new(Faults::NONE, 1, 64, 48).take(&GREY, 0, 0.0) == GREY);
    }

    #[test]
    fn light_is_noisier_than_shadow() {
        let noise = |value: u8| {
            let only = Faults { colour_noise: true, ..Faults::NONE };
            let picture = Colour::new(only, 1, 64, 48).take(&[value; 64 * 48 * 3], 0, 0.0);
            spread(&picture.iter().map(|v| f32::from(*v)).collect::<Vec<_>>())
        };
        let (dark, light) = (noise(30), noise(220));
        assert!((1.2..1.8).contains(&dark) && (2.0..3.0).contains(&light), "{dark} in the dark, {light} in the light");
    }

    #[test]
    fn the_mains_flicker_shows_as_faint_bands() {
        let only = Faults { flicker: true, ..Faults::NONE };
        let picture = Colour::new(only, 1, 64, 48).take(&GREY, 0, 0.0);
        let rows: Vec<f32> = picture.chunks(64 * 3).map(|row| f32::from(row[0])).collect();
        let range = rows.iter().copied().fold(0.0, f32::max) - rows.iter().copied().fold(255.0, f32::min);
        assert!((1.0..=4.0).contains(&range), "{range} counts from band to band");
    }

    #[test]
    fn the_exposure_is_set_anew_now_and_then_over_a_few_frames() {
        let only = Faults { exposure: true, ..Faults::NONE };
        let mut colour = Colour::new(only, 3, 64, 48);
        let levels: Vec<u8> = (0..15 * 60).map(|n| colour.take(&GREY, n, n as f64 / 15.0)[0]).collect();
        let changes = levels.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!((5..100).contains(&changes), "{changes} changes in a minute");
        assert!(levels.windows(2).all(|pair| pair[0].abs_diff(pair[1]) <= 10), "a step within one frame");
    }
}
