//! Stills among which an officer chooses the person who asks.

use std::collections::BTreeMap;

use image::{Rgb, RgbImage, imageops};
use sluis_frame::{CameraId, Cleared, Frame, Point, Rect, Timestamp};

use crate::draw;
use crate::error::Error;
use crate::moment::Silhouette;
use crate::survey::{Choice, Place, Survey};

/// Who is seen for less than this many frames is no candidate.
const LEAST_FRAMES: usize = 5;
/// A still shows a candidate well enough when its silhouette has at least this share of the largest that it ever has.
const LARGE_ENOUGH: f32 = 0.7;
/// Stills side by side on a contact sheet, and pixels between them.
const COLUMNS: u32 = 3;
const GAP: u32 = 6;

/// One silhouette that may be the person who asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// As it is drawn beside the silhouette; from 1, in order of time.
    pub number: u32,
    /// The camera.
    pub camera: CameraId,
    /// Capture of the still.
    pub at: Timestamp,
    /// The rectangle around the silhouette, in camera pixels.
    pub region: Rect,
    /// A place in the silhouette, in camera pixels.
    pub place: Point,
    /// From when to when it is followed without doubt.
    pub followed: (Timestamp, Timestamp),
    /// Which of the stills shows it.
    pub still: usize,
}

/// A cleared picture with the numbers of candidates drawn on it.
#[derive(Clone)]
pub struct Still {
    /// Its capture.
    pub at: Timestamp,
    /// The picture.
    pub picture: RgbImage,
}

/// What the officer chooses from.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// In order of their numbers.
    pub candidates: Vec<Candidate>,
    /// In order of time.
    pub stills: Vec<Still>,
}

/// The candidates of a window: of each track the still in which it is largest, as few stills as show them all, and at most `most` candidates, those that are there longest.
///
/// # Errors
///
/// [`Error::Open`], [`Error::Segment`], [`Error::Changed`] when the recordings cannot be read again.
pub fn candidates(survey: &Survey<'_>, most: usize) -> Result<Candidates, Error> {
    let mut stills = BTreeMap::new();
    for (moment, track) in chosen(survey, most) {
        stills.entry(moment).or_insert_with(Vec::new).push(track);
    }
    let mut found = Candidates { candidates: Vec::new(), stills: Vec::new() };
    survey.read(|recorded, which| {
        let Some(tracks) = stills.get(&which) else { return Ok(()) };
        let moment = &survey.moments[which];
        let mut people: Vec<&Silhouette> =
            moment.people.iter().filter(|person| tracks.contains(&person.track)).collect();
        people.sort_by_key(|person| person.region.bounds(&survey.grid).x);
        let mut picture = picture(&recorded.frame);
        for person in people {
            let (number, track) = (found.candidates.len() as u32 + 1, survey.tracks[person.track]);
            draw::outline(&mut picture, &survey.grid, &person.region, number);
            found.candidates.push(Candidate {
                number,
                camera: survey.camera.clone(),
                at: moment.at,
                region: person.region.bounds(&survey.grid),
                place: person.region.inside(&survey.grid).expect("a silhouette has cells"),
                followed: (survey.moments[track.first].at, survey.moments[track.last].at),
                still: found.stills.len(),
            });
        }
        found.stills.push(Still { at: moment.at, picture });
        Ok(())
    })?;
    Ok(found)
}

/// The moment at which each track is shown.
fn chosen(survey: &Survey<'_>, most: usize) -> Vec<(usize, usize)> {
    let mut largest = vec![(0u32, 0usize); survey.tracks.len()];
    for (which, moment) in survey.moments.iter().enumerate() {
        for person in &moment.people {
            let area = person.region.area();
            if area > largest[person.track].0 {
                largest[person.track] = (area, which);
            }
        }
    }
    let length = |track: &usize| survey.tracks[*track].last - survey.tracks[*track].first + 1;
    let mut tracks: Vec<usize> = (0..survey.tracks.len()).filter(|track| length(track) >= LEAST_FRAMES).collect();
    tracks.sort_by_key(|track| std::cmp::Reverse(length(track)));
    tracks.truncate(most);
    let mut shown: Vec<(usize, usize)> = Vec::new();
    for track in tracks {
        let enough = largest[track].0 as f32 * LARGE_ENOUGH;
        let shows = |which: usize| {
            survey.moments[which].people.iter().any(|p| p.track == track && p.region.area() as f32 >= enough)
        };
        let which = shown.iter().map(|(which, _)| *which).find(|which| shows(*which)).unwrap_or(largest[track].1);
        shown.push((which, track));
    }
    shown
}

fn picture(frame: &Frame<Cleared>) -> RgbImage {
    let size = frame.size();
    RgbImage::from_raw(size.width, size.height, frame.picture().pixels().to_vec()).expect("three bytes for each pixel")
}

// === impl Candidate ===

impl Candidate {
    /// The officer's word that it is the person who asks.
    pub const fn choice(&self) -> Choice {
        Choice { at: self.at, place: Place::Point(self.place) }
    }
}

// === impl Candidates ===

impl Candidates {
    /// All stills on one sheet, row by row. `None` when there is no candidate.
    pub fn sheet(&self) -> Option<RgbImage> {
        let (width, height) = self.stills.first()?.picture.dimensions();
        let count = self.stills.len() as u32;
        let (columns, rows) = (count.min(COLUMNS), count.div_ceil(COLUMNS));
        let mut sheet = RgbImage::from_pixel(columns * (width + GAP) - GAP, rows * (height + GAP) - GAP, Rgb([255; 3]));
        for (at, still) in (0..).zip(&self.stills) {
            let (x, y) = (at % COLUMNS * (width + GAP), at / COLUMNS * (height + GAP));
            imageops::replace(&mut sheet, &still.picture, x.into(), y.into());
        }
        Some(sheet)
    }
}

// === impl Still ===

impl std::fmt::Debug for Still {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Still").field("at", &self.at).finish_non_exhaustive()
    }
}
