//! Segments, written by the real recorder and read by the real reader, and by others.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "set-up shared by tests is test code too")]

mod setup;

mod footage;
mod peers;
mod reading;
mod recording;
mod recovering;
mod sealing;
