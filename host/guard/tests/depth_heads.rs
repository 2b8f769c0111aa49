//! Heads that the floor finds in space, in made-up scenes of balls and blocks where everything is known.

use std::time::Duration;

use sluis_frame::{
    Calibration, CameraId, Cause, Coverage, Depth, Frame, FrameNumber, Header, Mask, Picture, Pose, Raw, Rect, Size,
    Timestamp,
};
use sluis_guard::{Floor, Sight, Vantage};

const SIZE: Size = Size::new(640, 480);
const LENS: Calibration = Calibration { fx: 615.0, fy: 615.0, cx: 320.0, cy: 240.0 };
const OBLIQUE: Pose = Pose { position: [0.0, 0.0, 2.5], pan: 0.0, tilt: 30.0, roll: 0.0 };
const OVERHEAD: Pose = Pose { position: [0.0, 2.5, 3.0], pan: 0.0, tilt: 90.0, roll: 0.0 };
/// Metres per count.
const UNIT: f32 = 0.001;

/// A ball that is longer or shorter along each axis of the shop: its middle, half its extent, and its grey.
#[derive(Debug, Clone, Copy)]
struct Ball {
    middle: [f64; 3],
    half: [f64; 3],
    grey: u8,
    /// The depth sensor sees it.
    depth: bool,
}

/// What there is to see besides an empty floor with a wall 5 m away.
#[derive(Debug, Clone, Default)]
struct Scene {
    balls: Vec<Ball>,
    /// A darker disc on the floor: x, y and radius.
    shadow: Option<[f64; 3]>,
    /// The sensor measures nothing at all.
    blind: bool,
}

fn ball(middle: [f64; 3], half: [f64; 3]) -> Ball {
    Ball { middle, half, grey: 60, depth: true }
}

/// A head and a trunk beneath it, `height` metres from the floor to the crown.
fn person(x: f64, y: f64, height: f64) -> Vec<Ball> {
    let size = height / 1.75;
    vec![
        head(x, y, height),
        ball([x, y, height - 0.5 * size], [0.22 * size, 0.13 * size, 0.3 * size]),
        ball([x, y, 0.45 * size], [0.15 * size, 0.12 * size, 0.5 * size]),
    ]
}

fn head(x: f64, y: f64, crown: f64) -> Ball {
    ball([x, y, crown - 0.115], [0.078, 0.098, 0.115])
}

/// An arm that a person at `x`, `y` stretches out to the side, with its hand.
fn arm(x: f64, y: f64, shoulder: f64) -> Vec<Ball> {
    (0..12)
        .map(|i| ball([x + 0.2 + 0.05 * f64::from(i), y, shoulder], [0.04, 0.04, 0.04]))
        .chain([ball([x + 0.85, y, shoulder], [0.085, 0.042, 0.02])])
        .collect()
}

impl Ball {
    /// How far along a ray from `from` it is met.
    fn meets(&self, from: [f64; 3], ray: [f64; 3]) -> Option<f64> {
        let o: [f64; 3] = std::array::from_fn(|i| (from[i] - self.middle[i]) / self.half[i]);
        let d: [f64; 3] = std::array::from_fn(|i| ray[i] / self.half[i]);
        let dot = |a: [f64; 3], b: [f64; 3]| (0..3).map(|i| a[i] * b[i]).sum::<f64>();
        let (a, b, c) = (dot(d, d), dot(o, d), dot(o, o) - 1.0);
        let root = b * b - a * c;
        (root >= 0.0).then(|| (-b - root.sqrt()) / a).filter(|t| *t > 0.0)
    }

    /// The rectangle that it fills in the picture.
    fn seen(&self, pose: &Pose) -> Rect {
        let mut edges = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for i in 0..400 {
            let (turn, up) = (f64::from(i) * 2.4, f64::from(i) / 200.0 - 1.0);
            let around = (1.0 - up * up).max(0.0).sqrt();
            let on = [around * turn.cos(), around * turn.sin(), up];
            let point = std::array::from_fn(|i| self.middle[i] + self.half[i] * on[i]);
            let [x, y] = LENS.project(pose.to_camera(point)).expect("before the camera");
            edges = [edges[0].min(x), edges[1].min(y), edges[2].max(x), edges[3].max(y)];
        }
        let [left, top, right, bottom] = edges.map(|e| e as i64);
        Rect::from_edges(left, top, right, bottom).clip(SIZE).expect("in the picture")
    }
}

impl Scene {
    fn of(balls: impl IntoIterator<Item = Ball>) -> Self {
        Self { balls: balls.into_iter().collect(), ..Self::default() }
    }

    fn frame(&self, pose: &Pose, number: u64) -> Frame<Raw> {
        let (mut pixels, mut depths) = (Vec::new(), Vec::new());
        for y in 0..SIZE.height {
            for x in 0..SIZE.width {
                let end = pose.to_shop(LENS.unproject([f64::from(x) + 0.5, f64::from(y) + 0.5], 1.0));
                let ray = std::array::from_fn(|i| end[i] - pose.position[i]);
                let (grey, metres, measured) = self.look(pose.position, ray);
                pixels.extend([grey; 3]);
                depths.push(if measured && !self.blind { (metres / f64::from(UNIT)) as u16 } else { 0 });
            }
        }
        let header = Header {
            camera: CameraId::new("scene").expect("a good name"),
            number: FrameNumber(number),
            captured: Timestamp::from_secs(1_000) + Duration::from_millis(100) * number as u32,
        };
        let depth = Depth::new(SIZE, UNIT, depths).expect("a depth for each pixel");
        Frame::capture(header, Picture::new(SIZE, pixels).expect("three bytes a pixel"), Some(depth))
            .expect("of one size")
    }

    /// What a ray meets first: its grey, how far along the optical axis, and whether the sensor measures it.
    fn look(&self, from: [f64; 3], ray: [f64; 3]) -> (u8, f64, bool) {
        let floor = if ray[2] < 0.0 { -from[2] / ray[2] } else { f64::INFINITY };
        let wall = if ray[1] > 0.0 { (5.0 - from[1]) / ray[1] } else { f64::INFINITY };
        let (x, y) = (from[0] + ray[0] * floor, from[1] + ray[1] * floor);
        let shaded = self.shadow.is_some_and(|[sx, sy, radius]| (x - sx).hypot(y - sy) < radius);
        let place = if floor < wall { (if shaded { 90 } else { 150 }, floor, true) } else { (190, wall, true) };
        let met = self.balls.iter().filter_map(|ball| Some((ball.grey, ball.meets(from, ray)?, ball.depth)));
        met.fold(place, |first, other| if other.1 < first.1 { other } else { first })
    }

    /// What a floor that has seen the empty place sees in it.
    fn seen_from(&self, pose: Pose) -> Sight {
        let mut floor = Floor::new(SIZE).seen_from(Some(Vantage { pose, lens: LENS }));
        let empty = Self { blind: self.blind, ..Self::default() };
        // Six seconds: what lies low is believed after five.
        for number in [0, 15, 30, 45, 60] {
            floor.observe(&empty.frame(&pose, number));
        }
        floor.observe(&self.frame(&pose, 61))
    }
}

/// The share of a rectangle that is masked.
fn masked(sight: &Sight, area: Rect) -> f32 {
    let masks: Vec<Mask> = sight.people.iter().map(|p| Mask::rect(p.head, Cause::Floor)).collect();
    Coverage::of(&masks, SIZE).share_of(area)
}

#[test]
fn a_head_above_a_trunk_is_found_and_nothing_else_is_from_the_side_and_from_above() {
    for pose in [OBLIQUE, OVERHEAD] {
        let body = person(0.2, 2.6, 1.7);
        let sight = Scene::of(body.clone()).seen_from(pose);
        assert_eq!(sight.people.len(), 1, "{:?}", sight.people);
        let head = body[0].seen(&pose);
        assert!(masked(&sight, head) > 0.99, "{head:?}: {:?}", sight.people);
        let person = sight.people[0];
        assert!(person.head.area() < 5 * head.area(), "{head:?}: {person:?}");
        assert!(person.body.union(head).iou(person.body) > 0.9, "the head belongs to the body: {person:?}");
    }
}

#[test]
fn an_outstretched_arm_is_no_head_and_belongs_to_the_body() {
    for pose in [OBLIQUE, OVERHEAD] {
        let limb = arm(-0.3, 2.6, 1.35);
        let hand = limb.last().unwrap().seen(&pose);
        let sight = Scene::of(person(-0.3, 2.6, 1.7).into_iter().chain(limb)).seen_from(pose);
        assert_eq!(sight.people.len(), 1, "{:?}", sight.people);
        assert!(masked(&sight, hand) < 0.1, "{hand:?}: {:?}", sight.people);
        let shared = sight.people[0].body.intersect(hand).map_or(0, Rect::area);
        assert!(shared * 10 >= hand.area() * 8, "{hand:?}: {:?}", sight.people);
    }
}

#[test]
fn an_arm_that_reaches_in_is_no_person_but_is_masked_where_whole_people_are() {
    let sight = Scene::of(arm(-1.2, 2.6, 1.35)).seen_from(OVERHEAD);
    assert_eq!(sight.people, []);
    assert_eq!(sight.limbs.len(), 1, "{:?}", sight.limbs);
}

#[test]
fn a_child_beside_before_or_in_the_arms_of_an_adult_is_a_head() {
    for pose in [OBLIQUE, OVERHEAD] {
        for (child, height) in
            [([0.35, 2.6], 1.0), ([0.0, 2.3], 1.05), ([0.27, 2.5], 1.55), ([0.27, 2.5], 1.45), ([0.0, 2.32], 1.5)]
        {
            let small = person(child[0], child[1], height);
            let sight = Scene::of(person(0.0, 2.6, 1.75).into_iter().chain(small.clone())).seen_from(pose);
            let head = small[0].seen(&pose);
            assert!(masked(&sight, head) > 0.9, "{child:?} from {:?}: {head:?} {:?}", pose.tilt, sight.people);
        }
    }
}

#[test]
fn who_bends_down_has_a_head() {
    for pose in [OBLIQUE, OVERHEAD] {
        let bent = [
            head(-0.55, 2.6, 1.0),
            ball([-0.2, 2.6, 0.95], [0.32, 0.2, 0.13]),
            ball([0.1, 2.6, 0.45], [0.14, 0.14, 0.5]),
        ];
        let sight = Scene::of(bent).seen_from(pose);
        assert!(masked(&sight, bent[0].seen(&pose)) > 0.9, "{:?}", sight.people);
    }
}

#[test]
fn hair_and_faces_without_depth_are_covered() {
    for pose in [OBLIQUE, OVERHEAD] {
        let mut body = person(0.2, 2.6, 1.7);
        body[0].depth = false;
        let sight = Scene::of(body.clone()).seen_from(pose);
        let head = body[0].seen(&pose);
        assert!(masked(&sight, head) > 0.9, "{head:?}: {:?}", sight.people);
    }
}

#[test]
fn a_shadow_on_the_floor_names_nobody() {
    let shadow = Scene { shadow: Some([0.1, 2.6, 0.3]), ..Scene::default() };
    let sight = shadow.seen_from(OBLIQUE);
    assert_eq!(sight.people, []);
    assert!(!sight.moving.is_empty(), "the shadow is not seen at all");
}

#[test]
fn without_readings_the_upper_part_of_the_silhouette_is_masked() {
    let body = person(0.2, 2.6, 1.7);
    let sight = Scene { blind: true, ..Scene::of(body.clone()) }.seen_from(OBLIQUE);
    assert!(masked(&sight, body[0].seen(&OBLIQUE)) > 0.9, "{:?}", sight.people);
}

#[test]
fn a_camera_that_hangs_elsewhere_than_said_masks_as_if_nothing_were_said() {
    let body = person(0.2, 2.6, 1.7);
    let mut floor = Floor::new(SIZE).seen_from(Some(Vantage { pose: Pose { tilt: 75.0, ..OBLIQUE }, lens: LENS }));
    for number in 0..5 {
        floor.observe(&Scene::default().frame(&OBLIQUE, number));
    }
    let sight = floor.observe(&Scene::of(body.clone()).frame(&OBLIQUE, 5));
    assert!(masked(&sight, body[0].seen(&OBLIQUE)) > 0.9, "{:?}", sight.people);
}
