//! What `wasi:nn` can load by name.
//!
//! A model is an ONNX file whose digest the registry has checked; its bytes are given to the engine at start. It is
//! parsed when it is first used and optimised for each set of input shapes that it is run with. That takes about a tenth
//! of a second, so the optimised plans are kept and shared by all cameras: at most [`MAX_PLANS`] for each model, the
//! least recently used goes first.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tract_onnx::prelude::{
    DatumType, Framework, InferenceFact, InferenceModel, InferenceModelExt, IntoRunnable, TValue, TVec, TractResult,
    TypedRunnableModel,
};

/// Plans kept for one model: cameras of a shop have few picture sizes.
pub const MAX_PLANS: usize = 8;

/// The models that a plugin can be granted, by name.
#[derive(Debug, Clone, Default)]
pub struct Models {
    by_name: BTreeMap<String, Arc<Model>>,
}

/// One model, with the plans made of it so far.
pub(crate) struct Model {
    onnx: Arc<[u8]>,
    parsed: OnceLock<Result<Parsed, String>>,
    /// Least recently used first.
    plans: Mutex<Vec<(Shapes, Planned)>>,
}

/// Type and dimensions of each input, in the model's order.
pub(crate) type Shapes = Vec<(DatumType, Vec<usize>)>;
type Plan = Arc<TypedRunnableModel>;
/// Empty while the first camera that wants it has it made.
type Planned = Arc<OnceLock<Result<Plan, String>>>;

struct Parsed {
    graph: InferenceModel,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

// === impl Models ===

impl Models {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a model from its ONNX file, which the caller has checked against a pinned digest. Replaces one of the same
    /// name.
    pub fn insert(&mut self, name: &str, onnx: impl Into<Arc<[u8]>>) {
        let model = Model { onnx: onnx.into(), parsed: OnceLock::new(), plans: Mutex::default() };
        self.by_name.insert(name.to_owned(), Arc::new(model));
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<Model>> {
        self.by_name.get(name).map(Arc::clone)
    }
}

// === impl Model ===

impl Model {
    /// The names of its inputs, in its order.
    pub(crate) fn inputs(&self) -> Result<&[String], String> {
        self.parsed().map(|parsed| parsed.inputs.as_slice())
    }

    /// Runs it on inputs in its own order, and gives its outputs by name.
    ///
    /// The first run for a set of shapes optimises the model for them; a second camera that wants the same waits for
    /// it.
    pub(crate) fn run(&self, inputs: TVec<TValue>) -> Result<Vec<(String, TValue)>, String> {
        let outputs = &self.parsed()?.outputs;
        let shapes = inputs.iter().map(|input| (input.datum_type(), input.shape().to_vec())).collect();
        let plan = self.plan(shapes)?;
        let results = guarded("running", || plan.run(inputs))?;
        Ok(outputs.iter().cloned().zip(results).collect())
    }

    fn parsed(&self) -> Result<&Parsed, String> {
        self.parsed.get_or_init(|| guarded("reading", || parse(&self.onnx))).as_ref().map_err(Clone::clone)
    }

    fn plan(&self, shapes: Shapes) -> Result<Plan, String> {
        let cell = {
            // A panic while the list is held could leave it short of an entry, never wrong.
            let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
            let known = plans.iter().position(|(of, _)| *of == shapes).map(|at| plans.remove(at));
            let entry = known.unwrap_or_else(|| (shapes.clone(), Arc::default()));
            let cell = Arc::clone(&entry.1);
            plans.push(entry);
            if plans.len() > MAX_PLANS {
                plans.remove(0);
            }
            cell
        };
        cell.get_or_init(|| {
            let graph = self.parsed()?.graph.clone();
            guarded("optimising", || optimise(graph, &shapes))
        })
        .clone()
    }
}

fn parse(onnx: &[u8]) -> TractResult<Parsed> {
    // What the file says of inner and outer shapes holds for one input size only; YuNet would not load at 640x480
    // otherwise.
    let mut graph = tract_onnx::onnx().with_ignore_value_info(true).model_for_read(&mut &*onnx)?;
    for output in 0..graph.output_outlets()?.len() {
        graph.set_output_fact(output, InferenceFact::default())?;
    }
    let name = |outlet: &tract_onnx::prelude::OutletId| {
        graph.outlet_label(*outlet).unwrap_or(&graph.node(outlet.node).name).to_owned()
    };
    let inputs = graph.input_outlets()?.iter().map(name).collect();
    let outputs = graph.output_outlets()?.iter().map(name).collect();
    Ok(Parsed { graph, inputs, outputs })
}

fn optimise(mut graph: InferenceModel, shapes: &Shapes) -> TractResult<Plan> {
    for (input, (datum, shape)) in shapes.iter().enumerate() {
        graph.set_input_fact(input, InferenceFact::dt_shape(*datum, shape))?;
    }
    graph.into_optimized()?.into_runnable()
}

/// Runs `work` of the inference library: a panic in it is an error of the model, not the end of the process.
fn guarded<T>(what: &str, work: impl FnOnce() -> TractResult<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(format!("{what} it failed: {}", error.root_cause())),
        Err(_) => Err(format!("{what} it crashed the inference library")),
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("bytes", &self.onnx.len()).finish_non_exhaustive()
    }
}
