//! From one frame of coordinates to another.

use serde::{Deserialize, Serialize};

use super::LayoutError;
use crate::Camera;

/// A pinhole lens without distortion. `[x, y, z]` of the camera is seen at `[fx x / z + cx, fy y / z + cy]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lens {
    /// Focal length along x, in pixels; above 0.
    pub fx: f32,
    /// Focal length along y, in pixels; above 0.
    pub fy: f32,
    /// The optical axis in the picture, x in pixels.
    pub cx: f32,
    /// The optical axis in the picture, y in pixels.
    pub cy: f32,
}

/// Where a camera stands in the shop and where it looks.
///
/// With all angles 0 it looks along the shop's +y, level, with the shop's +x to its right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pose {
    /// Where it stands, in metres in the shop's frame.
    pub position: [f32; 3],
    /// Degrees to the left: counter-clockwise as seen from above.
    #[serde(default)]
    pub pan: f32,
    /// Degrees below the horizon, −90 to 90: 0 is level, 90 straight down.
    pub tilt: f32,
    /// Degrees clockwise about the optical axis, as the camera sees.
    #[serde(default)]
    pub roll: f32,
}

// === impl Lens ===

impl Lens {
    /// The lens that a camera tells of, in pixels at its own size. `None` when it tells of none.
    pub fn of(camera: &Camera) -> Option<Self> {
        let lens = camera.lens?;
        let pixels = |thousandths: f64| (thousandths / 1000.0) as f32;
        let (fx, fy) = (pixels(lens.fx.into()), pixels(lens.fy.into()));
        Some(Self { fx, fy, cx: pixels(lens.cx.into()), cy: pixels(lens.cy.into()) })
    }

    /// Where in the camera's frame, in metres, the thing is that is seen at `pixel`, `depth` metres away along the axis.
    pub fn to_camera(self, pixel: [f32; 2], depth: f32) -> [f32; 3] {
        [(pixel[0] - self.cx) / self.fx * depth, (pixel[1] - self.cy) / self.fy * depth, depth]
    }

    /// Where on the picture a point of the camera's frame is seen, and its depth; `None` when it is not before the camera.
    pub fn to_pixel(self, camera: [f32; 3]) -> Option<([f32; 2], f32)> {
        let [x, y, z] = camera;
        // Nearer than a millimetre, a pixel means nothing.
        (z > 1e-3).then(|| ([self.fx * x / z + self.cx, self.fy * y / z + self.cy], z))
    }

    pub(super) fn check(self) -> Result<(), LayoutError> {
        for (name, value) in [("fx", self.fx), ("fy", self.fy)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(LayoutError::Lens { name, value, want: "a focal length in pixels is above 0" });
            }
        }
        for (name, value) in [("cx", self.cx), ("cy", self.cy)] {
            if !value.is_finite() {
                return Err(LayoutError::Lens { name, value, want: "it must be a finite number of pixels" });
            }
        }
        Ok(())
    }
}

// === impl Pose ===

impl Pose {
    /// The pose of a camera that tells how it hangs, above the shop's origin and looking along y. `None` when it does not tell.
    pub fn of(camera: &Camera) -> Option<Self> {
        let mount = camera.mount?;
        let whole = |thousandths: f64| (thousandths / 1000.0) as f32;
        let (tilt, roll) = (whole(mount.tilt_millidegrees.into()), whole(mount.roll_millidegrees.into()));
        Some(Self { position: [0.0, 0.0, whole(mount.height_mm.into())], pan: 0.0, tilt, roll })
    }

    /// A point of the camera's frame, in the shop's; both in metres.
    pub fn to_shop(self, camera: [f32; 3]) -> [f32; 3] {
        let axes = self.axes();
        std::array::from_fn(|i| {
            self.position[i] + axes[0][i] * camera[0] + axes[1][i] * camera[1] + axes[2][i] * camera[2]
        })
    }

    /// A point of the shop's frame, in the camera's; both in metres.
    pub fn to_camera(self, shop: [f32; 3]) -> [f32; 3] {
        let from: [f32; 3] = std::array::from_fn(|i| shop[i] - self.position[i]);
        self.axes().map(|axis| axis[0] * from[0] + axis[1] * from[1] + axis[2] * from[2])
    }

    /// The camera's x, y and z axis in the shop's frame.
    pub fn axes(self) -> [[f32; 3]; 3] {
        let (sin_pan, cos_pan) = self.pan.to_radians().sin_cos();
        let (sin_tilt, cos_tilt) = self.tilt.to_radians().sin_cos();
        let (sin_roll, cos_roll) = self.roll.to_radians().sin_cos();
        let right = [cos_pan, sin_pan, 0.0];
        let forward = [-sin_pan * cos_tilt, cos_pan * cos_tilt, -sin_tilt];
        let down = [sin_pan * sin_tilt, -cos_pan * sin_tilt, -cos_tilt];
        let mix = |a: f32, b: f32| std::array::from_fn(|i| a * right[i] + b * down[i]);
        [mix(cos_roll, sin_roll), mix(-sin_roll, cos_roll), forward]
    }

    pub(super) fn check(self) -> Result<(), LayoutError> {
        let [x, y, z] = self.position;
        let all = [("position x", x), ("position y", y), ("position z", z), ("pan", self.pan), ("roll", self.roll)];
        for (name, value) in all {
            if !value.is_finite() {
                return Err(LayoutError::Pose { name, value, want: "it must be a finite number" });
            }
        }
        if !(-90.0..=90.0).contains(&self.tilt) {
            let want = "it is −90 (straight up) to 90 (straight down)";
            return Err(LayoutError::Pose { name: "tilt", value: self.tilt, want });
        }
        Ok(())
    }
}
