//! What can be wrong with a guard: only its settings. Everything that a frame, a floor or a filter can do has an answer that masks more.

use std::time::Duration;

use sluis_frame::Size;

/// Settings under which the guard could not keep its promise.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Masks cannot reach further back than frames are held.
    #[error("a hold of {extend:?} does not fit in a delay of {delay:?}: lengthen the delay or shorten the hold")]
    HoldBeyondDelay {
        /// How far masks reach backwards.
        extend: Duration,
        /// How long frames are held.
        delay: Duration,
    },
    /// Masks would be smaller than what was detected, or without bounds.
    #[error("masks cannot grow by {0}: choose a factor from 1 to 4, 1.3 by default")]
    Grow(f32),
    /// No picture has this size.
    #[error("a camera cannot give pictures of {0}: check what its driver announces")]
    Size(Size),
    /// The delay line could hold nothing.
    #[error("a delay line of {frames} frames and {bytes} bytes holds nothing: allow at least one of each")]
    Bounds {
        /// The most frames.
        frames: usize,
        /// The most bytes.
        bytes: usize,
    },
}
