//! A partner that keeps everything it ever gets, opens some of it in time, and tries to open the rest when it must not.

use std::collections::BTreeMap;
use std::io::Read;

use sluis_frame::Timestamp;
use sluis_segment::{Opener, SegmentId, SegmentKey};
use sluis_share::{
    Ask, AskNonce, Country, Document, Grant, GrantId, Name, Partner as Contract, PartnerSecret, Release, Sentence,
    ShopPublicKey, Time, TransferGround,
};
use sluis_store::{ByteRange, FolderStore, ObjectName, ObjectStore};

use crate::attack::Hoard;
use crate::error::Error;
use crate::recording::{Digest, digest_of};

/// The partner.
#[derive(Debug)]
pub(crate) struct Partner {
    secret: PartnerSecret,
    /// Grants, as they were signed, by their names.
    grants: BTreeMap<GrantId, Vec<u8>>,
    /// Requests, as they were signed: they are put there again later.
    asks: Vec<(ObjectName, Vec<u8>)>,
    /// Releases, as they were signed.
    releases: BTreeMap<(GrantId, SegmentId), Vec<u8>>,
}

/// The partner's name.
pub(crate) const NAME: &str = "a hoarding laboratory";

// === impl Partner ===

impl Partner {
    pub(crate) fn new() -> Result<Self, Error> {
        let secret = PartnerSecret::generate()?;
        Ok(Self { secret, grants: BTreeMap::new(), asks: Vec::new(), releases: BTreeMap::new() })
    }

    /// What the shop writes down of it.
    pub(crate) fn contract(&self) -> Result<Contract, Error> {
        Ok(Contract {
            name: Name::new(NAME)?,
            key: self.secret.public(),
            country: Country::new("JP")?,
            contract: Sentence::new("Contract 7 of a rehearsal")?,
            ground: Some(TransferGround::AdequacyDecision),
            purpose: Sentence::new("training of a model that knows a reaching hand")?,
        })
    }

    /// Fetches all grants and releases that lie in the cloud. Says which releases are new.
    pub(crate) fn fetch(&mut self, cloud: &FolderStore) -> Result<Vec<(GrantId, SegmentId)>, Error> {
        let mut fresh = Vec::new();
        for info in cloud.list()? {
            let Ok(document) = info.name.as_str().parse::<Document>() else { continue };
            let mut bytes = Vec::new();
            let read = cloud.open(&info.name, ByteRange::ALL)?.read_to_end(&mut bytes);
            read.map_err(|source| sluis_store::Error::Store { object: info.name, doing: "read", source })?;
            match document {
                Document::Grant(grant) => drop(self.grants.insert(grant, bytes)),
                Document::Release(grant, segment) => {
                    let name = (grant, SegmentId::from_bytes(*segment.as_bytes()));
                    if self.releases.get(&name).is_none_or(|got| *got != bytes) {
                        self.releases.insert(name, bytes);
                        fresh.push(name);
                    }
                }
                Document::Ask(..) => {}
            }
        }
        Ok(fresh)
    }

    /// Asks for these segments.
    pub(crate) fn ask(
        &mut self,
        cloud: &FolderStore,
        grant: GrantId,
        segments: &[SegmentId],
        now: Timestamp,
    ) -> Result<(), Error> {
        let segments = segments.iter().map(|s| sluis_share::SegmentId::from_bytes(*s.as_bytes())).collect();
        let now = Time::from_nanos(now.as_nanos());
        let ask = Ask::new(grant, segments, now, AskNonce::random()?, Name::new("job 12")?)?;
        let name = ObjectName::new(ask.document().to_string())?;
        let bytes = ask.sign(&self.secret);
        cloud.put(&name, &bytes)?;
        self.asks.push((name, bytes));
        Ok(())
    }

    /// Puts an old request there once more.
    pub(crate) fn ask_again(&self, cloud: &FolderStore, which: u64) -> Result<(), Error> {
        if let Some((name, bytes)) = self.asks.get(which as usize) {
            cloud.put(name, bytes)?;
        }
        Ok(())
    }

    pub(crate) fn asks(&self) -> u64 {
        self.asks.len() as u64
    }

    /// The grants that it ever got.
    pub(crate) fn grants(&self) -> Vec<GrantId> {
        self.grants.keys().copied().collect()
    }

    /// Opens a segment as the contract allows: with a key that was released, from the sealed bytes that lay in the cloud.
    pub(crate) fn open(
        &self,
        name: (GrantId, SegmentId),
        shop: &ShopPublicKey,
        hoard: &Hoard,
        now: Timestamp,
    ) -> Result<Digest, String> {
        let text = |error: &dyn std::error::Error| crate::error::chain(error);
        let now = Time::from_nanos(now.as_nanos());
        let missing = || "there is no such document".to_owned();
        let grant = self.grants.get(&name.0).ok_or_else(missing)?;
        let grant = Grant::verify(grant, shop, now).map_err(|e| text(&e))?;
        let got = self.releases.get(&name).ok_or_else(missing)?;
        let release = Release::verify(got, shop, &grant, now).map_err(|e| text(&e))?;
        let keyset = release.open(&self.secret, now).map_err(|e| text(&e))?;
        let key = key_of(&keyset).ok_or_else(|| "the keyset holds no key".to_owned())?;
        let granted = grant.segment(release.segment()).map_err(|e| text(&e))?;
        let object = ObjectName::new(granted.object.as_str()).map_err(|e| text(&e))?;
        let sealed = hoard.get(&object).ok_or_else(|| format!("{object} never lay in the cloud"))?;
        let mut plain = Vec::new();
        let opened = Opener::new(&sealed[..], &SegmentKey::from_bytes(key), &granted.associated_data);
        opened.map_err(|e| text(&e))?.read_to_end(&mut plain).map_err(|e| text(&e))?;
        digest_of(&plain).ok_or_else(|| "no digest".to_owned())
    }
}

/// The key in a Tink keyset: the last 32 bytes of its serialised key, as `AesGcmHkdfStreamingKey` ends with `key_value`.
fn key_of(keyset: &[u8]) -> Option<[u8; 32]> {
    let keyset: serde_json::Value = serde_json::from_slice(keyset).ok()?;
    let value = keyset["key"][0]["keyData"]["value"].as_str()?;
    base64(value)?.last_chunk().copied()
}

/// Standard base64 with padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for character in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | ALPHABET.iter().position(|known| *known == character)? as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_comes_out_of_a_keyset() {
        let key = SegmentKey::from_bytes([7; 32]);
        assert_eq!(key_of(key.tink_keyset_json().as_bytes()), Some([7; 32]));
    }

    #[test]
    fn base64_is_read_as_rfc_4648_has_it() {
        for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(text).unwrap(), plain.as_bytes());
        }
        assert!(base64("?").is_none());
    }
}
