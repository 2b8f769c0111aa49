//! `[cloud]`, `[residency]`, `[ledger]`: where copies go, where they may lie, and where it is written down.

use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::UploadMbit;

/// Copies of the sealed recordings, which partners fetch from there what they are granted. Only ciphertext, manifests, tombstones, and the documents of grants go up. Without this table
/// nothing leaves the machine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Cloud {
    /// What speaks to it.
    pub client: CloudClient,
    /// Of `folder`: the folder, such as a mounted disk of another machine. A relative path counts from the folder of this file.
    pub path: Option<PathBuf>,
    /// Of `s3` and `rusoto`: the server, such as `https://s3.example.nl`. Nothing said: Amazon's of the region.
    pub endpoint: Option<String>,
    /// Of `s3` and `rusoto`: the region. Region and server must stand in `[residency]`.
    pub region: Option<String>,
    /// Of `s3` and `rusoto`: the bucket. It must exist.
    pub bucket: Option<String>,
    /// Of `s3` and `rusoto`: what the names of all objects begin with, such as `sluis/hilversum/`. A bucket with other things in it needs one; the lifecycle rule is for what is below it.
    #[serde(default)]
    pub prefix: String,
    /// Of `s3` and `rusoto`: whether the bucket stands in the path, not in the name of the host, as most servers but Amazon's want it.
    #[serde(default = "yes")]
    pub path_style: bool,
    /// Of `s3` and `rusoto`: the file with key id and secret, in one line `id:secret`, in the folder that `[service] credentials-dir` names or as systemd hands it over.
    #[serde(default = "cloud")]
    pub credentials: String,
    /// What an upload may take of the line, in Mbit/s.
    #[serde(default)]
    pub upload_mbit: UploadMbit,
}

/// What speaks to the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CloudClient {
    /// A folder.
    Folder,
    /// S3, through `aws-sdk-s3`.
    S3,
    /// S3, through the archived `rusoto_s3`; only in a program that was built with the feature `rusoto`.
    Rusoto,
}

/// Where copies may lie: named apart from `[cloud]`, so that nobody moves recordings by changing an address. Anywhere else the program refuses to start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Residency {
    /// The places. None allows none.
    pub allowed: Vec<Place>,
}

/// A region and the server that stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Place {
    /// The region, as `[cloud]` names it.
    pub region: String,
    /// The server's host, with its port when that is not the usual one, or `*.` and the end of it. Nothing said: Amazon's own of the region.
    pub endpoint: Option<String>,
}

/// The ledger: everything that happened, chained and signed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Ledger {
    /// Its folder; beside the vault's when nothing is said, not in it: a copy of the vault's folder that is put back must not take it back too.
    pub dir: Option<PathBuf>,
    /// Where its latest checkpoint is kept for the privacy officer, each hour: on another disk or machine, so that who can change the ledger cannot change this. (The cloud has them too.)
    pub checkpoint_file: Option<PathBuf>,
}

/// Where the root secret comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Root {
    /// From systemd when it hands over a credential `sluis-root` (encrypted with the machine's TPM, where there is one), else from `root-file`.
    #[default]
    Auto,
    /// From systemd's credential `sluis-root`, or not at all.
    Credential,
    /// From `root-file`, 32 bytes that only their owner may read; made where there is none.
    File,
    /// From a passphrase (Argon2id): asked for on a terminal, or systemd's credential `sluis-passphrase`.
    Passphrase,
}

/// What the vault makes of the machine's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ClockTrust {
    /// When it jumps forward by more than 5 minutes, or after a time without power, the time service of the machine or the cloud's clock must agree; else nothing is recorded until somebody
    /// has looked (`sluis vault trust-time`).
    #[default]
    Checked,
    /// It is believed. For machines that have no other clock to ask, and whose own is sure.
    Trusted,
}

const fn yes() -> bool {
    true
}

fn cloud() -> String {
    "cloud".to_owned()
}

impl fmt::Display for CloudClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folder => "folder",
            Self::S3 => "s3",
            Self::Rusoto => "rusoto",
        })
    }
}
