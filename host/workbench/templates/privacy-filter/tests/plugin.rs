//! The filter by itself, natively, on frames made by hand. `sluis plugin test` runs it as the shop does.

use sluis_sdk::mock::{self, Still};
use sluis_sdk::{PrivacyFilter, Rect, Size};
use template_privacy_filter::Filter;

const SIZE: Size = Size::new(640, 480);

fn filter(settings: &str) -> Filter {
    Filter::new(mock::camera(SIZE), settings).unwrap()
}

/// A wall, and somebody before it whose head has a dark and a bright half.
fn somebody() -> Still {
    Still::plain(SIZE, [90, 90, 90])
        .with_area(Rect::new(200, 100, 40, 40), [40, 30, 20])
        .with_area(Rect::new(200, 120, 40, 20), [200, 170, 150])
        .with_people(vec![mock::person(Rect::new(200, 100, 40, 160))])
}

#[test]
fn the_head_of_somebody_is_named() {
    let regions = mock::find(&mut filter("{}"), &somebody());
    assert_eq!(regions.len(), 1);
    // The host widens what is named to multiples of 8.
    assert_eq!(regions[0].area, Rect::new(200, 96, 40, 48));
}

#[test]
fn a_blank_wall_is_nobody() {
    let wall = Still::plain(SIZE, [90, 90, 90]).with_people(vec![mock::person(Rect::new(200, 100, 40, 160))]);
    assert_eq!(mock::find(&mut filter("{}"), &wall), []);
}

#[test]
fn somebody_beyond_the_edge_of_the_picture_is_no_malformed_answer() {
    let gone = Still::plain(SIZE, [90, 90, 90]).with_people(vec![mock::person(Rect::new(-90, -90, 60, 60))]);
    assert_eq!(mock::find(&mut filter("{}"), &gone), []);
}

#[test]
fn settings_are_kept_and_wrong_ones_are_named() {
    assert_eq!(mock::find(&mut filter(r#"{"least-contrast": 255}"#), &somebody()), []);
    let error = Filter::new(mock::camera(SIZE), r#"{"contrast": 3}"#).unwrap_err();
    assert!(error.contains("contrast") && error.contains("least-contrast"), "{error}");
}
