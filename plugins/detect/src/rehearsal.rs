//! Detectors tried outside the sandbox, on real pictures: models run by the runtime that the host uses, pictures lent by the SDK as the host lends
//! them. Test support, hence the panics: a broken model or picture must fail the test that needs it.

#![allow(clippy::panic, reason = "a broken model or picture fails the test that needs it")]

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use sluis_sdk::{Size, Still};
use tract_onnx::prelude::*;

use crate::area::Area;
use crate::blob;
use crate::network::{self, Error, Outputs};
use crate::scan::SHAPES;

/// The folder of the footage, from `SLUIS_FOOTAGE` or `../shared/footage` beside the workspace. When it is not there, says so on standard error: a test
/// then returns without having tried anything.
pub fn footage() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/footage");
    let folder = std::env::var_os("SLUIS_FOOTAGE").map_or_else(default, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    #[allow(clippy::print_stderr, reason = "test support: a skipped test must be visible")]
    {
        eprintln!("SKIPPED: no footage at {}; set SLUIS_FOOTAGE to measure on it", folder.display());
    }
    None
}

/// A model file, run by tract.
#[derive(Clone)]
pub struct Network {
    model: InferenceModel,
    plans: BTreeMap<(u32, u32), Arc<TypedRunnableModel>>,
    outputs: Vec<String>,
}

/// A picture with the faces that somebody marked on it.
#[derive(Debug, Clone)]
pub struct Marked {
    /// Where it lies.
    pub file: PathBuf,
    /// The marked faces, in its pixels.
    pub faces: Vec<Area>,
}

#[derive(Deserialize)]
struct Mark {
    r#box: [f32; 4],
    invalid: u8,
}

// === impl Network ===

impl Network {
    /// Reads an ONNX file.
    pub fn read(file: &Path) -> Self {
        let mut bytes = File::open(file).expect("the model lies with the footage");
        let mut model =
            onnx().with_ignore_value_info(true).model_for_read(&mut bytes).expect("tract reads both models");
        let outlets = model.output_outlets().expect("a model has outputs").to_vec();
        let outputs = outlets.iter().map(|o| model.outlet_label(*o).unwrap_or(&model.node(o.node).name).to_owned());
        let outputs = outputs.collect();
        for output in 0..outlets.len() {
            model.set_output_fact(output, InferenceFact::default()).expect("the output exists");
        }
        Self { model, plans: BTreeMap::new(), outputs }
    }
}

/// The network, prepared for the inputs that all pictures share, and with it every clone: preparing takes longer than running.
pub fn prepared(mut network: Network, input: &str) -> Network {
    for shape in SHAPES {
        let blank = vec![0; shape.pixels() * 3];
        network::Network::run(&mut network, input, &blank, shape).expect("the model takes this shape");
    }
    network
}

impl network::Network for Network {
    fn run(&mut self, _input: &str, pixels: &[u8], size: Size) -> Result<Outputs, Error> {
        let shape = [1, 3, size.height as usize, size.width as usize];
        let plan = self.plans.entry((size.width, size.height)).or_insert_with(|| {
            let fact = InferenceFact::dt_shape(f32::datum_type(), shape);
            let model = self.model.clone().with_input_fact(0, fact).expect("the first input is the picture");
            model.into_optimized().and_then(TypedModel::into_runnable).expect("the model takes this shape")
        });
        let input = Tensor::from_shape(&shape, &blob::planes(pixels)).expect("three planes");
        let answer = plan.run(tvec!(input.into_tvalue())).expect("the model runs");
        let values = answer.iter().map(|t| t.to_plain_array_view::<f32>().expect("floats").iter().copied().collect());
        Ok(Outputs::new(self.outputs.iter().cloned().zip(values).collect()))
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("outputs", &self.outputs).finish_non_exhaustive()
    }
}

// === pictures ===

/// The pictures of `stills/wider-interview` with their boxes; those marked invalid are left out.
pub fn wider_interview(footage: &Path) -> Vec<Marked> {
    let stills = footage.join("stills");
    let boxes = fs::read(stills.join("wider-interview.boxes.json")).expect("the boxes lie beside the pictures");
    let boxes: BTreeMap<String, Vec<Mark>> = serde_json::from_slice(&boxes).expect("as the footage's README says");
    let still = |(name, marked): (String, Vec<Mark>)| Marked {
        file: stills.join("wider-interview").join(name),
        faces: marked
            .iter()
            .filter(|m| m.invalid == 0)
            .map(|m| Area::new(m.r#box[0], m.r#box[1], m.r#box[2], m.r#box[3]))
            .collect(),
    };
    boxes.into_iter().map(still).collect()
}

/// One in three of them, spread evenly, and by how much a share may be worse on so few (150 faces: a standard deviation is 0.02 to 0.04): enough for a test. With `SLUIS_ALL_PHOTOGRAPHS` in the environment all of them, and by nothing:
/// for figures.
pub fn some_of_wider_interview(footage: &Path) -> (Vec<Marked>, f64) {
    let all = std::env::var_os("SLUIS_ALL_PHOTOGRAPHS").is_some();
    let (one_in, slack) = if all { (1, 0.0) } else { (3, 0.03) };
    (wider_interview(footage).into_iter().step_by(one_in).collect(), slack)
}

/// A picture file as a frame to lend.
pub fn still(file: &Path) -> Still {
    let picture = image::open(file).unwrap_or_else(|e| panic!("{}: {e}", file.display())).to_rgb8();
    Still::new(Size::new(picture.width(), picture.height()), picture.into_raw())
}
