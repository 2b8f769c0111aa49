//! What can go wrong in the vault.

use std::io;
use std::path::PathBuf;

use sluis_segment::SegmentId;
use sluis_store::{Error as StoreError, ObjectName};

use crate::index::{Role, State};
use crate::retention::{Deadline, Retention, display};

/// What can go wrong in the vault. Every message names the folder, file or segment, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder of the vault cannot be used.
    #[error("cannot {doing} {path}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process keeps this vault.
    #[error(
        "the vault {folder} is in use by another sluis: stop that one, or only look (`sluis vault ls`, `verify`, `open` work beside it)",
        folder = folder.display()
    )]
    InUse {
        /// The vault's folder.
        folder: PathBuf,
    },
    /// There is no vault.
    #[error("{folder} holds no vault (no index.sqlite): name the folder that sluis recorded into", folder = folder.display())]
    NoVault {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// Sealed segments without the index that holds their keys.
    #[error(
        "{folder} holds {objects} sealed objects but no index, and without the index nobody can read them: put index.sqlite back, or \
         delete the objects",
        folder = folder.display()
    )]
    IndexMissing {
        /// The vault's folder.
        folder: PathBuf,
        /// How many objects lie in the store.
        objects: usize,
    },
    /// The index is of a later version of this program.
    #[error(
        "the index {path} has version {found} and this sluis knows versions up to {known}: use the newer sluis that wrote it",
        path = path.display()
    )]
    NewerIndex {
        /// The index.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest version that is known here.
        known: i64,
    },
    /// The index cannot be read or written.
    #[error("the index {path} failed while trying to {doing}", path = path.display())]
    Index {
        /// The index.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: rusqlite::Error,
    },
    /// Another process reads the index without end.
    #[error(
        "destroyed keys are still in the log of the index {path}, because another process has been reading it for seconds: end that one; the \
         next sweep tries again",
        path = path.display()
    )]
    IndexBusy {
        /// The index.
        path: PathBuf,
    },
    /// Something in the index cannot be what it should be.
    #[error("the index {path} is damaged: {what}; restore the vault's folder as a whole from before the damage", path = path.display())]
    Damaged {
        /// The index.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// The keyring cannot be read.
    #[error(
        "the keyring {path} cannot be used: {what}. Without it nothing in the vault opens: put the vault's folder back as a whole, from one moment",
        path = path.display()
    )]
    Keyring {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] sluis_ledger::Error),
    /// A document of the sharing of segments cannot be used.
    #[error(transparent)]
    Share(#[from] sluis_share::Error),
    /// A segment did not go up into the cloud.
    #[error("segment {segment} could not be copied to the cloud; it is tried again")]
    Upload {
        /// Which.
        segment: SegmentId,
        /// Why not.
        source: Box<Error>,
    },
    /// A copy in the cloud is not what is here.
    #[error("the copy of segment {segment} in the cloud is not what lies here: it was removed, and goes up again")]
    CopyDiffers {
        /// Which.
        segment: SegmentId,
    },
    /// A segment has a copy in a cloud that is not configured any more.
    #[error(
        "segment {segment} has a copy in the cloud, and no cloud is configured: configure it again, so that the copy can be destroyed"
    )]
    NoCloud {
        /// Which.
        segment: SegmentId,
    },
    /// The cloud has just not answered.
    #[error(
        "the copy of segment {segment} is still in the cloud, which has just not answered; the next sweep tries again"
    )]
    CloudAway {
        /// Which.
        segment: SegmentId,
    },
    /// The cloud belongs to another vault, or is not what it was.
    #[error(
        "the cloud is another vault's, or is not mounted: {what}. Give every shop a `prefix` or folder of its own, and look that the folder is mounted"
    )]
    NotOurs {
        /// What was found.
        what: &'static str,
    },
    /// The vault's folder is older than its ledger.
    #[error(
        "the vault's folder was put back from a copy: start the recorder once, which destroys again what was destroyed since. Until then nothing is opened"
    )]
    PutBack,
    /// The system does not say how much room there is.
    #[error("the system does not say how much room is left on the vault's disk; nothing is recorded without knowing")]
    FreeSpace(#[source] io::Error),
    /// The disk is nearly full.
    #[error(
        "{} MiB are free on the vault's disk, and {} MiB must stay free: nothing more is recorded until deadlines or the cloud make room",
        free >> 20, needed >> 20
    )]
    NoRoom {
        /// Free bytes.
        free: u64,
        /// What is to stay free.
        needed: u64,
    },
    /// Nobody of this name.
    #[error(
        "`{name}` is not known here: `sluis partner ls`, `sluis grant ls` and `sluis staff ls` say who and what is"
    )]
    NoSuchName {
        /// What was asked for.
        name: String,
    },
    /// A name or key that somebody has already.
    #[error("the name `{name}`, or the key, is taken: names and keys are given once")]
    NameTaken {
        /// What was asked for.
        name: String,
    },
    /// There is nowhere that partners could fetch anything from.
    #[error(
        "no cloud is configured, and partners fetch what they are granted from there: add `[cloud]` (a folder will do)"
    )]
    NoExchange,
    /// A segment that the cloud does not have yet.
    #[error(
        "segment {segment} is not in the cloud yet, where the partner would fetch it: wait for its upload (`sluis vault ls` tells)"
    )]
    NotUploaded {
        /// Which.
        segment: SegmentId,
    },
    /// An object that holds something else than its name says.
    #[error("{object} holds a request of another name: it was copied")]
    OtherName {
        /// Which.
        object: ObjectName,
    },
    /// Somebody without a key that is known here.
    #[error("this needs a member of staff: name a key file with `--as` that `sluis staff ls` knows")]
    NotStaff,
    /// A role that does not allow it.
    #[error("{name} is {role}, and that role does not allow this: ask a privacy officer")]
    NotAllowed {
        /// Who.
        name: String,
        /// Their role.
        role: Role,
    },
    /// There must be a privacy officer.
    #[error("there must be a privacy officer first and last: add one with `--role privacy-officer`")]
    FirstStaff,
    /// A name that no member of staff can have.
    #[error("`{name}` cannot name a member of staff: use 1 to 64 characters, without commas and control characters")]
    StaffName {
        /// What was asked for.
        name: String,
    },
    /// A group company is a partner, and nobody else belongs to one.
    #[error("somebody of a group company, and nobody else, needs `--company` with the name of the partner that it is")]
    Company,
    /// A file that holds no key.
    #[error("{path} holds no key of a member of staff (64 hexadecimal digits)", path = path.display())]
    StaffKey {
        /// The file.
        path: PathBuf,
    },
    /// A hold that cannot be.
    #[error(
        "segment {segment} can be held until {ceiling} at the latest, 30 days after its recording, and its deadline is {deadline} already"
    )]
    HoldTooLong {
        /// Which.
        segment: SegmentId,
        /// The latest time that can be.
        ceiling: Deadline,
        /// Its deadline now.
        deadline: Deadline,
    },
    /// Nobody holds the segment.
    #[error("no such hold keeps segment {segment}: `sluis vault ls` shows what is held, and until when")]
    NotHeld {
        /// Which.
        segment: SegmentId,
    },
    /// When a segment would be due without its hold is not known.
    #[error(
        "segment {segment} was held by an older version of this program, which did not note when it was due before: let the hold end on {deadline}, or erase the segment"
    )]
    HeldByOlder {
        /// Which.
        segment: SegmentId,
        /// Its deadline now.
        deadline: Deadline,
    },
    /// The segment is restricted.
    #[error(
        "segment {segment} is restricted since {since}: it is only stored (Art. 18 GDPR). Lift the restriction (`sluis vault lift`) when what it was taken for is decided",
        since = display(*since)
    )]
    Restricted {
        /// Which.
        segment: SegmentId,
        /// Since when.
        since: sluis_frame::Timestamp,
    },
    /// Nobody restricts the segment.
    #[error("no such restriction is on segment {segment}: `sluis vault ls` shows what is restricted")]
    NotRestricted {
        /// Which.
        segment: SegmentId,
    },
    /// A camera is paused.
    #[error("camera {camera} is paused since {since}: nothing of it is recorded", since = display(*since))]
    Paused {
        /// Which.
        camera: sluis_frame::CameraId,
        /// Since when.
        since: sluis_frame::Timestamp,
    },
    /// A pause that is over before it begins.
    #[error("a pause until {until} is over already: give a time to come", until = display(*until))]
    PauseOver {
        /// Until when it was to be.
        until: sluis_frame::Timestamp,
    },
    /// A name that no zone has.
    #[error("`{zone}` cannot name a zone: use 1 to 48 characters")]
    ZoneName {
        /// What was asked for.
        zone: String,
    },
    /// The bytes of a segment have made room here.
    #[error("segment {segment} lies in the cloud only: name the configuration that says where (`--config`)")]
    InTheCloud {
        /// Which.
        segment: SegmentId,
    },
    /// The clock cannot be believed.
    #[error(
        "the clock says {clock} where {counted} was counted, and nothing confirms it: nothing is recorded, so that nothing is destroyed early. Set the clock right; if it is right, \
         say so with `sluis vault trust-time`",
        clock = display(*clock), counted = display(*counted)
    )]
    ClockUnsure {
        /// What it says.
        clock: sluis_frame::Timestamp,
        /// What was counted.
        counted: sluis_frame::Timestamp,
    },
    /// Others than its owner may read the root secret.
    #[error(
        "the root secret {path} has mode {mode:04o}: others may have read it. If nobody has, run `chmod 600` on it",
        path = path.display()
    )]
    RootExposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Others than its owner may read the key of a member of staff.
    #[error(
        "the key file {path} has mode {mode:04o}: others may have read it. If nobody has, run `chmod 600` on it; else `sluis staff remove`, and add a new one",
        path = path.display()
    )]
    KeyExposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The root secret's file has another length.
    #[error("the root secret {path} holds {found} bytes where 32 belong: restore it from your copy", path = path.display())]
    RootLength {
        /// The file.
        path: PathBuf,
        /// How many bytes there are.
        found: u64,
    },
    /// A passphrase that is too easily guessed.
    #[error("a passphrase has at least {least} characters: take five words that do not belong together")]
    Passphrase {
        /// Characters.
        least: usize,
    },
    /// The file that goes with a passphrase cannot be used.
    #[error("{path} is not what this program writes for a passphrase, or was made weaker: restore it from your copy", path = path.display())]
    PassphraseFile {
        /// The file.
        path: PathBuf,
    },
    /// The vault was made under another root secret.
    #[error("the vault {folder} was made under another root secret: nothing in it opens with this one", folder = folder.display())]
    WrongRoot {
        /// The vault's folder.
        folder: PathBuf,
    },
    /// The system gives no randomness.
    #[error("the system gave no random bytes; without them no key can be made")]
    Random,
    /// A retention that may not be.
    #[error("{asked} hours of retention cannot be: it is more than nothing and at most {max} hours (30 days)", asked = asked.as_secs_f64() / 3600.0, max = Retention::CEILING.get().as_secs() / 3600)]
    Retention {
        /// What was asked for.
        asked: std::time::Duration,
    },
    /// A name that no shop can have.
    #[error("`{0}` cannot name a shop: use 1 to 64 characters, none of them a control character")]
    Shop(String),
    /// An opening without a reason.
    #[error(
        "every opening of a segment is logged with its reason: give one, in 3 to 500 characters without control characters"
    )]
    Reason,
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such segment.
    #[error("no segment {segment} in this vault: `sluis vault ls` lists them")]
    Unknown {
        /// Which.
        segment: SegmentId,
    },
    /// The segment cannot be read in its state.
    #[error("segment {segment} cannot be opened: it is {state}")]
    NotReadable {
        /// Which.
        segment: SegmentId,
        /// Its state.
        state: State,
    },
    /// The segment's time is over.
    #[error("segment {segment} had to be gone by {deadline} and will not be opened")]
    PastDeadline {
        /// Which.
        segment: SegmentId,
        /// When its time was over.
        deadline: Deadline,
    },
    /// A recording that would be past its deadline at once.
    #[error(
        "a recording of {started} would be past its deadline {deadline} at once: this vault has seen {now}. Set the clock right; if it \
         once ran ahead, start a new vault folder",
        started = display(*started), now = display(*now)
    )]
    BornLate {
        /// When the recording began.
        started: sluis_frame::Timestamp,
        /// When it would have to be gone.
        deadline: Deadline,
        /// The latest time that the vault has seen.
        now: sluis_frame::Timestamp,
    },
    /// A change of state that cannot be.
    #[error("segment {segment} is {from}: it cannot become {to}")]
    Transition {
        /// Which.
        segment: SegmentId,
        /// The state that it is in.
        from: State,
        /// The state that was asked for.
        to: State,
    },
    /// A wrapped key does not open.
    #[error(
        "the key of segment {segment} does not open under this root secret: its entry in the index was changed or moved"
    )]
    Key {
        /// Which.
        segment: SegmentId,
    },
    /// A sealed segment does not open.
    #[error("segment {segment} cannot be read as it was recorded")]
    Damage {
        /// Which.
        segment: SegmentId,
        /// What the opener says.
        source: Box<sluis_segment::Error>,
    },
    /// A segment cannot be copied to where somebody wants it.
    #[error("segment {segment} cannot be copied out")]
    CopyOut {
        /// Which.
        segment: SegmentId,
        /// Why.
        source: Box<sluis_segment::Error>,
    },
    /// A sealed segment is longer or shorter than it was.
    #[error(
        "segment {segment} is damaged: it has {found} bytes and was sealed with {expected}; restore its file from a copy"
    )]
    Length {
        /// Which.
        segment: SegmentId,
        /// Bytes when it was sealed.
        expected: u64,
        /// Bytes now.
        found: u64,
    },
    /// `eye` does not keep to the message set.
    #[error("the camera's side of the hand-over broke its rules: {0}")]
    Handover(String),
}

impl Error {
    /// For `map_err` on an operation on a file.
    pub(crate) fn file(path: impl Into<PathBuf>, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, doing, source }
    }

    /// What went wrong while a sealed segment was read: damage, and errors of this crate, travel inside the I/O error; anything else is the store's.
    pub(crate) fn reading(segment: SegmentId, object: ObjectName, error: io::Error) -> Self {
        let error = match error.downcast() {
            Ok(source) => return Self::Damage { segment, source: Box::new(source) },
            Err(error) => error,
        };
        error.downcast().unwrap_or_else(|source| StoreError::Store { object, doing: "read", source }.into())
    }
}

/// An error with all its causes in one line: for what is stored or sent as text.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |e| e.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
