//! SeetaFace's funnel-structured cascade: a face detector of 2016 without any network runtime, slow and blind to profiles, but always there.
//!
//! Code: the crate `rustface`. Model: `seeta_fd_frontal_v1.0.bin`, which comes with that crate. Both are derived from the SeetaFace engine
//! (VIPL group, Institute of Computing Technology, Chinese Academy of Sciences) and licensed BSD-2-Clause.

use std::fmt;

use rustface::{Detector, ImageData};
use sluis_sdk::Size;

use crate::area::Area;
use crate::candidate::Candidate;

static MODEL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/seetaface.bin"));

/// The side of the cascade's window: no smaller face is found, and no picture with a smaller side can be searched.
pub const SMALLEST: u32 = 40;

/// A detector with its buffers. Not cheap to make (it reads 1.2 MB of weights): make one per camera.
pub struct SeetaFace {
    detector: Box<dyn Detector>,
}

/// The model that was compiled in cannot be read, so the build is broken.
#[derive(Debug, thiserror::Error)]
#[error("the compiled-in SeetaFace model cannot be read: {0}; rebuild the component")]
pub struct BrokenModel(#[from] std::io::Error);

/// How carefully to search: where recall and false alarms are traded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Care {
    /// The lowest raw score that counts: about the number of windows that agreed on a face. The authors name 0.95, 2.8 and 4.5 as typical,
    /// from many finds to few false ones.
    pub threshold: f64,
    /// The ratio of one search size to the next, 0.1 to 0.99: nearer to 1 finds more and takes longer.
    pub pyramid: f32,
}

// === impl SeetaFace ===

impl SeetaFace {
    /// Reads the compiled-in model.
    ///
    /// # Errors
    ///
    /// [`BrokenModel`] when the build put something else in its place.
    ///
    /// # Panics
    ///
    /// When `care` is outside the ranges that it names: it is chosen by the plugin's code, not by its settings.
    pub fn new(care: Care) -> Result<Self, BrokenModel> {
        let mut detector = rustface::create_detector_with_model(rustface::read_model(MODEL)?);
        detector.set_score_thresh(care.threshold);
        detector.set_pyramid_scale_factor(care.pyramid);
        Ok(Self { detector })
    }

    /// Faces in a picture of 8-bit luma, in its pixels. A picture with a side of [`SMALLEST`] or less has none.
    ///
    /// The score is the raw score `s` as `s / (1 + s)`: between 0 and 1, in the same order.
    ///
    /// # Panics
    ///
    /// When `luma` has not one byte a pixel.
    pub fn detect(&mut self, luma: &[u8], size: Size) -> Vec<Candidate> {
        assert_eq!(luma.len(), size.pixels(), "one byte a pixel");
        let shortest = size.width.min(size.height);
        if shortest <= SMALLEST {
            return Vec::new();
        }
        // One less than the picture has: rustface shrinks the picture until the largest face fits its window, and rounding must
        // never bring the picture below the window.
        self.detector.set_max_face_size(shortest - 1);
        let candidate = |face: &rustface::FaceInfo| {
            let (bounds, score) = (face.bbox(), face.score() as f32);
            let area = Area::new(bounds.x() as f32, bounds.y() as f32, bounds.width() as f32, bounds.height() as f32);
            Candidate { area, score: score / (1.0 + score) }
        };
        self.detector.detect(&ImageData::new(luma, size.width, size.height)).iter().map(candidate).collect()
    }
}

impl fmt::Debug for SeetaFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeetaFace").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARE: Care = Care { threshold: 2.0, pyramid: 0.8 };

    #[test]
    fn the_compiled_in_model_is_seetafaces() {
        assert_eq!(MODEL.len(), 1_209_904);
        SeetaFace::new(CARE).unwrap();
    }

    #[test]
    fn pictures_of_any_shape_are_searched_without_harm() {
        let mut seetaface = SeetaFace::new(CARE).unwrap();
        for (width, height) in [(1, 1), (40, 40), (41, 41), (50, 400), (63, 41), (400, 50), (97, 61)] {
            let noise: Vec<u8> =
                (0..width * height).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            for picture in [vec![0; noise.len()], vec![255; noise.len()], noise] {
                assert_eq!(seetaface.detect(&picture, Size::new(width, height)), []);
            }
        }
    }
}
