//! The filter by itself, natively, on frames made by hand.

use sluis_sdk::mock::{self, Still};
use sluis_sdk::{PrivacyFilter, Rect, Size};
use till_screens::TillScreens;

const SIZE: Size = Size::new(640, 480);
const SCREEN: Rect = Rect::new(160, 200, 48, 32);

fn filter(settings: &str) -> TillScreens {
    TillScreens::new(mock::camera(SIZE), settings).unwrap()
}

fn room() -> Still {
    Still::plain(SIZE, [80, 80, 80])
}

#[test]
fn a_screen_is_named_from_its_third_frame_on() {
    let (mut filter, still) = (filter("{}"), room().with_area(SCREEN, [240, 245, 255]));
    let named: Vec<usize> = (0..4).map(|_| mock::find(&mut filter, &still).len()).collect();
    assert_eq!(named, [0, 0, 1, 1]);
    let regions = mock::find(&mut filter, &still);
    assert_eq!((regions[0].area, regions[0].confidence), (SCREEN, 100));
}

#[test]
fn a_bright_thing_that_moves_is_no_screen() {
    let mut filter = filter("{}");
    for step in 0..10 {
        let still = room().with_area(Rect { x: step * 48, ..SCREEN }, [255, 255, 255]);
        assert_eq!(mock::find(&mut filter, &still), []);
    }
}

#[test]
fn a_lamp_and_a_window_are_no_screens() {
    let mut filter = filter(r#"{"least-frames": 1}"#);
    let still = room()
        .with_area(Rect::new(8, 8, 8, 8), [255, 255, 255])
        .with_area(Rect::new(320, 0, 320, 200), [255, 255, 255]);
    assert_eq!(mock::find(&mut filter, &still), []);
}

#[test]
fn settings_are_kept_and_wrong_ones_are_named() {
    let still = room().with_area(SCREEN, [150, 150, 150]);
    assert_eq!(mock::find(&mut filter(r#"{"least-frames": 1}"#), &still), []);
    assert_eq!(mock::find(&mut filter(r#"{"least-frames": 1, "least-luma": 140}"#), &still).len(), 1);
    let error = TillScreens::new(mock::camera(SIZE), r#"{"luma": 3}"#).unwrap_err();
    assert!(error.contains("least-luma"), "{error}");
}
