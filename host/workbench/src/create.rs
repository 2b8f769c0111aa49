//! A new plugin crate, from a template that is compiled and tested with this project.

use std::fs;
use std::path::{Component, Path, PathBuf};

use sluis_stage::World;

use crate::error::Error;

/// What is written.
#[derive(Debug, Clone)]
pub struct New {
    /// The name of the crate, and of the component.
    pub name: String,
    /// Its world.
    pub world: World,
    /// The folder to write.
    pub folder: PathBuf,
    /// The SDK's folder, as it was named; `None` to look for it.
    pub sdk: Option<PathBuf>,
}

/// A template: its files, by their path in the crate.
struct Template {
    /// As its own manifest has it.
    name: &'static str,
    files: [(&'static str, &'static str); 3],
}

macro_rules! template {
    ($name:literal) => {
        Template {
            name: concat!("template-", $name),
            files: [
                ("Cargo.toml", include_str!(concat!("../templates/", $name, "/Cargo.toml"))),
                ("src/lib.rs", include_str!(concat!("../templates/", $name, "/src/lib.rs"))),
                ("tests/plugin.rs", include_str!(concat!("../templates/", $name, "/tests/plugin.rs"))),
            ],
        }
    };
}

/// The line of a template's manifest that names the SDK.
const SDK_LINE: &str = "sluis-sdk = { path = \"../../../../plugins/sdk\" }";

/// What a registry is told of it.
const REGISTRY: &str = "registry.json";

/// The contract that the templates are built against.
const CONTRACT: &str = "0.2.0";

/// The longest name of a plugin.
const LONGEST_NAME: usize = 48;

/// Where the SDK lies in a checkout.
const SDK: &str = "plugins/sdk";

/// Writes the crate. Gives the files, by their path in it.
///
/// # Errors
///
/// [`Error::Name`], [`Error::NotEmpty`], [`Error::NoSdk`], [`Error::NotSdk`], [`Error::File`]. Nothing is written unless the first four hold.
pub fn create(new: &New) -> Result<Vec<&'static str>, Error> {
    let New { name, world, folder, .. } = new;
    if !is_name(name) {
        return Err(Error::Name { name: name.clone() });
    }
    if let Some(why) = taken(name) {
        return Err(Error::Taken { name: name.clone(), why });
    }
    let something = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if something || folder.is_file() {
        return Err(Error::NotEmpty { path: folder.clone() });
    }
    let folder = std::path::absolute(folder).map_err(Error::file("find", folder))?;
    let sdk = sdk(new.sdk.as_deref(), &folder)?;
    let template = template(*world);
    let mut written = Vec::new();
    for (file, text) in template.files {
        let path = folder.join(file);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(Error::file("make the folder", above))?;
        }
        fs::write(&path, filled(&template, file, text, name, &sdk)).map_err(Error::file("write", &path))?;
        written.push(file);
    }
    let manifest = folder.join(REGISTRY);
    fs::write(&manifest, entry(name, *world)).map_err(Error::file("write", &manifest))?;
    written.push(REGISTRY);
    let ignored = folder.join(".gitignore");
    fs::write(&ignored, "/target\n").map_err(Error::file("write", &ignored))?;
    Ok(written)
}

fn template(world: World) -> Template {
    match world {
        World::PrivacyFilter => template!("privacy-filter"),
        World::AnonymisationAudit => template!("anonymisation-audit"),
        World::GestureDetector => template!("gesture-detector"),
        World::AudienceMeter => template!("audience-meter"),
    }
}

/// A file of the template, for a crate of this name.
fn filled(template: &Template, file: &str, text: &str, name: &str, sdk: &Path) -> String {
    let as_crate = |name: &str| name.replace('-', "_");
    let mut text = text.replace(template.name, name).replace(&as_crate(template.name), &as_crate(name));
    if file == "Cargo.toml" {
        let path = toml::Value::from(sdk.display().to_string());
        let line = format!("# On no registry yet: by its folder.\nsluis-sdk = {{ path = {path} }}");
        text = text.replace(SDK_LINE, &line);
        // Also in a folder of another workspace: to make it a member there, take this line out.
        text.push_str("\n# Stands alone, wherever its folder lies.\n[workspace]\n");
    }
    text
}

/// What a registry is told of it: the plugin registry manifest that `sluis registry add` reads.
fn entry(name: &str, world: World) -> String {
    let sees = match world {
        World::PrivacyFilter | World::AudienceMeter => "raw",
        World::AnonymisationAudit => "redacted",
        World::GestureDetector => "cleared",
    };
    let world = world.name();
    format!(
        r#"{{
  "version": 1,
  "components": [
    {{
      "name": "{name}",
      "world": "{world}",
      "contract": "sluis:stage@{CONTRACT}",
      "version": "0.1.0",
      "licence": "LicenseRef-ours",
      "sees": "{sees}",
      "detectors": [],
      "limits": {{ "memory-mib": 64, "call-ms": 500 }},
      "changelog": "The first version."
    }}
  ],
  "models": []
}}
"#
    )
}

/// Why a crate of this name would not compile, or not be the one that is meant.
fn taken(name: &str) -> Option<&'static str> {
    const KEYWORDS: [&str; 51] = [
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
        "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
        "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
        "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    ];
    match name.replace('-', "_").as_str() {
        name if KEYWORDS.contains(&name) => Some("it is a keyword of Rust"),
        "std" | "core" | "alloc" | "test" | "proc_macro" => Some("a crate of Rust itself has this name"),
        "sluis_sdk" | "serde" | "serde_json" | "wit_bindgen" => Some("a crate that it depends on has this name"),
        "build" | "deps" | "examples" | "incremental" => Some("Cargo has a folder of this name"),
        _ => None,
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    name.len() <= LONGEST_NAME && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain)
}

/// The SDK as the manifest in `folder` names it: relative when it was named so, or when both lie in one checkout; else by its full path.
fn sdk(named: Option<&Path>, folder: &Path) -> Result<PathBuf, Error> {
    let (found, relative) = match named {
        Some(named) => (whole(named)?, named.is_relative()),
        None => {
            let found = look_for(folder)?;
            let checkout = found.ancestors().nth(2).map(Path::to_owned);
            (found, checkout.is_some_and(|checkout| real(folder).starts_with(checkout)))
        }
    };
    Ok(if relative { between(&real(folder), &found) } else { found })
}

/// The SDK's folder, if it is that.
fn whole(sdk: &Path) -> Result<PathBuf, Error> {
    let not_sdk = || Error::NotSdk { path: sdk.to_owned() };
    let manifest = fs::read_to_string(sdk.join("Cargo.toml")).map_err(|_| not_sdk())?;
    let manifest: toml::Table = manifest.parse().map_err(|_| not_sdk())?;
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    if name != Some("sluis-sdk") {
        return Err(not_sdk());
    }
    fs::canonicalize(sdk).map_err(Error::file("find", sdk))
}

/// In the checkout that `folder` lies in, that this process was started in, or that this program was built in.
fn look_for(folder: &Path) -> Result<PathBuf, Error> {
    let places = [Some(folder.to_owned()), std::env::current_dir().ok(), std::env::current_exe().ok()];
    let above = places.iter().flatten().flat_map(|place| place.ancestors());
    above.map(|place| place.join(SDK)).find_map(|sdk| whole(&sdk).ok()).ok_or(Error::NoSdk)
}

/// The path without links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|above| Some((above, fs::canonicalize(above).ok()?)));
    there.map_or_else(|| path.to_owned(), |(above, real)| real.join(path.strip_prefix(above).unwrap_or(Path::new(""))))
}

/// The way from one folder to another; both are full paths without links.
fn between(from: &Path, to: &Path) -> PathBuf {
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) = (from.components().collect(), to.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| Component::ParentDir);
    up.chain(to[shared..].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout() -> PathBuf {
        fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap()
    }

    fn new(folder: &Path, sdk: Option<PathBuf>) -> New {
        New { name: "my-filter".into(), world: World::PrivacyFilter, folder: folder.to_owned(), sdk }
    }

    fn dependency(folder: &Path) -> PathBuf {
        let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        manifest["dependencies"]["sluis-sdk"]["path"].as_str().unwrap().into()
    }

    #[test]
    fn every_template_names_the_sdk_by_the_line_that_is_replaced() {
        for world in World::ALL {
            let template = template(world);
            assert!(template.files[0].1.contains(SDK_LINE), "{world}");
            assert!(template.files[0].1.contains(template.name), "{world}");
            let text = filled(&template, "Cargo.toml", template.files[0].1, "a-b", Path::new("/sdk"));
            let manifest: toml::Table = text.parse().unwrap();
            assert_eq!(manifest["package"]["name"].as_str(), Some("a-b"));
            assert_eq!(manifest["dependencies"]["sluis-sdk"]["path"].as_str(), Some("/sdk"));
            assert!(manifest.contains_key("workspace"), "{world}");
            assert!(
                !filled(&template, "tests/plugin.rs", template.files[2].1, "a-b", Path::new("/sdk"))
                    .contains("template")
            );
        }
    }

    #[test]
    fn outside_the_checkout_the_sdk_is_named_by_its_full_path() {
        let folder = tempfile::tempdir().unwrap();
        let crate_dir = folder.path().join("my-filter");
        create(&new(&crate_dir, None)).unwrap();
        assert_eq!(dependency(&crate_dir), checkout().join(SDK));
        assert_eq!(fs::read_to_string(crate_dir.join(".gitignore")).unwrap(), "/target\n");
    }

    #[test]
    fn within_the_checkout_it_is_named_from_the_crate() {
        let folder = tempfile::tempdir_in(checkout().join("examples")).unwrap();
        create(&new(&folder.path().join("a/my-filter"), None)).unwrap();
        assert_eq!(dependency(&folder.path().join("a/my-filter")), Path::new("../../../../plugins/sdk"));
    }

    #[test]
    fn a_relative_sdk_is_named_from_the_crate_and_a_full_path_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        // The folder that tests are started in is the crate's.
        let named = Path::new("../../plugins/sdk");
        create(&new(&folder.path().join("one"), Some(named.to_owned()))).unwrap();
        let dependency_of_one = dependency(&folder.path().join("one"));
        assert!(dependency_of_one.is_relative());
        let found = fs::canonicalize(folder.path().join("one").join(dependency_of_one)).unwrap();
        assert_eq!(found, checkout().join(SDK));
        create(&new(&folder.path().join("two"), Some(found.clone()))).unwrap();
        assert_eq!(dependency(&folder.path().join("two")), found);
    }

    #[test]
    fn what_is_wrong_is_said_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (at, none) = (folder.path().join("x"), folder.path().join("none"));
        for name in ["", "9lives", "My-Filter", "a b", "a/b", &"a".repeat(49)] {
            assert!(matches!(create(&New { name: name.into(), ..new(&at, None) }), Err(Error::Name { .. })), "{name}");
        }
        for name in ["self", "std", "sluis-sdk", "build", "proc-macro"] {
            assert!(matches!(create(&New { name: name.into(), ..new(&at, None) }), Err(Error::Taken { .. })), "{name}");
        }
        assert!(matches!(create(&new(&at, Some(none))), Err(Error::NotSdk { .. })));
        assert!(!at.exists());
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(matches!(create(&new(folder.path(), None)), Err(Error::NotEmpty { .. })));
    }
}
