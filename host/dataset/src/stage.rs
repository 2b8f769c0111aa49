//! One segment, read once and staged: what the export will hold of it, in a folder of its own under `.work`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Cleared, Event, Fate, Frame, Mask, ReaderDoor, Rect, Size, Timestamp};
use sluis_segment::video::Quality;
use sluis_segment::{Annotations, Error as SegmentError, Reader, SegmentId, mp4};
use sluis_vault::{Admitted, Error as VaultError};

use crate::activitynet;
use crate::clip::{self, Clip};
use crate::error::Error;
use crate::manifest::moment;
use crate::place::{PART, Place, Writing};
use crate::request::{Form, Request};
use crate::shard::{self, Label};

/// The folder of what is not assembled yet.
pub(crate) const WORK: &str = ".work";
/// Below a staged segment: its clips.
pub(crate) const CLIPS: &str = "clips";
/// Below a staged segment: its pictures.
pub(crate) const PICTURES: &str = "pictures";
/// Below a staged segment: its recording.
pub(crate) const RECORDING: &str = "recording.mcap";
const FACTS: &str = "facts.json";

/// Between two pictures of one segment.
const PICTURE_EVERY: Duration = Duration::from_secs(1);

/// JPEG's quality: no edge of a mask gets visible ringing.
const JPEG_QUALITY: u8 = 92;

/// What is known of a staged segment, but for its files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) segment: SegmentId,
    pub(crate) camera: CameraId,
    pub(crate) size: Size,
    /// Capture of the first and the last frame.
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// What was told in it, of the kinds that are asked for.
    pub(crate) events: Vec<Event>,
    pub(crate) pictures: Vec<PictureFacts>,
    /// Keys of its clips.
    pub(crate) clips: Vec<String>,
}

/// A picture and its masks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PictureFacts {
    pub(crate) file: String,
    pub(crate) captured: Timestamp,
    pub(crate) masks: Vec<(Rect, String)>,
}

/// Why a segment was not staged.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It cannot be read, or may not any more: it is left out.
    Unreadable(String),
    /// The export cannot go on.
    Fatal(Error),
}

/// A clip that is being written.
struct Film {
    clip: Clip,
    key: String,
    video: mp4::Writer<Writing>,
    frames: u64,
    began: Timestamp,
}

struct Stager<'a> {
    place: &'a Place,
    request: &'a Request,
    segment: SegmentId,
    folder: PathBuf,
    delete_by: Timestamp,
}

/// Where a segment is staged.
pub(crate) fn staged(segment: SegmentId) -> PathBuf {
    Path::new(WORK).join(segment.to_string())
}

/// What is staged of a segment; `None` when it is not, or not whole.
pub(crate) fn facts(place: &Place, segment: SegmentId) -> Result<Option<Facts>, Error> {
    place.read_json(staged(segment).join(FACTS))
}

/// Stages a segment.
pub(crate) fn stage(
    place: &Place,
    request: &Request,
    admitted: &Admitted<'_>,
    door: &ReaderDoor,
) -> Result<Facts, Failure> {
    let segment = admitted.entry().segment;
    let folder = PathBuf::from(format!("{}{PART}", staged(segment).display()));
    place.remove(&folder)?;
    for name in [CLIPS, PICTURES] {
        place.make(folder.join(name))?;
    }
    let delete_by = admitted.entry().deadline.time();
    let stager = Stager { place, request, segment, folder: folder.clone(), delete_by };
    if request.has(Form::Mcap) {
        stager.recording(admitted)?;
    }
    let mut facts = stager.read(admitted)?;
    if request.has(Form::Coco) || request.has(Form::WebDataset) {
        stager.pictures(admitted, door, &mut facts)?;
    }
    let json = serde_json::to_vec(&facts).expect("facts are plain data");
    place.write(folder.join(FACTS), |to| io::Write::write_all(to, &json))?;
    place.rename(&folder, staged(segment))?;
    Ok(facts)
}

impl Stager<'_> {
    fn recording(&self, admitted: &Admitted<'_>) -> Result<(), Failure> {
        let name = self.folder.join(RECORDING);
        let path = self.place.path(&name);
        let mut to = self.place.create(&name)?;
        match admitted.read()?.write_plain(&mut to) {
            Err(VaultError::CopyOut { source, .. }) => {
                Err(Failure::Fatal(Error::File { path, doing: "write", source: io::Error::other(*source) }))
            }
            Err(unreadable) => Err(unreadable.into()),
            Ok(_) => Ok(to.sync().map_err(Error::file(&path, "write"))?),
        }
    }

    /// What is told of the frames, without their pictures.
    fn read(&self, admitted: &Admitted<'_>) -> Result<Facts, Failure> {
        let annotations = Annotations::new(admitted.read()?).map_err(unreadable)?;
        let (camera, size, first) = {
            let header = annotations.header();
            (header.camera.clone(), header.size, header.started)
        };
        let mut facts = Facts {
            segment: self.segment,
            camera,
            size,
            first,
            last: first,
            events: Vec::new(),
            pictures: Vec::new(),
            clips: Vec::new(),
        };
        for frame in annotations {
            let frame = frame.map_err(unreadable)?;
            facts.last = frame.captured;
            facts.events.extend(frame.events.into_iter().filter(|event| self.request.wants(event.gesture)));
        }
        Ok(facts)
    }

    /// Pictures and clips, in one reading.
    fn pictures(&self, admitted: &Admitted<'_>, door: &ReaderDoor, facts: &mut Facts) -> Result<(), Failure> {
        let reader = Reader::new(admitted.read()?, door).map_err(unreadable)?;
        let rate = reader.header().rate;
        let mut waiting = if self.request.has(Form::WebDataset) { self.clips(facts) } else { Vec::new() };
        let mut films: Vec<Film> = Vec::new();
        let mut next_picture = facts.first;
        for recorded in reader {
            let frame = recorded.map_err(unreadable)?.frame;
            let at = frame.header().captured;
            if self.request.has(Form::Coco) && at >= next_picture && frame.fate() != Fate::Blanked {
                facts.pictures.push(self.picture(&frame)?);
                next_picture = at + PICTURE_EVERY;
            }
            for (key, clip) in waiting.extract_if(.., |(_, clip)| clip.from <= at && at <= clip.to) {
                let to = self.place.create(self.folder.join(CLIPS).join(format!("{key}.mp4")))?;
                let video = mp4::Writer::new(to, facts.size, rate, Quality::Recording);
                let video = video.map_err(|e| self.no_clip(e))?;
                films.push(Film { clip, key, video, frames: 0, began: at });
            }
            for film in films.extract_if(.., |film| at > film.clip.to) {
                facts.clips.push(self.end(film, rate, facts)?);
            }
            for film in &mut films {
                film.video.write(&frame).map_err(|e| self.no_clip(e))?;
                film.frames += 1;
            }
        }
        for film in films {
            facts.clips.push(self.end(film, rate, facts)?);
        }
        facts.clips.sort_unstable();
        Ok(())
    }

    fn clips(&self, facts: &Facts) -> Vec<(String, Clip)> {
        let mut clips = clip::of_events(&facts.events, facts.first, facts.last);
        if self.request.with_nothing {
            clips.extend(clip::of_nothing(&facts.events, facts.first, facts.last, facts.events.len()));
        }
        let named = clips.into_iter().enumerate();
        named.map(|(n, clip)| (shard::key(self.segment, n), clip)).collect()
    }

    fn picture(&self, frame: &Frame<Cleared>) -> Result<PictureFacts, Failure> {
        let file = format!("{:08}.jpg", frame.header().number.0);
        let Size { width, height } = frame.size();
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
            .write_image(frame.picture().pixels(), width, height, ExtendedColorType::Rgb8)
            .map_err(|source| Error::Picture { segment: self.segment, source })?;
        self.place.write(self.folder.join(PICTURES).join(&file), |to| io::Write::write_all(to, &jpeg))?;
        let masks = frame.masks().iter().filter_map(|mask| boxed(mask, frame.size())).collect();
        Ok(PictureFacts { file, captured: frame.header().captured, masks })
    }

    fn end(&self, film: Film, rate: f64, facts: &Facts) -> Result<String, Failure> {
        let Film { clip, key, video, frames, began } = film;
        video.finish().map_err(|e| self.no_clip(e))?;
        let seconds = |at: Timestamp| at.since(began).as_millis() as f64 / 1000.0;
        let label = Label {
            label: clip.label,
            subset: activitynet::subset(&facts.camera, facts.first).to_owned(),
            segment: self.segment,
            camera: facts.camera.to_string(),
            zone: clip.event.as_ref().and_then(|e| e.zone.clone()),
            started: moment(began),
            event: clip.event.as_ref().map(|e| [seconds(e.start), seconds(e.end.min(clip.to))]),
            contact: clip.event.as_ref().and_then(|e| e.contact),
            confidence: clip.event.as_ref().map(|e| f64::from(e.confidence) / 100.0),
            cut: clip.cut,
            frames,
            rate,
            width: facts.size.width,
            height: facts.size.height,
            delete_by: moment(self.delete_by),
            key: key.clone(),
        };
        let json = serde_json::to_vec_pretty(&label).expect("a label is plain data");
        self.place.write(self.folder.join(CLIPS).join(format!("{key}.json")), |to| io::Write::write_all(to, &json))?;
        Ok(key)
    }

    fn no_clip(&self, source: SegmentError) -> Failure {
        Failure::Fatal(Error::Clip { segment: self.segment, source })
    }
}

/// The box of a mask within the picture, and its cause by name.
fn boxed(mask: &Mask, size: Size) -> Option<(Rect, String)> {
    let cause = serde_json::to_value(mask.cause).ok()?.as_str()?.to_owned();
    Some((mask.shape.bounds().clip(size)?, cause))
}

/// What a reader of a segment says: also that its deadline has come meanwhile.
fn unreadable(error: SegmentError) -> Failure {
    match error {
        SegmentError::Io { source, .. } => Failure::Unreadable(source.to_string()),
        other => Failure::Unreadable(other.to_string()),
    }
}

// === impl Failure ===

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Fatal(error)
    }
}

impl From<VaultError> for Failure {
    /// What is wrong with one segment leaves the others alone; what is wrong with the vault does not.
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Index { .. } | VaultError::IndexBusy { .. } | VaultError::File { .. } => {
                Self::Fatal(error.into())
            }
            other => Self::Unreadable(other.to_string()),
        }
    }
}
