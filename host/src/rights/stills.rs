//! What the officer chooses from: cleared stills with a number beside each silhouette.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::BufWriter;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Point, ReaderDoor, Timestamp};
use sluis_rights::{Request, RequestNumber, Window};
use sluis_subject::{Choice, Place, Survey};
use sluis_vault::{Archive, Reason};

use super::{Error, window};

/// The list of silhouettes, beside the stills.
const LIST: &str = "candidates.json";

/// Silhouettes of one camera at the most: those that are there longest.
const MOST: usize = 24;

/// The silhouettes of a request, as they are numbered on the stills.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Listed {
    /// Of which request.
    pub request: RequestNumber,
    /// By camera, in the order of their numbers.
    pub cameras: BTreeMap<CameraId, Vec<Silhouette>>,
}

/// A silhouette.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Silhouette {
    /// The number beside it.
    pub number: u32,
    /// Capture of the still, in nanoseconds since 1970.
    pub at: i64,
    /// A place in it, in camera pixels from the top left.
    pub place: [f32; 2],
    /// From when to when it is followed without doubt, in nanoseconds since 1970.
    pub followed: (i64, i64),
}

/// Writes the stills of what is held for a request into a new folder: for each camera a sheet, `CAMERA.png`, and the list of its silhouettes. Each segment that is read is logged.
///
/// # Errors
///
/// [`Error::NotNarrowed`], [`Error::NothingHeld`]; [`Error::File`] when the folder is there already; [`Error::Vault`]; [`Error::Subject`].
pub fn write(
    archive: &Archive,
    door: &ReaderDoor,
    request: &Request,
    folder: &Path,
    reason: &Reason,
) -> Result<Listed, Error> {
    let window = request.window.ok_or(Error::NotNarrowed { number: request.number })?;
    if request.held.is_empty() {
        return Err(Error::NothingHeld { number: request.number });
    }
    // Told before anything is opened.
    if window.to.since(window.from) > sluis_subject::survey::LONGEST {
        return Err(sluis_subject::Error::Window { longest: sluis_subject::survey::LONGEST }.into());
    }
    // Pictures of people: for the officer alone.
    DirBuilder::new().mode(0o700).create(folder).map_err(Error::file(folder, "make the new folder"))?;
    let listed = draw(archive, door, request, window, folder, reason);
    listed.inspect_err(|_| {
        // Half of them are for nobody.
        let _ = fs::remove_dir_all(folder);
    })
}

fn draw(
    archive: &Archive,
    door: &ReaderDoor,
    request: &Request,
    window: Window,
    folder: &Path,
    reason: &Reason,
) -> Result<Listed, Error> {
    let mut cameras = BTreeMap::new();
    for camera in &request.cameras {
        let segments = window::of_camera(&request.held, camera);
        if segments.is_empty() {
            continue;
        }
        let recordings = window::read(archive, &segments, reason)?;
        let survey = match Survey::new(&recordings, door, window.from..=window.to) {
            // Of this camera nothing lies in the window after all.
            Err(sluis_subject::Error::Nothing) => continue,
            survey => survey?,
        };
        let found = sluis_subject::candidates(&survey, MOST)?;
        if let Some(sheet) = found.sheet() {
            let path = folder.join(format!("{camera}.png"));
            sheet.save(&path).map_err(|error| match error {
                image::ImageError::IoError(source) => Error::file(&path, "write")(source),
                other => Error::file(&path, "write")(std::io::Error::other(other)),
            })?;
        }
        let silhouettes = found.candidates.iter().map(|candidate| Silhouette {
            number: candidate.number,
            at: candidate.at.as_nanos(),
            place: [candidate.place.x, candidate.place.y],
            followed: (candidate.followed.0.as_nanos(), candidate.followed.1.as_nanos()),
        });
        cameras.insert(camera.clone(), silhouettes.collect());
    }
    let listed = Listed { request: request.number, cameras };
    let path = folder.join(LIST);
    let file = File::create_new(&path).map_err(Error::file(&path, "write"))?;
    serde_json::to_writer_pretty(BufWriter::new(file), &listed).map_err(|e| Error::file(&path, "write")(e.into()))?;
    Ok(listed)
}

// === impl Listed ===

impl Listed {
    /// Reads the list of the stills in a folder.
    ///
    /// # Errors
    ///
    /// [`Error::File`]; [`Error::OtherRequest`].
    pub fn read(folder: &Path, number: RequestNumber) -> Result<Self, Error> {
        let path = folder.join(LIST);
        let text = fs::read(&path).map_err(Error::file(&path, "read"))?;
        let listed: Self = serde_json::from_slice(&text).map_err(|e| Error::file(&path, "read")(e.into()))?;
        if listed.request == number {
            Ok(listed)
        } else {
            Err(Error::OtherRequest { folder: folder.to_owned(), found: listed.request, number })
        }
    }

    /// The silhouette that is named as `CAMERA:NUMBER`.
    ///
    /// # Errors
    ///
    /// [`Error::NoCandidate`].
    pub fn find(&self, which: &str, folder: &Path) -> Result<(CameraId, Silhouette), Error> {
        let found = which.rsplit_once(':').and_then(|(camera, number)| {
            let (camera, silhouettes) = self.cameras.iter().find(|(id, _)| id.as_str() == camera)?;
            let number: u32 = number.parse().ok()?;
            Some((camera.clone(), *silhouettes.iter().find(|silhouette| silhouette.number == number)?))
        });
        found.ok_or_else(|| Error::NoCandidate { which: which.to_owned(), folder: folder.to_owned() })
    }
}

// === impl Silhouette ===

impl Silhouette {
    /// The officer's word that it is the person who asks.
    pub const fn choice(&self) -> Choice {
        let [x, y] = self.place;
        Choice { at: Timestamp::from_nanos(self.at), place: Place::Point(Point { x, y }) }
    }

    /// From when to when it is followed without doubt.
    pub const fn followed(&self) -> (Timestamp, Timestamp) {
        (Timestamp::from_nanos(self.followed.0), Timestamp::from_nanos(self.followed.1))
    }
}
