//! The tolerances, held against the noise of the codec.

use std::time::Duration;

use sluis_frame::{CameraId, Cause, Frame, FrameNumber, Header, Timestamp};

use super::*;
use crate::video::{Decoder, Encoder, Quality};

const SIZE: Size = Size::new(320, 240);

/// A picture of coarse noise that moves: harder to code than any camera's.
fn noise(n: usize, grain: usize) -> Picture {
    let mut pixels = Vec::with_capacity(SIZE.pixels() * 3);
    for y in 0..SIZE.height as usize {
        for x in 0..SIZE.width as usize {
            let (x, y) = ((x + 5 * n) / grain, (y + 3 * n) / grain);
            let hash = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
            let hash = (hash ^ (hash >> 15)).wrapping_mul(0x2C1B_3C6D);
            pixels.extend_from_slice(&hash.to_le_bytes()[1..4]);
        }
    }
    Picture::new(SIZE, pixels).unwrap()
}

/// Masks of all shapes, some of which move and some of which come and go.
fn masks(n: usize) -> Vec<Mask> {
    let step = n as i32;
    let mask = |shape| Mask { shape, cause: Cause::Filter };
    let mut masks = vec![
        mask(Shape::Rect(Rect::new(10 + 3 * step, 20, 50, 60))),
        mask(Shape::Ellipse(Rect::new(200, 10 + 4 * step, 40, 52))),
        mask(Shape::Rect(Rect::new(-20, 180, 70, 90))),
        mask(Shape::Rect(Rect::new(150, 200, 14, 14))),
    ];
    if n % 4 > 1 {
        masks.push(mask(Shape::Ellipse(Rect::new(110, 110, 64, 80))));
    }
    masks
}

fn painted(picture: Picture, masks: &[Mask], style: Style) -> Picture {
    let header =
        Header { camera: CameraId::new("a").unwrap(), number: FrameNumber(0), captured: Timestamp::from_secs(0) };
    let raw = Frame::capture(header, picture, None).unwrap();
    let redacted = paint::redact(&raw, masks.to_vec(), style);
    Picture::new(SIZE, redacted.picture().pixels()).unwrap()
}

/// The worst of each kind over a second of the noisiest video.
fn worst_noise(style: Style) -> Noise {
    let mut worst = Noise { pixel: 0.0, group: 0.0, narrow: 0.0 };
    for grain in [1, 4, 12] {
        let mut encoder = Encoder::new(SIZE, 15.0, Quality::Recording).unwrap();
        let mut decoder = Decoder::new(SIZE).unwrap();
        for n in 0..20 {
            let masks = masks(n);
            let picture = painted(noise(n, grain), &masks, style);
            let encoded = encoder.encode(&picture, Duration::from_millis(n as u64 * 66), n % 15 == 0).unwrap();
            let decoded = decoder.decode(&encoded.data).unwrap();
            for group in groups(&masks) {
                let members: Vec<&Mask> = group.iter().map(|i| &masks[*i]).collect();
                let Some(patch) = Patch::of(&decoded, &members) else { continue };
                let noise = patch.noise(style, 1);
                worst.pixel = worst.pixel.max(noise.pixel);
                worst.group = worst.group.max(noise.group);
                worst.narrow = worst.narrow.max(noise.narrow);
            }
        }
    }
    worst
}

#[test]
fn the_codec_s_noise_stays_below_the_tolerances_by_a_third() {
    let fill = |r, g, b| Style::Fill(Rgb(r, g, b));
    let styles =
        [fill(0, 0, 0), fill(0, 200, 80), fill(255, 255, 255), fill(255, 0, 255), Style::Pixelate, Style::Blur];
    let noise = styles.map(worst_noise);
    println!("{styles:?}\n{noise:?}");
    let (filled, celled) = noise.split_at(4);
    assert!(noise.iter().all(|n| n.pixel < PIXEL * 0.67 && n.narrow < NARROW * 0.67));
    assert!(filled.iter().all(|n| n.group < FILLED * 0.67) && celled.iter().all(|n| n.group < CELLED * 0.67));
}
