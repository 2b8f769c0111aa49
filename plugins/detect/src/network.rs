//! Networks that take one colour picture, wherever they run.

use sluis_sdk::Size;
use sluis_sdk::nn::{Model, Tensor};

use crate::blob;

/// What a detector needs of a network. In a component it is the host's [`Model`]; in tests, `rehearsal::Network`.
pub trait Network {
    /// Runs the network on a picture of this size: three interleaved bytes a pixel, in the order of channels that the network wants. `input` is the name of its
    /// one input.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`] when the network did not run.
    fn run(&mut self, input: &str, pixels: &[u8], size: Size) -> Result<Outputs, Error>;
}

/// What a network answered: values in row-major order, by the names that the model file gives them.
#[derive(Debug, Clone, PartialEq)]
pub struct Outputs(Vec<(String, Vec<f32>)>);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The host could not run it.
    #[error("the network did not run: {0}")]
    Failed(#[from] sluis_sdk::nn::Error),
    /// An output is not there, or not as long as the picture asks for: this is another model than the component was written for.
    #[error(
        "the network's output `{name}` should have {wanted} values and has {found:?}; is another model installed under this name?"
    )]
    Foreign {
        /// Which output.
        name: String,
        /// How many values it should have.
        wanted: usize,
        /// How many it has, if it is there at all.
        found: Option<usize>,
    },
    /// An output holds infinities or values that are no numbers. Whatever else it holds says nothing then.
    #[error("the network's output `{0}` holds values that are no numbers; install the model again")]
    NoNumbers(String),
}

// === impl Outputs ===

impl Outputs {
    /// From names and values.
    pub fn new(outputs: Vec<(String, Vec<f32>)>) -> Self {
        Self(outputs)
    }

    /// The `wanted` values of an output.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when there is no such output or it has another length, [`Error::NoNumbers`] when a value is not finite.
    pub fn values(&self, name: &str, wanted: usize) -> Result<&[f32], Error> {
        let output = self.0.iter().find(|(given, _)| given == name).map(|(_, values)| values.as_slice());
        match output {
            Some(values) if values.len() == wanted => {
                let finite = values.iter().all(|v| v.is_finite());
                if finite { Ok(values) } else { Err(Error::NoNumbers(name.to_owned())) }
            }
            other => Err(Error::Foreign { name: name.to_owned(), wanted, found: other.map(<[f32]>::len) }),
        }
    }
}

// === impl Network ===

impl Network for Model {
    fn run(&mut self, input: &str, pixels: &[u8], size: Size) -> Result<Outputs, Error> {
        let tensor = Tensor::f32(&[1, 3, size.height, size.width], &blob::planes(pixels));
        let answer = Self::run(self, &[(input, tensor)])?;
        let outputs = answer.into_iter().map(|(name, tensor)| Ok((name, tensor.to_f32()?)));
        Ok(Outputs(outputs.collect::<Result<_, sluis_sdk::nn::Error>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_of_another_length_is_foreign() {
        let outputs = Outputs::new(vec![("537".to_owned(), vec![0.5; 4])]);
        assert_eq!(outputs.values("537", 4).unwrap().len(), 4);
        for (name, wanted, found) in [("537", 5, Some(4)), ("538", 4, None)] {
            let error = outputs.values(name, wanted).unwrap_err();
            assert_eq!(error, Error::Foreign { name: name.to_owned(), wanted, found });
        }
    }

    #[test]
    fn a_network_that_answers_no_numbers_has_not_answered() {
        let outputs = Outputs::new(vec![("537".to_owned(), vec![0.0, f32::NAN])]);
        assert_eq!(outputs.values("537", 2), Err(Error::NoNumbers("537".to_owned())));
    }
}
