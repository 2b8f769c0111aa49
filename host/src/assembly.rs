//! Puts a camera's pipeline together from what is installed.

use std::sync::Arc;
use std::time::Duration;

use sluis_audience::LinkSettings;
use sluis_camera::Driver;
use sluis_frame::{Doors, Exclusion, ReaderDoor, Rgb, ScreenId, Style};
use sluis_guard::{Floor, Guard, GuardSettings, Judge, Mode, Vantage};
use sluis_registry::{Component, Detector, Home};
use sluis_segment::handover::EyeEnd;
use sluis_segment::{PluginFact, Recorder, RecorderSettings};
use sluis_stage::{
    CameraFacts, ChamberSettings, CodeCache, Engine, EngineSettings, Limits, Models, Mount, Plugin, World,
};

use crate::config::{self, Keep, Schedule};
use crate::pipeline::{Admission, Common, Meter, Parts, Redaction, Watch};

/// The components and models of a home, loaded and checked, and the parts that all cameras share.
#[derive(Debug)]
pub struct Assembly {
    filter: Loaded,
    audit: Loaded,
    gestures: Option<Loaded>,
    audience: Option<Loaded>,
    judge: Arc<Judge>,
    common: Common,
}

/// Which installed component takes which place. `None` is the first that fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The privacy filter.
    pub filter: Option<String>,
    /// The auditor.
    pub audit: Option<String>,
    /// The gesture detector. `None` is none: gestures are detected only where that is asked for.
    pub gestures: Option<String>,
    /// The audience meter. `None` is none: nobody is counted unless that is asked for.
    pub audience: Option<String>,
}

/// How one camera is treated.
#[derive(Debug, Clone, PartialEq)]
pub struct Treatment {
    /// The shop that the camera is in.
    pub shop: String,
    /// What is masked, at least.
    pub mode: Mode,
    /// How masks look.
    pub style: Style,
    /// How much time a segment covers.
    pub segment_length: Duration,
    /// End after this much of the camera's own time.
    pub limit: Option<Duration>,
    /// What is kept of the pictures.
    pub keep: Keep,
    /// Whom the audience meter counts for, if one was chosen.
    pub audience: Option<Counting>,
    /// From where the camera sees, if that is known: with depth, the floor then masks heads and not the upper part of every silhouette.
    pub vantage: Option<Vantage>,
    /// When the camera may see.
    pub schedule: Schedule,
    /// What it may not see: polygons in the picture.
    pub exclusions: Vec<Vec<[f64; 2]>>,
    /// What each component may use at the most, however much its manifest asks for. `None` leaves it to the manifest.
    pub limits: Option<config::Limits>,
    /// Settings of the components, as JSON objects.
    pub settings: ComponentSettings,
}

/// What an audience is counted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    /// The screen that the camera belongs to.
    pub screen: ScreenId,
    /// The model for classes of age and sex; `None` when the demographic switch is off.
    pub model: Option<String>,
}

/// Settings that the components are given, as JSON objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentSettings {
    /// For the filter.
    pub filter: String,
    /// For the auditor.
    pub audit: String,
    /// For the gesture detector.
    pub gestures: String,
    /// For the audience meter.
    pub audience: String,
}

#[derive(Debug)]
struct Loaded {
    plugin: Plugin,
    component: Component,
    /// The detector that it will use.
    detector: Option<Detector>,
}

/// A pipeline that cannot be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A component or model is missing, or is not what it should be.
    #[error(transparent)]
    Registry(#[from] sluis_registry::Error),
    /// A component was refused.
    #[error(transparent)]
    Load(#[from] sluis_stage::LoadError),
    /// A chamber could not be made.
    #[error(transparent)]
    Stage(#[from] sluis_stage::Error),
    /// The guard refused its settings.
    #[error(transparent)]
    Guard(#[from] sluis_guard::Error),
    /// The recorder refused its settings.
    #[error(transparent)]
    Segment(#[from] sluis_segment::Error),
    /// The doors were made before.
    #[error("this process has put its parts together before: a second set of doors would be a second way out")]
    Twice,
}

// === impl Assembly ===

impl Assembly {
    /// Loads what `home` has, and mints the doors: once in a process. The door of the segment reader is for the caller to hand on.
    ///
    /// # Errors
    ///
    /// [`Error`]. Components and models whose digest is not the pinned one are refused.
    pub fn new(home: &Home, choice: &Choice) -> Result<(Self, ReaderDoor), Error> {
        let manifest = home.manifest()?;
        let mut models = Models::new();
        for model in manifest.models.iter().filter(|m| home.has_model(&m.name)) {
            models.insert(&model.name, home.read_model(model)?);
        }
        let cache = CodeCache::new(&home.code_folder(), &home.code_key()?)?;
        let engine = Engine::new(EngineSettings { cache: Some(cache), models })?;
        let load = |world: World, name: Option<&str>| Loaded::new(&engine, home, world, name);
        let filter = load(World::PrivacyFilter, choice.filter.as_deref())?;
        let audit = load(World::AnonymisationAudit, choice.audit.as_deref())?;
        let gestures = choice.gestures.as_deref().map(|name| load(World::GestureDetector, Some(name))).transpose()?;
        let audience = choice.audience.as_deref().map(|name| load(World::AudienceMeter, Some(name))).transpose()?;
        let Doors { audit: audit_door, blank, reader } = Doors::mint().ok_or(Error::Twice)?;
        let judge = Arc::new(Judge::new(audit_door, blank));
        Ok((Self { filter, audit, gestures, audience, judge, common: Common::default() }, reader))
    }

    /// The same, with other things in common.
    #[must_use]
    pub fn sharing(mut self, common: Common) -> Self {
        self.common = common;
        self
    }

    /// The least strict mode that is safe: whole silhouettes, unless the filter has a network model.
    pub fn least_mode(&self) -> Mode {
        let has_network = self.filter.detector.as_ref().is_some_and(|d| d.model.is_some());
        if has_network { Mode::Heads } else { Mode::Persons }
    }

    /// Whether the auditor's detector is of another family than the filter's.
    pub fn independent(&self) -> bool {
        match (&self.filter.detector, &self.audit.detector) {
            (Some(filter), Some(audit)) => filter.family != audit.family,
            // Who names no detector cannot be told apart.
            _ => false,
        }
    }

    /// The filter and its detector, for people: `face-blur 0.1.0, centerface`.
    pub fn filter_name(&self) -> String {
        self.filter.describe()
    }

    /// The auditor and its detector, for people.
    pub fn audit_name(&self) -> String {
        self.audit.describe()
    }

    /// Puts one camera's pipeline together. Its chambers are made and warmed here. Without a `link` to a vault nothing is recorded.
    ///
    /// # Errors
    ///
    /// [`Error`] when a chamber refuses its settings or cannot be made.
    pub fn pipeline(
        &self,
        driver: Box<dyn Driver>,
        treatment: &Treatment,
        link: Option<EyeEnd>,
        watch: Box<dyn Watch>,
    ) -> Result<Parts, Error> {
        let description = driver.description();
        let (camera, size, rate) = (description.camera.clone(), description.size, description.rate.per_second());
        let facts = CameraFacts {
            size,
            rate,
            depth: description.depth_unit.is_some(),
            mount: treatment.vantage.and_then(|vantage| Mount::of(&vantage.pose)),
            lens: treatment.vantage.map(|vantage| vantage.lens).or(description.calibration),
        };
        let chamber =
            |loaded: &Loaded, settings: &str| loaded.chamber(camera.clone(), facts, settings, treatment.limits);
        let settings = &treatment.settings;
        // Where no picture is kept nothing is masked or audited, and a raw frame is held for no longer than it is looked at.
        let pictures = treatment.keep == Keep::Pictures;
        let mut guard = GuardSettings::new(treatment.mode.max(self.least_mode()), size);
        if !pictures {
            (guard.delay, guard.extend) = (Duration::ZERO, Duration::ZERO);
        }
        let redaction = pictures.then(|| -> Result<Redaction, Error> {
            Ok(Redaction {
                filter: self.filter.plugin.filter(&chamber(&self.filter, &settings.filter))?,
                audit: self.audit.plugin.audit(&chamber(&self.audit, &settings.audit))?,
                independent: self.independent(),
            })
        });
        let counting = self.audience.as_ref().zip(treatment.audience.as_ref());
        let meter = counting.map(|(meter, counting)| -> Result<Meter, Error> {
            let mut given = chamber(meter, &settings.audience);
            given.models.extend(counting.model.clone());
            let chamber = meter.plugin.audience(&given)?;
            let link = LinkSettings { screen: counting.screen.clone(), demographics: counting.model.is_some() };
            Ok(Meter::new(chamber, link))
        });
        let gestures = self.gestures.as_ref().filter(|_| pictures);
        let at_work = [
            pictures.then_some(&self.filter),
            pictures.then_some(&self.audit),
            gestures,
            counting.map(|(meter, _)| meter),
        ];
        let recorder = RecorderSettings {
            shop: treatment.shop.clone(),
            camera: camera.clone(),
            size,
            rate,
            depth_unit: description.depth_unit,
            calibration: description.calibration,
            style: treatment.style,
            segment_length: treatment.segment_length,
            plugins: at_work.into_iter().flatten().map(Loaded::fact).collect(),
        };
        Ok(Parts {
            floor: Floor::new(size).seen_from(treatment.vantage),
            redaction: redaction.transpose()?,
            meter: meter.transpose()?,
            guard: Guard::new(guard)?,
            judge: Arc::clone(&self.judge),
            gestures: gestures.map(|g| g.plugin.gestures(&chamber(g, &settings.gestures))).transpose()?,
            recorder: link.map(|link| Recorder::new(recorder, link)).transpose()?,
            style: treatment.style,
            watch,
            driver,
            admission: Admission {
                schedule: treatment.schedule.clone(),
                exclusion: Exclusion::new(size, treatment.exclusions.iter().map(Vec::as_slice)),
                limit: treatment.limit,
            },
            spool: None,
            common: self.common.clone(),
        })
    }
}

// === impl Loaded ===

impl Loaded {
    fn new(engine: &Engine, home: &Home, world: World, name: Option<&str>) -> Result<Self, Error> {
        let component = home.component(world.name(), name)?;
        let plugin = engine.load(&component.name, &home.read_component(&component)?)?;
        let detector = component.detector(|model| home.has_model(model)).cloned();
        Ok(Self { plugin, component, detector })
    }

    /// What its chamber for a camera is given: the model of its detector and no other.
    fn chamber(
        &self,
        camera: sluis_frame::CameraId,
        facts: CameraFacts,
        settings: &str,
        most: Option<config::Limits>,
    ) -> ChamberSettings {
        let asked = &self.component.limits;
        let (call, memory) = (Duration::from_millis(asked.call_ms.into()), asked.memory_mib as usize * (1 << 20));
        let limits = Limits {
            call: most.map_or(call, |most| call.min(most.call())),
            memory: most.map_or(memory, |most| memory.min(most.memory_bytes())),
            ..Limits::default()
        };
        let models = self.detector.iter().filter_map(|d| d.model.clone()).collect();
        ChamberSettings { camera, facts, settings: settings.to_owned(), limits, models }
    }

    fn fact(&self) -> PluginFact {
        PluginFact {
            name: self.component.name.clone(),
            world: self.component.world.clone(),
            version: self.component.version.clone(),
            digest: self.plugin.digest().to_string(),
        }
    }

    fn describe(&self) -> String {
        let detector = self.detector.as_ref().map_or_else(|| "no known detector".to_owned(), |d| d.family.clone());
        format!("{} {} ({detector})", self.component.name, self.component.version)
    }
}

// === impl Treatment ===

impl Treatment {
    /// The ordinary treatment of a camera in this shop: heads filled with black, segments of a minute, no limit.
    pub fn ordinary(shop: &str) -> Self {
        Self {
            shop: shop.to_owned(),
            mode: Mode::Heads,
            style: Style::Fill(Rgb::BLACK),
            segment_length: Duration::from_secs(60),
            limit: None,
            keep: Keep::Pictures,
            audience: None,
            vantage: None,
            schedule: Schedule::default(),
            exclusions: Vec::new(),
            limits: None,
            settings: ComponentSettings::default(),
        }
    }
}

// === impl ComponentSettings ===

impl Default for ComponentSettings {
    /// Empty objects.
    fn default() -> Self {
        Self { filter: "{}".into(), audit: "{}".into(), gestures: "{}".into(), audience: "{}".into() }
    }
}
