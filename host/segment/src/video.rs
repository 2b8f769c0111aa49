//! H.264, by `openh264`.
//!
//! The bit stream is Annex B, baseline: SPS and PPS with each IDR picture, no B pictures, one slice a picture, so each encoded picture stands in one message
//! and is shown when it is decoded. Colours are BT.601, limited range, 4:2:0, and the stream says so (VUI).
//!
//! H.264 codes pairs of rows and columns, and `openh264` nothing below 16x16: such pictures are padded at the right and at the bottom by
//! repeating their edge. The true size stands in the segment's header, and [`Decoder`] cuts back to it.

mod decoder;
mod encoder;

pub use decoder::Decoder;
pub use encoder::{Encoded, Encoder, Quality};

use sluis_frame::Size;

use crate::error::Error;

/// The longest and the shorter side that `openh264` encodes, in pixels: level 5.2.
const LIMIT: (u32, u32) = (3840, 2160);

/// The smallest side that `openh264` encodes: one macroblock.
const SMALLEST: u32 = 16;

/// NAL units that our video holds: slices, IDR slices, sequence and picture parameter sets (H.264, table 7-1). Others could carry anything.
pub(crate) const NAL_UNITS: [u8; 4] = [1, 5, 7, 8];

/// The size that a picture is coded in: both sides even and at least 16.
///
/// # Errors
///
/// [`Error::VideoSize`] when the codec takes no picture that large.
pub fn coded_size(size: Size) -> Result<Size, Error> {
    let even = |side: u32| side.max(SMALLEST).next_multiple_of(2);
    let coded = Size::new(even(size.width), even(size.height));
    let (long, short) = (coded.width.max(coded.height), coded.width.min(coded.height));
    if long > LIMIT.0 || short > LIMIT.1 { Err(Error::VideoSize(size)) } else { Ok(coded) }
}

/// The types of the NAL units in an Annex B stream, in order.
pub fn nal_types(stream: &[u8]) -> impl Iterator<Item = u8> + '_ {
    (0..stream.len().saturating_sub(3)).filter(|i| stream[*i..*i + 3] == [0, 0, 1]).map(|i| stream[i + 3] & 0x1F)
}

/// Whether an encoded picture can be decoded without those before it.
pub fn is_key(stream: &[u8]) -> bool {
    /// An IDR slice.
    const IDR: u8 = 5;
    nal_types(stream).any(|t| t == IDR)
}
