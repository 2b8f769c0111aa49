//! What updates cost: starting with and without compiled code, and trying a version beside the one in force. Each figure stands beside one of the same run.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sluis::assembly::{Assembly, Bundle, Choice, Place, Treatment};
use sluis::pipeline::{Order, Running, Stop, Trial, Unwatched};
use sluis_camera::{Driver, Pace, synthetic};
use sluis_frame::{CameraId, SystemClock};
use sluis_registry::Home;
use sluis_stage::{CodeCache, Engine, EngineSettings};
use sluis_tests::home;

/// How long the synthetic shop runs.
const LENGTH: Duration = Duration::from_secs(60);

#[allow(clippy::print_stdout, reason = "a benchmark is read by a person")]
fn main() {
    let home = Home::at(home::with_models());
    println!("Loading a component, milliseconds: compiled anew, and with its compiled code in the cache");
    for component in &home.manifest().expect("components are installed").components {
        let wasm = home.read_component(component).expect("it is what was installed");
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let load = || {
            let cache = CodeCache::new(folder.path(), &[7; 32]).expect("the folder can be written");
            let engine = Engine::new(EngineSettings { cache: Some(cache), ..EngineSettings::default() });
            let engine = engine.expect("this machine runs components");
            let begun = Instant::now();
            engine.load(&component.name, &wasm).expect("it was loaded when it was built");
            begun.elapsed().as_secs_f64() * 1000.0
        };
        let (cold, warm) = (load(), (0..5).map(|_| load()).fold(f64::INFINITY, f64::min));
        println!("  {:<20} {cold:>8.1} {warm:>8.1}   {:.0} times", component.name, cold / warm);
    }

    let choice =
        Choice { filter: Some("face-blur".into()), audit: Some("anonymisation-audit".into()), ..Choice::default() };
    let (assembly, _reader) = Assembly::new(&home, &choice).expect("what is installed loads");
    println!(
        "\nTrying a filter beside the one in force (the same twice), {} s of the synthetic shop",
        LENGTH.as_secs()
    );
    let alone = run(&home, &assembly, None);
    println!("  alone                {:>7.2} s", alone.as_secs_f64());
    for percent in [10, 50, 100] {
        let seen: Arc<Mutex<Trial>> = Arc::default();
        let tried = run(&home, &assembly, Some((f64::from(percent) / 100.0, Arc::clone(&seen))));
        let seen = *seen.lock().expect("nobody panicked");
        println!(
            "  {percent:>3} % of a processor {:>7.2} s   {:.2} times; {} of {} frames shown, {} and {} missed",
            tried.as_secs_f64(),
            tried.as_secs_f64() / alone.as_secs_f64(),
            seen.shown,
            seen.shown + seen.passed_over,
            seen.working.missed,
            seen.candidate.missed,
        );
    }
}

/// How long a camera takes for all of its frames, with a trial of the filter that is in force or without.
fn run(home: &Home, assembly: &Assembly, trial: Option<(f64, Arc<Mutex<Trial>>)>) -> Duration {
    let settings = synthetic::Settings { length: Some(LENGTH), ..synthetic::Settings::default() };
    let camera = CameraId::new("bench").expect("a name");
    let driver = synthetic::open(settings, camera, Pace::AsFastAsPossible, &SystemClock).expect("settings that hold");
    let treatment = Treatment::ordinary("bench");
    let place = Place::new(driver.description(), &treatment);
    let parts = assembly.pipeline(Box::new(driver), &treatment, None, Box::new(Unwatched));
    let shadow = trial.map(|(share, seen)| {
        let component = home.component("privacy-filter", Some("face-blur")).expect("it is installed");
        let wasm = home.read_component(&component).expect("it is what was installed");
        let loaded = assembly.load(Bundle { component, wasm, code: None, models: Vec::new() }).expect("it loads");
        assembly.trial(&loaded, &place, share, seen).expect("chambers can be made").expect("filters are at work")
    });
    let begun = Instant::now();
    let running = Running::start(parts.expect("what is installed works"), &Stop::default());
    if let Some(shadow) = shadow {
        running.live().order(Order::Try(Box::new(shadow)));
    }
    running.join().ended.expect("a drawn shop does not fail");
    begun.elapsed()
}
