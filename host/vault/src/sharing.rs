//! Partners, and what they are granted.
//!
//! A grant holds no keys. The partner asks for each segment that it really opens; here that is logged, and the key goes out sealed to the partner. Everything lies in the cloud beside
//! the sealed segments, and goes when the grant ends: a grant that somebody keeps is worth nothing then.

use std::collections::BTreeSet;

use serde::Serialize;
use sluis_frame::Timestamp;
use sluis_segment::SegmentId;
use sluis_share::{
    Ask, Document, Grant, GrantId, Granted, Name, Partner, PartnerKey, Release, ShopKey, ShopPublicKey, Time,
};
use sluis_store::{ObjectInfo, ObjectName, ObjectStore};

use crate::archive::Archive;
use crate::cloud::{put, read_small, remove};
use crate::error::{Error, chain};
use crate::index::{Entry, GrantEnd, GrantEntry};
use crate::record::Record;
use crate::vault::Vault;

/// What came of the requests of partners.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// Keys that were released.
    pub released: u64,
    /// Requests that were refused.
    pub refused: u64,
}

/// How a grant ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndOfGrant {
    /// The shop takes it back.
    Revoked,
    /// The partner has used it: what no other open grant needs is destroyed.
    Done,
}

const ASK: &str = "ask-";

// === impl Archive ===

impl Archive {
    /// The key that grants and releases are signed with, as partners need it to check them.
    pub fn shop_public_key(&self) -> ShopPublicKey {
        self.shop_key().public()
    }

    fn shop_key(&self) -> ShopKey {
        ShopKey::from_seed(*self.root.derive("grant signing key"))
    }

    /// All partners, by name.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn partners(&self) -> Result<Vec<Partner>, Error> {
        let documents = self.index.partners()?;
        let read = |text: &String| {
            serde_json::from_str(text).map_err(|e| self.index.damaged(format!("a partner cannot be read: {e}")))
        };
        documents.iter().map(read).collect()
    }

    /// Adds a partner.
    ///
    /// # Errors
    ///
    /// [`Error::Share`] when nothing allows a transfer to its country; [`Error::NameTaken`]; [`Error::Index`].
    pub fn add_partner(&self, partner: &Partner) -> Result<(), Error> {
        partner.transfer_ground()?;
        self.observe()?;
        let document = serde_json::to_string(partner).expect("a partner is plain data");
        let (name, fingerprint) = (partner.name.as_str(), partner.key.fingerprint().to_string());
        if !self.index.add_partner(name, partner.country.code(), &fingerprint, &document)? {
            return Err(Error::NameTaken { name: name.to_owned() });
        }
        self.tell_ledger_soon();
        Ok(())
    }

    /// Removes a partner; its open grants are revoked.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchName`]; [`Error::Index`].
    pub fn remove_partner(&self, name: &str) -> Result<(), Error> {
        self.observe()?;
        for grant in self.index.open_grants()?.into_iter().filter(|grant| grant.partner == name) {
            self.end_grant(grant.id, EndOfGrant::Revoked)?;
        }
        if !self.index.remove_partner(name)? {
            return Err(Error::NoSuchName { name: name.to_owned() });
        }
        self.tell_ledger_soon();
        Ok(())
    }

    /// All grants there ever were, the first first.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn grants(&self) -> Result<Vec<GrantEntry>, Error> {
        self.index.grants()
    }

    /// Grants segments to a partner: until `expires`, or until the last deadline of its segments, whichever is first. Every segment must have its copy in the cloud already, where the
    /// partner fetches it. Says the grant's name, and the document that was put there.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchName`] of the partner; [`Error::NotReadable`], [`Error::PastDeadline`], [`Error::Restricted`], [`Error::NotUploaded`] of a segment; [`Error::Share`] for what no grant can be;
    /// [`Error::NoExchange`] without a cloud; [`Error::Store`]; [`Error::Index`].
    pub fn grant(
        &self,
        partner: &str,
        segments: &[SegmentId],
        expires: Option<Timestamp>,
    ) -> Result<(GrantId, Vec<u8>), Error> {
        let cloud = self.cloud.as_ref().ok_or(Error::NoExchange)?;
        let partner = self
            .partners()?
            .into_iter()
            .find(|known| known.name.as_str() == partner)
            .ok_or_else(|| Error::NoSuchName { name: partner.to_owned() })?;
        let mut granted = Vec::with_capacity(segments.len());
        let mut latest = Timestamp::from_nanos(i64::MIN);
        for segment in segments {
            let (_, entry) = self.readable(*segment)?;
            self.may_leave(&entry)?;
            if self.index.copy(*segment)? != Some(true) {
                return Err(Error::NotUploaded { segment: *segment });
            }
            latest = latest.max(entry.deadline.time());
            granted.push(terms(&entry)?);
        }
        let now = self.time()?;
        let expires = expires.unwrap_or(latest).min(latest);
        let id = GrantId::random()?;
        let shop = Name::new(&self.index.shop()?)?;
        let time = |at: Timestamp| Time::from_nanos(at.as_nanos());
        let grant = Grant::new(id, shop, &partner, time(now), time(expires), granted)?;
        let document = grant.sign(&self.shop_key());
        let entry = GrantEntry {
            id: *id.as_bytes(),
            partner: partner.name.to_string(),
            issued: now,
            expires,
            ended: None,
            how: None,
            segments: segments.to_vec(),
            document: String::from_utf8_lossy(&document).into_owned(),
            key: serde_json::to_string(&partner.key).expect("a key is plain data"),
        };
        self.index.grant(&entry, partner.purpose.as_str())?;
        if let Err(error) = put(cloud.as_ref(), &name_of(grant.document()), &document) {
            // Nobody would know of it, and it would keep segments from being destroyed after their use.
            self.index.end_grant(entry.id, GrantEnd::Revoked, now)?;
            return Err(error.into());
        }
        self.tell_ledger_soon();
        Ok((id, document))
    }

    /// Ends a grant before its time: nothing more is released under it, and what lies in the cloud for it goes. After [`EndOfGrant::Done`] the segments that no other open grant needs
    /// are destroyed by the next sweep, but for those that are held or restricted. Says which.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchName`] when there is no open grant of this name; [`Error::Index`].
    pub fn end_grant(&self, id: [u8; 16], how: EndOfGrant) -> Result<Vec<SegmentId>, Error> {
        let now = self.observe()?.time;
        let unknown = || Error::NoSuchName { name: hex::encode(id) };
        let grant = self.index.open_grants()?.into_iter().find(|grant| grant.id == id).ok_or_else(unknown)?;
        let end = match how {
            EndOfGrant::Revoked => GrantEnd::Revoked,
            EndOfGrant::Done => GrantEnd::Done,
        };
        if !self.index.end_grant(id, end, now)? {
            return Err(unknown());
        }
        let mut used = Vec::new();
        if how == EndOfGrant::Done {
            let needed: BTreeSet<_> = self.index.open_grants()?.into_iter().flat_map(|grant| grant.segments).collect();
            for segment in grant.segments.iter().filter(|segment| !needed.contains(segment)) {
                // Somebody has a right to it, held or only stored.
                if self.index.is_held(*segment)? || self.index.get(*segment)?.restricted.is_some() {
                    continue;
                }
                if self.index.bring_forward(*segment, now, "used in training; no other grant is open")? {
                    used.push(*segment);
                }
            }
        }
        self.withdraw_soon(&grant);
        self.tell_ledger_soon();
        Ok(used)
    }

    /// Takes back the keys that were released of a segment which is destroyed or restricted. What a partner has fetched before is bound by its contract.
    pub(crate) fn withdraw_releases(&self, cloud: &dyn ObjectStore, segment: SegmentId) -> Result<(), Error> {
        for grant in self.index.grants_of(segment)? {
            remove(cloud, &name_of(Document::Release(GrantId::from_bytes(grant), share_id(segment))))?;
        }
        Ok(())
    }

    /// The same for all that were restricted since this was last done.
    pub(crate) fn withdraw_restricted(&self, cloud: &dyn ObjectStore) -> Result<(), Error> {
        for segment in self.index.to_withdraw()? {
            self.withdraw_releases(cloud, segment)?;
            self.index.withdrawn(segment)?;
        }
        Ok(())
    }

    /// Takes what lies in the cloud for a grant away again. What cannot be reached now goes with the next reconciliation.
    fn withdraw_soon(&self, grant: &GrantEntry) {
        let Some(cloud) = &self.cloud else { return };
        let id = GrantId::from_bytes(grant.id);
        let keys = grant.segments.iter().map(|s| Document::Release(id, share_id(*s)));
        for document in std::iter::once(Document::Grant(id)).chain(keys) {
            if let Err(error) = remove(cloud.as_ref(), &name_of(document)) {
                tracing::warn!(
                    error = chain(&error),
                    "a document of a grant that is over is still in the cloud; the next reconciliation removes it"
                );
                return;
            }
        }
    }
}

// === impl Vault ===

impl Vault {
    /// Ends the grants whose time is over, takes back what was released of segments that are restricted, and answers the requests that partners have put into the cloud: each opening is logged, then its key is released. To be called often; a call
    /// with nothing to do is one listing.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the cloud cannot be reached; [`Error::Index`]. What cannot be released is refused, and that is logged too.
    pub fn answer_partners(&self) -> Result<Answered, Error> {
        let mut answered = Answered::default();
        let archive = self.archive();
        let now = archive.now()?;
        for grant in archive.index.open_grants()?.into_iter().filter(|grant| grant.expires <= now) {
            self.index().end_grant(grant.id, GrantEnd::Expired, now)?;
            archive.withdraw_soon(&grant);
        }
        let Some(cloud) = &archive.cloud else { return Ok(answered) };
        self.is_ours(cloud.as_ref())?;
        archive.withdraw_restricted(cloud.as_ref())?;
        let mut failed = None;
        for info in cloud.list_prefix(ASK)? {
            let Ok(Document::Ask(id, nonce)) = info.name.as_str().parse() else { continue };
            match self.answer(cloud.as_ref(), &info, id, nonce) {
                Ok(released) => answered.released += released,
                // The cloud, not the request: it stays, and is tried again. Others are not kept from theirs.
                Err(error @ Error::Store(_)) => {
                    failed = Some(error);
                    continue;
                }
                Err(error) => {
                    tracing::warn!(grant = %id, error = chain(&error), "a partner's request is refused");
                    answered.refused += 1;
                    let (grant, reason) = (id.to_string(), chain(&error));
                    self.index().note(&Record::ReleaseRefused { grant: &grant, reason: &reason })?;
                }
            }
            cloud.delete(&info.name)?;
        }
        if answered != Answered::default() {
            archive.tell_ledger_soon();
        }
        failed.map_or(Ok(answered), Err)
    }

    fn answer(
        &self,
        cloud: &dyn ObjectStore,
        info: &ObjectInfo,
        id: GrantId,
        nonce: sluis_share::AskNonce,
    ) -> Result<u64, Error> {
        let archive = self.archive();
        let unknown = || Error::NoSuchName { name: id.to_string() };
        let grant = archive.index.open_grants()?.into_iter().find(|g| g.id == *id.as_bytes()).ok_or_else(unknown)?;
        let most = sluis_share::Kind::Ask.most_bytes() as u64 + 1;
        let bytes = read_small(cloud, &info.name, most)?;
        // Both clocks: the one that may run ahead, and the one that is counted on.
        let seen = archive.time()?;
        let time = Time::from_nanos(seen.as_nanos());
        let shop = archive.shop_key();
        let terms = Grant::verify(grant.document.as_bytes(), &shop.public(), time)?;
        let key: PartnerKey = serde_json::from_str(&grant.key)
            .map_err(|e| self.index().damaged(format!("the key of grant {id} cannot be read: {e}")))?;
        let ask = Ask::verify(&bytes, &terms, &key, time)?;
        if ask.wish().nonce != nonce {
            return Err(Error::OtherName { object: info.name.clone() });
        }
        let mut released = 0;
        for segment in &ask.wish().segments {
            let segment = SegmentId::from_bytes(*segment.as_bytes());
            let (_, entry) = archive.readable(segment)?;
            archive.may_leave(&entry)?;
            let name = name_of(Document::Release(id, share_id(segment)));
            if self.index().has_released(grant.id, segment, nonce.as_bytes())? && cloud.size(&name)?.is_some() {
                // An earlier try got so far.
                continue;
            }
            let keyset = archive.key(&entry)?.tink_keyset_json();
            let release = Release::seal(&terms, share_id(segment), &key, keyset.as_bytes(), time)?;
            // What goes out is an opening each time, also when an earlier try's key did not get there or was taken away again meanwhile: the partner may have fetched that one.
            self.index().log_release(grant.id, segment, nonce.as_bytes(), seen, ask.wish().who.as_str())?;
            // What an earlier request got makes room.
            cloud.delete(&name)?;
            put(cloud, &name, &release.sign(&shop))?;
            // A sweep or a revocation that came in between has looked for it already.
            let entry = self.index().get(segment)?;
            if !self.index().is_open(grant.id)? || archive.may_leave(&entry).is_err() {
                remove(cloud, &name)?;
                return Err(Error::NotReadable { segment, state: entry.state });
            }
            released += 1;
        }
        Ok(released)
    }

    /// Removes documents of grants that are over from the cloud, whole or partial.
    pub(crate) fn clear_exchange(&self, cloud: &dyn ObjectStore, objects: &[ObjectInfo]) -> Result<(), Error> {
        let open: BTreeSet<_> = self.index().open_grants()?.into_iter().map(|grant| grant.id).collect();
        for info in objects {
            let Ok(document) = info.name.as_str().parse::<Document>() else { continue };
            let dead = match document {
                Document::Release(_, segment) => {
                    let entry = self.index().get(SegmentId::from_bytes(*segment.as_bytes()));
                    entry.and_then(|entry| self.archive().may_leave(&entry)).is_err()
                }
                _ => false,
            };
            if dead || !open.contains(document.grant().as_bytes()) {
                remove(cloud, &info.name)?;
            }
        }
        Ok(())
    }
}

/// What a grant says of a segment.
fn terms(entry: &Entry) -> Result<Granted, Error> {
    let time = |at: Timestamp| Time::from_nanos(at.as_nanos());
    Ok(Granted {
        segment: share_id(entry.segment),
        camera: Name::new(entry.camera.as_str())?,
        started: time(entry.started),
        deadline: time(entry.deadline.time()),
        bytes: entry.bytes,
        object: sluis_share::document::ObjectName::new(entry.object().as_str())?,
        associated_data: entry.binding().associated_data(),
    })
}

fn share_id(segment: SegmentId) -> sluis_share::SegmentId {
    sluis_share::SegmentId::from_bytes(*segment.as_bytes())
}

fn name_of(document: Document) -> ObjectName {
    ObjectName::new(document.to_string()).expect("a document's name is an object's")
}
