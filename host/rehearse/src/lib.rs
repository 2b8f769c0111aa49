//! A whole study against the real vault, in minutes and with faults.
