//! `sluis.toml`: what the installer of a shop sets, as one typed schema.
//!
//! Everything that the program does is in it, and nothing else is: an unknown key is an error, not a guess. Every later part of the program adds its
//! table here. The doc comments of the fields are the descriptions in the published schema (`docs/sluis.schema.json`).
//!
//! - [`schema`]: the file as a whole, and the tables `[shop]`, `[segment]` and `[vault]`.
//! - [`camera`]: `[[camera]]`, one for each camera.
//! - [`audience`]: `[audience]` and `[camera.audience]`, counting who looks at a screen.
//! - [`zone`]: what is where before a camera: zones, pose, lens.
//! - [`hours`]: `[study]` and `[hours]`, when cameras may see.
//! - [`service`]: `[service]`, the program as it runs around the clock.
//! - [`cloud`]: `[cloud]`, `[residency]`, `[ledger]`, where copies go, where they may lie, and where it is written down.
//! - [`notice`]: `[notice]`, what the public notice tells besides.
//! - [`rights`]: `[rights]`, days of the rights desk.
//! - [`deferred`]: `[deferred]`, raw frames that wait, sealed, for a slow machine.
//! - [`plugins`]: `[plugins]`, which components run, what they may use, where others come from, and what is granted to those.
//! - [`number`]: numbers that know their unit and their range.
//! - [`text`]: text of a bounded length.
//! - [`check`]: what holds between tables.
//! - [`error`]: what is wrong, with line, column and the nearest known key.

pub mod audience;
pub mod camera;
pub mod check;
pub mod cloud;
pub mod deferred;
pub mod error;
pub mod hours;
pub mod notice;
pub mod number;
pub mod plugins;
pub mod rights;
pub mod schema;
pub mod service;
pub mod text;
pub mod zone;

pub use audience::{Audience, Demographics, Keep, Screen};
pub use camera::{Camera, Driver, Mask, MaskStyle, Mode, Pace, PictureSize, Secret, Synthetic, View};
pub use cloud::{ClockTrust, Cloud, CloudClient, Ledger, Place as CloudPlace, Residency, Root};
pub use deferred::Deferred;
pub use error::ConfigError;
pub use hours::{Hours, Schedule, Study};
pub use notice::Notice;
pub use plugins::{Bucket, Grant, Limits, Plugins, Registry, Update};
pub use rights::Rights;
pub use schema::{Config, Segment, Shop, ShopId, Vault};
pub use service::{Listen, Service};
pub use zone::{Cuboid, Exclusion, Lens, Place, Pose, Zone, ZoneKind};

#[cfg(test)]
mod tests;
