//! The cloud store against real servers: one in this process, and Ceph's when there is one.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of this crate is tests")]

mod broken;
mod clients;
mod contract;
mod faults;
mod radosgw;
mod refused;
mod server;
