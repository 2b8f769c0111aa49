//! The published schema of a publisher's manifest.

use std::fs;
use std::path::Path;

use sluis_registry::Manifest;

#[test]
fn the_published_schema_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/registry.schema.json");
    let current = serde_json::to_string_pretty(&Manifest::schema()).unwrap() + "\n";
    if std::env::var_os("SLUIS_WRITE_SCHEMA").is_some() {
        fs::write(&file, &current).unwrap();
    }
    let published = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        published == current,
        "docs/registry.schema.json is not current: write it with `SLUIS_WRITE_SCHEMA=1 cargo test -p sluis-registry published_schema`"
    );
}

#[test]
fn every_field_of_the_schema_has_a_description() {
    fn look(value: &serde_json::Value) {
        if let Some(properties) = value.get("properties").and_then(|p| p.as_object()) {
            for (key, property) in properties {
                assert!(property.get("description").is_some(), "`{key}` has no description: {property}");
            }
        }
        if let Some(object) = value.as_object() {
            object.values().for_each(look);
        }
    }
    look(&Manifest::schema());
}
