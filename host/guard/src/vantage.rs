//! Where a camera stands and how it sees, as far as the host knows.

use sluis_frame::{Calibration, Pose};

/// Pose and lens of a camera: with them and depth, the floor knows where in the shop everything is that it sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vantage {
    /// Where it stands and looks.
    pub pose: Pose,
    /// How directions become pixels, at the size of picture that the floor is made for. Depth lies on the same pixels.
    pub lens: Calibration,
}
