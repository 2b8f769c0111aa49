//! The witness's book: what really was recorded and what became of it, kept apart from the vault.

use std::collections::{BTreeMap, HashMap};

use sluis_frame::Timestamp;
use sluis_segment::SegmentId;

use crate::recording::Digest;

/// What is known of all segments, and what the ledger must tell.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) pages: Vec<Page>,
    by_segment: HashMap<SegmentId, usize>,
    /// What the ledger must tell: event, about what, and how often at least.
    pub(crate) told: BTreeMap<(&'static str, String), u64>,
}

/// One segment.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) segment: SegmentId,
    /// When it was recorded, in true time.
    pub(crate) recorded: Timestamp,
    /// From when on it must be gone by the vault's own word, which moves with holds and erasures.
    pub(crate) promised: Timestamp,
    /// From when on it must be gone in true time.
    pub(crate) due: Timestamp,
    /// A hold that was asked for and not applied yet: when, and until when.
    pub(crate) hold_asked: Option<(Timestamp, Timestamp)>,
    /// The key that was handed to the recorder.
    pub(crate) key: Option<[u8; 32]>,
    /// Of the plaintext; `None` of what was recovered, until it was first read.
    pub(crate) digest: Option<Digest>,
    pub(crate) life: Life,
    /// It broke off, and was sealed anew.
    pub(crate) recovered: bool,
    /// The vault has given its receipt.
    pub(crate) buried: bool,
    /// Somebody wished that it be erased.
    pub(crate) erased: bool,
    /// It must be gone: since when, in true time.
    pub(crate) dead: Option<Timestamp>,
    /// It has outlived its deadline because the vault could not know the time.
    pub(crate) outlived: bool,
    /// A failure of it was told already.
    pub(crate) accused: bool,
    pub(crate) uploaded: bool,
    /// Openings here, and keys released to partners, that its receipt must list.
    pub(crate) openings: u64,
    pub(crate) releases: u64,
}

/// Where a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// The process was killed or the store failed, and it is not known yet what became of it.
    Uncertain,
    /// The vault has said that it keeps it.
    Kept,
    /// The vault has said that it is gone.
    Ended,
    /// It was recorded after a copy of the folder was made that was put back.
    Forgotten,
}

// === impl Book ===

impl Book {
    pub(crate) fn add(&mut self, page: Page) {
        self.by_segment.insert(page.segment, self.pages.len());
        self.pages.push(page);
    }

    pub(crate) fn page(&mut self, segment: SegmentId) -> Option<&mut Page> {
        let at = *self.by_segment.get(&segment)?;
        self.pages.get_mut(at)
    }

    pub(crate) fn find(&self, segment: SegmentId) -> Option<&Page> {
        self.pages.get(*self.by_segment.get(&segment)?)
    }

    /// The ledger must tell this once more.
    pub(crate) fn tell(&mut self, event: &'static str, of: impl ToString) {
        *self.told.entry((event, of.to_string())).or_default() += 1;
    }

    /// The ledger must tell this.
    pub(crate) fn tell_once(&mut self, event: &'static str, of: impl ToString) {
        self.told.entry((event, of.to_string())).or_insert(1);
    }

    /// Segments that must be readable for at least `margin` more.
    pub(crate) fn living(&self, now: Timestamp) -> Vec<SegmentId> {
        self.pages.iter().filter(|page| page.must_live(now)).map(|page| page.segment).collect()
    }
}

// === impl Page ===

impl Page {
    pub(crate) fn new(segment: SegmentId, recorded: Timestamp, promised: Timestamp) -> Self {
        Self {
            segment,
            recorded,
            promised,
            due: promised,
            hold_asked: None,
            key: None,
            digest: None,
            life: Life::Uncertain,
            recovered: false,
            buried: false,
            erased: false,
            dead: None,
            outlived: false,
            accused: false,
            uploaded: false,
            openings: 0,
            releases: 0,
        }
    }

    /// Whether it must be readable. The vault's time may be ahead of true time by what it lets a clock run ahead.
    pub(crate) fn must_live(&self, now: Timestamp) -> bool {
        self.life == Life::Kept
            && !self.erased
            && self.dead.is_none()
            && now + sluis_vault::time::TOLERANCE < self.promised
    }
}
