//! What can be chosen about a synthetic shop.

use std::time::Duration;

use sluis_frame::{Calibration, Picture, Pose, Size};

use crate::driver::Rate;

/// What a synthetic shop is to be like. The same settings give the same pictures, byte for byte, and the same truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Everything that is left to chance follows from this.
    pub seed: u64,
    /// Where the camera hangs.
    pub preset: Preset,
    /// Size of the pictures. The lens grows with the width, so that the field of view stays.
    pub size: Size,
    /// Pictures per second.
    pub rate: Rate,
    /// How long the camera runs; `None` for ever.
    pub length: Option<Duration>,
    /// How many people are in the shop at once at most: 0 to [`Settings::MOST_PEOPLE`].
    pub people: usize,
    /// What the sensor does badly.
    pub faults: Faults,
}

/// A place for the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preset {
    /// 2.5 m high, 30° down, along the shelf: sees shelves, queue, counter and who looks at the screen below it.
    #[default]
    Oblique,
    /// 3 m high, straight down, over the front of the shelf.
    Overhead,
    /// 1.9 m high and nearly level, on top of the advertising screen: sees those who look at it from the front.
    Screen,
}

/// What the sensor does badly. Each can be switched off, so that tests can look at clean pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// Noise in colour: of light and of reading.
    pub colour_noise: bool,
    /// The mains' flicker, as bands that a rolling shutter makes of it.
    pub flicker: bool,
    /// Now and then the exposure is set anew.
    pub exposure: bool,
    /// Noise in depth, growing with the square of the distance, and its steps.
    pub depth_noise: bool,
    /// Missing depth: beside edges, in the shadow between the two imagers, and here and there.
    pub depth_holes: bool,
}

/// Settings that no shop can have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSettings {
    /// A picture too small to see anything, or too large.
    #[error("the synthetic shop cannot be drawn at {0}: each side is {least} to {most} pixels", least = Settings::LEAST_SIDE, most = Picture::MAX_SIDE)]
    Size(Size),
    /// Too many people for the floor.
    #[error("{0} people do not fit into the synthetic shop: at most {most}", most = Settings::MOST_PEOPLE)]
    People(usize),
}

// === impl Settings ===

impl Settings {
    /// The most people at once: more than this only stand in each other's way.
    pub const MOST_PEOPLE: usize = 8;

    /// The shortest side of a picture, in pixels.
    pub const LEAST_SIDE: u32 = 32;

    /// The usual shop from another seed.
    pub fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// How many frames the camera gives, if it ends.
    pub fn frames(&self) -> Option<u64> {
        self.length.map(|length| (length.as_secs_f64() * self.rate.per_second()).round() as u64)
    }

    /// The lens of the camera, in pixels.
    pub fn lens(&self) -> Calibration {
        let scale = f64::from(self.size.width) / 640.0;
        let focal = self.preset.focal() * scale;
        Calibration {
            fx: focal,
            fy: focal,
            cx: f64::from(self.size.width) / 2.0,
            cy: f64::from(self.size.height) / 2.0,
        }
    }

    pub(super) fn check(&self) -> Result<(), InvalidSettings> {
        let fits = |side: u32| (Self::LEAST_SIDE..=Picture::MAX_SIDE).contains(&side);
        if !fits(self.size.width) || !fits(self.size.height) {
            return Err(InvalidSettings::Size(self.size));
        }
        if self.people > Self::MOST_PEOPLE {
            return Err(InvalidSettings::People(self.people));
        }
        Ok(())
    }
}

impl Default for Settings {
    /// Seed 0, oblique, 640x480 at 15 pictures a second, without end, three people at once, a sensor with all its faults.
    fn default() -> Self {
        Self {
            seed: 0,
            preset: Preset::default(),
            size: Size::new(640, 480),
            rate: Rate::FIFTEEN,
            length: None,
            people: 3,
            faults: Faults::ALL,
        }
    }
}

// === impl Preset ===

impl Preset {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Oblique, Self::Overhead, Self::Screen];

    /// Where the camera hangs in the shop.
    pub const fn pose(self) -> Pose {
        match self {
            Self::Oblique => Pose { position: [1.8, 0.0, 2.5], pan: 10.0, tilt: 30.0, roll: 0.0 },
            // Turned so that the shelf lies along the upper edge of the picture.
            Self::Overhead => Pose { position: [0.72, 3.1, 3.0], pan: 90.0, tilt: 90.0, roll: 0.0 },
            Self::Screen => Pose { position: [1.7, 0.05, 1.9], pan: 4.0, tilt: 8.0, roll: 0.0 },
        }
    }

    /// The focal length for a picture 640 pixels wide, in pixels. The colour stream of a D435 has a horizontal field of view of 69° at 16:9 (Intel, RealSense
    /// D400 series datasheet, 2019), of which 4:3 keeps three quarters of the width: about 620 at 640x480.
    const fn focal(self) -> f64 {
        615.0
    }
}

// === impl Faults ===

impl Faults {
    /// As a real sensor.
    pub const ALL: Self =
        Self { colour_noise: true, flicker: true, exposure: true, depth_noise: true, depth_holes: true };

    /// As no sensor ever was.
    pub const NONE: Self =
        Self { colour_noise: false, flicker: false, exposure: false, depth_noise: false, depth_holes: false };
}

impl Default for Faults {
    fn default() -> Self {
        Self::ALL
    }
}
