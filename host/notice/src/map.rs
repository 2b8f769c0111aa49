//! The shop from above, as SVG: zones whose outline on the floor is known, and cameras that stand somewhere. A picture of a sketch, not a survey.

use std::fmt::Write;

use crate::facts::{Facts, Spot, ZoneKind};
use crate::html::escape;
use crate::language::{Language, tell};
use crate::notice::kind;

/// Room around everything, in centimetres.
const MARGIN: i32 = 100;

/// How far a camera's direction is drawn, in centimetres.
const REACH: f64 = 110.0;

/// Draws the map, if anything on it is known. A unit of the drawing is a centimetre; y grows upwards in the shop and downwards in the drawing.
pub(crate) fn draw(facts: &Facts, language: Language) -> Option<String> {
    let mut zones: Vec<(&str, ZoneKind, [[i32; 2]; 2])> = Vec::new();
    for zone in facts.cameras.iter().flat_map(|camera| &camera.zones) {
        // Two cameras may look at one zone.
        if let Some(outline) = zone.outline
            && !zones.iter().any(|(id, _, other)| *id == zone.id && *other == outline)
        {
            zones.push((&zone.id, zone.kind, outline));
        }
    }
    let cameras: Vec<(&str, Spot)> = facts.cameras.iter().filter_map(|c| Some((c.id.as_str(), c.spot?))).collect();
    let corners = zones.iter().flat_map(|(_, _, outline)| outline.iter().copied());
    let points: Vec<[i32; 2]> = corners.chain(cameras.iter().map(|(_, spot)| [spot.x, spot.y])).collect();
    let least = |axis: usize| points.iter().map(|point| point[axis]).min();
    let most = |axis: usize| points.iter().map(|point| point[axis]).max();
    let (left, right) = (least(0)?.saturating_sub(MARGIN), most(0)?.saturating_add(MARGIN));
    let (bottom, top) = (least(1)?.saturating_sub(MARGIN), most(1)?.saturating_add(MARGIN));
    // Wide enough for the legend.
    let right = right.max(left.saturating_add(500));
    let (width, height) = (right.saturating_sub(left), top.saturating_sub(bottom));
    let letter = (f64::from(width.max(height)) / 36.0).max(14.0);
    let legend = 6.0 * letter;
    let title = tell!(language, "Plattegrond van de winkel", "Grundriss des Ladens", "Sketch map of the shop");
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"{left} {} {width} {:.0}\" font-family=\"sans-serif\" font-size=\"{letter:.0}\" fill=\"currentColor\"><title>{}</title>",
        -i64::from(top),
        f64::from(height) + legend,
        escape(&title)
    );
    for (id, zone, [[x0, y0], [x1, y1]]) in &zones {
        let _ = write!(
            svg,
            "<rect x=\"{x0}\" y=\"{}\" width=\"{}\" height=\"{}\" fill-opacity=\"0.12\" stroke=\"currentColor\" stroke-width=\"2\"/>\
             <text x=\"{}\" y=\"{:.0}\" text-anchor=\"middle\">{} ({})</text>",
            -i64::from(*y1),
            x1.saturating_sub(*x0),
            y1.saturating_sub(*y0),
            i64::midpoint((*x0).into(), (*x1).into()),
            -f64::midpoint((*y0).into(), (*y1).into()) + letter / 3.0,
            escape(id),
            escape(&kind(*zone, language))
        );
    }
    for (id, spot) in &cameras {
        camera(&mut svg, id, *spot, letter);
    }
    // The legend: a camera, a zone, and how long a metre is.
    let (x, mut y) = (f64::from(left) + letter, -f64::from(bottom) + letter);
    let words = [
        tell!(language, "camera en kijkrichting", "Kamera und Blickrichtung", "camera and where it looks"),
        tell!(
            language,
            "plek die de camera volgt",
            "Stelle, die die Kamera beobachtet",
            "place that the camera watches"
        ),
        tell!(language, "1 meter", "1 Meter", "1 metre"),
    ];
    let signs = [
        format!("<circle cx=\"{:.0}\" cy=\"{:.0}\" r=\"{:.0}\"/>", x + 50.0, y + letter * 0.6, letter / 2.0),
        format!(
            "<rect x=\"{:.0}\" y=\"{:.0}\" width=\"80\" height=\"{letter:.0}\" fill-opacity=\"0.12\" stroke=\"currentColor\" stroke-width=\"2\"/>",
            x + 10.0,
            y + 1.6 * letter
        ),
        format!("<path d=\"M{x:.0} {:.0}h100\" stroke=\"currentColor\" stroke-width=\"4\"/>", y + 3.7 * letter),
    ];
    for (word, sign) in words.iter().zip(signs) {
        y += letter;
        let _ = write!(svg, "{sign}<text x=\"{:.0}\" y=\"{y:.0}\">{}</text>", x + 120.0, escape(word));
        y += letter / 2.0;
    }
    svg.push_str("</svg>");
    Some(svg)
}

fn camera(svg: &mut String, id: &str, spot: Spot, letter: f64) {
    let (x, y) = (f64::from(spot.x), -f64::from(spot.y));
    let pan = f64::from(spot.pan).to_radians();
    // A camera that looks straight down looks nowhere on the map. 60 degrees is about what a camera sees across.
    let reach = REACH * f64::from(spot.tilt).to_radians().cos().max(0.0);
    if reach > 10.0 {
        let to = |turned: f64| (x - reach * (pan + turned).sin(), y - reach * (pan + turned).cos());
        let half = 30_f64.to_radians();
        let ((x0, y0), (x1, y1)) = (to(half), to(-half));
        let _ = write!(svg, "<path d=\"M{x:.0} {y:.0}L{x0:.0} {y0:.0}L{x1:.0} {y1:.0}Z\" fill-opacity=\"0.3\"/>");
    }
    let radius = letter / 2.0;
    let _ = write!(
        svg,
        "<circle cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"{radius:.0}\"/><text x=\"{:.0}\" y=\"{:.0}\">{}</text>",
        x + letter * 0.8,
        y + letter * 1.2,
        escape(id)
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::sample;

    #[test]
    fn zones_and_cameras_are_drawn_where_they_are() {
        let svg = draw(&sample(), Language::De).unwrap();
        let parsed = roxmltree::Document::parse(&svg).unwrap();
        let zone = parsed.descendants().find(|node| node.has_tag_name("rect")).unwrap();
        let number = |name| zone.attribute(name).unwrap();
        assert_eq!(["x", "y", "width", "height"].map(number), ["0", "-397", "52", "162"]);
        // Turned to the left by 10 degrees, from (1.80, 0): it looks up the map, and a little to the left.
        let wedge = parsed.descendants().find(|node| node.has_tag_name("path")).unwrap().attribute("d").unwrap();
        assert_eq!(wedge, "M180 -0L119 -73L213 -90Z");
        assert!(svg.contains("bread (Regal)") && svg.contains("Kamera und Blickrichtung"));
    }

    #[test]
    fn without_anything_known_there_is_no_map() {
        let mut facts = sample();
        facts.cameras.remove(0);
        assert_eq!(draw(&facts, Language::En), None);
    }

    #[test]
    fn a_camera_that_looks_down_has_no_direction() {
        let mut facts = sample();
        facts.cameras[0].spot.as_mut().unwrap().tilt = 90;
        let svg = draw(&facts, Language::En).unwrap();
        assert_eq!(svg.matches("fill-opacity=\"0.3\"").count(), 0);
    }
}
