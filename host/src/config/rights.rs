//! `[rights]`: days of the rights desk.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use sluis_rights::Keep;

use super::hours::Day;
use super::number::{CopyDays, RequestDays};

/// How the desk counts days, and for how long it keeps what it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Rights {
    /// Public holidays where the shop is, as `2026-12-25`: an answer that is due on one is due on the next working day (Regulation 1182/71, Art. 3(4)). A list that is old makes it due too early,
    /// never too late.
    pub holidays: Vec<Day>,
    /// Days for which a request is kept after its decision, so that the shop can show how it answered (GDPR, Art. 5(2)).
    pub request_days: RequestDays,
    /// Days after which a copy that was made for a person must be gone from here.
    pub copy_days: CopyDays,
}

// === impl Rights ===

impl Rights {
    /// For how long what is at the desk is kept.
    pub fn keep(&self) -> Keep {
        let days = |days: u32| Duration::from_secs(24 * 3600 * u64::from(days));
        Keep { requests: days(self.request_days.get()), copies: days(self.copy_days.get()) }
    }
}
