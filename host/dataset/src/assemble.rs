//! Makes the folder of what is staged. Each step can be done again.

use sluis_segment::SegmentId;

use crate::error::Error;
use crate::manifest::{FileFacts, Manifest};
use crate::place::Place;
use crate::request::Form;
use crate::stage::{Facts, PICTURES, RECORDING, staged};
use crate::{activitynet, coco, readme, shard};

/// Puts everything in its place, and completes the manifest.
pub(crate) fn assemble(place: &Place, manifest: &mut Manifest, all: &[Facts]) -> Result<(), Error> {
    let request = manifest.request.clone();
    let everybody: Vec<SegmentId> = all.iter().map(|facts| facts.segment).collect();
    let mut files: Vec<(String, Vec<SegmentId>)> = Vec::new();
    if request.has(Form::Mcap) {
        place.make("mcap")?;
        for facts in all {
            let name = format!("mcap/{}.mcap", facts.segment);
            settle(place, facts, RECORDING, &name)?;
            files.push((name, vec![facts.segment]));
        }
    }
    if request.has(Form::ActivityNet) {
        place.write_json(activitynet::FILE, &activitynet::of(all))?;
        files.push((activitynet::FILE.to_owned(), everybody.clone()));
    }
    if request.has(Form::Coco) {
        place.make("images")?;
        for facts in all {
            let folder = format!("images/{}", facts.segment);
            settle(place, facts, PICTURES, &folder)?;
            files.extend(facts.pictures.iter().map(|p| (format!("{folder}/{}", p.file), vec![facts.segment])));
        }
        place.write_json(coco::FILE, &coco::of(all))?;
        files.push((coco::FILE.to_owned(), everybody));
    }
    if request.has(Form::WebDataset) {
        files.extend(shard::assemble(place, all, request.shard_bytes)?);
    }
    place.write(readme::FILE, |to| readme::write(manifest, to))?;
    files.push((readme::FILE.to_owned(), Vec::new()));
    manifest.files = facts_of(place, files)?;
    manifest.complete = true;
    manifest.write(place)
}

/// Moves what is staged to where it belongs, unless an earlier attempt has.
fn settle(place: &Place, facts: &Facts, from: &str, to: &str) -> Result<(), Error> {
    let from = staged(facts.segment).join(from);
    if place.has(&from) { place.rename(from, to) } else { Ok(()) }
}

/// Lengths and digests, by path.
pub(crate) fn facts_of(place: &Place, mut files: Vec<(String, Vec<SegmentId>)>) -> Result<Vec<FileFacts>, Error> {
    files.sort_unstable();
    let facts = files.into_iter().map(|(path, segments)| {
        let (bytes, sha256) = place.digest(&path)?;
        Ok(FileFacts { path, bytes, sha256, segments })
    });
    facts.collect()
}
