//! A sign as PDF (ISO 32000-1), in two of the fonts that every reader has.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::font::{self, Face};
use super::{HEIGHT, Ink, Shape, Sign, WIDTH};
use crate::error::Error;

const REGULAR: Name<'_> = Name(b"F1");
const BOLD: Name<'_> = Name(b"F2");

/// How far the control points of a Bézier curve lie from its ends, so that four of them are a circle to 0.03 %: 4/3 (√2 - 1).
const ARC: f32 = 0.552_285;

impl Sign {
    /// As PDF, one page of A4.
    ///
    /// # Errors
    ///
    /// [`Error::Letter`].
    pub fn pdf(&self) -> Result<Vec<u8>, Error> {
        let [catalog, pages, page, content, regular, bold, info] = [1, 2, 3, 4, 5, 6, 7].map(Ref::new);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(pages).lang(TextStr(self.language.code()));
        pdf.document_info(info).title(TextStr(&self.title)).creator(TextStr("Sluis"));
        pdf.pages(pages).kids([page]).count(1);
        let mut sheet = pdf.page(page);
        sheet.parent(pages).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(content);
        sheet.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
        sheet.finish();
        for (id, name) in [(regular, &b"Helvetica"[..]), (bold, b"Helvetica-Bold")] {
            pdf.type1_font(id).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        let mut drawing = Content::new();
        for shape in &self.shapes {
            self.draw(&mut drawing, shape)?;
        }
        pdf.stream(content, &drawing.finish());
        Ok(pdf.finish())
    }

    /// Draws a shape. In a PDF y grows upwards.
    fn draw(&self, to: &mut Content, shape: &Shape) -> Result<(), Error> {
        match shape {
            Shape::Rect { x, y, width, height, ink } => {
                fill(to, *ink).rect(*x, HEIGHT - y - height, *width, *height).fill_nonzero();
            }
            Shape::Disc { x, y, radius, ink } => {
                let (x, y, r, c) = (*x, HEIGHT - y, *radius, radius * ARC);
                let to = fill(to, *ink);
                to.move_to(x + r, y);
                to.cubic_to(x + r, y + c, x + c, y + r, x, y + r);
                to.cubic_to(x - c, y + r, x - r, y + c, x - r, y);
                to.cubic_to(x - r, y - c, x - c, y - r, x, y - r);
                to.cubic_to(x + c, y - r, x + r, y - c, x + r, y);
                to.close_path().fill_nonzero();
            }
            Shape::Polygon { corners, ink } => {
                let to = fill(to, *ink);
                for (number, [x, y]) in corners.iter().enumerate() {
                    if number == 0 {
                        to.move_to(*x, HEIGHT - y)
                    } else {
                        to.line_to(*x, HEIGHT - y)
                    };
                }
                to.close_path().fill_nonzero();
            }
            Shape::Squares { x, y, side, at } => {
                let to = fill(to, Ink::Black);
                for [column, row] in at {
                    let (left, below) = (x + side * f32::from(*column), y + side * (f32::from(*row) + 1.0));
                    to.rect(left, HEIGHT - below, *side, *side);
                }
                to.fill_nonzero();
            }
            Shape::Text { x, y, size, face, text } => {
                let bytes = font::encode(text).map_err(|letter| Error::Letter { sign: self.name.clone(), letter })?;
                let name = if *face == Face::Bold { BOLD } else { REGULAR };
                let to = fill(to, Ink::Black);
                to.begin_text().set_font(name, *size).next_line(*x, HEIGHT - y).show(Str(&bytes)).end_text();
            }
        }
        Ok(())
    }
}

fn fill(to: &mut Content, ink: Ink) -> &mut Content {
    to.set_fill_gray(if ink == Ink::White { 1.0 } else { 0.0 })
}
