//! Looks at every cleared frame of a camera: for the contact sheet, the video and the progress bar.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sluis_camera::Description;
use sluis_frame::{Cleared, Event, Frame};
use sluis_segment::mp4;
use sluis_segment::video::Quality;

use super::contact_sheet::Strip;
use crate::pipeline::{Watch, WatchError};

/// Progress bars on standard error, one per camera; hidden when that is no terminal.
#[derive(Debug, Clone)]
pub struct Progress(MultiProgress);

pub(super) struct Onlooker {
    strip: Arc<Mutex<Strip>>,
    video: Option<mp4::Writer<BufWriter<File>>>,
    bar: ProgressBar,
}

// === impl Progress ===

impl Progress {
    /// Bars for people.
    pub fn shown() -> Self {
        Self(MultiProgress::new())
    }

    /// No bars.
    pub fn hidden() -> Self {
        Self(MultiProgress::with_draw_target(ProgressDrawTarget::hidden()))
    }

    pub(super) fn bar(&self, camera: &Description) -> ProgressBar {
        let bar = camera.frames.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let style = ProgressStyle::with_template("{prefix:28!} {wide_bar} {pos}/{len} frames {per_sec} eta {eta}");
        bar.set_style(style.expect("the template is well formed"));
        bar.set_prefix(camera.camera.to_string());
        self.0.add(bar)
    }

    pub(super) fn done(&self) {
        // Bars that stand would be in the way of the summary; a terminal that is gone is no reason to fail.
        let _ = self.0.clear();
    }
}

// === impl Onlooker ===

impl Onlooker {
    pub(super) fn new(strip: Arc<Mutex<Strip>>, bar: ProgressBar) -> Self {
        Self { strip, video: None, bar }
    }

    pub(super) fn also_write(&mut self, to: &Path, camera: &Description) -> Result<(), WatchError> {
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = BufWriter::new(File::create(to)?);
        self.video = Some(mp4::Writer::new(file, camera.size, camera.rate.per_second(), Quality::NearLossless)?);
        Ok(())
    }
}

impl Watch for Onlooker {
    fn see(&mut self, frame: &Frame<Cleared>, _: &[Event]) -> Result<(), WatchError> {
        self.strip.lock().unwrap_or_else(PoisonError::into_inner).see(frame);
        if let Some(video) = &mut self.video {
            video.write(frame)?;
        }
        self.bar.inc(1);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), WatchError> {
        if let Some(video) = self.video.take() {
            video.finish()?;
        }
        self.bar.finish_and_clear();
        Ok(())
    }
}
