//! Pictures to H.264.

use std::fmt;
use std::time::Duration;

use openh264::encoder::{
    Complexity, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, QpRange, RateControlMode, SpsPpsStrategy,
    UsageType, VuiConfig,
};
use openh264::formats::{RgbSliceU8, YUVBuffer};
use openh264::{OpenH264API, Timestamp};
use sluis_frame::{Picture, Size};

use super::coded_size;
use crate::error::Error;

/// How much of a picture is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// For recording: 640x480 at 15 to 30 pictures a second becomes 1 to 2 Mbit/s.
    Recording,
    /// Near-lossless: so that an outside program can compare pixels with the original. Ten times the size, and more.
    NearLossless,
}

/// Encodes the pictures of one camera, in order.
pub struct Encoder {
    codec: openh264::encoder::Encoder,
    size: Size,
    coded: Size,
    planes: YUVBuffer,
    /// A padded picture, where padding is needed.
    padded: Vec<u8>,
}

/// One encoded picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Annex B.
    pub data: Vec<u8>,
    /// Whether it can be decoded without the pictures before it; then it carries SPS and PPS.
    pub key: bool,
}

// === impl Quality ===

impl Quality {
    /// The quantiser, held constant: 0 loses least, 51 most. At 24 losses begin to be seen in still pictures. 12 is the least that `openh264` takes here,
    /// and keeps a pixel within a few of 255 levels.
    const fn quantiser(self) -> QpRange {
        match self {
            Self::Recording => QpRange::new(24, 24),
            Self::NearLossless => QpRange::new(12, 12),
        }
    }
}

// === impl Encoder ===

impl Encoder {
    /// An encoder for pictures of `size` at about `rate` a second.
    ///
    /// # Errors
    ///
    /// [`Error::VideoSize`] when the codec takes no picture that large; [`Error::Video`] when it does not start.
    pub fn new(size: Size, rate: f64, quality: Quality) -> Result<Self, Error> {
        let coded = coded_size(size)?;
        let rate = if rate.is_finite() { rate.clamp(1.0, 240.0) } else { 30.0 };
        let config = EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            // Constant quality: the mode that goes by a buffer stays at the least quantiser, for nobody reports a full buffer. The modes with a target rate
            // skip frames, or complain on standard error that they may not.
            .rate_control_mode(RateControlMode::Bufferbased)
            .max_frame_rate(FrameRate::from_hz(rate as f32))
            .qp(quality.quantiser())
            .complexity(Complexity::Low)
            .sps_pps_strategy(SpsPpsStrategy::ConstantId)
            // Every frame that entered is in the recording, and key pictures stand where the recorder asks for them.
            .skip_frames(false)
            .scene_change_detect(false)
            .intra_frame_period(IntraFramePeriod::auto())
            // It leaves blocks that it takes for background as they were: what a new mask hides could shimmer through.
            .background_detection(false)
            .num_threads(1)
            .vui(VuiConfig::bt601());
        let codec = openh264::encoder::Encoder::with_api_config(OpenH264API::from_source(), config).map_err(failed)?;
        let planes = YUVBuffer::new(coded.width as usize, coded.height as usize);
        Ok(Self { codec, size, coded, planes, padded: Vec::new() })
    }

    /// Encodes the next picture, taken `at` since the first one; with `key`, as one that can be decoded without those before it.
    ///
    /// # Errors
    ///
    /// [`Error::Video`] when the codec fails.
    ///
    /// # Panics
    ///
    /// When the picture is not of the encoder's size.
    pub fn encode(&mut self, picture: &Picture, at: Duration, key: bool) -> Result<Encoded, Error> {
        assert_eq!(picture.size(), self.size, "the recorder checks the size of every frame");
        let dimensions = (self.coded.width as usize, self.coded.height as usize);
        if self.coded == self.size {
            self.planes.read_rgb8(RgbSliceU8::new(picture.pixels(), dimensions));
        } else {
            self.pad(picture);
            self.planes.read_rgb8(RgbSliceU8::new(&self.padded, dimensions));
        }
        if key {
            self.codec.force_intra_frame();
        }
        let at = Timestamp::from_millis(u64::try_from(at.as_millis()).unwrap_or(u64::MAX >> 1));
        let stream = self.codec.encode_at(&self.planes, at).map_err(failed)?;
        let key = matches!(stream.frame_type(), FrameType::IDR);
        let data = stream.to_vec();
        if data.is_empty() {
            return Err(failed(openh264::Error::msg("the codec skipped a picture")));
        }
        Ok(Encoded { data, key })
    }

    /// Repeats the right and the bottom edge.
    fn pad(&mut self, picture: &Picture) {
        self.padded.clear();
        let (width, missing) = (self.size.width as usize, (self.coded.width - self.size.width) as usize);
        for row in picture.pixels().chunks_exact(width * 3) {
            self.padded.extend_from_slice(row);
            for _ in 0..missing {
                self.padded.extend_from_slice(&row[row.len() - 3..]);
            }
        }
        let stride = self.coded.width as usize * 3;
        for _ in self.size.height..self.coded.height {
            let last = self.padded.len() - stride;
            self.padded.extend_from_within(last..);
        }
    }
}

fn failed(source: openh264::Error) -> Error {
    Error::Video { doing: "encoding", source }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("size", &self.size).finish_non_exhaustive()
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoded({} bytes, key: {})", self.data.len(), self.key)
    }
}
