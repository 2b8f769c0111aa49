//! What was measured, by digest: a report is about these bytes and no others.

use serde::{Deserialize, Serialize};

/// A component, and what it looks with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// The world that it exports, as `privacy-filter`.
    pub world: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its code, as 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The model of its detector; none where that is compiled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<MeasuredModel>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredModel {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file.
    pub sha256: String,
}
