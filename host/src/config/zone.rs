//! `[[camera.zone]]`, `[[camera.exclusion]]`, `[camera.pose]`, `[camera.lens]`: what is where before a camera.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sluis_camera::synthetic::Shop;
use sluis_frame::{Calibration, Size};
use sluis_guard::Vantage;
use toml::Spanned;

use super::check::{self, Wrong};
use super::text::Wording;

/// A part of the shop that gestures are told of. It is outlined in the picture (`polygon`) or in space (`box`), never both.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Zone {
    /// A short name, different for every zone of a camera; events carry it. 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit.
    #[schemars(with = "String", extend("pattern" = check::NAME))]
    pub id: Spanned<String>,
    /// What it is.
    pub kind: ZoneKind,
    /// Its corners in camera pixels, x and y, in order around it: 3 to 64. It must lie in the picture and may not cross itself.
    #[schemars(with = "Option<Vec<[f64; 2]>>", extend("minItems" = 3, "maxItems" = 64))]
    pub polygon: Option<Spanned<Vec<[f64; 2]>>>,
    /// Two opposite corners in the shop, in metres. The camera needs depth, a lens and a pose.
    #[serde(rename = "box")]
    #[schemars(with = "Option<Cuboid>")]
    pub cuboid: Option<Spanned<Cuboid>>,
}

/// A part of a camera's picture that nobody may see: it is black before anything looks at it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Exclusion {
    /// Its corners in camera pixels, x and y, in order around it: 3 to 64. It must lie in the picture and may not cross itself.
    #[schemars(with = "Vec<[f64; 2]>", extend("minItems" = 3, "maxItems" = 64))]
    pub polygon: Spanned<Vec<[f64; 2]>>,
    /// What is there, in a few words. It goes on the notice.
    pub what: Option<Wording<1, 200>>,
}

/// What a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ZoneKind {
    /// Products lie there for guests to take.
    Shelf,
    /// Guests pay there.
    Counter,
    /// A basket or trolley that products are put into.
    Basket,
    /// Guests wait there.
    Queue,
    /// There is something to look at.
    Screen,
}

/// A box whose sides are parallel to the axes of the shop's frame of coordinates (x and y along the floor, z up from it), in metres.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(inline)]
pub struct Cuboid {
    /// The smallest x, y and z.
    pub min: [f64; 3],
    /// The largest x, y and z.
    pub max: [f64; 3],
}

/// Where a camera stands in the shop, and where it looks.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(inline)]
#[non_exhaustive]
pub struct Pose {
    /// Where it is: x, y, z in the shop, in metres; z is its height above the floor.
    pub position: [f64; 3],
    /// Where it looks, seen from above, in degrees: 0 is along y, and it grows to the left.
    #[serde(default)]
    pub pan: f64,
    /// How far it looks down, in degrees: 0 is level, 90 straight down.
    pub tilt: f64,
    /// How far it is turned about its optical axis, in degrees, clockwise as it sees.
    #[serde(default)]
    pub roll: f64,
}

/// How a camera maps directions to pixels: a pinhole without distortion, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(inline)]
#[non_exhaustive]
pub struct Lens {
    /// Focal length, horizontal.
    pub fx: f64,
    /// Focal length, vertical.
    pub fy: f64,
    /// Where the optical axis meets the picture, from its left edge.
    pub cx: f64,
    /// Where the optical axis meets the picture, from its top edge.
    pub cy: f64,
}

/// What is where before a camera, as a gesture detector is told it.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its zones, as JSON objects.
    pub zones: Vec<Value>,
    /// How it maps directions to pixels, if that is known.
    pub lens: Option<Calibration>,
    /// Where it stands, if that is known.
    pub pose: Option<sluis_frame::Pose>,
}

/// The most corners of a polygon.
const MOST_CORNERS: usize = 64;

/// The faces of a box, each around its corners, numbered as [`Cuboid::corners`] does.
const FACES: [[usize; 4]; 6] = [[0, 2, 6, 4], [1, 3, 7, 5], [0, 1, 5, 4], [2, 3, 7, 6], [0, 1, 3, 2], [4, 5, 7, 6]];

// === impl Zone ===

impl Zone {
    /// Its name.
    pub fn id(&self) -> &str {
        self.id.as_ref()
    }

    /// Where it lies in the picture: polygons that together cover it, corners in pixels. A zone in space covers what can be seen of its six faces, and needs `lens` and `pose`; `None` when one of
    /// them is not known, or the zone reaches behind the camera.
    pub fn outline(&self, lens: Option<Calibration>, pose: Option<sluis_frame::Pose>) -> Option<Vec<Vec<[f64; 2]>>> {
        match (&self.polygon, &self.cuboid) {
            (Some(polygon), _) => Some(vec![polygon.as_ref().clone()]),
            (None, Some(cuboid)) => cuboid.as_ref().outline(lens?, pose?),
            (None, None) => None,
        }
    }

    /// As a gesture detector is told it.
    pub(super) fn told(&self) -> Value {
        let mut told = json!({ "id": self.id(), "kind": self.kind });
        match (&self.polygon, &self.cuboid) {
            (Some(polygon), _) => told["polygon"] = json!(polygon.as_ref()),
            (_, Some(cuboid)) => told["box"] = json!(cuboid.as_ref()),
            (None, None) => {}
        }
        told
    }

    /// Whether it is outlined, once, by something that can be a zone. Whether it lies in the picture shows when the camera is open.
    pub(super) fn check(&self, camera: &str, has_pose: bool) -> Result<(), Wrong> {
        let wrong = |span, message: String, advice: &str| Err(Wrong { span, message, advice: advice.to_owned() });
        let name = format!("camera `{camera}`, zone `{}`", self.id());
        if !check::is_name(self.id()) {
            let advice = "use 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit";
            return wrong(self.id.span(), format!("{name}: this cannot name a zone"), advice);
        }
        match (&self.polygon, &self.cuboid) {
            (None, None) => {
                wrong(self.id.span(), format!("{name} has no outline"), "add `polygon`, or `box` where there is depth")
            }
            (Some(_), Some(cuboid)) => {
                wrong(cuboid.span(), format!("{name} has two outlines"), "take `polygon` or `box` out")
            }
            (Some(polygon), None) => check_polygon(&name, polygon),
            (None, Some(cuboid)) => {
                let Cuboid { min, max } = cuboid.as_ref();
                if !min.iter().zip(max).all(|(min, max)| min.is_finite() && max.is_finite() && min < max) {
                    let message = format!("{name}: the box is empty: min {min:?}, max {max:?}");
                    return wrong(cuboid.span(), message, "each number of `min` must be smaller than that of `max`");
                }
                if has_pose {
                    return Ok(());
                }
                let advice = "add `[camera.pose]`, or outline the zone by a `polygon` in the picture";
                wrong(cuboid.span(), format!("{name}: a box needs to know where the camera stands"), advice)
            }
        }
    }

    /// Whether it lies in pictures of this size.
    pub(super) fn check_inside(&self, camera: &str, size: Size) -> Result<(), Wrong> {
        let Some(polygon) = &self.polygon else { return Ok(()) };
        check_inside(&format!("camera `{camera}`, zone `{}`", self.id()), polygon, size)
    }
}

// === impl Cuboid ===

impl Cuboid {
    /// Its corners. Bit 0 of a corner's number is x, bit 1 y, bit 2 z.
    pub fn corners(&self) -> [[f64; 3]; 8] {
        std::array::from_fn(|number| {
            std::array::from_fn(|axis| if number >> axis & 1 == 0 { self.min[axis] } else { self.max[axis] })
        })
    }

    /// What a camera sees of its faces: together they are all that it sees of the box. `None` when a corner lies behind the camera.
    pub(super) fn outline(&self, lens: Calibration, pose: sluis_frame::Pose) -> Option<Vec<Vec<[f64; 2]>>> {
        let seen: Vec<_> =
            self.corners().iter().map(|corner| lens.project(pose.to_camera(*corner))).collect::<Option<_>>()?;
        Some(FACES.iter().map(|face| face.iter().map(|corner| seen[*corner]).collect()).collect())
    }
}

// === impl Exclusion ===

impl Exclusion {
    /// Whether it is outlined by something that can be a part of a picture.
    pub(super) fn check(&self, camera: &str) -> Result<(), Wrong> {
        check_polygon(&Self::name(camera), &self.polygon)
    }

    /// Whether it lies in pictures of this size.
    pub(super) fn check_inside(&self, camera: &str, size: Size) -> Result<(), Wrong> {
        check_inside(&Self::name(camera), &self.polygon, size)
    }

    /// Its corners.
    pub fn corners(&self) -> &[[f64; 2]] {
        self.polygon.as_ref()
    }

    fn name(camera: &str) -> String {
        format!("camera `{camera}`, exclusion")
    }
}

fn check_polygon(name: &str, polygon: &Spanned<Vec<[f64; 2]>>) -> Result<(), Wrong> {
    let corners = polygon.as_ref();
    let wrong = |message, advice: &str| Err(Wrong { span: polygon.span(), message, advice: advice.to_owned() });
    if !(3..=MOST_CORNERS).contains(&corners.len()) || corners.iter().flatten().any(|value| !value.is_finite()) {
        let message = format!("{name}: a polygon of {} corners", corners.len());
        return wrong(message, "give 3 to 64 corners, each two numbers: x and y in camera pixels");
    }
    if let Some((first, second)) = crossing(corners) {
        let message = format!("{name}: the polygon crosses itself: its edge {first} meets its edge {second}");
        return wrong(message, "give the corners in order around the zone; edge 1 goes from corner 1 to corner 2");
    }
    Ok(())
}

fn check_inside(name: &str, polygon: &Spanned<Vec<[f64; 2]>>, size: Size) -> Result<(), Wrong> {
    let inside = |[x, y]: &&[f64; 2]| (0.0..=size.width.into()).contains(x) && (0.0..=size.height.into()).contains(y);
    match polygon.as_ref().iter().zip(1..).find(|(corner, _)| !inside(corner)) {
        None => Ok(()),
        Some(([x, y], number)) => Err(Wrong {
            span: polygon.span(),
            message: format!("{name}: corner {number} ({x}, {y}) lies outside the picture of {size}"),
            advice: format!("x goes from 0 to {}, y from 0 to {}", size.width, size.height),
        }),
    }
}

/// Two edges of a closed polygon that meet though they are not neighbours, counted from 1; or an edge without length, with itself.
fn crossing(corners: &[[f64; 2]]) -> Option<(usize, usize)> {
    let count = corners.len();
    let edge = |i: usize| (corners[i], corners[(i + 1) % count]);
    (0..count).find_map(|i| {
        if edge(i).0 == edge(i).1 {
            return Some((i + 1, i + 1));
        }
        let neighbours = |j: usize| j == i + 1 || (i == 0 && j == count - 1);
        (i + 1..count).find(|j| !neighbours(*j) && meet(edge(i), edge(*j))).map(|j| (i + 1, j + 1))
    })
}

/// Whether two segments share a point. (Orientation test: de Berg et al., Computational Geometry, chapter 2.)
fn meet((a, b): ([f64; 2], [f64; 2]), (c, d): ([f64; 2], [f64; 2])) -> bool {
    let side = |p: [f64; 2], q: [f64; 2], r: [f64; 2]| (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
    let (c_side, d_side, a_side, b_side) = (side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b));
    if c_side * d_side < 0.0 && a_side * b_side < 0.0 {
        return true;
    }
    let between = |p: [f64; 2], q: [f64; 2], r: [f64; 2]| {
        (0..2).all(|axis| (p[axis].min(q[axis])..=p[axis].max(q[axis])).contains(&r[axis]))
    };
    (c_side == 0.0 && between(a, b, c))
        || (d_side == 0.0 && between(a, b, d))
        || (a_side == 0.0 && between(c, d, a))
        || (b_side == 0.0 && between(c, d, b))
}

// === impl Place ===

impl Place {
    /// Before the camera of a synthetic shop: its zones in space.
    pub fn of_shop(shop: &Shop) -> Self {
        let zones = shop.zones().iter().map(
            |zone| json!({ "id": zone.id, "kind": zone.kind.name(), "box": { "min": zone.min, "max": zone.max } }),
        );
        Self { zones: zones.collect(), lens: Some(shop.lens()), pose: Some(shop.pose()) }
    }

    /// From where the camera sees, if both its lens and its pose are known.
    pub fn vantage(&self) -> Option<Vantage> {
        self.pose.zip(self.lens).map(|(pose, lens)| Vantage { pose, lens })
    }

    /// Adds it to the settings of a component, under `zones`, `lens` and `pose`.
    pub fn tell(self, settings: &mut Map<String, Value>) {
        settings.insert("zones".to_owned(), self.zones.into());
        settings.extend(self.lens.map(|lens| ("lens".to_owned(), json!(lens))));
        settings.extend(self.pose.map(|pose| ("pose".to_owned(), json!(pose))));
    }
}

// === impl Pose ===

impl From<Pose> for sluis_frame::Pose {
    fn from(Pose { position, pan, tilt, roll }: Pose) -> Self {
        Self { position, pan, tilt, roll }
    }
}

// === impl Lens ===

impl Lens {
    /// Whether there can be such a lens.
    ///
    /// # Errors
    ///
    /// What to do, when there cannot.
    pub fn check(&self) -> Result<(), &'static str> {
        let Self { fx, fy, cx, cy } = *self;
        if [fx, fy, cx, cy].iter().all(|value| value.is_finite()) && fx > 0.0 && fy > 0.0 {
            return Ok(());
        }
        Err("`fx` and `fy` are above 0, in pixels: about the picture's width for an ordinary lens")
    }
}

impl From<Lens> for Calibration {
    fn from(Lens { fx, fy, cx, cy }: Lens) -> Self {
        Self { fx, fy, cx, cy }
    }
}

#[cfg(test)]
mod tests {
    use sluis_frame::{CameraId, Frame, FrameNumber, Header, Picture, Rgb, Timestamp};

    use super::*;

    /// Whether a pixel of a white picture is black without these parts.
    fn is_black(faces: &[Vec<[f64; 2]>]) -> impl Fn(usize, usize) -> bool + use<> {
        let size = Size::new(200, 200);
        let header = Header {
            camera: CameraId::new("till").unwrap(),
            number: FrameNumber(0),
            captured: Timestamp::from_nanos(0),
        };
        let white = Picture::plain(size, Rgb(255, 255, 255)).unwrap();
        let excluded = sluis_frame::Exclusion::new(size, faces.iter().map(Vec::as_slice));
        let frame = Frame::capture(header, white, None).unwrap().without(&excluded);
        move |x, y| frame.picture().pixels()[(y * 200 + x) * 3] == 0
    }

    #[test]
    fn what_is_seen_of_a_box_is_covered_by_its_faces() {
        let lens = Calibration { fx: 200.0, fy: 200.0, cx: 100.0, cy: 100.0 };
        let at = |z| sluis_frame::Pose { position: [0.0, 0.0, z], pan: 0.0, tilt: 90.0, roll: 0.0 };
        let cuboid = Cuboid { min: [-0.5, -0.5, 0.0], max: [0.5, 0.5, 1.0] };
        // Seen from straight above, its upper face is a square of a metre two metres away: 100 pixels.
        let black = is_black(&cuboid.outline(lens, at(3.0)).unwrap());
        assert!((51..149).all(|x| (51..149).all(|y| black(x, y))));
        assert!(!black(45, 100) && !black(155, 100) && !black(100, 45) && !black(100, 155));
        assert_eq!(cuboid.outline(lens, at(0.5)), None, "a box around the camera has no outline");
    }

    #[test]
    fn a_bow_tie_crosses_itself_and_a_square_does_not() {
        assert_eq!(crossing(&[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]), None);
        assert_eq!(crossing(&[[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]]), Some((1, 3)));
        // A corner on another edge.
        assert_eq!(crossing(&[[0.0, 0.0], [10.0, 0.0], [5.0, 10.0], [5.0, 0.0], [0.0, 5.0]]), Some((1, 3)));
        // A corner twice.
        assert_eq!(crossing(&[[0.0, 0.0], [0.0, 0.0], [5.0, 10.0]]), Some((1, 1)));
    }
}
