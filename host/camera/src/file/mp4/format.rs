//! How the pictures of an H.264 track are coded: ISO/IEC 14496-15 around ITU-T H.264.

use h264_reader::nal::sps::{ChromaFormat, FrameMbsFlags, SeqParameterSet};
use h264_reader::rbsp::{BitReader, decode_nal};
use sluis_frame::{Picture, Size};

use crate::colour::{Colour, Matrix};

/// What comes before each unit in the form that decoders take (H.264, annex B).
const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// How the pictures of a track are coded.
#[derive(Debug)]
pub(super) struct Format {
    pub(super) size: Size,
    pub(super) colour: Colour,
    /// The parameter sets, as the decoder takes them.
    pub(super) parameters: Vec<u8>,
    /// Bytes of the length before each unit: 1, 2 or 4.
    length_size: usize,
}

/// Why a track cannot be decoded.
#[derive(Debug)]
pub(super) enum Unfit {
    /// A variety of H.264 that is not read here.
    Variety(String),
    /// The parameters contradict themselves.
    Damaged(String),
}

/// The parameter sets of a track: first those of sequences, then those of pictures.
struct ParameterSets<'a> {
    length_size: usize,
    units: Vec<&'a [u8]>,
}

// === impl Format ===

impl Format {
    /// Reads the decoder configuration of a track (`avcC`, ISO/IEC 14496-15, 5.3.3.1) and checks that it is a variety of H.264 that can be decoded.
    pub(super) fn read(configuration: &[u8]) -> Result<Self, Unfit> {
        let sets = ParameterSets::read(configuration)
            .ok_or_else(|| Unfit::Damaged("the configuration of its H.264 track is cut off".to_owned()))?;
        let Some(first) = sets.units.first() else {
            return Err(Unfit::Damaged("its H.264 track has no parameter set".to_owned()));
        };
        let sps = parameters(first).map_err(Unfit::Damaged)?;
        let parameters = sets.units.iter().flat_map(|unit| [&START_CODE[..], unit]).flatten().copied().collect();
        Ok(Self { size: size(&sps)?, colour: colour(&sps)?, parameters, length_size: sets.length_size })
    }

    /// Appends the units of a sample to `out` in the form that decoders take. `false` when their lengths do not add up.
    #[must_use]
    pub(super) fn unpack(&self, sample: &[u8], out: &mut Vec<u8>) -> bool {
        let mut rest = sample;
        while !rest.is_empty() {
            let Some((length, after)) = rest.split_at_checked(self.length_size) else { return false };
            let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            let Some((unit, after)) = after.split_at_checked(length) else { return false };
            out.extend_from_slice(&START_CODE);
            out.extend_from_slice(unit);
            rest = after;
        }
        true
    }
}

// === impl ParameterSets ===

impl<'a> ParameterSets<'a> {
    /// `None` when it is cut off. What follows the picture parameter sets says nothing that they do not.
    fn read(configuration: &'a [u8]) -> Option<Self> {
        // Version, profile, its constraints and level come first: the sequence parameter set says them again.
        let mut rest = configuration.get(4..)?;
        let length_size = usize::from(*rest.split_off_first()? & 3) + 1;
        let mut units = Vec::new();
        for counted in [0x1f, 0xff] {
            for _ in 0..*rest.split_off_first()? & counted {
                let (length, after) = rest.split_first_chunk()?;
                let (unit, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
                units.push(unit);
                rest = after;
            }
        }
        Some(Self { length_size, units })
    }
}

fn parameters(unit: &[u8]) -> Result<SeqParameterSet, String> {
    let unreadable = |e: &dyn std::fmt::Debug| format!("the parameter set of its H.264 track cannot be read ({e:?})");
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

    fn format(length_size: usize) -> Format {
        Format { size: Size::new(16, 16), colour: Colour::UNSAID, parameters: Vec::new(), length_size }
    }

    #[test]
    fn units_get_start_codes_for_their_lengths() {
        let mut out = Vec::new();
        assert!(format(2).unpack(&[0, 3, 7, 8, 9, 0, 1, 5], &mut out));
        assert_eq!(out, [0, 0, 0, 1, 7, 8, 9, 0, 0, 0, 1, 5]);
    }

    proptest! {
        #[test]
        fn no_sample_panics(bytes in prop::collection::vec(any::<u8>(), 0..64), length_size in 1usize..=4) {
            let _ = format(length_size).unpack(&bytes, &mut Vec::new());
        }

        #[test]
        fn no_configuration_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Format::read(&bytes);
        }

        #[test]
        fn no_parameter_set_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(sps) = parameters(&bytes) {
                let _ = (size(&sps), colour(&sps));
            }
        }
    }
}
