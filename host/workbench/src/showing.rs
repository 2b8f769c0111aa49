//! Frames as each world sees them: raw, redacted by what the host masks by itself, or cleared.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::path::Path;

use serde_json::{Map, Value};
use sluis_camera::Driver;
use sluis_frame::{
    Cleared, Fate, Frame, Header, Mask, Person, Picture, Raw, Redacted, Rgb, Size, Style, Verdict, paint,
};
use sluis_guard::{Decision, Floor, Found, Guard, GuardSettings, Leaving, Mode};
use sluis_stage::{CameraFacts, World};

use crate::Workbench;
use crate::camera::Camera;
use crate::error::Error;
use crate::footage::{Footage, Opened};

/// A frame in the state in which a world sees it.
#[derive(Debug)]
pub enum Shown {
    /// To a filter or an audience meter.
    Raw(Frame<Raw>),
    /// To an auditor.
    Redacted(Frame<Redacted>),
    /// To a gesture detector.
    Cleared(Frame<Cleared>),
}

/// A frame, and whom the host's floor saw in it.
#[derive(Debug)]
pub struct Showing {
    /// The frame.
    pub shown: Shown,
    /// Whom the floor saw.
    pub people: Vec<Person>,
}

/// Footage, as a world sees it: frame by frame. No more than a second of it is in memory.
pub struct Show<'a> {
    bench: &'a Workbench,
    world: World,
    driver: Box<dyn Driver>,
    floor: Floor,
    /// For worlds that see masked frames.
    guard: Guard,
    left: VecDeque<Leaving>,
    /// Frames that may still be taken.
    frames: u64,
    over: bool,
    /// What is said of the camera.
    camera: Camera,
    /// What is added to the settings.
    place: Map<String, Value>,
}

/// How masks look here.
const STYLE: Style = Style::Fill(Rgb::BLACK);

// === impl Show ===

impl<'a> Show<'a> {
    /// Opens footage for a world, with what is said of its camera. Paths in it are relative to `folder`.
    ///
    /// # Errors
    ///
    /// [`Error::Footage`], [`Error::Shop`], [`Error::Guard`].
    pub fn open(
        bench: &'a Workbench,
        footage: &Footage,
        camera: Camera,
        folder: &Path,
        world: World,
    ) -> Result<Self, Error> {
        let Opened { driver, camera: known, zones } = footage.open(folder)?;
        let size = driver.description().size;
        // The host knows what the footage says of itself; a chamber is told what somebody says, and a gesture detector both.
        let seen = camera.or(known);
        let mut place = Map::new();
        if world == World::GestureDetector {
            place = zones;
            seen.tell(&mut place);
        }
        Ok(Self {
            bench,
            world,
            floor: Floor::new(size).seen_from(seen.vantage()),
            guard: Guard::new(GuardSettings::new(Mode::Heads, size))?,
            left: VecDeque::new(),
            frames: footage.frames(),
            over: false,
            camera,
            place,
            driver,
        })
    }

    /// What the chamber is told of the camera.
    pub fn facts(&self) -> CameraFacts {
        let about = self.driver.description();
        self.camera.facts(about.size, about.rate.per_second(), about.depth_unit.is_some())
    }

    /// The settings that a host would hand over: the installer's, with zones, lens and pose for a gesture detector. What the installer wrote stands.
    pub fn settings(&self, installers: &Map<String, Value>) -> String {
        let mut all = self.place.clone();
        all.extend(installers.clone());
        Value::Object(all).to_string()
    }

    /// The next frame that is shown; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Error::Footage`] when the recording is damaged.
    pub fn next_shown(&mut self) -> Result<Option<Showing>, Error> {
        if self.world.sees_raw() {
            let Some(raw) = self.take()? else { return Ok(None) };
            let people = self.floor.observe(&raw).hints().to_vec();
            return Ok(Some(Showing { shown: Shown::Raw(raw), people }));
        }
        loop {
            let Some(leaving) = self.leave()? else { return Ok(None) };
            let people = leaving.people().to_vec();
            if self.world == World::AnonymisationAudit {
                let masks = leaving.masks(leaving.mode());
                let frame = paint::redact(leaving.raw(), masks, STYLE);
                return Ok(Some(Showing { shown: Shown::Redacted(frame), people }));
            }
            let frame = self.clear(leaving);
            // As in a shop: a blank shows nothing.
            if frame.fate() != Fate::Blanked {
                return Ok(Some(Showing { shown: Shown::Cleared(frame), people }));
            }
        }
    }

    fn take(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        if self.over || self.frames == 0 {
            return Ok(None);
        }
        self.frames -= 1;
        let frame = self.driver.next()?;
        self.over = frame.is_none();
        Ok(frame)
    }

    /// The next frame that leaves the delay line, with what the host masks on it.
    fn leave(&mut self) -> Result<Option<Leaving>, Error> {
        while self.left.is_empty() {
            let Some(raw) = self.take()? else { return Ok(self.guard.flush()) };
            let sight = self.floor.observe(&raw);
            self.guard.enter(raw, sight, Found::Detections(Vec::new()));
            self.left.extend(std::iter::from_fn(|| self.guard.leave()));
        }
        Ok(self.left.pop_front())
    }

    /// There is no auditor on the workbench: what the host masks passes, and nothing of it is kept.
    fn clear(&self, leaving: Leaving) -> Frame<Cleared> {
        let passes = |_: &Frame<Redacted>| -> Result<Verdict, Infallible> {
            Ok(Verdict { findings: Vec::new(), worst_score: 0, independent: false })
        };
        let Decision { frame, .. } = self.bench.judge.decide(leaving, STYLE, passes);
        frame
    }
}

impl std::fmt::Debug for Show<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Show").field("world", &self.world).field("frames", &self.frames).finish_non_exhaustive()
    }
}

// === impl Showing ===

impl Showing {
    /// Where and when it was taken.
    pub fn header(&self) -> &Header {
        match &self.shown {
            Shown::Raw(frame) => frame.header(),
            Shown::Redacted(frame) => frame.header(),
            Shown::Cleared(frame) => frame.header(),
        }
    }

    /// Its picture, as the plugin may read it.
    pub fn picture(&self) -> &Picture {
        match &self.shown {
            Shown::Raw(frame) => frame.picture(),
            Shown::Redacted(frame) => frame.picture(),
            Shown::Cleared(frame) => frame.picture(),
        }
    }

    /// The size of its picture.
    pub fn size(&self) -> Size {
        match &self.shown {
            Shown::Raw(frame) => frame.size(),
            Shown::Redacted(frame) => frame.size(),
            Shown::Cleared(frame) => frame.size(),
        }
    }

    /// Its pixels, its depth in millimetres, and what is masked on it.
    pub(crate) fn contents(&self) -> (&[u8], Option<Vec<u16>>, Vec<sluis_frame::Rect>) {
        let whole = self.size().rect();
        let masks = |masks: &[Mask]| masks.iter().map(Mask::bounds).collect();
        match &self.shown {
            Shown::Raw(f) => (f.picture().pixels(), f.depth().map(|d| d.millimetres(whole)), masks(f.masks())),
            Shown::Redacted(f) => (f.picture().pixels(), f.depth().map(|d| d.millimetres(whole)), masks(f.masks())),
            Shown::Cleared(f) => (f.picture().pixels(), f.depth().map(|d| d.millimetres(whole)), masks(f.masks())),
        }
    }
}
