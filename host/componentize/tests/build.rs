//! Real plugin crates, outside any workspace, built with the toolchain of this machine.

mod guest;

use guest::{Guest, build};
use sluis_componentize::{Error, Sha256, World};

#[test]
fn a_plugin_becomes_a_component_of_its_world() {
    for world in World::ALL {
        let built = build(&Guest::of_world(world)).unwrap();
        assert_eq!(built.world, world);
        assert!(built.imports.iter().all(|name| name.starts_with("sluis:stage/")), "{:?}", built.imports);
        let wasm = std::fs::read(&built.path).unwrap();
        assert_eq!((wasm.len() as u64, Sha256::of(&wasm)), (built.size, built.sha256));
        // Minimal components were measured at 20 to 56 KB. Far above that, something is in it that should not be.
        assert!(built.size < 100_000, "{} bytes", built.size);
    }
}

#[test]
fn a_component_holds_names_of_functions_and_no_debug_information() {
    let built = build(&Guest::of_world(World::PrivacyFilter)).unwrap();
    let wasm = std::fs::read(&built.path).unwrap();
    assert!(holds(&wasm, "guest_of_privacy_filter"), "no names of functions: a trap could not be explained");
    assert!(!holds(&wasm, ".debug_info"));
}

#[test]
fn a_component_holds_no_path_of_this_machine() {
    let guest = Guest::of_world(World::PrivacyFilter);
    let built = build(&guest).unwrap();
    let wasm = std::fs::read(&built.path).unwrap();
    assert!(holds(&wasm, "/crates/sluis-sdk/src/"), "no panic's place is in it: this test shows nothing");
    let root = guest::workspace_root();
    for path in [guest.dir(), root, std::env::home_dir().unwrap(), built.path.parent().unwrap().to_owned()] {
        let path = path.canonicalize().unwrap();
        assert!(!holds(&wasm, &format!("{}/", path.display())), "{} is in the component", path.display());
    }
}

#[test]
fn two_worlds_in_one_crate_are_refused() {
    let guest = Guest::of_world(World::PrivacyFilter).named("two-worlds").also(World::AnonymisationAudit);
    let error = build(&guest).unwrap_err();
    assert!(matches!(&error, Error::SeveralWorlds { worlds, .. } if worlds.len() == 2), "{error}");
}

#[test]
fn a_crate_without_a_world_is_told_the_macros() {
    let error = build(&Guest::new("worldless", "pub fn nothing() {}")).unwrap_err();
    assert!(error.to_string().contains("sluis_sdk::privacy_filter!"), "{error}");
}

#[test]
fn a_foreign_import_is_refused_by_name() {
    let source = r#"
        #[link(wasm_import_module = "env")]
        unsafe extern "C" { fn open_socket(port: i32) -> i32; }
        #[unsafe(no_mangle)]
        pub extern "C" fn run() -> i32 { unsafe { open_socket(80) } }
    "#;
    let error = build(&Guest::new("foreigner", source)).unwrap_err();
    assert!(matches!(&error, Error::ForeignImport { imports, .. } if imports == &["env.open_socket"]), "{error}");
}

#[test]
fn models_must_be_declared() {
    let uses_model = r#"let _ = sluis_sdk::nn::Model::load("m").map(|m| m.run(&[]));"#;
    let guest = Guest::of_world(World::PrivacyFilter).named("modeller").with_body(uses_model);
    let error = build(&guest).unwrap_err();
    assert!(matches!(error, Error::UndeclaredModels { .. }), "{error}");

    let built = build(&guest.named("declared-modeller").with_metadata("models = [\"m\"]")).unwrap();
    assert_eq!(built.models, ["m"]);
    assert!(built.imports.iter().any(|name| name.starts_with("wasi:nn/graph@")), "{:?}", built.imports);
}

#[test]
fn a_fault_of_the_author_is_shown_in_the_words_of_the_compiler() {
    let error = build(&Guest::new("faulty", "pub fn f() -> u8 { no_such_value }")).unwrap_err();
    assert!(matches!(error, Error::BuildFailed { .. }), "{error}");
    assert!(error.to_string().contains("cannot find value `no_such_value`"), "{error}");
}

#[test]
fn a_folder_without_a_crate_is_refused() {
    let error = guest::build_in(&std::env::temp_dir().join("no-crate-lies-here")).unwrap_err();
    assert!(matches!(error, Error::NoCrate { .. }), "{error}");
}

#[test]
fn a_workspace_is_not_a_plugin() {
    let error = guest::build_in(&guest::workspace_root()).unwrap_err();
    assert!(matches!(error, Error::NoPackage { .. }), "{error}");
}

#[test]
fn a_crate_that_makes_no_component_is_refused() {
    let error = guest::build_in(&guest::workspace_root().join("plugins/sdk")).unwrap_err();
    assert!(matches!(error, Error::NoCdylib { .. }), "{error}");
}

fn holds(wasm: &[u8], text: &str) -> bool {
    wasm.windows(text.len()).any(|window| window == text.as_bytes())
}
