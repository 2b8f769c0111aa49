//! What can go wrong with grants.

use crate::country::Country;
use crate::document::Kind;
use crate::id::{GrantId, SegmentId};
use crate::key::Fingerprint;
use crate::text::breaks;
use crate::time::Time;

/// What can go wrong with grants. No message shows a key, and what comes from outside is shown shortened and escaped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system gives no randomness.
    #[error("the system gave no random bytes; without them no key can be made or sealed")]
    Random,
    /// Text that cannot stand in a document.
    #[error("use 1 to {most} characters, without control characters and not blank")]
    Text {
        /// The most characters.
        most: usize,
    },
    /// Digits that name nothing.
    #[error("`{}` is not {what}: it is {digits} hexadecimal digits in lower case", short(.text))]
    Id {
        /// What was read.
        text: String,
        /// What it should be.
        what: &'static str,
        /// How many digits that has.
        digits: usize,
    },
    /// A name that no object of a shop has.
    #[error("`{}` cannot name an object: use 1 to 100 characters of a-z, 0-9, `-` and `.`, starting with a letter or digit, not ending in `.part`", short(.0))]
    ObjectName(String),
    /// A name that none of the three documents has.
    #[error("`{}` is neither a grant, nor a request for keys, nor a release", short(.0))]
    DocumentName(String),
    /// No country.
    #[error("`{}` is no country: use two capital letters of ISO 3166-1, such as NL", short(.0))]
    Country(String),
    /// A key document that cannot be read.
    #[error("this is not {what}: {why}")]
    Key {
        /// What it should be.
        what: &'static str,
        /// What does not fit. Never from the text itself.
        why: &'static str,
    },
    /// A transfer that rests on nothing.
    #[error(
        "the partner `{partner}` in {country} is outside the European Economic Area and nothing allows a transfer there (GDPR, Art. 44): name the \
         ground, such as standard contractual clauses (Art. 46)"
    )]
    NoGround {
        /// The partner.
        partner: String,
        /// Where it is.
        country: Country,
    },
    /// A ground that does not fit the country.
    #[error(
        "`within the EEA` is no ground for a transfer to {country}, which is outside: name what allows it (GDPR, Art. 45 to 49)"
    )]
    NotWithin {
        /// The country.
        country: Country,
    },
    /// A document that is longer than any of its kind.
    #[error("the {kind} is {found} bytes long and none is longer than {most}: it was not read")]
    TooLarge {
        /// What it should be.
        kind: Kind,
        /// How long it is.
        found: usize,
        /// The most bytes.
        most: usize,
    },
    /// What holds a document is no signed envelope.
    #[error("the {kind} is not in a signed envelope: {why}")]
    Envelope {
        /// What it should be.
        kind: Kind,
        /// What does not fit.
        why: String,
    },
    /// A signed document of another kind.
    #[error("this was signed as `{}` and not as a {kind}", short(.found))]
    PayloadType {
        /// What it should be.
        kind: Kind,
        /// What it says.
        found: String,
    },
    /// Signed with another key than the one that was asked for.
    #[error("the {kind} says that it is signed with the key `{}`, not with {}: compare fingerprints with its sender", short(.found), expected.short())]
    SignedByAnother {
        /// What it is.
        kind: Kind,
        /// Whose key was expected.
        expected: Fingerprint,
        /// The key that it names.
        found: String,
    },
    /// The signature does not fit.
    #[error("the signature of the {kind} does not fit: it was changed, or signed with another key than {}", expected.short())]
    Signature {
        /// What it is.
        kind: Kind,
        /// Whose key was expected.
        expected: Fingerprint,
    },
    /// A version that is not known here.
    #[error("the {kind} has version {found}, and only version 1 is known here: use a newer program")]
    Version {
        /// What it is.
        kind: Kind,
        /// Its version.
        found: u64,
    },
    /// A document that says what cannot be.
    #[error("the {kind} cannot stand: {why}")]
    Contents {
        /// What it is.
        kind: Kind,
        /// What is wrong with it.
        why: String,
    },
    /// A document whose time is over.
    #[error("the {kind} expired at {expired}: its footage must not be read any more, and copies must be deleted")]
    Expired {
        /// What it is.
        kind: Kind,
        /// From when on.
        expired: Time,
    },
    /// A request that is not of now.
    #[error(
        "the request for keys is of {at}, more than {hours} hours ago or still to come: set the clock right and ask again"
    )]
    Stale {
        /// When it was made.
        at: Time,
        /// How old it may be.
        hours: u64,
    },
    /// A segment that is past its deadline.
    #[error("the segment {segment} had to be gone at {deadline}, and has no key any more")]
    PastDeadline {
        /// Which.
        segment: SegmentId,
        /// From when on.
        deadline: Time,
    },
    /// A document of another grant.
    #[error("the {kind} is of the grant {found}, not of {expected}")]
    AnotherGrant {
        /// What it is.
        kind: Kind,
        /// The grant that was expected.
        expected: GrantId,
        /// The grant that it names.
        found: GrantId,
    },
    /// A segment that is not in the grant.
    #[error("the grant {grant} does not hold the segment {segment}")]
    NotGranted {
        /// The grant.
        grant: GrantId,
        /// The segment.
        segment: SegmentId,
    },
    /// The key of somebody else than the partner that the grant is for.
    #[error("the grant {grant} is for the partner with the key {}, not for {}", expected.short(), found.short())]
    AnotherPartner {
        /// The grant.
        grant: GrantId,
        /// The partner's key.
        expected: Fingerprint,
        /// The key at hand.
        found: Fingerprint,
    },
    /// A key that cannot be sealed.
    #[error("the key of the segment {segment} cannot be sealed: {why}")]
    Seal {
        /// Which.
        segment: SegmentId,
        /// What is wrong.
        why: &'static str,
    },
    /// A sealed key that does not open.
    #[error(
        "the sealed key of the segment {segment} does not open: it is for another partner, segment, grant or expiry, or was changed"
    )]
    Open {
        /// Which.
        segment: SegmentId,
    },
}

/// Text from outside for a message: at most 120 characters, none of which could disturb a log or a screen.
pub(crate) fn short(text: &str) -> String {
    text.chars().take(120).map(|c| if breaks(c) { '\u{fffd}' } else { c }).collect()
}
