//! Builds a plugin crate into a checked WebAssembly component.
//!
//! [`build`] compiles the crate for `wasm32-unknown-unknown` with 128-bit SIMD, wraps the result with `wit-component`, and checks that it is what the
//! host would load: exactly one world of the contract, and nothing imported but the contract and, where the crate declares its models, `wasi:nn`.
//! It calls the compiler and Cargo, and no tool that installs anything.
//!
//! - [`toolchain`]: [`Toolchain`], which compiler can do it here.
//! - `plugin`: what the crate says of itself.
//! - `compile`: from the crate to a core module.
//! - `component`: from the core module to a checked component.
//! - [`sha256`]: [`Sha256`], the digest that names a component.
//! - [`world`]: [`World`], the four kinds of component.
//! - [`error`]: [`Error`], what can go wrong, and what to do.
//!
//! ```no_run
//! use sluis_componentize::{BuildRequest, build};
//!
//! # fn main() -> Result<(), sluis_componentize::Error> {
//! let built = build(&BuildRequest {
//!     crate_dir: "plugins/face-blur".into(),
//!     target_dir: "target/components".into(),
//!     out_dir: "target/sluis/built".into(),
//! })?;
//! println!("{} ({}): {} bytes, sha256 {}", built.path.display(), built.world, built.size, built.sha256);
//! # Ok(())
//! # }
//! ```

mod compile;
mod component;
pub mod error;
mod plugin;
pub mod sha256;
pub mod toolchain;
pub mod world;

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use compile::PROFILE;
pub use error::Error;
pub use sha256::Sha256;
pub use toolchain::{DEBIAN_PACKAGES, Toolchain};
pub use world::World;

use error::InFile as _;
use plugin::Plugin;

/// What to build, and where.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// The folder of the crate: it holds `Cargo.toml`. A member of a workspace or not.
    pub crate_dir: PathBuf,
    /// Where Cargo keeps what it compiles. A folder of its own, such as `target/components`, lets a build of the host go on at the same time.
    pub target_dir: PathBuf,
    /// Where the component goes, as `NAME.wasm`. Made when it is not there.
    pub out_dir: PathBuf,
}

/// A component, built and checked.
#[derive(Debug, Clone, Serialize)]
pub struct Built {
    /// The name of the crate, and of the component.
    pub name: String,
    /// The version of the crate.
    pub version: String,
    /// The world that it exports.
    pub world: World,
    /// The version of the contract `sluis:stage` that it is built against, as `0.2.0`.
    pub contract: String,
    /// What it imports, by name.
    pub imports: Vec<String>,
    /// The models that its crate declares.
    pub models: Vec<String>,
    /// Where it lies.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Sha256,
    /// What compiled it. Another compiler gives other bytes.
    pub toolchain: Toolchain,
}

/// Builds the component of a plugin crate, with the toolchain that [`Toolchain::find_for`] finds for its folder.
///
/// # Errors
///
/// [`Error`], whose every case says what to do. Nothing is written to the `out_dir` then.
pub fn build(request: &BuildRequest) -> Result<Built, Error> {
    let manifest = plugin::manifest(&request.crate_dir)?;
    let toolchain = Toolchain::find_for(&request.crate_dir)?;
    let plugin = Plugin::read(&manifest, &toolchain)?;
    let module = compile::compile(&plugin, &toolchain, &request.target_dir)?;
    let component = component::wrap(&plugin, &module)?;
    let path = request.out_dir.join(format!("{}.wasm", plugin.name));
    write(&request.out_dir, &path, &component.wasm)?;
    Ok(Built {
        name: plugin.name,
        version: plugin.version,
        world: component.world,
        contract: component.contract,
        imports: component.imports,
        models: plugin.models,
        path,
        size: component.wasm.len() as u64,
        sha256: Sha256::of(&component.wasm),
        toolchain,
    })
}

/// Writes the whole file or none of it: a host may be reading the old one.
fn write(dir: &Path, path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::create_dir_all(dir).in_file(dir)?;
    // As any new file, for the umask to narrow: the host may run as somebody else.
    let readable = Permissions::from_mode(0o666);
    let mut file = tempfile::Builder::new().permissions(readable).tempfile_in(dir).in_file(dir)?;
    file.write_all(bytes).in_file(path)?;
    file.persist(path).map_err(|e| e.error).in_file(path)?;
    Ok(())
}
