//! A version on trial is held to what the version in force answers to the same frames: two that are the same are the same in every count, however seldom they are shown anything.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sluis::assembly::{Assembly, Bundle, Choice, Place, Treatment};
use sluis::pipeline::{Order, Running, Side, Stop, Trial, Unwatched};
use sluis_camera::{Driver, Pace, synthetic};
use sluis_frame::{CameraId, SystemClock};
use sluis_registry::Home;
use sluis_tests::home;

/// Which frames are shown depends on how quick the machine is, and in some nobody's face is bare: so many shops are looked at before that counts as a failure.
const SHOPS: u64 = 6;

/// What is seen of a component that is tried beside itself, in half a minute of a synthetic shop.
fn beside_itself(home: &Home, assembly: &Assembly, world: &str, name: &str, share: f64, seed: u64) -> Trial {
    let settings = synthetic::Settings { length: Some(Duration::from_secs(35)), ..synthetic::Settings::seeded(seed) };
    let camera = CameraId::new("shelf").unwrap();
    let driver = synthetic::open(settings, camera, Pace::AsFastAsPossible, &SystemClock).unwrap();
    let treatment = Treatment::ordinary("shop");
    let place = Place::new(driver.description(), &treatment);
    let parts = assembly.pipeline(Box::new(driver), &treatment, None, Box::new(Unwatched)).unwrap();

    let component = home.component(world, Some(name)).unwrap();
    let wasm = home.read_component(&component).unwrap();
    let loaded = assembly.load(Bundle { component, wasm, code: None, models: Vec::new() }).unwrap();
    let seen: Arc<Mutex<Trial>> = Arc::default();
    let shadow = assembly.trial(&loaded, &place, share, Arc::clone(&seen)).unwrap().unwrap();
    let running = Running::start(parts, &Stop::default());
    running.live().order(Order::Try(Box::new(shadow)));
    running.join().ended.unwrap();
    *seen.lock().unwrap()
}

#[test]
fn two_that_are_the_same_are_the_same_in_every_count() {
    let home = Home::at(home::without_models());
    let [filter, audit, gestures] = ["face-blur", "anonymisation-audit", "gesture-detector"];
    let choice = Choice {
        filter: Some(filter.into()),
        audit: Some(audit.into()),
        gestures: Some(gestures.into()),
        ..Choice::default()
    };
    let (assembly, _reader) = Assembly::new(&home, &choice).unwrap();
    // A gesture detector is quick: it rests only when it may take little.
    let tried =
        [("privacy-filter", filter, 0.3), ("anonymisation-audit", audit, 0.1), ("gesture-detector", gestures, 0.003)];
    for (world, name, share) in tried {
        // It rested, so it knew less than the one at work; and it was held to something: a filter to exposures.
        let was_held = |seen: &Trial| {
            let of_world = world != "privacy-filter" || seen.working.found > 0;
            seen.passed_over > 0 && seen.compared > 0 && seen.people > 0 && of_world
        };
        let held = (1..=SHOPS).any(|seed| {
            let seen = beside_itself(&home, &assembly, world, name, share, seed);
            let counts = |side: Side| Side { micros: 0, ..side };
            assert_eq!(counts(seen.candidate), counts(seen.working), "{name}: {seen:?}");
            was_held(&seen)
        });
        assert!(held, "{name}: in {SHOPS} shops it was held to nothing");
    }
}
