//! Promise 3: what a component asks for is known before it runs, and what no chamber has is refused by name.

use sluis_componentize::build;
use sluis_stage::{LoadError, World, examine};
use wasm_encoder::{
    Component, ComponentExportKind, ComponentExportSection, ComponentImportSection, ComponentInstanceSection,
    ComponentTypeRef, ComponentTypeSection, InstanceType,
};

use crate::planted::{ENGINE, component, load, request};

/// A component that imports and exports instances with nothing in them, by these names.
pub(crate) fn hollow(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    types.instance(&InstanceType::new());
    let mut imported = ComponentImportSection::new();
    for name in imports {
        imported.import(*name, ComponentTypeRef::Instance(0));
    }
    let mut instances = ComponentInstanceSection::new();
    let mut exported = ComponentExportSection::new();
    for name in exports {
        let nothing: [(&str, ComponentExportKind, u32); 0] = [];
        instances.export_items(nothing);
        let made = imports.len() as u32 + instances.len() - 1;
        exported.export(*name, ComponentExportKind::Instance, made, None);
    }
    let mut component = Component::new();
    component.section(&types).section(&imported).section(&instances).section(&exported);
    component.finish()
}

const FILTER: &str = "sluis:stage/filter@0.1.0";

#[test]
fn a_component_that_asks_for_the_time_is_refused_by_name() {
    let wasm = hollow(&["sluis:stage/frames@0.1.0", "wasi:clocks/wall-clock@0.2.0"], &[FILTER]);
    let error = ENGINE.load("curious", &wasm).unwrap_err();
    let LoadError::ForeignImport { imports, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*imports, ["wasi:clocks/wall-clock@0.2.0"]);
    assert!(
        error.to_string().starts_with("plugin `curious` asks for `wasi:clocks/wall-clock@0.2.0`, which no chamber has"),
        "{error}"
    );
}

#[test]
fn the_partner_meets_the_same_refusal_when_building() {
    let error = build(&request("foreign-import")).unwrap_err().to_string();
    assert!(error.contains("wasi:clocks/monotonic-clock@0.2.0"), "{error}");
}

#[test]
fn two_worlds_in_one_component_are_refused() {
    let wasm = hollow(&[], &[FILTER, "sluis:stage/audit@0.1.0"]);
    assert!(matches!(ENGINE.load("two", &wasm), Err(LoadError::Exports { exports, .. }) if exports.len() == 2));
}

#[test]
fn an_export_beside_the_world_is_refused() {
    let wasm = hollow(&[], &[FILTER, "extra"]);
    assert!(matches!(ENGINE.load("more", &wasm), Err(LoadError::Exports { .. })));
}

#[test]
fn a_component_that_only_calls_itself_a_filter_is_refused() {
    let wasm = hollow(&[], &["sluis:stage/filter@0.1.9"]);
    let error = ENGINE.load("poser", &wasm).unwrap_err();
    assert!(matches!(error, LoadError::Unfit { .. }), "{error:?}");
}

#[test]
fn all_four_worlds_load() {
    let of = |name| load(name).world();
    assert_eq!(
        ["answers-nothing", "finds-white", "counts-frames", "counts-looks"].map(of),
        [World::PrivacyFilter, World::AnonymisationAudit, World::GestureDetector, World::AudienceMeter]
    );
}

#[test]
fn a_component_is_described_before_it_is_compiled() {
    let wasm = component("asks-model");
    let examined = examine("asks-model", &wasm).unwrap();
    assert_eq!((examined.world, examined.size), (World::PrivacyFilter, wasm.len()));
    assert_eq!(examined.contract.to_string(), "0.2.0");
    assert!(examined.uses_nn);
    assert!(!examine("answers-nothing", &component("answers-nothing")).unwrap().uses_nn);
}

#[test]
fn a_component_cut_short_is_refused() {
    let wasm = component("answers-nothing");
    for length in (0..wasm.len()).step_by(wasm.len() / 40) {
        assert!(ENGINE.load("cut", &wasm[..length]).is_err(), "{length} of {} bytes", wasm.len());
    }
}
