//! The copy for the person who asks (Art. 15(3)), in which others are filled (Art. 15(4)).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File};
use std::io::BufWriter;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use sluis_frame::{CameraId, Pose, ReaderDoor};
use sluis_rights::letter::{CopiedVideo, CopyContents};
use sluis_rights::{Request, SegmentName};
use sluis_subject::{Choice, Survey, copy as subject};
use sluis_vault::{Archive, Reason};

use super::{Error, window};

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// What is in it, for the letter.
    pub contents: CopyContents,
    /// What became of the frames of each camera.
    pub cameras: Vec<subject::About>,
}

/// What the copy is made of.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The request.
    pub request: &'a Request,
    /// The segments that show the person.
    pub chosen: &'a BTreeSet<SegmentName>,
    /// Which silhouettes are the person, camera by camera.
    pub choices: &'a BTreeMap<CameraId, Vec<Choice>>,
    /// Where cameras stand, as far as that is known.
    pub poses: &'a BTreeMap<CameraId, Pose>,
}

/// Makes the copy in a new folder: for each camera a folder with a video and what it is, and `events.json` for all. Each segment that shows the person is logged as handed out, with the
/// folder. When anything fails, the folder is removed.
///
/// # Errors
///
/// [`Error::File`] when the folder is there already; [`Error::NotNarrowed`]; [`Error::Vault`]; [`Error::Subject`].
pub fn make(
    archive: &Archive,
    door: &ReaderDoor,
    wanted: &Wanted<'_>,
    folder: &Path,
    reason: &Reason,
) -> Result<Made, Error> {
    let Wanted { request, chosen, choices, poses } = *wanted;
    let window = request.window.ok_or(Error::NotNarrowed { number: request.number })?;
    DirBuilder::new().mode(0o700).create(folder).map_err(Error::file(folder, "make the new folder"))?;
    let make = || {
        let mut contents = CopyContents { videos: Vec::new(), events: None };
        let (mut events, mut cameras) = (Vec::new(), Vec::new());
        for (camera, choices) in choices {
            let of_camera = window::of_camera(&request.held, camera);
            let mut recordings = Vec::new();
            for segment in of_camera {
                // The place is known better with the segments around those that show the person; only these are handed out.
                recordings.push(if chosen.contains(&window::name(segment)) {
                    let admitted = archive.admit_to_copy(segment, folder, reason)?;
                    window::whole(admitted.read()?, segment)?
                } else {
                    window::read(archive, &[segment], reason)?.remove(0)
                });
            }
            let survey = Survey::new(&recordings, door, window.from..=window.to)?;
            let wanted = subject::Request {
                choices: choices.clone(),
                pose: poses.get(camera).copied(),
                ..subject::Request::default()
            };
            let into = folder.join(camera.as_str());
            let about = subject::write(&survey, &wanted, &into)?;
            events.extend(take_events(&into)?);
            contents.videos.push(CopiedVideo {
                file: Path::new(camera.as_str()).join(subject::VIDEO),
                camera: camera.clone(),
                window,
            });
            cameras.push(about);
        }
        let path = folder.join(subject::EVENTS);
        let file = File::create_new(&path).map_err(Error::file(&path, "write"))?;
        serde_json::to_writer_pretty(BufWriter::new(file), &events)
            .map_err(|e| Error::file(&path, "write")(e.into()))?;
        contents.events = Some((subject::EVENTS.into(), events.len() as u64));
        Ok(Made { contents, cameras })
    };
    make().inspect_err(|_: &Error| {
        // Half a copy is for nobody.
        let _ = fs::remove_dir_all(folder);
    })
}

/// The events of one camera go into the one file for all.
fn take_events(folder: &Path) -> Result<Vec<serde_json::Value>, Error> {
    let path = folder.join(subject::EVENTS);
    let text = fs::read(&path).map_err(Error::file(&path, "read"))?;
    let events = serde_json::from_slice(&text).map_err(|e| Error::file(&path, "read")(e.into()))?;
    fs::remove_file(&path).map_err(Error::file(&path, "remove"))?;
    Ok(events)
}
