//! JPEG as cameras send it: one picture after the other (MJPEG).

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::{ColorType, DynamicImage, ImageDecoder, Limits};
use sluis_frame::{Picture, Size};

/// Beyond what decoding takes for the pixels themselves.
const SPARE: u64 = 1 << 20;

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const TABLES: u8 = 0xc4;

/// Decodes one picture of a stream of JPEG. `reason`s of failure continue "the picture cannot be used: ".
///
/// # Errors
///
/// When it is cut off or damaged, or is not of the size that was agreed on.
#[cfg_attr(not(feature = "v4l2"), allow(dead_code, reason = "for the driver behind the feature `v4l2`"))]
pub(crate) fn picture(bytes: &[u8], expected: Size) -> Result<Picture, String> {
    // The decoder fills what is missing with grey and says nothing.
    if !is_whole(bytes) {
        return Err("it is cut off: its end marker is missing".to_owned());
    }
    let with_tables = with_tables(bytes);
    let bytes = with_tables.as_deref().unwrap_or(bytes);
    let mut decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let (width, height) = decoder.dimensions();
    let found = Size::new(width, height);
    if found != expected {
        return Err(format!("it is {found} instead of {expected}"));
    }
    if !matches!(decoder.color_type(), ColorType::Rgb8 | ColorType::L8) {
        return Err(format!("its colours are {:?} instead of YCbCr", decoder.color_type()));
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(expected.pixels() as u64 * 3 + SPARE);
    decoder.set_limits(limits).map_err(|e| e.to_string())?;
    let picture = DynamicImage::from_decoder(decoder).map_err(|e| e.to_string())?;
    Picture::new(expected, picture.into_rgb8().into_raw()).map_err(|e| e.to_string())
}

/// Whether the end marker comes after the last scan (ITU-T T.81, B.1.1). A thumbnail's end marker lies within a segment and does not count.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    Markers::of(bytes).any(|(_, marker)| marker == END)
}

/// The picture with the Huffman tables that nearly every camera uses (ITU-T T.81, Annex K.3) where it comes without any; `None` where it has its own. Many webcams
/// leave them out, as the AVI format once said (OpenDML, "MJPEG DIB"; so does the JPEG payload of RTP, RFC 2435, section 3.1.9).
#[cfg_attr(not(feature = "v4l2"), allow(dead_code, reason = "for the driver behind the feature `v4l2`"))]
fn with_tables(bytes: &[u8]) -> Option<Vec<u8>> {
    let (scan, _) = Markers::of(bytes).find(|(_, marker)| matches!(*marker, SCAN | TABLES))?;
    if bytes[scan + 1] == TABLES {
        return None;
    }
    let mut whole = Vec::with_capacity(bytes.len() + 4 + 4 * 17 + 2 * (12 + 162));
    whole.extend_from_slice(&bytes[..scan]);
    whole.extend_from_slice(&[0xff, TABLES]);
    let length = 2 + STANDARD.iter().map(|table| 1 + 16 + table.values.len()).sum::<usize>();
    whole.extend_from_slice(&(length as u16).to_be_bytes());
    for table in &STANDARD {
        whole.push(table.class_and_place);
        whole.extend_from_slice(&table.lengths);
        whole.extend_from_slice(table.values);
    }
    whole.extend_from_slice(&bytes[scan..]);
    Some(whole)
}

/// The markers of a picture with their places, each at its 0xff.
struct Markers<'a> {
    bytes: &'a [u8],
    at: usize,
}

// === impl Markers ===

impl<'a> Markers<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: if bytes.starts_with(&[0xff, START]) { 2 } else { bytes.len() } }
    }
}

impl Iterator for Markers<'_> {
    type Item = (usize, u8);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.bytes;
        loop {
            let place = self.at;
            let &[0xff, marker] = bytes.get(place..place + 2)? else { return None };
            self.at += 2;
            match marker {
                // Fill bytes and stuffed zeros.
                0xff => self.at -= 1,
                // Markers without a length: temporary use, restarts, start, end.
                0x00 | 0x01 | 0xd0..=END => {}
                _ => {
                    let &[high, low] = bytes.get(self.at..self.at + 2)? else { return None };
                    self.at += usize::from(u16::from_be_bytes([high, low]));
                }
            }
            // The next marker: in a scan, past its coded data.
            while self.at < bytes.len()
                && !(bytes[self.at] == 0xff && bytes.get(self.at + 1).is_none_or(|next| *next != 0))
            {
                self.at += 1;
            }
            if !matches!(marker, 0xff | 0x00) {
                return Some((place, marker));
            }
        }
    }
}

/// One Huffman table as a DHT segment holds it (ITU-T T.81, B.2.4.2).
#[cfg_attr(not(feature = "v4l2"), allow(dead_code, reason = "for the driver behind the feature `v4l2`"))]
struct Table {
    /// 0 for DC or 1 for AC in the upper four bits; 0 for luma or 1 for chroma in the lower.
    class_and_place: u8,
    /// How many codes there are of each length from 1 to 16.
    lengths: [u8; 16],
    values: &'static [u8],
}

/// The tables K.3 to K.6 of ITU-T T.81.
#[cfg_attr(not(feature = "v4l2"), allow(dead_code, reason = "for the driver behind the feature `v4l2`"))]
#[rustfmt::skip]
const STANDARD: [Table; 4] = [
    Table { class_and_place: 0x00, lengths: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    Table {
        class_and_place: 0x10,
        lengths: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d],
        values: &[
            0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08,
            0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25, 0x26, 0x27, 0x28,
            0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
            0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
            0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6,
            0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2,
            0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa,
        ],
    },
    Table { class_and_place: 0x01, lengths: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    Table {
        class_and_place: 0x11,
        lengths: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
        values: &[
            0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91,
            0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33, 0x52, 0xf0, 0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25, 0xf1, 0x17, 0x18, 0x19, 0x1a, 0x26,
            0x27, 0x28, 0x29, 0x2a, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
            0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
            0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4,
            0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda,
            0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa,
        ],
    },
];

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{Rgb, RgbImage};
    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size { width: 40, height: 30 };

    fn drawn() -> RgbImage {
        RgbImage::from_fn(SIZE.width, SIZE.height, |x, y| Rgb([x as u8 * 6, y as u8 * 8, 77]))
    }

    /// As the encoder writes it: with its tables, which are those of Annex K.
    fn encoded() -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(&drawn()).expect("a small picture can be encoded");
        bytes
    }

    /// Takes every Huffman table out, as webcams do.
    fn without_tables(bytes: &[u8]) -> Vec<u8> {
        let mut left = bytes.to_vec();
        while let Some((at, _)) = Markers::of(&left).find(|(_, marker)| *marker == TABLES) {
            let length = usize::from(u16::from_be_bytes([left[at + 2], left[at + 3]]));
            left.drain(at..at + 2 + length);
        }
        left
    }

    #[test]
    fn a_picture_comes_back_as_it_was_drawn() {
        let picture = picture(&encoded(), SIZE).unwrap();
        let furthest = picture.pixels().iter().zip(drawn().as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(furthest.unwrap() <= 12, "{furthest:?}");
    }

    #[test]
    fn a_picture_without_huffman_tables_is_the_same_picture() {
        let bytes = without_tables(&encoded());
        assert!(bytes.len() + 400 < encoded().len());
        assert_eq!(picture(&bytes, SIZE).unwrap().pixels(), picture(&encoded(), SIZE).unwrap().pixels());
    }

    #[test]
    fn zeros_after_the_end_do_no_harm() {
        let mut bytes = encoded();
        bytes.resize(bytes.len() + 1000, 0);
        assert!(picture(&bytes, SIZE).is_ok());
    }

    #[test]
    fn a_picture_of_another_size_is_refused_before_it_is_decoded() {
        assert!(picture(&encoded(), Size::new(30, 40)).unwrap_err().contains("40x30 instead of 30x40"));
        // The size in the frame header (B.2.2), which would need 12 GB.
        let mut huge = encoded();
        let (frame, _) = Markers::of(&huge).find(|(_, marker)| *marker == 0xc0).unwrap();
        huge[frame + 5..frame + 9].fill(0xff);
        assert!(picture(&huge, SIZE).unwrap_err().contains("65535x65535"));
    }

    #[test]
    fn a_picture_cut_off_anywhere_is_refused() {
        let bytes = encoded();
        for length in 0..bytes.len() {
            assert!(picture(&bytes[..length], SIZE).is_err(), "{length} of {} bytes were accepted", bytes.len());
        }
    }

    proptest! {
        #[test]
        fn no_damage_panics(at in 0usize..2000, with in prop::collection::vec(any::<u8>(), 1..40), noise in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut bytes = encoded();
            let at = at % bytes.len();
            let end = (at + with.len()).min(bytes.len());
            bytes[at..end].copy_from_slice(&with[..end - at]);
            for bytes in [bytes.clone(), without_tables(&encoded()), noise.clone(), [&[0xff, START][..], &noise].concat()] {
                if let Ok(picture) = picture(&bytes, SIZE) {
                    prop_assert_eq!(picture.size(), SIZE);
                }
            }
        }
    }
}
