//! Modes, as they are named on the command line.

use clap::ValueEnum;
use sluis_guard::Mode;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ModeName {
    /// Heads: what the filter finds, and the heads of whatever moves.
    Heads,
    /// Whole silhouettes.
    Persons,
    /// Everything that moves.
    EverythingThatMoves,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::Heads => Self::Heads,
            ModeName::Persons => Self::Persons,
            ModeName::EverythingThatMoves => Self::EverythingThatMoves,
        }
    }
}
