//! From a core module to a checked component.
//!
//! The rule is the host's own (it checks again when it loads): exactly one world's interface is exported, and nothing is imported but the contract, of the same
//! version, and `wasi:nn`. The core module is looked at first, because there a foreign import still has the name that its author knows.

use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::error::Error;
use crate::plugin::Plugin;
use crate::world::World;

/// The versions of the contract that hosts speak: each at any patch.
pub(crate) const SPOKEN: [&str; 2] = ["0.1", "0.2"];
/// The interfaces of the contract that a component may import.
const CONTRACT: [&str; 2] = ["types", "frames"];
/// The interfaces of `wasi:nn` that it may import, and the one version of them.
const NN: [&str; 4] = ["tensor", "graph", "inference", "errors"];
const NN_VERSION: &str = "0.2.0-rc-2024-10-28";

/// A checked component.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) wasm: Vec<u8>,
    pub(crate) world: World,
    /// The version of the contract.
    pub(crate) contract: String,
    pub(crate) imports: Vec<String>,
}

/// Wraps the core module of a plugin, and checks the component.
///
/// # Errors
///
/// [`Error::ForeignImport`], [`Error::UndeclaredModels`], [`Error::NoWorld`], [`Error::SeveralWorlds`], [`Error::ForeignExport`],
/// [`Error::MixedContracts`], and [`Error::Wrap`] for anything else.
pub(crate) fn wrap(plugin: &Plugin, module: &[u8]) -> Result<Component, Error> {
    let unwrappable = |reason: String| Error::Wrap { plugin: plugin.name.clone(), reason };
    let wanted = core_imports(module).map_err(|e| unwrappable(e.to_string()))?;
    refuse_foreign(plugin, wanted.into_iter().filter(|import| !import.allowed()).map(CoreImport::named))?;

    let encoded = ComponentEncoder::default().validate(true).module(module).and_then(ComponentEncoder::encode);
    let wasm = encoded.map_err(|e| unwrappable(format!("{e:#}")))?;
    let (imports, exports) = outer_names(&wasm).map_err(|e| unwrappable(e.to_string()))?;
    refuse_foreign(plugin, imports.iter().filter(|name| !may_import(name)).cloned())?;
    if plugin.models.is_empty() && imports.iter().any(|name| name.starts_with("wasi:nn/")) {
        return Err(Error::UndeclaredModels { plugin: plugin.name.clone() });
    }
    let (world, contract) = one_world(plugin, exports)?;
    one_contract(plugin, &contract, &imports)?;
    Ok(Component { wasm, world, contract, imports })
}

fn refuse_foreign(plugin: &Plugin, imports: impl Iterator<Item = String>) -> Result<(), Error> {
    let mut imports: Vec<String> = imports.collect();
    imports.sort();
    imports.dedup();
    if imports.is_empty() { Ok(()) } else { Err(Error::ForeignImport { plugin: plugin.name.clone(), imports }) }
}

/// The world, and the version of the contract that it is of.
fn one_world(plugin: &Plugin, exports: Vec<String>) -> Result<(World, String), Error> {
    let plugin = plugin.name.clone();
    let worlds: Vec<World> = exports.iter().filter_map(|name| exported_world(name)).collect();
    match worlds[..] {
        [] => Err(Error::NoWorld { plugin, exports }),
        [world] if exports.len() == 1 => {
            let contract = exports.iter().find_map(|name| contract_interface(name));
            Ok((world, contract.map(|(_, version)| version.to_owned()).unwrap_or_default()))
        }
        [_] => {
            let exports = exports.into_iter().filter(|name| exported_world(name).is_none()).collect();
            Err(Error::ForeignExport { plugin, exports })
        }
        _ => Err(Error::SeveralWorlds { plugin, worlds }),
    }
}

fn one_contract(plugin: &Plugin, contract: &str, imports: &[String]) -> Result<(), Error> {
    let minor = |version: &str| version.rsplit_once('.').map(|(minor, _)| minor.to_owned());
    let mut versions = imports.iter().filter_map(|name| contract_interface(name)).map(|(_, version)| version);
    match versions.find(|version| minor(version) != minor(contract)) {
        None => Ok(()),
        Some(imported) => Err(Error::MixedContracts {
            plugin: plugin.name.clone(),
            exported: contract.to_owned(),
            imported: imported.to_owned(),
        }),
    }
}

/// An import of a core module.
struct CoreImport {
    module: String,
    name: String,
}

impl CoreImport {
    /// A component's own resources are imported too, from `[export]` and the name of the interface that it exports.
    fn allowed(&self) -> bool {
        let own = self.module.strip_prefix("[export]").is_some_and(|interface| exported_world(interface).is_some());
        own || may_import(&self.module)
    }

    /// The name of the interface, or, where there is none, of the function.
    fn named(self) -> String {
        if self.module.contains(':') { self.module } else { format!("{}.{}", self.module, self.name) }
    }
}

fn core_imports(module: &[u8]) -> wasmparser::Result<Vec<CoreImport>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                found.push(CoreImport { module: import.module.to_owned(), name: import.name.to_owned() });
            }
        }
    }
    Ok(found)
}

/// The imports and exports at the outermost level of a component.
fn outer_names(component: &[u8]) -> wasmparser::Result<(Vec<String>, Vec<String>)> {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0usize);
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

fn may_import(name: &str) -> bool {
    let nn = |name: &str| name.split_once('@').is_some_and(|(nn, version)| version == NN_VERSION && NN.contains(&nn));
    contract_interface(name).is_some_and(|(interface, _)| CONTRACT.contains(&interface))
        || name.strip_prefix("wasi:nn/").is_some_and(nn)
}

fn exported_world(name: &str) -> Option<World> {
    let (interface, _) = contract_interface(name)?;
    World::ALL.into_iter().find(|world| world.interface() == interface)
}

/// `NAME` and `0.MINOR.PATCH` of `sluis:stage/NAME@0.MINOR.PATCH`, of a version that hosts speak.
fn contract_interface(name: &str) -> Option<(&str, &str)> {
    let (interface, version) = name.strip_prefix("sluis:stage/")?.split_once('@')?;
    let (minor, patch) = version.rsplit_once('.')?;
    (SPOKEN.contains(&minor) && patch.parse::<u32>().is_ok()).then_some((interface, version))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn plugin() -> Plugin {
        let manifest = PathBuf::from("/p/Cargo.toml");
        let (name, version, workspace) = ("p".into(), "1.0.0".into(), "/p".into());
        Plugin { name, version, manifest, models: vec![], workspace, path_dependencies: vec![] }
    }

    fn exporting(names: &[&str]) -> Result<(World, String), Error> {
        one_world(&plugin(), names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn only_the_contract_and_wasi_nn_may_be_imported() {
        for name in [
            "sluis:stage/frames@0.1.0",
            "sluis:stage/types@0.1.7",
            "sluis:stage/frames@0.2.0",
            "wasi:nn/graph@0.2.0-rc-2024-10-28",
        ] {
            assert!(may_import(name), "{name}");
        }
        for name in [
            "sluis:stage/filter@0.1.0",
            "sluis:stage/frames@0.3.0",
            "sluis:stage/frames",
            "sluis:stage/frames@0.1.x",
            "wasi:nn/graph@0.2.1",
            "wasi:nn/train@0.2.0-rc-2024-10-28",
            "wasi:clocks/wall-clock@0.2.0",
            "env",
        ] {
            assert!(!may_import(name), "{name}");
        }
    }

    #[test]
    fn one_world_and_nothing_else_is_exported() {
        for version in ["0.1.0", "0.2.3"] {
            let exported = exporting(&[&format!("sluis:stage/audit@{version}")]).unwrap();
            assert_eq!(exported, (World::AnonymisationAudit, version.to_owned()));
        }
        assert!(matches!(exporting(&[]), Err(Error::NoWorld { .. })));
        let unknown = exporting(&["sluis:stage/audit@0.3.0"]).unwrap_err().to_string();
        assert!(unknown.contains("0.1 or 0.2 (it exports sluis:stage/audit@0.3.0)"), "{unknown}");
        let two = exporting(&["sluis:stage/audit@0.1.0", "sluis:stage/filter@0.1.0"]).unwrap_err();
        assert!(two.to_string().contains("anonymisation-audit, privacy-filter"), "{two}");
        let more = exporting(&["sluis:stage/audit@0.1.0", "wasi:cli/run@0.2.0"]).unwrap_err();
        assert!(more.to_string().contains("wasi:cli/run@0.2.0"), "{more}");
    }

    #[test]
    fn one_component_is_built_against_one_version() {
        let of = |version: &str| vec![format!("sluis:stage/frames@{version}")];
        assert!(one_contract(&plugin(), "0.2.0", &of("0.2.4")).is_ok());
        assert!(one_contract(&plugin(), "0.2.0", &[]).is_ok());
        let mixed = one_contract(&plugin(), "0.2.0", &of("0.1.0")).unwrap_err().to_string();
        assert!(mixed.contains("exports version 0.2.0 of the contract and imports version 0.1.0"), "{mixed}");
    }

    #[test]
    fn a_foreign_function_is_told_by_its_own_name() {
        let env = CoreImport { module: "env".into(), name: "getrandom".into() };
        assert!(!env.allowed());
        assert_eq!(env.named(), "env.getrandom");
    }

    #[test]
    fn what_is_no_module_cannot_be_wrapped() {
        assert!(matches!(wrap(&plugin(), b"not wasm"), Err(Error::Wrap { .. })));
    }
}
