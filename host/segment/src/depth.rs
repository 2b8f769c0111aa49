//! The lossless codec for depth, `sluis-depth-1`.
//!
//! ```text
//! width, height   4 bytes each, little-endian
//! one zstd frame of:
//!   low bytes     width * height bytes
//!   high bytes    width * height bytes
//! ```
//!
//! Both planes hold, row by row, the difference of each value from its left neighbour (0 for the first in a row), modulo 65,536, zigzag-coded: 0, -1, 1, -2, 2
//! become 0, 1, 2, 3, 4. Neighbours on a surface differ little, so nearly all high bytes are 0, and zstd makes nothing of them.

use std::io::Read;

use sluis_frame::{Depth, Size};

use crate::error::Error;

/// What `CompressedImage.format` says of depth in this codec.
pub const FORMAT: &str = "sluis-depth-1";

/// zstd's fastest ordinary level. Level 3 saves some 5 % more for twice the time.
const LEVEL: i32 = 1;

/// Length of what stands before the zstd frame.
const HEADER: usize = 8;

/// Encodes. Nothing is lost but the unit, which stands in the segment's header.
///
/// # Errors
///
/// [`Error::Io`] when zstd has no memory.
pub fn encode(depth: &Depth) -> Result<Vec<u8>, Error> {
    let Size { width, height } = depth.size();
    let pixels = depth.size().pixels();
    let mut planes = vec![0; pixels * 2];
    let (low, high) = planes.split_at_mut(pixels);
    let rows = depth.values().chunks_exact(width as usize);
    let row_planes = low.chunks_exact_mut(width as usize).zip(high.chunks_exact_mut(width as usize));
    for (row, (low, high)) in rows.zip(row_planes) {
        let mut left = 0;
        for ((value, low), high) in row.iter().zip(low).zip(high) {
            [*low, *high] = zigzag(value.wrapping_sub(left)).to_le_bytes();
            left = *value;
        }
    }
    let mut out = [width.to_le_bytes(), height.to_le_bytes()].concat();
    zstd::stream::copy_encode(planes.as_slice(), &mut out, LEVEL).map_err(|e| Error::io("compress depth", e))?;
    Ok(out)
}

/// Decodes a picture that must be of `size`; `unit` in metres per count.
///
/// # Errors
///
/// [`Error::Depth`] when the bytes are no picture of this size in this codec.
pub fn decode(bytes: &[u8], size: Size, unit: f32) -> Result<Depth, Error> {
    let broken = |what: &str| Error::Depth(what.to_owned());
    let (header, compressed) = bytes.split_first_chunk::<HEADER>().ok_or_else(|| broken("it has no header"))?;
    if *header != *[size.width.to_le_bytes(), size.height.to_le_bytes()].as_flattened() {
        return Err(Error::Depth(format!("it is not of {size}")));
    }
    let pixels = size.pixels();
    let mut planes = Vec::with_capacity(pixels * 2 + 1);
    // One byte more than can be: whoever sends more is found out, and no memory is given to him.
    let mut frame =
        zstd::stream::read::Decoder::with_buffer(compressed).map_err(|e| broken(&e.to_string()))?.single_frame();
    frame.by_ref().take(pixels as u64 * 2 + 1).read_to_end(&mut planes).map_err(|e| broken(&e.to_string()))?;
    if planes.len() != pixels * 2 {
        return Err(broken("it is of another length than its size says"));
    }
    if !frame.finish().is_empty() {
        return Err(broken("something follows it"));
    }
    let (low, high) = planes.split_at(pixels);
    let mut values = Vec::with_capacity(pixels);
    for (low, high) in low.chunks_exact(size.width as usize).zip(high.chunks_exact(size.width as usize)) {
        let mut left = 0u16;
        for (low, high) in low.iter().zip(high) {
            left = left.wrapping_add(unzigzag(u16::from_le_bytes([*low, *high])));
            values.push(left);
        }
    }
    Depth::new(size, unit, values).map_err(|e| Error::Depth(e.to_string()))
}

const fn zigzag(difference: u16) -> u16 {
    (difference << 1) ^ ((difference.cast_signed() >> 15).cast_unsigned())
}

const fn unzigzag(coded: u16) -> u16 {
    (coded >> 1) ^ (coded & 1).wrapping_neg()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_depth() -> impl Strategy<Value = Depth> {
        (1u32..40, 1u32..30).prop_flat_map(|(w, h)| {
            let values = prop::collection::vec(prop_oneof![any::<u16>(), 900u16..1100, Just(0)], (w * h) as usize);
            values.prop_map(move |v| Depth::new(Size::new(w, h), 0.001, v).unwrap())
        })
    }

    proptest! {
        #[test]
        fn depth_comes_back_as_it_was(depth in any_depth()) {
            let back = decode(&encode(&depth).unwrap(), depth.size(), 0.001).unwrap();
            prop_assert_eq!(back.values(), depth.values());
        }

        #[test]
        fn no_bytes_make_it_panic_or_give_another_size(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes, Size::new(4, 3), 0.001);
        }

        #[test]
        fn a_cut_or_lengthened_picture_is_refused(depth in any_depth(), cut in any::<prop::sample::Index>()) {
            let bytes = encode(&depth).unwrap();
            prop_assert!(decode(&bytes[..cut.index(bytes.len())], depth.size(), 0.001).is_err());
            prop_assert!(decode(&[&bytes[..], &[0]].concat(), depth.size(), 0.001).is_err());
        }
    }

    #[test]
    fn a_bomb_gets_no_memory() {
        let mut bytes = [4u32.to_le_bytes(), 3u32.to_le_bytes()].concat();
        zstd::stream::copy_encode(std::io::repeat(0).take(1 << 26), &mut bytes, LEVEL).unwrap();
        assert!(matches!(decode(&bytes, Size::new(4, 3), 0.001), Err(Error::Depth(_))));
    }
}
