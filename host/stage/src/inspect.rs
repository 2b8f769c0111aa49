//! What a component is, told from its bytes before anything of it is compiled or run.
//!
//! The rule is an allow-list. A component may import the contract and `wasi:nn`, by name, and must export one world's
//! interface and nothing else, all of one version of the contract, and that one that this host speaks. `sluis plugin build`
//! checks the same rule, so that a partner meets it first at home.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use wasmparser::{Encoding, Parser, Payload};

use crate::contract;
use crate::digest::Digest;
use crate::error::LoadError;
use crate::world::World;

/// A version of the contract, package `sluis:stage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ContractVersion {
    /// Changes when something published is changed.
    pub minor: u32,
    /// Changes when something is added.
    pub patch: u32,
}

/// What a component is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// Which world it exports.
    pub world: World,
    /// The version of the contract that it was built against.
    pub contract: ContractVersion,
    /// What it imports, by name, in its own order.
    pub imports: Vec<String>,
    /// Whether it wants models.
    pub uses_nn: bool,
    /// Its size in bytes.
    pub size: usize,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
}

/// The interfaces of `wasi:nn` that may be imported, and the one version of them.
const NN: [&str; 4] = ["tensor", "graph", "inference", "errors"];
const NN_VERSION: &str = "0.2.0-rc-2024-10-28";

/// Tells what the component `wasm`, called `plugin` in messages, is.
///
/// # Errors
///
/// [`LoadError::CompiledCode`], [`LoadError::NotAComponent`], [`LoadError::UnknownContract`], [`LoadError::ForeignImport`], [`LoadError::Exports`] and
/// [`LoadError::MixedContracts`].
pub fn examine(plugin: &str, wasm: &[u8]) -> Result<Examined, LoadError> {
    let plugin: Arc<str> = plugin.into();
    if wasmtime::Engine::detect_precompiled(wasm).is_some() {
        return Err(LoadError::CompiledCode { plugin });
    }
    let Names { imports, exports } =
        names(wasm).map_err(|reason| LoadError::NotAComponent { plugin: Arc::clone(&plugin), reason })?;

    // First, for what a version has that is not spoken here is not known here either.
    if let Some(version) = imports.iter().chain(&exports).find_map(|name| unspoken(name)) {
        return Err(LoadError::UnknownContract { plugin, version, spoken: contract::spoken() });
    }
    let foreign: Vec<String> = imports.iter().filter(|name| !allowed(name)).cloned().collect();
    if !foreign.is_empty() {
        return Err(LoadError::ForeignImport { plugin, imports: foreign });
    }
    let [Some((world, contract))] = exports.iter().map(|name| exported_world(name)).collect::<Vec<_>>()[..] else {
        return Err(LoadError::Exports { plugin, exports });
    };
    let differs = |name: &&String| stage_interface(name).is_some_and(|(_, version)| version.minor != contract.minor);
    let others: Vec<String> = imports.iter().filter(differs).cloned().collect();
    if !others.is_empty() {
        return Err(LoadError::MixedContracts { plugin, names: [others, exports].concat() });
    }
    let uses_nn = imports.iter().any(|name| name.starts_with("wasi:nn/"));
    Ok(Examined { world, contract, imports, uses_nn, size: wasm.len(), sha256: Digest::of(wasm) })
}

struct Names {
    imports: Vec<String>,
    exports: Vec<String>,
}

/// The names at the outermost level of a component; what it nests is its own affair, for it can reach nothing but
/// through these.
fn names(wasm: &[u8]) -> Result<Names, String> {
    let mut found = Names { imports: Vec::new(), exports: Vec::new() };
    let mut depth = 0usize;
    let mut is_component = false;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(|e| e.to_string())? {
            Payload::Version { encoding: Encoding::Module, .. } if !is_component => {
                return Err("it is a core module".to_owned());
            }
            Payload::Version { .. } => is_component = true,
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    found.imports.push(import.map_err(|e| e.to_string())?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    found.exports.push(export.map_err(|e| e.to_string())?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    if is_component { Ok(found) } else { Err("it is empty".to_owned()) }
}

fn allowed(import: &str) -> bool {
    let stage = |(interface, _): &(&str, ContractVersion)| ["types", "frames"].contains(interface);
    let nn = |name: &str| {
        name.split_once('@').is_some_and(|(interface, version)| version == NN_VERSION && NN.contains(&interface))
    };
    stage_interface(import).as_ref().is_some_and(stage) || import.strip_prefix("wasi:nn/").is_some_and(nn)
}

fn exported_world(export: &str) -> Option<(World, ContractVersion)> {
    let (name, version) = stage_interface(export)?;
    let world = World::ALL.into_iter().find(|world| world.interface() == name)?;
    Some((world, version))
}

/// Splits `sluis:stage/NAME@0.MINOR.PATCH`, of a version that this host speaks.
fn stage_interface(name: &str) -> Option<(&str, ContractVersion)> {
    let (interface, [0, minor, patch]) = of_any_contract(name)? else { return None };
    contract::speaks(minor).then_some((interface, ContractVersion { minor, patch }))
}

/// The version of a name of the contract, if this host does not speak it.
fn unspoken(name: &str) -> Option<String> {
    let (_, [major, minor, patch]) = of_any_contract(name)?;
    stage_interface(name).is_none().then(|| format!("{major}.{minor}.{patch}"))
}

/// Splits `sluis:stage/NAME@MAJOR.MINOR.PATCH`.
fn of_any_contract(name: &str) -> Option<(&str, [u32; 3])> {
    let (interface, version) = name.strip_prefix("sluis:stage/")?.split_once('@')?;
    let numbers: Vec<u32> = version.split('.').map(str::parse::<u32>).collect::<Result<_, _>>().ok()?;
    Some((interface, numbers.try_into().ok()?))
}

// === impl ContractVersion ===

impl fmt::Display for ContractVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0.{}.{}", self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let headed = [b"\0asm\x0d\0\x01\0".as_slice(), &bytes].concat();
            prop_assert!(examine("p", &bytes).is_err());
            let _ = examine("p", &headed);
        }
    }

    #[test]
    fn only_the_contract_and_wasi_nn_may_be_imported() {
        for name in [
            "sluis:stage/frames@0.1.0",
            "sluis:stage/types@0.1.7",
            "sluis:stage/frames@0.2.0",
            "wasi:nn/graph@0.2.0-rc-2024-10-28",
        ] {
            assert!(allowed(name), "{name}");
        }
        for name in [
            "sluis:stage/filter@0.1.0",
            "sluis:stage/frames@0.3.0",
            "sluis:stage/frames@1.1.0",
            "sluis:stage/frames",
            "sluis:stage/frames@0.1.x",
            "wasi:nn/graph@0.2.1",
            "wasi:nn/train@0.2.0-rc-2024-10-28",
            "wasi:clocks/wall-clock@0.2.0",
            "env",
        ] {
            assert!(!allowed(name), "{name}");
        }
    }

    #[test]
    fn text_and_core_modules_are_no_components() {
        for wasm in [&b""[..], b"(component)", b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01"] {
            assert!(matches!(examine("p", wasm), Err(LoadError::NotAComponent { .. })), "{wasm:?}");
        }
    }

    #[test]
    fn a_component_without_a_world_is_refused() {
        let empty = b"\0asm\x0d\0\x01\0";
        assert!(matches!(examine("p", empty), Err(LoadError::Exports { exports, .. }) if exports.is_empty()));
    }
}
