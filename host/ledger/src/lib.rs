//! A ledger that cannot be changed unseen.
//!
//! A folder (mode 0700) with two files (mode 0600):
//!
//! ```text
//! ledger.jsonl   one entry a line; each names the SHA-256 of the line before it
//! checkpoints    signed statements: "after so many entries the last line's SHA-256 was this"
//! ```
//!
//! The chain finds a change in the middle. A checkpoint finds a chain that was made anew. A checkpoint *kept elsewhere* finds a folder that was put back
//! to an older copy of itself, for nothing inside the folder can tell that. What came after the last checkpoint is chained but not signed: who can write
//! the file can change it, so [`Verified`] says how many entries that are.
//!
//! - [`ledger`]: [`Ledger`], for the one process that appends.
//! - [`entry`]: [`New`], [`Entry`] and [`EntryId`]; the bytes of a line.
//! - [`head`]: [`Head`] and [`Hash`](struct@Hash), what a chain ends in.
//! - [`checkpoint`]: [`Checkpoint`], a signed note.
//! - [`key`]: [`LedgerKey`] and [`PublicKey`].
//! - [`verify`](mod@verify): whether all is as it was written, also beside the process that appends.
//! - [`problem`]: what verifying can find.
//! - [`read`](mod@read): the entries, from the first or the last ones.
//! - [`excerpt`](mod@excerpt): the lines that show one entry to who has the public key and nothing else.
//! - [`error`]: what can go wrong.

pub mod checkpoint;
mod durable;
pub mod entry;
pub mod error;
pub mod excerpt;
mod folder;
pub mod head;
mod json;
pub mod key;
pub mod ledger;
mod line;
mod lines;
mod open;
pub mod problem;
pub mod read;
pub mod verify;

pub use checkpoint::Checkpoint;
pub use entry::{Entry, EntryId, LINE_MAX, New};
pub use error::Error;
pub use excerpt::{Untied, excerpt, trace};
pub use head::{Hash, Head};
pub use key::{LedgerKey, PublicKey};
pub use ledger::{Ledger, Opened, REMEMBERED};
pub use problem::{Kept, Problem};
pub use read::{Reader, read, read_tail};
pub use verify::{Verified, verify};
