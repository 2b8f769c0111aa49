//! Time and memory of a component, against the same crate compiled natively: on the same frames, one after the other, in one run.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};
use sluis_frame::CameraId;
use sluis_stage::{ChamberSettings, Limits, Plugin, World};

use crate::Workbench;
use crate::camera::Camera;
use crate::error::Error;
use crate::footage::Footage;
use crate::native::Runner;
use crate::showing::Show;
use crate::subject::Subject;
use crate::times::{Times, shown};

/// What is measured, and how.
#[derive(Debug)]
pub struct Bench<'a> {
    /// The component.
    pub plugin: &'a Plugin,
    /// The plugin's folder: paths of recordings are relative to it.
    pub folder: &'a Path,
    /// What is shown.
    pub footage: Footage,
    /// What is said of its camera.
    pub camera: Camera,
    /// What the installer would have written for the plugin.
    pub settings: Map<String, Value>,
    /// The models that it may load.
    pub models: Vec<String>,
    /// What it may take.
    pub limits: Limits,
    /// The same crate, compiled natively; or why it is not measured.
    pub native: Result<Runner, String>,
}

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The plugin's name.
    pub plugin: String,
    /// Its world.
    pub world: World,
    /// The digest of the component.
    pub sha256: String,
    /// Bytes of the component.
    pub size: usize,
    /// What was shown.
    pub footage: Footage,
    /// The size of the pictures, as `640x480`.
    pub picture: String,
    /// How many frames are counted; the first few are not.
    pub frames: usize,
    /// A call of the component, with the crossing into the sandbox and back.
    pub component: Times,
    /// A call of the native build.
    pub native: Option<Times>,
    /// The component's times over the native ones.
    pub ratio: Option<Ratio>,
    /// Whether both answered the same to every frame.
    pub same_answers: Option<bool>,
    /// Why there is no native build to measure against.
    pub no_native: Option<String>,
    /// The most memory that the instance had, in bytes.
    pub memory: usize,
    /// What a chamber may take.
    pub allowed: Allowed,
}

/// The component's times over the native ones.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Ratio {
    /// Of the middle ones.
    pub p50: f64,
    /// Of those that 95 of 100 keep.
    pub p95: f64,
    /// Of the longest.
    pub max: f64,
    /// Of the means.
    pub mean: f64,
}

/// What a chamber may take.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Allowed {
    /// Wall clock of a call, in milliseconds.
    pub call_ms: u64,
    /// Memory, in bytes.
    pub memory: usize,
}

/// Frames at the beginning that are not counted: memory is touched for the first time, and a model is optimised for its size.
const WARM_UP: usize = 5;

// === impl Bench ===

impl Bench<'_> {
    /// Measures. `progress` hears of each frame.
    ///
    /// # Errors
    ///
    /// [`Error::Fails`] when a call of the component fails, [`Error::NativeEnded`] when one of the native build does; [`Error::TooShort`]; what opening footage and chamber may
    /// fail with.
    pub fn run(&self, bench: &Workbench, progress: &mut dyn FnMut(u64)) -> Result<Report, Error> {
        let mut show = Show::open(bench, &self.footage, self.camera, self.folder, self.plugin.world())?;
        let (facts, settings) = (show.facts(), show.settings(&self.settings));
        let chamber = ChamberSettings {
            camera: CameraId::new("workbench").expect("the name has the right alphabet"),
            facts,
            settings: settings.clone(),
            limits: self.limits,
            models: self.models.clone(),
        };
        let mut subject = Subject::new(self.plugin, &chamber)?;
        let mut native = self.native.as_ref().ok().map(|runner| runner.start(&facts, &settings)).transpose()?;
        let (mut took, mut took_natively, mut same, mut memory, mut first) = (Vec::new(), Vec::new(), true, 0, None);
        while let Some(showing) = show.next_shown()? {
            let captured = showing.header().captured;
            let first = *first.get_or_insert(captured);
            let call = subject.show(&showing, first);
            let at_ms = u64::try_from(captured.since(first).as_millis()).unwrap_or(u64::MAX);
            let answer = call.answer.map_err(|error| {
                // Natively a panic has a text.
                let natively = native.as_mut().and_then(|native| native.show(&showing, at_ms).err());
                let natively = natively.map(|error| format!(". {error}")).unwrap_or_default();
                Error::Fails { plugin: self.plugin.name().to_owned(), failure: error.to_string(), natively }
            })?;
            took.push(call.took);
            memory = memory.max(subject.memory());
            if let Some(native) = &mut native {
                let call = native.show(&showing, at_ms)?;
                took_natively.push(call.took);
                same &= call.answer == answer;
            }
            progress(took.len() as u64);
        }
        if took.len() <= WARM_UP {
            return Err(Error::TooShort { shown: took.len() });
        }
        let component = Times::of(took.split_off(WARM_UP));
        let native = native.is_some().then(|| Times::of(took_natively.split_off(WARM_UP)));
        let examined = self.plugin.examined();
        Ok(Report {
            plugin: self.plugin.name().to_owned(),
            world: self.plugin.world(),
            sha256: self.plugin.digest().to_string(),
            size: examined.size,
            footage: self.footage.clone(),
            picture: facts.size.to_string(),
            frames: component.calls,
            ratio: native.as_ref().map(|native| Ratio::of(&component, native)),
            same_answers: native.is_some().then_some(same),
            component,
            native,
            no_native: self.native.as_ref().err().cloned(),
            memory,
            allowed: Allowed {
                call_ms: u64::try_from(self.limits.call.as_millis()).unwrap_or(u64::MAX),
                memory: self.limits.memory,
            },
        })
    }
}

// === impl Ratio ===

impl Ratio {
    fn of(component: &Times, native: &Times) -> Self {
        // A call that takes no measurable time took a nanosecond.
        let over = |a: std::time::Duration, b: std::time::Duration| a.as_secs_f64() / b.as_secs_f64().max(1e-9);
        Self {
            p50: over(component.p50, native.p50),
            p95: over(component.p95, native.p95),
            max: over(component.max, native.max),
            mean: over(component.mean, native.mean),
        }
    }
}

// === impl Report ===

impl Report {
    /// For people.
    pub fn table(&self) -> String {
        let Self { plugin, world, footage, picture, frames, .. } = self;
        let mut text = format!("{plugin}, {world}: {frames} frames of {footage}, {picture}\n\n");
        let _ = writeln!(text, "{:12} {:>10} {:>10} {:>10} {:>10}", "a call", "p50", "p95", "max", "mean");
        let mut row = |name: &str, [p50, p95, max, mean]: [String; 4]| {
            let _ = writeln!(text, "{name:12} {p50:>10} {p95:>10} {max:>10} {mean:>10}");
        };
        let times = |t: &Times| [t.p50, t.p95, t.max, t.mean].map(shown);
        row("component", times(&self.component));
        if let (Some(native), Some(ratio)) = (&self.native, &self.ratio) {
            row("native", times(native));
            row("ratio", [ratio.p50, ratio.p95, ratio.max, ratio.mean].map(|ratio| format!("{ratio:.2}")));
        }
        let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
        let Allowed { call_ms, memory } = self.allowed;
        let _ = write!(
            text,
            "\n{:12} {:.1} MiB of {:.0} MiB that are allowed\n{:12} the longest call took {:.1} % of the {call_ms} ms that are allowed",
            "memory",
            mib(self.memory),
            mib(memory),
            "deadline",
            self.component.max.as_secs_f64() * 1e5 / call_ms.max(1) as f64,
        );
        match (self.same_answers, &self.no_native) {
            (Some(true), _) => text.push_str("\nanswers      the same in both, on every frame"),
            (Some(false), _) => text.push_str(
                "\nanswers      NOT the same in both: the plugin depends on something that is not in the frame, or rounds otherwise natively",
            ),
            (None, Some(why)) => {
                let _ = write!(text, "\nnative       not measured: {why}");
            }
            (None, None) => {}
        }
        text
    }
}
