//! The public notice of a shop: what it tells, its versions, its pages, its signs, and the papers that are made of the same facts.
//!
//! Everything begins with [`Facts`]. Whoever has the running configuration makes them; this crate knows no configuration, no vault and no clock. It tells them to people
//! ([`Document`]), says what is new in them ([`changes`]), and keeps what was published ([`Store`]).
//!
//! ```text
//! Facts ─┬─► Document ─► html, text          the notice, in three languages
//!        ├─► papers ───► html, text          Art. 30, Art. 35, works council
//!        ├─► signs ────► SVG, PDF            for the entrance and for each screen
//!        └─► digest ───► Store: 1.json, 2.json, …
//! ```
//!
//! - [`facts`]: everything that a notice tells.
//! - [`language`]: the three languages. [`country`]: names of countries in them.
//! - [`document`]: sections of items with stable keys. [`notice`]: the notice as one. [`papers`]: what the law wants besides.
//! - `map` (private): the shop from above.
//! - [`html`], [`text`]: documents as pages.
//! - [`now`]: what the cameras do now, for the head of the page.
//! - [`sign`]: what hangs at the door and at each screen.
//! - [`version`]: what is new in a version. [`store`]: the published ones.
//!
//! ```
//! # fn main() -> Result<(), sluis_notice::Error> {
//! use sluis_notice::{Language, Standing, Store, html, notice};
//! # let facts = sluis_notice::facts::sample();
//! # let folder = tempfile::tempdir().unwrap();
//! let store = Store::at(folder.path());
//! let version = store.publish(&facts, jiff::Timestamp::UNIX_EPOCH)?;
//! assert!(store.is_published(&facts)?);
//! let page = html::page(&notice::document(&facts, Language::De, &Standing::Published(&version)));
//! assert!(page.starts_with("<!doctype html>"));
//! # Ok(())
//! # }
//! ```

pub mod country;
pub mod document;
pub mod error;
pub mod facts;
pub mod html;
pub mod language;
mod map;
pub mod notice;
pub mod now;
pub mod papers;
pub mod sign;
pub mod store;
pub mod text;
pub mod version;

pub use document::{Document, Item, Section};
pub use error::Error;
pub use facts::Facts;
pub use language::{Language, Localised};
pub use notice::Standing;
pub use sign::Sign;
pub use store::{Store, notice_beside};
pub use version::{Change, Digest, Version, changes};
