//! The key that a shop gives.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::document::{Document, Kind};
use crate::envelope;
use crate::error::Error;
use crate::grant::Grant;
use crate::id::{GrantId, SegmentId};
use crate::key::{PartnerKey, PartnerSecret, ShopKey, ShopPublicKey};
use crate::seal::{self, OVERHEAD, Refused};
use crate::time::Time;

/// The key of one segment, sealed to one partner with HPKE.
///
/// It is the encapsulated key (32 bytes), then the ciphertext, as Tink's hybrid keys `DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_RAW` read it. The plaintext is the
/// segment's Tink keyset in JSON. The context info, which both sides build for themselves, is
///
/// ```text
/// sluis-release-v1 | one zero byte | grant, 16 bytes | segment, 16 bytes | expiry in nanoseconds since 1970, 8 bytes, big-endian
/// ```
///
/// so a release opens as that of no other segment, grant or time, even to the partner that it is for.
#[derive(Clone, PartialEq, Eq)]
pub struct Release {
    paper: Paper,
    sealed: Vec<u8>,
}

/// What stands in a release, and in its JSON document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Paper {
    version: u64,
    grant: GrantId,
    segment: SegmentId,
    #[serde(rename = "issued-ns")]
    issued: Time,
    #[serde(rename = "expires-ns")]
    expires: Time,
    /// Base64.
    sealed_key: String,
}

/// The most bytes of a keyset. One of a segment has 250.
const MOST_KEYSET: usize = 16 << 10;

// === impl Release ===

impl Release {
    /// Seals the keyset of one segment of `grant` to `partner`. It expires with the grant or at the deadline of the segment, whichever is first.
    ///
    /// # Errors
    ///
    /// [`Error::AnotherPartner`] when the grant is not for `partner`; [`Error::NotGranted`] when the grant does not hold the segment; [`Error::Expired`] when the grant is over
    /// at `issued`; [`Error::PastDeadline`] when the segment is; [`Error::Contents`] when it would be issued before the grant is; [`Error::Seal`] when the keyset is empty or
    /// longer than 16 KiB, or nothing can be sealed to the partner's key; [`Error::Random`].
    pub fn seal(
        grant: &Grant,
        segment: SegmentId,
        partner: &PartnerKey,
        keyset: &[u8],
        issued: Time,
    ) -> Result<Self, Error> {
        grant.check_partner(partner)?;
        let expires = may_be_read(grant, segment, issued)?;
        if !(1..=MOST_KEYSET).contains(&keyset.len()) {
            return Err(Error::Seal { segment, why: "its keyset is empty or longer than 16 KiB" });
        }
        let id = grant.terms().grant;
        let sealed =
            seal::seal(partner.hpke(), &info(id, segment, expires), keyset).map_err(|refused| match refused {
                Refused::Random => Error::Random,
                Refused::Key => Error::Seal { segment, why: "nothing can be sealed to the partner's key" },
            })?;
        let paper = Paper {
            version: envelope::VERSION,
            grant: id,
            segment,
            issued,
            expires,
            sealed_key: STANDARD.encode(&sealed),
        };
        let release = Self { paper, sealed };
        release.check(grant)?;
        Ok(release)
    }

    /// As the shop puts it into its store, signed.
    pub fn sign(&self, shop: &ShopKey) -> Vec<u8> {
        envelope::sign(Kind::Release, &self.paper, &shop.0)
    }

    /// Reads a release and holds it against the shop's key, the grant and the clock.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], [`Error::Envelope`], [`Error::PayloadType`], [`Error::SignedByAnother`], [`Error::Signature`], [`Error::Version`] when it is not the shop's release
    /// as it was signed; [`Error::AnotherGrant`] and [`Error::NotGranted`] when it is not of `grant`; [`Error::Contents`] when it says what cannot be, such as an expiry past
    /// the grant's or the segment's deadline; [`Error::Expired`]; [`Error::PastDeadline`].
    pub fn verify(bytes: &[u8], shop: &ShopPublicKey, grant: &Grant, now: Time) -> Result<Self, Error> {
        let paper: Paper = envelope::open(Kind::Release, bytes, &shop.0)?;
        let sealed =
            STANDARD.decode(&paper.sealed_key).map_err(|_| contents("its sealed key is not base64".to_owned()))?;
        let release = Self { paper, sealed };
        release.check(grant)?;
        may_be_read(grant, release.paper.segment, now)?;
        release.check_time(now)?;
        Ok(release)
    }

    /// Opens the keyset. It zeroes itself when dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Expired`] from its expiry on; [`Error::Open`] when it is for another partner, segment, grant or expiry, or was changed.
    pub fn open(&self, partner: &PartnerSecret, now: Time) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.check_time(now)?;
        let Paper { grant, segment, expires, .. } = self.paper;
        seal::open(partner.hpke(), &info(grant, segment, expires), &self.sealed).ok_or(Error::Open { segment })
    }

    /// Under which grant.
    pub const fn grant(&self) -> GrantId {
        self.paper.grant
    }

    /// Of which segment the key is.
    pub const fn segment(&self) -> SegmentId {
        self.paper.segment
    }

    /// When it was given.
    pub const fn issued(&self) -> Time {
        self.paper.issued
    }

    /// From when on it must not be used, and is to be deleted.
    pub const fn expires(&self) -> Time {
        self.paper.expires
    }

    /// The name of the object that holds it.
    pub const fn document(&self) -> Document {
        Document::Release(self.paper.grant, self.paper.segment)
    }

    fn check_time(&self, now: Time) -> Result<(), Error> {
        if now >= self.paper.expires {
            return Err(Error::Expired { kind: Kind::Release, expired: self.paper.expires });
        }
        Ok(())
    }

    fn check(&self, grant: &Grant) -> Result<(), Error> {
        let terms = grant.terms();
        let Paper { grant: found, segment, issued, expires, .. } = self.paper;
        if found != terms.grant {
            return Err(Error::AnotherGrant { kind: Kind::Release, expected: terms.grant, found });
        }
        let deadline = grant.segment(segment)?.deadline;
        if issued < terms.issued || issued >= expires {
            return Err(contents(format!(
                "it is issued at {issued}, the grant at {}, and it expires at {expires}",
                terms.issued
            )));
        }
        if expires > terms.expires || expires > deadline {
            return Err(contents(format!(
                "it expires at {expires}, after the grant at {} or the segment's deadline {deadline}",
                terms.expires
            )));
        }
        if !(OVERHEAD + 1..=OVERHEAD + MOST_KEYSET).contains(&self.sealed.len()) {
            return Err(contents(format!("a sealed key does not have {} bytes", self.sealed.len())));
        }
        Ok(())
    }
}

impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Paper { grant, segment, expires, .. } = &self.paper;
        f.debug_struct("Release")
            .field("grant", grant)
            .field("segment", segment)
            .field("expires", expires)
            .finish_non_exhaustive()
    }
}

fn contents(why: String) -> Error {
    Error::Contents { kind: Kind::Release, why }
}

/// Until when a segment of a grant may be read; an error when that is over.
fn may_be_read(grant: &Grant, segment: SegmentId, now: Time) -> Result<Time, Error> {
    let deadline = grant.segment(segment)?.deadline;
    grant.check_time(now)?;
    if now >= deadline {
        return Err(Error::PastDeadline { segment, deadline });
    }
    Ok(deadline.min(grant.terms().expires))
}

/// What a sealed key is bound to.
fn info(grant: GrantId, segment: SegmentId, expires: Time) -> Vec<u8> {
    let mut info = b"sluis-release-v1\0".to_vec();
    info.extend(grant.as_bytes());
    info.extend(segment.as_bytes());
    info.extend(expires.as_nanos().to_be_bytes());
    info
}
