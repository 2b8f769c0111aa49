//! What partners are granted.
//!
//! A grant holds no key. The partner asks for the key of each segment that it really opens; the shop logs that, and answers with the key sealed to the partner. So a grant
//! that somebody hoards is worth nothing past the deadline, and the log of openings is whole.
//!
//! ```text
//! shop                                  bucket or folder                            partner
//! Grant::sign      ──►  grant-GRANT.json          ──►  Grant::verify
//! Ask::verify      ◄──  ask-GRANT-NONCE.json      ◄──  Ask::sign
//! Release::seal    ──►  key-GRANT-SEGMENT.json    ──►  Release::verify, Release::open
//! ```
//!
//! All three documents are JSON in a signed [envelope]. This crate makes, checks and reads them. It opens no file, knows no store, and reads no clock: bytes and times are
//! passed in.
//!
//! - [`key`]: [`PartnerKey`] and [`PartnerSecret`], [`ShopPublicKey`] and [`ShopKey`], [`Fingerprint`].
//! - [`country`], [`transfer`]: [`Country`] and [`TransferGround`], what a transfer out of the European Economic Area stands on.
//! - [`partner`]: [`Partner`], whom a shop may grant something, and why.
//! - [`grant`]: [`Grant`], what the shop allows; [`Granted`], one segment of it.
//! - [`ask`]: [`Ask`], the partner's request for keys.
//! - [`release`]: [`Release`], the key of one segment, sealed to the partner.
//! - [`document`]: [`Document`], the names of these objects.
//! - [`envelope`]: the signatures.
//! - [`id`], [`text`], [`time`]: the words that documents are made of.
//! - [`error`]: what can go wrong.

pub mod ask;
pub mod country;
pub mod document;
pub mod envelope;
pub mod error;
pub mod grant;
pub mod id;
pub mod key;
pub mod partner;
pub mod release;
mod seal;
pub mod text;
pub mod time;
pub mod transfer;

pub use ask::Ask;
pub use country::Country;
pub use document::{Document, Kind};
pub use error::Error;
pub use grant::{Grant, Granted};
pub use id::{AskNonce, GrantId, SegmentId};
pub use key::{Fingerprint, PartnerKey, PartnerSecret, ShopKey, ShopPublicKey};
pub use partner::Partner;
pub use release::Release;
pub use text::{Name, Sentence};
pub use time::Time;
pub use transfer::TransferGround;
