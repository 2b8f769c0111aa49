//! The delay line: the one owner of raw frames, for about a second.
//!
//! It keeps its own time. A camera's clock can be set back or forward while it films; the line counts only how far captures lie apart, so a clock
//! that jumps back holds no frame for hours.

use std::collections::VecDeque;
use std::time::Duration;

use sluis_frame::{Frame, Raw, Timestamp};

use crate::sight::Sight;

/// The most that a delay line holds, whatever its delay. Beyond it the oldest frame is forced out early, in the ordinary way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Frames.
    pub frames: usize,
    /// Bytes of pictures and depth.
    pub bytes: usize,
}

/// Raw frames between their capture and their masking.
#[derive(Debug)]
pub(crate) struct DelayLine {
    delay: Duration,
    bounds: Bounds,
    held: VecDeque<Held>,
    bytes: usize,
    last: Option<(Timestamp, Duration)>,
}

/// A frame in the line.
#[derive(Debug)]
pub(crate) struct Held {
    /// The frame itself.
    pub(crate) raw: Frame<Raw>,
    /// When it was captured, in the line's time: since its first frame.
    pub(crate) at: Duration,
    /// How long before that the frame before it was captured; nothing for the first.
    pub(crate) gap: Duration,
    /// What the floor saw in it.
    pub(crate) sight: Sight,
    /// The filter's call for it failed.
    pub(crate) filter_failed: bool,
}

// === impl Bounds ===

impl Default for Bounds {
    /// 256 frames and 1 GiB: a second of 4K at 30 frames a second is 750 MB.
    fn default() -> Self {
        Self { frames: 256, bytes: 1 << 30 }
    }
}

// === impl DelayLine ===

impl DelayLine {
    pub(crate) fn new(delay: Duration, bounds: Bounds) -> Self {
        Self { delay, bounds, held: VecDeque::new(), bytes: 0, last: None }
    }

    /// The line's time of a capture, and how long the capture before it lies back. It never goes back; a clock that was set back stands still for one frame.
    pub(crate) fn time_of(&mut self, captured: Timestamp) -> (Duration, Duration) {
        let (gap, before) = self.last.map_or_else(Default::default, |(last, at)| (captured.since(last), at));
        let at = before + gap;
        self.last = Some((captured, at));
        (at, gap)
    }

    pub(crate) fn push(&mut self, held: Held) {
        self.bytes += bytes(&held.raw);
        self.held.push_back(held);
    }

    /// The oldest frame, when the delay has passed since its capture or the bounds are exceeded.
    pub(crate) fn pop_due(&mut self) -> Option<Held> {
        let waited = self.newest().saturating_sub(self.held.front()?.at);
        let full = self.held.len() > self.bounds.frames || self.bytes > self.bounds.bytes;
        if waited >= self.delay || full { self.pop() } else { None }
    }

    /// The oldest frame, due or not.
    pub(crate) fn pop(&mut self) -> Option<Held> {
        let oldest = self.held.pop_front()?;
        self.bytes -= bytes(&oldest.raw);
        Some(oldest)
    }

    /// The time of the newest capture.
    pub(crate) fn newest(&self) -> Duration {
        self.last.map_or(Duration::ZERO, |(_, at)| at)
    }

    /// The time of the oldest frame that is held, or of the newest capture when none is.
    pub(crate) fn oldest(&self) -> Duration {
        self.held.front().map_or(self.newest(), |held| held.at)
    }

    /// How long after `at` the oldest frame that is held was captured, if one is.
    pub(crate) fn gap_after(&self, at: Duration) -> Option<Duration> {
        self.held.front().map(|next| next.at.saturating_sub(at))
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

fn bytes(raw: &Frame<Raw>) -> usize {
    raw.picture().pixels().len() + raw.depth().map_or(0, |d| size_of_val(d.values()))
}
