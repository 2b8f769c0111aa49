//! One camera's guard: what was seen goes in with the frame, and comes out a second later as masks.

use std::time::Duration;

use sluis_frame::{Cause, Frame, Mask, Raw, Rect, Size};

use crate::delay::{Bounds, DelayLine, Held};
use crate::error::Error;
use crate::leaving::{Leaving, SteppedUp, Ticket, mask};
use crate::mode::Mode;
use crate::sight::{Found, Sight};
use crate::track::{Kind, Place, Tracks};

/// How a camera is guarded.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardSettings {
    /// What is masked.
    pub mode: Mode,
    /// How long frames are held, by their time of capture, so that a face found late is masked early.
    pub delay: Duration,
    /// How long what was seen is masked before its first and after its last sight. At most the delay.
    pub extend: Duration,
    /// How many times wider and higher a mask is than what the filter or the audit named. 1 to 4. (The floor's zones are drawn wide already.)
    pub grow: f32,
    /// The size of the camera's pictures.
    pub size: Size,
    /// The most that the delay line holds.
    pub bounds: Bounds,
}

/// Holds a camera's raw frames and decides what is masked on them.
///
/// For every frame: [`enter`](Self::enter), then [`leave`](Self::leave) until it gives none. At the end of the stream: [`flush`](Self::flush) until it
/// gives none. Every frame that entered leaves exactly once, in order.
#[derive(Debug)]
pub struct Guard {
    settings: GuardSettings,
    line: DelayLine,
    tracks: Tracks,
}

/// How many times wider and higher a mask ordinarily is than what the filter or the audit named.
pub const GROW: f32 = 1.3;

/// How long what was seen is ordinarily masked before its first and after its last sight.
pub const EXTEND: Duration = Duration::from_millis(500);

// === impl GuardSettings ===

impl GuardSettings {
    /// The ordinary settings: frames held for 1 s, masks extended by [`EXTEND`] both ways and grown by [`GROW`].
    pub fn new(mode: Mode, size: Size) -> Self {
        Self { mode, delay: Duration::from_secs(1), extend: EXTEND, grow: GROW, size, bounds: Bounds::default() }
    }

    fn check(&self) -> Result<(), Error> {
        if self.extend > self.delay {
            return Err(Error::HoldBeyondDelay { extend: self.extend, delay: self.delay });
        }
        if !(1.0..=4.0).contains(&self.grow) {
            return Err(Error::Grow(self.grow));
        }
        let longest = sluis_frame::Picture::MAX_SIDE;
        if !(1..=longest).contains(&self.size.width) || !(1..=longest).contains(&self.size.height) {
            return Err(Error::Size(self.size));
        }
        let Bounds { frames, bytes } = self.bounds;
        if frames == 0 || bytes == 0 {
            return Err(Error::Bounds { frames, bytes });
        }
        Ok(())
    }
}

/// Frames further apart than this are masked more strictly: tracks do not bridge what somebody walks in that time. Measured on the labelled clips
/// (`sluis evaluate privacy --one-in N`): with frames 100 to 300 ms apart no face of 858 was exposed, with frames 330 to 1000 ms apart 3 of 263, and 1 when whole persons were
/// masked.
const FAR_APART: Duration = Duration::from_millis(250);

// === impl Guard ===

impl Guard {
    /// A guard without frames.
    ///
    /// # Errors
    ///
    /// [`Error`] when the settings could not be kept: see each variant.
    pub fn new(settings: GuardSettings) -> Result<Self, Error> {
        settings.check()?;
        let line = DelayLine::new(settings.delay, settings.bounds);
        let tracks = Tracks::new(settings.delay, settings.extend);
        Ok(Self { settings, line, tracks })
    }

    /// Takes a frame in, with what the floor saw and what the filter answered.
    pub fn enter(&mut self, raw: Frame<Raw>, sight: Sight, found: Found) {
        let (at, gap) = self.line.time_of(raw.header().captured);
        let detections = match &found {
            Found::Detections(detections) => detections.as_slice(),
            Found::FilterFailed => &[],
        };
        let named = |head_like| detections.iter().filter(move |d| d.head_like == head_like).map(|d| d.area);
        self.tracks.observe(at, Kind::Head, named(true));
        self.tracks.observe(at, Kind::Region, named(false));
        self.tracks.observe(at, Kind::FloorHead, sight.people.iter().map(|p| p.head));
        self.tracks.observe(at, Kind::Body, sight.people.iter().map(|p| p.body).chain(sight.limbs.iter().copied()));
        self.line.push(Held { raw, at, gap, sight, filter_failed: found == Found::FilterFailed });
    }

    /// What the audit found in a frame that has left is masked in the frames after it.
    pub fn learn(&mut self, frame: Ticket, findings: impl IntoIterator<Item = Rect>) {
        self.tracks.observe(frame.0, Kind::Audit, findings);
    }

    /// The oldest frame, if it has been held for the delay, or if the line holds more than its bounds.
    pub fn leave(&mut self) -> Option<Leaving> {
        let held = self.line.pop_due()?;
        let early = self.line.newest().saturating_sub(held.at) < self.settings.extend;
        Some(self.prepare(held, early))
    }

    /// The oldest frame, however long it has been held. For the end of the stream: nothing that comes later can be found in it.
    pub fn flush(&mut self) -> Option<Leaving> {
        let held = self.line.pop()?;
        Some(self.prepare(held, false))
    }

    /// Frames that have entered and not left.
    pub fn in_flight(&self) -> usize {
        self.line.len()
    }

    /// Bytes of raw pictures and depth that are held.
    pub fn bytes_held(&self) -> usize {
        self.line.bytes()
    }

    fn prepare(&mut self, held: Held, early: bool) -> Leaving {
        let Held { raw, at, gap, sight, filter_failed } = held;
        let ticket = Ticket(at);
        let size = raw.size();
        let (mut heads, mut bodies) = (Vec::new(), Vec::new());
        for Place { kind, area, seen } in self.tracks.places(at) {
            let area = match kind {
                Kind::Head | Kind::Region | Kind::Audit => area.grow(self.settings.grow),
                Kind::FloorHead | Kind::Body => area,
            };
            let cause = match kind {
                _ if !seen => Cause::Hold,
                Kind::Head | Kind::Region => Cause::Filter,
                Kind::FloorHead => Cause::Floor,
                Kind::Body => Cause::Mode,
                Kind::Audit => Cause::Audit,
            };
            let masks = if kind == Kind::Body { &mut bodies } else { &mut heads };
            masks.extend(mask(area, cause, size));
        }
        let moving: Vec<Mask> = sight.moving.iter().filter_map(|area| mask(*area, Cause::Mode, size)).collect();
        let far_apart = gap > FAR_APART || self.line.gap_after(at).is_some_and(|gap| gap > FAR_APART);
        let why = [
            (sight.upheaval, SteppedUp::Upheaval),
            (sight.camera_moves, SteppedUp::CameraMoves),
            (early, SteppedUp::LeftEarly),
            (far_apart, SteppedUp::FarApart),
        ];
        let stepped_up = why.into_iter().find_map(|(is_so, why)| is_so.then_some(why));
        let camera = self.settings.mode;
        let mode = if stepped_up.is_some() { camera.stricter().unwrap_or(camera) } else { camera };
        self.tracks.forget_before(self.line.oldest());
        Leaving {
            raw,
            ticket,
            size: self.settings.size,
            mode,
            stepped_up,
            filter_failed,
            upheaval: sight.upheaval,
            people: sight.hints().to_vec(),
            heads,
            bodies,
            moving,
            grow: self.settings.grow,
        }
    }
}
