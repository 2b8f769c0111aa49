//! What the ledger tells.
//!
//! Every record is written into the index together with the change that it tells, in one transaction, and brought from there into the ledger: so nothing happens that is not told,
//! and nothing is told that did not happen. Records name segments, partners and members of staff; never what a picture shows.

use serde::Serialize;
use sluis_frame::{CameraId, Timestamp};
use sluis_segment::SegmentId;

use crate::index::{Ending, Exemption, ExportForm};
use crate::retention::Deadline;

/// One thing that happened. In the ledger it is a JSON object with the key `event`; times are nanoseconds since 1970.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Record<'a> {
    /// The vault was opened by the process that keeps it.
    Started {
        /// Of the program.
        version: &'a str,
    },
    /// That process ended in order.
    Stopped,
    /// From now on this is in force: SHA-256 of the configuration's text, and what of it concerns people.
    Configuration {
        /// Hexadecimal digits.
        sha256: &'a str,
        /// How long recordings are kept.
        retention_hours: u32,
        /// Why for longer than 72 hours.
        retention_reason: Option<&'a str>,
    },
    /// Components that look at pictures from now on: name, version, digest.
    Components {
        /// All of them.
        components: Vec<Component<'a>>,
    },
    /// The public notice that is shown from now on.
    Notice {
        /// Its version.
        version: &'a str,
        /// SHA-256 of what it tells.
        sha256: &'a str,
    },
    /// An evidence pack was made: the facts of this shop in a folder, for who examines it.
    Evidence {
        /// SHA-256 of its manifest, which has that of every file.
        sha256: &'a str,
        /// In how many things what it shows is not as it should be, as it says itself.
        shortcomings: u32,
    },
    /// A step was taken in the breach register. What it says stands there alone: it may name people, and this is kept for good.
    Breach {
        /// The number of the breach, or `signs` for signs that were looked into.
        number: &'a str,
        /// Which of its steps.
        step: u64,
        /// SHA-256 of the step's file.
        sha256: &'a str,
    },
    /// A recording began.
    Begun {
        /// Which.
        segment: SegmentId,
        /// Of which camera.
        camera: &'a CameraId,
        /// When its first frame was captured.
        started: Timestamp,
        /// When it must be gone.
        deadline: Deadline,
    },
    /// A recording was closed and is whole.
    Sealed {
        /// Which.
        segment: SegmentId,
        /// Of the sealed object.
        bytes: u64,
    },
    /// A recording broke off, and what there was of it was sealed anew.
    Recovered {
        /// Which.
        segment: SegmentId,
        /// Of the new sealed object.
        bytes: u64,
    },
    /// A segment's keys are destroyed: nobody can read it from now on.
    KeysDestroyed {
        /// Which.
        segment: SegmentId,
        /// As what it ends.
        ending: Ending,
        /// In words.
        reason: &'a str,
    },
    /// The receipt: its bytes are gone too, here and, verified by listing, in the cloud.
    Destroyed {
        /// Which.
        segment: SegmentId,
        /// Of the object that was destroyed.
        bytes: u64,
        /// How often it had been opened, exported, or released to partners.
        openings: u64,
    },
    /// The key of a day of recording is destroyed.
    DayKeyDestroyed {
        /// The day, and for how long its recordings were kept.
        day: String,
    },
    /// A copy lies in the cloud.
    Uploaded {
        /// Which.
        segment: SegmentId,
        /// Of the object.
        bytes: u64,
    },
    /// The local copy made room; the one in the cloud is left.
    MadeRoom {
        /// Which.
        segment: SegmentId,
    },
    /// An object that belonged to no segment was removed.
    OrphanRemoved {
        /// Its name.
        object: &'a str,
        /// Where it lay.
        place: &'a str,
    },
    /// The bytes of a segment that the index knows are missing.
    BytesMissing {
        /// Which.
        segment: SegmentId,
    },
    /// A segment was opened here.
    Opened {
        /// Which.
        segment: SegmentId,
        /// The user of the operating system, and the member of staff.
        who: &'a str,
        /// `open` or `export`.
        how: &'a str,
        /// Why.
        reason: &'a str,
        /// Where a copy went, and in which form.
        #[serde(skip_serializing_if = "Option::is_none")]
        copy: Option<Copy<'a>>,
    },
    /// A segment was handed out because a law demands it.
    Disclosed {
        /// Which.
        segment: SegmentId,
        /// To whom.
        authority: &'a str,
        /// The legal ground.
        ground: &'a str,
        /// What was demanded.
        scope: &'a str,
    },
    /// A segment's deadline was brought forward.
    Erased {
        /// Which.
        segment: SegmentId,
        /// Why.
        reason: &'a str,
    },
    /// A segment is kept for longer because somebody has a right to that.
    Held {
        /// Which.
        segment: SegmentId,
        /// Until when.
        until: Deadline,
        /// Why.
        reason: &'a str,
    },
    /// A hold was released: the deadline is what it would be without it.
    HoldReleased {
        /// Which.
        segment: SegmentId,
        /// The deadline from now on.
        deadline: Deadline,
        /// Why.
        reason: &'a str,
    },
    /// A segment is only stored from now on, because somebody has a right to that (Art. 18 GDPR).
    Restricted {
        /// Which.
        segment: SegmentId,
        /// Why.
        reason: &'a str,
    },
    /// A restriction was lifted.
    RestrictionLifted {
        /// Which.
        segment: SegmentId,
        /// The reason that the restriction was taken for; none when all were lifted.
        #[serde(skip_serializing_if = "Option::is_none")]
        taken: Option<&'a str>,
        /// Whether no other is left.
        free: bool,
        /// Why.
        reason: &'a str,
    },
    /// A restricted segment was opened, for one of the things that Art. 18(2) GDPR allows.
    OpenedRestricted {
        /// Which.
        segment: SegmentId,
        /// The user of the operating system, and the member of staff.
        who: &'a str,
        /// What allows it.
        exemption: Exemption,
        /// Why.
        reason: &'a str,
    },
    /// A camera, or a zone of one, may not see from now on.
    Paused {
        /// Which camera.
        camera: &'a CameraId,
        /// Which of its zones; none is all that it sees.
        #[serde(skip_serializing_if = "Option::is_none")]
        zone: Option<&'a str>,
        /// Until when; none is until somebody says so.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Why.
        reason: &'a str,
    },
    /// A pause is over.
    Resumed {
        /// Which camera.
        camera: &'a CameraId,
        /// Which of its zones; none is all that it sees.
        #[serde(skip_serializing_if = "Option::is_none")]
        zone: Option<&'a str>,
        /// Whether no other pause of the same is left.
        free: bool,
        /// Why.
        reason: &'a str,
    },
    /// Somebody may be granted segments from now on.
    PartnerAdded {
        /// Name.
        partner: &'a str,
        /// ISO 3166-1 alpha-2.
        country: &'a str,
        /// Fingerprint of the partner's keys.
        fingerprint: &'a str,
    },
    /// And no more.
    PartnerRemoved {
        /// Name.
        partner: &'a str,
    },
    /// Segments were granted.
    Granted {
        /// The grant.
        grant: &'a str,
        /// To whom.
        partner: &'a str,
        /// What for.
        purpose: &'a str,
        /// Which.
        segments: &'a [SegmentId],
        /// Until when.
        expires: Timestamp,
    },
    /// A partner opened a segment: its key was sealed to the partner's.
    Released {
        /// The grant.
        grant: &'a str,
        /// Which.
        segment: SegmentId,
        /// Who there, as the partner says.
        who: &'a str,
    },
    /// A partner asked and was refused.
    ReleaseRefused {
        /// The grant, as far as it is known.
        grant: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// A grant ended: its time was over, the shop revoked it, or the partner had used it.
    GrantEnded {
        /// The grant.
        grant: &'a str,
        /// `expired`, `revoked` or `done`.
        how: &'a str,
    },
    /// Somebody may open segments here, with this key.
    StaffAdded {
        /// Name.
        name: &'a str,
        /// Role.
        role: &'a str,
        /// Of the key.
        fingerprint: &'a str,
    },
    /// And no more.
    StaffRemoved {
        /// Name.
        name: &'a str,
    },
    /// The clock says much more than was counted, and nobody confirms it: nothing is recorded.
    ClockUnsure {
        /// What the clock says.
        clock: Timestamp,
        /// What was counted.
        counted: Timestamp,
    },
    /// The clock is believed again, or was by somebody.
    ClockConfirmed {
        /// What it says.
        clock: Timestamp,
        /// By whom.
        by: &'a str,
    },
    /// The vault's folder is older than this ledger: it was restored from a copy. What was destroyed since is destroyed again.
    RestoredFromCopy {
        /// How many records the folder does not know of.
        records: u64,
    },
    /// This ledger is shorter than the vault's folder says: its end was cut off.
    LedgerCut {
        /// How many records it should have.
        expected: u64,
        /// How many it has.
        found: u64,
    },
}

/// A component, as the ledger names it.
#[derive(Debug, Clone, Serialize)]
pub struct Component<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// SHA-256 of its code.
    pub digest: Option<String>,
    /// Who published it, if it came from a registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<&'a str>,
    /// The models that came with it, if any did: with others it masks otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ComponentModel<'a>>,
}

/// A model that came with a component.
#[derive(Debug, Clone, Serialize)]
pub struct ComponentModel<'a> {
    /// Its name.
    pub name: &'a str,
    /// SHA-256 of it.
    pub digest: String,
}

/// A copy that left the vault.
#[derive(Debug, Clone, Serialize)]
pub struct Copy<'a> {
    /// In which form.
    pub form: ExportForm,
    /// Where to.
    pub destination: &'a str,
}
