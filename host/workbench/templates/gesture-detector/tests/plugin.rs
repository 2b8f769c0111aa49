//! The detector by itself, natively, on frames made by hand. `sluis plugin test` runs it as the shop does.

use sluis_sdk::gestures::{Event, Kind};
use sluis_sdk::mock::{self, Still};
use sluis_sdk::{GestureDetector, Rect, Size};
use template_gesture_detector::Detector;

const SIZE: Size = Size::new(640, 480);
const ZONES: &str =
    r#"{"zones": [{"id": "bread", "kind": "shelf", "polygon": [[100, 100], [300, 100], [300, 400], [100, 400]]}]}"#;

/// Ten frames a second: somebody is at the shelf from `from_ms` to `to_ms`.
fn watched(settings: &str, from_ms: u64, to_ms: u64) -> Vec<Event> {
    let mut detector = Detector::new(mock::camera(SIZE), settings).unwrap();
    let frame = |at_ms: u64| {
        let there = (from_ms..=to_ms).contains(&at_ms).then(|| mock::person(Rect::new(180, 80, 60, 240)));
        Still::plain(SIZE, [90, 90, 90]).with_people(there.into_iter().collect()).at_ms(at_ms)
    };
    (0..60).flat_map(|number| mock::observe(&mut detector, &frame(number * 100))).collect()
}

#[test]
fn who_stands_at_a_zone_and_leaves_has_dwelt() {
    let events = watched(ZONES, 1_000, 3_000);
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.kind, event.zone.as_deref()), (Kind::Dwell, Some("bread")));
    assert_eq!((event.start_ms, event.end_ms), (1_000, 3_000));
}

#[test]
fn who_passes_by_has_not() {
    assert_eq!(watched(ZONES, 1_000, 1_500), []);
}

#[test]
fn without_zones_nothing_is_told() {
    assert_eq!(watched("{}", 1_000, 3_000), []);
}
