//! Builds the planted components; frames to show them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use sluis_componentize::{BuildRequest, build};
use sluis_frame::{CameraId, Doors, Frame, FrameNumber, Header, Picture, Raw, Rgb, Size, Timestamp};
use sluis_stage::{CameraFacts, ChamberSettings, Engine, EngineSettings, Limits, Plugin};

/// The size of all pictures here: no multiple of 8, so that the grid shows.
pub(crate) const SIZE: Size = Size::new(100, 60);
pub(crate) const RED: Rgb = Rgb(255, 0, 0);
pub(crate) const GREY: Rgb = Rgb(90, 90, 90);

pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(EngineSettings::default()).unwrap());
pub(crate) static DOORS: LazyLock<Doors> = LazyLock::new(|| Doors::mint().unwrap());

fn components() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/components"))
}

pub(crate) fn request(name: &str) -> BuildRequest {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR"));
    BuildRequest {
        crate_dir: components().join(name),
        target_dir: out.join("components"),
        out_dir: out.join("components").join("built"),
    }
}

/// The bytes of a planted component.
pub(crate) fn component(name: &'static str) -> Arc<[u8]> {
    static BUILT: Mutex<BTreeMap<&str, Arc<[u8]>>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap();
    let wasm = built.entry(name).or_insert_with(|| {
        let component = build(&request(name)).unwrap_or_else(|error| panic!("{error}"));
        std::fs::read(component.path).unwrap().into()
    });
    Arc::clone(wasm)
}

pub(crate) fn load(name: &'static str) -> Plugin {
    ENGINE.load(name, &component(name)).unwrap()
}

/// Settings for a chamber, with time that a busy machine keeps and a test does not wait for.
pub(crate) fn settings(settings: &str) -> ChamberSettings {
    ChamberSettings {
        camera: CameraId::new("till-1").unwrap(),
        facts: CameraFacts { size: SIZE, rate: 10.0, depth: false, mount: None, lens: None },
        settings: settings.to_owned(),
        limits: Limits { call: Duration::from_millis(500), ..Limits::default() },
        models: Vec::new(),
    }
}

/// A frame of one colour, taken `number` tenths of a second after the first.
pub(crate) fn frame(number: u64, colour: Rgb) -> Frame<Raw> {
    sized(number, colour, SIZE)
}

pub(crate) fn sized(number: u64, colour: Rgb, size: Size) -> Frame<Raw> {
    let header = Header {
        camera: CameraId::new("till-1").unwrap(),
        number: FrameNumber(number),
        captured: Timestamp::from_secs(1_000) + Duration::from_millis(100 * number),
    };
    Frame::capture(header, Picture::plain(size, colour).unwrap(), None).unwrap()
}
