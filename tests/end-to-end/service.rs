//! The service around the clock, and what can happen to it.

#![allow(clippy::print_stderr, reason = "figures are told aloud")]
#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use sluis_tests::home;
use sluis_tests::program::{count, json, sluis};
use sluis_tests::service::{Service, signal};

/// Two drawn shops that go on without end, in short segments.
const TWO: &str = "[segment]\nseconds = 2\n\
    [[camera]]\nid = \"one\"\ndriver = \"synthetic\"\n\
    [[camera]]\nid = \"two\"\ndriver = \"synthetic\"\nsynthetic = { seed = 2 }\n";

const ONE: &str = "[segment]\nseconds = 2\n[[camera]]\nid = \"one\"\ndriver = \"synthetic\"\n";

fn segments(vault: &Path) -> Vec<Value> {
    let answer = json(sluis(&home::without_models()).args(["vault", "ls", "--json", "--vault"]).arg(vault));
    answer["segments"].as_array().unwrap().clone()
}

/// Frames in the vault.
fn frames(segments: &[Value]) -> u64 {
    segments.iter().filter_map(|s| s["frames"].as_u64()).sum()
}

fn in_state(segments: &[Value], state: &str) -> usize {
    segments.iter().filter(|s| s["state"] == state).count()
}

fn all_verify(vault: &Path) {
    let answer = json(sluis(&home::without_models()).args(["vault", "verify", "--json", "--vault"]).arg(vault));
    assert_eq!(count(&answer, "ok") + count(&answer, "lost"), count(&answer, "segments"), "{answer}");
}

#[test]
fn recordings_go_through_and_the_service_ends_when_they_are_over() {
    let folder = tempfile::tempdir().unwrap();
    let shop = "[[camera]]\nid = \"one\"\ndriver = \"synthetic\"\npace = \"as-fast-as-possible\"\nsynthetic = { seconds = 3 }\n";
    let mut service = Service::start(&home::without_models(), folder.path(), shop);
    service.wait("camera-ended");
    assert!(service.ended().success());
    assert!(service.told("eye-ready") && service.told("stopped"), "{:#?}", service.heard);
    let vault = folder.path().join("vault");
    // 15 frames a second: what is not live waits, and nothing is dropped.
    assert_eq!(frames(&segments(&vault)), 45);
    let (entered, fates) = service.totals("one");
    assert_eq!((entered, fates[3], fates.iter().sum()), (45, 0, 45_u64), "{fates:?}");
    all_verify(&vault);
}

#[test]
fn told_to_stop_it_seals_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home::without_models(), folder.path(), TWO);
    service.wait("serving");
    service.until("a sealed segment of each camera", |s| s.metric("sluis_segments_sealed_total", "") >= 2.0);
    service.until("health", |s| s.page("/healthz").0 == 200);
    let (_, page) = service.page("/metrics");
    for name in ["sluis_station_seconds_bucket", "sluis_latency_seconds_count", "sluis_memory_bytes", "sluis_camera_up"]
    {
        assert!(page.contains(name), "{name} is not in\n{page}");
    }
    assert!(service.stop().success());
    let segments = segments(&folder.path().join("vault"));
    assert_eq!(in_state(&segments, "sealed"), segments.len(), "{segments:#?}");
    assert!(!service.told("frames-lost") && !service.told("segments-recovered"), "{:#?}", service.heard);
    all_verify(&folder.path().join("vault"));
}

#[test]
fn when_the_process_that_sees_is_killed_it_comes_back_and_says_what_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home::without_models(), folder.path(), TWO);
    service.wait("serving");
    service.until("two sealed segments", |s| s.metric("sluis_segments_sealed_total", "") >= 2.0);
    let eye = service.eye();
    signal(eye, "KILL");
    let ended = service.wait("eye-ended");
    assert!(ended["message"].as_str().unwrap().contains("signal 9"), "{ended}");
    service.wait("segments-recovered");
    service.wait("eye-ready");
    assert_ne!(service.eye(), eye);
    service.until("health", |s| s.page("/healthz").0 == 200);
    let sealed = service.metric("sluis_segments_sealed_total", "");
    service.until("more segments", |s| s.metric("sluis_segments_sealed_total", "") >= sealed + 2.0);
    assert!(service.stop().success());
    let vault = folder.path().join("vault");
    assert!(in_state(&segments(&vault), "writing") == 0);
    all_verify(&vault);
    // What was lost is told: the delay line at least.
    assert!(service.told("frames-lost"), "{:#?}", service.heard);
}

#[test]
fn the_fates_add_up_over_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home::without_models(), folder.path(), ONE);
    service.wait("serving");
    service.until("a sealed segment", |s| s.metric("sluis_segments_sealed_total", "") >= 1.0);
    let killed = Instant::now();
    signal(service.eye(), "KILL");
    service.wait("eye-ended");
    service.wait("camera-opened");
    eprintln!("process that sees killed: frames again after {:.1?}", killed.elapsed());
    service.until("more segments", |s| s.metric("sluis_segments_sealed_total", "") >= 2.0);
    assert!(service.stop().success());
    let (entered, fates) = service.totals("one");
    let [recorded, quarantined, blanked, dropped] = fates;
    assert_eq!(entered, fates.iter().sum::<u64>(), "{fates:?}");
    assert_eq!(recorded + quarantined + blanked, frames(&segments(&folder.path().join("vault"))), "{fates:?}");
    assert!(dropped > 0, "nothing was on its way when it was killed: {fates:?}");
    let lost =
        service.heard.iter().filter(|event| event["event"] == "frames-lost").map(|event| event["message"].to_string());
    eprintln!("process that sees killed: {entered} entered, {dropped} dropped in all; {}", lost.collect::<String>());
}

#[test]
fn a_process_that_does_not_answer_is_ended_and_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home::without_models(), folder.path(), ONE);
    service.wait("camera-opened");
    signal(service.eye(), "STOP");
    let stopped = Instant::now();
    let stuck = service.wait("eye-stuck");
    assert!(stuck["message"].as_str().unwrap().contains("does not answer"), "{stuck}");
    service.wait("eye-ended");
    service.wait("camera-opened");
    eprintln!("process that sees stopped: frames again after {:.1?}", stopped.elapsed());
    assert!(service.stop().success());
}

#[test]
fn when_the_process_that_keeps_is_killed_the_other_ends_and_the_next_start_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home::without_models(), folder.path(), ONE);
    service.wait("serving");
    service.until("a sealed segment", |s| s.metric("sluis_segments_sealed_total", "") >= 1.0);
    thread::sleep(Duration::from_millis(1500));
    let eye = service.eye();
    signal(service.keep(), "KILL");
    service.ended();
    for _ in 0..100 {
        if !Path::new(&format!("/proc/{eye}/exe")).exists() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    assert!(!Path::new(&format!("/proc/{eye}/exe")).exists(), "the process that sees goes on alone");
    let killed = Instant::now();
    let mut service = Service::start(&home::without_models(), folder.path(), ONE);
    service.wait("camera-opened");
    eprintln!("process that keeps killed: frames again {:.1?} after the next start", killed.elapsed());
    assert!(service.stop().success());
    let vault = folder.path().join("vault");
    let segments = segments(&vault);
    assert_eq!(in_state(&segments, "writing"), 0, "{segments:#?}");
    assert_eq!(in_state(&segments, "recovered") + in_state(&segments, "lost"), 1, "{segments:#?}");
    all_verify(&vault);
}

#[test]
fn another_configuration_is_read_without_losing_a_frame() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home::without_models(), folder.path(), ONE);
    service.wait("serving");
    service.until("a sealed segment", |s| s.metric("sluis_segments_sealed_total", "") >= 1.0);
    let changed = format!("{ONE}mode = \"persons\"\n[[camera]]\nid = \"new\"\ndriver = \"synthetic\"\n");
    service.reload(&changed);
    let reloaded = service.wait("reloaded");
    assert!(reloaded["message"].as_str().unwrap().contains("2 cameras started, 0 stopped, 0 go on"), "{reloaded}");
    service.until("segments of the new camera", |s| s.metric("sluis_segments_sealed_total", "new") >= 1.0);
    // What cannot be read changes nothing.
    service.reload(&format!("{changed}unknown = 1\n"));
    service.wait("not-reloaded");
    assert_eq!(service.page("/healthz").0, 200);
    // The same again: nobody is disturbed. And without the new one.
    service.reload(&changed);
    let reloaded = service.wait("reloaded");
    assert!(reloaded["message"].as_str().unwrap().contains("0 cameras started, 0 stopped, 2 go on"), "{reloaded}");
    service.reload(ONE);
    let reloaded = service.wait("reloaded");
    assert!(reloaded["message"].as_str().unwrap().contains("1 cameras started, 1 stopped, 0 go on"), "{reloaded}");
    let before = service.metric("sluis_segments_sealed_total", "one");
    service.until("more segments", |s| s.metric("sluis_segments_sealed_total", "one") > before);
    assert!(service.stop().success());
    assert!(!service.told("frames-lost"), "{:#?}", service.heard);
    all_verify(&folder.path().join("vault"));
}

#[test]
fn other_components_come_in_another_process_and_nothing_that_entered_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home::without_models(), folder.path(), ONE);
    service.wait("camera-opened");
    service.until("a sealed segment", |s| s.metric("sluis_segments_sealed_total", "") >= 1.0);
    let eye = service.eye();
    let asked = Instant::now();
    service.reload(&format!("{ONE}[plugins]\ngestures = \"gesture-detector\"\n"));
    service.wait("reloaded");
    service.wait("camera-opened");
    // The new process loads while the old one films; the camera is closed while what is on its way is sealed.
    eprintln!("reload with other components: all of it took {:.1?}", asked.elapsed());
    assert_ne!(service.eye(), eye);
    let before = service.metric("sluis_segments_sealed_total", "");
    service.until("more segments", |s| s.metric("sluis_segments_sealed_total", "") > before + 1.0);
    assert!(service.stop().success());
    let (entered, fates) = service.totals("one");
    assert_eq!(entered, fates.iter().sum::<u64>(), "{fates:?}");
    assert!(!service.told("frames-lost") && !service.told("segments-recovered"), "{:#?}", service.heard);
}

#[test]
fn a_reload_overtakes_the_one_before_and_one_that_cannot_begin_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home::without_models(), folder.path(), ONE);
    service.wait("camera-opened");
    let eye = service.eye();
    service.reload(&format!("{ONE}[plugins]\nfilter = \"nobody\"\n"));
    service.wait("not-reloaded");
    assert_eq!(service.eye(), eye);
    service.reload(&format!("{ONE}[plugins]\ngestures = \"gesture-detector\"\n"));
    service.reload(&format!("{ONE}mode = \"persons\"\n"));
    service.wait("reloaded");
    let before = service.metric("sluis_segments_sealed_total", "");
    service.until("more segments", |s| s.metric("sluis_segments_sealed_total", "") > before + 1.0);
    assert_eq!(service.eye(), eye, "the first of two reloads has won");
    assert!(service.stop().success());
    assert!(!service.told("frames-lost"), "{:#?}", service.heard);
}

#[test]
fn outside_its_hours_a_camera_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let tables = format!("{ONE}[study]\nfirst-day = \"2020-01-01\"\nlast-day = \"2020-01-31\"\n");
    let mut service = Service::start(&home::without_models(), folder.path(), &tables);
    service.wait("camera-rests");
    assert_eq!(service.page("/healthz").0, 200);
    assert_eq!(service.metric("sluis_frames_entered_total", ""), 0.0);
    assert!(service.stop().success());
    assert!(segments(&folder.path().join("vault")).is_empty());
}

#[test]
fn a_camera_that_fails_does_so_alone() {
    let folder = tempfile::tempdir().unwrap();
    let tables = format!("{ONE}[[camera]]\nid = \"gone\"\ndriver = \"file\"\npath = \"gone.mp4\"\n");
    let mut service = Service::start(&home::without_models(), folder.path(), &tables);
    service.wait_for("camera-failed", |event| event["camera"] == "gone");
    service.wait_for("camera-failed", |event| event["camera"] == "gone");
    service.until("segments of the other", |s| s.metric("sluis_segments_sealed_total", "one") >= 2.0);
    let (code, page) = service.page("/healthz");
    assert_eq!(code, 503);
    let report: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(report["cameras"][0]["camera"], "gone");
    assert_eq!(report["cameras"][0]["state"], "failed");
    assert!(service.stop().success());
}

#[test]
fn what_cannot_begin_says_why_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = tempfile::tempdir().unwrap();
    let mut service = Service::start(nothing.path(), folder.path(), ONE);
    assert!(!service.ended().success());
    let said: String = service.heard.iter().filter_map(Value::as_str).collect();
    assert!(said.contains("sluis plugin build"), "{said}");
}
