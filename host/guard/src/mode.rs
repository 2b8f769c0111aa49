//! How much of a person is masked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a camera masks, from least to most. Each mode masks all that the ones before it mask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// What the filter named, and the head zones of the floor's silhouettes.
    #[default]
    Heads,
    /// Whole silhouettes as well.
    Persons,
    /// Every block in which anything moves as well; the whole picture when all of it changed at once.
    EverythingThatMoves,
}

// === impl Mode ===

impl Mode {
    /// The next mode that masks more; `None` when there is none and only a blank is stricter.
    pub const fn stricter(self) -> Option<Self> {
        match self {
            Self::Heads => Some(Self::Persons),
            Self::Persons => Some(Self::EverythingThatMoves),
            Self::EverythingThatMoves => None,
        }
    }
}

impl fmt::Display for Mode {
    /// As in the configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heads => "heads",
            Self::Persons => "persons",
            Self::EverythingThatMoves => "everything-that-moves",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_up_is_stricter_and_the_last_has_none() {
        let steps: Vec<Mode> = std::iter::successors(Some(Mode::Heads), |m| m.stricter()).collect();
        assert_eq!(steps, [Mode::Heads, Mode::Persons, Mode::EverythingThatMoves]);
        assert!(steps.is_sorted());
    }

    #[test]
    fn a_mode_is_written_as_it_is_shown() {
        for mode in [Mode::Heads, Mode::Persons, Mode::EverythingThatMoves] {
            assert_eq!(serde_json::to_string(&mode).unwrap(), format!("\"{mode}\""));
        }
    }
}
