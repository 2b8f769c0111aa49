//! Puts a camera's pipeline together from what is installed.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use sluis_audience::LinkSettings;
use sluis_camera::{Description, Driver};
use sluis_frame::{CameraId, Doors, Exclusion, ReaderDoor, Rgb, ScreenId, Style};
use sluis_guard::{Floor, Guard, GuardSettings, Judge, Mode, Vantage};
use sluis_registry::{Component, Detector, Home, Model, NamedModels, Release, Sha256, independent_publishers};
use sluis_segment::handover::EyeEnd;
use sluis_segment::{PluginFact, Recorder, RecorderSettings};
use sluis_stage::{
    CameraFacts, ChamberSettings, CodeCache, Engine, EngineSettings, Limits, Models, Mount, Plugin, World,
};

use crate::config::{self, Keep, Schedule};
use crate::pipeline::{Admission, Chamber, Change, Common, Meter, Parts, Redaction, Shadow, Trial, Watch};

/// The components and models of a home, loaded and checked, and the parts that all cameras share.
#[derive(Debug)]
pub struct Assembly {
    engine: Engine,
    at_work: RwLock<AtWork>,
    judge: Arc<Judge>,
    common: Common,
}

/// The components that are at work. Cheap to clone.
#[derive(Debug, Clone)]
struct AtWork {
    filter: Loaded,
    audit: Loaded,
    gestures: Option<Loaded>,
    audience: Option<Loaded>,
    /// How often one was replaced.
    changes: u64,
}

/// What chambers for a camera are made by.
#[derive(Debug, Clone)]
pub struct Place {
    camera: CameraId,
    facts: CameraFacts,
    treatment: Treatment,
}

/// A component that came while cameras run, in all its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The component.
    pub component: Component,
    /// It, in WebAssembly.
    pub wasm: Vec<u8>,
    /// Its compiled code, as this host has put it into its cache.
    pub code: Option<Vec<u8>>,
    /// The models that came with it. Without any it uses those that are there.
    pub models: Vec<(Model, Vec<u8>)>,
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

/// A component that is loaded. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Loaded {
    plugin: Plugin,
    component: Component,
    /// The detector that it will use.
    detector: Option<Detector>,
    /// The digest of its release.
    release: Sha256,
    /// Its version, and which models came with it.
    label: String,
    /// After how many changes it came.
    since: u64,
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
    /// A component cannot take the place of the one that is at work.
    #[error("{0}")]
    Unfit(Unfit),
    /// A component that exports another world than it is published for: it would be shown what nobody granted it.
    #[error("`{name}` is published as {published}, and is {is}: tell whoever published it")]
    OtherWorld {
        /// Which component.
        name: String,
        /// The world in its manifest.
        published: String,
        /// The world that it exports.
        is: World,
    },
    /// The doors were made before.
    #[error("this process has put its parts together before: a second set of doors would be a second way out")]
    Twice,
}

/// Why a component cannot take the place of another while cameras run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// None of its name and world is at work.
    #[error("no component of this name and world is at work")]
    Nowhere,
    /// Frames would have to be masked in a stricter mode.
    #[error("without a network model whole persons would have to be masked")]
    Stricter,
    /// Filter and auditor would detect in the same way.
    #[error("filter and auditor would have detectors of one family")]
    Dependent,
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
        independent_publishers(&filter.component, &audit.component)?;
        let gestures = choice.gestures.as_deref().map(|name| load(World::GestureDetector, Some(name))).transpose()?;
        let audience = choice.audience.as_deref().map(|name| load(World::AudienceMeter, Some(name))).transpose()?;
        let Doors { audit: audit_door, blank, reader } = Doors::mint().ok_or(Error::Twice)?;
        let judge = Arc::new(Judge::new(audit_door, blank));
        let at_work = RwLock::new(AtWork { filter, audit, gestures, audience, changes: 0 });
        Ok((Self { engine, at_work, judge, common: Common::default() }, reader))
    }

    /// The same, with other things in common.
    #[must_use]
    pub fn sharing(mut self, common: Common) -> Self {
        self.common = common;
        self
    }

    /// The least strict mode that is safe: whole silhouettes, unless the filter has a network model.
    pub fn least_mode(&self) -> Mode {
        self.at_work().least_mode()
    }

    /// Whether the auditor's detector is of another family than the filter's.
    pub fn independent(&self) -> bool {
        self.at_work().independent()
    }

    /// The filter and its detector, for people: `face-blur 0.1.0, centerface`.
    pub fn filter_name(&self) -> String {
        self.at_work().filter.describe()
    }

    /// The auditor and its detector, for people.
    pub fn audit_name(&self) -> String {
        self.at_work().audit.describe()
    }

    /// Loads a component that came while cameras run: it is checked, and can take the place of the one at work. Nothing changes yet.
    ///
    /// # Errors
    ///
    /// [`Error::Load`], [`Error::OtherWorld`], [`Error::Registry`] when filter and auditor would be of one publisher, and [`Error::Unfit`].
    pub fn load(&self, bundle: Bundle) -> Result<Loaded, Error> {
        let of_bundle = bundle.release();
        let Bundle { component, wasm, code, models } = bundle;
        let at_work = self.at_work();
        let is_at_work = |working: &Loaded| working.component.name == component.name;
        if !at_work.of(&component.world).is_some_and(is_at_work) {
            return Err(Error::Unfit(Unfit::Nowhere));
        }
        let models = models.into_iter().map(|(model, bytes)| (model.name, bytes)).collect();
        let loaded = Loaded::of(&self.engine, &of_bundle, &wasm, code.as_deref(), models)?;
        let after = at_work.clone().with(loaded.clone());
        independent_publishers(&after.filter.component, &after.audit.component)?;
        if after.least_mode() > at_work.least_mode() {
            return Err(Error::Unfit(Unfit::Stricter));
        }
        if at_work.independent() && !after.independent() {
            return Err(Error::Unfit(Unfit::Dependent));
        }
        Ok(loaded)
    }

    /// Puts a loaded component in the place of the one of its world, for pipelines that are made from now on.
    pub fn replace(&self, loaded: Loaded) {
        let mut at_work = self.at_work.write().unwrap_or_else(PoisonError::into_inner);
        *at_work = at_work.clone().with(loaded);
    }

    /// The components that are at work: their names, and the digests of their releases.
    pub fn releases(&self) -> Vec<(String, Sha256)> {
        self.at_work().all().map(|loaded| (loaded.component.name.clone(), loaded.release)).collect()
    }

    /// How often a component was replaced.
    pub fn changes(&self) -> u64 {
        self.at_work().changes
    }

    /// What has to be changed in a pipeline that was made after so many changes.
    ///
    /// # Errors
    ///
    /// [`Error`] when a chamber cannot be made.
    pub fn since(&self, changes: u64, place: &Place) -> Result<Vec<Change>, Error> {
        let at_work = self.at_work();
        let newer = at_work.all().filter(|loaded| loaded.since > changes).cloned().collect::<Vec<_>>();
        newer.iter().filter_map(|loaded| self.change(loaded, place).transpose()).collect()
    }

    /// A chamber of a loaded component that takes the place of the one in a pipeline. `None` when nothing of its world is at work there.
    ///
    /// # Errors
    ///
    /// [`Error`] when it cannot be made.
    pub fn change(&self, loaded: &Loaded, place: &Place) -> Result<Option<Change>, Error> {
        let Some(chamber) = loaded.chamber_at(place)? else { return Ok(None) };
        let independent = self.at_work().with(loaded.clone()).independent();
        Ok(Some(Change { chamber, fact: loaded.fact(), independent, obeyed: None }))
    }

    /// A trial of a loaded component in a pipeline, beside the one at work: both together may take a share of one processor, 0 to 1. `None` when nothing of its world is at work
    /// there.
    ///
    /// # Errors
    ///
    /// [`Error`] when a chamber cannot be made.
    pub fn trial(
        &self,
        loaded: &Loaded,
        place: &Place,
        share: f64,
        seen: Arc<Mutex<Trial>>,
    ) -> Result<Option<Shadow>, Error> {
        let at_work = self.at_work();
        let Some(working) = at_work.of(loaded.plugin.world().name()) else { return Ok(None) };
        let Some((candidate, control)) = loaded.chamber_at(place)?.zip(working.chamber_at(place)?) else {
            return Ok(None);
        };
        Ok(Some(Shadow::new(candidate, control, share, seen)))
    }

    fn at_work(&self) -> AtWork {
        self.at_work.read().unwrap_or_else(PoisonError::into_inner).clone()
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
        let at_work = self.at_work();
        let Place { camera, facts, .. } = Place::new(driver.description(), treatment);
        let CameraFacts { size, rate, .. } = facts;
        let description = driver.description();
        let chamber =
            |loaded: &Loaded, settings: &str| loaded.chamber(camera.clone(), facts, settings, treatment.limits);
        let AtWork { filter, audit, gestures, audience, .. } = &at_work;
        let settings = &treatment.settings;
        // Where no picture is kept nothing is masked or audited, and a raw frame is held for no longer than it is looked at.
        let pictures = treatment.keep == Keep::Pictures;
        let mut guard = GuardSettings::new(treatment.mode.max(at_work.least_mode()), size);
        if !pictures {
            (guard.delay, guard.extend) = (Duration::ZERO, Duration::ZERO);
        }
        let redaction = pictures.then(|| -> Result<Redaction, Error> {
            Ok(Redaction {
                filter: filter.plugin.filter(&chamber(filter, &settings.filter))?,
                audit: audit.plugin.audit(&chamber(audit, &settings.audit))?,
                independent: at_work.independent(),
            })
        });
        let counting = audience.as_ref().zip(treatment.audience.as_ref());
        let meter = counting.map(|(meter, counting)| -> Result<Meter, Error> {
            let mut given = chamber(meter, &settings.audience);
            given.models.extend(counting.model.clone());
            let chamber = meter.plugin.audience(&given)?;
            let link = LinkSettings { screen: counting.screen.clone(), demographics: counting.model.is_some() };
            Ok(Meter::new(chamber, link))
        });
        let gestures = gestures.as_ref().filter(|_| pictures);
        let facts = [pictures.then_some(filter), pictures.then_some(audit), gestures, counting.map(|(meter, _)| meter)];
        let recorder = RecorderSettings {
            shop: treatment.shop.clone(),
            camera: camera.clone(),
            size,
            rate,
            depth_unit: description.depth_unit,
            calibration: description.calibration,
            style: treatment.style,
            segment_length: treatment.segment_length,
            plugins: facts.into_iter().flatten().map(Loaded::fact).collect(),
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

// === impl Choice ===

impl Choice {
    /// What a configuration chooses.
    pub fn of(config: &config::Config) -> Self {
        let plugins = &config.plugins;
        Self {
            filter: Some(plugins.filter.clone()),
            audit: Some(plugins.audit.clone()),
            gestures: plugins.gestures.clone(),
            audience: config.audience.as_ref().map(|_| plugins.audience().to_owned()),
        }
    }
}

// === impl Bundle ===

impl Bundle {
    /// What is in it.
    pub fn release(&self) -> Release {
        let models = self.models.iter().map(|(model, _)| model.clone()).collect();
        Release { component: self.component.clone(), models }
    }
}

// === impl AtWork ===

impl AtWork {
    fn all(&self) -> impl Iterator<Item = &Loaded> {
        [&self.filter, &self.audit].into_iter().chain(&self.gestures).chain(&self.audience)
    }

    fn of(&self, world: &str) -> Option<&Loaded> {
        self.all().find(|loaded| loaded.component.world == world)
    }

    /// With another component in the place of the one of its world.
    fn with(mut self, loaded: Loaded) -> Self {
        self.changes += 1;
        let loaded = Loaded { since: self.changes, ..loaded };
        match loaded.plugin.world() {
            World::PrivacyFilter => self.filter = loaded,
            World::AnonymisationAudit => self.audit = loaded,
            World::GestureDetector => self.gestures = Some(loaded),
            World::AudienceMeter => self.audience = Some(loaded),
        }
        self
    }

    fn least_mode(&self) -> Mode {
        let has_network = self.filter.detector.as_ref().is_some_and(|d| d.model.is_some());
        if has_network { Mode::Heads } else { Mode::Persons }
    }

    fn independent(&self) -> bool {
        match (&self.filter.detector, &self.audit.detector) {
            (Some(filter), Some(audit)) => filter.family != audit.family,
            // Who names no detector cannot be told apart.
            _ => false,
        }
    }
}

// === impl Place ===

impl Place {
    /// The place of a camera that is treated so.
    pub fn new(description: &Description, treatment: &Treatment) -> Self {
        let Description { camera, size, rate, depth_unit, calibration, .. } = description;
        let facts = CameraFacts {
            size: *size,
            rate: rate.per_second(),
            depth: depth_unit.is_some(),
            mount: treatment.vantage.and_then(|vantage| Mount::of(&vantage.pose)),
            lens: treatment.vantage.map(|vantage| vantage.lens).or(*calibration),
        };
        Self { camera: camera.clone(), facts, treatment: treatment.clone() }
    }
}

/// That a component exports the world that it is published for: what it is shown, and what it is held to, goes by that.
///
/// # Errors
///
/// [`Error::OtherWorld`].
pub(crate) fn of_its_world(plugin: &Plugin, component: &Component) -> Result<(), Error> {
    let is = plugin.world();
    if is.name() == component.world {
        return Ok(());
    }
    Err(Error::OtherWorld { name: component.name.clone(), published: component.world.clone(), is })
}

// === impl Loaded ===

impl Loaded {
    fn new(engine: &Engine, home: &Home, world: World, name: Option<&str>) -> Result<Self, Error> {
        let component = home.component(world.name(), name)?;
        let release = home.release(&component)?;
        let (wasm, models) = home.read_release(&release)?;
        Self::of(engine, &release, &wasm, None, models)
    }

    /// A release, with the models that came with it; without any, with those of `engine`.
    fn of(
        engine: &Engine,
        release: &Release,
        wasm: &[u8],
        code: Option<&[u8]>,
        models: NamedModels,
    ) -> Result<Self, Error> {
        let component = release.component.clone();
        let own = (!models.is_empty()).then(|| {
            let mut own = Models::new();
            models.into_iter().for_each(|(name, bytes)| own.insert(&name, bytes));
            engine.with_models(own)
        });
        let engine = own.as_ref().unwrap_or(engine);
        let plugin = engine.load_with(&component.name, wasm, code)?;
        of_its_world(&plugin, &component)?;
        let detector = component.detector(|name| engine.has_model(name)).cloned();
        Ok(Self { plugin, component, detector, release: release.digest(), label: release.label(), since: 0 })
    }

    /// A chamber of it for a camera; `None` when its world has no work there.
    fn chamber_at(&self, place: &Place) -> Result<Option<Chamber>, Error> {
        let Place { camera, facts, treatment } = place;
        let settings = &treatment.settings;
        let given = |settings: &str| self.chamber(camera.clone(), *facts, settings, treatment.limits);
        let pictures = treatment.keep == Keep::Pictures;
        Ok(Some(match (self.plugin.world(), &treatment.audience) {
            (World::PrivacyFilter, _) if pictures => Chamber::Filter(self.plugin.filter(&given(&settings.filter))?),
            (World::AnonymisationAudit, _) if pictures => Chamber::Audit(self.plugin.audit(&given(&settings.audit))?),
            (World::GestureDetector, _) if pictures => {
                Chamber::Gestures(self.plugin.gestures(&given(&settings.gestures))?)
            }
            (World::AudienceMeter, Some(counting)) => {
                let mut given = given(&settings.audience);
                given.models.extend(counting.model.clone());
                Chamber::Audience(self.plugin.audience(&given)?)
            }
            _ => return Ok(None),
        }))
    }

    /// Its component.
    pub const fn component(&self) -> &Component {
        &self.component
    }

    /// What its chamber for a camera is given: the model of its detector and no other.
    fn chamber(
        &self,
        camera: CameraId,
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
            version: self.label.clone(),
            digest: self.plugin.digest().to_string(),
        }
    }

    fn describe(&self) -> String {
        let detector = self.detector.as_ref().map_or_else(|| "no known detector".to_owned(), |d| d.family.clone());
        format!("{} {} ({detector})", self.component.name, self.label)
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
