//! JSON Schemas that are published.

use std::{env, fs};

use serde_json::Value;

use crate::footage::checkout;

/// Holds a schema against the `file` that publishes it, a path from the root of the checkout; with `SLUIS_WRITE_SCHEMA` it is written first. `package` is whose test this is.
///
/// # Panics
///
/// When the file has another schema.
pub fn assert_current(schema: &Value, file: &str, package: &str) {
    let path = checkout().join(file);
    let current = serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n";
    if env::var_os("SLUIS_WRITE_SCHEMA").is_some() {
        fs::write(&path, &current).expect("the checkout can be written");
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == current,
        "{file} is not current: write it with `SLUIS_WRITE_SCHEMA=1 cargo test -p {package} published_schema`"
    );
}

/// Whoever reads a schema is told what every key of it means.
///
/// # Panics
///
/// When a key has no description.
pub fn assert_described(schema: &Value) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (key, property) in properties {
            assert!(property.get("description").is_some(), "`{key}` has no description: {property}");
        }
    }
    if let Some(object) = schema.as_object() {
        object.values().for_each(assert_described);
    }
}
