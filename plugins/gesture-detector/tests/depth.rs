//! Zones that are boxes in the shop, seen from above with depth: a table with products on it, and arms.

use gesture_detector::Detector;
use sluis_sdk::gestures::{Event, Kind};
use sluis_sdk::{Camera, GestureDetector, Rect, Size, Still};

const SIZE: Size = Size::new(320, 240);
const FRAME_MS: u64 = 66;
/// Three metres up, straight down: a metre at the height of the tables, one metre above the floor, is 150 pixels.
const LAYOUT: &str = r#"{
    "lens": {"fx": 300, "fy": 300, "cx": 160, "cy": 120},
    "pose": {"position": [0, 0, 3], "pan": 0, "tilt": 90, "roll": 0},
    "zones": [
        {"id": "left", "kind": "shelf", "box": {"min": [-0.8, -0.1, 1.0], "max": [-0.01, 0.6, 1.5]}},
        {"id": "right", "kind": "shelf", "box": {"min": [0.01, -0.1, 1.0], "max": [0.8, 0.6, 1.5]}}
    ]
}"#;
/// Millimetres from the camera.
const TABLE: u16 = 2_000;
const PRODUCT: u16 = 1_900;
const ARM: u16 = 1_800;
/// Above the boxes.
const HIGH: u16 = 1_300;

/// What is to be seen in a frame.
#[derive(Clone, Default)]
struct Scene {
    /// Products, by the left edge of their 16 pixels.
    products: Vec<i32>,
    /// The tip of each arm from the lower edge, and its depth.
    arms: Vec<(i32, i32, u16)>,
    masks: Vec<Rect>,
    light: u8,
}

struct Shown {
    detector: Detector,
    frame: u64,
    events: Vec<Event>,
}

impl Scene {
    fn still(&self, frame: u64) -> Still {
        let mut depth = vec![TABLE; SIZE.pixels()];
        let mut paint = |area: Rect, to: u16| {
            let Some(area) = area.intersect(SIZE.rect()) else { return };
            for y in area.y..area.bottom() as i32 {
                for x in area.x..area.right() as i32 {
                    depth[(y * SIZE.width as i32 + x) as usize] = to;
                }
            }
        };
        self.products.iter().for_each(|x| paint(Rect::new(*x, 70, 16, 16), PRODUCT));
        for (x, y, to) in &self.arms {
            paint(Rect::from_edges(i64::from(*x) - 8, i64::from(*y), i64::from(*x) + 8, 240), *to);
        }
        self.masks.iter().for_each(|mask| paint(*mask, 0));
        // Depth sensors tremble.
        for (i, value) in depth.iter_mut().enumerate().filter(|(_, value)| **value > 0) {
            *value = value.saturating_add_signed((i as u64 * 7 + frame * 13).wrapping_mul(2_654_435_761) as i16 % 12);
        }
        let still = Still::new(SIZE, vec![100 + self.light; SIZE.pixels() * 3]);
        still.at_ms(frame * FRAME_MS).with_depth(depth).with_masks(self.masks.clone())
    }
}

impl Shown {
    fn new() -> Self {
        let camera = Camera { size: SIZE, millihertz: 15_000, depth: true, mount: None, lens: None };
        Self { detector: Detector::new(camera, LAYOUT).expect("the layout is right"), frame: 0, events: Vec::new() }
    }

    fn show(&mut self, frames: u64, scene: &Scene) {
        for _ in 0..frames {
            self.events.extend(self.detector.observe(&scene.still(self.frame).frame()));
            self.frame += 1;
        }
    }

    /// An arm comes in from below at a column and goes again; what is on the table changes while it is there.
    fn reach(&mut self, x: i32, depth: u16, before: &Scene, after: &Scene) {
        let tips = [220, 180, 150, 120, 100, 80, 70];
        for y in tips {
            self.show(1, &Scene { arms: vec![(x, y, depth)], ..before.clone() });
        }
        self.show(4, &Scene { arms: vec![(x, 70, depth)], ..before.clone() });
        for y in tips.into_iter().rev() {
            self.show(1, &Scene { arms: vec![(x, y, depth)], ..after.clone() });
        }
        self.show(40, after);
    }

    fn told(&self) -> Vec<(Kind, &str)> {
        self.events.iter().map(|e| (e.kind, e.zone.as_deref().unwrap_or_default())).collect()
    }
}

fn with(products: &[i32]) -> Scene {
    Scene { products: products.to_vec(), ..Scene::default() }
}

#[test]
fn where_the_surface_is_farther_after_a_hand_a_product_was_taken() {
    let mut shown = Shown::new();
    shown.show(60, &with(&[80, 220]));
    shown.reach(88, ARM, &with(&[80, 220]), &with(&[220]));
    assert_eq!(shown.told(), [(Kind::Reach, "left"), (Kind::Take, "left")]);
    let (reach, take) = (&shown.events[0], &shown.events[1]);
    assert!(reach.start_ms < take.start_ms && take.end_ms <= reach.end_ms, "{reach:?} {take:?}");
    let contact = take.contact.expect("a take is somewhere");
    assert!((contact.x - 88).abs() < 6 && (contact.y - 78).abs() < 6, "{contact:?}");
}

#[test]
fn where_it_is_nearer_one_was_put_back() {
    let mut shown = Shown::new();
    shown.show(60, &with(&[80]));
    shown.reach(228, ARM, &with(&[80]), &with(&[80, 220]));
    assert_eq!(shown.told(), [(Kind::Reach, "right"), (Kind::PutBack, "right")]);
}

#[test]
fn a_hand_that_changes_nothing_only_reaches_whatever_the_light_does() {
    let mut shown = Shown::new();
    shown.show(60, &with(&[80]));
    shown.reach(88, ARM, &with(&[80]), &Scene { light: 90, ..with(&[80]) });
    assert_eq!(shown.told(), [(Kind::Reach, "left")]);
}

#[test]
fn an_arm_above_the_box_is_not_in_it() {
    let mut shown = Shown::new();
    shown.show(60, &with(&[80]));
    shown.reach(88, HIGH, &with(&[80]), &with(&[80]));
    assert_eq!(shown.told(), []);
}

#[test]
fn a_hand_between_two_zones_is_in_the_one_that_holds_more_of_it() {
    let mut shown = Shown::new();
    shown.show(60, &with(&[]));
    shown.reach(164, ARM, &with(&[]), &with(&[]));
    assert_eq!(shown.told(), [(Kind::Reach, "right")]);
}

#[test]
fn what_was_taken_under_a_mask_is_told_when_the_mask_has_gone() {
    let mut shown = Shown::new();
    let mask = Rect::new(60, 60, 60, 40);
    let masked = |products: &[i32]| Scene { masks: vec![mask], ..with(products) };
    shown.show(60, &with(&[80]));
    shown.reach(88, ARM, &masked(&[80]), &masked(&[]));
    assert!(!shown.told().contains(&(Kind::Take, "left")), "{:?}", shown.told());
    shown.show(40, &with(&[]));
    assert!(shown.told().contains(&(Kind::Take, "left")), "{:?}", shown.told());
}

#[test]
fn two_hands_in_one_box_at_once_are_told_each_with_what_it_did() {
    let mut shown = Shown::new();
    let before = with(&[30, 100]);
    let both = |y: i32| vec![(38, y, ARM), (108, y, ARM)];
    shown.show(60, &before);
    for y in [220, 180, 150, 120, 100, 80, 70, 70, 70, 70] {
        shown.show(1, &Scene { arms: both(y), ..before.clone() });
    }
    // The one on the left takes its product and goes; the other stays a second longer and takes nothing.
    let after = with(&[100]);
    for y in [70, 80, 100, 120, 150, 180, 220] {
        shown.show(1, &Scene { arms: vec![(38, y, ARM), (108, 70, ARM)], ..after.clone() });
    }
    shown.show(15, &Scene { arms: vec![(108, 70, ARM)], ..after.clone() });
    for y in [80, 100, 120, 150, 180, 220] {
        shown.show(1, &Scene { arms: vec![(108, y, ARM)], ..after.clone() });
    }
    shown.show(60, &after);
    let mut told = shown.told();
    told.sort_by_key(|(kind, _)| format!("{kind:?}"));
    assert_eq!(told, [(Kind::Reach, "left"), (Kind::Reach, "left"), (Kind::Take, "left")]);
    let take = shown.events.iter().find(|e| e.kind == Kind::Take).expect("it was told");
    assert!(take.contact.is_some_and(|at| (at.x - 38).abs() < 8), "{take:?}");
}

#[test]
fn an_arm_that_stood_still_before_a_mask_came_over_it_is_no_product() {
    let mut shown = Shown::new();
    let mask = Rect::new(60, 60, 60, 180);
    let arm = Scene { arms: vec![(88, 90, ARM)], ..with(&[]) };
    shown.show(60, &with(&[]));
    shown.show(15, &arm);
    shown.show(40, &Scene { masks: vec![mask], ..arm });
    shown.show(60, &with(&[]));
    assert!(shown.told().iter().all(|(kind, _)| *kind == Kind::Reach), "{:?}", shown.told());
}

#[test]
fn what_came_while_a_mask_hid_the_place_was_put_back_behind_it() {
    let mut shown = Shown::new();
    let mask = Rect::new(60, 50, 60, 190);
    shown.show(60, &with(&[]));
    shown.show(20, &Scene { masks: vec![mask], ..with(&[]) });
    shown.show(60, &with(&[80]));
    assert_eq!(shown.told(), [(Kind::Reach, "left"), (Kind::PutBack, "left")]);
    let back = &shown.events[1];
    assert!(back.start_ms >= 58 * FRAME_MS && back.end_ms <= 82 * FRAME_MS, "{back:?}");
}

#[test]
fn who_only_brushes_the_front_of_a_box_does_not_reach_into_it() {
    let mut shown = Shown::new();
    // The lower edge of the box is at y = 135 at the depth of the table, and a little higher up for what lies nearer.
    shown.show(60, &with(&[]));
    for x in [20, 40, 60, 80, 100] {
        shown.show(2, &Scene { arms: vec![(x, 132, ARM)], ..with(&[]) });
    }
    shown.show(60, &with(&[]));
    assert_eq!(shown.told(), []);
}
