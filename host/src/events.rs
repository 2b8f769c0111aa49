//! Everything that the running service tells, by name: events here, metrics in [`metric`].
//!
//! Both come from closed sets. The process that sees raw pictures can tell these and nothing else: a camera's name, numbers and enumerations, never a text, so nothing
//! that a component or a camera says gets into a log.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sluis_camera::Fault;
use sluis_frame::CameraId;
use sluis_guard::{Fates, Mode, SteppedUp};
use sluis_stage::{Class, World};

use crate::pipeline::Station;
use crate::service::trial::Setback;

/// Something that happened. The name of each, as logs and metrics have it, is its own in kebab-case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// The process that sees pictures has confined itself and loaded its components.
    EyeReady,
    /// It has ended: what it was writing is recovered, and it is started again.
    EyeEnded {
        /// Its exit code, if it ended by itself.
        code: Option<i32>,
        /// The signal that ended it. 31 (SIGSYS) is a system call that it never makes: somebody had taken it over.
        signal: Option<i32>,
        /// When it is started again.
        again_in_ms: u64,
    },
    /// It does not answer, or a frame is stuck in it: it is ended.
    EyeStuck {
        /// The camera whose frame is stuck; `None` when nothing answers.
        camera: Option<CameraId>,
        /// Where.
        station: Option<Station>,
        /// For how long.
        ms: u64,
    },
    /// A camera gives frames.
    CameraOpened {
        /// Which.
        camera: CameraId,
        /// Width of its pictures, in pixels.
        width: u32,
        /// Height, in pixels.
        height: u32,
        /// Frames per second that it says it gives.
        rate: f64,
        /// Whether it has depth.
        depth: bool,
    },
    /// A camera cannot be opened, or has failed. It is opened again.
    CameraFailed {
        /// Which.
        camera: CameraId,
        /// What is wrong with it.
        fault: Fault,
        /// When it is opened again.
        again_in_ms: u64,
    },
    /// A camera has no more frames: a recording that is over.
    CameraEnded {
        /// Which.
        camera: CameraId,
    },
    /// A camera's pipeline cannot be made, or has failed, and not by the camera's fault.
    PipelineFailed {
        /// Which.
        camera: CameraId,
        /// What is wrong.
        why: PipelineFault,
        /// When it is made again.
        again_in_ms: u64,
    },
    /// The camera is outside its hours, or of the study's days: it is closed.
    CameraRests {
        /// Which.
        camera: CameraId,
    },
    /// Somebody has paused the camera: it is closed, or zones of it are black.
    CameraPaused {
        /// Which.
        camera: CameraId,
        /// How many zones are black; `None` when the camera is closed.
        zones: Option<u32>,
    },
    /// Nothing of the camera is paused any more.
    CameraResumed {
        /// Which.
        camera: CameraId,
    },
    /// It cannot be read what is paused: all cameras are closed.
    PausesUnknown,
    /// Frames were dropped at the camera, because the machine is too slow for all.
    FramesDropped {
        /// Of which camera.
        camera: CameraId,
        /// How many, since this was last told.
        frames: u64,
        /// One frame in so many is taken now.
        one_in: u32,
    },
    /// Frames were lost: they had entered, and are in no segment.
    FramesLost {
        /// Of which camera.
        camera: CameraId,
        /// How many.
        frames: u64,
    },
    /// A component failed: the frame is masked more strictly, blanked, or has no events.
    ComponentFailed {
        /// At which camera.
        camera: CameraId,
        /// Which component.
        component: World,
        /// How.
        class: Class,
    },
    /// A camera's frames are masked more strictly than its mode says.
    SteppedUp {
        /// Which camera.
        camera: CameraId,
        /// Why.
        why: SteppedUp,
        /// How they are masked.
        mode: Mode,
    },
    /// A segment was destroyed, because it could not be finished or the gate has stopped it.
    SegmentAbandoned {
        /// Of which camera.
        camera: CameraId,
    },
    /// What was being written when a process ended was recovered.
    SegmentsRecovered {
        /// Of which camera.
        camera: CameraId,
        /// How many could be saved.
        recovered: u64,
        /// How many could not.
        lost: u64,
    },
    /// Segments past their deadline were destroyed.
    Swept {
        /// How many.
        segments: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// The vault could not be swept; the next sweep tries again.
    SweepFailed,
    /// The clock jumped forward, and nothing confirms it: nothing is recorded.
    ClockUnsure,
    /// The clock is believed again.
    ClockSure,
    /// The public notice of what cameras do is not published: they see nothing until it is.
    NoticeMissing,
    /// It is published: they may see.
    NoticeInForce {
        /// Its version.
        version: u64,
    },
    /// A request at the rights desk is due soon, or overdue. Told once a day.
    RequestDue {
        /// Its number.
        request: String,
        /// Days that are left; negative: overdue for so many.
        days_left: i64,
    },
    /// A breach of personal data is not judged, or the authority is not told of it. Told at once, a day and six hours before the 72 hours end, when they have, and every day after.
    BreachDue {
        /// Its number.
        breach: String,
        /// Hours that are left; negative: late for so many that have begun.
        hours_left: i64,
        /// Whether its risk is judged.
        assessed: bool,
    },
    /// Requests at the rights desk were forgotten: their time was over.
    RequestsForgotten {
        /// How many.
        requests: u64,
    },
    /// Copies that were made for people who asked must be deleted: their time is over. Told once a day.
    CopiesDue {
        /// How many.
        copies: u64,
    },
    /// The disk was nearly full: local copies that the cloud has too have gone.
    MadeRoom {
        /// Of how many segments.
        segments: u64,
    },
    /// Copies do not get to the cloud; it is tried again. Told once, until one does.
    UploadFailed,
    /// Partners opened what they were granted.
    PartnersOpened {
        /// How many segments.
        segments: u64,
    },
    /// Partners asked for what they were not granted, or too late.
    PartnersRefused {
        /// How often.
        requests: u64,
    },
    /// Index, disk and cloud did not agree.
    Reconciled {
        /// Objects that belonged to no segment, and were removed.
        orphans: u64,
        /// Segments whose bytes are missing.
        missing: u64,
    },
    /// The vault's folder was put back from a copy: what was destroyed since is destroyed again.
    RestoredFromCopy {
        /// Records of the ledger that the folder did not know of.
        records: u64,
    },
    /// The configuration was read again and holds from now on.
    Reloaded {
        /// Cameras that are new or were started again.
        started: u32,
        /// Cameras that have gone.
        stopped: u32,
        /// Cameras that go on as they were.
        kept: u32,
    },
    /// A new version of a component is tried beside the one in force.
    TrialBegan {
        /// Which component.
        component: World,
    },
    /// A new version of a component was worse than the one in force, which stays.
    CandidateRefused {
        /// Which component.
        component: World,
        /// In what.
        setback: Setback,
    },
    /// Another version of a component is at work, between two frames.
    ComponentChanged {
        /// Which component.
        component: World,
        /// From the decision until every camera worked with it.
        ms: u64,
    },
    /// A version that was in force did harm: the one before it comes back.
    RolledBack {
        /// Which component.
        component: World,
        /// What it did.
        setback: Setback,
    },
    /// Versions at the registry wait for somebody: `sluis rollout status` tells for what.
    UpdatesWait {
        /// How many.
        versions: u32,
    },
    /// The registry could not be looked at, or is not to be trusted: what is in force stays.
    RegistryFailed,
    /// The configuration was read again and cannot be used: the one before goes on.
    NotReloaded,
    /// Health and metrics are served.
    Serving {
        /// At this address.
        address: SocketAddr,
    },
    /// What became of a camera's frames, told at the end.
    Totals {
        /// Which camera.
        camera: CameraId,
        /// Its frames.
        fates: Fates,
    },
    /// Everything is sealed and the service ends.
    Stopped,
    /// More events came than are told.
    EventsLeftOut {
        /// How many.
        events: u64,
    },
}

/// What can be wrong with a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PipelineFault {
    /// A component refuses its settings, or cannot be started.
    Component,
    /// The settings cannot be used with this camera: a zone outside its picture, a size that cannot be encoded.
    Settings,
    /// Nothing can be recorded: the vault refuses, or does not answer.
    Recording,
    /// A fault of this program.
    Program,
}

/// How loud an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something works.
    Info,
    /// Something does not work, and is dealt with.
    Warn,
    /// Somebody should look.
    Error,
}

/// Somebody who is told events.
pub trait Tell: fmt::Debug + Send + Sync {
    /// Tells one.
    fn tell(&self, event: Event);
}

/// Tells events to the log of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Log;

/// Passes events on, each kind of each camera at most once in [`Throttled::EVERY`].
#[derive(Debug)]
pub struct Throttled<T> {
    to: T,
    told: Mutex<HashMap<(String, Option<CameraId>), Instant>>,
}

/// The names of the metrics. Times are in seconds, sizes in bytes, as Prometheus has it.
pub mod metric {
    /// 1 when the camera gives frames.
    pub const CAMERA_UP: &str = "sluis_camera_up";
    /// 1 when somebody has paused the camera, and it is closed.
    pub const CAMERA_PAUSED: &str = "sluis_camera_paused";
    /// Zones of the camera that are paused, and black.
    pub const ZONES_PAUSED: &str = "sluis_zones_paused";
    /// Frames that came from the camera.
    pub const ENTERED: &str = "sluis_frames_entered";
    /// Frames by fate. They add up to those that entered, but for what is on its way.
    pub const FRAMES: &str = "sluis_frames";
    /// Time at each station on the way of a frame.
    pub const STATION_SECONDS: &str = "sluis_station_seconds";
    /// From capture to the recorder.
    pub const LATENCY_SECONDS: &str = "sluis_latency_seconds";
    /// Calls of a component that failed.
    pub const COMPONENT_FAILURES: &str = "sluis_component_failures";
    /// Memory of a component's instance for one camera.
    pub const COMPONENT_MEMORY: &str = "sluis_component_memory_bytes";
    /// Masks painted.
    pub const MASKS: &str = "sluis_masks";
    /// Frames in which the audit found something the first time.
    pub const FINDINGS: &str = "sluis_audit_findings";
    /// Frames masked more strictly than the camera's mode.
    pub const STEPPED_UP: &str = "sluis_stepped_up_frames";
    /// Frames that wait at the camera.
    pub const QUEUE: &str = "sluis_queue_frames";
    /// Frames that wait, sealed, on the disk.
    pub const DEFERRED: &str = "sluis_deferred_frames";
    /// One frame in so many is taken.
    pub const ONE_IN: &str = "sluis_one_frame_in";
    /// Gestures told.
    pub const GESTURES: &str = "sluis_gestures";
    /// Segments sealed.
    pub const SEGMENTS: &str = "sluis_segments_sealed";
    /// Segments destroyed because they could not be finished.
    pub const ABANDONED: &str = "sluis_segments_abandoned";
    /// Bytes sealed.
    pub const SEALED_BYTES: &str = "sluis_sealed_bytes";
    /// Events by name.
    pub const EVENTS: &str = "sluis_events";
    /// Resident memory of a process.
    pub const MEMORY: &str = "sluis_memory_bytes";
    /// Processor time of a process.
    pub const CPU_SECONDS: &str = "sluis_cpu_seconds";
    /// 1 when the clock is believed.
    pub const CLOCK_SURE: &str = "sluis_clock_sure";
    /// 1 when the public notice is published, or none is needed.
    pub const NOTICE_PUBLISHED: &str = "sluis_notice_published";
    /// Segments that wait for the cloud.
    pub const BACKLOG: &str = "sluis_cloud_backlog_segments";
    /// Bytes of these.
    pub const BACKLOG_BYTES: &str = "sluis_cloud_backlog_bytes";
    /// Free bytes where the vault lies.
    pub const DISK_FREE: &str = "sluis_vault_free_bytes";
    /// How often the process that sees pictures was started.
    pub const EYE_STARTS: &str = "sluis_eye_starts";
}

// === impl Event ===

impl Event {
    /// Its name.
    pub fn name(&self) -> String {
        let named = serde_json::to_value(self).ok();
        named.and_then(|value| Some(value.get("event")?.as_str()?.to_owned())).unwrap_or_default()
    }

    /// Which camera it is about.
    pub const fn camera(&self) -> Option<&CameraId> {
        match self {
            Self::EyeStuck { camera, .. } => camera.as_ref(),
            Self::CameraOpened { camera, .. }
            | Self::CameraFailed { camera, .. }
            | Self::CameraEnded { camera }
            | Self::PipelineFailed { camera, .. }
            | Self::CameraRests { camera }
            | Self::CameraPaused { camera, .. }
            | Self::CameraResumed { camera }
            | Self::FramesDropped { camera, .. }
            | Self::FramesLost { camera, .. }
            | Self::ComponentFailed { camera, .. }
            | Self::SteppedUp { camera, .. }
            | Self::SegmentAbandoned { camera }
            | Self::SegmentsRecovered { camera, .. }
            | Self::Totals { camera, .. } => Some(camera),
            _ => None,
        }
    }

    /// How loud it is.
    pub const fn level(&self) -> Level {
        match self {
            Self::EyeEnded { .. }
            | Self::EyeStuck { .. }
            | Self::PipelineFailed { .. }
            | Self::SegmentAbandoned { .. }
            | Self::SweepFailed
            | Self::ClockUnsure
            | Self::PausesUnknown
            | Self::NoticeMissing
            | Self::RestoredFromCopy { .. }
            | Self::RolledBack { .. }
            | Self::NotReloaded => Level::Error,
            // A day is left, or less.
            Self::BreachDue { hours_left, .. } if *hours_left <= 24 => Level::Error,
            Self::CameraFailed { .. }
            | Self::FramesDropped { .. }
            | Self::FramesLost { .. }
            | Self::ComponentFailed { .. }
            | Self::SteppedUp { .. }
            | Self::SegmentsRecovered { .. }
            | Self::MadeRoom { .. }
            | Self::RequestDue { .. }
            | Self::BreachDue { .. }
            | Self::CopiesDue { .. }
            | Self::UploadFailed
            | Self::PartnersRefused { .. }
            | Self::Reconciled { .. }
            | Self::CandidateRefused { .. }
            | Self::UpdatesWait { .. }
            | Self::RegistryFailed
            | Self::EventsLeftOut { .. } => Level::Warn,
            _ => Level::Info,
        }
    }
}

impl fmt::Display for Event {
    /// For people, in a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EyeReady => f.write_str("cameras and components are ready, and confined"),
            Self::EyeEnded { signal: Some(31), .. } => f.write_str(
                "the process that sees pictures made a system call that it never makes, and was ended: a component or stream may have taken it over",
            ),
            Self::EyeEnded { code, signal, .. } => {
                let how = code.or(*signal).unwrap_or_default();
                let kind = if code.is_some() { "code" } else { "signal" };
                write!(f, "the process that sees pictures ended ({kind} {how}); it is started again")
            }
            Self::EyeStuck { station: Some(station), ms, .. } => {
                write!(f, "a frame is stuck at the station `{station}` for {ms} ms: the process that sees pictures is ended")
            }
            Self::EyeStuck { ms, .. } => {
                write!(f, "the process that sees pictures does not answer for {ms} ms, and is ended")
            }
            Self::CameraOpened { width, height, rate, depth, .. } => {
                write!(f, "the camera gives {width}x{height}, {rate:.1}/s{}", if *depth { ", with depth" } else { "" })
            }
            Self::CameraFailed { fault, again_in_ms, .. } => {
                write!(f, "the camera fails ({fault:?}); next try in {again_in_ms} ms")
            }
            Self::CameraEnded { .. } => f.write_str("the recording is over"),
            Self::PipelineFailed { why, again_in_ms, .. } => {
                write!(f, "the camera cannot be recorded ({why:?}); next try in {again_in_ms} ms")
            }
            Self::CameraRests { .. } => f.write_str("the camera is outside its hours, and closed"),
            Self::CameraPaused { zones: None, .. } => f.write_str("the camera is paused, and closed"),
            Self::CameraPaused { zones: Some(zones), .. } => write!(f, "{zones} zones of the camera are paused, and black"),
            Self::CameraResumed { .. } => f.write_str("nothing of the camera is paused any more"),
            Self::PausesUnknown => f.write_str(
                "it cannot be read from the vault what is paused: all cameras are closed until it can (`sluis vault ls` says what is wrong)",
            ),
            Self::FramesDropped { frames, one_in, .. } => {
                write!(f, "the machine is too slow: {frames} frames dropped; one frame in {one_in} is taken now")
            }
            Self::FramesLost { frames, .. } => write!(f, "{frames} frames are lost"),
            Self::ComponentFailed { component, class, .. } => write!(f, "the {component} component failed ({class:?})"),
            Self::SteppedUp { why, mode, .. } => write!(f, "the mode steps up to {mode} ({why:?})"),
            Self::SegmentAbandoned { .. } => f.write_str("a segment could not be finished and is destroyed"),
            Self::SegmentsRecovered { recovered, lost, .. } => {
                write!(f, "segments that broke off: {recovered} recovered, {lost} lost")
            }
            Self::Swept { segments, bytes } => {
                write!(f, "{segments} segments ({bytes} bytes) have come to their deadline and are destroyed")
            }
            Self::SweepFailed => f.write_str("the vault could not be swept; the next sweep tries again"),
            Self::ClockUnsure => f.write_str(
                "the clock jumped forward, and nothing confirms it: nothing is recorded until it is right, or somebody says that it is (`sluis vault trust-time`)",
            ),
            Self::ClockSure => f.write_str("the clock is believed again"),
            Self::NoticeMissing => f.write_str(
                "the notice of this configuration is not published: cameras see nothing until it is (`sluis notice diff`, then `sluis notice publish`)",
            ),
            Self::NoticeInForce { version } => {
                write!(f, "version {version} of the notice tells what the cameras do, and they may see")
            }
            Self::RequestDue { request, days_left } if *days_left < 0 => {
                write!(f, "request {request} at the rights desk is overdue for {} days", -days_left)
            }
            Self::RequestDue { request, days_left } => {
                write!(f, "request {request} at the rights desk is due in {days_left} days: `sluis rights ls`")
            }
            Self::BreachDue { breach, hours_left, assessed } => {
                let left = match hours_left {
                    ..0 => format!("is late for {} hours", -hours_left),
                    _ => format!("has {hours_left} hours left"),
                };
                let owed = if *assessed { "the authority has not been told" } else { "nobody has judged its risk" };
                write!(f, "breach {breach} {left}, and {owed}: `sluis breach show {breach}`")
            }
            Self::RequestsForgotten { requests } => {
                write!(f, "{requests} requests at the rights desk were forgotten: their time was over")
            }
            Self::CopiesDue { copies } => {
                write!(f, "{copies} copies for people who asked must be deleted: `sluis rights ls` names their folders")
            }
            Self::MadeRoom { segments } => {
                write!(f, "the disk is nearly full: {segments} segments are in the cloud only from now on")
            }
            Self::UploadFailed => f.write_str("copies do not get to the cloud; it is tried again"),
            Self::PartnersOpened { segments } => write!(f, "partners opened {segments} segments that they were granted"),
            Self::PartnersRefused { requests } => write!(f, "{requests} requests of partners were refused"),
            Self::Reconciled { orphans, missing } => {
                write!(f, "index and disk did not agree: {orphans} orphans removed, the bytes of {missing} segments are missing")
            }
            Self::RestoredFromCopy { records } => write!(
                f,
                "the vault's folder was put back from a copy ({records} records of the ledger are newer): what was destroyed since is destroyed again"
            ),
            Self::Reloaded { started, stopped, kept } => {
                write!(f, "new configuration: {started} cameras started, {stopped} stopped, {kept} go on")
            }
            Self::TrialBegan { component } => {
                write!(f, "a new version of the {component} component is tried beside the one in force")
            }
            Self::CandidateRefused { component, setback } => {
                write!(f, "the new version of the {component} component is refused: {setback}")
            }
            Self::ComponentChanged { component, ms } => {
                write!(f, "another version of the {component} component is at work, {ms} ms after that was decided")
            }
            Self::RolledBack { component, setback } => {
                write!(f, "the version of the {component} component that was in force is taken back: {setback}")
            }
            Self::UpdatesWait { versions } => {
                write!(f, "{versions} new versions of components wait: see `sluis rollout status`")
            }
            Self::RegistryFailed => {
                f.write_str("the registry of components cannot be used, and what is in force stays: see `sluis plugin ls --available`")
            }
            Self::NotReloaded => {
                f.write_str("the new configuration cannot be used, and the old one goes on: see `sluis check`")
            }
            Self::Serving { address } => write!(f, "health and metrics at http://{address}/healthz and /metrics"),
            Self::Totals { fates, .. } => {
                let Fates { entered, recorded, quarantined, blanked, dropped } = fates;
                write!(
                    f,
                    "{entered} frames: {recorded} recorded, {quarantined} quarantined, {blanked} blanked, {dropped} dropped"
                )
            }
            Self::Stopped => f.write_str("all is sealed"),
            Self::EventsLeftOut { events } => write!(f, "{events} more events were not told"),
        }
    }
}

// === impl Log ===

impl Tell for Log {
    fn tell(&self, event: Event) {
        let name = event.name();
        let camera = event.camera().map(CameraId::as_str).unwrap_or_default();
        match event.level() {
            Level::Info => tracing::info!(event = name, camera, "{event}"),
            Level::Warn => tracing::warn!(event = name, camera, "{event}"),
            Level::Error => tracing::error!(event = name, camera, "{event}"),
        }
    }
}

// === impl Throttled ===

impl<T: Tell> Throttled<T> {
    /// How often one kind of event of one camera is told, at most.
    pub const EVERY: Duration = Duration::from_secs(10);

    /// Passes on to `to`.
    pub fn new(to: T) -> Self {
        Self { to, told: Mutex::default() }
    }
}

impl<T: Tell> Tell for Throttled<T> {
    fn tell(&self, event: Event) {
        let repeats = matches!(event, Event::ComponentFailed { .. } | Event::SteppedUp { .. });
        if repeats {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            let kind = match &event {
                Event::ComponentFailed { component, .. } => format!("{} {component}", event.name()),
                _ => event.name(),
            };
            let key = (kind, event.camera().cloned());
            if told.get(&key).is_some_and(|at| at.elapsed() < Self::EVERY) {
                return;
            }
            told.insert(key, Instant::now());
        }
        self.to.tell(event);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Heard(Arc<Mutex<Vec<Event>>>);

    impl Tell for Heard {
        fn tell(&self, event: Event) {
            self.0.lock().unwrap().push(event);
        }
    }

    #[test]
    fn an_event_has_its_name_and_survives_the_way_between_the_processes() {
        let camera = CameraId::new("till").unwrap();
        let event = Event::CameraFailed { camera, fault: Fault::Silent, again_in_ms: 1500 };
        assert_eq!(event.name(), "camera-failed");
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        assert_eq!(Event::EyeReady.name(), "eye-ready");
    }

    #[test]
    fn the_dashboard_shows_metrics_that_there_are() {
        let source = include_str!("events.rs");
        let dashboard = include_str!("../../examples/grafana/sluis.json");
        let word = |c: char| c.is_ascii_lowercase() || c == '_';
        let shown: Vec<&str> = dashboard.split(|c| !word(c)).filter(|name| name.starts_with("sluis_")).collect();
        assert!(shown.len() > 10, "{shown:?}");
        for name in shown {
            let name = name.trim_end_matches("_total").trim_end_matches("_bucket");
            assert!(source.contains(&format!("\"{name}\";")), "there is no metric {name}");
        }
    }

    #[test]
    fn a_component_that_fails_at_every_frame_does_not_fill_the_log() {
        let (heard, camera) = (Heard::default(), CameraId::new("till").unwrap());
        let throttled = Throttled::new(heard.clone());
        for component in [World::PrivacyFilter, World::AnonymisationAudit] {
            for _ in 0..100 {
                throttled.tell(Event::ComponentFailed { camera: camera.clone(), component, class: Class::Trap });
            }
        }
        throttled.tell(Event::Stopped);
        throttled.tell(Event::Stopped);
        assert_eq!(heard.0.lock().unwrap().len(), 4);
    }
}
