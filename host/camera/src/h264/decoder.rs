//! H.264 to pictures in the order in which they are shown.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;
use sluis_frame::{Picture, Size};

use crate::colour::{Colour, Planes};

/// Decodes the coded pictures of one stream.
///
/// A decoder holds pictures back until it knows which is shown next. Each comes out with the time at which
/// it is shown: the earliest of all that went in and have not come out.
pub(crate) struct Pictures {
    decoder: Decoder,
    colour: Colour,
    times: BinaryHeap<Reverse<i64>>,
    ready: VecDeque<Shown>,
}

/// A picture and when it is shown.
pub(crate) struct Shown {
    pub(crate) picture: Picture,
    /// In whatever the times were counted that went in.
    pub(crate) at: i64,
}

// === impl Pictures ===

impl Pictures {
    pub(crate) fn new(colour: Colour) -> Result<Self, String> {
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        let decoder = Decoder::with_api_config(OpenH264API::from_source(), config).map_err(|e| say(&e))?;
        Ok(Self { decoder, colour, times: BinaryHeap::new(), ready: VecDeque::new() })
    }

    /// The next picture, if one has come out.
    pub(crate) fn next(&mut self) -> Option<Shown> {
        self.ready.pop_front()
    }

    /// Throws away what has come out.
    pub(crate) fn clear(&mut self) {
        self.ready.clear();
    }

    /// Hands the decoder one coded picture (H.264, annex B) that is shown at `at`.
    pub(crate) fn decode(&mut self, coded: &[u8], at: i64) -> Result<(), String> {
        let decoded = self.decoder.decode(coded).map_err(|e| say(&e))?;
        self.times.push(Reverse(at));
        if let Some(decoded) = decoded {
            let picture = to_picture(&decoded, self.colour)?;
            self.ready.extend(shown(&mut self.times, picture));
        }
        Ok(())
    }

    /// How many pictures went in and have not come out.
    pub(crate) fn held(&self) -> usize {
        self.times.len()
    }

    /// Takes out what the decoder holds back. Gives the number of pictures that went in and have not come out.
    pub(crate) fn flush(&mut self) -> Result<usize, String> {
        for decoded in self.decoder.flush_remaining().map_err(|e| say(&e))? {
            let picture = to_picture(&decoded, self.colour)?;
            self.ready.extend(shown(&mut self.times, picture));
        }
        Ok(self.times.len())
    }
}

/// The picture with its time; nothing when more pictures come out than went in.
fn shown(times: &mut BinaryHeap<Reverse<i64>>, picture: Picture) -> Option<Shown> {
    times.pop().map(|Reverse(at)| Shown { picture, at })
}

fn to_picture(decoded: &DecodedYUV<'_>, colour: Colour) -> Result<Picture, String> {
    let (width, height) = decoded.dimensions();
    let (luma_stride, chroma_stride, _) = decoded.strides();
    let size = Size::new(width as u32, height as u32);
    let planes = Planes { size, y: decoded.y(), u: decoded.u(), v: decoded.v(), luma_stride, chroma_stride };
    let rgb = colour.to_rgb(planes).ok_or("the decoder gave fewer pixels than it said")?;
    Picture::new(size, rgb).map_err(|e| e.to_string())
}

/// The decoder's complaint in words (`DECODING_STATE` in its `codec_app_def.h`).
fn say(error: &openh264::Error) -> String {
    const WORDS: [(i64, &str); 7] = [
        (0x04, "its bits make no sense"),
        (0x02, "a picture that it builds on is missing"),
        (0x10, "its parameter sets are missing"),
        (0x40, "a picture that it builds on is missing"),
        (0x08, "a layer that it builds on is missing"),
        (0x4000, "there is not enough memory"),
        (0x01, "it ends too early"),
    ];
    let state = error.native_code();
    WORDS
        .iter()
        .find(|(bit, _)| state & bit != 0)
        .map_or_else(|| format!("the decoder reports state {state:#x}"), |(_, words)| (*words).to_owned())
}
