//! The synthetic shop, seen from outside: pictures, depth, and the truth about them.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use sluis_camera::synthetic::{
    Faults, InvalidSettings, Preset, Settings, Shop, Synthetic, Truth, TruthEvent, Zone, ZoneKind,
};
use sluis_camera::{Driver, Pace, Rate};
use sluis_frame::{CameraId, Frame, Gesture, Raw, Size};
use support::{NOW, Still, play};

fn small(seed: u64) -> Settings {
    Settings { size: Size::new(320, 240), ..Settings::seeded(seed) }
}

fn open(settings: Settings) -> Synthetic {
    let shop = Shop::new(settings).unwrap();
    shop.open(CameraId::new("synthetic-shop").unwrap(), Pace::AsFastAsPossible, &Still)
}

/// The frame at a second.
fn frame_at(settings: Settings, second: u64) -> Frame<Raw> {
    let number = second * 15;
    let mut driver = open(settings);
    (0..=number).map(|_| driver.next().unwrap().unwrap()).last().unwrap()
}

/// What happens in some minutes of several shops, heads not looked for.
fn events(seeds: std::ops::Range<u64>, minutes: u64) -> Vec<TruthEvent> {
    let of = |seed| {
        let mut witness = Shop::new(Settings { people: 4, ..Settings::seeded(seed) }).unwrap().witness();
        (0..minutes * 60 * 15).for_each(|_| witness.skip_frame());
        witness.events()
    };
    seeds.flat_map(of).collect()
}

fn distance(zone: &Zone, point: [f32; 3]) -> f32 {
    let off = |i: usize| (zone.min[i] - point[i]).max(point[i] - zone.max[i]).max(0.0);
    (0..3).map(|i| off(i).powi(2)).sum::<f32>().sqrt()
}

#[test]
fn the_shop_is_a_camera_like_any_other() {
    let settings = Settings { length: Some(Duration::from_secs(2)), ..small(1) };
    let mut driver = open(settings.clone());
    let description = driver.description().clone();
    assert_eq!((description.size, description.frames), (Size::new(320, 240), Some(30)));
    assert_eq!((description.depth_unit, description.calibration), (Some(0.001), Some(settings.lens())));
    let (frames, error) = play(&mut driver);
    assert!(error.is_none() && frames.len() == 30);
    assert_eq!(frames[15].header().captured, NOW + Duration::from_secs(1));
    assert!(frames.iter().all(|frame| frame.depth().is_some()));
}

#[test]
fn the_same_settings_give_the_same_bytes_and_another_seed_gives_others() {
    let bytes = |seed| {
        let mut driver = open(small(seed));
        let frame = (0..90).map(|_| driver.next().unwrap().unwrap()).last().unwrap();
        (frame.picture().pixels().to_vec(), frame.depth().unwrap().values().to_vec())
    };
    let (one, same, other) = (bytes(1), bytes(1), bytes(2));
    assert!(one == same, "two runs differ");
    assert!(one.0 != other.0 && one.1 != other.1, "two seeds do not differ");
}

#[test]
fn the_truth_is_the_same_whether_frames_were_looked_at_or_passed_over() {
    let shop = Shop::new(small(4)).unwrap();
    let mut passing = shop.witness();
    (0..300).for_each(|_| passing.skip_frame());
    let truth = shop.truth(301);
    assert_eq!(passing.next_frame().heads, truth.frames[300].heads);
    assert_eq!(passing.events(), truth.events);
}

#[test]
fn the_story_does_not_depend_on_what_the_camera_sees_or_how_often() {
    let stood = |settings: Settings, frame: u64| {
        let mut witness = Shop::new(settings).unwrap().witness();
        (0..frame).for_each(|_| witness.skip_frame());
        witness.next_frame().people
    };
    let usual = stood(small(9), 300);
    assert!(!usual.is_empty());
    assert_eq!(stood(Settings { preset: Preset::Overhead, faults: Faults::NONE, ..small(9) }, 300), usual);
    assert_eq!(stood(Settings { rate: Rate::THIRTY, ..small(9) }, 600), usual);
}

#[test]
fn a_hand_is_in_a_shelf_exactly_during_a_reach() {
    let shop = Shop::new(small(3)).unwrap();
    let Truth { frames, events } = shop.truth(15 * 90);
    let (mut inside, mut outside) = (0, 0);
    for zone in shop.zones().iter().filter(|zone| zone.kind == ZoneKind::Shelf) {
        for frame in &frames {
            let mut nearest: BTreeMap<u32, f32> = BTreeMap::new();
            for hand in &frame.hands {
                let least = nearest.entry(hand.person).or_insert(f32::INFINITY);
                *least = least.min(distance(zone, hand.position));
            }
            for (person, distance) in nearest {
                let reaches = |event: &&TruthEvent| {
                    event.gesture == Gesture::Reach && event.person == person && event.zone == zone.id
                };
                let reaching = events.iter().filter(reaches).any(|e| e.first <= frame.number && frame.number <= e.last);
                if distance == 0.0 {
                    assert!(reaching, "frame {}: the hand of {person} is in {} without a reach", frame.number, zone.id);
                    inside += 1;
                } else if distance > 0.2 {
                    // Further than any product sticks out of a hand.
                    assert!(!reaching, "frame {}: {person} reaches to {} from {distance} m", frame.number, zone.id);
                    outside += 1;
                }
            }
        }
    }
    assert!(inside > 100 && outside > 1000, "{inside} inside, {outside} outside");
}

#[test]
fn takes_and_put_backs_lie_in_reaches_of_the_same_hand_to_the_same_shelf() {
    let shop = Shop::new(small(3)).unwrap();
    let events = shop.truth(15 * 120).events;
    let inner: Vec<&TruthEvent> =
        events.iter().filter(|e| matches!(e.gesture, Gesture::Take | Gesture::PutBack)).collect();
    assert!(inner.len() > 5, "{} takes and put-backs", inner.len());
    for event in inner {
        let reach = &events[event.in_reach.unwrap()];
        assert_eq!((reach.gesture, reach.person, reach.zone), (Gesture::Reach, event.person, event.zone));
        assert!(reach.first <= event.first && event.last <= reach.last, "{event:?} in {reach:?}");
    }
}

#[test]
fn a_reach_that_nobody_can_see_is_not_certain_and_one_that_is_said_to_be_seen_is_in_the_picture() {
    let settings = Settings { faults: Faults::NONE, ..small(1) };
    let shop = Shop::new(settings.clone()).unwrap();
    let Truth { frames, events } = shop.truth(15 * 30);
    let (pose, lens) = (shop.pose(), shop.lens());
    let mut driver = open(settings);
    let depths: Vec<Frame<Raw>> = frames.iter().map(|_| driver.next().unwrap().unwrap()).collect();
    let (mut seen, mut hidden) = (0, 0);
    for event in events.iter().filter(|e| e.gesture == Gesture::Reach && e.point.is_some() && !e.cut) {
        if event.seen > 0.0 && event.seen < 1.0 {
            continue;
        }
        let middle = ((event.first + event.last) / 2) as usize;
        let inside =
            |hand: &&sluis_camera::synthetic::HandTruth| hand.person == event.person && hand.inside == Some(event.zone);
        let hand = frames[middle].hands.iter().find(inside).unwrap();
        let off: [f64; 3] = std::array::from_fn(|i| f64::from(hand.position[i]) - pose.position[i]);
        let [x, y, distance] = pose.axes().map(|axis| (0..3).map(|i| axis[i] * off[i]).sum::<f64>());
        let [x, y] = lens.project([x, y, distance]).unwrap();
        let depth = depths[middle].depth().unwrap().values()[y as usize * 320 + x as usize];
        let drawn = (f64::from(depth) / 1000.0 - distance).abs() < 0.15;
        assert_eq!(drawn, event.seen == 1.0, "{event:?}: {depth} mm for a hand at {distance} m");
        assert_eq!(event.is_certain(), drawn, "{event:?}");
        *(if drawn { &mut seen } else { &mut hidden }) += 1;
    }
    assert!(seen >= 4 && hidden >= 1, "{seen} seen, {hidden} hidden");
}

#[test]
fn a_few_shops_hold_hundreds_of_reaches_and_events_of_every_kind() {
    let events = events(0..8, 5);
    let mut counts: BTreeMap<Gesture, usize> = BTreeMap::new();
    for event in events.iter().filter(|event| !event.cut) {
        *counts.entry(event.gesture).or_default() += 1;
        let seconds = (event.last - event.first + 1) as f64 / 15.0;
        let usual = match event.gesture {
            Gesture::Reach | Gesture::Take | Gesture::PutBack => 0.1..6.0,
            Gesture::Approach | Gesture::Leave => 0.0..15.0,
            Gesture::Dwell | Gesture::Wait => 1.0..240.0,
        };
        assert!(usual.contains(&seconds), "{seconds} s: {event:?}");
    }
    for gesture in [Gesture::Reach, Gesture::Take, Gesture::PutBack] {
        assert!(counts[&gesture] >= 200, "{counts:?}");
    }
    for gesture in [Gesture::Approach, Gesture::Dwell, Gesture::Wait, Gesture::Leave] {
        assert!(counts.get(&gesture).is_some_and(|count| *count >= 20), "{counts:?}");
    }
}

#[test]
fn people_pass_before_each_other_and_show_every_side_of_their_heads() {
    let mut witness = Shop::new(Settings { people: 5, ..small(6) }).unwrap().witness();
    let (mut views, mut hidden) = (BTreeMap::new(), 0);
    for number in 0..15 * 90 {
        if number % 5 != 0 {
            witness.skip_frame();
            continue;
        }
        for head in witness.next_frame().heads {
            *views.entry(head.view).or_insert(0) += 1;
            hidden += u32::from(head.visible < 0.5);
            assert_eq!(head.face.is_some(), head.view != sluis_camera::synthetic::HeadView::Back);
        }
    }
    assert_eq!(views.len(), 4, "{views:?}");
    assert!(views.values().all(|count| *count >= 5) && hidden >= 5, "{views:?}, {hidden} hidden");
}

#[test]
fn measured_depth_errs_with_the_square_of_the_distance_and_has_holes_at_edges() {
    let exact = frame_at(Settings { faults: Faults::NONE, ..small(2) }, 12);
    let real = frame_at(small(2), 12);
    let (exact, real) = (exact.depth().unwrap().values(), real.depth().unwrap().values());
    let error = |near: u16, far: u16| {
        let pairs = exact.iter().zip(real).filter(|(e, r)| (near..far).contains(*e) && **r > 0);
        let squares: Vec<f32> = pairs.map(|(e, r)| (f32::from(*e) - f32::from(*r)).powi(2)).collect();
        assert!(squares.len() > 500, "{} readings from {near} to {far} mm", squares.len());
        (squares.iter().sum::<f32>() / squares.len() as f32).sqrt()
    };
    let (near, far) = (error(2400, 2800), error(4800, 5600));
    assert!((2.8..5.2).contains(&(far / near)), "{near} mm, and {far} mm at twice the distance");
    let width = 320;
    let edge = |i: usize| !i.is_multiple_of(width) && exact[i].abs_diff(exact[i - 1]) > 400;
    let missing = |at_edge: bool| {
        let (mut all, mut none) = (0.0, 0.0);
        for i in (0..exact.len()).filter(|i| exact[*i] > 0 && edge(*i) == at_edge) {
            (all, none) = (all + 1.0, none + f32::from(u8::from(real[i] == 0)));
        }
        none / all
    };
    assert!(missing(true) > 0.3 && missing(false) < 0.1, "{} at edges, {} elsewhere", missing(true), missing(false));
}

#[test]
fn zones_are_outlined_within_the_picture() {
    for preset in Preset::ALL {
        let shop = Shop::new(Settings { preset, ..small(0) }).unwrap();
        let outlines: Vec<_> = shop.zones().iter().filter_map(|zone| shop.outline(zone)).collect();
        assert!(outlines.len() >= 2, "{preset:?} sees {} zones", outlines.len());
        for point in outlines.iter().flatten() {
            let inside = (-0.01..=320.01).contains(&point.x) && (-0.01..=240.01).contains(&point.y);
            assert!(inside, "{preset:?}: {point:?}");
        }
    }
}

#[test]
fn shops_that_cannot_be_are_refused() {
    let refusal = |settings| Shop::new(settings).map(|_| ()).unwrap_err();
    let tiny = Settings { size: Size::new(16, 480), ..Settings::default() };
    assert_eq!(refusal(tiny), InvalidSettings::Size(Size::new(16, 480)));
    assert_eq!(refusal(Settings { people: 9, ..Settings::default() }), InvalidSettings::People(9));
    let empty = Settings { people: 0, ..small(0) };
    assert!(Shop::new(empty).unwrap().truth(100).events.is_empty());
}
