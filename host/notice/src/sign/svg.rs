//! A sign as SVG.

use std::fmt::Write;

use super::font::{Face, width};
use super::{HEIGHT, Ink, Shape, Sign, WIDTH};
use crate::html::escape;

impl Sign {
    /// As SVG, 210 mm by 297 mm.
    pub fn svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" lang=\"{}\" role=\"img\" width=\"210mm\" height=\"297mm\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif\">\n<title>{}</title>\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n",
            self.language,
            escape(&self.title)
        );
        for shape in &self.shapes {
            draw(&mut svg, shape);
            svg.push('\n');
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn draw(svg: &mut String, shape: &Shape) {
    let fill = |ink: &Ink| if *ink == Ink::White { "#fff" } else { "#000" };
    let _ = match shape {
        Shape::Rect { x, y, width, height, ink } => {
            write!(
                svg,
                "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{}\"/>",
                fill(ink)
            )
        }
        Shape::Disc { x, y, radius, ink } => {
            write!(svg, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius:.2}\" fill=\"{}\"/>", fill(ink))
        }
        Shape::Polygon { corners, ink } => {
            let corners: Vec<String> = corners.iter().map(|[x, y]| format!("{x:.2},{y:.2}")).collect();
            write!(svg, "<polygon points=\"{}\" fill=\"{}\"/>", corners.join(" "), fill(ink))
        }
        Shape::Squares { x, y, side, at } => {
            let cells: String = at.iter().map(|[column, row]| format!("M{column} {row}h1v1h-1z")).collect();
            // Without smoothing: light lines between the squares would keep a reader from reading.
            write!(
                svg,
                "<path transform=\"translate({x:.3} {y:.3}) scale({side:.5})\" shape-rendering=\"crispEdges\" d=\"{cells}\"/>"
            )
        }
        Shape::Text { x, y, size, face, text } => {
            let weight = if *face == Face::Bold { " font-weight=\"bold\"" } else { "" };
            // As wide as the lines were broken for: a machine without these fonts takes another, which may be wider.
            let wide = width(text, *face) * size;
            let text = escape(text);
            write!(
                svg,
                "<text x=\"{x:.2}\" y=\"{y:.2}\" font-size=\"{size:.2}\" textLength=\"{wide:.2}\" lengthAdjust=\"spacingAndGlyphs\"{weight}>{text}</text>"
            )
        }
    };
}
