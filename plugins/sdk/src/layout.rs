//! How a camera stands in the shop: its zones, lens and pose.
//!
//! The host adds three keys to the settings of every gesture detector: `zones`, and `lens` and `pose` when the installer has given them. A detector takes
//! them into its own settings, and checks them as a whole:
//!
//! ```
//! use sluis_sdk::Size;
//! use sluis_sdk::layout::{Layout, Lens, Pose, Zone, ZoneKind};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Settings {
//!     #[serde(default)]
//!     zones: Vec<Zone>,
//!     lens: Option<Lens>,
//!     pose: Option<Pose>,
//! }
//!
//! let settings: Settings = serde_json::from_str(
//!     r#"{"zones": [{"id": "bread", "kind": "shelf", "polygon": [[40, 80], [600, 80], [600, 320], [40, 320]]}]}"#,
//! )?;
//! let layout = Layout::new(settings.zones, settings.lens, settings.pose, Size::new(640, 480))?;
//! assert_eq!(layout.zones()[0].kind, ZoneKind::Shelf);
//! assert!(layout.outline(&layout.zones()[0]).contains([300.0, 100.0]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Any other plugin is told less: how its camera hangs and sees, where that is known, and not where in the shop. [`Layout::of`] takes that from its
//! [`Camera`].
//!
//! # Frames of coordinates
//!
//! - **The picture**: pixels, origin top left, x to the right, y down. Pixel `(i, j)` is the point `[i, j]`.
//! - **The camera**: metres; x to the right, y down, z forward along the optical axis. Depth is z.
//! - **The shop**: metres, right-handed, z up, the floor at z = 0. Where its origin is and where y points is the installer's choice.
//!
//! Modules: [`polygon`], what lies within an outline; [`pose`], from one frame of coordinates to another; [`space`], boxes in the shop.

pub mod polygon;
pub mod pose;
pub mod space;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Camera, Size};
pub use polygon::Polygon;
pub use pose::{Lens, Pose};
pub use space::SpaceBox;

/// The most bytes that a zone's name may have, as in the contract.
pub const LONGEST_ID: usize = 64;

/// What a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneKind {
    /// Products stand here: hands reach in, take and put back.
    Shelf,
    /// Where people pay.
    Counter,
    /// A basket or trolley at a fixed place: hands reach in as into a shelf.
    Basket,
    /// The floor on which people wait.
    Queue,
    /// A screen that people stop at.
    Screen,
}

/// A part of the shop that events are told of. As JSON: `{"id": …, "kind": …, "polygon": [[x, y], …]}` in pixels, or
/// `{"id": …, "kind": …, "box": {"min": [x, y, z], "max": [x, y, z]}}` in the shop's frame, in metres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenZone", into = "WrittenZone")]
pub struct Zone {
    /// Its name, 1 to [`LONGEST_ID`] bytes.
    pub id: String,
    /// What it is.
    pub kind: ZoneKind,
    /// Where it is.
    pub shape: Shape,
}

/// Where a zone is.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// On the picture.
    Polygon(Polygon),
    /// In the shop.
    Box(SpaceBox),
}

/// The zones, lens and pose of one camera, checked against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    zones: Vec<Zone>,
    outlines: Vec<Polygon>,
    lens: Option<Lens>,
    pose: Option<Pose>,
    size: Size,
}

/// What is wrong with a layout.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A zone's name is empty or too long.
    #[error("a zone is called `{0}`: a name has 1 to 64 bytes")]
    Id(String),
    /// Two zones have one name.
    #[error("zone `{0}` is given twice: every zone needs a name of its own")]
    Twice(String),
    /// A zone has both a polygon and a box, or neither.
    #[error("zone `{0}` needs one of `polygon` (pixels) and `box` (metres)")]
    OneShape(String),
    /// A polygon with fewer than three corners.
    #[error("zone `{id}`: a polygon needs at least 3 corners, this has {corners}")]
    FewCorners {
        /// The zone.
        id: String,
        /// How many there are.
        corners: usize,
    },
    /// A coordinate that is no number.
    #[error("zone `{0}`: a coordinate is not a finite number")]
    NotFinite(String),
    /// Two sides of a polygon cross.
    #[error(
        "zone `{id}`: the side from corner {first} crosses the side from corner {second} (corners count from 0): list the corners in order along the outline"
    )]
    Crosses {
        /// The zone.
        id: String,
        /// The corner where one side begins.
        first: usize,
        /// The corner where the other begins.
        second: usize,
    },
    /// A polygon without an inside.
    #[error("zone `{0}`: the polygon encloses nothing: its corners lie on one line")]
    Flat(String),
    /// A corner outside the picture.
    #[error("zone `{id}`: corner {corner} at [{x}, {y}] is outside the picture of {size}")]
    Outside {
        /// The zone.
        id: String,
        /// Which corner, from 0.
        corner: usize,
        /// Its x.
        x: f32,
        /// Its y.
        y: f32,
        /// The picture.
        size: Size,
    },
    /// A box whose `min` is not below its `max`.
    #[error("zone `{0}`: `min` of the box must be below `max` in x, y and z")]
    EmptyBox(String),
    /// A box, and no lens or no pose to find it in the picture.
    #[error("zone `{0}` is a box in the shop: the camera needs both `lens` and `pose` to find it in the picture")]
    NoPose(String),
    /// A box that the camera does not see.
    #[error("zone `{0}`: with this lens and pose the camera does not see the box; look at both again")]
    Unseen(String),
    /// A lens that cannot be.
    #[error("the lens: `{name}` is {value}; {want}")]
    Lens {
        /// Which value.
        name: &'static str,
        /// What it is.
        value: f32,
        /// What it should be.
        want: &'static str,
    },
    /// A pose that cannot be.
    #[error("the pose: `{name}` is {value}; {want}")]
    Pose {
        /// Which value.
        name: &'static str,
        /// What it is.
        value: f32,
        /// What it should be.
        want: &'static str,
    },
}

/// A zone as it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenZone {
    id: String,
    kind: ZoneKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    polygon: Option<Vec<[f32; 2]>>,
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    space: Option<SpaceBox>,
}

// === impl Layout ===

impl Layout {
    /// Checks what belongs together.
    ///
    /// # Errors
    ///
    /// A [`LayoutError`] that names the zone: one given twice, a corner outside the picture, a box without lens and pose, a box that the camera does not see; or
    /// a lens or pose that cannot be.
    pub fn new(zones: Vec<Zone>, lens: Option<Lens>, pose: Option<Pose>, size: Size) -> Result<Self, LayoutError> {
        lens.map_or(Ok(()), Lens::check)?;
        pose.map_or(Ok(()), Pose::check)?;
        let mut ids = BTreeSet::new();
        let mut outlines = Vec::with_capacity(zones.len());
        for zone in &zones {
            if !ids.insert(zone.id.as_str()) {
                return Err(LayoutError::Twice(zone.id.clone()));
            }
            outlines.push(outline(zone, lens.as_ref(), pose.as_ref(), size)?);
        }
        Ok(Self { zones, outlines, lens, pose, size })
    }

    /// What any plugin is told of its camera: no zones; and since it is not told where in the shop it stands, a pose above the shop's origin, looking along y.
    ///
    /// # Errors
    ///
    /// A [`LayoutError`] when the lens or the pose cannot be.
    pub fn of(camera: &Camera) -> Result<Self, LayoutError> {
        Self::new(Vec::new(), Lens::of(camera), Pose::of(camera), camera.size)
    }

    /// The zones, in the order in which they were given.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// What of the picture a zone of this layout covers: its polygon, or the outline of its box as the camera sees it. It lies within the picture.
    ///
    /// # Panics
    ///
    /// When the zone is not of this layout.
    pub fn outline(&self, zone: &Zone) -> &Polygon {
        let index = self.zones.iter().position(|z| z.id == zone.id).expect("the zone is of this layout");
        &self.outlines[index]
    }

    /// The lens, when known.
    pub fn lens(&self) -> Option<&Lens> {
        self.lens.as_ref()
    }

    /// The pose, when known.
    pub fn pose(&self) -> Option<&Pose> {
        self.pose.as_ref()
    }

    /// The picture that it is for.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Where in the shop, in metres, the thing is that the camera sees at `pixel`, `depth` metres away along its axis. `None` without lens and pose.
    pub fn shop_point(&self, pixel: [f32; 2], depth: f32) -> Option<[f32; 3]> {
        Some(self.pose?.to_shop(self.lens?.to_camera(pixel, depth)))
    }

    /// Where on the picture a point of the shop is seen, and its depth in metres; it may lie outside the picture. `None` without lens and pose, or behind the
    /// camera.
    pub fn pixel(&self, shop: [f32; 3]) -> Option<([f32; 2], f32)> {
        self.lens?.to_pixel(self.pose?.to_camera(shop))
    }

    /// Where on the floor, in metres, what is seen at `pixel` stands, if it stands on the floor. `None` without lens and pose, or above the horizon.
    pub fn floor_point(&self, pixel: [f32; 2]) -> Option<[f32; 2]> {
        let pose = self.pose?;
        let (from, to) = (pose.position, pose.to_shop(self.lens?.to_camera(pixel, 1.0)));
        let fall = from[2] - to[2];
        (fall > 1e-4 && from[2] > 0.0).then(|| {
            let steps = from[2] / fall;
            [from[0] + (to[0] - from[0]) * steps, from[1] + (to[1] - from[1]) * steps]
        })
    }
}

/// The zone on the picture.
fn outline(zone: &Zone, lens: Option<&Lens>, pose: Option<&Pose>, size: Size) -> Result<Polygon, LayoutError> {
    match &zone.shape {
        Shape::Polygon(polygon) => {
            let within =
                |[x, y]: [f32; 2]| (0.0..=size.width as f32).contains(&x) && (0.0..=size.height as f32).contains(&y);
            match polygon.corners().iter().position(|corner| !within(*corner)) {
                None => Ok(polygon.clone()),
                Some(corner) => {
                    let [x, y] = polygon.corners()[corner];
                    Err(LayoutError::Outside { id: zone.id.clone(), corner, x, y, size })
                }
            }
        }
        Shape::Box(space) => {
            let (Some(lens), Some(pose)) = (lens, pose) else { return Err(LayoutError::NoPose(zone.id.clone())) };
            space.outline(lens, pose, size).ok_or_else(|| LayoutError::Unseen(zone.id.clone()))
        }
    }
}

// === impl Zone ===

impl TryFrom<WrittenZone> for Zone {
    type Error = LayoutError;

    fn try_from(written: WrittenZone) -> Result<Self, LayoutError> {
        let WrittenZone { id, kind, polygon, space } = written;
        if id.is_empty() || id.len() > LONGEST_ID {
            return Err(LayoutError::Id(id));
        }
        let shape = match (polygon, space) {
            (Some(corners), None) => Shape::Polygon(Polygon::new(&id, corners)?),
            (None, Some(space)) => Shape::Box(space.checked(&id)?),
            _ => return Err(LayoutError::OneShape(id)),
        };
        Ok(Self { id, kind, shape })
    }
}

impl From<Zone> for WrittenZone {
    fn from(zone: Zone) -> Self {
        let (polygon, space) = match zone.shape {
            Shape::Polygon(polygon) => (Some(polygon.corners().to_vec()), None),
            Shape::Box(space) => (None, Some(space)),
        };
        Self { id: zone.id, kind: zone.kind, polygon, space }
    }
}

#[cfg(test)]
mod tests;
