//! Where the objects lie, for messages and for keys.

use std::fmt;

use sluis_store::ObjectName;

use crate::settings::S3Settings;

/// A bucket at a server, and what the keys begin with. `Display` is an address without secrets.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) endpoint: String,
    pub(crate) bucket: String,
    pub(crate) prefix: String,
}

// === impl Location ===

impl Location {
    pub(crate) fn of(settings: &S3Settings) -> Self {
        Self { endpoint: settings.address(), bucket: settings.bucket.clone(), prefix: settings.prefix.clone() }
    }

    pub(crate) fn key(&self, name: &ObjectName) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The name that a key stands for; `None` for keys of others.
    pub(crate) fn name(&self, key: &str) -> Option<ObjectName> {
        ObjectName::new(key.strip_prefix(&self.prefix)?).ok()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.endpoint, self.bucket, self.prefix)
    }
}
