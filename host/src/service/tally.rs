//! What became of the frames, over all restarts: what health and metrics are made of.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use sluis_frame::CameraId;
use sluis_guard::Fates;
use sluis_segment::summary::FrameCounts;

use crate::events::Event;
use crate::pipeline::Progress;

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Camera by camera.
    pub cameras: BTreeMap<CameraId, CameraTally>,
    /// What was counted of cameras that have gone from the configuration.
    gone: Progress,
    /// Events, by name.
    pub events: BTreeMap<String, u64>,
    /// How often the process that sees was started.
    pub eye_starts: u64,
    /// Whether it is there, confined and ready.
    pub eye_ready: bool,
    /// Its process, while there is one.
    pub eye_process: Option<u32>,
    /// Whether the clock is not believed.
    pub clock_unsure: bool,
    /// Whether it is not known what is paused.
    pub pauses_unknown: bool,
    /// Whether the notice of what cameras do is not published: they see nothing.
    pub notice_missing: bool,
    /// What the cloud does not have yet; `None` without a cloud.
    pub backlog: Option<sluis_vault::Backlog>,
}

/// What is counted of one camera.
#[derive(Debug, Default)]
pub struct CameraTally {
    /// Whether it gives frames, and if not, why.
    pub state: CameraState,
    /// How many of its zones are paused, and black.
    pub paused_zones: u32,
    /// Frames of runs that are over, by fate.
    fates: Fates,
    /// The rest of these runs.
    done: Progress,
    /// Runs that are not counted yet, the oldest first.
    runs: VecDeque<Run>,
    /// Frames that wait, sealed, from a run that is over for one that has not said anything yet.
    waiting: u64,
    /// Of frames that waited, those that went with the process that had them and are not told as lost yet.
    lost: u64,
}

/// How a camera is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CameraState {
    /// Not opened yet.
    #[default]
    Starting,
    /// It gives frames.
    Up,
    /// It fails, or cannot be recorded.
    Failed,
    /// It is outside its hours.
    Resting,
    /// Somebody has paused it: it is closed.
    Paused,
    /// It is a recording, and over.
    Ended,
}

/// One run of a pipeline, from its line to what was kept of it.
#[derive(Debug, Default)]
struct Run {
    id: u64,
    progress: Progress,
    /// Whether no more will be heard of it.
    over: bool,
    /// Frames in its segments that the vault has, once all are closed or recovered.
    kept: Option<FrameCounts>,
}

// === impl Tally ===

impl Tally {
    /// An event happened.
    pub fn note(&mut self, event: &Event) {
        *self.events.entry(event.name()).or_default() += 1;
        let Some(camera) = event.camera().and_then(|camera| self.cameras.get_mut(camera)) else { return };
        camera.state = match event {
            Event::CameraOpened { .. } => CameraState::Up,
            Event::CameraFailed { .. } | Event::PipelineFailed { .. } => CameraState::Failed,
            Event::CameraRests { .. } => CameraState::Resting,
            Event::CameraEnded { .. } => CameraState::Ended,
            Event::CameraPaused { zones, .. } => {
                camera.paused_zones = zones.unwrap_or_default();
                if zones.is_none() { CameraState::Paused } else { camera.state.resumed() }
            }
            Event::CameraResumed { .. } => {
                camera.paused_zones = 0;
                camera.state.resumed()
            }
            _ => return,
        };
    }

    /// Lets go of cameras. What was counted of them stays in the [`total`](Self::total).
    pub fn retain(&mut self, stays: impl Fn(&CameraId) -> bool) {
        self.cameras.retain(|id, camera| {
            let stays = stays(id);
            if !stays {
                self.gone = self.gone.plus(&camera.total());
            }
            stays
        });
    }

    /// All cameras together, also those that have gone: it never becomes less.
    pub fn total(&self) -> Progress {
        self.cameras.values().fold(self.gone, |sum, camera| sum.plus(&camera.total()))
    }

    /// A run of a camera begins.
    pub fn begin(&mut self, camera: &CameraId, id: u64) {
        let runs = &mut self.cameras.entry(camera.clone()).or_default().runs;
        // A camera has one at a time.
        runs.iter_mut().for_each(|run| run.over = true);
        runs.push_back(Run { id, ..Run::default() });
    }

    /// Of the frames that wait of a camera without a run, so many are given up.
    pub fn dropped(&mut self, camera: &CameraId, frames: u64) {
        if let Some(camera) = self.cameras.get_mut(camera) {
            let frames = frames.min(camera.waiting);
            camera.waiting -= frames;
            camera.fates.dropped += frames;
        }
    }

    /// How far the latest run of a camera has come; with `over`, it has ended there.
    pub fn progress(&mut self, camera: &CameraId, progress: Progress, over: bool) {
        let Some(camera) = self.cameras.get_mut(camera) else { return };
        if let Some(run) = camera.runs.iter_mut().rev().find(|run| !run.over) {
            (run.progress, run.over) = (progress, over);
            camera.waiting = if over { progress.taken.deferred } else { 0 };
        }
    }

    /// The process that saw has ended: nothing more will be heard of any run.
    pub fn all_over(&mut self) {
        for camera in self.cameras.values_mut() {
            for run in camera.runs.iter_mut().filter(|run| !run.over) {
                // With the process their keys are gone.
                (run.over, run.progress.taken.deferred) = (true, 0);
            }
            let waiting = std::mem::take(&mut camera.waiting);
            camera.fates.dropped += waiting;
            camera.lost += waiting;
            if matches!(camera.state, CameraState::Up | CameraState::Resting | CameraState::Paused) {
                camera.state = CameraState::Starting;
            }
        }
    }

    /// The segments of a run are all closed, recovered or lost.
    pub fn kept(&mut self, camera: &CameraId, id: u64, frames: FrameCounts) {
        if let Some(run) = self.cameras.get_mut(camera).and_then(|c| c.runs.iter_mut().find(|run| run.id == id)) {
            run.kept = Some(frames);
        }
    }

    /// Counts the runs of which everything is known, and gives how many frames of each camera were lost in them: entered, not dropped at the camera, and in no
    /// segment.
    pub fn settle(&mut self) -> Vec<(CameraId, u64)> {
        let mut lost = Vec::new();
        for (id, camera) in &mut self.cameras {
            let settled = |run: &Run| run.over && run.kept.is_some();
            while let Some(run) = camera.runs.front().filter(|run| settled(run)).and(camera.runs.front()) {
                let (progress, frames) = (run.progress, run.kept.unwrap_or_default());
                // More than was heard of may have been kept: the last pulse is up to a second old.
                let known = progress.taken.due();
                let due = known.max(frames.total() + progress.taken.dropped);
                let (entered, dropped) = (progress.taken.entered + due - known, due - frames.total());
                let FrameCounts { recorded, quarantined, blanked } = frames;
                camera.fates = camera.fates.plus(Fates { entered, recorded, quarantined, blanked, dropped });
                camera.done = camera.done.plus(&progress);
                camera.lost += dropped - progress.taken.dropped;
                camera.runs.pop_front();
            }
            if camera.lost > 0 {
                lost.push((id.clone(), std::mem::take(&mut camera.lost)));
            }
        }
        lost
    }
}

// === impl CameraState ===

impl CameraState {
    /// The state of a camera that may see again, at least in part.
    const fn resumed(self) -> Self {
        match self {
            Self::Paused => Self::Starting,
            other => other,
        }
    }
}

// === impl CameraTally ===

impl CameraTally {
    /// Frames by fate, of all runs. What is on its way is in none of the four.
    pub fn fates(&self) -> Fates {
        self.runs.iter().fold(self.fates, |sum, run| sum.plus(run.progress.fates()))
    }

    /// All runs together.
    pub fn total(&self) -> Progress {
        self.runs.iter().fold(self.done, |sum, run| sum.plus(&run.progress))
    }
}

#[cfg(test)]
mod tests {
    use sluis_guard::Fates;

    use super::*;

    fn seen(entered: u64, dropped: u64, recorded: u64) -> Progress {
        let mut progress = Progress::default();
        (progress.taken.entered, progress.taken.dropped) = (entered, dropped);
        progress.back.frames.recorded = recorded;
        progress
    }

    #[test]
    fn what_a_killed_process_had_on_its_way_is_counted_as_dropped_and_told_as_lost() {
        let (mut tally, till) = (Tally::default(), CameraId::new("till").unwrap());
        tally.begin(&till, 1);
        tally.progress(&till, seen(100, 5, 80), false);
        assert!(tally.settle().is_empty());
        tally.all_over();
        // Of 80 decided frames 70 could be recovered.
        tally.kept(&till, 1, FrameCounts { recorded: 70, ..FrameCounts::default() });
        assert_eq!(tally.settle(), [(till.clone(), 25)]);
        let fates = tally.cameras[&till].fates();
        assert_eq!(fates, Fates { entered: 100, recorded: 70, dropped: 30, ..Fates::default() });
    }

    #[test]
    fn what_was_counted_of_a_camera_that_has_gone_stays_in_the_sum() {
        let (mut tally, ids) = (Tally::default(), ["shelf", "till"].map(|id| CameraId::new(id).unwrap()));
        for id in &ids {
            tally.begin(id, 1);
            tally.progress(id, seen(100, 0, 80), false);
        }
        tally.retain(|id| *id == ids[1]);
        assert_eq!(tally.total().back.frames.recorded, 160);
        tally.begin(&ids[0], 2);
        tally.progress(&ids[0], seen(10, 0, 7), false);
        assert_eq!((tally.total().back.frames.recorded, tally.total().taken.entered), (167, 210));
    }

    #[test]
    fn a_run_that_ends_in_order_loses_nothing_in_whichever_order_it_is_heard() {
        for vault_first in [false, true] {
            let (mut tally, till) = (Tally::default(), CameraId::new("till").unwrap());
            let frames = FrameCounts { recorded: 10, ..FrameCounts::default() };
            tally.begin(&till, 1);
            if vault_first {
                tally.kept(&till, 1, frames);
            }
            tally.progress(&till, seen(10, 0, 10), true);
            tally.kept(&till, 1, frames);
            tally.begin(&till, 2);
            tally.progress(&till, seen(3, 0, 0), false);
            assert!(tally.settle().is_empty());
            assert_eq!(tally.cameras[&till].fates().entered, 13);
            assert_eq!(tally.cameras[&till].fates().recorded, 10);
        }
    }

    #[test]
    fn frames_that_wait_are_counted_once_over_two_runs() {
        let (mut tally, till) = (Tally::default(), CameraId::new("till").unwrap());
        let kept = |recorded| FrameCounts { recorded, ..FrameCounts::default() };
        tally.begin(&till, 1);
        let mut first = seen(100, 0, 30);
        first.taken.deferred = 70;
        tally.progress(&till, first, true);
        tally.kept(&till, 1, kept(30));
        assert!(tally.settle().is_empty());
        assert_eq!(tally.cameras[&till].fates(), Fates { entered: 100, recorded: 30, ..Fates::default() });
        tally.begin(&till, 2);
        let mut second = seen(5, 0, 40);
        (second.taken.adopted, second.taken.deferred) = (70, 35);
        tally.progress(&till, second, false);
        // Now everything that waits is gone: 35 frames.
        tally.all_over();
        tally.kept(&till, 2, kept(40));
        assert_eq!(tally.settle(), [(till.clone(), 35)]);
        let fates = tally.cameras[&till].fates();
        assert_eq!(fates, Fates { entered: 105, recorded: 70, dropped: 35, ..Fates::default() });
    }

    #[test]
    fn frames_that_waited_between_two_runs_are_lost_with_the_process() {
        let (mut tally, till) = (Tally::default(), CameraId::new("till").unwrap());
        tally.begin(&till, 1);
        let mut first = seen(100, 0, 30);
        first.taken.deferred = 70;
        tally.progress(&till, first, true);
        tally.begin(&till, 2);
        tally.all_over();
        tally.kept(&till, 1, FrameCounts { recorded: 30, ..FrameCounts::default() });
        tally.kept(&till, 2, FrameCounts::default());
        assert_eq!(tally.settle(), [(till.clone(), 70)]);
        let fates = tally.cameras[&till].fates();
        assert_eq!(fates, Fates { entered: 100, recorded: 30, dropped: 70, ..Fates::default() });
    }

    #[test]
    fn frames_that_waited_and_are_given_up_are_dropped_once() {
        let (mut tally, till) = (Tally::default(), CameraId::new("till").unwrap());
        tally.begin(&till, 1);
        let mut first = seen(100, 0, 30);
        first.taken.deferred = 70;
        tally.progress(&till, first, true);
        tally.kept(&till, 1, FrameCounts { recorded: 30, ..FrameCounts::default() });
        tally.dropped(&till, 1000);
        tally.all_over();
        assert!(tally.settle().is_empty());
        let fates = tally.cameras[&till].fates();
        assert_eq!(fates, Fates { entered: 100, recorded: 30, dropped: 70, ..Fates::default() });
    }

    #[test]
    fn a_paused_camera_is_told_from_one_with_a_paused_zone() {
        let (mut tally, till) = (Tally::default(), CameraId::new("till").unwrap());
        tally.cameras.entry(till.clone()).or_default();
        let opened = Event::CameraOpened { camera: till.clone(), width: 64, height: 48, rate: 10.0, depth: false };
        let paused = |zones| Event::CameraPaused { camera: till.clone(), zones };
        let steps = [
            (opened.clone(), CameraState::Up, 0),
            (paused(Some(2)), CameraState::Up, 2),
            (paused(None), CameraState::Paused, 0),
            (paused(Some(1)), CameraState::Starting, 1),
            (opened, CameraState::Up, 1),
            (Event::CameraResumed { camera: till.clone() }, CameraState::Up, 0),
            (paused(None), CameraState::Paused, 0),
            (Event::CameraResumed { camera: till.clone() }, CameraState::Starting, 0),
        ];
        for (event, state, zones) in steps {
            tally.note(&event);
            let camera = &tally.cameras[&till];
            assert_eq!((camera.state, camera.paused_zones), (state, zones), "after {event:?}");
        }
    }

    #[test]
    fn what_was_kept_after_the_last_pulse_entered_too() {
        let (mut tally, till) = (Tally::default(), CameraId::new("till").unwrap());
        tally.begin(&till, 1);
        tally.progress(&till, seen(100, 4, 80), false);
        tally.all_over();
        tally.kept(&till, 1, FrameCounts { recorded: 110, ..FrameCounts::default() });
        assert!(tally.settle().is_empty());
        let fates = tally.cameras[&till].fates();
        assert_eq!((fates.entered, fates.recorded, fates.dropped), (114, 110, 4));
    }
}
