//! Exports of real recordings: whole, broken off anywhere, and taken out again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sluis_frame::door::Attempt;
use sluis_frame::{
    CameraId, Cause, Cleared, Clock, Doors, Event, Frame, FrameNumber, Gesture, Header, Mask, Picture, Rect, Rgb, Size,
    Style, Timestamp, Verdict, paint,
};
use sluis_segment::handover::pair;
use sluis_segment::{Recorder, RecorderSettings, SegmentId};
use sluis_vault::rehearsal::ManualClock;
use sluis_vault::{Archive, FolderStore, ObjectStore, Reason, Retention, RootSecret, Vault, VaultSettings};
use tempfile::TempDir;

use crate::activitynet::ActivityNet;
use crate::coco::Coco;
use crate::place::{Fuse, Place};
use crate::shard::Label;
use crate::{Error, Exported, Form, Manifest, Request, export, forget};

const START: Timestamp = Timestamp::from_secs(1_782_600_000);
const SIZE: Size = Size::new(64, 48);
/// Segments of 10 s at 10 frames a second.
const SEGMENTS: u64 = 3;
const FRAMES: u64 = 100;

static DOORS: LazyLock<Doors> = LazyLock::new(|| Doors::mint().unwrap());

/// A vault with three segments in which somebody reaches and takes.
struct Rig {
    folder: TempDir,
    clock: Arc<ManualClock>,
    vault: Arc<Vault>,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(START + Duration::from_secs(30)));
        let store: Arc<dyn ObjectStore> = Arc::new(FolderStore::open(folder.path().join("vault/segments")).unwrap());
        let retention = Retention::new(Duration::from_secs(3600)).unwrap();
        let settings = VaultSettings::new(folder.path().join("vault"), "bakery", retention);
        let root = RootSecret::new([42; 32]);
        let vault = Arc::new(Vault::open(settings, Arc::clone(&clock) as Arc<dyn Clock>, store, &root).unwrap());
        let rig = Self { folder, clock, vault };
        rig.record();
        rig
    }

    fn record(&self) {
        let (eye, keep) = pair(8);
        let vault = Arc::clone(&self.vault);
        let serving = std::thread::spawn(move || vault.serve(keep));
        let settings = RecorderSettings {
            shop: "bakery".to_owned(),
            camera: camera(),
            size: SIZE,
            rate: 10.0,
            depth_unit: None,
            calibration: None,
            style: Style::Fill(Rgb(16, 16, 16)),
            segment_length: Duration::from_secs(10),
            plugins: vec![],
        };
        let mut recorder = Recorder::new(settings, eye).unwrap();
        for n in 0..SEGMENTS * FRAMES {
            recorder.record(&frame(n), &events(n)).unwrap();
        }
        recorder.finish().unwrap();
        serving.join().unwrap();
    }

    fn archive(&self) -> &Archive {
        self.vault.archive()
    }

    fn segments(&self) -> Vec<SegmentId> {
        self.archive().list().unwrap().iter().map(|e| e.segment).collect()
    }

    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn export(&self, name: &str, request: &Request) -> Result<Exported, Error> {
        export(self.archive(), &DOORS.reader, request, &self.out(name), &reason(), &mut |_| {})
    }
}

fn camera() -> CameraId {
    CameraId::new("shelf").unwrap()
}

fn reason() -> Reason {
    Reason::new("training of reaches").unwrap()
}

fn at(n: u64) -> Timestamp {
    START + Duration::from_millis(n * 100)
}

fn frame(n: u64) -> Frame<Cleared> {
    let header = Header { camera: camera(), number: FrameNumber(n), captured: at(n) };
    if n == 7 {
        return DOORS.blank.blank(header, SIZE, None).unwrap();
    }
    let pixels: Vec<u8> = (0..SIZE.pixels() * 3).map(|i| 100 + ((i as u64 / 7 + n * 3) % 90) as u8).collect();
    let raw = Frame::capture(header, Picture::new(SIZE, pixels).unwrap(), None).unwrap();
    // It reaches beyond the picture.
    let masks = vec![Mask::rect(Rect::new(-8, 8, 24, 24), Cause::Filter)];
    let verdict = Verdict { findings: vec![], worst_score: 0, independent: true };
    DOORS.audit.pass(paint::redact(&raw, masks, Style::Fill(Rgb(16, 16, 16))), verdict, Attempt::First).unwrap()
}

/// In each segment a reach in its second second, told a little later; in the first also a take that is told in the second.
fn events(n: u64) -> Vec<Event> {
    let event = |gesture, from, to| Event {
        gesture,
        track: 3,
        zone: Some("rolls".to_owned()),
        start: at(from),
        end: at(to),
        contact: Some((30, 20)),
        position: None,
        confidence: 80,
    };
    match (n % FRAMES, n / FRAMES) {
        (20, segment) => vec![event(Gesture::Reach, segment * FRAMES + 12, segment * FRAMES + 18)],
        (3, 1) => vec![event(Gesture::Take, 96, 101)],
        _ => vec![],
    }
}

/// All files below a folder with their contents.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The files of all shards, in order.
fn shards(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut names: Vec<_> = contents(&folder.join("shards")).into_keys().collect();
    names.sort();
    let mut files = Vec::new();
    for name in names {
        let mut archive = tar::Archive::new(fs::File::open(folder.join("shards").join(name)).unwrap());
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            files.push((entry.path().unwrap().display().to_string(), content));
        }
    }
    files
}

fn labels(folder: &Path) -> Vec<Label> {
    let jsons = shards(folder).into_iter().filter(|(name, _)| name.ends_with(".json"));
    jsons.map(|(_, content)| serde_json::from_slice(&content).unwrap()).collect()
}

#[test]
fn an_export_holds_all_forms_and_its_own_list_is_right() {
    let rig = Rig::new();
    let exported = rig.export("out", &Request { with_nothing: true, ..Request::everything() }).unwrap();
    assert_eq!((exported.read, exported.manifest.segments.len()), (3, 3));
    let out = rig.out("out");
    let files = contents(&out);
    assert_eq!(json::<Manifest>(&out.join("export.json")), exported.manifest);
    assert!(exported.manifest.complete && exported.manifest.delete_by.is_some());
    let listed: BTreeSet<_> =
        exported.manifest.files.iter().map(|f| f.path.clone()).chain(["export.json".to_owned()]).collect();
    assert_eq!(files.keys().cloned().collect::<BTreeSet<_>>(), listed, "nothing else is left");
    for file in &exported.manifest.files {
        let digest = ring::digest::digest(&ring::digest::SHA256, &files[&file.path]);
        assert_eq!((file.bytes, file.sha256.as_str()), (files[&file.path].len() as u64, hex::encode(digest).as_str()));
    }
    assert!(String::from_utf8_lossy(&files["README.md"]).contains("must be deleted by"));
}

#[test]
fn events_have_the_form_of_activitynet_also_over_the_end_of_a_segment() {
    let rig = Rig::new();
    rig.export("out", &Request::everything()).unwrap();
    let file: ActivityNet = json(&rig.out("out").join("activitynet.json"));
    let [first, second, _] = rig.segments()[..] else { panic!("three segments") };
    let of = |segment: SegmentId| &file.database[&segment.to_string()];
    assert_eq!((of(first).resolution.as_str(), of(first).duration), ("64x48", 9.9));
    let told = |segment| of(segment).annotations.iter().map(|a| (a.label.as_str(), a.segment)).collect::<Vec<_>>();
    assert_eq!(told(first), [("reach", [1.2, 1.8]), ("take", [9.6, 9.9])], "the take was told in the next segment");
    assert_eq!(told(second), [("take", [0.0, 0.1]), ("reach", [1.2, 1.8])]);
    assert_eq!(of(first).subset, of(second).subset, "one hour of a camera is one subset");
    assert!(file.taxonomy.iter().any(|node| node.node_name == "put-back"));
}

#[test]
fn boxes_have_the_form_of_coco_and_lie_in_their_pictures() {
    let rig = Rig::new();
    rig.export("out", &Request::everything()).unwrap();
    let file: Coco = json(&rig.out("out").join("coco.json"));
    assert_eq!((file.images.len(), file.annotations.len()), (30, 30), "one a second");
    for image in &file.images {
        let picture = image::open(rig.out("out").join(&image.file_name)).unwrap();
        assert_eq!((picture.width(), picture.height()), (image.width, image.height));
    }
    for annotation in &file.annotations {
        assert_eq!((annotation.bbox, annotation.area, annotation.cause.as_str()), ([0, 8, 16, 24], 384, "filter"));
        assert!(file.images.iter().any(|image| image.id == annotation.image_id));
    }
}

#[test]
fn clips_show_their_events_and_play() {
    let rig = Rig::new();
    rig.export("out", &Request { with_nothing: true, ..Request::everything() }).unwrap();
    let labels = labels(&rig.out("out"));
    let count = |label: &str| labels.iter().filter(|l| l.label == label).count();
    assert_eq!((count("reach"), count("take")), (3, 1));
    assert!(count("nothing") > 0);
    for label in &labels {
        let clip =
            shards(&rig.out("out")).into_iter().find(|(name, _)| *name == format!("{}.mp4", label.key)).unwrap().1;
        let mp4 = re_mp4::Mp4::read_bytes(&clip).unwrap();
        let samples = mp4.tracks().values().next().unwrap().samples.len();
        assert_eq!(samples as u64, label.frames);
        if let (Some([from, to]), false) = (label.event, label.cut) {
            assert!(from >= 0.3 && to > from && to <= label.frames as f64 / label.rate);
        }
        assert_eq!(label.cut, label.label == "take", "the take began in the segment before");
    }
}

#[test]
fn only_what_was_asked_for_is_there() {
    let rig = Rig::new();
    let segments = rig.segments();
    let request = Request {
        segments: [segments[1]].into(),
        events: [Gesture::Take].into(),
        forms: [Form::WebDataset].into(),
        ..Request::everything()
    };
    rig.export("out", &request).unwrap();
    let files: Vec<String> = contents(&rig.out("out")).into_keys().collect();
    assert_eq!(files, ["README.md", "export.json", "shards/shard-000000.tar"]);
    assert!(labels(&rig.out("out")).iter().all(|l| l.label == "take" && l.segment == segments[1]));
    assert_eq!(rig.archive().exports(None).unwrap().len(), 1);
}

#[test]
fn shards_end_at_their_size_and_no_clip_is_divided() {
    let rig = Rig::new();
    rig.export("one", &Request::everything()).unwrap();
    rig.export("many", &Request { shard_bytes: 1, ..Request::everything() }).unwrap();
    assert_eq!(shards(&rig.out("one")), shards(&rig.out("many")));
    let clips = labels(&rig.out("one")).len();
    assert_eq!(contents(&rig.out("many").join("shards")).len(), clips, "a clip is a shard when nothing larger may be");
}

#[test]
fn an_export_broken_off_anywhere_goes_on_and_comes_to_the_same() {
    let rig = Rig::new();
    let request = Request { with_nothing: true, shard_bytes: 5_000, ..Request::everything() };
    rig.export("whole", &request).unwrap();
    let whole = contents(&rig.out("whole"));
    let attempt = |name: &str, fuse: Fuse| {
        let place = Place::new(&rig.out(name), fuse);
        export::run(rig.archive(), &DOORS.reader, &request, &place, &reason(), &mut |_| {})
    };
    let measure = Fuse::of(u64::MAX);
    attempt("measured", measure.clone()).unwrap();
    let steps = u64::MAX - measure.left();
    // Evenly spread, and closely at the end, where files take their places.
    let spread = (0..40).map(|n| steps * n / 40);
    for at in spread.chain(steps.saturating_sub(8)..steps) {
        let name = format!("broken-{at}");
        let broken = attempt(&name, Fuse::of(at)).unwrap_err();
        assert!(matches!(broken, Error::File { .. } | Error::Clip { .. }), "after {at} of {steps}: {broken}");
        let manifest = rig.out(&name).join("export.json");
        if manifest.exists() && at < steps - 2 {
            assert!(!json::<Manifest>(&manifest).complete || !contents(&rig.out(&name)).is_empty());
        }
        attempt(&name, Fuse::default()).unwrap();
        let resumed = contents(&rig.out(&name));
        assert!(resumed == whole, "after {at} of {steps}: {:?} and not {:?}", resumed.keys(), whole.keys());
        fs::remove_dir_all(rig.out(&name)).unwrap();
    }
}

#[test]
fn what_was_read_before_is_not_read_again() {
    let rig = Rig::new();
    let request = Request::everything();
    let place = Place::new(&rig.out("out"), Fuse::default());
    let mut seen = 0;
    // Broken off before the third segment.
    let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        export::run(rig.archive(), &DOORS.reader, &request, &place, &reason(), &mut |progress| {
            seen = progress.done;
            assert!(progress.done < 2, "stop here");
        })
    }));
    assert!(stopped.is_err() && seen == 2);
    assert_eq!(rig.export("out", &request).unwrap().read, 1);
    let again = rig.export("out", &request).unwrap();
    assert!(again.was_complete && again.read == 0);
    assert_eq!(rig.archive().exports(None).unwrap().len(), 3, "each was logged once");
}

#[test]
fn a_folder_with_something_else_is_left_alone() {
    let rig = Rig::new();
    fs::create_dir(rig.out("full")).unwrap();
    fs::write(rig.out("full").join("thesis.txt"), "mine").unwrap();
    assert!(matches!(rig.export("full", &Request::everything()), Err(Error::NotEmpty { .. })));
    rig.export("out", &Request::everything()).unwrap();
    let other = Request { forms: [Form::Mcap].into(), ..Request::everything() };
    assert!(matches!(rig.export("out", &other), Err(Error::OtherExport { .. })));
    assert_eq!(contents(&rig.out("full")).len(), 1);
}

#[test]
fn what_is_named_and_past_its_deadline_is_refused_by_name_before_anything_is_read() {
    let rig = Rig::new();
    let segments = rig.segments();
    rig.clock.set(START + Duration::from_secs(3602));
    let named = Request { segments: segments[..2].iter().copied().collect(), ..Request::everything() };
    let error = rig.export("out", &named).unwrap_err();
    // The first began 3602 s ago, the second 3592 s.
    assert!(
        matches!(&error, Error::Refused { refused } if refused.len() == 1 && refused[0].0 == segments[0]),
        "{error}"
    );
    assert!(error.to_string().contains(&segments[0].to_string()) && !rig.out("out").exists());
    assert!(rig.archive().exports(None).unwrap().is_empty());
    let unknown = Request { segments: [SegmentId::from_bytes([1; 16])].into(), ..Request::everything() };
    assert!(matches!(rig.export("out", &unknown), Err(Error::Refused { .. })));
    // By selection it is left out, and said so.
    let exported = rig.export("out", &Request::everything()).unwrap();
    assert_eq!((exported.manifest.segments.len(), exported.manifest.refused[0].segment), (2, segments[0]));
    rig.clock.advance(Duration::from_secs(60));
    assert!(matches!(rig.export("late", &Request::everything()), Err(Error::Nothing)));
}

#[test]
fn what_comes_to_its_deadline_while_an_export_is_broken_off_is_not_in_it() {
    let rig = Rig::new();
    let request = Request::everything();
    let measure = Fuse::of(u64::MAX);
    let at = |name: &str, fuse: Fuse| {
        let place = Place::new(&rig.out(name), fuse);
        export::run(rig.archive(), &DOORS.reader, &request, &place, &reason(), &mut |_| {})
    };
    at("measured", measure.clone()).unwrap();
    at("out", Fuse::of((u64::MAX - measure.left()) / 2)).unwrap_err();
    rig.clock.set(START + Duration::from_secs(3602));
    let gone = rig.segments()[0].to_string();
    let exported = at("out", Fuse::default()).unwrap();
    assert_eq!((exported.manifest.segments.len(), exported.manifest.refused.len()), (2, 1));
    let files = contents(&rig.out("out"));
    assert!(files.keys().all(|name| !name.contains(&gone)));
    assert!(files.iter().filter(|(name, _)| *name != "export.json").all(|(_, f)| !holds(f, &gone)));
}

fn holds(file: &[u8], text: &str) -> bool {
    file.windows(text.len()).any(|w| w == text.as_bytes())
}

#[test]
fn a_damaged_segment_is_left_out_and_named() {
    let rig = Rig::new();
    let segment = rig.segments()[1];
    let path = rig.out("vault/segments").join(format!("{segment}-0.sealed"));
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 20;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let exported = rig.export("out", &Request::everything()).unwrap();
    assert_eq!(exported.manifest.refused.iter().map(|r| r.segment).collect::<Vec<_>>(), [segment]);
    assert!(!contents(&rig.out("out")).keys().any(|name| name.contains(&segment.to_string())));
}

#[test]
fn a_segment_that_is_erased_is_in_no_file_and_the_others_are_whole() {
    let rig = Rig::new();
    let request = Request { shard_bytes: 20_000, ..Request::everything() };
    rig.export("out", &request).unwrap();
    let segments = rig.segments();
    let before: Vec<_> = shards(&rig.out("out"));
    let forgotten = forget(&rig.out("out"), START, &[segments[1]].into()).unwrap();
    assert_eq!((forgotten.segments.as_slice(), forgotten.left), ([segments[1]].as_slice(), 2));
    let gone = segments[1].to_string();
    let files = contents(&rig.out("out"));
    let tells =
        |(name, file): (&String, &Vec<u8>)| name.contains(&gone) || (name != "export.json" && holds(file, &gone));
    assert!(!files.iter().any(tells));
    let left: Vec<_> = before.into_iter().filter(|(name, _)| !name.starts_with(&gone)).collect();
    assert_eq!(shards(&rig.out("out")), left);
    let manifest: Manifest = json(&rig.out("out").join("export.json"));
    assert_eq!(manifest.forgotten, [segments[1]]);
    for file in &manifest.files {
        assert_eq!(file.bytes, files[&file.path].len() as u64, "{}", file.path);
    }
    // And it does not come back.
    assert!(matches!(rig.export("out", &request), Err(Error::OtherExport { .. })));
}

#[test]
fn what_is_past_its_deadline_is_purged_also_after_a_purge_that_broke_off() {
    let rig = Rig::new();
    rig.export("whole", &Request::everything()).unwrap();
    let now = START + Duration::from_secs(3602);
    forget(&rig.out("whole"), now, &BTreeSet::new()).unwrap();
    let whole = contents(&rig.out("whole"));
    let run = |name: &str, fuse: Fuse| forget::run(&Place::new(&rig.out(name), fuse), now, &BTreeSet::new());
    for at in [0, 1, 2, 5, 9, 50, 500, 3_000, 20_000] {
        let name = format!("broken-{at}");
        rig.export(&name, &Request::everything()).unwrap();
        let _ = run(&name, Fuse::of(at));
        run(&name, Fuse::default()).unwrap();
        assert!(contents(&rig.out(&name)) == whole, "after {at}");
    }
    let all = forget(&rig.out("whole"), START + Duration::from_secs(9_999), &BTreeSet::new()).unwrap();
    assert_eq!((all.left, all.next), (0, None));
}
