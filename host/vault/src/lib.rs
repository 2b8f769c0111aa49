//! What keeps sealed segments, and destroys them in time.
//!
//! A segment is sealed under its own random key. The key lies in the index, wrapped under the key of its day; the keys of days lie in the keyring; the keyring is sealed under the root secret and
//! a random one that changes with every destruction. The sealed bytes lie in the store. To destroy a segment is to destroy its key first: from then on nobody can read the bytes, wherever copies
//! of them are.
//!
//! ```text
//! eye ── sealed bytes ──► Vault::serve ──► store  ──► cloud    (ciphertext only)
//!                             │
//!                             ├──────────► index    (states, deadlines, wrapped keys, openings, receipts, grants)
//!                             ├──────────► keyring  (keys of days)
//!                             └──────────► ledger   (all that happened, beside the vault's folder)
//! ```
//!
//! - [`vault`]: [`Vault`], for the one process that keeps it.
//! - [`archive`]: [`Archive`], for those who look: list, verify, open, export; also beside a running recorder.
//! - [`serve`]: the keeping side of the hand-over.
//! - [`recovery`]: what a crash left is saved or recorded as lost.
//! - [`sweep`]: destruction at the deadline; [`hold`]: before it, and after it. [`restriction`]: what is only stored.
//! - [`pause`]: what may not be seen for a while.
//! - [`time`](mod@time): which time deadlines are held against.
//! - [`cloud`]: copies elsewhere; [`room`]: on a disk that fills; [`reconcile`]: index, disk and cloud held against each other.
//! - [`sharing`]: partners and grants; [`staff`]: who may open what here.
//! - [`record`]: what the ledger tells, and (`ledger`) bringing it there.
//! - [`verify`], [`opened`], [`export`], [`admitted`]: checking, reading, and handing out.
//! - [`index`]: the states of a segment, as transactions on SQLite.
//! - [`root`]: [`RootSecret`], under which everything is wrapped; `keyring`, `wrap`: the keys of days and of segments.
//! - [`retention`]: [`Retention`] and [`Deadline`].
//! - [`reason`]: who opens a segment, and why.
//! - [`rehearsal`]: a clock that is set by hand.
//! - [`error`]: what can go wrong.

pub mod admitted;
pub mod archive;
pub mod cloud;
pub mod error;
pub mod export;
pub mod hold;
pub mod index;
mod keyring;
mod ledger;
mod lock;
pub mod opened;
pub mod pause;
pub mod reason;
pub mod reconcile;
pub mod record;
pub mod recovery;
pub mod rehearsal;
pub mod restriction;
pub mod retention;
pub mod room;
pub mod root;
pub mod serve;
pub mod sharing;
pub mod staff;
pub mod sweep;
pub mod time;
pub mod vault;
pub mod verify;
mod wrap;

pub use admitted::Admitted;
pub use archive::{Archive, ledger_beside};
pub use cloud::Upload;
pub use error::Error;
pub use export::Exported;
pub use index::{
    Backlog, Demand, Ending, Entry, Exemption, Export, ExportForm, GrantEntry, Hold, Kept, Opening, PartnerOpening,
    Pause, Receipt, Restriction, Role, Staff, State,
};
pub use ledger::Attested;
pub use opened::Opened;
pub use reason::Reason;
pub use reconcile::Reconciled;
pub use record::Record;
pub use retention::{Deadline, Retention};
pub use room::{Free, Reserve};
pub use root::RootSecret;
pub use serve::Served;
pub use sharing::{Answered, EndOfGrant};
pub use sluis_store::{self as store, FolderStore, ObjectStore};
pub use staff::{Act, StaffKey};
pub use sweep::Swept;
pub use time::{SecondSource, SinceBoot, TimeCheck, Uptime};
pub use vault::{Vault, VaultSettings};
pub use verify::{Problem, Verified};
