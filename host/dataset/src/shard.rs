//! Clips in the form of WebDataset: tar files in which `KEY.mp4` and `KEY.json` belong together.
//!
//! A key is `SEGMENT-NNN`, so it can be told which segment a clip is of. A clip is in one shard as a whole.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};
use sluis_segment::SegmentId;

use crate::error::Error;
use crate::place::{Place, Writing};
use crate::stage::{CLIPS, Facts, staged};

/// The folder of the shards.
pub const FOLDER: &str = "shards";

/// What stands in `KEY.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// The key.
    pub key: String,
    /// What happens: the name of a kind of event, or `nothing`.
    pub label: String,
    /// As in `activitynet.json`, so that no hour of a camera is divided.
    pub subset: String,
    /// Of which segment.
    pub segment: SegmentId,
    /// Of which camera.
    pub camera: String,
    /// The zone.
    pub zone: Option<String>,
    /// When the clip begins: RFC 3339, UTC.
    pub started: String,
    /// The event within the clip, from and to, in seconds; `None` where nothing happens.
    pub event: Option<[f64; 2]>,
    /// Where the hand met the zone: x and y in pixels.
    pub contact: Option<(i32, i32)>,
    /// How sure the detector was, 0 to 1.
    pub confidence: Option<f64>,
    /// Not all of the event is in the clip.
    pub cut: bool,
    /// Pictures in the clip.
    pub frames: u64,
    /// Nominal pictures a second.
    pub rate: f64,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// When the clip must be gone: RFC 3339, UTC.
    pub delete_by: String,
}

/// The name of a shard, as WebDataset's brace patterns count them.
pub fn name(number: usize) -> String {
    format!("{FOLDER}/shard-{number:06}.tar")
}

/// The key of a clip.
pub fn key(segment: SegmentId, number: usize) -> String {
    format!("{segment}-{number:03}")
}

/// Writes the shards of staged segments anew: their names, each with the segments that are in it.
pub(crate) fn assemble(place: &Place, all: &[Facts], limit: u64) -> Result<Vec<(String, Vec<SegmentId>)>, Error> {
    // Left by an attempt that broke off.
    place.remove(FOLDER)?;
    place.make(FOLDER)?;
    let mut clips = all.iter().flat_map(|facts| facts.clips.iter().map(move |key| (facts.segment, key))).peekable();
    let mut shards = Vec::new();
    while clips.peek().is_some() {
        let name = name(shards.len());
        let mut segments: Vec<SegmentId> = Vec::new();
        place.write(&name, |to| {
            let mut tar = tar::Builder::new(to);
            let mut bytes = 0;
            while let Some((segment, key)) = clips.next_if(|_| bytes < limit) {
                for end in ["json", "mp4"] {
                    let file = format!("{key}.{end}");
                    let mut content = Vec::new();
                    let path = staged(segment).join(CLIPS).join(&file);
                    place.open(path).map_err(io::Error::other)?.read_to_end(&mut content)?;
                    bytes += content.len() as u64;
                    append(&mut tar, &file, &content)?;
                }
                if segments.last() != Some(&segment) {
                    segments.push(segment);
                }
            }
            tar.into_inner().map(drop)
        })?;
        shards.push((name, segments));
    }
    Ok(shards)
}

/// Writes a shard anew without the clips of these segments; removes it when none is left. Tells which segments are left in it.
pub(crate) fn rebuild(place: &Place, name: &str, gone: impl Fn(&str) -> bool) -> Result<(), Error> {
    let path = place.path(name);
    let read = || -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut archive = tar::Archive::new(place.open(name).map_err(io::Error::other)?);
        let mut left = Vec::new();
        for entry in archive.entries()? {
            let mut entry = entry?;
            let file = entry.path()?.to_string_lossy().into_owned();
            if !file.split('-').next().is_some_and(&gone) {
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                left.push((file, content));
            }
        }
        Ok(left)
    };
    let left = read().map_err(Error::file(&path, "read"))?;
    if left.is_empty() {
        return place.remove(name);
    }
    place.write(name, |to| {
        let mut tar = tar::Builder::new(to);
        left.iter().try_for_each(|(file, content)| append(&mut tar, file, content))?;
        tar.into_inner().map(drop)
    })
}

/// The same content gives the same bytes, whenever and by whomever it is written.
fn append(tar: &mut tar::Builder<&mut Writing>, file: &str, content: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o600);
    header.set_mtime(0);
    tar.append_data(&mut header, file, content)?;
    tar.get_mut().flush()
}
