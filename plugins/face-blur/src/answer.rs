//! From faces to the regions that are masked.

use sluis_detect::Candidate;
use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{MOST_ANSWERS, Size};

/// Two candidates that overlap more than this (intersection over union) are one face. Higher than detectors use elsewhere (0.3): of two faces one behind
/// the other both must be masked, and a mask too many does no harm.
pub const ONE_FACE: f32 = 0.45;

/// The detectors were trained on boxes from the eyebrows or the middle of the forehead to the chin; a region must go from hairline to chin and from ear to ear. So this share of the
/// box is added on each side, above and below.
const BESIDE: f32 = 0.12;
const ABOVE: f32 = 0.2;
const BELOW: f32 = 0.1;

/// The regions for these faces (camera pixels) in a picture of this size, in their order: at most as many as the contract allows, none outside the picture.
pub fn regions(faces: Vec<Candidate>, picture: Size) -> Vec<Region> {
    let region = |face: Candidate| {
        let (width, height) = (face.area.width(), face.area.height());
        let whole = face.area.widen(width * BESIDE, height * ABOVE, height * BELOW);
        let area = whole.pixels(picture)?;
        Some(Region { area, subject: Subject::Face, confidence: face.percent() })
    };
    faces.into_iter().filter_map(region).take(MOST_ANSWERS).collect()
}

#[cfg(test)]
mod tests {
    use sluis_detect::Area;
    use sluis_sdk::Rect;

    use super::*;

    const PICTURE: Size = Size::new(640, 480);

    fn face(x: f32, score: f32) -> Candidate {
        Candidate { area: Area::new(x, 100.0, 20.0, 30.0), score }
    }

    #[test]
    fn a_region_goes_beyond_the_face_on_every_side() {
        let [region] = regions(vec![face(50.0, 0.5)], PICTURE)[..] else { panic!("one face") };
        assert_eq!(region.area, Rect::from_edges(47, 94, 73, 133));
        assert_eq!((region.subject, region.confidence), (Subject::Face, 50));
    }

    #[test]
    fn a_crowd_is_cut_to_the_first_and_nobody_outside_takes_a_place() {
        let outside = (0..70).map(|i| face(-100.0 - 30.0 * i as f32, 0.95));
        let inside = (0..70).map(|i| face(9.0 * i as f32, 0.9 - 0.01 * i as f32));
        let regions = regions(outside.chain(inside).collect(), PICTURE);
        assert!(regions.len() <= MOST_ANSWERS && !regions.is_empty());
        assert_eq!(regions[0].confidence, 90);
        assert!(regions.is_sorted_by(|a, b| a.confidence >= b.confidence));
    }
}
