//! How the pictures of an H.264 track are stored: ISO/IEC 14496-15.

use crate::h264::{self, START_CODE, Unfit};

/// How the pictures of a track are stored.
#[derive(Debug)]
pub(super) struct Format {
    /// How they are coded.
    pub(super) coding: h264::Format,
    /// Bytes of the length before each unit: 1, 2 or 4.
    length_size: usize,
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
        Ok(Self { coding: h264::Format::new(&sets.units)?, length_size: sets.length_size })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use sluis_frame::Size;

    use super::*;
    use crate::colour::Colour;

    fn format(length_size: usize) -> Format {
        let coding =
            h264::Format { size: Size::new(16, 16), colour: Colour::UNSAID, rate: None, parameters: Vec::new() };
        Format { coding, length_size }
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
    }
}
