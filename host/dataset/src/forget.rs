//! Taking segments out of an exported folder: for their deadline, or for somebody's erasure.

use std::collections::BTreeSet;
use std::path::Path;

use sluis_frame::Timestamp;
use sluis_segment::SegmentId;

use crate::activitynet::{self, ActivityNet};
use crate::assemble::facts_of;
use crate::coco::{self, Coco};
use crate::error::Error;
use crate::export::withdraw;
use crate::manifest::Manifest;
use crate::place::{Fuse, Place};
use crate::stage::WORK;
use crate::{readme, shard};

/// What was taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Segments.
    pub segments: Vec<SegmentId>,
    /// Segments that are still there.
    pub left: usize,
    /// When the next of them must be gone: RFC 3339, UTC.
    pub next: Option<String>,
}

/// Takes out of the folder `out` the segments whose deadline has come at `now`, and those named in `erase`: recordings, pictures, clips and labels. Files that hold others too are written anew.
/// It can be repeated: a kill in the middle leaves nothing worse than work for the next time.
///
/// # Errors
///
/// [`Error::NoExport`], [`Error::Unreadable`], [`Error::File`].
pub fn forget(out: &Path, now: Timestamp, erase: &BTreeSet<SegmentId>) -> Result<Forgotten, Error> {
    run(&Place::new(out, Fuse::default()), now, erase)
}

pub(crate) fn run(place: &Place, now: Timestamp, erase: &BTreeSet<SegmentId>) -> Result<Forgotten, Error> {
    let mut manifest = Manifest::read(place)?.ok_or_else(|| Error::NoExport { path: place.root().to_owned() })?;
    let due = manifest.segments.iter().filter(|part| part.delete_by_ns <= now || erase.contains(&part.segment));
    let gone: BTreeSet<SegmentId> = due.map(|part| part.segment).collect();
    if !gone.is_empty() {
        let names: BTreeSet<String> = gone.iter().map(ToString::to_string).collect();
        remove(place, &gone, &names)?;
        manifest.segments.retain(|part| !gone.contains(&part.segment));
        manifest.forgotten.extend(&gone);
        if manifest.complete {
            place.write(readme::FILE, |to| readme::write(&manifest, to))?;
        }
        let mut files: Vec<_> = manifest.files.drain(..).map(|file| (file.path, file.segments)).collect();
        for (_, segments) in &mut files {
            segments.retain(|segment| !gone.contains(segment));
        }
        files.retain(|(path, _)| place.has(path));
        manifest.files = facts_of(place, files)?;
        manifest.write(place)?;
    }
    Ok(Forgotten { segments: gone.into_iter().collect(), left: manifest.segments.len(), next: manifest.delete_by })
}

fn remove(place: &Place, gone: &BTreeSet<SegmentId>, names: &BTreeSet<String>) -> Result<(), Error> {
    for segment in gone {
        withdraw(place, *segment)?;
    }
    if place.list(WORK)?.is_empty() {
        place.remove(WORK)?;
    }
    if let Some(mut file) = place.read_json::<ActivityNet>(activitynet::FILE)? {
        file.database.retain(|segment, _| !names.contains(segment));
        place.write_json(activitynet::FILE, &file)?;
    }
    if let Some(mut file) = place.read_json::<Coco>(coco::FILE)? {
        file.retain(|segment| !names.contains(segment));
        place.write_json(coco::FILE, &file)?;
    }
    for name in place.list(shard::FOLDER)? {
        let name = format!("{}/{name}", shard::FOLDER);
        if name.ends_with(crate::place::PART) {
            place.remove(name)?;
        } else {
            shard::rebuild(place, &name, |segment| names.contains(segment))?;
        }
    }
    Ok(())
}
