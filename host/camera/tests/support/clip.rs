//! A short MP4 recording, made anew on every run so that no footage is needed.

use std::sync::OnceLock;

use muxide::api::{MuxerBuilder, VideoCodec};
use openh264::encoder::FrameType;
use openh264::formats::{RgbSliceU8, YUVBuffer};
use sluis_camera::synthetic::{self, Faults, Settings};
use sluis_camera::{Driver, Pace};
use sluis_frame::{CameraId, Size};

use super::Still;
use super::coded::encoder;

pub(crate) const SIZE: Size = Size::new(320, 240);

/// Pictures per second.
pub(crate) const PER_SECOND: u32 = 15;

/// One second of the synthetic shop when somebody has come in: 15 pictures, the index before the pictures.
pub(crate) fn clip() -> &'static [u8] {
    static CLIP: OnceLock<Vec<u8>> = OnceLock::new();
    CLIP.get_or_init(|| encode(5, 1))
}

/// The synthetic shop as MP4 with H.264, `SIZE` at `PER_SECOND`, `seconds` long from second `from` on.
pub(crate) fn encode(from: u32, seconds: u32) -> Vec<u8> {
    // Without noise the file stays small.
    let settings = Settings { size: SIZE, faults: Faults::NONE, ..Settings::seeded(1) };
    let camera = CameraId::new("shelf-1").unwrap();
    let mut shop = synthetic::open(settings, camera, Pace::AsFastAsPossible, &Still).unwrap();
    let mut encoder = encoder(PER_SECOND, 2 * PER_SECOND);
    let mut file = Vec::new();
    let mut muxer = MuxerBuilder::new(&mut file)
        .video(VideoCodec::H264, SIZE.width, SIZE.height, f64::from(PER_SECOND))
        .build()
        .unwrap();
    for number in 0..(from + seconds) * PER_SECOND {
        let frame = shop.next().unwrap().unwrap();
        let Some(number) = number.checked_sub(from * PER_SECOND) else { continue };
        let pixels = RgbSliceU8::new(frame.picture().pixels(), (SIZE.width as usize, SIZE.height as usize));
        let coded = encoder.encode(&YUVBuffer::from_rgb8_source(pixels)).unwrap();
        let key = matches!(coded.frame_type(), FrameType::IDR | FrameType::I);
        muxer.write_video(f64::from(number) / f64::from(PER_SECOND), &coded.to_vec(), key).unwrap();
    }
    muxer.finish().unwrap();
    file
}
