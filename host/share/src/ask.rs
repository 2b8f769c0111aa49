//! What a partner asks for.

use serde::{Deserialize, Serialize};

use crate::document::{Document, Kind};
use crate::envelope;
use crate::error::Error;
use crate::grant::{Grant, check_list};
use crate::id::{AskNonce, GrantId, SegmentId};
use crate::key::{PartnerKey, PartnerSecret};
use crate::text::Name;
use crate::time::Time;

/// A partner's request for the keys of segments that it is about to open. The shop logs it as it stands: that log is who has seen what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask(Wish);

/// What stands in a request, and in its JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wish {
    /// Of the document: 1.
    version: u64,
    /// Under which grant.
    pub grant: GrantId,
    /// Which segments: 1 to 10,000, each once.
    pub segments: Vec<SegmentId>,
    /// When it was made, by the partner's clock.
    #[serde(rename = "at-ns")]
    pub at: Time,
    /// What tells it from others.
    pub nonce: AskNonce,
    /// The person or the job that will read, in the partner's words.
    pub who: Name,
}

// === impl Ask ===

impl Ask {
    /// How old a request may be, in hours. A shop is seldom offline for longer, and a partner who still waits asks again.
    pub const MOST_HOURS: u64 = 24;

    /// How far a partner's clock may run ahead of the shop's, in seconds.
    const AHEAD: i64 = 300;

    /// A request.
    ///
    /// # Errors
    ///
    /// [`Error::Contents`] when it names no or more than 10,000 segments, or one of them twice.
    pub fn new(grant: GrantId, segments: Vec<SegmentId>, at: Time, nonce: AskNonce, who: Name) -> Result<Self, Error> {
        Self::check(Wish { version: envelope::VERSION, grant, segments, at, nonce, who })
    }

    /// As the partner puts it into the shop's store, signed.
    pub fn sign(&self, partner: &PartnerSecret) -> Vec<u8> {
        envelope::sign(Kind::Ask, &self.0, partner.seed())
    }

    /// Reads a request and holds it against the grant, the partner's key and the clock.
    ///
    /// The caller compares [`document`](Self::document) with the name of the object that it came in, and answers a nonce once: a copy under another name is the same request.
    ///
    /// # Errors
    ///
    /// [`Error::AnotherPartner`] when the grant is not for `partner`; [`Error::Expired`] when the grant is over; [`Error::TooLarge`], [`Error::Envelope`],
    /// [`Error::PayloadType`], [`Error::SignedByAnother`], [`Error::Signature`], [`Error::Version`] when it is not the partner's request as it was signed;
    /// [`Error::Contents`] when it says what cannot be; [`Error::AnotherGrant`] and [`Error::NotGranted`] when it asks for more than was granted; [`Error::Stale`] when it is
    /// more than [`MOST_HOURS`](Self::MOST_HOURS) old or more than 5 minutes ahead.
    pub fn verify(bytes: &[u8], grant: &Grant, partner: &PartnerKey, now: Time) -> Result<Self, Error> {
        grant.check_partner(partner)?;
        grant.check_time(now)?;
        let ask = Self::check(envelope::open(Kind::Ask, bytes, partner.verifier())?)?;
        let (expected, found) = (grant.terms().grant, ask.0.grant);
        if expected != found {
            return Err(Error::AnotherGrant { kind: Kind::Ask, expected, found });
        }
        let at = ask.0.at;
        if at > now.plus_seconds(Self::AHEAD) || now > at.plus_seconds(Self::MOST_HOURS as i64 * 3600) {
            return Err(Error::Stale { at, hours: Self::MOST_HOURS });
        }
        let granted: std::collections::HashSet<SegmentId> = grant.terms().segments.iter().map(|g| g.segment).collect();
        match ask.0.segments.iter().find(|segment| !granted.contains(segment)) {
            Some(segment) => Err(Error::NotGranted { grant: expected, segment: *segment }),
            None => Ok(ask),
        }
    }

    /// What it says.
    pub const fn wish(&self) -> &Wish {
        &self.0
    }

    /// The name of the object that holds it.
    pub const fn document(&self) -> Document {
        Document::Ask(self.0.grant, self.0.nonce)
    }

    fn check(wish: Wish) -> Result<Self, Error> {
        check_list(Kind::Ask, &wish.segments)?;
        Ok(Self(wish))
    }
}
