//! Models that the host runs for a plugin.
//!
//! A plugin names a model; the host runs it natively, with a budget of bytes and time. A model must be installed on the machine and granted to the
//! plugin. Say so in the plugin's `Cargo.toml`, or `sluis plugin build` refuses a component that asks for models:
//!
//! ```toml
//! [package.metadata.sluis]
//! models = ["centerface"]
//! ```
//!
//! ```no_run
//! use sluis_sdk::nn::{Model, Tensor};
//!
//! # fn main() -> Result<(), sluis_sdk::nn::Error> {
//! let model = Model::load("centerface")?;
//! let input = Tensor::f32(&[1, 3, 480, 640], &vec![0.0; 3 * 480 * 640]);
//! for (name, tensor) in model.run(&[("input.1", input)])? {
//!     let heat: Vec<f32> = tensor.to_f32()?;
//!     # let _ = (name, heat);
//! }
//! # Ok(())
//! # }
//! ```

use std::fmt;

use crate::bindings::shared::wasi::nn as wasi;

pub use wasi::errors::ErrorCode;
pub use wasi::tensor::TensorType;

/// A model, ready to run.
#[derive(Debug)]
pub struct Model {
    name: String,
    context: wasi::inference::GraphExecutionContext,
}

/// Numbers in rows and columns, in row-major order: what goes into a model and comes out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    shape: Vec<u32>,
    kind: TensorType,
    /// Little-endian.
    bytes: Vec<u8>,
}

/// Why a model did not load or run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure. [`ErrorCode::NotFound`]: the model is not installed, or not granted to this plugin.
    pub code: ErrorCode,
    /// In words.
    pub message: String,
}

// === impl Model ===

impl Model {
    /// Takes a model that is installed on the machine and granted to this plugin, by its name in the registry. Load it in `new`, once.
    ///
    /// # Errors
    ///
    /// [`Error`] when there is none: code [`ErrorCode::NotFound`]. Always so outside a component, for there is no host.
    pub fn load(name: &str) -> Result<Self, Error> {
        if cfg!(target_arch = "wasm32") {
            let context = wasi::graph::load_by_name(name).and_then(|graph| graph.init_execution_context());
            Ok(Self { name: name.to_owned(), context: context.map_err(|e| Error::told(name, &e))? })
        } else {
            let message = format!("model `{name}`: only a component has models, and this runs natively");
            Err(Error { code: ErrorCode::NotFound, message })
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs the model on named inputs and gives its named outputs.
    ///
    /// # Errors
    ///
    /// [`Error`] when an input has a name, shape or type that the model does not take, when the budget of bytes is spent, or when the model
    /// fails.
    pub fn run(&self, inputs: &[(&str, Tensor)]) -> Result<Vec<(String, Tensor)>, Error> {
        let given = inputs.iter().map(|(name, tensor)| ((*name).to_owned(), tensor.to_wasi())).collect();
        let answer = self.context.compute(given).map_err(|e| Error::told(&self.name, &e))?;
        Ok(answer.into_iter().map(|(name, tensor)| (name, Tensor::from_wasi(&tensor))).collect())
    }
}

// === impl Tensor ===

impl Tensor {
    /// A tensor of 32-bit floats.
    ///
    /// # Panics
    ///
    /// When the number of values is not the product of `shape`.
    pub fn f32(shape: &[u32], values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self::new(shape, TensorType::Fp32, bytes)
    }

    /// A tensor of any type from its little-endian bytes.
    ///
    /// # Panics
    ///
    /// When the number of bytes is not the product of `shape` times the size of the type.
    pub fn new(shape: &[u32], kind: TensorType, bytes: Vec<u8>) -> Self {
        let values: u64 = shape.iter().map(|side| u64::from(*side)).product();
        assert_eq!(bytes.len() as u64, values * size_of(kind), "bytes for a tensor of shape {shape:?}");
        Self { shape: shape.to_vec(), kind, bytes }
    }

    /// Its sides, outermost first.
    pub fn shape(&self) -> &[u32] {
        &self.shape
    }

    /// The type of its numbers.
    pub fn kind(&self) -> TensorType {
        self.kind
    }

    /// Its numbers as little-endian bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its numbers.
    ///
    /// # Errors
    ///
    /// [`Error`] when they are not 32-bit floats.
    pub fn to_f32(&self) -> Result<Vec<f32>, Error> {
        if self.kind != TensorType::Fp32 {
            let message = format!("a tensor holds {:?}, not 32-bit floats", self.kind);
            return Err(Error { code: ErrorCode::InvalidArgument, message });
        }
        let (values, _) = self.bytes.as_chunks();
        Ok(values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    fn to_wasi(&self) -> wasi::tensor::Tensor {
        wasi::tensor::Tensor::new(&self.shape, self.kind, &self.bytes)
    }

    fn from_wasi(tensor: &wasi::tensor::Tensor) -> Self {
        Self { shape: tensor.dimensions(), kind: tensor.ty(), bytes: tensor.data() }
    }
}

/// Bytes of one number.
fn size_of(kind: TensorType) -> u64 {
    match kind {
        TensorType::U8 => 1,
        TensorType::Fp16 | TensorType::Bf16 => 2,
        TensorType::Fp32 | TensorType::I32 => 4,
        TensorType::Fp64 | TensorType::I64 => 8,
    }
}

// === impl Error ===

impl Error {
    fn told(model: &str, error: &wasi::errors::Error) -> Self {
        let code = error.code();
        Self { code, message: format!("model `{model}`: {code:?}: {}", error.data()) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_come_back_as_they_went_in() {
        let values = [0.0, -1.5, f32::MAX, f32::MIN_POSITIVE];
        let tensor = Tensor::f32(&[2, 2], &values);
        assert_eq!(tensor.shape(), [2, 2]);
        assert_eq!(tensor.to_f32().unwrap(), values);
    }

    #[test]
    #[should_panic(expected = "shape [2, 3]")]
    fn a_tensor_of_another_shape_than_its_values_panics() {
        let _ = Tensor::f32(&[2, 3], &[0.0; 5]);
    }

    #[test]
    fn bytes_are_not_mistaken_for_floats() {
        let tensor = Tensor::new(&[4], TensorType::U8, vec![0; 4]);
        assert_eq!(tensor.to_f32().unwrap_err().code, ErrorCode::InvalidArgument);
    }

    #[test]
    fn natively_there_are_no_models() {
        let error = Model::load("centerface").unwrap_err();
        assert_eq!(error.code, ErrorCode::NotFound);
        assert!(error.to_string().contains("centerface"), "{error}");
    }
}
