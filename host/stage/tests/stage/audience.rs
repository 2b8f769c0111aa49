//! The audience meter that comes with Sluis, in the sandbox: with YuNet, and with a demographic model that these tests make (see `onnx`).

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use sluis_componentize::{BuildRequest, build};
use sluis_frame::{CameraId, Frame, FrameNumber, Header, Picture, Raw, Rect, Size, Timestamp};
use sluis_stage::{
    AgeClass, AudienceChamber, CameraFacts, Engine, EngineSettings, Error, Face, Limits, Models, Plugin, SexClass,
};

use crate::onnx;
use crate::planted::settings;

/// A picture with faces in it, and how it is tinted.
struct Scene {
    size: Size,
    rgb: Vec<u8>,
}

fn footage() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/footage");
    let footage = std::env::var_os("SLUIS_FOOTAGE").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if !footage.is_dir() {
        println!("SKIPPED: no footage at {}; set SLUIS_FOOTAGE to run this test", footage.display());
        return None;
    }
    Some(footage)
}

/// The meter, where YuNet is there, on an engine that knows a demographic model as well.
fn plugin() -> Option<Plugin> {
    static PLUGIN: LazyLock<Option<Plugin>> = LazyLock::new(|| {
        let onnx = std::fs::read(footage()?.join("models/face_detection_yunet_2023mar.onnx")).unwrap();
        let mut models = Models::new();
        models.insert("yunet", onnx);
        models.insert("mean-colour", onnx::mean_colour(64));
        let out = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let built = build(&BuildRequest {
            crate_dir: Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/audience-meter")).to_owned(),
            target_dir: out.join("components"),
            out_dir: out.join("components").join("built"),
        });
        let component = std::fs::read(built.unwrap_or_else(|error| panic!("{error}")).path).unwrap();
        let engine = Engine::new(EngineSettings { cache: None, models }).unwrap();
        Some(engine.load("audience-meter", &component).unwrap())
    });
    PLUGIN.clone()
}

/// A still with a face in it.
fn scene() -> Option<Scene> {
    let folder = footage()?.join("stills/wider-interview");
    // The picture with the largest file has the largest faces: any that shows one does.
    let mut stills: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    stills.sort_by_key(|path| std::fs::metadata(path).unwrap().len());
    let picture = image::open(stills.last()?).unwrap().to_rgb8();
    Some(Scene { size: Size::new(picture.width(), picture.height()), rgb: picture.into_raw() })
}

impl Scene {
    /// The picture with its channels weighed.
    fn tinted(&self, number: u64, weights: [f32; 3]) -> Frame<Raw> {
        let weigh = |(value, n): (&u8, usize)| (f32::from(*value) * weights[n % 3]) as u8;
        let rgb: Vec<u8> = self.rgb.iter().zip(0..).map(weigh).collect();
        let header = Header {
            camera: CameraId::new("till-1").unwrap(),
            number: FrameNumber(number),
            captured: Timestamp::from_secs(1_000) + Duration::from_millis(100 * number),
        };
        Frame::capture(header, Picture::new(self.size, rgb).unwrap(), None).unwrap()
    }

    fn meter(&self, plugin: &Plugin, models: &[&str], asked: &str) -> Result<AudienceChamber, Error> {
        let mut given = settings(asked);
        given.facts = CameraFacts { size: self.size, rate: 10.0, depth: false, mount: None, lens: None };
        given.limits = Limits { call: Duration::from_secs(20), create: Duration::from_secs(60), ..Limits::default() };
        given.models = models.iter().map(|model| (*model).to_owned()).collect();
        plugin.audience(&given)
    }
}

const WITH_CLASSES: &str = r#"{"demographics": {"model": "mean-colour", "input": 64}}"#;
// Strong enough that the mean colour of a face, which is mostly red and green, becomes the tint; weak enough that a face is still found.
const RED: [f32; 3] = [1.0, 0.3, 0.3];
const BLUE: [f32; 3] = [0.25, 0.2, 1.0];
const GREEN: [f32; 3] = [0.6, 1.0, 0.6];

/// The surest face that is turned to the camera.
fn nearest(faces: &[Face]) -> Face {
    *faces.iter().filter(|face| face.attentive).max_by_key(|face| face.area.area()).expect("a face is in the picture")
}

#[test]
fn classes_come_from_the_model_that_is_named_and_from_the_pixels_of_the_face() {
    let (Some(plugin), Some(scene)) = (plugin(), scene()) else { return };
    let mut meter = scene.meter(&plugin, &["yunet", "mean-colour"], WITH_CLASSES).unwrap();
    let mut classes = |number, weights| {
        let face = nearest(&meter.measure(&scene.tinted(number, weights), &[]).unwrap());
        (face.age, face.sex)
    };
    assert_eq!(classes(0, RED), (AgeClass::From30To44, SexClass::Female));
    assert_eq!(classes(1, BLUE), (AgeClass::From60, SexClass::Male));
    // What the model takes for a child: nothing is told, neither age nor sex.
    assert_eq!(classes(2, GREEN), (AgeClass::Unknown, SexClass::Undetermined));
}

#[test]
fn without_the_switch_no_class_is_told_even_when_the_model_is_there() {
    let (Some(plugin), Some(scene)) = (plugin(), scene()) else { return };
    let mut meter = scene.meter(&plugin, &["yunet", "mean-colour"], "{}").unwrap();
    let faces = meter.measure(&scene.tinted(0, RED), &[]).unwrap();
    assert!(!faces.is_empty());
    assert!(faces.iter().all(|face| (face.age, face.sex) == (AgeClass::Unknown, SexClass::Undetermined)));
}

#[test]
fn a_model_that_is_named_and_not_granted_stops_the_camera() {
    let (Some(plugin), Some(scene)) = (plugin(), scene()) else { return };
    let error = scene.meter(&plugin, &["yunet"], WITH_CLASSES).unwrap_err();
    let Error::Refused { reason, .. } = error else { panic!("{error:?}") };
    assert!(reason.contains("mean-colour") && reason.contains("not granted"), "{reason}");
}

#[test]
fn the_meter_answers_the_same_for_a_frame_whatever_came_before_it() {
    let (Some(plugin), Some(scene)) = (plugin(), scene()) else { return };
    let mut warm = scene.meter(&plugin, &["yunet"], "{}").unwrap();
    let first = warm.measure(&scene.tinted(0, RED), &[]).unwrap();
    let dark = warm.measure(&scene.tinted(1, [0.0; 3]), &[]).unwrap();
    assert_eq!(dark, []);
    assert_eq!(warm.measure(&scene.tinted(2, RED), &[]).unwrap(), first);
    warm.forget();
    assert_eq!(warm.measure(&scene.tinted(3, RED), &[]).unwrap(), first);
    assert!(first.iter().all(|face| face.area.x % 8 == 0 && face.area != Rect::new(0, 0, 0, 0)));
}
