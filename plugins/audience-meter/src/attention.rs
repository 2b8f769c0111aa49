//! Which way a face is turned, from five points.
//!
//! The tip of the nose stands out from the plane of eyes and mouth. When the head turns, it moves against them: sideways as seen between the eyes, up and down as seen between
//! eyes and mouth. With a head of ordinary proportions, seen from far away, the angle follows from where the nose is:
//!
//! - yaw: nose beside the middle of the eyes, in distances between the eyes = `depth / eyes * tan(yaw)`;
//! - pitch: nose below the eyes, in distances from eyes to mouth = `rest + depth / face * tan(pitch)`.
//!
//! The proportions are those of the head model that is in common use for such estimates (S. Mallick, "Head Pose Estimation using OpenCV and Dlib", 2016; in units of
//! 0.2 mm: nose tip at 0; outer corners of the eyes 225 to the sides, 170 up, 135 back; corners of the mouth 150 to the sides, 150 down, 125 back), with the middles of the eyes 305
//! apart (61 mm; adults' pupils are 63 mm apart on average: N. A. Dodgson, "Variation and extrema of human interpupillary distance", 2004).
//!
//! Where a head points is not where its eyes look. In R. Stiefelhagen and J. Zhu, "Head orientation and gaze direction in meetings" (2002), the head made 69 % of a turn of
//! gaze, and telling the target from the head alone was right 89 % of the time. So within [`YAW`] and [`PITCH`] the screen is looked at by most; it stays an estimate, and nothing here looks at
//! eyes.

use sluis_detect::yunet::Landmarks;

/// The depth of the nose before the eyes, in distances between the eyes: 135 / 305.
const DEPTH_BY_EYES: f32 = 0.443;
/// The depth of the nose, in distances from eyes to mouth: (135 and 125) / 320, at the height of the nose.
const DEPTH_BY_FACE: f32 = 0.405;
/// How far the nose is below the eyes when the head is level, in distances from eyes to mouth: 170 / 320.
const REST: f32 = 0.531;

/// A face counts as towards the screen up to this yaw, in degrees, when nothing else is set: the head's part of a turn of gaze of 40 degrees.
pub const YAW: f32 = 28.0;
/// And up to this pitch, up or down. Wider, for people of all heights pass a screen, and pitch from five points is the coarser of the two.
pub const PITCH: f32 = 30.0;

/// Where a head points, as seen by the camera: 0 is at the camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Degrees to the right of the picture; about -80 to 80.
    pub yaw: f32,
    /// Degrees down.
    pub pitch: f32,
}

/// A cone of directions about the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Towards {
    /// The middle: where the screen is, as seen from the people, with the camera at 0. Same signs as in [`Pose`].
    pub screen: Pose,
    /// Degrees to either side of it.
    pub yaw: f32,
    /// Degrees up or down.
    pub pitch: f32,
}

// === impl Pose ===

impl Pose {
    /// Where the head with these points is turned; `None` when they are not the points of a face that is seen from before.
    pub fn of(points: &Landmarks) -> Option<Self> {
        let (right, left) = (points.right_eye, points.left_eye);
        let across = (left.0 - right.0, left.1 - right.1);
        let eyes = across.0.hypot(across.1);
        // The head may be tilted: across is from eye to eye, down at a right angle to it.
        let (across, down) = ((across.0 / eyes, across.1 / eyes), (-across.1 / eyes, across.0 / eyes));
        let between = ((right.0 + left.0) / 2.0, (right.1 + left.1) / 2.0);
        let along = |axis: (f32, f32), (x, y): (f32, f32)| (x - between.0) * axis.0 + (y - between.1) * axis.1;
        let (right, left) = (points.right_mouth, points.left_mouth);
        let face = along(down, ((right.0 + left.0) / 2.0, (right.1 + left.1) / 2.0));
        let beside = along(across, points.nose) / eyes;
        let below = along(down, points.nose) / face;
        let degrees = |tangent: f32| tangent.atan().to_degrees();
        let pose = Self { yaw: degrees(beside / DEPTH_BY_EYES), pitch: degrees((below - REST) / DEPTH_BY_FACE) };
        (eyes > 0.0 && face > 0.0 && pose.yaw.is_finite() && pose.pitch.is_finite()).then_some(pose)
    }
}

// === impl Towards ===

impl Default for Towards {
    /// The camera sits on the screen.
    fn default() -> Self {
        Self { screen: Pose { yaw: 0.0, pitch: 0.0 }, yaw: YAW, pitch: PITCH }
    }
}

impl Towards {
    /// Whether a head is turned to the screen.
    pub fn includes(&self, pose: Pose) -> bool {
        (pose.yaw - self.screen.yaw).abs() <= self.yaw && (pose.pitch - self.screen.pitch).abs() <= self.pitch
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The head model, turned, seen from far away. Degrees; x right, y down, z away from the camera.
    fn head(yaw: f32, pitch: f32, roll: f32, size: f32) -> Landmarks {
        let (yaw, pitch, roll) = (yaw.to_radians(), pitch.to_radians(), roll.to_radians());
        let seen = |(x, y, z): (f32, f32, f32)| {
            // The nose points to the camera (-z); pitch turns it down, yaw to the right, roll about the line of sight.
            let (y, z) = (y * pitch.cos() - z * pitch.sin(), y * pitch.sin() + z * pitch.cos());
            let (x, _) = (x * yaw.cos() - z * yaw.sin(), z);
            let (x, y) = (x * roll.cos() - y * roll.sin(), x * roll.sin() + y * roll.cos());
            (300.0 + x * size, 200.0 + y * size)
        };
        Landmarks {
            right_eye: seen((-152.5, -170.0, 135.0)),
            left_eye: seen((152.5, -170.0, 135.0)),
            nose: seen((0.0, 0.0, 0.0)),
            right_mouth: seen((-150.0, 150.0, 125.0)),
            left_mouth: seen((150.0, 150.0, 125.0)),
        }
    }

    proptest! {
        #[test]
        fn the_turn_of_a_head_is_found_again(yaw in -60.0f32..60.0, pitch in -35.0f32..35.0, roll in -30.0f32..30.0, size in 0.05f32..1.0) {
            // Each turn by itself is exact; both together bend each other by a few degrees.
            let side = Pose::of(&head(yaw, 0.0, roll, size)).unwrap();
            prop_assert!((side.yaw - yaw).abs() < 1.0 && side.pitch.abs() < 3.0, "{side:?}");
            let up = Pose::of(&head(0.0, pitch, roll, size)).unwrap();
            prop_assert!((up.pitch - pitch).abs() < 3.0 && up.yaw.abs() < 0.5, "{up:?}");
        }

        #[test]
        fn points_of_no_face_have_no_direction_and_do_no_harm(points in prop::array::uniform10(-50.0f32..50.0)) {
            let [a, b, c, d, e, f, g, h, i, j] = points;
            let nonsense = Landmarks { right_eye: (a, b), left_eye: (c, d), nose: (e, f), right_mouth: (g, h), left_mouth: (i, j) };
            if let Some(pose) = Pose::of(&nonsense) {
                prop_assert!(pose.yaw.abs() <= 90.0 && pose.pitch.abs() <= 90.0);
            }
        }
    }

    #[test]
    fn eyes_in_one_point_or_a_mouth_above_them_are_no_face() {
        let face = head(0.0, 0.0, 0.0, 0.2);
        assert_eq!(Pose::of(&Landmarks { left_eye: face.right_eye, ..face }), None);
        assert_eq!(Pose::of(&Landmarks { right_mouth: (280.0, 0.0), left_mouth: (320.0, 0.0), ..face }), None);
    }

    #[test]
    fn a_screen_beside_the_camera_is_looked_at_sideways() {
        let beside = Towards { screen: Pose { yaw: 35.0, pitch: 0.0 }, ..Towards::default() };
        let (at_camera, at_screen) =
            (Pose::of(&head(0.0, 0.0, 0.0, 0.2)).unwrap(), Pose::of(&head(35.0, 0.0, 0.0, 0.2)).unwrap());
        assert!(!beside.includes(at_camera) && beside.includes(at_screen));
        assert!(Towards::default().includes(at_camera) && !Towards::default().includes(at_screen));
    }
}
