//! Compiled code is machine code: the cache believes only what this host wrote.

use std::fs;
use std::path::PathBuf;

use sluis_stage::{CodeCache, Engine, EngineSettings, LoadError, Plugin};
use tempfile::TempDir;

use crate::planted::{GREY, component, frame, settings};

const KEY: [u8; 32] = [7; 32];

fn load(folder: &TempDir, key: &[u8; 32]) -> Plugin {
    let cache = Some(CodeCache::new(folder.path(), key).unwrap());
    let engine = Engine::new(EngineSettings { cache, ..EngineSettings::default() }).unwrap();
    engine.load("answers-nothing", &component("answers-nothing")).unwrap()
}

fn works(plugin: &Plugin) {
    let mut filter = plugin.filter(&settings("{}")).unwrap();
    assert!(filter.find(&frame(0, GREY), &[]).unwrap().is_empty());
}

fn entry(folder: &TempDir) -> PathBuf {
    let mut entries = fs::read_dir(folder.path()).unwrap();
    let entry = entries.next().unwrap().unwrap().path();
    assert!(entries.next().is_none(), "one entry and nothing beside it");
    entry
}

#[test]
fn compiled_code_is_stored_once_and_used_again() {
    let folder = TempDir::new().unwrap();
    works(&load(&folder, &KEY));
    let written = fs::metadata(entry(&folder)).unwrap().modified().unwrap();
    works(&load(&folder, &KEY));
    assert_eq!(fs::metadata(entry(&folder)).unwrap().modified().unwrap(), written);
}

#[test]
fn compiled_code_of_components_that_are_not_used_is_removed() {
    let folder = TempDir::new().unwrap();
    let plugin = load(&folder, &KEY);
    let kept = entry(&folder);
    let other = kept.with_file_name(format!("{}-0123456789abcdef.code", "0".repeat(64)));
    let foreign = kept.with_file_name("notes");
    fs::write(&other, b"code").unwrap();
    fs::write(&foreign, b"notes").unwrap();
    CodeCache::tidy(folder.path(), |component| component == plugin.digest());
    assert!(kept.exists() && !other.exists());
    assert!(foreign.exists(), "it is no compiled code");
}

#[test]
fn a_tampered_entry_is_discarded_and_rebuilt() {
    let folder = TempDir::new().unwrap();
    works(&load(&folder, &KEY));
    let honest = fs::read(entry(&folder)).unwrap();
    // In the magic, the tag, the digests, the code, and at its end; and cut short.
    for at in [0, 20, 60, 200, honest.len() / 2, honest.len() - 1] {
        let mut tampered = honest.clone();
        tampered[at] ^= 1;
        fs::write(entry(&folder), tampered).unwrap();
        works(&load(&folder, &KEY));
        assert_eq!(fs::read(entry(&folder)).unwrap(), honest, "byte {at}");
    }
    for length in [0, 10, 46, 110, honest.len() - 1] {
        fs::write(entry(&folder), &honest[..length]).unwrap();
        works(&load(&folder, &KEY));
        assert_eq!(fs::read(entry(&folder)).unwrap(), honest, "cut to {length}");
    }
}

#[test]
fn an_entry_of_another_host_is_discarded_and_rebuilt() {
    let folder = TempDir::new().unwrap();
    works(&load(&folder, &[8; 32]));
    let foreign = fs::read(entry(&folder)).unwrap();
    works(&load(&folder, &KEY));
    assert_ne!(fs::read(entry(&folder)).unwrap(), foreign);
}

#[test]
fn an_authentic_entry_under_another_name_is_discarded() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    works(&load(&folder, &KEY));
    let cache = Some(CodeCache::new(other.path(), &KEY).unwrap());
    let engine = Engine::new(EngineSettings { cache, ..EngineSettings::default() }).unwrap();
    engine.load("panics", &component("panics")).unwrap();
    let honest = fs::read(entry(&folder)).unwrap();
    fs::copy(entry(&other), entry(&folder)).unwrap();
    works(&load(&folder, &KEY));
    assert_eq!(fs::read(entry(&folder)).unwrap(), honest);
}

#[test]
fn compiled_code_that_a_partner_sends_is_refused() {
    let folder = TempDir::new().unwrap();
    works(&load(&folder, &KEY));
    // What follows the head of the entry is what the compiler wrote.
    let code = fs::read(entry(&folder)).unwrap().split_off(14 + 32 + 64);
    let engine = Engine::new(EngineSettings::default()).unwrap();
    assert!(matches!(engine.load("sent", &code), Err(LoadError::CompiledCode { .. })));
}
