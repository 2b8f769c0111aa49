//! A short drawn clip, for a first run without a camera: three figures with drawn heads move before shelves.
//!
//! It shows that the way of a frame works, not how well faces are found: nobody has ever looked like this. The clip is the same on every run.

mod figure;
mod picture;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use muxide::api::{MuxerBuilder, VideoCodec};
use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, QpRange, RateControlMode, VuiConfig,
};
use openh264::formats::{RgbSliceU8, YUVBuffer};
use sluis_frame::Size;

use crate::error::Error;
use figure::Figure;
use picture::Canvas;

/// The size of the clip.
pub const SIZE: Size = Size::new(640, 480);

/// Pictures per second of the clip.
pub const PER_SECOND: u32 = 15;

/// The longest clip, in seconds.
pub const LONGEST: u32 = 600;

/// Writes the clip as MP4 with H.264, [`SIZE`] at [`PER_SECOND`] pictures a second. A file that is there is replaced. `seconds` is brought into the
/// range from 1 to [`LONGEST`].
///
/// # Errors
///
/// [`Error::Write`] when the file cannot be written, [`Error::Scene`] when the encoder or the container writer fails.
pub fn write(path: &Path, seconds: u32) -> Result<(), Error> {
    let cannot_make = |reason: String| Error::Scene { file: path.to_owned(), reason };
    let file = File::create(path).map_err(|source| Error::Write { file: path.to_owned(), source })?;
    let mut encoder =
        Encoder::with_api_config(OpenH264API::from_source(), encoding()).map_err(|e| cannot_make(e.to_string()))?;
    let mut muxer = MuxerBuilder::new(BufWriter::new(file))
        .video(VideoCodec::H264, SIZE.width, SIZE.height, f64::from(PER_SECOND))
        .build()
        .map_err(|e| cannot_make(e.to_string()))?;
    let shop = shop();
    for number in 0..seconds.clamp(1, LONGEST) * PER_SECOND {
        let seconds = number as f32 / PER_SECOND as f32;
        let canvas = draw(&shop, seconds);
        let yuv =
            YUVBuffer::from_rgb8_source(RgbSliceU8::new(canvas.pixels(), (SIZE.width as usize, SIZE.height as usize)));
        let coded = encoder.encode(&yuv).map_err(|e| cannot_make(e.to_string()))?;
        let key = matches!(coded.frame_type(), FrameType::IDR | FrameType::I);
        muxer
            .write_video(f64::from(number) / f64::from(PER_SECOND), &coded.to_vec(), key)
            .map_err(|e| cannot_make(e.to_string()))?;
    }
    muxer.finish().map_err(|e| cannot_make(e.to_string()))
}

/// One thread and constant quality, so that every run gives the same bytes.
fn encoding() -> EncoderConfig {
    EncoderConfig::new()
        .bitrate(BitRate::from_bps(2_000_000))
        .max_frame_rate(FrameRate::from_hz(PER_SECOND as f32))
        .rate_control_mode(RateControlMode::Off)
        .qp(QpRange::new(18, 30))
        .skip_frames(false)
        .num_threads(1)
        .intra_frame_period(IntraFramePeriod::from_num_frames(2 * PER_SECOND))
        .vui(VuiConfig::bt601())
}

/// The shop without people: a wall with three shelves of products, and the floor.
fn shop() -> Canvas {
    let mut canvas = Canvas::new(SIZE, [196, 190, 178]);
    let (width, height) = (SIZE.width as f32, SIZE.height as f32);
    canvas.rect(0.0, 0.78 * height, width, 0.22 * height, [128, 116, 100]);
    for row in 0..3u8 {
        let top = 40.0 + 100.0 * f32::from(row);
        canvas.rect(30.0, top + 62.0, width - 60.0, 10.0, [92, 74, 58]);
        for place in 0..19u8 {
            // Colours and heights that repeat nowhere near each other: 7 and 5 share no factor with 19.
            let kind = (place * 7 + row * 5) % 19;
            let tall = 34.0 + f32::from(kind % 4) * 8.0;
            let shade = |step: u8| 70 + (kind.wrapping_mul(step) % 120);
            let left = 40.0 + f32::from(place) * 30.0;
            canvas.rect(left, top + 62.0 - tall, 22.0, tall, [shade(37), shade(53), shade(29)]);
            canvas.rect(left + 3.0, top + 62.0 - tall * 0.6, 16.0, tall * 0.3, [225, 222, 210]);
        }
    }
    canvas
}

/// The shop at a moment: two people pass each other, one stands at the shelf and reaches for it again and again.
fn draw(shop: &Canvas, seconds: f32) -> Canvas {
    let mut canvas = shop.clone();
    // There and back in `period` seconds, from 0 to 1.
    let swing = |period: f32, phase: f32| 0.5 - 0.5 * (std::f32::consts::TAU * (seconds / period + phase)).cos();
    let width = SIZE.width as f32;
    let people = [
        Figure {
            feet: (width * 0.5 + 25.0 * (swing(9.0, 0.3) - 0.5), 405.0),
            height: 235.0,
            stride: 0.0,
            reach: swing(4.0, 0.0),
            skin: [233, 190, 160],
            hair: [60, 42, 30],
            coat: [60, 96, 140],
        },
        Figure {
            feet: (-40.0 + (width + 80.0) * swing(14.0, 0.1), 440.0),
            height: 280.0,
            stride: seconds * 1.1,
            reach: 0.0,
            skin: [214, 164, 130],
            hair: [32, 28, 26],
            coat: [150, 60, 56],
        },
        Figure {
            feet: (width + 40.0 - (width + 80.0) * swing(11.0, 0.25), 470.0),
            height: 320.0,
            stride: seconds * 1.3,
            reach: 0.0,
            skin: [150, 104, 78],
            hair: [24, 20, 20],
            coat: [86, 120, 72],
        },
    ];
    for person in people {
        person.draw(&mut canvas);
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_move() {
        let shop = shop();
        let moved = |from: f32, to: f32| {
            let (a, b) = (draw(&shop, from), draw(&shop, to));
            a.pixels().iter().zip(b.pixels()).filter(|(a, b)| a != b).count()
        };
        assert_eq!(moved(1.0, 1.0), 0);
        for second in 0..10u8 {
            let second = f32::from(second);
            assert!(moved(second, second + 0.2) > 2000, "nothing moves at {second} s");
        }
    }

    #[test]
    fn the_clip_is_the_same_on_every_run() {
        let folder = tempfile::tempdir().unwrap();
        let clips = ["a.mp4", "b.mp4"].map(|name| {
            let path = folder.path().join(name);
            write(&path, 1).unwrap();
            std::fs::read(path).unwrap()
        });
        assert!(clips[0] == clips[1], "two runs wrote different files");
    }
}
