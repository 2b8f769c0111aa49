//! Looks at all that was recorded in a window, and links who is in it from frame to frame.

use std::fmt;
use std::io::{self, Read};
use std::ops::RangeInclusive;
use std::time::Duration;

use sluis_frame::{Calibration, CameraId, Point, ReaderDoor, Rect, Size, Timestamp};
use sluis_guard::Learning;
use sluis_segment::{Reader, Recorded};

use crate::error::{Error, moment};
use crate::moment::{Moment, bodies};
use crate::region::Grid;

/// The longest window, so that what is known of it fits into memory: about 1 kB for each silhouette in each frame. People stay in a shop for less.
pub const LONGEST: Duration = Duration::from_secs(30 * 60);

/// Nobody is followed over a longer gap between frames: in this time somebody else can stand in the same place.
const GAP: Duration = Duration::from_millis(350);
/// Two silhouettes in frames after one another may be of the same person when they share this much of the smaller one.
const SHARED: f32 = 0.1;
/// From one frame to the next, the area of somebody's silhouette grows or shrinks by this factor at most: beyond it, somebody else has come into it or has left it.
const GROWS: f32 = 1.6;
/// A chosen moment is a frame at most this far away.
const NEAR: Duration = Duration::from_millis(250);

/// The plain MCAP streams of one camera's segments, in order of time. They are read several times, so that no picture has to be kept.
pub trait Recordings: Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// The stream of one of them, from its start: what an [`Opener`](sluis_segment::Opener) gives. Called with numbers below [`count`](Self::count), one stream at a time.
    ///
    /// # Errors
    ///
    /// Why it cannot be read.
    fn open(&self, which: usize) -> io::Result<Box<dyn Read + '_>>;
}

/// What is known of a window.
pub struct Survey<'r> {
    pub(crate) recordings: &'r dyn Recordings,
    pub(crate) door: &'r ReaderDoor,
    pub(crate) camera: CameraId,
    /// Nominal frames a second.
    pub(crate) rate: f64,
    pub(crate) grid: Grid,
    pub(crate) calibration: Option<Calibration>,
    pub(crate) window: RangeInclusive<Timestamp>,
    pub(crate) moments: Vec<Moment>,
    pub(crate) tracks: Vec<Track>,
}

/// One person, or several who were never told apart, from frame to frame as long as there is no doubt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Track {
    /// The first and the last moment.
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// Where somebody is in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// The silhouette there.
    Point(Point),
    /// The silhouette that has most of its area there.
    Region(Rect),
}

/// The officer's word: this silhouette is the person who asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// When: a frame within 250 ms of it.
    pub at: Timestamp,
    /// Where, in camera pixels.
    pub place: Place,
}

// === impl Recordings ===

/// Streams in memory.
impl Recordings for Vec<Vec<u8>> {
    fn count(&self) -> usize {
        self.len()
    }

    fn open(&self, which: usize) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self[which].as_slice()))
    }
}

// === impl Survey ===

impl<'r> Survey<'r> {
    /// Looks at the recordings twice: first for the place, then for who is in it. Frames outside the window are looked at as well, so segments around it help to know the place.
    ///
    /// # Errors
    ///
    /// [`Error::Nothing`], [`Error::Window`], [`Error::Mixed`] when there is no such window; [`Error::Open`], [`Error::Segment`] when it cannot be read.
    pub fn new(
        recordings: &'r dyn Recordings,
        door: &'r ReaderDoor,
        window: RangeInclusive<Timestamp>,
    ) -> Result<Self, Error> {
        if window.end().since(*window.start()) > LONGEST {
            return Err(Error::Window { longest: LONGEST });
        }
        let mut about: Option<(Found, Learning)> = None;
        each(recordings, door, |recorded, found| {
            let (first, learning) = about.get_or_insert_with(|| (found.clone(), Learning::new(found.size)));
            if (&first.camera, first.size) != (&found.camera, found.size) {
                return Err(Error::Mixed { segment: found.segment });
            }
            first.calibration = first.calibration.or(found.calibration);
            learning.observe(&recorded.frame, bodies(recorded.frame.masks()));
            Ok(())
        })?;
        let (found, learning) = about.ok_or(Error::Nothing)?;
        let mut hindsight = learning.finish();
        let mut grid = None;
        let mut moments: Vec<Moment> = Vec::new();
        let mut last = None;
        each(recordings, door, |recorded, found| {
            let at = recorded.frame.header().captured;
            if last.replace(at).is_some_and(|last| at < last) {
                return Err(Error::Mixed { segment: found.segment });
            }
            let outlines = hindsight.observe(&recorded.frame);
            let grid = grid.get_or_insert(Grid { size: found.size, cell: outlines.cell });
            if window.contains(&at) {
                moments.push(Moment::of(&recorded.frame, &outlines, grid));
            }
            Ok(())
        })?;
        let Some(grid) = grid.filter(|_| !moments.is_empty()) else { return Err(Error::Nothing) };
        let tracks = link(&mut moments);
        let Found { camera, rate, calibration, .. } = found;
        Ok(Self { recordings, door, camera, rate, grid, calibration, window, moments, tracks })
    }

    /// The camera.
    pub const fn camera(&self) -> &CameraId {
        &self.camera
    }

    /// Frames in the window.
    pub fn frames(&self) -> usize {
        self.moments.len()
    }

    /// Whether choices name one person who is told apart.
    ///
    /// # Errors
    ///
    /// [`Error::Nobody`] when there is no single silhouette at one of them; [`Error::Two`] when two of them are in one frame.
    pub fn check(&self, choices: &[Choice]) -> Result<(), Error> {
        self.chosen(choices).map(drop)
    }

    /// The tracks that choices name, and so the one person.
    pub(crate) fn chosen(&self, choices: &[Choice]) -> Result<Vec<bool>, Error> {
        let mut chosen = vec![false; self.tracks.len()];
        for choice in choices {
            chosen[self.track_at(choice)?] = true;
        }
        for moment_ in &self.moments {
            if moment_.people.iter().filter(|person| chosen[person.track]).count() > 1 {
                return Err(Error::Two { camera: self.camera.clone(), at: moment(moment_.at) });
            }
        }
        Ok(chosen)
    }

    fn track_at(&self, choice: &Choice) -> Result<usize, Error> {
        let apart = |at: Timestamp| at.since(choice.at).max(choice.at.since(at));
        let near = self.moments.iter().min_by_key(|moment| apart(moment.at)).filter(|moment| apart(moment.at) <= NEAR);
        let (found, place) = match choice.place {
            Place::Point(point) => {
                let there = |cells: &mut crate::region::Cells| self.grid.at(point).map(|cell| cells[cell] = true);
                let mut cells = self.grid.empty();
                let inside = there(&mut cells).is_some();
                let mut found =
                    near.into_iter().flat_map(|m| &m.people).filter(|p| inside && p.region.count_in(&cells) > 0);
                (found.next().map(|person| person.track), point)
            }
            Place::Region(rect) => {
                let (rows, columns) = self.grid.touched(rect);
                let share = |person: &crate::moment::Silhouette| {
                    let cells = crate::region::Cells::from_shape_fn(self.grid.shape(), |(r, c)| {
                        rows.contains(&r) && columns.contains(&c)
                    });
                    person.region.count_in(&cells) as f32 / person.region.area() as f32
                };
                let mut most: Vec<_> = near
                    .into_iter()
                    .flat_map(|m| &m.people)
                    .map(|p| (share(p), p.track))
                    .filter(|(share, _)| *share > 0.5)
                    .collect();
                most.sort_by(|a, b| b.0.total_cmp(&a.0));
                let only = if most.len() == 1 { Some(most[0].1) } else { None };
                (only, rect.centre())
            }
        };
        found.ok_or_else(|| Error::Nobody { camera: self.camera.clone(), at: moment(choice.at), place })
    }

    /// Reads the frames of the window again, in order.
    pub(crate) fn read(&self, mut look: impl FnMut(&Recorded, usize) -> Result<(), Error>) -> Result<(), Error> {
        let mut next = 0;
        each(self.recordings, self.door, |recorded, _| {
            let header = recorded.frame.header();
            if !self.window.contains(&header.captured) {
                return Ok(());
            }
            let known = self.moments.get(next).is_some_and(|m| (m.number, m.at) == (header.number, header.captured));
            if !known || recorded.frame.size() != self.grid.size {
                return Err(Error::Changed { camera: self.camera.clone(), frame: header.number });
            }
            look(recorded, next)?;
            next += 1;
            Ok(())
        })?;
        match self.moments.get(next) {
            Some(missing) => Err(Error::Changed { camera: self.camera.clone(), frame: missing.number }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Survey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Survey")
            .field("camera", &self.camera)
            .field("frames", &self.moments.len())
            .field("tracks", &self.tracks.len())
            .finish_non_exhaustive()
    }
}

/// What a segment says of itself.
#[derive(Debug, Clone)]
struct Found {
    segment: usize,
    camera: CameraId,
    size: Size,
    rate: f64,
    calibration: Option<Calibration>,
}

/// Reads every frame of the recordings, in order.
fn each(
    recordings: &dyn Recordings,
    door: &ReaderDoor,
    mut look: impl FnMut(&Recorded, &Found) -> Result<(), Error>,
) -> Result<(), Error> {
    for segment in 0..recordings.count() {
        let stream = recordings.open(segment).map_err(|source| Error::Open { segment, source })?;
        let mut reader = Reader::new(stream, door)?;
        while let Some(recorded) = reader.next() {
            let header = reader.header();
            let (camera, size, rate) = (header.camera.clone(), header.size, header.rate);
            look(&recorded?, &Found { segment, camera, size, rate, calibration: reader.calibration() })?;
        }
    }
    Ok(())
}

/// Numbers everybody's track. Two silhouettes are linked when each is the only one that the other can be.
fn link(moments: &mut [Moment]) -> Vec<Track> {
    let mut tracks: Vec<Track> = Vec::new();
    let mut before: Option<usize> = None;
    for now in 0..moments.len() {
        if moments[now].unfit.is_some() {
            continue;
        }
        let (past, present) = moments.split_at_mut(now);
        let here = &mut present[0];
        let then = before.map(|before| &past[before]).filter(|then| here.at.since(then.at) <= GAP);
        let may_be: Vec<Vec<usize>> = here
            .people
            .iter()
            .map(|person| {
                let same = |other: &crate::moment::Silhouette| {
                    let least = person.region.area().min(other.region.area()) as f32;
                    person.region.overlap(&other.region) as f32 >= SHARED * least
                };
                then.map_or(Vec::new(), |then| (0..then.people.len()).filter(|i| same(&then.people[*i])).collect())
            })
            .collect();
        for (i, person) in here.people.iter_mut().enumerate() {
            let only = match may_be[i].as_slice() {
                [only] if may_be.iter().filter(|others| others.contains(only)).count() == 1 => {
                    then.map(|then| &then.people[*only])
                }
                _ => None,
            };
            let only = only.filter(|other| {
                let grown = person.region.area() as f32 / other.region.area() as f32;
                (1.0 / GROWS..=GROWS).contains(&grown)
            });
            person.track = only.map_or(tracks.len(), |other| other.track);
            match tracks.get_mut(person.track) {
                Some(track) => track.last = now,
                None => tracks.push(Track { first: now, last: now }),
            }
        }
        before = Some(now);
    }
    tracks
}
