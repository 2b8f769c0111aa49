//! How well faces are hidden: every clip is recorded into a vault of its own, opened again, and the decoded pictures are held against the labels.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use image::{Rgb, RgbImage};
use sluis_camera::{Description, Driver};
use sluis_evaluate::Measured;
use sluis_evaluate::privacy::{ClipReport, Counts, Exposed, HeadLabels, Ledger, Report, WorstFrame, seen};
use sluis_frame::{
    Cause, Cleared, Coverage, Event, Fate, Finding, Frame, Header, Mask, Raw, ReaderDoor, Rect, Style, SystemClock,
};
use sluis_guard::Mode;
use sluis_segment::{Reader, handover};
use sluis_vault::{Reason, Retention, State, Vault, VaultSettings};

use super::Error;
use crate::assembly::{Assembly, Treatment};
use crate::keep;
use crate::pipeline::account::{Station, Times};
use crate::pipeline::{self, Account, Stop, Watch, WatchError};

/// Frames that a report shows, at most.
const SHOWN: usize = 12;
/// Of frames of one clip that are fewer than this apart, the worst is shown: they show the same.
const APART: u64 = 30;
/// How much is recorded after the last labelled frame, so that masks hold there as they do elsewhere.
const AFTER: Duration = Duration::from_secs(1);

/// What is measured, and how.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// What is installed.
    pub assembly: &'a Assembly,
    /// The same, by digest.
    pub components: &'a [Measured],
    /// Opens what was recorded.
    pub door: &'a ReaderDoor,
    /// The folder of footage.
    pub footage: &'a Path,
    /// What is masked, at least.
    pub mode: Mode,
    /// One frame in so many is looked at, as on a machine that is too slow.
    pub one_in: NonZeroU32,
}

/// A camera of whose frames one in so many is taken.
struct Thinned {
    camera: Box<dyn Driver>,
    one_in: u64,
}

/// A masking that the audit did not pass.
struct Rejection {
    frame: u64,
    masks: Vec<Mask>,
    findings: Vec<Rect>,
}

/// Notes what the audit did not pass.
struct Witness(Arc<Mutex<Vec<Rejection>>>);

/// Time and frames of all clips.
#[derive(Default)]
struct Effort {
    frames: u64,
    times: Times,
}

impl Evaluation<'_> {
    /// Measures all `clips`, and keeps their worst frames. `done` hears of each clip when it is.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn run(
        &self,
        clips: &[HeadLabels],
        mut done: impl FnMut(&ClipReport),
    ) -> Result<(Report, Vec<WorstFrame>), Error> {
        let mut reports = Vec::new();
        let mut worst = Vec::new();
        let mut total = Counts::default();
        let (mut effort, mut dropped) = (Effort::default(), 0);
        for labels in clips {
            let (report, account) = self.clip(labels, &mut worst)?;
            done(&report);
            total += report.counts;
            dropped += report.dropped;
            effort.add(&account);
            reports.push(report);
        }
        let total = ClipReport {
            name: "all clips".to_owned(),
            counts: total,
            dropped,
            fps: effort.fps(),
            milliseconds: effort.milliseconds(),
            tracks: Vec::new(),
        };
        let report = Report {
            filter: self.assembly.filter_name(),
            audit: self.assembly.audit_name(),
            independent: self.assembly.independent(),
            mode: self.mode.max(self.assembly.least_mode()).to_string(),
            components: self.components.to_vec(),
            clips: reports,
            total,
        };
        Ok((report, worst))
    }

    fn clip(&self, labels: &HeadLabels, worst: &mut Vec<WorstFrame>) -> Result<(ClipReport, Account), Error> {
        let folder = tempfile::tempdir().map_err(Error::Temporary)?;
        let (store, root) = keep::open(&folder.path().join("vault"))?;
        let dir = folder.path().join("vault");
        let settings = VaultSettings::new(&dir, "evaluation", Retention::default());
        let vault = Vault::open(settings, Arc::new(SystemClock), store, &root)?;
        let (account, rejections) = self.record(labels, &vault)?;

        let mut ledger = Ledger::new(labels);
        for Rejection { frame, masks, findings } in &rejections {
            ledger.reject(*frame, &Coverage::of(masks, labels.size()), findings);
        }
        let reason = Reason::new("to measure how well faces are hidden").expect("it says something");
        // A segment that the gate stopped cannot be read, and nobody else can read it either.
        for entry in vault.list()?.into_iter().filter(|entry| entry.state == State::Sealed) {
            let opened = vault.open_segment(entry.segment, &reason)?;
            for recorded in Reader::new(opened, self.door)? {
                let frame = recorded?.frame;
                let blank = [Mask::rect(frame.size().rect(), Cause::Mode)];
                let masks = if frame.fate() == Fate::Blanked { &blank } else { frame.masks() };
                let masked = seen::masked(frame.picture(), masks, sluis_frame::Rgb::BLACK);
                let number = frame.header().number.0;
                let exposed = ledger.see(number, frame.fate(), &masked, frame.masks());
                keep_worst(worst, &labels.name(), number, &frame, &exposed)?;
            }
        }
        let (counts, tracks) = ledger.close();
        if counts.frames + account.fates.dropped < labels.frames / u64::from(self.one_in.get()) {
            return Err(Error::ShorterClip { clip: labels.name(), found: counts.frames, expected: labels.frames });
        }
        let mut effort = Effort::default();
        effort.add(&account);
        let report = ClipReport {
            name: labels.name(),
            counts,
            dropped: account.fates.dropped,
            fps: effort.fps(),
            milliseconds: effort.milliseconds(),
            tracks,
        };
        Ok((report, account))
    }

    /// Runs a clip through the whole pipeline, into `vault`.
    fn record(&self, labels: &HeadLabels, vault: &Vault) -> Result<(Account, Vec<Rejection>), Error> {
        let driver = super::open(self.footage, &labels.clip, labels.size())?;
        let labelled = Duration::from_secs_f64(labels.frames as f64 / driver.description().rate.per_second());
        let driver = Box::new(Thinned { camera: driver, one_in: self.one_in.get().into() });
        let treatment = Treatment {
            mode: self.mode,
            // Whatever masks look like to others, here it must be plain what is masked.
            style: Style::Fill(sluis_frame::Rgb::BLACK),
            limit: Some(labelled + AFTER),
            ..Treatment::ordinary("evaluation")
        };
        let rejections = Arc::new(Mutex::new(Vec::new()));
        let (eye, keep_end) = handover::pair(keep::HANDOVER_CAPACITY);
        let parts =
            self.assembly.pipeline(driver, &treatment, Some(eye), Box::new(Witness(Arc::clone(&rejections))))?;
        let account = std::thread::scope(|scope| {
            let keeping = scope.spawn(|| vault.serve(keep_end));
            let account = pipeline::run(parts, &Stop::default());
            keeping.join().map_err(|_| Error::Panicked)?;
            Ok::<_, Error>(account?)
        })?;
        let rejections = std::mem::take(&mut *rejections.lock().unwrap_or_else(PoisonError::into_inner));
        Ok((account, rejections))
    }
}

impl Driver for Thinned {
    fn description(&self) -> &Description {
        self.camera.description()
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, sluis_camera::Error> {
        loop {
            match self.camera.next()? {
                Some(frame) if !frame.header().number.0.is_multiple_of(self.one_in) => {}
                next => return Ok(next),
            }
        }
    }

    fn is_live(&self) -> bool {
        self.camera.is_live()
    }
}

impl Watch for Witness {
    fn see(&mut self, _: &Frame<Cleared>, _: &[Event]) -> Result<(), WatchError> {
        Ok(())
    }

    fn rejected(&mut self, frame: &Header, masks: &[Mask], findings: &[Finding]) {
        let rejection = Rejection {
            frame: frame.number.0,
            masks: masks.to_vec(),
            findings: findings.iter().map(|finding| finding.area).collect(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(rejection);
    }

    fn finish(&mut self) -> Result<(), WatchError> {
        Ok(())
    }
}

impl Effort {
    fn add(&mut self, account: &Account) {
        self.frames += account.fates.entered;
        self.times = self.times.plus(&account.times);
    }

    /// As one thread would do it.
    fn fps(&self) -> f64 {
        let all: Duration = Station::ALL.iter().map(|station| self.times.at(*station)).sum();
        self.frames as f64 / all.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    fn milliseconds(&self) -> BTreeMap<String, f64> {
        let each = |station: Station| 1e3 * self.times.at(station).as_secs_f64() / self.frames.max(1) as f64;
        Station::ALL.iter().map(|station| (station.to_string(), each(*station))).collect()
    }
}

/// Keeps the frame if it is among the worst so far: those that show most of the largest faces.
fn keep_worst(
    worst: &mut Vec<WorstFrame>,
    clip: &str,
    number: u64,
    frame: &Frame<Cleared>,
    exposed: &[Exposed],
) -> Result<(), Error> {
    let pixels: f32 = exposed.iter().map(|e| e.face.height as f32 * (1.0 - e.masked)).sum();
    let pixels = pixels.round() as u64;
    let full = worst.len() >= SHOWN;
    let near = worst.iter().position(|other| other.clip == clip && other.frame.abs_diff(number) < APART);
    let rival = near.map(|at| &worst[at]).or(worst.last().filter(|_| full));
    if exposed.is_empty() || rival.is_some_and(|rival| rival.pixels >= pixels) {
        return Ok(());
    }
    if let Some(near) = near {
        worst.remove(near);
    }
    let say = |e: &Exposed| {
        format!("person {}, {} by {} pixels, {:.0} % masked", e.id, e.face.width, e.face.height, e.masked * 100.0)
    };
    let caption = exposed.iter().map(say).collect::<Vec<_>>().join("; ");
    let shot = WorstFrame { clip: clip.to_owned(), frame: number, pixels, caption, png: drawn(frame, exposed)? };
    worst.insert(worst.partition_point(|other| other.pixels >= pixels), shot);
    worst.truncate(SHOWN);
    Ok(())
}

/// The recorded picture with a line around the faces that can be seen.
fn drawn(frame: &Frame<Cleared>, exposed: &[Exposed]) -> Result<Vec<u8>, Error> {
    let size = frame.size();
    let mut picture = RgbImage::from_raw(size.width, size.height, frame.picture().pixels().to_vec())
        .expect("a picture has as many bytes as its size says");
    for e in exposed {
        let Rect { x, y, width, height } = e.face;
        let line = |i: u32, j: u32| i == 0 || j == 0 || i + 1 == width + 4 || j + 1 == height + 4;
        for (i, j) in (0..height + 4).flat_map(|j| (0..width + 4).map(move |i| (i, j))).filter(|(i, j)| line(*i, *j)) {
            let (px, py) = (i64::from(x) - 2 + i64::from(i), i64::from(y) - 2 + i64::from(j));
            if let (Ok(px), Ok(py)) = (u32::try_from(px), u32::try_from(py))
                && let Some(pixel) = picture.get_pixel_mut_checked(px, py)
            {
                *pixel = Rgb([255, 64, 64]);
            }
        }
    }
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png)?;
    Ok(png.into_inner())
}
