//! The way of a frame as far as gestures are concerned, natively: driver, floor, guard, paint, and the detector on what is left.

#![allow(dead_code, unreachable_pub, reason = "shared by the tests and the example, each of which uses a part")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gesture_detector::Detector;
use serde_json::{Value, json};
use sluis_camera::synthetic::{self, Preset, Shop, Witness};
use sluis_camera::{Description, Driver, Pace};
use sluis_evaluate::{Labels, Scene, Span, Told, Truth};
use sluis_frame::{CameraId, Cause, Frame, Gesture, Mask, Picture, Raw, Rgb, Style, SystemClock, Timestamp, paint};
use sluis_guard::{Floor, Found, Guard, GuardSettings, Leaving, Mode, Vantage};
use sluis_sdk::gestures::{Event, Kind};
use sluis_sdk::{Camera, GestureDetector, Person, Rect, Size, Still};

/// The three types that are scored.
pub const HANDS: [Gesture; 3] = [Gesture::Reach, Gesture::Take, Gesture::PutBack];

/// Whether heads are masked before the detector looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masking {
    /// As cameras have it.
    Heads,
    /// The same masks, but the detector is not told of them.
    Untold,
    /// In a synthetic shop: exactly the heads, as if the floor made no mistake and the filter found all of them.
    TrueHeads,
    /// Nothing is masked.
    None,
}

/// What the detector told of a source.
pub struct Run {
    /// Its events, with times in milliseconds since the first frame.
    pub events: Vec<Event>,
    /// Frames.
    pub frames: u32,
    /// Time within the detector; natively the reading out of a `Still` is part of it, which is slower than the host's.
    pub spent: Duration,
    /// Seconds between two frames.
    pub interval: f64,
}

/// The folder of footage, or `None` with a word where there is none.
pub fn footage() -> Option<PathBuf> {
    let folder = std::env::var_os("SLUIS_FOOTAGE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/footage"), PathBuf::from);
    let there = folder.join("clips").is_dir();
    if !there {
        println!("skipped: no footage at {}; set SLUIS_FOOTAGE to its folder", folder.display());
    }
    there.then_some(folder)
}

/// The settings that the host would hand over: the zones of the labels, as shelves.
pub fn settings(labels: &Labels) -> Value {
    let zones: Vec<Value> =
        labels.zones.iter().map(|z| json!({"id": z.id, "kind": "shelf", "polygon": z.polygon})).collect();
    json!({ "zones": zones })
}

/// What is asked of the synthetic shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// Where the camera hangs.
    pub preset: Preset,
    /// Whether the detector, and the floor, have depth; the zones are boxes in the shop then, and outlines on the picture otherwise.
    pub depth: bool,
}

/// Shows a synthetic shop to a detector; gives what it told and what happened.
pub fn run_shop(setup: Setup, seed: u64, seconds: u64, masking: Masking) -> (Run, Scene) {
    let length = Some(Duration::from_secs(seconds));
    let shop = Shop::new(synthetic::Settings { preset: setup.preset, length, ..synthetic::Settings::seeded(seed) });
    let shop = shop.unwrap();
    let (pose, lens) = (shop.pose(), shop.lens());
    let zones = shop.zones().iter().filter_map(|zone| {
        let outline = shop.outline(zone)?;
        let (id, kind) = (zone.id, zone.kind.name());
        Some(if setup.depth {
            json!({"id": id, "kind": kind, "box": {"min": zone.min, "max": zone.max}})
        } else {
            let polygon: Vec<[f32; 2]> =
                outline.iter().map(|p| [p.x.clamp(0.0, 640.0), p.y.clamp(0.0, 480.0)]).collect();
            json!({"id": id, "kind": kind, "polygon": polygon})
        })
    });
    let zones: Vec<Value> = zones.collect();
    let seen: Vec<String> = zones.iter().map(|z| z["id"].as_str().unwrap().to_owned()).collect();
    let mut settings = json!({ "zones": zones });
    if setup.depth {
        settings["lens"] = json!({"fx": lens.fx, "fy": lens.fy, "cx": lens.cx, "cy": lens.cy});
        settings["pose"] = json!({"position": pose.position, "pan": pose.pan, "tilt": pose.tilt, "roll": pose.roll});
    }
    let driver = shop.open(CameraId::new("shop").unwrap(), Pace::AsFastAsPossible, &SystemClock);
    let run = if setup.depth {
        run(Box::new(driver), &settings, masking, Some(shop.witness()), Some(Vantage { pose, lens }))
    } else {
        run(Box::new(Flat::new(driver)), &settings, masking, Some(shop.witness()), None)
    };
    let truth = shop.truth(u64::from(run.frames));
    let per_second = 1.0 / run.interval;
    let events = truth.events.iter().filter(|e| seen.iter().any(|id| id == e.zone));
    let truths = events.map(|e| Truth {
        gesture: e.gesture,
        zone: Some(e.zone.to_owned()),
        span: Span::of_frames(e.first, e.last, per_second),
        certain: e.is_certain(),
    });
    (run, Scene { truths: truths.collect(), ignored: Vec::new() })
}

/// A camera without its depth.
struct Flat<D>(D, Description);

impl<D: Driver> Flat<D> {
    fn new(driver: D) -> Self {
        let description = Description { depth_unit: None, ..driver.description().clone() };
        Self(driver, description)
    }
}

impl<D: Driver> Driver for Flat<D> {
    fn description(&self) -> &Description {
        &self.1
    }

    fn is_live(&self) -> bool {
        self.0.is_live()
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, sluis_camera::Error> {
        let flat = |frame: Frame<Raw>| {
            let picture = Picture::new(frame.size(), frame.picture().pixels().to_vec()).unwrap();
            Frame::capture(frame.header().clone(), picture, None).unwrap()
        };
        Ok(self.0.next()?.map(flat))
    }
}

/// Shows a labelled clip to a detector.
pub fn run_clip(footage: &Path, labels: &Labels, masking: Masking) -> Run {
    let camera = CameraId::new("clip").unwrap();
    let path = footage.join(&labels.clip);
    let driver = sluis_camera::file::open(&path, camera, Pace::AsFastAsPossible, Arc::new(SystemClock)).unwrap();
    run(driver, &settings(labels), masking, None, None)
}

/// Shows all of a camera to a detector; at the end the last picture once more, some seconds later, so that what still goes on is told.
pub fn run(
    mut driver: Box<dyn Driver>,
    settings: &Value,
    masking: Masking,
    witness: Option<Witness>,
    vantage: Option<Vantage>,
) -> Run {
    let size = driver.description().size;
    let per_second = driver.description().rate.per_second();
    let camera = Camera {
        size: Size::new(size.width, size.height),
        millihertz: (per_second * 1000.0) as u32,
        depth: driver.description().depth_unit.is_some(),
        mount: None,
        lens: None,
    };
    let mut shown = Shown {
        detector: Detector::new(camera, &settings.to_string()).unwrap(),
        masking,
        first: None,
        last: None,
        witness,
        run: Run { events: Vec::new(), frames: 0, spent: Duration::ZERO, interval: 1.0 / per_second },
    };
    let mut floor = Floor::new(size).seen_from(vantage);
    let mut guard = Guard::new(GuardSettings::new(Mode::Heads, size)).unwrap();
    while let Some(frame) = driver.next().unwrap() {
        let sight = floor.observe(&frame);
        guard.enter(frame, sight, Found::Detections(Vec::new()));
        while let Some(leaving) = guard.leave() {
            shown.show(&leaving);
        }
    }
    while let Some(leaving) = guard.flush() {
        shown.show(&leaving);
    }
    if let Some((still, at)) = shown.last.take() {
        let later = still.at_ms(at + 10_000);
        shown.run.events.extend(shown.detector.observe(&later.frame()));
    }
    shown.run
}

/// The events as the score wants them.
pub fn told(run: &Run) -> Vec<Told> {
    let told = |event: &Event| Told {
        gesture: gesture(event.kind),
        zone: event.zone.clone(),
        span: Span::new(event.start_ms as f64 / 1000.0, event.end_ms as f64 / 1000.0 + run.interval),
    };
    run.events.iter().map(told).collect()
}

fn gesture(kind: Kind) -> Gesture {
    match kind {
        Kind::Approach => Gesture::Approach,
        Kind::Dwell => Gesture::Dwell,
        Kind::Reach => Gesture::Reach,
        Kind::Take => Gesture::Take,
        Kind::PutBack => Gesture::PutBack,
        Kind::Wait => Gesture::Wait,
        Kind::Leave => Gesture::Leave,
    }
}

struct Shown {
    detector: Detector,
    masking: Masking,
    first: Option<Timestamp>,
    last: Option<(Still, u64)>,
    witness: Option<Witness>,
    run: Run,
}

impl Shown {
    /// The heads of this frame, a tenth wider on every side.
    fn heads(&mut self) -> Vec<Mask> {
        let heads = self.witness.as_mut().map(|w| w.next_frame().heads).unwrap_or_default();
        let seen = heads.into_iter().filter(|h| h.visible > 0.0);
        seen.map(|h| Mask::rect(h.head.grow(1.2), Cause::Filter)).collect()
    }

    fn show(&mut self, leaving: &Leaving) {
        let captured = leaving.header().captured;
        let first = *self.first.get_or_insert(captured);
        let at = captured.since(first).as_millis() as u64;
        let masks = match self.masking {
            Masking::None => Vec::new(),
            Masking::TrueHeads => self.heads(),
            Masking::Heads | Masking::Untold => leaving.masks(leaving.mode()),
        };
        let bounds = masks.iter().map(|m| rect(m.bounds())).collect();
        let still = still(leaving.raw(), masks).at_ms(at).with_people(people(leaving));
        let still = if self.masking != Masking::Untold { still.with_masks(bounds) } else { still };
        let started = Instant::now();
        let events = self.detector.observe(&still.frame());
        self.run.spent += started.elapsed();
        self.run.frames += 1;
        self.run.events.extend(events);
        self.last = Some((still, at));
    }
}

fn people(leaving: &Leaving) -> Vec<Person> {
    leaving.people().iter().map(|p| Person { body: rect(p.body), head: rect(p.head) }).collect()
}

fn rect(rect: sluis_frame::Rect) -> Rect {
    Rect::new(rect.x, rect.y, rect.width, rect.height)
}

fn still(raw: &Frame<Raw>, masks: Vec<Mask>) -> Still {
    let size = Size::new(raw.size().width, raw.size().height);
    let painted = paint::redact(raw, masks, Style::Fill(Rgb(0, 0, 0)));
    let still = Still::new(size, painted.picture().pixels().to_vec());
    match painted.depth() {
        Some(depth) => still.with_depth(depth.millimetres(raw.size().rect())),
        None => still,
    }
}
