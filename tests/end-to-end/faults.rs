//! What happens to the service when something else breaks: a disk that is full, a component that crashes at every call. (The processes themselves are killed in `service.rs`,
//! cameras in the network cut in `network_camera.rs`, clocks set in `clock_jump.rs`.)

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]
#![allow(clippy::print_stderr, reason = "figures, and what is left out, are told aloud")]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use sluis_tests::home;
use sluis_tests::program::sluis_by;
use sluis_tests::service::Service;

const ONE: &str = "[segment]\nseconds = 2\n[[camera]]\nid = \"one\"\ndriver = \"synthetic\"\n";

#[test]
fn a_filter_that_crashes_at_every_call_costs_detail_and_nothing_else() {
    let home = home::with_planted("sluis-tests-crashing", &["tests/components/panics"]);
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&home, folder.path(), &format!("{ONE}[plugins]\nfilter = \"panics\"\n"));
    service.wait("component-failed");
    let eye = service.eye();
    service.until("segments", |s| s.metric("sluis_segments_sealed_total", "") >= 3.0);
    assert!(service.metric("sluis_component_failures_total", "privacy-filter") >= 20.0);
    assert_eq!(service.eye(), eye, "a crash of a component is none of the process");
    assert_eq!(service.page("/healthz").0, 200);
    assert!(service.stop().success());
    let (entered, fates) = service.totals("one");
    let [recorded, quarantined, blanked, dropped] = fates;
    assert_eq!(entered, fates.iter().sum::<u64>(), "{fates:?}");
    assert_eq!(recorded, 0, "a frame whose filter failed was recorded as if nothing were: {fates:?}");
    eprintln!(
        "crash-looping filter: {entered} entered, {quarantined} quarantined, {blanked} blanked, {dropped} dropped; no restart"
    );
    assert_eq!(dropped > 0, service.told("frames-dropped"), "{fates:?}");
    // It fails at every frame, and is not told at every frame.
    let told = service.heard.iter().filter(|event| event["event"] == "component-failed").count();
    assert!(told < 20, "told {told} times");
}

#[test]
fn what_the_configuration_allows_a_component_holds() {
    let folder = tempfile::tempdir().unwrap();
    let limits = "[plugins.limits]\ncall-ms = 10\n";
    let mut service = Service::start(&home::without_models(), folder.path(), &format!("{ONE}{limits}"));
    service.wait_for("component-failed", |event| event["message"].as_str().unwrap_or_default().contains("Time"));
    assert!(service.stop().success());
    let (_, fates) = service.totals("one");
    // A search of a whole picture takes more than 10 ms, also without models.
    assert!(fates[1] + fates[2] > 0, "{fates:?}");
}

/// The service with its vault on a small disk of its own, if this user may mount one.
fn on_a_small_disk(folder: &Path) -> Option<Service> {
    let vault = folder.join("vault");
    std::fs::create_dir(&vault).unwrap();
    let namespaces = ["--user", "--map-root-user", "--mount"];
    let mount = "mount -t tmpfs -o size=96m tmpfs \"$0\" && exec \"$@\"";
    let may = Command::new("unshare").args(namespaces).args(["sh", "-c", mount]).arg(&vault).arg("true").status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!(
            "LEFT OUT: a full disk. This user may not mount a file system in a namespace of its own (`unshare --user --mount`)."
        );
        return None;
    }
    let mut small = Command::new("unshare");
    small.args(namespaces).args(["sh", "-c", mount]).arg(&vault);
    Some(Service::start_by(sluis_by(small, &home::without_models()), folder, ONE))
}

#[test]
fn a_full_disk_costs_what_cannot_be_written_and_is_over_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut service) = on_a_small_disk(folder.path()) else { return };
    service.wait("camera-opened");
    service.until("a segment", |s| s.metric("sluis_segments_sealed_total", "") >= 1.0);
    // As the service sees it.
    let vault = format!("/proc/{}/root{}", service.keep(), folder.path().join("vault").display());
    let ballast = format!("{vault}/ballast");
    let mut file = File::create(&ballast).unwrap();
    while file.write_all(&[7; 4096]).is_ok() {}
    let filled = Instant::now();
    service.wait("pipeline-failed");
    let noticed = filled.elapsed();
    service.until("it says so", |s| s.page("/healthz").0 == 503);
    drop(file);
    std::fs::remove_file(&ballast).unwrap();
    let freed = Instant::now();
    let before = service.metric("sluis_segments_sealed_total", "");
    service.until("segments again", |s| s.metric("sluis_segments_sealed_total", "") > before);
    eprintln!("full disk: told after {noticed:.1?}; a sealed segment {:.1?} after there was room", freed.elapsed());
    service.until("health", |s| s.page("/healthz").0 == 200);
    assert!(service.stop().success());
    let (entered, fates) = service.totals("one");
    assert_eq!(entered, fates.iter().sum::<u64>(), "{fates:?}");
    eprintln!("full disk: {entered} entered, {} dropped", fates[3]);
}
