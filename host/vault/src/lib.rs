//! What keeps sealed segments, and destroys them in time.
//!
//! A segment is sealed under its own random key. The key lies in the index, wrapped; the sealed bytes lie in the store. To destroy a segment is to
//! destroy its key first: from then on nobody can read the bytes, wherever copies of them are.
//!
//! ```text
//! eye ── sealed bytes ──► Vault::serve ──► store      (ciphertext only)
//!                             │
//!                             └──────────► index      (states, deadlines, wrapped keys, openings, receipts)
//! ```
//!
//! - [`vault`]: [`Vault`], for the one process that keeps it.
//! - [`archive`]: [`Archive`], for those who look: list, verify, open, export; also beside a running recorder.
//! - [`serve`]: the keeping side of the hand-over.
//! - [`recovery`]: what a crash left is saved or recorded as lost.
//! - [`sweep`]: destruction at the deadline.
//! - [`verify`], [`opened`], [`export`], [`admitted`]: checking, reading, and handing out.
//! - [`index`]: the states of a segment, as transactions on SQLite.
//! - [`store`]: where the bytes lie: [`ObjectStore`], [`FolderStore`], and the contract that every store must keep.
//! - [`root`]: [`RootSecret`], under which all keys are wrapped.
//! - [`retention`]: [`Retention`] and [`Deadline`].
//! - [`reason`]: who opens a segment, and why.
//! - [`rehearsal`]: a clock that is set by hand.
//! - [`error`]: what can go wrong.

pub mod admitted;
pub mod archive;
pub mod error;
pub mod export;
pub mod index;
mod lock;
pub mod opened;
pub mod reason;
pub mod recovery;
pub mod rehearsal;
pub mod retention;
pub mod root;
pub mod serve;
pub mod sweep;
pub mod vault;
pub mod verify;
mod wrap;

pub use admitted::Admitted;
pub use archive::Archive;
pub use error::Error;
pub use export::Exported;
pub use index::{Ending, Entry, Export, ExportForm, Opening, Receipt, State};
pub use opened::Opened;
pub use reason::Reason;
pub use retention::{Deadline, Retention};
pub use root::RootSecret;
pub use serve::Served;
pub use sluis_store::{self as store, FolderStore, ObjectStore};
pub use sweep::Swept;
pub use vault::{Vault, VaultSettings};
pub use verify::{Problem, Verified};
