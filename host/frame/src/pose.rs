//! Where a camera stands in the shop.
//!
//! The shop's frame of coordinates is right-handed, in metres: x and y along the floor, z up, the floor at z = 0. Where its origin lies and where y points is the
//! installer's choice, the same for all cameras of a shop. A camera's own frame is that of its optics: x to the right of the picture, y down it, z along the
//! optical axis, away from the camera.

use serde::{Deserialize, Serialize};

use crate::calibration::Calibration;

/// Where a camera stands, and where it looks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pose {
    /// Where its optical centre is: x, y, z in the shop's frame, in metres.
    pub position: [f64; 3],
    /// Where it looks, seen from above, in degrees: 0 is along y, and it grows to the left (counter-clockwise).
    pub pan: f64,
    /// How far it looks down, in degrees: 0 is level, 90 straight down.
    pub tilt: f64,
    /// How far it is turned about its optical axis, in degrees, clockwise as the camera sees it.
    pub roll: f64,
}

// === impl Pose ===

impl Pose {
    /// A point of the camera's frame, in the shop's frame. Metres.
    pub fn to_shop(&self, point: [f64; 3]) -> [f64; 3] {
        let axes = self.axes();
        std::array::from_fn(|i| self.position[i] + (0..3).map(|axis| axes[axis][i] * point[axis]).sum::<f64>())
    }

    /// A point of the shop's frame, in the camera's frame. Metres. Its z is negative when it lies behind the camera.
    pub fn to_camera(&self, point: [f64; 3]) -> [f64; 3] {
        let from_here: [f64; 3] = std::array::from_fn(|i| point[i] - self.position[i]);
        self.axes().map(|axis| (0..3).map(|i| axis[i] * from_here[i]).sum())
    }

    /// The camera's x, y and z axes, in the shop's frame: right, down and forward.
    pub fn axes(&self) -> [[f64; 3]; 3] {
        let (pan_sin, pan_cos) = self.pan.to_radians().sin_cos();
        let (tilt_sin, tilt_cos) = self.tilt.to_radians().sin_cos();
        let (roll_sin, roll_cos) = self.roll.to_radians().sin_cos();
        let level_right = [pan_cos, pan_sin, 0.0];
        let level_down = [pan_sin * tilt_sin, -pan_cos * tilt_sin, -tilt_cos];
        let forward = [-pan_sin * tilt_cos, pan_cos * tilt_cos, -tilt_sin];
        // Turned clockwise, the camera's right is what was between its right and its down.
        let right = std::array::from_fn(|i| roll_cos * level_right[i] + roll_sin * level_down[i]);
        let down = std::array::from_fn(|i| roll_cos * level_down[i] - roll_sin * level_right[i]);
        [right, down, forward]
    }
}

// === impl Calibration ===

impl Calibration {
    /// Where a point of the camera's frame (metres) is seen, in pixels; `None` when it does not lie before the camera.
    pub fn project(&self, [x, y, z]: [f64; 3]) -> Option<[f64; 2]> {
        (z > 0.0).then(|| [self.fx * x / z + self.cx, self.fy * y / z + self.cy])
    }

    /// The point of the camera's frame that is seen at this pixel, at this depth along the optical axis. Metres.
    pub fn unproject(&self, [u, v]: [f64; 2], depth: f64) -> [f64; 3] {
        [(u - self.cx) / self.fx * depth, (v - self.cy) / self.fy * depth, depth]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(a: [f64; 3], b: [f64; 3]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    #[test]
    fn a_level_camera_looks_along_y() {
        let pose = Pose { position: [1.0, 2.0, 3.0], pan: 0.0, tilt: 0.0, roll: 0.0 };
        assert!(near(pose.to_shop([0.5, 0.25, 2.0]), [1.5, 4.0, 2.75]));
    }

    #[test]
    fn pan_turns_left_tilt_looks_down_and_roll_is_clockwise() {
        let at = |pan, tilt, roll| Pose { position: [0.0; 3], pan, tilt, roll };
        let ahead = [0.0, 0.0, 1.0];
        assert!(near(at(90.0, 0.0, 0.0).to_shop(ahead), [-1.0, 0.0, 0.0]), "left of y is negative x");
        assert!(near(at(0.0, 90.0, 0.0).to_shop(ahead), [0.0, 0.0, -1.0]));
        let right = [1.0, 0.0, 0.0];
        assert!(near(at(0.0, 0.0, 90.0).to_shop(right), [0.0, 0.0, -1.0]), "its right side has gone down");
    }

    #[test]
    fn straight_down_the_pictures_top_is_where_pan_points() {
        let pose = Pose { position: [0.0, 0.0, 3.0], pan: 0.0, tilt: 90.0, roll: 0.0 };
        assert!(near(pose.to_camera([0.0, 1.0, 0.0]), [0.0, -1.0, 3.0]));
    }

    #[test]
    fn what_lies_behind_is_not_seen() {
        let lens = Calibration { fx: 600.0, fy: 600.0, cx: 320.0, cy: 240.0 };
        assert_eq!(lens.project([0.1, 0.0, -1.0]), None);
        assert_eq!(lens.project([0.0, 0.0, 2.0]), Some([320.0, 240.0]));
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_place(
            position in prop::array::uniform3(-10.0..10.0f64), pan in -360.0..360.0f64, tilt in -90.0..90.0f64, roll in -180.0..180.0f64,
            pixel in prop::array::uniform2(0.0..640.0f64), depth in 0.1..10.0f64,
        ) {
            let lens = Calibration { fx: 610.0, fy: 605.0, cx: 322.0, cy: 238.0 };
            let pose = Pose { position, pan, tilt, roll };
            let seen = pose.to_camera(pose.to_shop(lens.unproject(pixel, depth)));
            let again = lens.project(seen).unwrap();
            prop_assert!((again[0] - pixel[0]).abs() < 1e-6 && (again[1] - pixel[1]).abs() < 1e-6, "{again:?}");
            prop_assert!((seen[2] - depth).abs() < 1e-9);
        }
    }
}
