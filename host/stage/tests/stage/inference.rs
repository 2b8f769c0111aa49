//! `wasi:nn`: granted models by name, within a budget of bytes, and nothing else. With YuNet, which lies beside the
//! footage.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use sluis_frame::Size;
use sluis_stage::answer::Nonsense;
use sluis_stage::limits::Exceeded;
use sluis_stage::{CameraFacts, ChamberSettings, Engine, EngineSettings, Error, Limits, Models, Plugin};

use crate::planted::{GREY, component, settings, sized};

/// YuNet halves its picture five times.
const SIZE: Size = Size::new(320, 256);

/// The component that asks for YuNet, where YuNet is there.
fn plugin() -> Option<Plugin> {
    static PLUGIN: LazyLock<Option<Plugin>> = LazyLock::new(|| {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/footage");
        let footage = std::env::var_os("SLUIS_FOOTAGE").map_or_else(|| PathBuf::from(beside), PathBuf::from);
        let Ok(onnx) = std::fs::read(footage.join("models/face_detection_yunet_2023mar.onnx")) else {
            println!("skipped: no YuNet in {}", footage.display());
            return None;
        };
        let mut models = Models::new();
        models.insert("yunet", onnx);
        models.insert("another", *b"this is no model");
        let engine = Engine::new(EngineSettings { cache: None, models }).unwrap();
        Some(engine.load("asks-model", &component("asks-model")).unwrap())
    });
    PLUGIN.clone()
}

fn granted(models: &[&str], asked: &str) -> ChamberSettings {
    ChamberSettings {
        facts: CameraFacts { size: SIZE, rate: 10.0, depth: false, mount: None, lens: None },
        limits: Limits { call: Duration::from_secs(10), create: Duration::from_secs(60), ..Limits::default() },
        models: models.iter().map(|model| (*model).to_owned()).collect(),
        ..settings(asked)
    }
}

#[test]
fn a_granted_model_runs_and_its_outputs_come_back() {
    let Some(plugin) = plugin() else { return };
    let mut filter = plugin.filter(&granted(&["yunet"], "{}")).unwrap();
    for number in 0..150 {
        let regions = filter.find(&sized(number, GREY, SIZE), &[]).unwrap();
        // YuNet at 320x256 has 40x32 + 20x16 + 10x8 = 1680 places, each with 1 + 1 + 4 + 10 numbers: 26880.
        assert_eq!(regions.len(), 26);
    }
}

#[test]
fn a_model_that_is_not_granted_is_not_found() {
    let Some(plugin) = plugin() else { return };
    for (models, asked) in [(&[][..], "{}"), (&["another"], "{}"), (&["yunet"], r#"{"another": 1}"#)] {
        let error = plugin.filter(&granted(models, asked)).unwrap_err();
        let Error::Refused { reason, .. } = error else { panic!("{error:?}") };
        assert!(reason.contains("not granted"), "{reason}");
    }
}

#[test]
fn a_model_that_is_granted_and_not_installed_is_an_error_that_names_it() {
    let Some(plugin) = plugin() else { return };
    let error = plugin.filter(&granted(&["yunet", "centreface"], "{}")).unwrap_err();
    assert!(matches!(&error, Error::NoModel { model, .. } if model == "centreface"), "{error:?}");
}

#[test]
fn a_file_that_is_no_model_is_told_to_the_component() {
    let Some(plugin) = plugin() else { return };
    let error = plugin.filter(&granted(&["another"], r#"{"another": 1}"#)).unwrap_err();
    let Error::Refused { reason, .. } = error else { panic!("{error:?}") };
    assert!(reason.contains("`another`: reading it failed"), "{reason}");
}

#[test]
fn a_component_cannot_bring_its_own_model() {
    let Some(plugin) = plugin() else { return };
    let error = plugin.filter(&granted(&["yunet"], r#"{"bring": 1}"#)).unwrap_err();
    let Error::Refused { reason, .. } = error else { panic!("{error:?}") };
    assert!(reason.contains("UnsupportedOperation"), "{reason}");
}

#[test]
fn tensors_are_counted_against_a_budget() {
    let Some(plugin) = plugin() else { return };
    let mut given = granted(&["yunet"], r#"{"hoard": 1}"#);
    given.limits.tensors = 40 << 20;
    let mut filter = plugin.filter(&given).unwrap();
    let error = filter.find(&sized(0, GREY, SIZE), &[]).unwrap_err();
    assert!(matches!(error, Error::Memory { exceeded: Exceeded::Tensors { .. }, .. }), "{error:?}");
}

#[test]
fn a_tensor_that_lies_about_its_size_is_malformed() {
    let Some(plugin) = plugin() else { return };
    let mut filter = plugin.filter(&granted(&["yunet"], r#"{"lie": 1}"#)).unwrap();
    let error = filter.find(&sized(0, GREY, SIZE), &[]).unwrap_err();
    assert!(matches!(error, Error::Malformed { nonsense: Nonsense::Tensor, .. }), "{error:?}");
}

#[test]
fn a_shape_that_the_model_does_not_take_is_an_error_of_the_model() {
    let Some(plugin) = plugin() else { return };
    let mut filter = plugin.filter(&granted(&["yunet"], r#"{"shape": 1, "cold": 1}"#)).unwrap();
    let error = filter.find(&sized(0, GREY, SIZE), &[]).unwrap_err();
    assert!(matches!(&error, Error::Model { reason, .. } if reason.contains("`yunet`")), "{error:?}");
}

#[test]
fn an_inference_that_runs_past_the_deadline_is_a_timeout() {
    let Some(plugin) = plugin() else { return };
    let mut given = granted(&["yunet"], "{}");
    given.limits.call = Duration::from_millis(1);
    let mut filter = plugin.filter(&given).unwrap();
    let error = filter.find(&sized(0, GREY, SIZE), &[]).unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}
