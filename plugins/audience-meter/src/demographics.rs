//! Classes of age and sex, by a model that somebody else brings.
//!
//! Sluis has no such model and recommends none: they are wrong more often for some people than for others, and what they guess is not what somebody is. Who installs one switches this on
//! with a purpose of its own, and the model must keep to this interface:
//!
//! | | name | type and shape | meaning |
//! |---|---|---|---|
//! | input | `face` | 32-bit floats, `[1, 3, S, S]` | one face in the middle of a square whose side is 1.5 times the longer side of its box, as planes of red, green and blue, 0 to 255, gamma-coded as the camera gave them; black outside the picture. `S` is set as `input` (32 to 256, 96 when nothing is set) |
//! | output | `age` | 32-bit floats, 5 values | how likely each class is: below 18, 18–29, 30–44, 45–59, 60 or more; 0 to 1, together 1 |
//! | output | `sex` | 32-bit floats, 2 values | how likely each class is: female, male; 0 to 1, together 1 |
//!
//! Nothing is told of who may be a child: from [`CHILD`] on, neither age nor sex. Nothing is told where the model is unsure: see [`SURE_OF_AGE`] and [`SURE_OF_SEX`].

use sluis_detect::network::{self, Network};
use sluis_detect::{Area, View};
use sluis_sdk::audience::{AgeClass, SexClass};
use sluis_sdk::{Frame, PixelFormat, Size};

/// The name of the model's input.
pub const INPUT: &str = "face";
/// The name of the output for age.
pub const AGE: &str = "age";
/// The name of the output for sex.
pub const SEX: &str = "sex";

/// As likely as this to be below 18, and nothing is told.
pub const CHILD: f32 = 0.1;
/// An age class that is less likely is unknown. More than half, so that the likeliest class is likelier than all others together.
pub const SURE_OF_AGE: f32 = 0.6;
/// A sex class that is less likely is undetermined.
pub const SURE_OF_SEX: f32 = 0.8;

/// The side of the square about a face, in longer sides of its box.
const AROUND: f32 = 1.5;
/// Probabilities may miss 1 by this much.
const ROUNDING: f32 = 0.02;

/// The model, for one camera.
#[derive(Debug)]
pub struct Demographics<N> {
    network: N,
    input: u32,
}

/// Why the classes are not known.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model did not run, or has other outputs.
    #[error(transparent)]
    Network(#[from] network::Error),
    /// An output does not hold probabilities.
    #[error("its output `{0}` should be probabilities that sum to 1, and is not; add a softmax to the model")]
    NoProbabilities(&'static str),
}

// === impl Demographics ===

impl<N: Network> Demographics<N> {
    /// A model that takes squares of `input` pixels. Runs it once, which makes it ready and shows whether it keeps to the interface.
    ///
    /// # Errors
    ///
    /// [`Error`] when it does not run or does not keep to the interface.
    pub fn new(network: N, input: u32) -> Result<Self, Error> {
        let mut made = Self { network, input };
        made.run(&vec![128; (input * input * 3) as usize])?;
        Ok(made)
    }

    /// The classes of the person whose face is `area` (camera pixels).
    ///
    /// # Errors
    ///
    /// [`Error`] when the model does not run.
    pub fn estimate(&mut self, frame: &Frame<'_>, area: Area) -> Result<(AgeClass, SexClass), Error> {
        let side = (area.width().max(area.height()) * AROUND).round() as u32;
        let pixels = View::square(area.centre(), side, self.input).read(frame, PixelFormat::Rgb8);
        self.run(&pixels)
    }

    fn run(&mut self, pixels: &[u8]) -> Result<(AgeClass, SexClass), Error> {
        let outputs = self.network.run(INPUT, pixels, Size::new(self.input, self.input))?;
        let age = outputs.values(AGE, 5)?;
        let sex = outputs.values(SEX, 2)?;
        for (name, values) in [(AGE, age), (SEX, sex)] {
            let in_range = values.iter().all(|p| (-ROUNDING..=1.0 + ROUNDING).contains(p));
            if !in_range || (values.iter().sum::<f32>() - 1.0).abs() > ROUNDING {
                return Err(Error::NoProbabilities(name));
            }
        }
        Ok(classes(age, sex))
    }
}

/// The classes from the probabilities.
fn classes(age: &[f32], sex: &[f32]) -> (AgeClass, SexClass) {
    const AGES: [AgeClass; 4] = [AgeClass::From18To29, AgeClass::From30To44, AgeClass::From45To59, AgeClass::From60];
    const SEXES: [SexClass; 2] = [SexClass::Female, SexClass::Male];
    if age[0] >= CHILD {
        return (AgeClass::Unknown, SexClass::Undetermined);
    }
    let sure = |values: &[f32], least: f32| values.iter().position(|p| *p >= least);
    let age = sure(&age[1..], SURE_OF_AGE).map_or(AgeClass::Unknown, |class| AGES[class]);
    let sex = sure(sex, SURE_OF_SEX).map_or(SexClass::Undetermined, |class| SEXES[class]);
    (age, sex)
}

#[cfg(test)]
mod tests {
    use sluis_detect::Outputs;

    use super::*;

    /// A model that always answers the same.
    struct Says([f32; 5], [f32; 2]);

    impl Network for Says {
        fn run(&mut self, input: &str, pixels: &[u8], size: Size) -> Result<Outputs, network::Error> {
            assert_eq!((input, pixels.len()), (INPUT, size.pixels() * 3));
            Ok(Outputs::new(vec![(SEX.to_owned(), self.1.to_vec()), (AGE.to_owned(), self.0.to_vec())]))
        }
    }

    #[test]
    fn of_who_may_be_a_child_nothing_is_told() {
        assert_eq!(classes(&[0.1, 0.9, 0.0, 0.0, 0.0], &[1.0, 0.0]), (AgeClass::Unknown, SexClass::Undetermined));
        assert_eq!(classes(&[0.09, 0.91, 0.0, 0.0, 0.0], &[1.0, 0.0]), (AgeClass::From18To29, SexClass::Female));
    }

    #[test]
    fn what_is_unsure_is_not_told() {
        assert_eq!(classes(&[0.0, 0.0, 0.55, 0.45, 0.0], &[0.25, 0.75]), (AgeClass::Unknown, SexClass::Undetermined));
        assert_eq!(classes(&[0.0, 0.0, 0.0, 0.35, 0.65], &[0.15, 0.85]), (AgeClass::From60, SexClass::Male));
    }

    #[test]
    fn a_model_that_gives_no_probabilities_is_refused_when_it_is_loaded() {
        assert!(Demographics::new(Says([0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 1.0]), 48).is_ok());
        for (says, output) in
            [(Says([0.0, 3.1, -2.0, 0.0, 0.0], [0.0, 1.0]), AGE), (Says([0.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0]), SEX)]
        {
            assert_eq!(Demographics::new(says, 48).err(), Some(Error::NoProbabilities(output)));
        }
    }
}
