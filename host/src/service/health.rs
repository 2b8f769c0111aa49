//! Health and metrics over HTTP. Numbers and names of cameras: never a picture, never a text that a component or a camera has sent.
//!
//! - `GET /healthz`: 200 when every camera gives frames, rests, is paused or is over; 503 otherwise, with what is wrong. JSON in both cases.
//! - `GET /metrics`: OpenMetrics text, for Prometheus.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use serde::Serialize;
use sluis_frame::CameraId;

use super::tally::{CameraState, CameraTally, Tally};
use crate::events::metric;
use crate::pipeline::{Histogram, Progress, Station};

/// What is served.
#[derive(Debug, Clone)]
pub struct Health {
    tally: Arc<Mutex<Tally>>,
    vault: PathBuf,
}

/// The answer of `/healthz`.
#[derive(Debug, Serialize)]
struct Report {
    healthy: bool,
    /// Whether the process that sees pictures is ready.
    eye: bool,
    /// Whether the clock is believed: while it is not, nothing is recorded.
    clock: bool,
    /// Whether it is known what is paused: while it is not, all cameras are closed.
    pauses: bool,
    /// Whether the notice of what the cameras do is published, where there is one: while it is not, nothing is recorded.
    notice: bool,
    /// What the cloud does not have yet; `null` without a cloud.
    backlog: Option<sluis_vault::Backlog>,
    cameras: Vec<CameraReport>,
}

#[derive(Debug, Serialize)]
struct CameraReport {
    camera: CameraId,
    state: CameraState,
    /// Zones that are paused, and black.
    paused_zones: u32,
    /// Frames a second that were recorded lately are in the metrics; here is how many there were in all.
    recorded: u64,
    dropped: u64,
    /// Median and 99th percentile of the seconds from capture to the recorder.
    latency_p50: Option<f64>,
    latency_p99: Option<f64>,
}

// === impl Health ===

impl Health {
    /// Of this tally, and the disk that the vault lies on.
    pub fn new(tally: Arc<Mutex<Tally>>, vault: &Path) -> Self {
        Self { tally, vault: vault.to_owned() }
    }

    /// The pages.
    pub fn router(self) -> Router {
        Router::new().route("/healthz", get(healthz)).route("/metrics", get(metrics)).with_state(self)
    }

    fn report(&self) -> Report {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |(camera, tally): (&CameraId, &CameraTally)| {
            let (fates, latency) = (tally.fates(), tally.total().back.latency);
            let finite = |share| latency.quantile(share).filter(|seconds| seconds.is_finite());
            CameraReport {
                camera: camera.clone(),
                state: tally.state,
                paused_zones: tally.paused_zones,
                recorded: fates.recorded + fates.quarantined + fates.blanked,
                dropped: fates.dropped,
                latency_p50: finite(0.5),
                latency_p99: finite(0.99),
            }
        };
        let cameras: Vec<CameraReport> = tally.cameras.iter().map(of).collect();
        let is_well = |c: &CameraReport| !matches!(c.state, CameraState::Failed | CameraState::Starting);
        let (eye, clock) = (tally.eye_ready, !tally.clock_unsure);
        let (pauses, notice) = (!tally.pauses_unknown, !tally.notice_missing);
        let healthy = eye && clock && pauses && notice && cameras.iter().all(is_well);
        Report { healthy, eye, clock, pauses, notice, backlog: tally.backlog, cameras }
    }
}

async fn healthz(State(health): State<Health>) -> Response {
    let report = health.report();
    let code = if report.healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, axum::Json(report)).into_response()
}

async fn metrics(State(health): State<Health>) -> Response {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(health));
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Collector for Health {
    fn encode(&self, encoder: DescriptorEncoder) -> fmt::Result {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let totals: Vec<(&CameraId, &CameraTally, Progress)> =
            tally.cameras.iter().map(|(id, camera)| (id, camera, camera.total())).collect();
        let mut page = Page { encoder };
        page.families(&totals)?;
        page.histograms(&totals)?;
        page.counter(metric::EVENTS, "Events, by name.", |to| {
            tally.events.iter().try_for_each(|(name, count)| count_of(to, &[("event", name.as_str())], *count))
        })?;
        page.counter(metric::EYE_STARTS, "Starts of the process that sees pictures.", |to| {
            ConstCounter::new(tally.eye_starts).encode(to.encode_family(&NO_LABELS)?)
        })?;
        page.processes(tally.eye_process)?;
        let sure = f64::from(u8::from(!tally.clock_unsure));
        page.gauge(metric::CLOCK_SURE, "1 when the clock is believed.", |to| gauge_of(to, &NO_LABELS, sure))?;
        let published = f64::from(u8::from(!tally.notice_missing));
        page.gauge(metric::NOTICE_PUBLISHED, "1 when the notice is published, or none is needed.", |to| {
            gauge_of(to, &NO_LABELS, published)
        })?;
        if let Some(backlog) = tally.backlog {
            let (segments, bytes) = (backlog.segments as f64, backlog.bytes as f64);
            page.gauge(metric::BACKLOG, "Segments that wait for the cloud.", |to| gauge_of(to, &NO_LABELS, segments))?;
            page.gauge(metric::BACKLOG_BYTES, "Bytes that wait for it.", |to| gauge_of(to, &NO_LABELS, bytes))?;
        }
        let free = free_bytes(&self.vault);
        page.gauge(metric::DISK_FREE, "Free bytes where the vault lies.", |to| match free {
            Ok(free) => gauge_of(to, &NO_LABELS, free as f64),
            Err(_) => Ok(()),
        })
    }
}

/// Bytes that are free where this folder lies.
pub(crate) fn free_bytes(folder: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

const NO_LABELS: [(&str, &str); 0] = [];

/// A page of metrics that is being written.
struct Page<'a> {
    encoder: DescriptorEncoder<'a>,
}

/// Name, help, and what it is.
type Metric<T> = (&'static str, &'static str, fn(&Progress) -> T);

type OfCamera = (&'static str, &'static str, fn(&CameraTally) -> u32);

type Cameras<'a> = [(&'a CameraId, &'a CameraTally, Progress)];

// === impl Page ===

impl Page<'_> {
    fn counter(
        &mut self,
        name: &str,
        help: &str,
        write: impl FnOnce(&mut MetricEncoder<'_>) -> fmt::Result,
    ) -> fmt::Result {
        write(&mut self.encoder.encode_descriptor(name, help, None, MetricType::Counter)?)
    }

    fn gauge(
        &mut self,
        name: &str,
        help: &str,
        write: impl FnOnce(&mut MetricEncoder<'_>) -> fmt::Result,
    ) -> fmt::Result {
        write(&mut self.encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
    }

    /// Counters and gauges of the cameras.
    fn families(&mut self, cameras: &Cameras<'_>) -> fmt::Result {
        self.gauge(metric::CAMERA_UP, "1 when the camera gives frames.", |to| {
            cameras.iter().try_for_each(|(id, camera, _)| {
                gauge_of(to, &[("camera", id.as_str())], f64::from(u8::from(camera.state == CameraState::Up)))
            })
        })?;
        let paused: [OfCamera; 2] = [
            (metric::CAMERA_PAUSED, "1 when somebody has paused the camera, and it is closed.", |camera| {
                u32::from(camera.state == CameraState::Paused)
            }),
            (metric::ZONES_PAUSED, "Zones of the camera that are paused, and black.", |camera| camera.paused_zones),
        ];
        for (name, help, of) in paused {
            self.gauge(name, help, |to| {
                cameras
                    .iter()
                    .try_for_each(|(id, camera, _)| gauge_of(to, &[("camera", id.as_str())], of(camera).into()))
            })?;
        }
        self.counter(metric::ENTERED, "Frames that came from the camera.", |to| {
            let of = |(id, camera, _): &(&CameraId, &CameraTally, Progress)| {
                count_of(to, &[("camera", id.as_str())], camera.fates().entered)
            };
            cameras.iter().try_for_each(of)
        })?;
        self.counter(metric::FRAMES, "Frames by fate; what has not ended is on its way.", |to| {
            cameras.iter().try_for_each(|(id, camera, _)| {
                let fates = camera.fates();
                let by_fate = [
                    ("recorded", fates.recorded),
                    ("quarantined", fates.quarantined),
                    ("blanked", fates.blanked),
                    ("dropped", fates.dropped),
                ];
                by_fate
                    .iter()
                    .try_for_each(|(fate, frames)| count_of(to, &[("camera", id.as_str()), ("fate", fate)], *frames))
            })
        })?;
        self.counter(metric::COMPONENT_FAILURES, "Calls of a component that failed.", |to| {
            cameras.iter().try_for_each(|(id, _, progress)| {
                progress.failures().iter().try_for_each(|(world, failures)| {
                    count_of(to, &[("camera", id.as_str()), ("component", world.name())], *failures)
                })
            })
        })?;
        self.gauge(metric::COMPONENT_MEMORY, "Memory of a component's instance for one camera.", |to| {
            cameras.iter().try_for_each(|(id, _, progress)| {
                let mut used = progress.memory().into_iter().filter(|(_, bytes)| *bytes > 0);
                used.try_for_each(|(world, bytes)| {
                    gauge_of(to, &[("camera", id.as_str()), ("component", world.name())], bytes as f64)
                })
            })
        })?;
        let counters: [Metric<u64>; 7] = [
            (metric::MASKS, "Masks painted.", |p| p.back.masks),
            (metric::FINDINGS, "Frames in which the audit found something the first time.", |p| p.back.findings),
            (metric::STEPPED_UP, "Frames masked more strictly than the camera's mode.", |p| p.back.stepped_up),
            (metric::GESTURES, "Gestures told.", |p| p.back.gestures),
            (metric::SEGMENTS, "Segments sealed.", |p| p.back.sealed.unwrap_or_default().segments),
            (metric::ABANDONED, "Segments destroyed because they could not be finished.", |p| p.back.abandoned),
            (metric::SEALED_BYTES, "Bytes sealed.", |p| p.back.sealed.unwrap_or_default().sealed_bytes),
        ];
        for (name, help, of) in counters {
            self.counter(name, help, |to| {
                cameras.iter().try_for_each(|(id, _, progress)| count_of(to, &[("camera", id.as_str())], of(progress)))
            })?;
        }
        let gauges: [Metric<u64>; 3] = [
            (metric::QUEUE, "Frames that wait at the camera.", |p| p.taken.queued.into()),
            (metric::DEFERRED, "Frames that wait, sealed, on the disk.", |p| p.taken.deferred),
            (metric::ONE_IN, "One frame in so many is taken.", |p| p.taken.one_in.into()),
        ];
        for (name, help, of) in gauges {
            self.gauge(name, help, |to| {
                cameras.iter().try_for_each(|(id, _, p)| gauge_of(to, &[("camera", id.as_str())], of(p) as f64))
            })?;
        }
        Ok(())
    }

    fn histograms(&mut self, cameras: &Cameras<'_>) -> fmt::Result {
        let help = "Time at each station on the way of a frame.";
        let mut to = self.encoder.encode_descriptor(
            metric::STATION_SECONDS.trim_end_matches("_seconds"),
            help,
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for (id, _, progress) in cameras {
            let times = progress.front.times.plus(&progress.back.times);
            for station in Station::ALL.into_iter().filter(|station| times.of(*station).count() > 0) {
                let labels = [("camera", id.to_string()), ("station", station.to_string())];
                histogram_of(&mut to, &labels, times.of(station))?;
            }
        }
        let help = "From capture to the recorder.";
        let mut to = self.encoder.encode_descriptor(
            metric::LATENCY_SECONDS.trim_end_matches("_seconds"),
            help,
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        cameras.iter().try_for_each(|(id, _, progress)| {
            histogram_of(&mut to, &[("camera", id.to_string())], &progress.back.latency)
        })
    }

    /// Memory and processor time of both processes.
    fn processes(&mut self, eye: Option<u32>) -> fmt::Result {
        let of = [Some(("keep", std::process::id())), eye.map(|eye| ("eye", eye))];
        let all: Vec<(&str, Process)> =
            of.into_iter().flatten().filter_map(|(name, id)| Some((name, Process::of(id)?))).collect();
        self.gauge(metric::MEMORY, "Resident memory.", |to| {
            all.iter().try_for_each(|(name, process)| gauge_of(to, &[("process", name)], process.resident as f64))
        })?;
        self.counter(metric::CPU_SECONDS, "Processor time.", |to| {
            all.iter().try_for_each(|(name, process)| {
                ConstCounter::new(process.cpu_seconds).encode(to.encode_family(&[("process", *name)])?)
            })
        })
    }
}

fn count_of<const N: usize>(to: &mut MetricEncoder<'_>, labels: &[(&str, &str); N], count: u64) -> fmt::Result {
    ConstCounter::new(count).encode(to.encode_family(labels)?)
}

fn gauge_of<const N: usize>(to: &mut MetricEncoder<'_>, labels: &[(&str, &str); N], value: f64) -> fmt::Result {
    ConstGauge::new(value).encode(to.encode_family(labels)?)
}

fn histogram_of<const N: usize>(
    to: &mut MetricEncoder<'_>,
    labels: &[(&str, String); N],
    times: &Histogram,
) -> fmt::Result {
    let bounds = Histogram::bounds().chain([f64::MAX]);
    let buckets: Vec<(f64, u64)> = bounds.zip(times.counts().iter().copied()).collect();
    let total = times.total().as_secs_f64();
    to.encode_family(labels)?.encode_histogram::<NoLabelSet>(total, times.count(), &buckets, None)
}

/// What the system says of a process (proc(5)).
struct Process {
    /// Bytes.
    resident: u64,
    cpu_seconds: f64,
}

impl Process {
    fn of(id: u32) -> Option<Self> {
        let memory = std::fs::read_to_string(format!("/proc/{id}/statm")).ok()?;
        let pages: u64 = memory.split_whitespace().nth(1)?.parse().ok()?;
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name, in brackets, may hold spaces. Fields 14 and 15 are user and system time.
        let mut rest = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let mut ticks = || rest.next()?.parse::<u64>().ok();
        let ticks = ticks()? + ticks()?;
        let per_second = rustix::param::clock_ticks_per_second();
        let resident = pages * rustix::param::page_size() as u64;
        Some(Self { resident, cpu_seconds: ticks as f64 / per_second as f64 })
    }
}
