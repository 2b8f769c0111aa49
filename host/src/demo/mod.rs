//! The demonstration: recordings in, a sealed vault out, with a summary and a contact sheet of what was kept.
//!
//! - [`run`]: all of it.
//! - [`summary`]: what it tells.
//! - [`contact_sheet`], [`video`]: what it shows.

pub mod contact_sheet;
mod onlooker;
pub mod summary;
pub mod video;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sluis_camera::synthetic::{self, Shop};
use sluis_camera::{Driver, Pace, file};
use sluis_frame::{CameraId, Clock, ScreenId, Style, SystemClock};
use sluis_guard::{Mode, Vantage};
use sluis_registry::Home;
use sluis_segment::handover;
use sluis_stage::World;
use sluis_vault::{Retention, Role, Staff, StaffKey, Vault, VaultSettings};

use crate::assembly::{self, Assembly, Choice, ComponentSettings, Counting, Treatment};
use crate::config::{Keep, Place, Schedule};
use crate::keep;
use crate::pipeline::{self, Account, Stop};

use self::contact_sheet::Strip;
use self::onlooker::Onlooker;
pub use self::onlooker::Progress;
use self::summary::{Facts, Summary};

/// What is shown, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Recordings; each is a camera. None is the synthetic shop.
    pub inputs: Vec<PathBuf>,
    /// Where vault and contact sheet go.
    pub out: PathBuf,
    /// End after this many seconds of each recording.
    pub seconds: Option<f64>,
    /// Play recordings at their own speed.
    pub real_time: bool,
    /// Where the cleared video goes.
    pub video: Option<PathBuf>,
    /// How masks look.
    pub style: Style,
    /// What is masked, at least.
    pub mode: Mode,
    /// What is kept of the pictures.
    pub keep: Keep,
    /// How much time a segment covers.
    pub segment_length: Duration,
    /// Which components.
    pub choice: Choice,
}

/// What is shown: cameras, and where the places before them are known, the settings of a gesture detector and from where they see.
struct Inputs {
    drivers: Vec<Box<dyn Driver>>,
    gestures: Option<String>,
    vantage: Option<Vantage>,
}

/// The demonstration could not be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A pipeline could not be put together.
    #[error(transparent)]
    Assembly(#[from] assembly::Error),
    /// An input cannot be read.
    #[error(transparent)]
    Camera(#[from] sluis_camera::Error),
    /// A pipeline failed.
    #[error(transparent)]
    Pipeline(#[from] pipeline::Error),
    /// The vault cannot be kept.
    #[error(transparent)]
    Vault(#[from] sluis_vault::Error),
    /// A file cannot be written.
    #[error("could not write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A thread did not come back.
    #[error("a thread of the program ended by a fault of the program")]
    Panicked,
}

/// How long the synthetic shop is shown when nothing else is asked for.
const SHOP: Duration = Duration::from_secs(20);

/// The key file of the member of staff of a demonstration, in its folder.
pub const STAFF_KEY: &str = "staff.key";

/// Somebody who may open what the demonstration has recorded.
fn staff(vault: &Vault, out: &Path) -> Result<(), Error> {
    let path = out.join(STAFF_KEY);
    if !vault.archive().staff()?.is_empty() || path.exists() {
        return Ok(());
    }
    let key = StaffKey::create(&path)?.public();
    let staff = Staff { name: "demonstration".to_owned(), role: Role::PrivacyOfficer, key, company: None };
    Ok(vault.archive().add_staff(&staff, None)?)
}

/// Gives the demonstration. `stop` ends it early and gracefully.
///
/// # Errors
///
/// [`Error`]. What was sealed before stays in the vault.
pub async fn run(settings: Settings, home: Home, progress: Progress, stop: Stop) -> Result<Summary, Error> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    // Inputs first: a wrong path is the likeliest mistake, and quick to tell.
    let Inputs { drivers, gestures, vantage } = open_inputs(&settings, &clock)?;
    let mut choice = settings.choice.clone();
    if gestures.is_some() && choice.gestures.is_none() {
        // Zones are known: what people do there can be told, if anything is installed that tells it.
        choice.gestures = home.component(World::GestureDetector.name(), None).ok().map(|component| component.name);
    }
    let (assembly, _reader) = Assembly::new(&home, &choice)?;
    std::fs::create_dir_all(&settings.out).map_err(|e| write_error(&settings.out, e))?;
    let folder = settings.out.join("vault");
    let (store, root) = keep::open(&folder)?;
    let vault = VaultSettings::new(&folder, "demo", Retention::default());
    let vault = Arc::new(Vault::open(vault, Arc::clone(&clock), store, &root)?);
    staff(&vault, &settings.out)?;

    let start = Instant::now();
    let (cameras, mode) = (drivers.len(), settings.mode.max(assembly.least_mode()));
    let facts = |elapsed, videos, sheet| Facts {
        elapsed,
        filter: assembly.filter_name(),
        audit: assembly.audit_name(),
        mode: mode.to_string(),
        vault: folder.clone(),
        contact_sheet: sheet,
        videos,
    };
    let treatment = Treatment {
        shop: "demo".to_owned(),
        mode,
        style: settings.style,
        segment_length: settings.segment_length,
        limit: settings.seconds.map(Duration::from_secs_f64),
        keep: settings.keep,
        audience: None,
        vantage,
        schedule: Schedule::default(),
        exclusions: Vec::new(),
        limits: None,
        settings: ComponentSettings { gestures: gestures.unwrap_or_else(|| "{}".to_owned()), ..Default::default() },
    };

    let mut running = Vec::new();
    let mut strips = Vec::new();
    let mut videos = Vec::new();
    // Each pipeline has two threads.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let room = Arc::new(tokio::sync::Semaphore::new((cores / 2).max(1)));
    for driver in drivers {
        let strip = Arc::new(Mutex::new(Strip::new()));
        let mut onlooker = Onlooker::new(Arc::clone(&strip), progress.bar(driver.description()));
        if let Some(to) = &settings.video {
            let to = video::path_for(to, &driver.description().camera, cameras);
            onlooker
                .also_write(&to, driver.description())
                .map_err(|source| Error::Write { path: to.clone(), source })?;
            videos.push(to);
        }
        let (eye, keep_end) = handover::pair(keep::HANDOVER_CAPACITY);
        let treatment = Treatment { audience: screen_of(driver.as_ref()), ..treatment.clone() };
        let parts = assembly.pipeline(driver, &treatment, Some(eye), Box::new(onlooker))?;
        let (vault, room, stop) = (Arc::clone(&vault), Arc::clone(&room), stop.clone());
        strips.push(strip);
        running.push(tokio::spawn(async move {
            let _place = room.acquire_owned().await;
            // Both block: the pipeline computes, and the vault waits for the disk.
            let kept = tokio::task::spawn_blocking(move || vault.serve(keep_end));
            let account = tokio::task::spawn_blocking(move || pipeline::run(parts, &stop)).await;
            let _ = kept.await.map_err(|_| Error::Panicked)?;
            Ok::<Account, Error>(account.map_err(|_| Error::Panicked)??)
        }));
    }
    let mut accounts = Vec::new();
    let mut failed = None;
    for camera in running {
        match camera.await.map_err(|_| Error::Panicked).and_then(|result| result) {
            Ok(account) => accounts.push(account),
            // The others go on to their end: what they record is good.
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    progress.done();
    if let Some(error) = failed {
        return Err(error);
    }
    let elapsed = start.elapsed();

    let sheet = settings.out.join("contact-sheet.png");
    let strips: Vec<Strip> =
        strips.iter().map(|s| std::mem::take(&mut *s.lock().unwrap_or_else(PoisonError::into_inner))).collect();
    contact_sheet::write(&strips, &sheet).map_err(|e| write_error(&sheet, e))?;
    Ok(Summary::new(accounts, facts(elapsed, videos, sheet)))
}

/// Every camera of a demonstration has a screen of its own, of its name. Nobody is counted for it unless a meter was chosen.
fn screen_of(driver: &dyn Driver) -> Option<Counting> {
    let screen = ScreenId::new(driver.description().camera.as_str()).ok()?;
    Some(Counting { screen, model: None })
}

fn open_inputs(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Inputs, Error> {
    let pace = if settings.real_time { Pace::RealTime } else { Pace::AsFastAsPossible };
    if settings.inputs.is_empty() {
        let length = settings.seconds.map_or(SHOP, Duration::from_secs_f64);
        let shop = Shop::new(synthetic::Settings { length: Some(length), ..synthetic::Settings::default() })
            .expect("size and number of people are the usual ones");
        let camera = CameraId::new("synthetic-shop").expect("the name has the right alphabet");
        let mut gestures = serde_json::Map::new();
        let place = Place::of_shop(&shop);
        let vantage = place.vantage();
        place.tell(&mut gestures);
        let gestures = serde_json::Value::Object(gestures).to_string();
        return Ok(Inputs {
            drivers: vec![Box::new(shop.open(camera, pace, &**clock))],
            gestures: Some(gestures),
            vantage,
        });
    }
    let mut taken = BTreeSet::new();
    let open = |input: &PathBuf| Ok(file::open(input, camera_for(input, &mut taken), pace, Arc::clone(clock))?);
    let drivers = settings.inputs.iter().map(open).collect::<Result<_, Error>>()?;
    Ok(Inputs { drivers, gestures: None, vantage: None })
}

/// A camera's name from the name of its file; a number is added when it is taken.
fn camera_for(input: &Path, taken: &mut BTreeSet<String>) -> CameraId {
    let stem = input.file_stem().map(|s| s.to_string_lossy().to_lowercase()).unwrap_or_default();
    let plain: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let plain = plain.trim_start_matches(['-', '_']);
    let base: String = if plain.is_empty() { "camera".to_owned() } else { plain.chars().take(40).collect() };
    let mut name = base.clone();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{base}-{number}");
        number += 1;
    }
    CameraId::new(&name).expect("only letters of the right alphabet are left")
}

fn write_error(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Write { path: path.to_owned(), source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_name_becomes_a_camera_and_no_two_the_same() {
        let mut taken = BTreeSet::new();
        let mut name = |input: &str| camera_for(Path::new(input), &mut taken).to_string();
        assert_eq!(name("clips/Store Aisle.mp4"), "store-aisle");
        assert_eq!(name("other/store-aisle.mp4"), "store-aisle-2");
        assert_eq!(name("..."), "camera");
        assert_eq!(name("Ünï.mp4"), "n-");
        assert_eq!(name(&"x".repeat(100)), "x".repeat(40));
    }
}
