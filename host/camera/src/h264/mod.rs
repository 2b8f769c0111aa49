//! H.264 (ITU-T H.264) to pictures, for every driver that meets it.
//!
//! - `format`: what a sequence parameter set says about the pictures, and whether they can be decoded here.
//! - `decoder`: coded pictures in, pictures in the order in which they are shown out.

mod decoder;
mod format;

pub(crate) use decoder::{Pictures, Shown};
pub(crate) use format::{Format, START_CODE, Unfit};
