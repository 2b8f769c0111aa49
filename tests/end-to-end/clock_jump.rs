//! The machine's clock is set while cameras film: by hand, or by a time server after a night without one.
//!
//! One pipeline and its vault in this process, with a clock that the test sets. Everything else is real.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]
#![allow(clippy::print_stderr, reason = "figures are told aloud")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sluis::assembly::{Assembly, Choice, Treatment};
use sluis::keep;
use sluis::pipeline::{self, Account, Stop, Unwatched};
use sluis_camera::synthetic::{Settings, Shop};
use sluis_camera::{Description, Driver, Pace};
use sluis_frame::{CameraId, Clock, Frame, Header, Raw, Timestamp};
use sluis_registry::Home;
use sluis_segment::handover;
use sluis_tests::home;
use sluis_vault::rehearsal::ManualClock;
use sluis_vault::{Retention, Served, Vault, VaultSettings};

/// 21 July 2026, noon.
const NOON: i64 = 1_784_635_200;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// The clock is set at this frame, of 90: 15 a second.
const SET_AT: u64 = 45;

/// A camera whose clock, which is the machine's, is set by `by` seconds at frame [`SET_AT`].
struct Set {
    camera: Box<dyn Driver>,
    clock: Arc<ManualClock>,
    by: i64,
}

impl Driver for Set {
    fn description(&self) -> &Description {
        self.camera.description()
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, sluis_camera::Error> {
        let Some(frame) = self.camera.next()? else { return Ok(None) };
        let Header { camera, number, captured } = frame.header().clone();
        let by = if number.0 < SET_AT { 0 } else { self.by };
        let captured = Timestamp::from_nanos(captured.as_nanos() + by * 1_000_000_000);
        self.clock.set(captured);
        Ok(Some(frame.captured_as(Header { camera, number, captured })))
    }

    fn is_live(&self) -> bool {
        false
    }
}

/// A vault in `folder`, at noon.
fn vault(folder: &Path) -> (Vault, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_nanos(NOON * 1_000_000_000)));
    let (store, root) = keep::open(folder).unwrap();
    let retention = Retention::new(Duration::from_secs(72 * 3600)).unwrap();
    let settings = VaultSettings::new(folder, "test", retention);
    (Vault::open(settings, Arc::clone(&clock) as Arc<dyn Clock>, store, &root).unwrap(), clock)
}

/// Six seconds of a camera, in segments of two; the clock is set by `by` seconds after three of them.
fn film(
    assembly: &Assembly,
    (vault, clock): &(Vault, Arc<ManualClock>),
    by: i64,
) -> (Served, Result<Account, pipeline::Error>) {
    let shop = Shop::new(Settings { length: Some(Duration::from_secs(6)), ..Settings::default() }).unwrap();
    let camera = shop.open(CameraId::new("one").unwrap(), Pace::AsFastAsPossible, clock.as_ref());
    let driver = Box::new(Set { camera: Box::new(camera), clock: Arc::clone(clock), by });
    let (eye, keep) = handover::pair(keep::HANDOVER_CAPACITY);
    let treatment = Treatment { segment_length: Duration::from_secs(2), ..Treatment::ordinary("test") };
    let parts = assembly.pipeline(driver, &treatment, Some(eye), Box::new(Unwatched)).unwrap();
    std::thread::scope(|scope| {
        let served = scope.spawn(|| vault.serve(keep));
        let account = pipeline::run(parts, &Stop::default());
        (served.join().unwrap(), account)
    })
}

/// Doors are minted once in a process, so this is one test.
#[test]
fn a_clock_that_is_set_costs_no_frame_within_the_retention_and_nothing_is_kept_for_longer() {
    let folder = tempfile::tempdir().unwrap();
    let (assembly, _reader) = Assembly::new(&Home::at(home::without_models()), &Choice::default()).unwrap();
    for (what, by) in
        [("forward by three hours", 3 * HOUR), ("back by two minutes", -120), ("back by three hours", -3 * HOUR)]
    {
        let vault = vault(&folder.path().join(by.to_string()));
        let (served, account) = film(&assembly, &vault, by);
        let fates = account.unwrap().fates;
        eprintln!("clock set {what}: {fates:?}, {} segments", served.sealed);
        assert_eq!((fates.entered, fates.dropped), (90, 0), "{what}: {fates:?}");
        assert_eq!(served.frames.total(), 90, "{what}");
        assert!(vault.0.sweep().unwrap().destroyed.is_empty(), "{what}");
    }

    // Forward beyond the retention: by the clock that it has seen, all that was recorded is past its deadline. Better destroyed too early than too late. What was on its way
    // may not be recorded any more; that ends the pipeline, and the next one goes on.
    let ahead = vault(&folder.path().join("ahead"));
    let (served, account) = film(&assembly, &ahead, 40 * DAY);
    let error = account.unwrap_err().to_string();
    eprintln!("clock set forward by forty days: {} frames recorded before; {error}", served.frames.total());
    assert!(served.frames.total() >= 30 && error.contains("past its deadline"), "{error}");
    assert_eq!(ahead.0.sweep().unwrap().destroyed.len() as u64, served.sealed + served.recovered);
    let (served, account) = film(&assembly, &ahead, 0);
    assert_eq!((account.unwrap().fates.dropped, served.frames.total()), (0, 90));

    // Back beyond the retention: what would be recorded now would be due by the clock that the vault has seen. It is refused, and says so.
    let behind = vault(&folder.path().join("behind"));
    let (served, account) = film(&assembly, &behind, -4 * DAY);
    let error = account.unwrap_err().to_string();
    eprintln!("clock set back by four days: {error}");
    assert!(served.refused > 0 && error.contains("Set the clock right"), "{error}");
}
