//! The four kinds of component.

use std::fmt;

use serde::Serialize;

/// Which world of the contract a component exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
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

    /// Its name in the contract.
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

    /// The macro of the SDK that makes a component of this world.
    pub const fn sdk_macro(self) -> &'static str {
        match self {
            Self::PrivacyFilter => "sluis_sdk::privacy_filter!",
            Self::AnonymisationAudit => "sluis_sdk::anonymisation_audit!",
            Self::GestureDetector => "sluis_sdk::gesture_detector!",
            Self::AudienceMeter => "sluis_sdk::audience_meter!",
        }
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
        for contract in [include_str!("../../../wit/0.1.0/stage.wit"), include_str!("../../../wit/0.2.0/stage.wit")] {
            for world in World::ALL {
                assert!(contract.contains(&format!("world {world} {{")), "{world}");
                assert!(contract.contains(&format!("export {};", world.interface())), "{world}");
            }
            assert_eq!(contract.matches("\nworld ").count(), World::ALL.len());
        }
    }
}
