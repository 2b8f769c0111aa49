//! A small ONNX model, written here: of a face it looks at the mean colour and nothing else.
//!
//! `face` (1x3xSxS) → global average → `age` (5 values, softmax) and `sex` (2 values, softmax). Red makes it sure of one class of sex, blue of the other; green makes it sure of a
//! child. Its bytes follow the protocol buffers of ONNX (`onnx.proto3`, IR version 8, operators of version 13); the numbers are those of its fields.

/// A field of a protocol buffer: a varint, or bytes with their length.
fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// `NodeProto`.
fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let inputs = inputs.iter().flat_map(|input| bytes(1, input.as_bytes()));
    let attributes = attributes.iter().flat_map(|attribute| bytes(5, attribute));
    inputs
        .chain(bytes(2, output.as_bytes()))
        .chain(bytes(3, output.as_bytes()))
        .chain(bytes(4, operator.as_bytes()))
        .chain(attributes)
        .collect()
}

/// `AttributeProto` of type INT.
fn integer(name: &str, value: i64) -> Vec<u8> {
    [bytes(1, name.as_bytes()), number(3, value as u64), number(20, 2)].concat()
}

/// `TensorProto` of type FLOAT.
fn floats(name: &str, dims: &[u64], values: &[f32]) -> Vec<u8> {
    let dims = dims.iter().flat_map(|dim| number(1, *dim));
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    dims.chain(number(2, 1)).chain(bytes(8, name.as_bytes())).chain(bytes(9, &raw)).collect()
}

/// `ValueInfoProto` of a tensor of type FLOAT.
fn value(name: &str, dims: &[u64]) -> Vec<u8> {
    let shape: Vec<u8> = dims.iter().flat_map(|dim| bytes(1, &number(1, *dim))).collect();
    let tensor = [number(1, 1), bytes(2, &shape)].concat();
    [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat()
}

/// The model, for squares of `side` pixels.
pub(crate) fn mean_colour(side: u64) -> Vec<u8> {
    // Rows: red, green, blue, each 0 to 255.
    let of_age = [
        [0.0, 0.0, 0.1, 0.0, 0.0], // red: 30 to 44
        [0.2, 0.0, 0.0, 0.0, 0.0], // green: below 18
        [0.0, 0.0, 0.0, 0.0, 0.1], // blue: 60 or more
    ];
    let of_sex = [[0.1, 0.0], [0.0, 0.0], [0.0, 0.1]];
    let nodes = [
        node("GlobalAveragePool", &["face"], "mean", &[]),
        node("Flatten", &["mean"], "colour", &[integer("axis", 1)]),
        node("MatMul", &["colour", "of_age"], "age_score", &[]),
        node("Softmax", &["age_score"], "age", &[integer("axis", 1)]),
        node("MatMul", &["colour", "of_sex"], "sex_score", &[]),
        node("Softmax", &["sex_score"], "sex", &[integer("axis", 1)]),
    ];
    let graph: Vec<u8> = nodes
        .iter()
        .flat_map(|node| bytes(1, node))
        .chain(bytes(2, b"mean colour"))
        .chain(bytes(5, &floats("of_age", &[3, 5], of_age.as_flattened())))
        .chain(bytes(5, &floats("of_sex", &[3, 2], of_sex.as_flattened())))
        .chain(bytes(11, &value("face", &[1, 3, side, side])))
        .chain(bytes(12, &value("age", &[1, 5])))
        .chain(bytes(12, &value("sex", &[1, 2])))
        .collect();
    let operators = [bytes(1, b""), number(2, 13)].concat();
    [number(1, 8), bytes(7, &graph), bytes(8, &operators)].concat()
}
