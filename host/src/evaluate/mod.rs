//! Measures what is installed, on footage whose truth is known: through the whole pipeline, on what would be recorded.
//!
//! - [`gestures`]: what the gesture detector tells, against labels and against the truth of synthetic shops.

pub mod gestures;
