//! A component on its way into the process that sees, which opens no files once it is confined: everything in one file, handed over as an open one.
//!
//! Eight bytes with the length of a header, in little-endian order; the header, a JSON object; then the bytes of the component, of its compiled code and of its models,
//! one after another. It is made by a short-lived process that compiles, and read by the one that sees; `keep`, between them, does not look into it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use serde::{Deserialize, Serialize};
use sluis_registry::{Component, Home, Model, Release, Sha256};
use sluis_stage::{CodeCache, Engine, EngineSettings, Models};

use super::eye::NotPacked;
use crate::assembly::{self, Bundle};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    component: Component,
    wasm: usize,
    code: usize,
    models: Vec<(Model, usize)>,
}

/// The longest header and the longest part, in bytes: a model of this size would not run on a shop's machine.
const LONGEST_HEADER: u64 = 1 << 20;
const LONGEST_PART: usize = 512 << 20;

/// Compiles a release of a home, tries it, and writes its bundle.
///
/// # Errors
///
/// [`NotPacked`].
pub(super) fn pack(home: &Home, release: &Release, to: &mut impl Write) -> Result<(), NotPacked> {
    let bundle = load(home, release).map_err(|error| match error {
        error @ (assembly::Error::Load(_) | assembly::Error::OtherWorld { .. }) => {
            NotPacked::Refused(super::eye::chain(&error))
        }
        error => NotPacked::NotNow(super::eye::chain(&error)),
    })?;
    write(&bundle, to).map_err(|error| NotPacked::NotNow(format!("the bundle cannot be written: {error}")))
}

fn load(home: &Home, release: &Release) -> Result<Bundle, assembly::Error> {
    let (wasm, bytes) = home.read_release(release)?;
    let mut models = Models::new();
    bytes.iter().for_each(|(name, bytes)| models.insert(name, bytes.clone()));
    let cache = CodeCache::new(&home.code_folder(), &home.code_key()?)?;
    let engine = Engine::new(EngineSettings { cache: Some(cache), models })?;
    let plugin = engine.load(&release.component.name, &wasm)?;
    assembly::of_its_world(&plugin, &release.component)?;
    let code = engine.entry(&plugin);
    let models = release.models.iter().cloned().zip(bytes.into_iter().map(|(_, bytes)| bytes)).collect();
    Ok(Bundle { component: release.component.clone(), wasm, code, models })
}

fn write(bundle: &Bundle, to: &mut impl Write) -> io::Result<()> {
    let Bundle { component, wasm, code, models } = bundle;
    let code = code.as_deref().unwrap_or_default();
    let header = Header {
        component: component.clone(),
        wasm: wasm.len(),
        code: code.len(),
        models: models.iter().map(|(model, bytes)| (model.clone(), bytes.len())).collect(),
    };
    let header = serde_json::to_vec(&header)?;
    to.write_all(&(header.len() as u64).to_le_bytes())?;
    for part in [&header[..], wasm, code].into_iter().chain(models.iter().map(|(_, bytes)| bytes.as_slice())) {
        to.write_all(part)?;
    }
    to.flush()
}

/// Reads a bundle from its beginning.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn read(file: &mut File) -> io::Result<Bundle> {
    file.seek(SeekFrom::Start(0))?;
    read_from(file)
}

fn read_from(from: &mut impl Read) -> io::Result<Bundle> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER {
        return Err(invalid("the header is too long"));
    }
    let mut part = |length: usize| -> io::Result<Vec<u8>> {
        if length > LONGEST_PART {
            return Err(invalid("a part is too long"));
        }
        let mut bytes = vec![0; length];
        from.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    let header: Header = serde_json::from_slice(&part(length as usize)?)?;
    let (wasm, code) = (part(header.wasm)?, part(header.code)?);
    let models = header.models.into_iter().map(|(model, length)| Ok((model, part(length)?)));
    let models = models.collect::<io::Result<Vec<_>>>()?;
    let is = |sha256: Option<Sha256>, bytes: &[u8]| sha256 == Some(Sha256::of(bytes));
    let of = |(model, bytes): &(Model, Vec<u8>)| is(Some(model.sha256), bytes);
    if !is(header.component.artefact.map(|artefact| artefact.sha256), &wasm) || !models.iter().all(of) {
        return Err(invalid("a part is not what the header says"));
    }
    Ok(Bundle { component: header.component, wasm, code: (!code.is_empty()).then_some(code), models })
}

#[cfg(test)]
mod tests {
    use sluis_registry::{Artefact, Manifest};

    use super::*;

    fn bundle() -> Bundle {
        let manifest = Manifest::shipped();
        let (wasm, bytes) = (b"wasm".to_vec(), vec![7; 1000]);
        let models = manifest.models.iter().map(|model| Model { sha256: Sha256::of(&bytes), ..model.clone() });
        let artefact = Some(Artefact { sha256: Sha256::of(&wasm), size: wasm.len() as u64 });
        let component = Component { artefact, ..manifest.components[0].clone() };
        Bundle {
            component,
            wasm,
            code: Some(vec![1; 50]),
            models: models.map(|model| (model, bytes.clone())).collect(),
        }
    }

    #[test]
    fn a_bundle_is_read_as_it_was_written() {
        let mut file = tempfile::tempfile().unwrap();
        write(&bundle(), &mut file).unwrap();
        assert_eq!(read(&mut file).unwrap(), bundle());
        assert_eq!(read(&mut file).unwrap(), bundle(), "again from its beginning");
    }

    #[test]
    fn a_cut_or_monstrous_bundle_is_refused() {
        let mut bytes = Vec::new();
        write(&bundle(), &mut bytes).unwrap();
        for length in [0, 7, 8, 100, bytes.len() - 1] {
            assert!(read_from(&mut &bytes[..length]).is_err(), "{length}");
        }
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert!(read_from(&mut bytes.as_slice()).is_err(), "a model that is not the one named");
        bytes[last] ^= 1;
        assert!(read_from(&mut bytes.as_slice()).is_ok());
        bytes[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(read_from(&mut bytes.as_slice()).is_err());
    }
}
