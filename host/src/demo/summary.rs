//! What a demonstration did, for programs (one JSON object) and for people (tables).

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::pipeline::{Account, Station, Times};

/// What a demonstration did. The fields without a comment of their own are sums over the cameras.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Frames that entered: the sum of the four below.
    pub frames_in: u64,
    /// Passed the audit the first time.
    pub frames_recorded: u64,
    /// Passed the audit after stricter masking.
    pub frames_quarantined: u64,
    /// Recorded as a blank.
    pub frames_blanked: u64,
    /// Never processed.
    pub frames_dropped: u64,
    /// Masks painted, over all frames.
    pub masks: u64,
    /// Gestures detected.
    pub gestures: u64,
    /// Persons before the cameras' screens, if they are counted.
    pub visits: u64,
    /// Glances counted.
    pub glances: u64,
    /// Segments sealed.
    pub segments: u64,
    /// Wall-clock seconds that the run took, from the first frame to the last seal.
    pub seconds: f64,
    /// Sealed bytes.
    pub bytes: u64,
    /// The filter component and the detector that it uses.
    pub filter: String,
    /// The audit component and the detector that it uses.
    pub audit: String,
    /// The masking mode.
    pub mode: String,
    /// Each camera.
    pub cameras: Vec<Account>,
    /// The vault that was written.
    pub vault: PathBuf,
    /// The contact sheet that was written.
    pub contact_sheet: PathBuf,
    /// The videos that were written.
    pub videos: Vec<PathBuf>,
}

/// What a summary is made of.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) elapsed: Duration,
    pub(super) filter: String,
    pub(super) audit: String,
    pub(super) mode: String,
    pub(super) vault: PathBuf,
    pub(super) contact_sheet: PathBuf,
    pub(super) videos: Vec<PathBuf>,
}

impl Summary {
    pub(super) fn new(cameras: Vec<Account>, facts: Facts) -> Self {
        let sum = |of: fn(&Account) -> u64| cameras.iter().map(of).sum();
        Self {
            frames_in: sum(|a| a.fates.entered),
            frames_recorded: sum(|a| a.fates.recorded),
            frames_quarantined: sum(|a| a.fates.quarantined),
            frames_blanked: sum(|a| a.fates.blanked),
            frames_dropped: sum(|a| a.fates.dropped),
            masks: sum(|a| a.masks),
            gestures: sum(|a| a.gestures),
            visits: sum(|a| a.visits),
            glances: sum(|a| a.glances),
            segments: sum(|a| a.segments),
            bytes: sum(|a| a.bytes),
            seconds: facts.elapsed.as_secs_f64(),
            filter: facts.filter,
            audit: facts.audit,
            mode: facts.mode,
            cameras,
            vault: facts.vault,
            contact_sheet: facts.contact_sheet,
            videos: facts.videos,
        }
    }

    /// The tables for people.
    pub fn tables(&self) -> String {
        let mut out = String::new();
        self.write_tables(&mut out).expect("writing to a string does not fail");
        out
    }

    fn write_tables(&self, out: &mut String) -> std::fmt::Result {
        let wide = self.cameras.iter().map(|a| a.camera.as_str().len()).max().unwrap_or(0).max("camera".len());
        writeln!(
            out,
            "{:wide$}  {:>7}  {:>8}  {:>11}  {:>7}  {:>7}  {:>7}  {:>8}  {:>8}  {:>10}",
            "camera",
            "frames",
            "recorded",
            "quarantined",
            "blanked",
            "dropped",
            "masks",
            "findings",
            "segments",
            "bytes"
        )?;
        for a in &self.cameras {
            writeln!(
                out,
                "{:wide$}  {:>7}  {:>8}  {:>11}  {:>7}  {:>7}  {:>7}  {:>8}  {:>8}  {:>10}",
                a.camera.as_str(),
                a.fates.entered,
                a.fates.recorded,
                a.fates.quarantined,
                a.fates.blanked,
                a.fates.dropped,
                a.masks,
                a.findings,
                a.segments,
                a.bytes
            )?;
        }
        if self.cameras.len() > 1 {
            writeln!(
                out,
                "{:wide$}  {:>7}  {:>8}  {:>11}  {:>7}  {:>7}  {:>7}  {:>8}  {:>8}  {:>10}",
                "all",
                self.frames_in,
                self.frames_recorded,
                self.frames_quarantined,
                self.frames_blanked,
                self.frames_dropped,
                self.masks,
                self.cameras.iter().map(|a| a.findings).sum::<u64>(),
                self.segments,
                self.bytes
            )?;
        }
        let failures: u64 = self.cameras.iter().map(|a| a.failures).sum();
        if failures > 0 {
            writeln!(
                out,
                "\n{failures} calls of components failed; their frames were masked more strictly or blanked"
            )?;
        }
        let abandoned: u64 = self.cameras.iter().map(|a| a.abandoned).sum();
        if abandoned > 0 {
            writeln!(
                out,
                "\n{abandoned} segments were destroyed because they failed the gate or could not be written; their frames count as dropped"
            )?;
        }
        if self.gestures > 0 {
            writeln!(out, "\n{} gestures", self.gestures)?;
        }
        if self.visits > 0 {
            writeln!(out, "\n{} persons before the screens, {} glances", self.visits, self.glances)?;
        }
        self.write_stations(out)?;
        let independent =
            if self.cameras.iter().all(|a| a.independent) { "" } else { "; not independent: same detector" };
        writeln!(out, "\nfilter         {}", self.filter)?;
        writeln!(out, "audit          {}{independent}", self.audit)?;
        writeln!(out, "mode           {}", self.mode)?;
        writeln!(out, "vault          {}", self.vault.display())?;
        writeln!(out, "contact sheet  {}", self.contact_sheet.display())?;
        for video in &self.videos {
            writeln!(out, "video          {}", video.display())?;
        }
        Ok(())
    }

    fn write_stations(&self, out: &mut String) -> std::fmt::Result {
        let times = self.cameras.iter().fold(Times::default(), |sum, a| sum.plus(&a.times));
        let frames = self.frames_in.max(1) as f64;
        writeln!(out, "\n{} frames in {:.1} s; milliseconds per frame at each station:", self.frames_in, self.seconds)?;
        for station in Station::ALL {
            write!(out, "  {station} {:.2}", times.at(station).as_secs_f64() * 1000.0 / frames)?;
        }
        writeln!(out)
    }
}
