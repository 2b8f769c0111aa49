//! Sluis: lets shops learn from cameras without recognising anyone.
//!
//! This crate is the program. The parts that it wires together are crates of their own, in the folders beside it.
//!
//! - [`cli`]: the command line.
//! - [`config`]: `sluis.toml`, its schema and its errors.
//! - [`assembly`]: a camera's pipeline from what is installed.
//! - [`digests`]: the program, components and models at work, by their digests.
//! - [`audience`]: the visits of an audience, gathered from a vault.
//! - [`breach`]: what a breach concerns, and signs that there was one.
//! - [`cameras`]: the cameras of a configuration, opened.
//! - [`pipeline`]: the way of a frame.
//! - [`events`]: everything that the running service tells, by name.
//! - [`notice`]: the facts of the public notice, from a configuration.
//! - [`page`]: the notice as a page, with what the cameras do now.
//! - [`rights`]: what people who were filmed have a right to.
//! - [`keep`]: where a vault lies on this machine.
//! - [`service`]: the program as it runs around the clock, in two processes.
//! - [`evidence`]: what an evidence pack is made of.
//! - [`study`]: the report of a study.
//! - [`zones`]: what an installer sees when setting zones.
//! - [`evaluate`]: how good what is installed is.
//! - [`demo`]: the demonstration.

pub mod assembly;
pub mod audience;
pub mod bounded;
pub mod breach;
pub mod cameras;
pub mod cli;
pub mod config;
pub mod demo;
pub mod digests;
pub mod evaluate;
pub mod events;
pub mod evidence;
pub mod keep;
pub mod notice;
pub mod page;
pub mod pipeline;
pub mod rights;
pub mod service;
pub mod study;
pub mod zones;
