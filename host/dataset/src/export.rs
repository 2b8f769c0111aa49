//! All of an export.

use std::fs;
use std::path::Path;

use sluis_frame::ReaderDoor;
use sluis_segment::SegmentId;
use sluis_vault::{Archive, Entry, Error as VaultError, Reason};

use crate::assemble::assemble;
use crate::error::Error;
use crate::manifest::{self, Manifest, Part, SCHEMA, moment};
use crate::place::{Fuse, Place};
use crate::request::Request;
use crate::stage::{self, Facts, Failure, WORK};

/// What an export has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What the folder holds.
    pub manifest: Manifest,
    /// Segments that were read now; the others an earlier attempt had read.
    pub read: usize,
    /// The folder was complete before.
    pub was_complete: bool,
}

/// How far an export is: told before each segment, and once at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Segments that are staged.
    pub done: usize,
    /// All segments.
    pub of: usize,
}

/// Writes training data into the folder `out`, or goes on with it. Every segment is logged in the vault, with `reason` and `out`, before it is read; again when it has to be read again.
///
/// Time is the vault's: what is past its deadline is refused, also when that comes while the export runs.
///
/// # Errors
///
/// [`Error::Refused`] when segments that were named may not be handed out; [`Error::Nothing`]; [`Error::NotEmpty`], [`Error::OtherExport`]; [`Error::File`] and the
/// others when it broke off: then it goes on when the same is asked again.
pub fn export(
    archive: &Archive,
    door: &ReaderDoor,
    request: &Request,
    out: &Path,
    reason: &Reason,
    progress: &mut dyn FnMut(Progress),
) -> Result<Exported, Error> {
    run(archive, door, request, &Place::new(out, Fuse::default()), reason, progress)
}

pub(crate) fn run(
    archive: &Archive,
    door: &ReaderDoor,
    request: &Request,
    place: &Place,
    reason: &Reason,
    progress: &mut dyn FnMut(Progress),
) -> Result<Exported, Error> {
    let mut manifest = match begun(place, request)? {
        Some(manifest) => manifest,
        None => begin(archive, request, place, reason)?,
    };
    if manifest.complete {
        // A kill just before the end leaves it.
        place.remove(WORK)?;
        return Ok(Exported { manifest, read: 0, was_complete: true });
    }
    let parts = manifest.segments.clone();
    let (mut all, mut read): (Vec<Facts>, usize) = (Vec::new(), 0);
    for (done, part) in parts.iter().enumerate() {
        progress(Progress { done, of: parts.len() });
        match stage_one(archive, door, request, place, reason, part.segment) {
            Ok((facts, now)) => {
                all.push(facts);
                read += usize::from(now);
            }
            Err(Failure::Fatal(error)) => return Err(error),
            Err(Failure::Unreadable(why)) => {
                tracing::warn!(segment = %part.segment, why, "a segment is left out of the export");
                withdraw(place, part.segment)?;
                manifest.refuse(part.segment, why);
                manifest.write(place)?;
            }
        }
    }
    if all.is_empty() {
        return Err(Error::Nothing);
    }
    assemble(place, &mut manifest, &all)?;
    place.remove(WORK)?;
    progress(Progress { done: parts.len(), of: parts.len() });
    Ok(Exported { manifest, read, was_complete: false })
}

/// The manifest of an export that was begun here, if it is of the same request.
fn begun(place: &Place, request: &Request) -> Result<Option<Manifest>, Error> {
    match Manifest::read(place)? {
        Some(manifest) if manifest.request == *request && manifest.forgotten.is_empty() => Ok(Some(manifest)),
        Some(_) => Err(Error::OtherExport { path: place.root().to_owned() }),
        None => Ok(None),
    }
}

/// Selects, and writes down what was selected: an export that goes on later is of the same segments.
fn begin(archive: &Archive, request: &Request, place: &Place, reason: &Reason) -> Result<Manifest, Error> {
    let now = archive.time()?;
    let mut manifest = Manifest {
        schema: SCHEMA.to_owned(),
        complete: false,
        made: moment(now),
        reason: reason.as_str().to_owned(),
        delete_by: None,
        request: request.clone(),
        segments: Vec::new(),
        refused: Vec::new(),
        forgotten: Vec::new(),
        files: Vec::new(),
    };
    let mut refused: Vec<(SegmentId, VaultError)> = Vec::new();
    let entries = archive.list()?;
    for entry in entries.iter().filter(|entry| request.selects(entry)) {
        match archive.may_leave(entry) {
            Ok(()) => manifest.segments.push(part(entry)),
            Err(why) => refused.push((entry.segment, why)),
        }
    }
    let unknown = request.segments.iter().filter(|id| !entries.iter().any(|entry| entry.segment == **id));
    refused.extend(unknown.map(|segment| (*segment, VaultError::Unknown { segment: *segment })));
    if !request.segments.is_empty() && !refused.is_empty() {
        return Err(Error::Refused { refused });
    }
    for (segment, why) in refused {
        manifest.refuse(segment, why.to_string());
    }
    if manifest.segments.is_empty() {
        return Err(Error::Nothing);
    }
    clear(place)?;
    manifest.write(place)?;
    Ok(manifest)
}

/// Makes the folder, or takes an empty one. All that a kill can leave before there is a manifest is its beginning.
fn clear(place: &Place) -> Result<(), Error> {
    let beginning = crate::place::part(Path::new(manifest::FILE));
    if place.list("")?.iter().any(|name| Path::new(name) != beginning) {
        return Err(Error::NotEmpty { path: place.root().to_owned() });
    }
    if fs::exists(place.root()).map_err(Error::file(place.root(), "look for"))? { Ok(()) } else { place.make("") }
}

fn part(entry: &Entry) -> Part {
    let deadline = entry.deadline.time();
    Part {
        segment: entry.segment,
        camera: entry.camera.clone(),
        started: moment(entry.started),
        delete_by: moment(deadline),
        delete_by_ns: deadline,
    }
}

/// Removes what an earlier attempt may have put in its place; files of several segments are written anew anyway.
pub(crate) fn withdraw(place: &Place, segment: SegmentId) -> Result<(), Error> {
    place.remove(stage::staged(segment))?;
    place.remove(crate::place::part(&stage::staged(segment)))?;
    place.remove(format!("mcap/{segment}.mcap"))?;
    place.remove(format!("images/{segment}"))
}

/// What is staged of a segment, or stages it; and whether it was read now.
fn stage_one(
    archive: &Archive,
    door: &ReaderDoor,
    request: &Request,
    place: &Place,
    reason: &Reason,
    segment: SegmentId,
) -> Result<(Facts, bool), Failure> {
    if let Some(facts) = stage::facts(place, segment)? {
        // It was staged earlier; its deadline can have come since, or somebody has it held back.
        archive.may_leave(&archive.entry(segment)?)?;
        return Ok((facts, false));
    }
    let admitted = archive.admit_to_dataset(segment, place.root(), reason)?;
    Ok((stage::stage(place, request, &admitted, door)?, true))
}
