//! What a sequence parameter set (ITU-T H.264, 7.3.2.1.1) says about the pictures.

use h264_reader::nal::sps::{ChromaFormat, FrameMbsFlags, SeqParameterSet};
use h264_reader::rbsp::{BitReader, decode_nal};
use sluis_frame::{Picture, Size};

use crate::colour::{Colour, Matrix};
use crate::driver::Rate;

/// What comes before each unit in the form that decoders take (H.264, annex B).
pub(crate) const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// How the pictures of a stream are coded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Format {
    pub(crate) size: Size,
    pub(crate) colour: Colour,
    /// Pictures per second, when the stream says so.
    pub(crate) rate: Option<Rate>,
    /// The parameter sets, as the decoder takes them.
    pub(crate) parameters: Vec<u8>,
}

/// Why a stream cannot be decoded.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// A variety of H.264 that is not read here.
    Variety(String),
    /// The parameters contradict themselves.
    Damaged(String),
}

// === impl Format ===

impl Format {
    /// Reads the parameter sets of a stream, of which the first is that of the sequence, and checks that it is a variety of H.264 that can be decoded.
    pub(crate) fn new(units: &[&[u8]]) -> Result<Self, Unfit> {
        let Some(first) = units.first() else {
            return Err(Unfit::Damaged("there is no H.264 parameter set".to_owned()));
        };
        let sps = parameters(first).map_err(Unfit::Damaged)?;
        let parameters = units.iter().flat_map(|unit| [&START_CODE[..], unit]).flatten().copied().collect();
        Ok(Self { size: size(&sps)?, colour: colour(&sps)?, rate: rate(&sps), parameters })
    }
}

fn parameters(unit: &[u8]) -> Result<SeqParameterSet, String> {
    let unreadable = |e: &dyn std::fmt::Debug| format!("the H.264 parameter set cannot be read ({e:?})");
    if unit.len() < 4 {
        return Err(unreadable(&"too short"));
    }
    let payload = decode_nal(unit).map_err(|e| unreadable(&e))?;
    SeqParameterSet::from_bits(BitReader::new(payload.as_ref())).map_err(|e| unreadable(&e))
}

fn size(sps: &SeqParameterSet) -> Result<Size, Unfit> {
    let chroma = &sps.chroma_info;
    if chroma.chroma_format != ChromaFormat::YUV420 {
        return Err(Unfit::Variety(format!("H.264 with {:?} colour instead of 4:2:0", chroma.chroma_format)));
    }
    if chroma.bit_depth_luma_minus8 != 0 || chroma.bit_depth_chroma_minus8 != 0 {
        return Err(Unfit::Variety(format!("H.264 with {} bits instead of 8", 8 + chroma.bit_depth_luma_minus8)));
    }
    if sps.frame_mbs_flags != FrameMbsFlags::Frames {
        return Err(Unfit::Variety("interlaced H.264".to_owned()));
    }
    let (width, height) =
        sps.pixel_dimensions().map_err(|e| Unfit::Damaged(format!("its picture size cannot be ({e:?})")))?;
    let fits = |side| (1..=Picture::MAX_SIDE).contains(&side);
    if fits(width) && fits(height) {
        Ok(Size::new(width, height))
    } else {
        Err(Unfit::Damaged(format!("its picture size of {width}x{height} cannot be")))
    }
}

/// Pictures per second: two ticks are one picture (H.264, E.2.1). `None` when nothing is said, or what no camera does.
fn rate(sps: &SeqParameterSet) -> Option<Rate> {
    let timing = sps.vui_parameters.as_ref()?.timing_info.as_ref()?;
    Rate::new(f64::from(timing.time_scale) / (2.0 * f64::from(timing.num_units_in_tick))).ok()
}

fn colour(sps: &SeqParameterSet) -> Result<Colour, Unfit> {
    let Some(signal) = sps.vui_parameters.as_ref().and_then(|vui| vui.video_signal_type.as_ref()) else {
        return Ok(Colour::UNSAID);
    };
    let full_range = signal.video_full_range_flag;
    let Some(described) = &signal.colour_description else { return Ok(Colour { full_range, ..Colour::UNSAID }) };
    match Matrix::from_code(described.matrix_coefficients) {
        Some(matrix) => Ok(Colour { matrix, full_range }),
        None => Err(Unfit::Variety(format!("H.264 with colour matrix {}", described.matrix_coefficients))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_parameter_set_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Format::new(&[&bytes]);
        }
    }
}
