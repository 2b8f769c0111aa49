//! Real footage for tests and examples: clips decoded to raw frames, and their labels.
//!
//! Lies where `SLUIS_FOOTAGE` says, else beside the workspace. Where it is absent, whoever asks says so and does without.

use std::error::Error;
use std::path::{Path, PathBuf};

use openh264::decoder::{DecodeOptions, DecodedYUV, Decoder, Flush};
use openh264::formats::YUVSource;
use serde_json::Value;
use sluis_frame::{CameraId, Depth, Frame, FrameNumber, Header, Picture, Raw, Rect, Size, Timestamp};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A labelled head in one frame.
pub struct Head {
    pub id: u64,
    pub area: Rect,
    /// Seen from behind, or hidden in part so that no face shows.
    pub faceless: bool,
}

/// The labels of a clip.
pub struct Labels(Value);

/// The footage folder, if there is one.
pub fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/footage");
    let folder = std::env::var_os("SLUIS_FOOTAGE").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// A raw frame of a test.
pub fn frame(number: u64, seconds: f64, picture: Picture, depth: Option<Depth>) -> Frame<Raw> {
    let header = Header {
        camera: CameraId::new("footage").expect("a plain word"),
        number: FrameNumber(number),
        captured: Timestamp::from_nanos((seconds * 1e9) as i64),
    };
    Frame::capture(header, picture, depth).expect("depth of the picture's size")
}

/// Hands every picture of an MP4 file with H.264 to `each`, with its number. Returns the number of pictures.
pub fn decode(path: &Path, mut each: impl FnMut(u64, Picture)) -> Outcome<u64> {
    let (mp4, bytes) = re_mp4::Mp4::read_file(path)?;
    let track = mp4.tracks().values().find(|t| t.width > 0).ok_or("no video track")?;
    let stsd = &track.trak(&mp4).mdia.minf.stbl.stsd.contents;
    let re_mp4::StsdBoxContent::Avc1(avc1) = stsd else { return Err("not H.264".into()) };
    let sets = avc1.avcc.sequence_parameter_sets.iter().chain(&avc1.avcc.picture_parameter_sets);
    let mut packet: Vec<u8> = sets.flat_map(|set| [&[0, 0, 0, 1], set.bytes.as_slice()].concat()).collect();
    let length_size = usize::from(avc1.avcc.length_size_minus_one) + 1;
    let mut decoder = Decoder::new()?;
    let keep = || DecodeOptions::new().flush_after_decode(Flush::NoFlush);
    let mut count = 0;
    let mut hand_over = |yuv: &DecodedYUV<'_>| -> Outcome<()> {
        let (width, height) = yuv.dimensions();
        let mut rgb = vec![0; width * height * 3];
        yuv.write_rgb8(&mut rgb);
        each(count, Picture::new(Size::new(width as u32, height as u32), rgb)?);
        count += 1;
        Ok(())
    };
    for sample in &track.samples {
        let mut rest = &bytes[sample.byte_range()];
        while rest.len() > length_size {
            let (length, body) = rest.split_at(length_size);
            let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            packet.extend([0, 0, 0, 1]);
            packet.extend(&body[..length]);
            rest = &body[length..];
        }
        if let Some(yuv) = decoder.decode_with_options(&packet, keep())? {
            hand_over(&yuv)?;
        }
        packet.clear();
    }
    for yuv in decoder.flush_remaining()? {
        hand_over(&yuv)?;
    }
    Ok(count)
}

// === impl Labels ===

impl Labels {
    pub fn read(path: &Path) -> Outcome<Self> {
        Ok(Self(serde_json::from_slice(&std::fs::read(path)?)?))
    }

    pub fn clip(&self) -> &str {
        self.0["clip"].as_str().expect("labels name their clip")
    }

    pub fn fps(&self) -> f64 {
        self.0["fps"].as_f64().expect("labels name the rate of their clip")
    }

    /// How many frames are labelled.
    pub fn frames(&self) -> u64 {
        self.0["frames"].as_u64().expect("labels count their frames")
    }

    /// The heads in a frame, interpolated between key frames as the labels' own reader does.
    pub fn heads(&self, frame: u64) -> Vec<Head> {
        let keys = self.0["keyframes"].as_array().expect("labels have key frames");
        let number = |key: &Value| key["frame"].as_u64().expect("a key frame has a number");
        let before = keys.iter().rev().find(|k| number(k) <= frame).unwrap_or(&keys[0]);
        let after = keys.iter().find(|k| number(k) >= frame).unwrap_or(&keys[keys.len() - 1]);
        let t = match number(after).saturating_sub(number(before)) {
            0 => 0.0,
            apart => (frame - number(before)) as f64 / apart as f64,
        };
        let heads = |key: &Value| key["heads"].as_array().cloned().unwrap_or_default();
        let later = heads(after);
        heads(before)
            .iter()
            .filter_map(|a| {
                let b = later.iter().find(|b| b["id"] == a["id"])?;
                let side = |i: usize| Some(a["head"][i].as_f64()? * (1.0 - t) + b["head"][i].as_f64()? * t);
                let view = if t < 0.5 { a } else { b }["view"].as_str()?;
                let (x, y, w, h) = (side(0)?, side(1)?, side(2)?, side(3)?);
                let area = Rect::from_edges(x as i64, y as i64, (x + w) as i64, (y + h) as i64);
                Some(Head { id: a["id"].as_u64()?, area, faceless: matches!(view, "back" | "occluded") })
            })
            .collect()
    }

    /// Whether a head moves: its middle goes at least a quarter of its width within half a second around the frame.
    pub fn moves(&self, head: &Head, frame: u64) -> bool {
        let half = (self.fps() / 4.0).ceil() as u64;
        let place =
            |frame| self.heads(frame).into_iter().find(|h| h.id == head.id).map_or(head.area, |h| h.area).centre();
        let (a, b) = (place(frame.saturating_sub(half)), place((frame + half).min(self.frames() - 1)));
        (a.x - b.x).hypot(a.y - b.y) >= head.area.width as f32 / 4.0
    }
}
