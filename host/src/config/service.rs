//! `[service]`: the program as it runs around the clock.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::StuckSeconds;

/// The program as it runs around the clock (`sluis run`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Service {
    /// Where health (`/healthz`) and metrics (`/metrics`) are served, over HTTP. Only programs on this machine reach the usual address; whoever names another decides
    /// who may read them. `false` serves none.
    #[schemars(with = "Option<String>")]
    pub listen: Listen,
    /// Seconds that one frame may take at one station before the process that holds it is ended and started again.
    pub stuck_seconds: StuckSeconds,
    /// The folder of the cameras' names and passwords, a file for each, which only its owner may read. A relative path counts from the folder of this file. When
    /// systemd hands credentials over, those come first.
    pub credentials_dir: Option<PathBuf>,
}

/// An address to listen at, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged, expecting = "an address such as \"127.0.0.1:9464\", or false")]
pub enum Listen {
    /// This one.
    At(SocketAddr),
    /// `false`: none. (`true` is the usual one.)
    Usual(bool),
}

// === impl Listen ===

impl Listen {
    /// The address.
    pub fn address(self) -> Option<SocketAddr> {
        match self {
            Self::At(address) => Some(address),
            // 9464 is what OpenTelemetry's exporters for Prometheus use.
            Self::Usual(true) => Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464)),
            Self::Usual(false) => None,
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self::Usual(true)
    }
}
