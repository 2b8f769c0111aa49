//! What an installer sees when setting zones: a cleared still of the camera, with a grid to read pixels from and the zones of the configuration.
//!
//! - [`still`]: a cleared still of a camera.
//! - [`sketch`]: grid and zones, drawn over it.

pub mod sketch;
pub mod still;

pub use sketch::draw;
pub use still::Still;
