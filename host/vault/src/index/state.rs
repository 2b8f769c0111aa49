//! The states of a segment, and how one follows another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a segment stands in its life.
///
/// ```text
/// writing ──► sealed ────┐
///    ├──────► recovered ─┼──► shredded ──► destroyed | abandoned | lost
///    └───────────────────┘
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its key is stored, wrapped; its bytes arrive.
    Writing,
    /// Whole, as the recorder closed it.
    Sealed,
    /// Broken off in the middle; what could be saved was sealed anew.
    Recovered,
    /// Its key is destroyed, so nobody can read it; its bytes may still lie in the store.
    Shredded,
    /// Key and bytes are gone: its deadline has come.
    Destroyed,
    /// Key and bytes are gone: it must not be kept, the recorder said, or the hand-over broke its rules.
    Abandoned,
    /// Key and bytes are gone: it broke off, and nothing of it could be saved.
    Lost,
}

/// Why a segment ends: what follows [`State::Shredded`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Its deadline has come.
    Destroyed,
    /// It must not be kept.
    Abandoned,
    /// Nothing of it could be saved.
    Lost,
}

/// Text that names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state of a segment, no form of an export, and no role")]
pub struct UnknownState(String);

// === impl UnknownState ===

impl UnknownState {
    pub(super) fn new(name: &str) -> Self {
        Self(name.to_owned())
    }
}

// === impl State ===

impl State {
    /// All states.
    pub const ALL: [Self; 7] =
        [Self::Writing, Self::Sealed, Self::Recovered, Self::Shredded, Self::Destroyed, Self::Abandoned, Self::Lost];

    /// Whether a segment in this state may enter `next`.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Writing => matches!(next, Self::Sealed | Self::Recovered | Self::Shredded),
            Self::Sealed | Self::Recovered => matches!(next, Self::Shredded),
            Self::Shredded => matches!(next, Self::Destroyed | Self::Abandoned | Self::Lost),
            Self::Destroyed | Self::Abandoned | Self::Lost => false,
        }
    }

    /// Whether a segment in this state can be opened, before its deadline.
    pub const fn is_readable(self) -> bool {
        matches!(self, Self::Sealed | Self::Recovered)
    }

    /// Whether a copy of a segment in this state may be handed out, before its deadline. Every state is named here: a new one is not handed out unless
    /// somebody decides that it is.
    pub const fn may_leave(self) -> bool {
        match self {
            Self::Sealed | Self::Recovered => true,
            Self::Writing | Self::Shredded | Self::Destroyed | Self::Abandoned | Self::Lost => false,
        }
    }

    /// Its name, as the index and `--json` have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Writing => "writing",
            Self::Sealed => "sealed",
            Self::Recovered => "recovered",
            Self::Shredded => "shredded",
            Self::Destroyed => "destroyed",
            Self::Abandoned => "abandoned",
            Self::Lost => "lost",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(name: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|s| s.as_str() == name).ok_or_else(|| UnknownState(name.to_owned()))
    }
}

// === impl Ending ===

impl Ending {
    /// The state that this ending leads to.
    pub const fn state(self) -> State {
        match self {
            Self::Destroyed => State::Destroyed,
            Self::Abandoned => State::Abandoned,
            Self::Lost => State::Lost,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state().fmt(f)
    }
}

impl FromStr for Ending {
    type Err = UnknownState;

    fn from_str(name: &str) -> Result<Self, UnknownState> {
        [Self::Destroyed, Self::Abandoned, Self::Lost]
            .into_iter()
            .find(|ending| ending.state().as_str() == name)
            .ok_or_else(|| UnknownState(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_returns_from_the_dead() {
        for end in [State::Destroyed, State::Abandoned, State::Lost] {
            assert!(State::ALL.iter().all(|next| !end.may_become(*next)), "{end} goes on");
        }
        for next in State::ALL.into_iter().filter(|s| State::Shredded.may_become(*s)) {
            assert!(!next.is_readable(), "{next} can be read without a key");
        }
    }

    #[test]
    fn no_segment_ends_without_its_key_destroyed_first() {
        for end in [State::Destroyed, State::Abandoned, State::Lost] {
            for from in State::ALL.into_iter().filter(|from| from.may_become(end)) {
                assert_eq!(from, State::Shredded);
            }
        }
    }

    #[test]
    fn what_cannot_be_read_does_not_leave() {
        assert!(State::ALL.into_iter().all(|s| !s.may_leave() || s.is_readable()));
    }

    #[test]
    fn names_come_back() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("Sealed".parse::<State>().is_err());
        assert_eq!(Ending::Lost.to_string().parse(), Ok(Ending::Lost));
        assert!("sealed".parse::<Ending>().is_err());
    }
}
