//! Tensors, as `wasi:nn` passes them and as `tract` takes them.

use tract_onnx::prelude::{Datum, DatumType, IntoTValue, TValue, TVec, Tensor as TractTensor};

use super::wit::wasi::nn::tensor::TensorType;
use crate::answer::Nonsense;

#[cfg(target_endian = "big")]
compile_error!("tensors are passed as little-endian bytes: a big-endian host would have to swap them");

/// Dimensions of one tensor; models of pictures have 4.
const MAX_RANK: usize = 8;

/// Numbers that a component passes to a model or gets back: row-major, little-endian, dimensions, type and data in
/// agreement.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "generated bindings name it, and want it public; its module is not")]
pub struct Tensor {
    dimensions: Vec<u32>,
    ty: TensorType,
    data: Vec<u8>,
}

// === impl Tensor ===

impl Tensor {
    pub(crate) fn new(dimensions: Vec<u32>, ty: TensorType, data: Vec<u8>) -> Result<Self, Nonsense> {
        let bytes = dimensions.iter().try_fold(width(ty), |bytes, side| bytes.checked_mul(*side as usize));
        if dimensions.len() > MAX_RANK || bytes != Some(data.len()) {
            return Err(Nonsense::Tensor);
        }
        Ok(Self { dimensions, ty, data })
    }

    pub(crate) fn dimensions(&self) -> &[u32] {
        &self.dimensions
    }

    pub(crate) fn ty(&self) -> TensorType {
        self.ty
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }

    /// What it counts for in the budget.
    pub(crate) fn bytes(&self) -> usize {
        self.data.len() + size_of::<Self>()
    }

    pub(crate) fn from_tract(value: &TractTensor) -> Result<Self, String> {
        let ty = match value.datum_type() {
            DatumType::F32 => TensorType::Fp32,
            DatumType::F64 => TensorType::Fp64,
            DatumType::U8 => TensorType::U8,
            DatumType::I32 => TensorType::I32,
            DatumType::I64 => TensorType::I64,
            other => return Err(format!("it gives {other:?}, which `wasi:nn` cannot carry")),
        };
        let dimensions = value.shape().iter().map(|side| *side as u32).collect();
        Ok(Self { dimensions, ty, data: value.as_bytes().to_vec() })
    }

    fn into_tract(self) -> Result<TValue, String> {
        let shape: Vec<usize> = self.dimensions.iter().map(|side| *side as usize).collect();
        let data = &self.data;
        let tensor = match self.ty {
            TensorType::Fp32 => tract(&shape, data, f32::from_le_bytes),
            TensorType::Fp64 => tract(&shape, data, f64::from_le_bytes),
            TensorType::U8 => tract(&shape, data, u8::from_le_bytes),
            TensorType::I32 => tract(&shape, data, i32::from_le_bytes),
            TensorType::I64 => tract(&shape, data, i64::from_le_bytes),
            TensorType::Fp16 | TensorType::Bf16 => Err("16-bit floats are not supported".to_owned()),
        }?;
        Ok(tensor.into_tvalue())
    }
}

/// Sorts what was given into the model's order. An input is meant by its name, or, when no input has that name, by its
/// number counted from 0.
pub(crate) fn in_order(names: &[String], given: Vec<(String, Tensor)>) -> Result<TVec<TValue>, String> {
    let mut slots: Vec<Option<TValue>> = vec![None; names.len()];
    for (name, tensor) in given {
        let by_name = names.iter().position(|known| *known == name);
        let slot = by_name.or_else(|| name.parse().ok()).and_then(|at: usize| slots.get_mut(at));
        match slot {
            Some(slot @ None) => *slot = Some(tensor.into_tract()?),
            Some(Some(_)) => return Err("one input was given twice".to_owned()),
            None => return Err(format!("an input was given that is none of {}", names.join(", "))),
        }
    }
    let missing = || format!("it wants the inputs {}", names.join(", "));
    slots.into_iter().collect::<Option<TVec<TValue>>>().ok_or_else(missing)
}

fn tract<const N: usize, T: Datum + Copy>(
    shape: &[usize],
    data: &[u8],
    number: fn([u8; N]) -> T,
) -> Result<TractTensor, String> {
    let (chunks, _) = data.as_chunks::<N>();
    let numbers: Vec<T> = chunks.iter().map(|bytes| number(*bytes)).collect();
    TractTensor::from_shape(shape, &numbers).map_err(|error| error.to_string())
}

fn width(ty: TensorType) -> usize {
    match ty {
        TensorType::U8 => 1,
        TensorType::Fp16 | TensorType::Bf16 => 2,
        TensorType::Fp32 | TensorType::I32 => 4,
        TensorType::Fp64 | TensorType::I64 => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(values: &[f32]) -> Tensor {
        let data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Tensor::new(vec![1, values.len() as u32], TensorType::Fp32, data).unwrap()
    }

    #[test]
    fn a_tensor_that_lies_about_its_size_is_nonsense() {
        for (dimensions, bytes) in
            [(vec![2, 2], 15), (vec![2, 2], 17), (vec![u32::MAX; 3], 0), (vec![1; 9], 4), (vec![0, 4], 4)]
        {
            let tensor = Tensor::new(dimensions.clone(), TensorType::Fp32, vec![0; bytes]);
            assert_eq!(tensor.unwrap_err(), Nonsense::Tensor, "{dimensions:?}");
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        let value = floats(&[1.5, -2.0]).into_tract().unwrap();
        let back = Tensor::from_tract(&value).unwrap();
        assert_eq!((back.dimensions(), back.data()), (&[1, 2][..], floats(&[1.5, -2.0]).data()));
    }

    #[test]
    fn inputs_are_found_by_name_and_by_number() {
        let names = ["image".to_owned(), "scale".to_owned()];
        let given = |first: &str, second: &str| {
            vec![(first.to_owned(), floats(&[1.0])), (second.to_owned(), floats(&[2.0, 3.0]))]
        };
        for (first, second) in [("image", "scale"), ("0", "1"), ("0", "scale")] {
            let inputs = in_order(&names, given(first, second)).unwrap();
            assert_eq!((inputs[0].shape(), inputs[1].shape()), (&[1, 1][..], &[1, 2][..]), "{first} {second}");
        }
        for (first, second) in [("image", "image"), ("image", "0"), ("image", "2"), ("image", "picture")] {
            assert!(in_order(&names, given(first, second)).is_err(), "{first} {second}");
        }
        assert!(in_order(&names, vec![("image".to_owned(), floats(&[1.0]))]).is_err());
    }
}
