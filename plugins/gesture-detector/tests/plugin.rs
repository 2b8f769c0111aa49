//! The detector as the host meets it: made with settings, shown frame by frame. The pictures are drawn: a shelf with boxes on it, an arm, somebody who walks.

use gesture_detector::{Detector, GAP_MS};
use proptest::prelude::*;
use sluis_sdk::gestures::{Event, Kind};
use sluis_sdk::{Camera, GestureDetector, Person, Rect, Size, Still};

const SIZE: Size = Size::new(320, 240);
const FRAME_MS: u64 = 66;
const SHELF: &str =
    r#"{"zones": [{"id": "bread", "kind": "shelf", "polygon": [[60, 40], [260, 40], [260, 120], [60, 120]]}]}"#;
const WALL: [u8; 3] = [170, 165, 150];
const BOX: [u8; 3] = [200, 60, 40];
const SKIN: [u8; 3] = [205, 150, 125];

/// Boxes on the shelf, 20 by 30 pixels.
const PLACES: [i32; 4] = [80, 120, 160, 200];

/// What is to be seen in a frame.
#[derive(Clone)]
struct Scene {
    /// Where there are boxes, by their left edges.
    boxes: Vec<i32>,
    /// An arm from below: the middle of the hand.
    arm: Option<(i32, i32)>,
    /// A box in the hand.
    holds: bool,
    /// Somebody's silhouette.
    body: Option<Rect>,
    masks: Vec<Rect>,
    told_of_masks: bool,
    /// Light, 1 for the usual.
    light: f32,
    depth: bool,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            boxes: PLACES.to_vec(),
            arm: None,
            holds: false,
            body: None,
            masks: Vec::new(),
            told_of_masks: true,
            light: 1.0,
            depth: false,
        }
    }
}

impl Scene {
    fn still(&self, frame: u64) -> Still {
        let (w, h) = (SIZE.width as i32, SIZE.height as i32);
        let mut rgb = vec![0u8; SIZE.pixels() * 3];
        let mut far = vec![2_000u16; SIZE.pixels()];
        let mut paint = |area: Rect, colour: [u8; 3], depth: u16| {
            let Some(area) = area.intersect(SIZE.rect()) else { return };
            for y in area.y..area.bottom() as i32 {
                for x in area.x..area.right() as i32 {
                    let at = (y * w + x) as usize;
                    rgb[at * 3..at * 3 + 3].copy_from_slice(&colour);
                    far[at] = depth;
                }
            }
        };
        paint(SIZE.rect(), WALL, 2_000);
        paint(Rect::new(0, 118, w as u32, 122), [110, 95, 80], 1_950);
        for x in &self.boxes {
            paint(Rect::new(*x, 84, 20, 34), BOX, 1_850);
            paint(Rect::new(*x + 4, 94, 12, 6), [240, 240, 230], 1_850);
        }
        if let Some(body) = self.body {
            paint(body, [40, 60, 90], 1_200);
        }
        if let Some((x, y)) = self.arm {
            paint(Rect::new(x - 7, y, 14, (h - y).max(0) as u32), [60, 90, 60], 1_800);
            paint(Rect::new(x - 9, y - 9, 18, 22), SKIN, 1_800);
            if self.holds {
                paint(Rect::new(x - 10, y - 34, 20, 34), BOX, 1_790);
                paint(Rect::new(x - 6, y - 24, 12, 6), [240, 240, 230], 1_790);
            }
        }
        // Noise of a step or two, different in each frame.
        for (i, value) in rgb.iter_mut().enumerate() {
            let noise = (i as u64 ^ frame.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x2545_F491_4F6C_DD1D) >> 62;
            *value = (f32::from(*value) * self.light) as u8;
            *value = value.saturating_add(noise as u8);
        }
        for mask in self.masks.iter().filter_map(|m| m.intersect(SIZE.rect())) {
            for y in mask.y..mask.bottom() as i32 {
                for x in mask.x..mask.right() as i32 {
                    let at = (y * w + x) as usize;
                    rgb[at * 3..at * 3 + 3].fill(0);
                    far[at] = 0;
                }
            }
        }
        let head = |body: Rect| Rect::new(body.x, body.y, body.width, body.height / 5);
        let people = self.body.map(|body| Person { body, head: head(body) });
        let mut still = Still::new(SIZE, rgb).at_ms(frame * FRAME_MS).with_people(people.into_iter().collect());
        if self.told_of_masks {
            still = still.with_masks(self.masks.clone());
        }
        if self.depth { still.with_depth(far) } else { still }
    }
}

/// A detector and the time.
struct Watching {
    detector: Detector,
    frame: u64,
    told: Vec<Event>,
    usual: Scene,
}

impl Watching {
    fn with(settings: &str, usual: Scene) -> Self {
        let camera = Camera { size: SIZE, millihertz: 15_000, depth: usual.depth, mount: None, lens: None };
        let detector = Detector::new(camera, settings).expect("the settings are right");
        let mut watching = Self { detector, frame: 0, told: Vec::new(), usual: usual.clone() };
        watching.show(60, &usual);
        watching
    }

    fn new() -> Self {
        Self::with(SHELF, Scene::default())
    }

    fn show(&mut self, frames: u64, scene: &Scene) {
        for _ in 0..frames {
            self.told.extend(self.detector.observe(&scene.still(self.frame).frame()));
            self.frame += 1;
        }
    }

    /// An arm comes to `x`, stays, and goes; the boxes are `before` until it is there and `after` from then on.
    fn reach(&mut self, x: i32, before: &[i32], after: &[i32]) {
        let put = after.len() > before.len();
        let take = after.len() < before.len();
        let rows: Vec<i32> = (0..12).map(|i| 230 - i * 10).collect();
        for y in &rows {
            let scene = Scene { boxes: before.to_vec(), arm: Some((x, *y)), holds: put, ..self.usual.clone() };
            self.show(1, &scene);
        }
        for y in [118, 117, 119, 118] {
            let scene = Scene { boxes: before.to_vec(), arm: Some((x, y)), holds: put, ..self.usual.clone() };
            self.show(1, &scene);
        }
        for y in rows.iter().rev() {
            let scene = Scene { boxes: after.to_vec(), arm: Some((x, *y)), holds: take, ..self.usual.clone() };
            self.show(1, &scene);
        }
        self.usual.boxes = after.to_vec();
        let usual = self.usual.clone();
        self.show(40, &usual);
    }

    fn kinds(&self) -> Vec<Kind> {
        self.told.iter().map(|e| e.kind).collect()
    }

    fn hands(&self) -> Vec<Kind> {
        let hands = |k: &Kind| matches!(k, Kind::Reach | Kind::Take | Kind::PutBack);
        self.kinds().into_iter().filter(hands).collect()
    }
}

const WITHOUT_THE_SECOND: [i32; 3] = [80, 160, 200];

#[test]
fn a_product_that_leaves_with_a_hand_is_taken() {
    let mut watching = Watching::new();
    watching.reach(130, &PLACES, &WITHOUT_THE_SECOND);
    assert_eq!(watching.hands(), [Kind::Reach, Kind::Take]);
    let (reach, take) = (&watching.told[0], &watching.told[1]);
    assert_eq!((reach.zone.as_deref(), take.zone.as_deref()), (Some("bread"), Some("bread")));
    assert!(reach.start_ms <= take.start_ms && take.end_ms <= reach.end_ms && reach.track == take.track);
    let contact = take.contact.unwrap();
    assert!((120..=140).contains(&contact.x) && (84..=118).contains(&contact.y), "{contact:?}");
}

#[test]
fn a_product_that_comes_with_a_hand_is_put_back() {
    let mut watching = Watching::with(SHELF, Scene { boxes: WITHOUT_THE_SECOND.to_vec(), ..Scene::default() });
    watching.reach(130, &WITHOUT_THE_SECOND, &PLACES);
    assert_eq!(watching.hands(), [Kind::Reach, Kind::PutBack]);
}

#[test]
fn what_was_taken_and_comes_back_is_a_take_and_a_put_back() {
    let mut watching = Watching::new();
    watching.reach(130, &PLACES, &WITHOUT_THE_SECOND);
    watching.reach(130, &WITHOUT_THE_SECOND, &PLACES);
    assert_eq!(watching.hands(), [Kind::Reach, Kind::Take, Kind::Reach, Kind::PutBack]);
}

#[test]
fn a_hand_that_changes_nothing_only_reaches() {
    let mut watching = Watching::new();
    watching.reach(130, &PLACES, &PLACES);
    assert_eq!(watching.hands(), [Kind::Reach]);
}

#[test]
fn a_product_that_stands_a_little_off_was_moved_and_not_taken() {
    let mut watching = Watching::new();
    watching.reach(130, &PLACES, &[80, 128, 160, 200]);
    assert_eq!(watching.hands(), [Kind::Reach]);
}

#[test]
fn a_step_of_the_exposure_is_no_event() {
    let mut watching = Watching::new();
    for light in [0.8, 1.2, 1.0, 0.7] {
        let scene = Scene { light, ..Scene::default() };
        watching.show(20, &scene);
    }
    assert_eq!(watching.hands(), []);
}

#[test]
fn a_take_is_told_after_a_step_of_the_exposure() {
    let mut watching = Watching::new();
    watching.usual.light = 0.75;
    let darker = watching.usual.clone();
    watching.show(10, &darker);
    watching.reach(130, &PLACES, &WITHOUT_THE_SECOND);
    assert_eq!(watching.hands(), [Kind::Reach, Kind::Take]);
}

#[test]
fn somebody_who_walks_past_beside_the_shelf_reaches_nothing() {
    let mut watching = Watching::new();
    for x in -4..34 {
        let body = Rect::new(x * 10, 128, 40, 110);
        watching.show(1, &Scene { body: Some(body), ..Scene::default() });
    }
    watching.show(40, &Scene::default());
    assert_eq!(watching.hands(), []);
}

#[test]
fn a_mask_over_the_zone_is_neither_a_hand_nor_a_take_but_only_if_it_is_told() {
    let events = |told_of_masks: bool| {
        let mut watching = Watching::new();
        // A head that comes from above, stays before the shelf and goes again.
        for step in (0..20).chain((0..20).rev()) {
            let mask = Rect::new(150, step * 4 - 40, 40, 48);
            watching.show(1, &Scene { masks: vec![mask], told_of_masks, ..Scene::default() });
        }
        watching.show(60, &Scene::default());
        watching.hands()
    };
    assert_eq!(events(true), []);
    assert_ne!(events(false), [], "the same pictures without knowing of the masks");
}

#[test]
fn a_take_beside_a_mask_is_told() {
    let mut watching = Watching::new();
    watching.usual.masks = vec![Rect::new(200, 20, 40, 70)];
    let masked = watching.usual.clone();
    watching.show(5, &masked);
    watching.reach(130, &PLACES, &WITHOUT_THE_SECOND);
    assert_eq!(watching.hands(), [Kind::Reach, Kind::Take]);
}

#[test]
fn with_depth_somebody_before_the_shelf_is_not_in_it() {
    let with_depth = Scene { depth: true, ..Scene::default() };
    let mut watching = Watching::with(SHELF, with_depth.clone());
    for x in -4..34 {
        // Taller than before: the silhouette covers the shelf.
        let body = Rect::new(x * 10, 20, 40, 220);
        watching.show(1, &Scene { body: Some(body), ..with_depth.clone() });
    }
    watching.show(40, &with_depth);
    assert_eq!(watching.hands(), []);
    watching.reach(130, &PLACES, &WITHOUT_THE_SECOND);
    assert_eq!(watching.hands(), [Kind::Reach, Kind::Take]);
}

#[test]
fn what_still_goes_on_when_frames_stop_has_ended_with_the_last_one() {
    let mut watching = Watching::new();
    for y in [200, 160, 130, 110, 100, 100, 101, 100] {
        watching.show(1, &Scene { arm: Some((130, y)), ..Scene::default() });
    }
    let last_ms = (watching.frame - 1) * FRAME_MS;
    assert_eq!(watching.hands(), []);
    watching.frame += GAP_MS / FRAME_MS + 2;
    watching.show(1, &Scene::default());
    assert_eq!(watching.hands(), [Kind::Reach]);
    assert_eq!(watching.told.iter().find(|e| e.kind == Kind::Reach).unwrap().end_ms, last_ms);
}

#[test]
fn whoever_stands_in_the_queue_waits_and_whoever_crosses_it_does_not() {
    let settings =
        r#"{"zones": [{"id": "lane", "kind": "queue", "polygon": [[100, 180], [220, 180], [220, 238], [100, 238]]}]}"#;
    let body = |x: i32| Scene { body: Some(Rect::new(x, 100, 40, 120)), ..Scene::default() };
    let mut watching = Watching::with(settings, Scene::default());
    for x in (0..28).map(|i| i * 10) {
        watching.show(1, &body(x));
    }
    watching.show(40, &Scene::default());
    assert!(!watching.kinds().contains(&Kind::Wait), "{:?}", watching.told);
    watching.told.clear();
    for x in (0..14).map(|i| i * 10) {
        watching.show(1, &body(x));
    }
    watching.show(75, &body(140));
    for x in (14..30).map(|i| i * 10) {
        watching.show(1, &body(x));
    }
    watching.show(40, &Scene::default());
    let wait = watching.told.iter().find(|e| e.kind == Kind::Wait).expect("somebody waited");
    assert!((4_500..7_000).contains(&(wait.end_ms - wait.start_ms)), "{wait:?}");
    assert_eq!(wait.zone.as_deref(), Some("lane"));
    assert!(watching.told.iter().all(|e| e.track == wait.track), "one person is one track: {:?}", watching.told);
}

#[test]
fn wrong_settings_stop_the_camera_with_a_sentence() {
    let camera = Camera { size: SIZE, millihertz: 15_000, depth: false, mount: None, lens: None };
    for (zone, named) in
        [("[[0, 0], [100, 100], [100, 0], [0, 100]]", "crosses"), ("[[0, 0], [400, 0], [100, 100]]", "320x240")]
    {
        let settings = format!(r#"{{"zones": [{{"id": "bread", "kind": "shelf", "polygon": {zone}}}]}}"#);
        let error = Detector::new(camera, &settings).unwrap_err();
        assert!(error.contains("bread") && error.contains(named), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn pictures_of_any_size_with_anything_on_them_make_no_panic(
        w in 1u32..90, h in 1u32..90, seed in any::<u64>(), masks in prop::collection::vec((-50i32..90, -50i32..90, 0u32..60, 0u32..60), 0..4),
    ) {
        let size = Size::new(w, h);
        let settings = format!(r#"{{"zones": [{{"id": "z", "kind": "shelf", "polygon": [[0, 0], [{w}, 0], [{w}, {h}], [0, {h}]]}}]}}"#);
        let camera = Camera { size, millihertz: 15_000, depth: true, mount: None, lens: None };
        let Ok(mut detector) = Detector::new(camera, &settings) else { return Ok(()) };
        let masks: Vec<Rect> = masks.iter().map(|(x, y, w, h)| Rect::new(*x, *y, *w, *h)).collect();
        let mut random = seed | 1;
        let mut next = || { random ^= random << 13; random ^= random >> 7; random ^= random << 17; random };
        for frame in 0..60u64 {
            let rgb = (0..size.pixels() * 3).map(|_| next() as u8).collect();
            let depth = (0..size.pixels()).map(|_| next() as u16).collect();
            let person = Person { body: Rect::new(-5, 3, w, h), head: Rect::new(0, 0, 4, 4) };
            let still = Still::new(size, rgb).with_depth(depth).at_ms(frame * 100).with_masks(masks.clone()).with_people(vec![person]);
            for event in detector.observe(&still.frame()) {
                prop_assert!(event.confidence <= 100 && event.start_ms <= event.end_ms && event.end_ms <= frame * 100);
            }
        }
    }
}
