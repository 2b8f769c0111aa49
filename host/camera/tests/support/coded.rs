//! Coded pictures of known colours, made anew on every run.

use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Encoder, EncoderConfig, FrameRate, IntraFramePeriod, QpRange, RateControlMode, VuiConfig,
};
use openh264::formats::{RgbSliceU8, YUVBuffer};
use openh264::nal_units;
use sluis_frame::Size;

/// One coded picture.
#[derive(Debug, Clone)]
pub(crate) struct Coded {
    /// Its units, without start codes.
    pub(crate) units: Vec<Vec<u8>>,
    /// In the form that files hold.
    pub(crate) annex_b: Vec<u8>,
    pub(crate) key: bool,
}

/// The colours of the pictures, one after another, and again from the first: red, green, blue.
pub(crate) const COLOURS: [[u8; 3]; 5] = [[200, 40, 40], [40, 180, 60], [40, 60, 200], [220, 210, 60], [120, 120, 120]];

/// An encoder that gives the same bytes on every run: one thread and constant quality.
pub(crate) fn encoder(per_second: u32, key_every: u32) -> Encoder {
    Encoder::with_api_config(OpenH264API::from_source(), config(per_second, key_every)).unwrap()
}

fn config(per_second: u32, key_every: u32) -> EncoderConfig {
    EncoderConfig::new()
        .bitrate(BitRate::from_bps(2_000_000))
        .max_frame_rate(FrameRate::from_hz(per_second as f32))
        .rate_control_mode(RateControlMode::Off)
        .qp(QpRange::new(18, 30))
        .skip_frames(false)
        .num_threads(1)
        .intra_frame_period(IntraFramePeriod::from_num_frames(key_every))
        .vui(VuiConfig::bt601())
}

/// `count` pictures of `size`, each of one colour, with a key picture every `key_every`.
pub(crate) fn coloured(size: Size, count: usize, key_every: u32) -> Vec<Coded> {
    // Every picture is a new scene, and is not to become a key picture for that.
    let config = config(25, key_every).scene_change_detect(false);
    let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), config).unwrap();
    let of = |number: usize| {
        let pixels = COLOURS[number % COLOURS.len()].repeat(size.pixels());
        let pixels = RgbSliceU8::new(&pixels, (size.width as usize, size.height as usize));
        let annex_b = encoder.encode(&YUVBuffer::from_rgb8_source(pixels)).unwrap().to_vec();
        let units: Vec<Vec<u8>> = nal_units(&annex_b)
            .map(|unit| unit.iter().copied().skip_while(|byte| *byte == 0).skip(1).collect())
            .collect();
        let key = units.iter().any(|unit: &Vec<u8>| unit[0] & 0x1f == 5);
        Coded { units, annex_b, key }
    };
    (0..count).map(of).collect()
}

/// Which of the colours a picture shows; a test fails when it is none.
pub(crate) fn colour(picture: &sluis_frame::Picture) -> usize {
    let pixels = picture.pixels();
    let middle =
        (picture.size().height as usize / 2 * picture.size().width as usize + picture.size().width as usize / 2) * 3;
    let seen = &pixels[middle..middle + 3];
    let near = |colour: &[u8; 3]| colour.iter().zip(seen).all(|(a, b)| a.abs_diff(*b) < 16);
    COLOURS.iter().position(near).unwrap_or_else(|| panic!("a picture shows {seen:?}"))
}
