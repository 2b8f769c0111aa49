//! The cloud store against real servers: one in this process, and Ceph's when there is one.

mod broken;
mod clients;
mod contract;
mod faults;
mod radosgw;
mod refused;
mod server;
