//! Cleared frames, or less, as an MP4 file: for players, and for outside programs that compare pixels with the original.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use muxide::api::{Muxer, MuxerBuilder, VideoCodec};
use re_mp4::{Mp4, StsdBoxContent};
use sluis_frame::{Cleared, Excerpt, Frame, Header, Picture, Size};

use crate::error::Error;
use crate::video::{self, Decoder, Encoder, Quality, coded_size};

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

/// Reads back what a [`Writer`] wrote, picture by picture: for those who check it. Nothing but pictures is in such a file, and the reader says so when there is more.
pub struct Reader {
    file: Vec<u8>,
    mp4: Mp4,
    decoder: Decoder,
    /// The next picture.
    next: usize,
}

/// What comes before each unit in the form that decoders take (ITU-T H.264, annex B).
const START_CODE: [u8; 4] = [0, 0, 0, 1];

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
        self.add(frame.header(), frame.picture())
    }

    /// Adds what is left of a frame.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_excerpt(&mut self, excerpt: &Excerpt) -> Result<(), Error> {
        self.add(excerpt.header(), excerpt.picture())
    }

    fn add(&mut self, header: &Header, picture: &Picture) -> Result<(), Error> {
        if picture.size() != self.size {
            let (camera, number) = (header.camera.clone(), header.number);
            let what = format!("it is of {}, and the MP4 file of {}", picture.size(), self.size);
            return Err(Error::Frame { camera, frame: number, what });
        }
        let at = self.frames as f64 / self.rate;
        // A key picture a second, as players expect for seeking.
        let key = self.frames.is_multiple_of((self.rate.round() as u64).max(1));
        let encoded = self.encoder.encode(picture, Duration::from_secs_f64(at), key)?;
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

// === impl Reader ===

impl Reader {
    /// Reads an MP4 file, whose pictures are truly of `size`: coded video can be padded to more.
    ///
    /// # Errors
    ///
    /// [`Error::Mp4`] when it is none, or holds anything but one H.264 track; [`Error::VideoSize`] and [`Error::Video`] when such pictures cannot be decoded here.
    pub fn new(file: Vec<u8>, size: Size) -> Result<Self, Error> {
        let mp4 = Mp4::read_bytes(&file).map_err(|e| Error::Mp4(e.to_string()))?;
        if mp4.tracks().len() != 1 {
            return Err(Error::Mp4(format!("it has {} tracks, not one", mp4.tracks().len())));
        }
        Ok(Self { file, mp4, decoder: Decoder::new(size)?, next: 0 })
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.mp4.tracks().values().map(|track| track.samples.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn decode(&mut self) -> Result<Option<Picture>, Error> {
        let broken = |what: &str| Error::Mp4(what.to_owned());
        let track = self.mp4.tracks().values().next().ok_or_else(|| broken("it has no track"))?;
        let Some(sample) = track.samples.get(self.next) else { return Ok(None) };
        let mut stream = Vec::new();
        if self.next == 0 {
            let StsdBoxContent::Avc1(avc1) = &track.trak(&self.mp4).mdia.minf.stbl.stsd.contents else {
                return Err(broken("its track is not H.264"));
            };
            for set in avc1.avcc.sequence_parameter_sets.iter().chain(&avc1.avcc.picture_parameter_sets) {
                stream.extend(START_CODE);
                stream.extend(&set.bytes);
            }
        }
        let mut rest = self.file.get(sample.byte_range()).ok_or_else(|| broken("a picture lies beyond its end"))?;
        // MP4 puts a length before each unit.
        while let Some((length, more)) = rest.split_first_chunk::<4>() {
            let (unit, more) =
                more.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(|| broken("a unit is cut"))?;
            stream.extend(START_CODE);
            stream.extend(unit);
            rest = more;
        }
        if let Some(foreign) = video::nal_types(&stream).find(|t| !video::NAL_UNITS.contains(t)) {
            return Err(Error::Mp4(format!("its video holds a NAL unit of type {foreign}")));
        }
        self.next += 1;
        self.decoder.decode(&stream).map(Some)
    }
}

impl Iterator for Reader {
    type Item = Result<Picture, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.decode().transpose()
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("pictures", &self.len()).field("next", &self.next).finish_non_exhaustive()
    }
}
