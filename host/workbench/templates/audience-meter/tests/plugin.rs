//! The meter by itself, natively, on frames made by hand. `sluis plugin test` runs it as the shop does.

use sluis_sdk::audience::SizeClass;
use sluis_sdk::mock::{self, Still};
use sluis_sdk::{AudienceMeter, Rect, Size};
use template_audience_meter::Meter;

const SIZE: Size = Size::new(640, 480);

fn meter(settings: &str) -> Meter {
    Meter::new(mock::camera(SIZE), settings).unwrap()
}

fn somebody_at(x: i32) -> Still {
    Still::plain(SIZE, [90, 90, 90]).with_people(vec![mock::person(Rect::new(x, 100, 40, 160))])
}

#[test]
fn who_is_before_the_screen_looks() {
    let faces = mock::measure(&mut meter("{}"), &somebody_at(300));
    assert_eq!((faces.len(), faces[0].attentive, faces[0].size), (1, true, SizeClass::Medium));
}

#[test]
fn who_is_at_the_edge_does_not() {
    assert!(!mock::measure(&mut meter("{}"), &somebody_at(0))[0].attentive);
    assert!(mock::measure(&mut meter(r#"{"middle": 100}"#), &somebody_at(0))[0].attentive);
}
