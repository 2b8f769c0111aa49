//! What partners are granted.
