//! The breach register of a shop (Art. 33(5)): what happened, what follows from it, what was done, and what is still owed to whom.
//!
//! This crate knows no vault, no configuration and no clock. Whoever has them hands in what they say ([`Affected`], the facts of the notice, the time), and a [`Book`] in which each step is
//! written before it is taken: the ledger.
//!
//! ```text
//! what happened ─► Entered ─► Assessed ─► Told ─► Closed      steps, only ever added
//!                     │            │         │        │
//!                     └────────────┴────┬────┴────────┘
//!                                       ├─► Book:     number, step, digest
//!                                       ├─► Register: B-2026-0001/1.json, 2.json, …
//!                                       └─► papers:   authority, people, partner, register
//! ```
//!
//! - [`number`]: numbers of breaches. [`term`]: the clock of 72 hours.
//! - [`affected`]: which recordings a breach concerns, and who had them.
//! - [`step`]: what can be done with a breach. [`breach`]: where that leaves it, and what is owed.
//! - [`register`]: the folder of steps, held against the book.
//! - [`papers`]: the notification (Art. 33(3)), the communication (Art. 34(2)), the letter to a partner, the register as a paper (Art. 33(5)).
//!
//! Articles without the name of a law are of the General Data Protection Regulation (EU) 2016/679.

pub mod affected;
pub mod breach;
pub mod error;
pub mod number;
pub mod papers;
pub mod register;
pub mod step;
pub mod term;

pub use affected::{Affected, AffectedSegment, Copies};
pub use breach::{Breach, Duty};
pub use error::Error;
pub use number::BreachNumber;
pub use register::{Book, Register, Trouble, Written, breaches_beside};
pub use step::{By, Entered, Exemption, Kind, Risk, Signs, Step, Taken, Whom};
