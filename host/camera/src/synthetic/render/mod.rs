//! Turning solids into pictures.
//!
//! - [`solid`]: balls, boxes, cylinders and limbs; [`meet`]: where a ray meets them.
//! - [`paint`], [`face`]: what their surfaces look like.
//! - [`canvas`]: drawing them into a picture with depth.
//! - [`scenery`]: the shop without people, drawn once and mended where a product has moved.

mod canvas;
pub(super) mod face;
mod meet;
mod paint;
mod scenery;
mod solid;

pub(super) use canvas::{Canvas, Owner};
pub(super) use face::Head;
pub(super) use paint::{Ink, Paint};
pub(super) use scenery::Scenery;
pub(super) use solid::Solid;
