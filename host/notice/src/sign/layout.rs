//! Where everything on a sign is.

use super::font::{self, Face};
use super::{HEIGHT, Ink, Shape, Sign, WIDTH, code};
use crate::error::Error;
use crate::language::{Language, tell};

const MARGIN: f32 = 48.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;

/// The side of the code, with the quiet zone of four squares around it left out.
const CODE: f32 = 150.0;

/// Sizes of text that are tried, the largest first. Below 11 points nobody reads a sign at a door.
const SIZES: [f32; 8] = [19.0, 18.0, 17.0, 16.0, 15.0, 14.0, 12.5, 11.0];

/// A sign with this title and these lines, each with a label.
pub(super) fn sign(
    name: String,
    title: String,
    language: Language,
    lines: &[(String, String)],
    address: &str,
) -> Result<Sign, Error> {
    let mut shapes = pictogram();
    let top = head(&mut shapes, &title);
    let bottom = HEIGHT - MARGIN - CODE - 24.0;
    let body = SIZES.into_iter().map(|size| body(lines, size, top)).find(|(_, end)| *end <= bottom);
    let Some((body, _)) = body else { return Err(Error::TooLong { sign: name }) };
    shapes.extend(body);
    foot(&mut shapes, address, language)?;
    let lacks = shapes.iter().find_map(|shape| match shape {
        Shape::Text { text, .. } => font::encode(text).err(),
        _ => None,
    });
    match lacks {
        Some(letter) => Err(Error::Letter { sign: name, letter }),
        None => Ok(Sign { name, title, language, shapes }),
    }
}

/// A camera on a wall: bracket, housing, lens.
fn pictogram() -> Vec<Shape> {
    let (x, y) = (MARGIN, MARGIN);
    let rect = |dx, dy, width, height| Shape::Rect { x: x + dx, y: y + dy, width, height, ink: Ink::Black };
    vec![
        rect(0.0, 52.0, 10.0, 60.0),
        rect(10.0, 76.0, 34.0, 12.0),
        rect(36.0, 56.0, 12.0, 32.0),
        Shape::Polygon {
            corners: vec![[x + 14.0, y + 34.0], [x + 104.0, y + 4.0], [x + 120.0, y + 44.0], [x + 28.0, y + 74.0]],
            ink: Ink::Black,
        },
        Shape::Disc { x: x + 108.0, y: y + 25.0, radius: 24.0, ink: Ink::Black },
        Shape::Disc { x: x + 108.0, y: y + 25.0, radius: 18.0, ink: Ink::White },
        Shape::Disc { x: x + 108.0, y: y + 25.0, radius: 11.0, ink: Ink::Black },
    ]
}

/// The title, beside the camera. Gives where the text below begins.
fn head(shapes: &mut Vec<Shape>, title: &str) -> f32 {
    let (x, size) = (MARGIN + 152.0, 38.0);
    let lines = font::wrap(title, Face::Bold, size, WIDTH - MARGIN - x);
    let mut y = MARGIN + 62.0 - 22.0 * (lines.len() as f32 - 1.0);
    for text in lines {
        shapes.push(Shape::Text { x, y, size, face: Face::Bold, text });
        y += size * 1.15;
    }
    shapes.push(Shape::Rect { x: MARGIN, y: MARGIN + 128.0, width: INNER, height: 2.0, ink: Ink::Black });
    MARGIN + 140.0
}

/// The lines at one size, and where they end.
fn body(lines: &[(String, String)], size: f32, top: f32) -> (Vec<Shape>, f32) {
    let (mut shapes, mut y) = (Vec::new(), top);
    for (label, said) in lines {
        y += size * 0.55;
        for (face, text, size) in [(Face::Bold, label, size * 0.85), (Face::Regular, said, size)] {
            for text in font::wrap(text, face, size, INNER) {
                y += size * 1.2;
                shapes.push(Shape::Text { x: MARGIN, y, size, face, text });
            }
        }
    }
    (shapes, y)
}

/// The code, and beside it what it leads to.
fn foot(shapes: &mut Vec<Shape>, address: &str, language: Language) -> Result<(), Error> {
    let y = HEIGHT - MARGIN - CODE;
    let (side, at) = code::squares(address)?;
    shapes.push(Shape::Squares { x: MARGIN, y, side: CODE / f32::from(side), at });
    let x = MARGIN + CODE + 30.0;
    let most = WIDTH - MARGIN - x;
    let read = tell!(
        language,
        "Alles over de camera's, en hoe u uw rechten gebruikt:",
        "Alles über die Kameras, und wie Sie Ihre Rechte nutzen:",
        "Everything about the cameras, and how to use your rights:"
    );
    let mut line = y + 10.0;
    for (face, text, size) in [(Face::Bold, read.as_str(), 16.0), (Face::Regular, address, 12.0)] {
        for text in font::wrap(text, face, size, most) {
            line += size * 1.2;
            shapes.push(Shape::Text { x, y: line, size, face, text });
        }
        line += 6.0;
    }
    Ok(())
}
