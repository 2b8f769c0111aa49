//! The four kinds of component.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which world of the contract a component exports. It decides what the component is shown and how freely it may
/// answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// Names the regions of a raw frame that must be masked.
    PrivacyFilter,
    /// Checks a redacted frame.
    AnonymisationAudit,
    /// Detects gestures in cleared frames.
    GestureDetector,
    /// Counts glances at a screen, from raw frames.
    AudienceMeter,
}

// === impl World ===

impl World {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::PrivacyFilter, Self::AnonymisationAudit, Self::GestureDetector, Self::AudienceMeter];

    /// Its name in the contract, in the registry and in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PrivacyFilter => "privacy-filter",
            Self::AnonymisationAudit => "anonymisation-audit",
            Self::GestureDetector => "gesture-detector",
            Self::AudienceMeter => "audience-meter",
        }
    }

    /// The interface of package `sluis:stage` that a component of this world exports.
    pub const fn interface(self) -> &'static str {
        match self {
            Self::PrivacyFilter => "filter",
            Self::AnonymisationAudit => "audit",
            Self::GestureDetector => "gestures",
            Self::AudienceMeter => "audience",
        }
    }

    /// Whether it is shown frames as the camera gave them. Such a component never gets to say free text.
    pub const fn sees_raw(self) -> bool {
        matches!(self, Self::PrivacyFilter | Self::AudienceMeter)
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_is_written_as_the_contract_writes_it() {
        let versions = [include_str!("../../../wit/0.1.0/stage.wit"), include_str!("../../../wit/0.2.0/stage.wit")];
        for world in World::ALL {
            for contract in versions {
                assert!(contract.contains(&format!("world {world} {{")), "{world}");
                assert!(contract.contains(&format!("export {};", world.interface())), "{world}");
            }
            assert_eq!(serde_json::to_string(&world).unwrap(), format!("\"{world}\""));
        }
    }
}
