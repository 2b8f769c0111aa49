//! How a camera maps directions to pixels.

use serde::{Deserialize, Serialize};

/// Intrinsic parameters of a pinhole camera without distortion, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Focal length, horizontal.
    pub fx: f64,
    /// Focal length, vertical.
    pub fy: f64,
    /// Principal point, from the left edge.
    pub cx: f64,
    /// Principal point, from the top edge.
    pub cy: f64,
}
