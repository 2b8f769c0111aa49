//! A synthetic shop as a camera: colour and depth as a RealSense would give them, drawn, and the truth about what they show.
//!
//! People of different build enter, walk, cross, stop before a screen, reach to shelves, take products, look at them, put them back, wait, pay and leave.
//! Everything follows from [`Settings::seed`]: the same settings give the same pictures byte for byte, and the same truth.
//!
//! The truth never travels with a frame. [`Shop::open`] gives a [`Driver`] whose frames are like any camera's; [`Shop::truth`] and [`Shop::witness`] compute the
//! truth of the same shop on the side, for tests and for `evaluate`:
//!
//! ```
//! use sluis_camera::synthetic::{Settings, Shop};
//! use std::time::Duration;
//!
//! let shop = Shop::new(Settings { length: Some(Duration::from_secs(20)), ..Settings::seeded(7) })?;
//! let truth = shop.truth(300);
//! assert_eq!(truth.frames.len(), 300);
//! # Ok::<(), sluis_camera::synthetic::InvalidSettings>(())
//! ```
//!
//! - [`Settings`], [`Preset`], [`Faults`]: what can be chosen.
//! - [`Zone`], [`ZoneKind`]: shelves, counter, queue and screen.
//! - [`Truth`], [`FrameTruth`], [`TruthEvent`]: heads, hands, positions and events.
//!
//! Inside: `plan` is the furniture, `story` what people do, `body` their limbs, `render` the drawing, `sensor` the faults.

mod body;
#[cfg(test)]
mod claims;
mod painter;
mod plan;
mod product;
mod random;
mod render;
mod sensor;
mod settings;
mod story;
pub mod truth;
mod view;
mod zone;

use std::sync::Arc;

use sluis_frame::{Calibration, CameraId, Clock, Depth, Frame, Picture, Point, Pose, Raw};

use crate::driver::{Description, Driver};
use crate::error::Error;
use crate::pace::Pace;
use crate::stamps::Stamps;
pub use body::Side;
use painter::Painter;
use plan::Plan;
pub use product::ProductId;
use sensor::{Colour, Stereo};
pub use settings::{Faults, InvalidSettings, Preset, Settings};
use story::Story;
pub use truth::{Bodies, FrameTruth, HandTruth, HeadTruth, HeadView, PersonTruth, Truth, TruthEvent, Witness};
use view::View;
pub use zone::{Zone, ZoneKind};

/// Metres per count of the depth: millimetres, as a RealSense gives them.
const DEPTH_UNIT: f32 = 0.001;

/// A shop, as its settings make it.
#[derive(Debug, Clone)]
pub struct Shop {
    settings: Settings,
    plan: Arc<Plan>,
    view: View,
}

/// The camera in a synthetic shop.
#[derive(Debug)]
pub struct Synthetic {
    description: Description,
    settings: Settings,
    story: Story,
    painter: Painter,
    colour: Colour,
    stereo: Stereo,
    stamps: Stamps,
}

/// Opens the camera of a synthetic shop. Times of capture are the time of `clock` at this call plus the time within the story, at either pace.
///
/// # Errors
///
/// [`Error::Synthetic`] when there can be no such shop.
pub fn open(settings: Settings, camera: CameraId, pace: Pace, clock: &dyn Clock) -> Result<Synthetic, Error> {
    Ok(Shop::new(settings)?.open(camera, pace, clock))
}

// === impl Shop ===

impl Shop {
    /// A shop.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] when there can be none like that.
    pub fn new(settings: Settings) -> Result<Self, InvalidSettings> {
        settings.check()?;
        let plan = Arc::new(Plan::new(settings.seed));
        let view = View::new(&settings.preset.pose(), &settings.lens(), settings.size);
        Ok(Self { settings, plan, view })
    }

    /// What it was made from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where its camera hangs.
    pub fn pose(&self) -> Pose {
        self.settings.preset.pose()
    }

    /// Its camera's lens, in pixels.
    pub fn lens(&self) -> Calibration {
        self.settings.lens()
    }

    /// Its zones, in the shop's frame.
    pub fn zones(&self) -> &[Zone] {
        &self.plan.zones
    }

    /// A zone as its camera sees it: the outline of the whole box, clipped to the picture. `None` when it is not in the picture.
    pub fn outline(&self, zone: &Zone) -> Option<Vec<Point>> {
        zone.outline(&self.view)
    }

    /// Opens its camera; see [`open`].
    pub fn open(&self, camera: CameraId, pace: Pace, clock: &dyn Clock) -> Synthetic {
        let settings = self.settings.clone();
        let (width, height) = (settings.size.width as usize, settings.size.height as usize);
        let stamps = Stamps::new(camera, pace, clock);
        let description = Description {
            camera: stamps.camera().clone(),
            size: settings.size,
            rate: settings.rate,
            depth_unit: Some(DEPTH_UNIT),
            calibration: Some(settings.lens()),
            frames: settings.frames(),
        };
        Synthetic {
            description,
            story: self.story(),
            painter: Painter::new(Arc::clone(&self.plan), self.view),
            colour: Colour::new(settings.faults, settings.seed, width, height),
            stereo: Stereo::new(settings.faults, settings.seed, width, height, self.view.focal()),
            stamps,
            settings,
        }
    }

    /// What its camera's first frames show.
    pub fn truth(&self, frames: u64) -> Truth {
        let mut witness = self.witness();
        let frames = (0..frames).map(|_| witness.next_frame()).collect();
        Truth { frames, events: witness.events() }
    }

    /// Somebody who sees what its camera's frames show, one by one.
    pub fn witness(&self) -> Witness {
        Witness::new(Arc::clone(&self.plan), self.view, self.story(), self.settings.rate)
    }

    /// Somebody who sees whom each pixel of its camera's frames shows, one by one.
    pub fn bodies(&self) -> Bodies {
        Bodies::new(Painter::new(Arc::clone(&self.plan), self.view), self.story(), self.settings.rate)
    }

    fn story(&self) -> Story {
        Story::new(Arc::clone(&self.plan), self.settings.seed, self.settings.people)
    }
}

impl Driver for Synthetic {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        let number = self.stamps.number().0;
        if self.description.frames.is_some_and(|frames| number >= frames) {
            return Ok(None);
        }
        let after = self.settings.rate.time_of(number);
        let seconds = after.as_secs_f64();
        self.story.go_on_until(seconds);
        let scene = self.painter.draw(&self.story);
        let colour = self.colour.take(&scene.colour, number, seconds);
        let depth = self.stereo.take(&scene.depth, number);
        let size = self.settings.size;
        let picture = Picture::new(size, colour).expect("one picture was drawn, of the size that was checked");
        let depth = Depth::new(size, DEPTH_UNIT, depth).expect("depth was measured at every pixel");
        let header = self.stamps.next(after);
        Ok(Some(Frame::capture(header, picture, Some(depth)).expect("depth and picture are of one size")))
    }

    fn is_live(&self) -> bool {
        self.stamps.are_live()
    }
}
