//! Copies SeetaFace's model out of the source folder of the crate `rustface` into `OUT_DIR`, where it is compiled in.
//!
//! The model is no file of this repository. It lies in the package that `Cargo.lock` pins by checksum, so it is exactly as
//! trustworthy as rustface's code. A package cannot tell where another one lies; `cargo metadata` can, for registry, vendored and
//! path sources alike.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const MODEL: &str = "model/seeta_fd_frontal_v1.0.bin";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let model = folder_of("rustface")?.join(MODEL);
    println!("cargo::rerun-if-changed={}", model.display());
    let copy = PathBuf::from(env::var("OUT_DIR")?).join("seetaface.bin");
    // Read and write instead of `fs::copy`: packages may be unpacked read-only, and a copy would inherit that.
    let bytes = fs::read(&model)
        .map_err(|e| format!("SeetaFace's model is not in the package rustface: {}: {e}", model.display()))?;
    fs::write(&copy, bytes).map_err(|e| format!("cannot write {}: {e}", copy.display()))?;
    Ok(())
}

/// The source folder of a package that this one depends on.
fn folder_of(package: &str) -> Result<PathBuf, Box<dyn Error>> {
    // Without the network first: cargo has fetched everything that this build needs, though perhaps not what other members need.
    let metadata = cargo_metadata(&["--offline"]).or_else(|_| cargo_metadata(&[]))?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata listed no packages")?;
    let manifest = packages
        .iter()
        .find(|p| p["name"] == package)
        .and_then(|p| p["manifest_path"].as_str())
        .ok_or_else(|| format!("cargo metadata does not list `{package}`"))?;
    Ok(Path::new(manifest).parent().ok_or("a manifest without a folder")?.to_owned())
}

fn cargo_metadata(options: &[&str]) -> Result<Value, Box<dyn Error>> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("Cargo.toml");
    let output = Command::new(env::var("CARGO")?)
        .args(["metadata", "--format-version=1", "--filter-platform", &env::var("TARGET")?, "--manifest-path"])
        .arg(&manifest)
        .args(options)
        .output()?;
    if !output.status.success() {
        return Err(format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
