//! How well gestures are detected, through the real pipeline: camera, floor, filter, hold, audit, and the detector on cleared frames.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use sluis_camera::synthetic::{Preset, Settings, Shop, TruthEvent};
use sluis_camera::{Driver, Pace};
use sluis_evaluate::{Labels, Scene, Scores, Span, Tally, Told, Truth, score};
use sluis_frame::{CameraId, Cleared, Event, Frame, Gesture, Size, SystemClock, Timestamp};

use super::Error;
use crate::assembly::{Assembly, ComponentSettings, Treatment};
use crate::config::Place;
use crate::pipeline::{self, Account, Stop, Watch, WatchError};

/// What is scored: the other types have no labels.
pub const SCORED: [Gesture; 3] = [Gesture::Reach, Gesture::Take, Gesture::PutBack];

/// How long each synthetic shop is watched.
pub const SHOP: Duration = Duration::from_secs(120);

/// The score of one source: a clip, a synthetic shop, or several of either.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// For each type of event.
    #[serde(flatten, serialize_with = "rates")]
    pub scores: Scores,
}

/// A recording whose truth is known.
struct Known {
    name: String,
    driver: Box<dyn Driver>,
    place: Place,
    scene: Scene,
}

/// What was told, and the capture of the first frame.
#[derive(Default)]
struct Heard {
    first: Option<Timestamp>,
    events: Vec<Event>,
}

struct Listener(Arc<Mutex<Heard>>);

/// Scores what the detector of `assembly` tells of every labelled clip. `done` hears of each clip when it is.
///
/// # Errors
///
/// [`Error`].
pub fn clips(
    assembly: &Assembly,
    settings: &ComponentSettings,
    footage: &Path,
    labels: &Path,
    mut done: impl FnMut(&Source, &Account),
) -> Result<Vec<Source>, Error> {
    let mut sources = Vec::new();
    for labels in Labels::read_all(labels)? {
        let name = labels.clip.display().to_string();
        let driver = super::open(footage, &labels.clip, Size::new(labels.width, labels.height))?;
        let zones = labels.zones.iter().map(|z| json!({ "id": z.id, "kind": "shelf", "polygon": z.polygon })).collect();
        let place = Place { zones, lens: None, pose: None };
        let (source, account) = Known { name, driver, place, scene: labels.scene() }.measure(assembly, settings)?;
        done(&source, &account);
        sources.push(source);
    }
    Ok(sources)
}

/// Scores what the detector of `assembly` tells of the shops with the seeds 1 to `seeds`, seen from `preset`, each for [`SHOP`].
///
/// # Errors
///
/// [`Error`].
pub fn shops(
    assembly: &Assembly,
    settings: &ComponentSettings,
    preset: Preset,
    seeds: u64,
    mut done: impl FnMut(&Source, &Account),
) -> Result<Vec<Source>, Error> {
    let mut sources = Vec::new();
    for seed in 1..=seeds {
        let shop = Shop::new(Settings { preset, length: Some(SHOP), ..Settings::seeded(seed) })
            .expect("size and number of people are the usual ones");
        let frames = shop.settings().frames().expect("it has a length");
        let per_second = shop.settings().rate.per_second();
        let truths = shop.truth(frames).events.into_iter().map(|event| truth(event, per_second)).collect();
        let camera = CameraId::new("synthetic-shop").expect("the name has the right alphabet");
        let known = Known {
            name: format!("shop {seed}"),
            driver: Box::new(shop.open(camera, Pace::AsFastAsPossible, &SystemClock)),
            place: Place::of_shop(&shop),
            scene: Scene { truths, ignored: Vec::new() },
        };
        let (source, account) = known.measure(assembly, settings)?;
        done(&source, &account);
        sources.push(source);
    }
    Ok(sources)
}

/// The scores of all `sources` together.
pub fn together(name: &str, sources: &[Source]) -> Source {
    let mut scores = Scores::new();
    for (gesture, tally) in sources.iter().flat_map(|source| &source.scores) {
        *scores.entry(*gesture).or_default() += *tally;
    }
    Source { name: name.to_owned(), scores }
}

fn truth(event: TruthEvent, per_second: f64) -> Truth {
    Truth {
        gesture: event.gesture,
        zone: Some(event.zone.to_owned()),
        certain: event.is_certain(),
        span: Span::of_frames(event.first, event.last, per_second),
    }
}

// === impl Known ===

impl Known {
    fn measure(self, assembly: &Assembly, settings: &ComponentSettings) -> Result<(Source, Account), Error> {
        let Self { name, driver, place, scene } = self;
        let interval = 1.0 / driver.description().rate.per_second();
        let mut told: Map<String, Value> = serde_json::from_str(&settings.gestures).unwrap_or_default();
        let vantage = place.vantage();
        place.tell(&mut told);
        let treatment = Treatment {
            vantage,
            settings: ComponentSettings { gestures: Value::Object(told).to_string(), ..settings.clone() },
            ..Treatment::ordinary("evaluation")
        };
        let heard = Arc::new(Mutex::new(Heard::default()));
        let parts = assembly.pipeline(driver, &treatment, None, Box::new(Listener(Arc::clone(&heard))))?;
        let account = pipeline::run(parts, &Stop::default())?;
        let Heard { first, events } = std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
        let since = |at: Timestamp| first.map_or(0.0, |first| at.since(first).as_secs_f64());
        let told = events.into_iter().map(|event| Told {
            gesture: event.gesture,
            zone: event.zone,
            span: Span::new(since(event.start), since(event.end) + interval),
        });
        let told: Vec<Told> = told.collect();
        Ok((Source { name, scores: score(&scene, &told, &SCORED) }, account))
    }
}

impl Watch for Listener {
    fn see(&mut self, frame: &Frame<Cleared>, events: &[Event]) -> Result<(), WatchError> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.first.get_or_insert(frame.header().captured);
        heard.events.extend_from_slice(events);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), WatchError> {
        Ok(())
    }
}

/// What scripts rely on: `precision`, `recall`, `f1`, `events`; with their intervals and the counts they come from. A rate of nothing is `null`.
fn rates<S: Serializer>(scores: &Scores, serializer: S) -> Result<S::Ok, S::Error> {
    let of = |tally: &Tally| {
        json!({
            "precision": tally.precision(), "precision_interval": tally.precision_interval(),
            "recall": tally.recall(), "recall_interval": tally.recall_interval(),
            "f1": tally.f1(), "f1_interval": tally.f1_interval(),
            "events": tally.events(), "told": tally.told(), "set_aside": tally.set_aside,
        })
    };
    serializer.collect_map(scores.iter().map(|(gesture, tally)| (gesture, of(tally))))
}
