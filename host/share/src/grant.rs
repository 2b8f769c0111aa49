//! What a shop allows.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::document::{Document, Kind, ObjectName};
use crate::envelope;
use crate::error::Error;
use crate::id::{GrantId, SegmentId};
use crate::key::{Fingerprint, PartnerKey, ShopKey, ShopPublicKey};
use crate::partner::Partner;
use crate::text::{Name, Sentence};
use crate::time::Time;
use crate::transfer::TransferGround;

/// What a shop allows a partner: to ask for the keys of these segments, for this purpose, until then. It holds no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant(Terms);

/// What stands in a grant, and in its JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Terms {
    /// Of the document: 1.
    version: u64,
    /// The name of the grant.
    pub grant: GrantId,
    /// Who grants.
    pub shop: Name,
    /// To whom.
    pub partner: Name,
    /// The key of the partner: requests are signed with it and keys are sealed to it.
    pub partner_key: Fingerprint,
    /// Where the partner handles the data.
    pub country: Country,
    /// What allows the transfer there.
    pub ground: TransferGround,
    /// The contract that binds the partner.
    pub contract: Sentence,
    /// What the footage may be used for.
    pub purpose: Sentence,
    /// When it was granted.
    #[serde(rename = "issued-ns")]
    pub issued: Time,
    /// From when on no key is asked for or given. Never past the latest deadline of its segments.
    #[serde(rename = "expires-ns")]
    pub expires: Time,
    /// The segments: 1 to 10,000, each once.
    pub segments: Vec<Granted>,
}

/// One segment of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Granted {
    /// Its name.
    pub segment: SegmentId,
    /// Which camera it is of.
    pub camera: Name,
    /// Capture of its first frame.
    #[serde(rename = "started-ns")]
    pub started: Time,
    /// From when on it must be gone everywhere.
    #[serde(rename = "deadline-ns")]
    pub deadline: Time,
    /// How long the sealed object is, in bytes.
    pub bytes: u64,
    /// The sealed object in the shop's store.
    pub object: ObjectName,
    /// What the seal is bound to: 1 to 512 bytes; in the document hexadecimal digits.
    #[serde(with = "hexadecimal")]
    pub associated_data: Vec<u8>,
}

/// The most segments of a grant or a request.
pub const MOST_SEGMENTS: usize = 10_000;

/// The most bytes of associated data. Names of shop and camera are at most 48 characters: ours have 150.
const MOST_ASSOCIATED: usize = 512;

// === impl Grant ===

impl Grant {
    /// Grants `segments` to `partner`.
    ///
    /// # Errors
    ///
    /// [`Error::NoGround`] and [`Error::NotWithin`] when nothing allows the transfer to the partner's country; [`Error::Contents`] when it expires before it is issued or after
    /// its latest deadline, names no or more than 10,000 segments or one of them twice, or when a segment ends before it starts or had to be gone already.
    pub fn new(
        grant: GrantId,
        shop: Name,
        partner: &Partner,
        issued: Time,
        expires: Time,
        segments: Vec<Granted>,
    ) -> Result<Self, Error> {
        let ground = partner.transfer_ground()?;
        let Partner { name, key, country, contract, purpose, .. } = partner.clone();
        Self::check(Terms {
            version: envelope::VERSION,
            grant,
            shop,
            partner: name,
            partner_key: key.fingerprint(),
            country,
            ground,
            contract,
            purpose,
            issued,
            expires,
            segments,
        })
    }

    /// As the shop puts it into its store, signed.
    pub fn sign(&self, shop: &ShopKey) -> Vec<u8> {
        envelope::sign(Kind::Grant, &self.0, &shop.0)
    }

    /// Reads a grant and holds it against the shop's key and the clock.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], [`Error::Envelope`], [`Error::PayloadType`], [`Error::SignedByAnother`], [`Error::Signature`], [`Error::Version`] when it is not the shop's grant as
    /// it was signed; [`Error::Contents`] and [`Error::NotWithin`] when it says what cannot be; [`Error::Expired`].
    pub fn verify(bytes: &[u8], shop: &ShopPublicKey, now: Time) -> Result<Self, Error> {
        let grant = Self::check(envelope::open(Kind::Grant, bytes, &shop.0)?)?;
        grant.check_time(now)?;
        Ok(grant)
    }

    /// What it says.
    pub const fn terms(&self) -> &Terms {
        &self.0
    }

    /// The name of the object that holds it.
    pub const fn document(&self) -> Document {
        Document::Grant(self.0.grant)
    }

    /// A segment of it.
    ///
    /// # Errors
    ///
    /// [`Error::NotGranted`].
    pub fn segment(&self, segment: SegmentId) -> Result<&Granted, Error> {
        let found = self.0.segments.iter().find(|granted| granted.segment == segment);
        found.ok_or(Error::NotGranted { grant: self.0.grant, segment })
    }

    /// Whether it still holds.
    ///
    /// # Errors
    ///
    /// [`Error::Expired`] from its expiry on.
    pub fn check_time(&self, now: Time) -> Result<(), Error> {
        if now >= self.0.expires {
            return Err(Error::Expired { kind: Kind::Grant, expired: self.0.expires });
        }
        Ok(())
    }

    /// Whether it is for the partner with this key.
    ///
    /// # Errors
    ///
    /// [`Error::AnotherPartner`].
    pub fn check_partner(&self, key: &PartnerKey) -> Result<(), Error> {
        let (expected, found) = (self.0.partner_key, key.fingerprint());
        if expected != found {
            return Err(Error::AnotherPartner { grant: self.0.grant, expected, found });
        }
        Ok(())
    }

    fn check(terms: Terms) -> Result<Self, Error> {
        let refused = |why: String| Err(Error::Contents { kind: Kind::Grant, why });
        let Terms { issued, expires, ref segments, .. } = terms;
        terms.ground.check(terms.country)?;
        let names: Vec<SegmentId> = segments.iter().map(|granted| granted.segment).collect();
        check_list(Kind::Grant, &names)?;
        if issued.as_nanos() < 0 || issued >= expires {
            return refused(format!("it is issued at {issued} and expires at {expires}"));
        }
        for granted in segments {
            let Granted { segment, started, deadline, bytes, .. } = granted;
            if started >= deadline {
                return refused(format!("the segment {segment} starts at {started} and has the deadline {deadline}"));
            }
            if *deadline <= issued {
                return refused(format!(
                    "the segment {segment} had to be gone at {deadline}, and the grant is issued at {issued}"
                ));
            }
            if *bytes == 0 {
                return refused(format!("the segment {segment} has no bytes"));
            }
            if !(1..=MOST_ASSOCIATED).contains(&granted.associated_data.len()) {
                return refused(format!(
                    "the associated data of the segment {segment} are not 1 to {MOST_ASSOCIATED} bytes"
                ));
            }
        }
        let latest = segments.iter().map(|granted| granted.deadline).max().expect("a list of at least one was checked");
        if expires > latest {
            return refused(format!("it expires at {expires}, after the latest deadline of its segments, {latest}"));
        }
        Ok(Self(terms))
    }
}

/// A list of segments in a grant or a request: 1 to 10,000, each once.
pub(crate) fn check_list(kind: Kind, segments: &[SegmentId]) -> Result<(), Error> {
    let refused = |why: String| Err(Error::Contents { kind, why });
    if segments.is_empty() {
        return refused("it names no segment".to_owned());
    }
    if segments.len() > MOST_SEGMENTS {
        return refused(format!("it names {} segments, and {MOST_SEGMENTS} are the most", segments.len()));
    }
    let mut seen = HashSet::with_capacity(segments.len());
    match segments.iter().find(|segment| !seen.insert(**segment)) {
        Some(twice) => refused(format!("it names the segment {twice} twice")),
        None => Ok(()),
    }
}

/// Bytes as hexadecimal digits.
mod hexadecimal {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
