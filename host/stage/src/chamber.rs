//! The four chambers that the pipeline calls.
//!
//! A chamber is kept warm: one instance serves frame after frame. When a call fails, for whatever reason, its instance
//! is dropped with all its memory, and the next call makes a new one first. A call makes one at most once; a component
//! that cannot be made anew, or fails at call after call, rests for 1, 3, 7 … 255 calls, so that it cannot eat its camera's time.

use std::sync::Arc;
use std::time::Duration;

use sluis_frame::state::State;
use sluis_frame::{Cleared, Event, Finding, Frame, FrameNumber, Mask, Person, Raw, Rect, Redacted, Size, Timestamp};
use wasmtime::component::{Resource, ResourceAny};

use crate::answer::{self, Face, Inspection, Region};
use crate::contract::{Audience, Audit, Filter, Gestures, Guest, Prepared};
use crate::error::{Error, Place};
use crate::live::{self, Hosted, Live};
use crate::picture::Lent;
use crate::plugin::{ChamberSettings, Plugin};

/// The privacy filter of one camera.
#[derive(Debug)]
pub struct FilterChamber(Warm<dyn Filter>);

/// The auditor of one camera.
#[derive(Debug)]
pub struct AuditChamber(Warm<dyn Audit>);

/// The gesture detector of one camera.
#[derive(Debug)]
pub struct GestureChamber {
    warm: Warm<dyn Gestures>,
    /// What the tracks of the chamber now alive count from, so that no two chambers share one.
    first_track: u32,
    /// Beyond every track told so far.
    next_track: u32,
}

/// The audience meter of one camera.
#[derive(Debug)]
pub struct AudienceChamber(Warm<dyn Audience>);

/// A chamber of any world: a live instance, or what it takes to make one.
struct Warm<G: Guest + ?Sized> {
    plugin: Plugin,
    component: Arc<dyn Prepared<G>>,
    settings: ChamberSettings,
    granted: Arc<[String]>,
    live: Option<Live<G>>,
    clock: Elapsed,
    rest: Rest,
}

/// Milliseconds as a chamber counts them: from 0 at the first frame that it is lent, never back. A clock that is set back stands still for one frame, and then goes on.
#[derive(Debug, Default)]
struct Elapsed {
    origin: Option<Timestamp>,
    last: Option<Timestamp>,
    total: Duration,
}

/// How often a chamber that could not be made anew is tried again.
#[derive(Debug, Default)]
struct Rest {
    failed: u32,
    calls: u32,
    /// Calls that failed since the last one that did not.
    in_a_row: u32,
}

/// How long nothing happens after a camera's last frame, as far as its gesture detector is told: longer than any detector should need to be sure.
const AFTERWARDS: Duration = Duration::from_secs(10);

/// After so many failed calls in a row each further one is followed by a rest.
const PATIENCE: u32 = 8;

/// After this many failed remakes in a row, the rest between them grows no more.
const LONGEST_REST: u32 = 8;

// === impl FilterChamber ===

impl FilterChamber {
    /// Bytes of memory that the component takes now.
    pub fn memory(&self) -> usize {
        self.0.memory()
    }

    pub(crate) fn new(
        plugin: Plugin,
        component: Arc<dyn Prepared<dyn Filter>>,
        settings: ChamberSettings,
    ) -> Result<Self, Error> {
        Warm::new(plugin, component, settings).map(Self)
    }

    /// Shows it the frame and what the floor sees, and asks what must be masked. At most 64 regions, on the grid; none
    /// means that it found nothing.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a call. The frame's filter has then failed: mask more strictly. The next call works again.
    pub fn find(&mut self, frame: &Frame<Raw>, people: &[Person]) -> Result<Vec<Region>, Error> {
        let size = self.0.settings.facts.size;
        self.0.call(frame, people, |guest, store, chamber, lent, _| {
            let regions = answer::counted(guest.find(store, chamber, lent)?)?;
            let checked = regions.into_iter().map(|region| {
                let area = answer::snapped(region.area, size)?;
                Ok(Region { area, confidence: answer::percent(region.confidence)?, ..region })
            });
            checked.collect()
        })
    }
}

// === impl AuditChamber ===

impl AuditChamber {
    /// Bytes of memory that the component takes now.
    pub fn memory(&self) -> usize {
        self.0.memory()
    }

    pub(crate) fn new(
        plugin: Plugin,
        component: Arc<dyn Prepared<dyn Audit>>,
        settings: ChamberSettings,
    ) -> Result<Self, Error> {
        Warm::new(plugin, component, settings).map(Self)
    }

    /// Shows it the redacted frame with the masks on it, and asks what is wrong. At most 64 findings.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a call. The audit has then failed: blank the frame. The next call works again.
    pub fn inspect(&mut self, frame: &Frame<Redacted>, people: &[Person]) -> Result<Inspection, Error> {
        self.look(frame, people)
    }

    /// Shows it a frame that has passed an audit before, as it lies in a vault, and asks what this auditor would have said. It decides nothing.
    ///
    /// # Errors
    ///
    /// As [`inspect`](Self::inspect).
    pub fn look_again(&mut self, frame: &Frame<Cleared>, people: &[Person]) -> Result<Inspection, Error> {
        self.look(frame, people)
    }

    fn look<S: State>(&mut self, frame: &Frame<S>, people: &[Person]) -> Result<Inspection, Error> {
        let size = self.0.settings.facts.size;
        let masks: Vec<Rect> = frame.masks().iter().map(Mask::bounds).collect();
        self.0.call(frame, people, |guest, store, chamber, lent, _| {
            let Inspection { findings, worst_score } = guest.inspect(store, chamber, lent, &masks)?;
            let mut worst_score = answer::percent(worst_score)?;
            let mut checked = Vec::new();
            for finding in answer::counted(findings)? {
                let score = answer::percent(finding.score)?;
                worst_score = worst_score.max(score);
                checked.push(Finding { area: answer::clipped(finding.area, size)?, score, ..finding });
            }
            Ok(Inspection { findings: checked, worst_score })
        })
    }
}

// === impl GestureChamber ===

impl GestureChamber {
    /// Bytes of memory that the component takes now.
    pub fn memory(&self) -> usize {
        self.warm.memory()
    }

    pub(crate) fn new(
        plugin: Plugin,
        component: Arc<dyn Prepared<dyn Gestures>>,
        settings: ChamberSettings,
    ) -> Result<Self, Error> {
        Ok(Self { warm: Warm::new(plugin, component, settings)?, first_track: 0, next_track: 0 })
    }

    /// Shows it the cleared frame, and asks what has happened. At most 64 events. No two persons have the same track, also not after the chamber had to be
    /// made anew.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a call. The frame has no events then. The next call works again; tracks begin anew.
    pub fn observe(&mut self, frame: &Frame<Cleared>, people: &[Person]) -> Result<Vec<Event>, Error> {
        self.observe_at(frame, people, frame.header().captured)
    }

    /// Shows it the camera's last cleared frame once more, as if nothing had changed for [`AFTERWARDS`], and asks what has happened by now: what a detector was
    /// not sure of yet is told, or it is lost.
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe).
    pub fn conclude(&mut self, last: &Frame<Cleared>) -> Result<Vec<Event>, Error> {
        self.observe_at(last, &[], last.header().captured + AFTERWARDS)
    }

    fn observe_at(&mut self, frame: &Frame<Cleared>, people: &[Person], at: Timestamp) -> Result<Vec<Event>, Error> {
        if self.warm.clock.origin.is_none() {
            self.first_track = self.next_track;
        }
        let origin = self.warm.clock.origin.unwrap_or(at);
        let first_track = self.first_track;
        let events: Vec<Event> = self.warm.call_at(frame, people, at, |guest, store, chamber, lent, now_ms| {
            let events = answer::counted(guest.observe(store, chamber, lent)?)?;
            events.into_iter().map(|event| Ok(answer::event(event, now_ms, origin, first_track)?)).collect()
        })?;
        let beyond = events.iter().map(|event| event.track.wrapping_add(1)).max();
        self.next_track = self.next_track.max(beyond.unwrap_or(0));
        Ok(events)
    }
}

// === impl AudienceChamber ===

impl AudienceChamber {
    /// Bytes of memory that the component takes now.
    pub fn memory(&self) -> usize {
        self.0.memory()
    }

    pub(crate) fn new(
        plugin: Plugin,
        component: Arc<dyn Prepared<dyn Audience>>,
        settings: ChamberSettings,
    ) -> Result<Self, Error> {
        Warm::new(plugin, component, settings).map(Self)
    }

    /// Shows it the frame, and asks who looks. At most 64 faces, on the grid.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a call. The frame counts no glances then. The next call works again.
    pub fn measure(&mut self, frame: &Frame<Raw>, people: &[Person]) -> Result<Vec<Face>, Error> {
        let size = self.0.settings.facts.size;
        self.0.call(frame, people, |guest, store, chamber, lent, _| {
            let faces = answer::counted(guest.measure(store, chamber, lent)?)?;
            faces.into_iter().map(|face| Ok(Face { area: answer::snapped(face.area, size)?, ..face })).collect()
        })
    }

    /// Wipes all that it remembers: the next call makes it anew. The contract promises that this happens often.
    pub fn forget(&mut self) {
        self.0.drop_instance();
    }
}

// === impl Warm ===

impl<G: Guest + ?Sized> Warm<G> {
    fn new(plugin: Plugin, component: Arc<dyn Prepared<G>>, settings: ChamberSettings) -> Result<Self, Error> {
        let granted: Arc<[String]> = settings.models.clone().into();
        let mut warm =
            Self { plugin, component, settings, granted, live: None, clock: Elapsed::default(), rest: Rest::default() };
        let missing = warm.granted.iter().find(|model| warm.plugin.models().get(model).is_none());
        if let Some(model) = missing {
            return Err(Error::NoModel { at: warm.place(None), model: model.clone() });
        }
        warm.live = Some(warm.make(None)?);
        Ok(warm)
    }

    fn place(&self, frame: Option<FrameNumber>) -> Place {
        Place { plugin: self.plugin.shared_name(), camera: self.settings.camera.clone(), frame }
    }

    fn make(&self, frame: Option<FrameNumber>) -> Result<Live<G>, Error> {
        let ChamberSettings { facts, settings, limits, .. } = &self.settings;
        let store =
            live::store(self.plugin.engine(), limits, Arc::clone(self.plugin.models()), Arc::clone(&self.granted));
        Live::make(store, &*self.component, facts, settings, limits).map_err(|failed| failed.at(self.place(frame)))
    }

    fn call<S: State, T>(
        &mut self,
        frame: &Frame<S>,
        people: &[Person],
        work: impl FnOnce(&G, &mut wasmtime::Store<Hosted>, ResourceAny, Resource<Lent>, u64) -> wasmtime::Result<T>,
    ) -> Result<T, Error> {
        self.call_at(frame, people, frame.header().captured, work)
    }

    /// As if the frame had been captured at `at`.
    fn call_at<S: State, T>(
        &mut self,
        frame: &Frame<S>,
        people: &[Person],
        at: Timestamp,
        work: impl FnOnce(&G, &mut wasmtime::Store<Hosted>, ResourceAny, Resource<Lent>, u64) -> wasmtime::Result<T>,
    ) -> Result<T, Error> {
        let number = frame.header().number;
        self.fits(frame.size(), number)?;
        let mut live = match self.live.take() {
            Some(live) => live,
            None => self.remake(number)?,
        };
        let now_ms = self.clock.at(at);
        let lent = Lent::new(frame, people, now_ms);
        let outcome = live.call(lent, self.settings.limits.call, |guest, store, chamber, lent| {
            work(guest, store, chamber, lent, now_ms)
        });
        match outcome {
            Ok(answer) => {
                self.live = Some(live);
                self.rest = Rest::default();
                Ok(answer)
            }
            Err(failed) => {
                self.drop_instance();
                self.rest.after_a_failed_call();
                Err(failed.at(self.place(Some(number))))
            }
        }
    }

    fn fits(&self, found: Size, number: FrameNumber) -> Result<(), Error> {
        let expected = self.settings.facts.size;
        if found == expected {
            return Ok(());
        }
        Err(Error::WrongSize { at: self.place(Some(number)), expected, found })
    }

    fn remake(&mut self, number: FrameNumber) -> Result<Live<G>, Error> {
        if let Some(calls) = self.rest.still() {
            return Err(Error::Resting { at: self.place(Some(number)), calls });
        }
        let made = self.make(Some(number));
        if made.is_err() {
            self.rest.after_a_failure();
        }
        made
    }

    fn memory(&self) -> usize {
        self.live.as_ref().map_or(0, Live::memory)
    }

    fn drop_instance(&mut self) {
        self.live = None;
        self.clock = Elapsed::default();
    }
}

impl<G: Guest + ?Sized> std::fmt::Debug for Warm<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chamber")
            .field("plugin", &self.plugin)
            .field("camera", &self.settings.camera)
            .field("live", &self.live.is_some())
            .finish_non_exhaustive()
    }
}

// === impl Elapsed ===

impl Elapsed {
    fn at(&mut self, captured: Timestamp) -> u64 {
        self.origin.get_or_insert(captured);
        self.total += captured.since(self.last.replace(captured).unwrap_or(captured));
        u64::try_from(self.total.as_millis()).unwrap_or(u64::MAX)
    }
}

// === impl Rest ===

impl Rest {
    /// How many calls it rests after this one, if it rests in this one.
    fn still(&mut self) -> Option<u32> {
        self.calls = self.calls.checked_sub(1)?;
        Some(self.calls)
    }

    fn after_a_failure(&mut self) {
        self.failed = (self.failed + 1).min(LONGEST_REST);
        self.calls = (1 << self.failed) - 1;
    }

    fn after_a_failed_call(&mut self) {
        self.in_a_row += 1;
        if self.in_a_row > PATIENCE {
            self.after_a_failure();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chamber_that_cannot_be_made_anew_is_tried_ever_less_often() {
        let mut rest = Rest::default();
        let mut tried = Vec::new();
        for call in 0..2000 {
            if rest.still().is_none() {
                tried.push(call);
                rest.after_a_failure();
            }
        }
        assert_eq!(tried[..9], [0, 2, 6, 14, 30, 62, 126, 254, 510]);
        assert_eq!(tried[9..], [766, 1022, 1278, 1534, 1790], "every 256 calls from then on");
    }

    #[test]
    fn a_chamber_that_fails_at_every_call_rests_after_the_eighth() {
        let mut rest = Rest::default();
        let mut called = Vec::new();
        for call in 0..40 {
            if rest.still().is_none() {
                called.push(call);
                rest.after_a_failed_call();
            }
        }
        assert_eq!(called, [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 14, 22, 38]);
    }

    #[test]
    fn chambers_go_to_threads_and_plugins_are_shared() {
        fn send<T: Send>() {}
        fn shared<T: Send + Sync>() {}
        send::<FilterChamber>();
        send::<AuditChamber>();
        send::<GestureChamber>();
        send::<AudienceChamber>();
        shared::<Plugin>();
        shared::<crate::Engine>();
    }

    #[test]
    fn elapsed_time_starts_at_the_first_frame_and_never_goes_back() {
        let mut elapsed = Elapsed::default();
        let at = |ms: i64| Timestamp::from_nanos(5_000_000_000 + ms * 1_000_000);
        assert_eq!([at(0), at(40), at(40)].map(|t| elapsed.at(t)), [0, 40, 40]);
        // The clock is set back by three seconds, and goes on.
        assert_eq!([at(-3_000), at(-2_960), at(-2_920)].map(|t| elapsed.at(t)), [40, 80, 120]);
    }
}
