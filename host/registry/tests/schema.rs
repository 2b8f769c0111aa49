//! The published schema of a publisher's manifest.

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
