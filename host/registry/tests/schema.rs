//! The published schema of a publisher's manifest.

use std::path::Path;

use sluis_registry::Manifest;
use sluis_tests::schema;

#[test]
fn the_published_schema_is_current() {
    schema::assert_current(&Manifest::schema(), "docs/registry.schema.json", "sluis-registry");
}

#[test]
fn every_field_of_the_schema_has_a_description() {
    schema::assert_described(&Manifest::schema());
}

#[test]
fn the_manifest_in_the_guide_of_the_sdk_is_one() {
    let guide = include_str!("../../../plugins/sdk/src/guide.rs");
    let block = guide.split("//! ```json\n").nth(1).and_then(|rest| rest.split("//! ```\n").next());
    let lines = block.expect("the guide shows one").lines().map(|line| line.trim_start_matches("//!"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let manifest = Manifest::parse(&text, Path::new("registry.json")).expect("hosts read it");
    assert_eq!(manifest.components[0].models().into_iter().collect::<Vec<_>>(), ["badges"]);
}
