//! What the host's floor sees of people.

use serde::{Deserialize, Serialize};

use crate::geometry::Rect;

/// A person, or a thing of a person's size, that the floor found by movement or by depth. Offered to components as a hint where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Bounding box of the silhouette, in camera pixels.
    pub body: Rect,
    /// Where the head is expected; always masked.
    pub head: Rect,
}
