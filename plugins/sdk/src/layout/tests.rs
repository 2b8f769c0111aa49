use proptest::prelude::*;

use super::*;

const SIZE: Size = Size::new(640, 480);
const LENS: Lens = Lens { fx: 600.0, fy: 600.0, cx: 320.0, cy: 240.0 };

fn zone(json: &str) -> Result<Zone, String> {
    serde_json::from_str(json).map_err(|e| e.to_string())
}

fn polygon(corners: &str) -> Result<Zone, String> {
    zone(&format!(r#"{{"id": "bread", "kind": "shelf", "polygon": {corners}}}"#))
}

fn near(a: [f32; 3], b: [f32; 3]) -> bool {
    (0..3).all(|i| (a[i] - b[i]).abs() < 1e-3)
}

#[test]
fn a_zone_is_read_and_written_the_same() {
    let json = r#"{"id":"bread","kind":"shelf","polygon":[[10.0,20.0],[30.0,20.0],[30.0,60.0]]}"#;
    assert_eq!(serde_json::to_string(&zone(json).unwrap()).unwrap(), json);
    let json = r#"{"id":"lane","kind":"queue","box":{"min":[0.0,0.0,0.0],"max":[1.0,2.0,2.0]}}"#;
    assert_eq!(serde_json::to_string(&zone(json).unwrap()).unwrap(), json);
}

#[test]
fn a_zone_that_is_wrong_is_named() {
    let long = "x".repeat(65);
    for (zone, named) in [
        (polygon("[[0, 0], [10, 0]]"), "at least 3 corners"),
        (polygon("[[0, 0], [10, 10], [10, 0], [0, 10]]"), "corner 0 crosses the side from corner 2"),
        (polygon("[[0, 0], [10, 0], [20, 0]]"), "bread"),
        (zone(r#"{"id": "bread", "kind": "shelf"}"#), "one of `polygon`"),
        (zone(r#"{"id": "bread", "kind": "shelf", "box": {"min": [0, 0, 1], "max": [1, 1, 1]}}"#), "`min` of the box"),
        (zone(r#"{"id": "", "kind": "shelf", "polygon": [[0, 0], [9, 0], [9, 9]]}"#), "1 to 64 bytes"),
        (zone(&format!(r#"{{"id": "{long}", "kind": "shelf", "polygon": [[0, 0], [9, 0], [9, 9]]}}"#)), "1 to 64"),
        (zone(r#"{"id": "bread", "kind": "fridge", "polygon": [[0, 0], [9, 0], [9, 9]]}"#), "fridge"),
        (zone(r#"{"id": "bread", "kind": "shelf", "polygn": []}"#), "polygn"),
    ] {
        let error = zone.unwrap_err();
        assert!(error.contains(named), "{named}: {error}");
    }
}

#[test]
fn a_corner_beyond_all_numbers_is_refused() {
    assert!(polygon("[[0, 0], [10, 0], [1e39, 9]]").is_err());
}

#[test]
fn a_corner_outside_the_picture_is_named_with_its_zone() {
    let zone = polygon("[[0, 0], [640, 0], [641, 480]]").unwrap();
    let error = Layout::new(vec![zone], None, None, SIZE).unwrap_err().to_string();
    assert!(error.contains("bread") && error.contains("corner 2") && error.contains("640x480"), "{error}");
}

#[test]
fn two_zones_of_one_name_are_refused() {
    let zone = polygon("[[0, 0], [9, 0], [9, 9]]").unwrap();
    assert_eq!(Layout::new(vec![zone.clone(), zone], None, None, SIZE), Err(LayoutError::Twice("bread".into())));
}

#[test]
fn a_box_needs_lens_and_pose_and_must_be_seen() {
    let bread =
        zone(r#"{"id": "bread", "kind": "shelf", "box": {"min": [-1, 2, 0.5], "max": [1, 2.5, 1.5]}}"#).unwrap();
    let pose = |pan| Pose { position: [0.0, 0.0, 1.0], pan, tilt: 0.0, roll: 0.0 };
    let layout = |lens, pose| Layout::new(vec![bread.clone()], lens, pose, SIZE);
    assert_eq!(layout(Some(LENS), None), Err(LayoutError::NoPose("bread".into())));
    assert_eq!(layout(Some(LENS), Some(pose(180.0))), Err(LayoutError::Unseen("bread".into())));
    let seen = layout(Some(LENS), Some(pose(0.0))).unwrap();
    // Its front is 2 m away and 2 m wide and 1 m high; 600 pixels wide and 300 high about the centre.
    assert_eq!(seen.outline(&bread).bounds(), [20.0, 90.0, 620.0, 390.0]);
}

#[test]
fn a_lens_or_pose_that_cannot_be_is_refused_by_name() {
    let lens = Lens { fx: 0.0, ..LENS };
    let error = Layout::new(vec![], Some(lens), None, SIZE).unwrap_err().to_string();
    assert!(error.contains("`fx` is 0"), "{error}");
    let pose = Pose { position: [0.0; 3], pan: 0.0, tilt: 91.0, roll: 0.0 };
    let error = Layout::new(vec![], None, Some(pose), SIZE).unwrap_err().to_string();
    assert!(error.contains("`tilt` is 91"), "{error}");
}

#[test]
fn pan_turns_left_tilt_looks_down_and_roll_turns_clockwise() {
    let pose = |pan, tilt, roll| Pose { position: [0.0, 0.0, 3.0], pan, tilt, roll };
    let ahead = [0.0, 0.0, 1.0];
    assert!(near(pose(0.0, 0.0, 0.0).to_shop(ahead), [0.0, 1.0, 3.0]));
    assert!(near(pose(90.0, 0.0, 0.0).to_shop(ahead), [-1.0, 0.0, 3.0]));
    assert!(near(pose(0.0, 90.0, 0.0).to_shop(ahead), [0.0, 0.0, 2.0]));
    // To the right in the picture is +x; down in the picture of a camera that looks down is −y.
    assert!(near(pose(0.0, 90.0, 0.0).to_shop([1.0, 0.0, 0.0]), [1.0, 0.0, 3.0]));
    assert!(near(pose(0.0, 90.0, 0.0).to_shop([0.0, 1.0, 0.0]), [0.0, -1.0, 3.0]));
    // A camera turned clockwise has its right hand where down was.
    assert!(near(pose(0.0, 0.0, 90.0).to_shop([1.0, 0.0, 0.0]), [0.0, 0.0, 2.0]));
}

#[test]
fn feet_are_found_on_the_floor_and_nothing_above_the_horizon_is() {
    let pose = Pose { position: [1.0, 0.0, 2.0], pan: 0.0, tilt: 45.0, roll: 0.0 };
    let layout = Layout::new(vec![], Some(LENS), Some(pose), SIZE).unwrap();
    let [x, y] = layout.floor_point([320.0, 240.0]).unwrap();
    assert!((x - 1.0).abs() < 1e-3 && (y - 2.0).abs() < 1e-3);
    assert_eq!(layout.floor_point([320.0, -400.0]), None);
    assert_eq!(Layout::new(vec![], None, Some(pose), SIZE).unwrap().floor_point([320.0, 240.0]), None);
}

#[test]
fn what_a_camera_tells_of_itself_finds_the_floor() {
    let mount = crate::Mount { height_mm: 2400, tilt_millidegrees: 45_000, roll_millidegrees: 0 };
    let lens = crate::CameraLens { fx: 600_000, fy: 600_000, cx: 320_000, cy: 240_000 };
    let camera = Camera { size: SIZE, millihertz: 15_000, depth: false, mount: Some(mount), lens: Some(lens) };
    let layout = Layout::of(&camera).unwrap();
    assert_eq!(layout.lens(), Some(&LENS));
    // In the middle it looks down by 45 degrees: the floor there is as far away as the camera is high.
    let [x, y] = layout.floor_point([320.0, 240.0]).unwrap();
    assert!(near([x, y, 0.0], [0.0, 2.4, 0.0]), "{x}, {y}");
    let without = Layout::of(&Camera { mount: None, ..camera }).unwrap();
    assert_eq!(without.floor_point([320.0, 240.0]), None);
}

#[test]
fn the_distance_to_a_polygon_is_to_its_nearest_side() {
    let square = Polygon::new("s", vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]).unwrap();
    assert_eq!(square.distance([5.0, 5.0]), 0.0);
    assert_eq!(square.distance([13.0, 14.0]), 5.0);
    assert_eq!(square.area(), 100.0);
}

proptest! {
    #[test]
    fn there_and_back_is_where_one_was(
        position in prop::array::uniform3(-5f32..5.0), pan in -180f32..180.0, tilt in -90f32..90.0, roll in -180f32..180.0,
        pixel in prop::array::uniform2(0f32..640.0), depth in 0.2f32..8.0,
    ) {
        let pose = Pose { position, pan, tilt, roll };
        let layout = Layout::new(vec![], Some(LENS), Some(pose), SIZE).unwrap();
        let (back, back_depth) = layout.pixel(layout.shop_point(pixel, depth).unwrap()).unwrap();
        prop_assert!((back[0] - pixel[0]).abs() < 0.05 && (back[1] - pixel[1]).abs() < 0.05);
        prop_assert!((back_depth - depth).abs() < 1e-3);
    }

    #[test]
    fn what_is_in_a_box_is_in_its_outline(
        pan in -40f32..40.0, tilt in -20f32..60.0, at in prop::array::uniform3(0f32..1.0),
    ) {
        let space = SpaceBox { min: [-1.0, 1.0, 0.0], max: [1.0, 3.0, 1.5] };
        let bread = Zone { id: "bread".into(), kind: ZoneKind::Shelf, shape: Shape::Box(space) };
        let pose = Pose { position: [0.0, 0.0, 2.0], pan, tilt, roll: 5.0 };
        let Ok(layout) = Layout::new(vec![bread.clone()], Some(LENS), Some(pose), SIZE) else { return Ok(()) };
        let point = std::array::from_fn(|i| space.min[i] + at[i] * (space.max[i] - space.min[i]));
        if let Some((pixel, _)) = layout.pixel(point)
            && pixel[0] > 1.0 && pixel[0] < 639.0 && pixel[1] > 1.0 && pixel[1] < 479.0
        {
            prop_assert!(layout.outline(&bread).distance(pixel) < 0.5);
        }
    }

    #[test]
    fn no_text_makes_a_zone_panic(text in "\\PC{0,120}") {
        let _ = zone(&text);
    }

    #[test]
    fn no_corners_make_a_polygon_panic(corners in prop::collection::vec(prop::array::uniform2(-1e3f32..1e3), 0..9)) {
        if let Ok(polygon) = Polygon::new("p", corners) {
            prop_assert!(polygon.area() >= 1.0);
        }
    }
}
