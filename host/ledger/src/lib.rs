//! A ledger that cannot be changed unseen.
