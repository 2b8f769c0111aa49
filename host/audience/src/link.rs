//! Links the faces of consecutive frames into visits.
//!
//! A meter says for each face of each frame where it is and whether it is turned to the screen, and remembers nothing. Here the faces become persons, by place and
//! motion alone, and what was said of them from frame to frame becomes glances, with hysteresis. What is remembered of a person is a rectangle and counters; it is
//! forgotten when the person has gone.
//!
//! Who leaves the picture, or shows no face for longer than [`GONE`], and comes back is somebody new: nothing is kept by which that could be told.

mod attention;
mod track;

use std::time::Duration;

use sluis_frame::{Face, ScreenId, Timestamp, Visit};

use track::Track;

/// Who was not seen for so long has gone. Long enough for a turn of the head or somebody who passes in front, too short for another person to
/// take the same place.
pub const GONE: Duration = Duration::from_secs(2);

/// A visit is told after so long at the latest; who stays is then somebody new. It bounds how far the times in a recording reach back before it.
pub const LONGEST: Duration = Duration::from_secs(600);

/// Persons who are followed at the same time, as many as a meter may answer in one frame.
pub const MOST: usize = 64;

/// How faces are linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSettings {
    /// The screen that the camera belongs to.
    pub screen: ScreenId,
    /// Whether the demographic switch is on. When it is off, age and sex are dropped here, whatever a component says.
    pub demographics: bool,
}

/// Follows the persons before one screen.
#[derive(Debug)]
pub struct Linker {
    settings: LinkSettings,
    tracks: Vec<Track>,
    now: Option<Timestamp>,
    glances: u64,
}

// === impl Linker ===

impl Linker {
    /// Nobody is there yet.
    pub fn new(settings: LinkSettings) -> Self {
        Self { settings, tracks: Vec::new(), now: None, glances: 0 }
    }

    /// Takes the faces of a frame that was captured `at`, and gives the visits that are over. Frames come in the order of capture; when the clock was set back, time
    /// stands still until it is caught up. A frame on which the meter failed is left out: persons bridge it as they bridge a frame in which they were not seen.
    pub fn observe(&mut self, at: Timestamp, faces: &[Face]) -> Vec<Visit> {
        let now = self.now.map_or(at, |last| last.max(at));
        self.now = Some(now);
        let mut visits = self.leave(|track| now.since(track.last()) > GONE || now.since(track.first()) >= LONGEST);
        let free = self.match_up(now, faces);
        for face in free.into_iter().take(MOST.saturating_sub(self.tracks.len())) {
            self.tracks.push(Track::new(now, self.known(face)));
        }
        for track in &mut self.tracks {
            track.settle(now);
        }
        visits.shrink_to_fit();
        visits
    }

    /// Ends all visits: at the end of the camera.
    pub fn finish(&mut self) -> Vec<Visit> {
        self.leave(|_| true)
    }

    /// Persons who are followed now.
    pub fn present(&self) -> usize {
        self.tracks.len()
    }

    /// Glances in the visits that were given so far.
    pub const fn glances(&self) -> u64 {
        self.glances
    }

    fn leave(&mut self, gone: impl Fn(&Track) -> bool) -> Vec<Visit> {
        let (leaving, staying) = std::mem::take(&mut self.tracks).into_iter().partition(gone);
        self.tracks = staying;
        let leaving: Vec<Track> = leaving;
        let visits: Vec<Visit> = leaving.into_iter().filter_map(|track| track.visit(&self.settings.screen)).collect();
        self.glances += visits.iter().map(|visit| visit.glances().len() as u64).sum::<u64>();
        visits
    }

    /// Gives each track its face, the closest pairs first; answers the faces that belong to nobody.
    fn match_up(&mut self, now: Timestamp, faces: &[Face]) -> Vec<Face> {
        let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
        for (t, track) in self.tracks.iter().enumerate() {
            let near = faces.iter().enumerate().filter_map(|(f, face)| Some((track.distance(now, face.area)?, t, f)));
            pairs.extend(near);
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut taken = vec![false; faces.len()];
        let mut served = vec![false; self.tracks.len()];
        for (_, t, f) in pairs {
            if !taken[f] && !served[t] {
                (taken[f], served[t]) = (true, true);
                let face = self.known(faces[f]);
                self.tracks[t].see(now, face);
            }
        }
        faces.iter().zip(taken).filter(|(_, taken)| !taken).map(|(face, _)| *face).collect()
    }

    /// The face with what may be known of it.
    fn known(&self, face: Face) -> Face {
        use sluis_frame::{AgeClass, SexClass};
        if self.settings.demographics {
            face
        } else {
            Face { age: AgeClass::Unknown, sex: SexClass::Undetermined, ..face }
        }
    }
}

#[cfg(test)]
mod tests;
