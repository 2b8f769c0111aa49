//! A made-up place with made-up people: textured wall, flat clothes, heads that are not like the wall.

use std::time::Duration;

use sluis_frame::{CameraId, Frame, FrameNumber, Header, Picture, Raw, Rect, Rgb, Size, Timestamp};

pub const SIZE: Size = Size::new(320, 240);

/// A standing person 120 pixels high: 16 pixels wide head, 40 pixels wide body.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// The middle of the head.
    pub x: i32,
    /// The top of the head.
    pub y: i32,
}

impl Figure {
    pub fn head(self) -> Rect {
        Rect::new(self.x - 8, self.y, 16, 20)
    }

    pub fn body(self) -> Rect {
        Rect::new(self.x - 20, self.y + 20, 40, 100)
    }
}

/// The place with these people in it, under `light` times the ordinary light.
pub fn picture(figures: &[Figure], light: f32) -> Picture {
    let mut pixels = Vec::with_capacity(SIZE.pixels() * 3);
    for y in 0..SIZE.height as i32 {
        for x in 0..SIZE.width as i32 {
            let Rgb(r, g, b) = colour(figures, x, y);
            pixels.extend([r, g, b].map(|v| (f32::from(v) * light).clamp(0.0, 255.0) as u8));
        }
    }
    Picture::new(SIZE, pixels).expect("as many pixels as the size says")
}

fn colour(figures: &[Figure], x: i32, y: i32) -> Rgb {
    for figure in figures {
        if figure.head().contains(x, y) {
            return Rgb(60, 45, 40);
        }
        if figure.body().contains(x, y) {
            return Rgb(40, 60, 130);
        }
    }
    let shade = 120 + ((x / 24 + y / 24) % 2) as u8 * 30;
    Rgb(shade, shade, shade - 10)
}

pub fn raw(number: u64, at: Duration, picture: Picture) -> Frame<Raw> {
    let header = Header {
        camera: CameraId::new("scene").expect("a plain word"),
        number: FrameNumber(number),
        captured: Timestamp::from_secs(1_000) + at,
    };
    Frame::capture(header, picture, None).expect("no depth, no mismatch")
}

/// Frame `number` of a film at 10 frames a second.
pub fn at_10_fps(number: u64, figures: &[Figure], light: f32) -> Frame<Raw> {
    raw(number, Duration::from_millis(100) * number as u32, picture(figures, light))
}
