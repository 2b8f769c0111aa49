//! Writes pictures of the synthetic shop, to be looked at: colour, depth, and colour with the truth drawn over it.
//!
//! ```sh
//! cargo run -p sluis-camera --example synthetic_shop -- OUT [oblique|overhead|screen] [SEED] [FROM-SECOND] [TO-SECOND] [EVERY-FRAMES] [clean]
//! ```
//!
//! The heads of every written frame go to `truth.json` beside them. It ends with the events of that time and with the milliseconds that a frame took.

#![allow(clippy::print_stdout, reason = "a program for a person at a terminal")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use image::{GrayImage, Rgb, RgbImage};
use sluis_camera::synthetic::{Faults, FrameTruth, HeadTruth, HeadView, Preset, Settings, Shop};
use sluis_camera::{Driver, Pace};
use sluis_frame::{CameraId, Frame, Point, Raw, Rect, SystemClock};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |i: usize, other: &str| arguments.get(i).map_or_else(|| other.to_owned(), Clone::clone);
    let out = argument(0, "synthetic-shop");
    let preset = match argument(1, "oblique").as_str() {
        "overhead" => Preset::Overhead,
        "screen" => Preset::Screen,
        _ => Preset::Oblique,
    };
    let (seed, from, to): (u64, u64, u64) =
        (argument(2, "0").parse()?, argument(3, "0").parse()?, argument(4, "20").parse()?);
    let every: u64 = argument(5, "15").parse()?;
    let faults = if argument(6, "").is_empty() { Faults::ALL } else { Faults::NONE };
    let settings = Settings { preset, faults, length: Some(Duration::from_secs(to)), ..Settings::seeded(seed) };
    let shop = Shop::new(settings)?;
    std::fs::create_dir_all(&out)?;
    let mut witness = shop.witness();
    let mut driver = shop.open(CameraId::new("synthetic-shop")?, Pace::AsFastAsPossible, &SystemClock);
    let mut lines = Vec::new();
    let (mut spent, mut frames) = (Duration::ZERO, 0u32);
    loop {
        let start = Instant::now();
        let Some(frame) = driver.next()? else { break };
        spent += start.elapsed();
        frames += 1;
        let number = frame.header().number.0;
        if number as f64 / 15.0 < from as f64 || number % every != 0 {
            witness.skip_frame();
            continue;
        }
        let truth = witness.next_frame();
        write(Path::new(&out), &frame, &truth, &shop)?;
        lines.push(heads(&truth));
    }
    std::fs::write(Path::new(&out).join("truth.json"), format!("{{{}}}\n", lines.join(",\n")))?;
    for event in witness.events() {
        println!("{event:?}");
    }
    println!("{frames} frames, {:.2} ms each", spent.as_secs_f64() * 1000.0 / f64::from(frames.max(1)));
    Ok(())
}

fn write(out: &Path, frame: &Frame<Raw>, truth: &FrameTruth, shop: &Shop) -> Result<(), Box<dyn Error>> {
    let size = frame.size();
    let colour = RgbImage::from_raw(size.width, size.height, frame.picture().pixels().to_vec()).ok_or("no picture")?;
    colour.save(out.join(format!("{:05}.png", truth.number)))?;
    if let Some(depth) = frame.depth() {
        // 1 m white, 6 m black, nothing darkest.
        let grey = |mm: &u16| if *mm == 0 { 0 } else { (255.0 - (f32::from(*mm) - 1000.0) / 5000.0 * 230.0) as u8 };
        let grey = GrayImage::from_raw(size.width, size.height, depth.values().iter().map(grey).collect());
        grey.ok_or("no depth")?.save(out.join(format!("{:05}_depth.png", truth.number)))?;
    }
    let mut over = colour;
    for zone in shop.zones() {
        let outline = shop.outline(zone).unwrap_or_default();
        for (i, from) in outline.iter().enumerate() {
            line(&mut over, *from, outline[(i + 1) % outline.len()], Rgb([90, 200, 255]));
        }
    }
    for head in &truth.heads {
        let ink = match head.view {
            HeadView::Frontal => Rgb([60, 255, 60]),
            HeadView::ThreeQuarter => Rgb([220, 255, 60]),
            HeadView::Profile => Rgb([255, 170, 40]),
            HeadView::Back => Rgb([255, 60, 60]),
        };
        let ink = if head.visible < 0.1 { Rgb([120, 120, 120]) } else { ink };
        rect(&mut over, head.head, ink);
        if let Some(face) = head.face {
            rect(&mut over, face, Rgb([255, 255, 255]));
        }
    }
    for hand in &truth.hands {
        if let Some(at) = hand.pixel {
            let ink = if hand.inside.is_some() { Rgb([255, 0, 255]) } else { Rgb([0, 255, 255]) };
            rect(&mut over, Rect::new(at.x as i32 - 3, at.y as i32 - 3, 7, 7), ink);
        }
    }
    over.save(out.join(format!("{:05}_truth.png", truth.number)))?;
    Ok(())
}

/// The heads of a frame as a line of JSON: `"number": [{view, visible, head, face}...]`, for measuring detectors with.
fn heads(truth: &FrameTruth) -> String {
    let sides = |rect: Rect| format!("[{}, {}, {}, {}]", rect.x, rect.y, rect.width, rect.height);
    let head = |head: &HeadTruth| {
        let face = head.face.map_or_else(|| "null".to_owned(), sides);
        format!(
            r#"{{"view": "{:?}", "visible": {:.2}, "head": {}, "face": {face}}}"#,
            head.view,
            head.visible,
            sides(head.head)
        )
    };
    let heads: Vec<String> = truth.heads.iter().map(head).collect();
    format!(r#""{}": [{}]"#, truth.number, heads.join(", "))
}

fn rect(picture: &mut RgbImage, rect: Rect, ink: Rgb<u8>) {
    let corner = |x: i64, y: i64| Point { x: x as f32, y: y as f32 };
    let (left, top, right, bottom) = (rect.left(), rect.top(), rect.right() - 1, rect.bottom() - 1);
    for (from, to) in [
        (corner(left, top), corner(right, top)),
        (corner(right, top), corner(right, bottom)),
        (corner(right, bottom), corner(left, bottom)),
        (corner(left, bottom), corner(left, top)),
    ] {
        line(picture, from, to, ink);
    }
}

fn line(picture: &mut RgbImage, from: Point, to: Point, ink: Rgb<u8>) {
    let steps = (to.x - from.x).abs().max((to.y - from.y).abs()).ceil().max(1.0);
    for step in 0..=steps as u32 {
        let share = step as f32 / steps;
        let (x, y) = (from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share);
        if x >= 0.0 && y >= 0.0 && (x as u32) < picture.width() && (y as u32) < picture.height() {
            picture.put_pixel(x as u32, y as u32, ink);
        }
    }
}
