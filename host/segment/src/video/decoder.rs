//! H.264 to pictures.

use std::fmt;

use openh264::formats::YUVSource;
use sluis_frame::{Picture, Size};

use super::coded_size;
use crate::error::Error;

/// Decodes the pictures of one stream, in order, starting with a key picture.
pub struct Decoder {
    codec: openh264::decoder::Decoder,
    size: Size,
    coded: Size,
}

// === impl Decoder ===

impl Decoder {
    /// A decoder for pictures whose true size is `size`.
    ///
    /// # Errors
    ///
    /// [`Error::VideoSize`] when the codec knows no picture that large; [`Error::Video`] when it does not start.
    pub fn new(size: Size) -> Result<Self, Error> {
        let coded = coded_size(size)?;
        Ok(Self { codec: openh264::decoder::Decoder::new().map_err(failed)?, size, coded })
    }

    /// Decodes one encoded picture.
    ///
    /// # Errors
    ///
    /// [`Error::Video`] when the stream is broken, gives no picture, or one of another size.
    pub fn decode(&mut self, stream: &[u8]) -> Result<Picture, Error> {
        let planes = self
            .codec
            .decode(stream)
            .map_err(failed)?
            .ok_or_else(|| failed(openh264::Error::msg("the stream gives no picture")))?;
        let (width, height) = planes.dimensions();
        if (width, height) != (self.coded.width as usize, self.coded.height as usize) {
            return Err(failed(openh264::Error::msg(&format!("a picture of {width}x{height}, not {}", self.coded))));
        }
        let mut pixels = vec![0; width * height * 3];
        planes.write_rgb8(&mut pixels);
        if self.coded != self.size {
            pixels = pixels
                .chunks_exact(width * 3)
                .take(self.size.height as usize)
                .flat_map(|row| &row[..self.size.width as usize * 3])
                .copied()
                .collect();
        }
        Ok(Picture::new(self.size, pixels).expect("as many pixels as its size says"))
    }
}

fn failed(source: openh264::Error) -> Error {
    Error::Video { doing: "decoding", source }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("size", &self.size).finish_non_exhaustive()
    }
}
