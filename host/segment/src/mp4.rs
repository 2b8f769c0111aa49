//! Cleared frames as an MP4 file: for players, and for outside programs that compare pixels with the original.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use muxide::api::{Muxer, MuxerBuilder, VideoCodec};
use sluis_frame::{Cleared, Frame, Size};

use crate::error::Error;
use crate::video::{Encoder, Quality, coded_size};

/// Writes frames to an MP4 file, one picture for each frame, at a steady rate: the n-th picture is the n-th frame, whatever their times were.
///
/// H.264 has even sides only, so a picture with an odd side gets one more row or column at the bottom or right, a copy of its last. The encoded video is held in memory until
/// [`finish`](Self::finish), for MP4 wants its index first.
pub struct Writer<W> {
    muxer: Muxer<W>,
    encoder: Encoder,
    size: Size,
    rate: f64,
    frames: u64,
}

// === impl Writer ===

impl<W: Write> Writer<W> {
    /// A file of pictures of `size`, `rate` a second.
    ///
    /// # Errors
    ///
    /// [`Error::VideoSize`] when the codec takes no such picture; [`Error::Mp4`] when the rate is no rate.
    pub fn new(into: W, size: Size, rate: f64, quality: Quality) -> Result<Self, Error> {
        if !(rate.is_finite() && rate > 0.0) {
            return Err(Error::Mp4(format!("{rate} frames per second is no rate")));
        }
        let coded = coded_size(size)?;
        let muxer = MuxerBuilder::new(into)
            .video(VideoCodec::H264, coded.width, coded.height, rate)
            .build()
            .map_err(|e| Error::Mp4(e.to_string()))?;
        Ok(Self { muxer, encoder: Encoder::new(size, rate, quality)?, size, rate, frames: 0 })
    }

    /// Adds a frame.
    ///
    /// # Errors
    ///
    /// [`Error::Frame`] when it has another size; [`Error::Video`] or [`Error::Mp4`] when it cannot be encoded or written.
    pub fn write(&mut self, frame: &Frame<Cleared>) -> Result<(), Error> {
        if frame.size() != self.size {
            let (camera, number) = (frame.header().camera.clone(), frame.header().number);
            let what = format!("it is of {}, and the MP4 file of {}", frame.size(), self.size);
            return Err(Error::Frame { camera, frame: number, what });
        }
        let at = self.frames as f64 / self.rate;
        // A key picture a second, as players expect for seeking.
        let key = self.frames.is_multiple_of((self.rate.round() as u64).max(1));
        let encoded = self.encoder.encode(frame.picture(), Duration::from_secs_f64(at), key)?;
        self.muxer.write_video(at, &encoded.data, encoded.key).map_err(|e| Error::Mp4(e.to_string()))?;
        self.frames += 1;
        Ok(())
    }

    /// Writes the file: the number of pictures in it.
    ///
    /// # Errors
    ///
    /// [`Error::Mp4`] when writing fails.
    pub fn finish(self) -> Result<u64, Error> {
        self.muxer.finish().map_err(|e| Error::Mp4(e.to_string()))?;
        Ok(self.frames)
    }
}

impl<W> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("size", &self.size).field("frames", &self.frames).finish_non_exhaustive()
    }
}
