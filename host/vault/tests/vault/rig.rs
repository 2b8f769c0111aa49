//! A vault in a folder of its own, and both ways to fill it: by hand, and with the real recorder.

use std::fs::{self, DirBuilder};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::thread::JoinHandle;
use std::time::Duration;

use ring::rand::SystemRandom;
use sluis_frame::door::Attempt;
use sluis_frame::{
    CameraId, Cause, Cleared, Clock, Doors, Frame, Mask, Picture, Rect, Rgb, Shape, Size, Style, Timestamp, Verdict,
    paint,
};
use sluis_segment::handover::{EyeEnd, ToEye, ToKeep, pair};
use sluis_segment::summary::FrameCounts;
use sluis_segment::{Binding, Recorder, RecorderSettings, Sealer, SegmentId, SegmentKey, Summary};
use sluis_vault::rehearsal::ManualClock;
use sluis_vault::{
    Archive, Error, FolderStore, ObjectStore, Reason, Retention, RootSecret, Served, State, Vault, VaultSettings,
};
use tempfile::TempDir;

pub(crate) const START: Timestamp = Timestamp::from_secs(1_782_600_000);
pub(crate) const SHOP: &str = "bakery";
pub(crate) const SIZE: Size = Size::new(64, 48);
const PATIENCE: Duration = Duration::from_secs(20);

/// A vault's folder and its clock.
pub(crate) struct Rig {
    folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
}

/// One camera's hand-over, driven by hand.
pub(crate) struct Hand {
    pub(crate) eye: EyeEnd,
    keep: JoinHandle<Served>,
}

// === impl Rig ===

impl Rig {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: Arc::new(ManualClock::new(START)) }
    }

    /// What a kill at this moment would leave.
    pub(crate) fn image(&self) -> Self {
        let image = Self::new();
        image.clock.set(self.clock.now());
        copy(self.dir(), image.dir());
        image
    }

    pub(crate) fn dir(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::new(FolderStore::open(self.dir().join("segments")).unwrap())
    }

    /// The bytes of an object, or its part, on disk.
    pub(crate) fn object(&self, name: &str) -> PathBuf {
        self.dir().join("segments").join(name)
    }

    /// Names of the files in the store.
    pub(crate) fn objects(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.dir().join("segments"))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    pub(crate) fn settings(&self) -> VaultSettings {
        let retention = Retention::new(Duration::from_secs(3600)).unwrap();
        // In the folder too, so that an image of it is one of everything.
        VaultSettings { ledger: self.dir().join("ledger"), ..VaultSettings::new(self.dir(), SHOP, retention) }
    }

    pub(crate) fn open_with(&self, store: Arc<dyn ObjectStore>) -> Result<Vault, Error> {
        Vault::open(self.settings(), self.clock(), store, &root())
    }

    pub(crate) fn open(&self) -> Arc<Vault> {
        Arc::new(self.open_with(self.store()).unwrap())
    }

    pub(crate) fn archive(&self) -> Archive {
        let ledger = self.dir().join("ledger");
        Archive::open_with_ledger(self.dir(), Some(&ledger), self.clock(), self.store(), &root()).unwrap()
    }

    /// The wrapped keys of a segment as they stand in the index.
    pub(crate) fn wrapped(&self, segment: SegmentId) -> Vec<Vec<u8>> {
        let index = rusqlite::Connection::open(self.dir().join("index.sqlite")).unwrap();
        let mut statement = index.prepare("SELECT wrapped FROM keys WHERE segment = ?1 ORDER BY slot").unwrap();
        let rows = statement.query_map([segment.as_bytes()], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Whether the bytes stand in any file below the vault's folder.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        files(self.dir()).iter().any(|path| {
            let file = fs::read(path).unwrap();
            file.windows(bytes.len()).any(|w| w == bytes)
        })
    }

    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Records frames with the real recorder, a second apart ten of them, and ends as `end` says.
    pub(crate) fn record(&self, vault: &Arc<Vault>, camera: &str, frames: u64) -> Served {
        let (eye, keep) = pair(8);
        let serving = serve(vault, keep);
        let mut recorder = recorder(camera, eye);
        for n in 0..frames {
            recorder.record(&frame(camera, n, self.clock.now()), &[]).unwrap();
        }
        recorder.finish().unwrap();
        serving.join().unwrap()
    }

    /// What a kill leaves of a vault in which a camera was in the middle of a segment, `frames` frames at ten a second in.
    pub(crate) fn broken_off(&self, vault: &Arc<Vault>, camera: &str, frames: u64) -> (Self, SegmentId) {
        let (eye, recorder_keep) = pair(8);
        let hand = Hand::new(vault);
        // Between recorder and vault, so that it is known when all bytes have arrived.
        let (image, segment) = std::thread::scope(|scope| {
            let clock = self.clock.now();
            let recording = scope.spawn(move || {
                let mut recorder = recorder(camera, eye);
                for n in 0..frames {
                    recorder.record(&frame(camera, n, clock), &[]).unwrap();
                }
                // Dropped without an end.
            });
            let mut segment = None;
            while let Some(message) = recorder_keep.receive() {
                let asks = matches!(message, ToKeep::Open { .. });
                hand.eye.send(message).unwrap();
                if asks {
                    let answer = hand.eye.receive(PATIENCE).unwrap();
                    if let ToEye::Opened { segment: opened, .. } = &answer {
                        segment = Some(*opened);
                    }
                    recorder_keep.send(answer).unwrap();
                }
            }
            recording.join().unwrap();
            hand.barrier();
            (self.image(), segment.unwrap())
        });
        hand.end();
        (image, segment)
    }
}

// === impl Hand ===

impl Hand {
    pub(crate) fn new(vault: &Arc<Vault>) -> Self {
        let (eye, keep) = pair(8);
        Self { eye, keep: serve(vault, keep) }
    }

    pub(crate) fn ask(&self, message: ToKeep) -> ToEye {
        self.eye.send(message).unwrap();
        self.eye.receive(PATIENCE).unwrap()
    }

    pub(crate) fn open(&self, camera: &str, started: Timestamp) -> (SegmentId, SegmentKey, Timestamp) {
        match self.ask(ToKeep::Open { camera: id(camera), started }) {
            ToEye::Opened { segment, key, deadline } => (segment, key, deadline),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn bytes(&self, segment: SegmentId, offset: usize, bytes: &[u8]) {
        self.eye.send(ToKeep::Bytes { segment, offset: offset as u64, bytes: bytes.to_vec() }).unwrap();
    }

    pub(crate) fn close(&self, segment: SegmentId, sealed: usize) -> ToEye {
        self.ask(ToKeep::Close { segment, summary: Box::new(summary(sealed)) })
    }

    /// Returns when everything that was sent has been dealt with.
    pub(crate) fn barrier(&self) {
        let nobody = SegmentId::from_bytes([0xEE; 16]);
        assert!(matches!(self.close(nobody, 0), ToEye::Refused { .. }));
    }

    /// A whole segment with this plaintext.
    pub(crate) fn segment(&self, camera: &str, started: Timestamp, plain: &[u8]) -> SegmentId {
        let (segment, key, _) = self.open(camera, started);
        let sealed = seal(camera, segment, &key, plain);
        for (n, chunk) in sealed.chunks(10_000).enumerate() {
            self.bytes(segment, n * 10_000, chunk);
        }
        let answer = self.close(segment, sealed.len());
        assert!(matches!(answer, ToEye::Closed { segment: closed } if closed == segment), "{answer:?}");
        segment
    }

    /// The recorder ends.
    pub(crate) fn end(self) -> Served {
        drop(self.eye);
        self.keep.join().unwrap()
    }
}

/// One whole segment of a recorder that has ended.
pub(crate) fn put(vault: &Arc<Vault>, plain: &[u8]) -> SegmentId {
    let hand = Hand::new(vault);
    let segment = hand.segment("shelf", START, plain);
    hand.end();
    segment
}

pub(crate) fn serve(vault: &Arc<Vault>, keep: sluis_segment::handover::KeepEnd) -> JoinHandle<Served> {
    let vault = Arc::clone(vault);
    std::thread::spawn(move || vault.serve(keep))
}

pub(crate) fn seal(camera: &str, segment: SegmentId, key: &SegmentKey, plain: &[u8]) -> Vec<u8> {
    let bound = Binding { shop: SHOP.to_owned(), camera: id(camera), segment }.associated_data();
    let mut sealer = Sealer::new(Vec::new(), key, &bound, &SystemRandom::new()).unwrap();
    sealer.write_all(plain).unwrap();
    sealer.finish().unwrap().0
}

pub(crate) fn summary(sealed_bytes: usize) -> Summary {
    Summary {
        sealed_bytes: sealed_bytes as u64,
        frames: Default::default(),
        masks: 0,
        events: 0,
        first_captured: START,
        last_captured: START,
        audit: Default::default(),
        gate: Default::default(),
        plugins: vec![],
    }
}

pub(crate) fn root() -> RootSecret {
    RootSecret::new([42; 32])
}

pub(crate) fn id(camera: &str) -> CameraId {
    CameraId::new(camera).unwrap()
}

pub(crate) fn reason() -> Reason {
    Reason::new("a test").unwrap()
}

pub(crate) fn state(vault: &Vault, segment: SegmentId) -> State {
    vault.archive().entry(segment).unwrap().state
}

pub(crate) fn recorder(camera: &str, eye: EyeEnd) -> Recorder {
    let settings = RecorderSettings {
        shop: SHOP.to_owned(),
        camera: id(camera),
        size: SIZE,
        rate: 10.0,
        depth_unit: None,
        calibration: None,
        style: Style::Fill(Rgb(16, 16, 16)),
        segment_length: Duration::from_secs(60),
        plugins: vec![],
    };
    Recorder::new(settings, eye).unwrap()
}

static DOORS: LazyLock<Doors> = LazyLock::new(|| Doors::mint().unwrap());

/// The `n`th frame of a camera that gives ten a second: a moving grey wave, with a mask.
pub(crate) fn frame(camera: &str, n: u64, from: Timestamp) -> Frame<Cleared> {
    let header = sluis_frame::Header {
        camera: id(camera),
        number: sluis_frame::FrameNumber(n),
        captured: from + Duration::from_millis(n * 100),
    };
    let pixels: Vec<u8> = (0..SIZE.pixels() * 3).map(|i| 100 + ((i as u64 / 7 + n * 3) % 90) as u8).collect();
    let raw = Frame::capture(header, Picture::new(SIZE, pixels).unwrap(), None).unwrap();
    let mask = Mask { shape: Shape::Rect(Rect::new(8, 8, 24, 24)), cause: Cause::Filter };
    let redacted = paint::redact(&raw, vec![mask], Style::Fill(Rgb(16, 16, 16)));
    let verdict = Verdict { findings: vec![], worst_score: 0, independent: true };
    DOORS.audit.pass(redacted, verdict, Attempt::First).unwrap()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        DirBuilder::new().recursive(true).mode(0o700).create(target.parent().unwrap()).unwrap();
        fs::copy(&path, target).unwrap();
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// So many frames that passed the audit the first time, and no others.
pub(crate) fn recorded(recorded: u64) -> FrameCounts {
    FrameCounts { recorded, ..FrameCounts::default() }
}
