//! Writes a person's copy.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sluis_frame::{CameraId, Event, Excerpt, Pose};
use sluis_segment::mp4;
use sluis_segment::{gate, video::Quality};

use crate::error::{Error, moment};
use crate::events;
use crate::plan::{FILL, Plan, Shows, Surroundings};
use crate::survey::{Choice, Survey};

/// The video of a copy.
pub const VIDEO: &str = "copy.mp4";
/// The person's events.
pub const EVENTS: &str = "events.json";
/// What the copy is.
pub const ABOUT: &str = "about.json";

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Who it is: one word of the officer for each time that the person comes, or comes apart from others again.
    pub choices: Vec<Choice>,
    /// What is around the person.
    pub surroundings: Surroundings,
    /// Where the camera stands, if that is known: without it, events that were told without a contact are left out.
    pub pose: Option<Pose>,
}

/// What a copy is, as it stands in `about.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct About {
    /// The camera.
    pub camera: CameraId,
    /// Capture of the first frame.
    pub from: jiff::Timestamp,
    /// Capture of the last frame.
    pub to: jiff::Timestamp,
    /// Pictures a second in the video. Each is one recorded frame, whatever time lay between them.
    pub rate: f64,
    /// What became of the frames.
    pub frames: Frames,
    /// What became of the events.
    pub events: Events,
    /// What whoever reads the copy must know.
    pub notes: Vec<String>,
}

/// Frames of a copy; they add up to the pictures of its video.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Frames {
    /// The person is seen, and nobody else.
    pub shown: u64,
    /// Nobody is seen: the person is not there, or cannot be told from others.
    pub filled: u64,
    /// Nothing is seen.
    pub blanked: u64,
}

/// Events of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Events {
    /// They are the person's, and in `events.json`.
    pub given: u64,
    /// They are somebody else's, or nobody can say whose.
    pub left_out: u64,
}

/// What the copy does not show, and why. Article numbers are of the GDPR.
const NOTES: [&str; 4] = [
    "This video shows what was recorded of you. Heads were masked before anything was kept, so your face is not in it (Art. 25).",
    "Others are filled with grey, and so are you where you could not be told from others: a copy must not adversely affect the rights and freedoms of others (Art. 15(4)).",
    "Pictures that are all black could not be judged, or were recorded as blanks.",
    "Distances that a depth sensor measured are not in this copy; there is no sound. Events are given only where they are surely yours.",
];

/// Writes the copy of the person who was chosen to a new folder: [`VIDEO`], [`EVENTS`] and [`ABOUT`]. Then it reads the video back and checks it; when anything fails, the folder is removed.
///
/// # Errors
///
/// [`Error::Nobody`], [`Error::Two`] when the choices name nobody or more than one; [`Error::Write`] when the folder is there already or cannot be written; [`Error::Check`] when the video shows what it must not;
/// [`Error::Open`], [`Error::Segment`], [`Error::Changed`] when the recordings cannot be read again.
pub fn write(survey: &Survey<'_>, request: &Request, into: &Path) -> Result<About, Error> {
    let plan = plan(survey, request)?;
    let folder = Unfinished::create(into)?;
    let (frames, recorded) = write_video(&plan, &folder.file(VIDEO))?;
    look(&plan, &folder.file(VIDEO))?;
    let given = events::of_subject(&plan, &recorded, request.pose.as_ref());
    let (first, last) = match survey.moments.as_slice() {
        [first, .., last] => (first, last),
        [only] => (only, only),
        [] => return Err(Error::Nothing),
    };
    let about = About {
        camera: survey.camera.clone(),
        from: moment(first.at),
        to: moment(last.at),
        rate: survey.rate,
        frames,
        events: Events { given: given.len() as u64, left_out: (recorded.len() - given.len()) as u64 },
        notes: NOTES.map(str::to_owned).to_vec(),
    };
    write_json(&folder.file(EVENTS), &given)?;
    write_json(&folder.file(ABOUT), &about)?;
    folder.keep();
    Ok(about)
}

/// Reads the video of a copy as a stranger would, and looks whether others are hidden in it: filled with one colour wherever they were seen, and where they were filled, 8 pixels or more from the edge; black where
/// nothing can be judged. [`write`] does this before it ends.
///
/// # Errors
///
/// [`Error::Check`] when it shows more, or is the video of another window; [`Error::Write`] when it cannot be read; [`Error::Nobody`], [`Error::Two`] as in [`write`].
pub fn check(survey: &Survey<'_>, request: &Request, video: &Path) -> Result<(), Error> {
    look(&plan(survey, request)?, video)
}

fn plan<'s>(survey: &'s Survey<'s>, request: &Request) -> Result<Plan<'s>, Error> {
    Ok(Plan { survey, chosen: survey.chosen(&request.choices)?, surroundings: request.surroundings })
}

/// Gives what became of the frames, and the events that were told in the window.
fn write_video(plan: &Plan<'_>, path: &Path) -> Result<(Frames, Vec<Event>), Error> {
    let survey = plan.survey;
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let mut file = BufWriter::new(File::create_new(path).map_err(failed)?);
    let mut writer = mp4::Writer::new(&mut file, survey.grid.size, survey.rate, Quality::Recording)?;
    let (mut frames, mut events) = (Frames::default(), Vec::new());
    survey.read(|recorded, which| {
        let (shows, hidden) = plan.hidden(which);
        let excerpt = match shows {
            Shows::Nothing => Excerpt::blank(&recorded.frame),
            Shows::Subject | Shows::Nobody => Excerpt::new(&recorded.frame, &survey.grid.coverage(&hidden), FILL),
        };
        match shows {
            Shows::Subject => frames.shown += 1,
            Shows::Nobody => frames.filled += 1,
            Shows::Nothing => frames.blanked += 1,
        }
        events.extend_from_slice(&recorded.events);
        Ok(writer.write_excerpt(&excerpt)?)
    })?;
    writer.finish()?;
    file.flush().map_err(failed)?;
    Ok((frames, events))
}

fn look(plan: &Plan<'_>, path: &Path) -> Result<(), Error> {
    let survey = plan.survey;
    let file = fs::read(path).map_err(|source| Error::Write { path: path.to_owned(), source })?;
    let mut pictures = mp4::Reader::new(file, survey.grid.size)?;
    let stop = |which: usize, why: String| {
        let moment = &survey.moments[which.min(survey.moments.len() - 1)];
        Error::Check { camera: survey.camera.clone(), frame: moment.number, why }
    };
    if pictures.len() != survey.moments.len() {
        return Err(stop(0, format!("it has {} pictures of {} frames", pictures.len(), survey.moments.len())));
    }
    for which in 0..survey.moments.len() {
        let picture = pictures.next().ok_or_else(|| stop(which, "a picture is missing".to_owned()))??;
        let (shows, hidden) = plan.hidden(which);
        let looked = match shows {
            Shows::Nothing => gate::blank(&picture),
            Shows::Subject | Shows::Nobody => gate::filled(&picture, &plan.must_be_filled(which, &hidden), FILL),
        };
        looked.map_err(|e| stop(which, e.to_string()))?;
    }
    Ok(())
}

fn write_json(path: &Path, what: &impl Serialize) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create_new(path)?);
        serde_json::to_writer_pretty(&mut file, what)?;
        file.write_all(b"\n")?;
        file.flush()
    };
    write().map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// A new folder that is removed again unless it is kept.
struct Unfinished {
    path: PathBuf,
    kept: bool,
}

// === impl Unfinished ===

impl Unfinished {
    fn create(path: &Path) -> Result<Self, Error> {
        fs::create_dir(path).map_err(|source| Error::Write { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), kept: false })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept {
            // Whatever failed is told already; a folder that cannot be removed is one that could not be written.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
