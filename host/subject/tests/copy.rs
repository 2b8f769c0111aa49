//! Promise: a person's copy shows that person and nobody else, as far as truth can tell. The shop is synthetic, so it is known whose each pixel is; all else is real.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

#[allow(unreachable_pub, dead_code, reason = "shared with the measurement, which uses another part")]
mod film;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use film::{DOORS, Film, Masks, Sealed, Tally};
use sluis_camera::synthetic::Settings;
use sluis_frame::{Event, Gesture, Point, Size, Timestamp};
use sluis_segment::video::Quality;
use sluis_segment::{Reader, mp4};
use sluis_subject::{Candidates, Choice, Error, Place, Recordings, Request, Survey, candidates, copy};

/// Half a minute of a shop with two people in it at a time, some of whom are there in the first frame. The filter finds nothing, so heads are masked by the floor alone.
static FILM: LazyLock<Film> = LazyLock::new(|| {
    let settings =
        Settings { size: Size::new(480, 360), length: Some(Duration::from_secs(50)), people: 2, ..Settings::seeded(1) };
    film::film(settings, 20 * 15, Masks::Floor, &[])
});

fn window(film: &Film) -> std::ops::RangeInclusive<Timestamp> {
    film.times[0]..=*film.times.last().unwrap()
}

static SURVEY: LazyLock<Survey<'static>> =
    LazyLock::new(|| Survey::new(&FILM.segments, &DOORS.1, window(&FILM)).unwrap());

static FOUND: LazyLock<Candidates> = LazyLock::new(|| candidates(&SURVEY, 24).unwrap());

fn request(choices: Vec<Choice>) -> Request {
    Request { choices, ..Request::default() }
}

/// A choice that is good for something: of somebody who is seen alone for a while.
fn good() -> Request {
    let person = FILM.people().into_iter().max_by_key(|person| FILM.officer(&SURVEY, &FOUND, *person).len()).unwrap();
    request(FILM.officer(&SURVEY, &FOUND, person))
}

#[test]
fn a_copy_says_what_it_is_and_its_frames_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("copy");
    let about = copy::write(&SURVEY, &good(), &into).unwrap();
    let frames = about.frames;
    assert!(frames.shown > 0, "{frames:?}");
    assert_eq!(frames.shown + frames.filled + frames.blanked, FILM.times.len() as u64);
    let read: serde_json::Value = serde_json::from_slice(&fs::read(into.join(copy::ABOUT)).unwrap()).unwrap();
    assert_eq!(read, serde_json::to_value(&about).unwrap());
    let events: Vec<serde_json::Value> = serde_json::from_slice(&fs::read(into.join(copy::EVENTS)).unwrap()).unwrap();
    assert!(events.is_empty());
    let mut files: Vec<_> =
        fs::read_dir(&into).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, [copy::ABOUT, copy::VIDEO, copy::EVENTS]);
}

#[test]
fn a_copy_shows_the_person_and_hardly_a_pixel_of_anybody_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut sum = Tally::default();
    for person in FILM.people() {
        let choices = FILM.officer(&SURVEY, &FOUND, person);
        if choices.is_empty() {
            continue;
        }
        let into = folder.path().join(person.to_string());
        copy::write(&SURVEY, &request(choices), &into).unwrap();
        let tally = FILM.tally(fs::read(into.join(copy::VIDEO)).unwrap(), person);
        println!("person {person}: {tally}");
        sum = sum.plus(tally);
    }
    println!("{sum}");
    assert!(sum.with_others > 0 && sum.alone > 0, "{sum}");
    assert!(Tally::share(sum.others_shown, sum.others) < 0.01, "{sum}");
    assert!(Tally::share(sum.exposing, sum.with_others) < 0.01, "{sum}");
    assert!(Tally::share(sum.touching_shown, sum.touching_pixels) < 0.02, "{sum}");
    assert!(Tally::share(sum.alone_shown, sum.alone) > 0.5, "{sum}");
}

#[test]
fn nobody_chosen_is_nobody_shown() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("copy");
    let about = copy::write(&SURVEY, &request(vec![]), &into).unwrap();
    assert_eq!(about.frames.shown, 0);
    let tally = FILM.tally(fs::read(into.join(copy::VIDEO)).unwrap(), u8::MAX);
    println!("{tally}");
    assert!(Tally::share(tally.others_shown, tally.others) < 0.01, "{tally}");
}

#[test]
fn the_check_stops_a_video_that_shows_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let video = folder.path().join("cleared.mp4");
    write_cleared(&video);
    assert!(matches!(copy::check(&SURVEY, &good(), &video), Err(Error::Check { .. })));
    let into = folder.path().join("copy");
    copy::write(&SURVEY, &good(), &into).unwrap();
    copy::check(&SURVEY, &good(), &into.join(copy::VIDEO)).unwrap();
}

fn write_cleared(path: &Path) {
    let mut file = File::create(path).unwrap();
    let mut writer = mp4::Writer::new(&mut file, FILM.size, 15.0, Quality::Recording).unwrap();
    for segment in 0..FILM.segments.count() {
        for recorded in Reader::new(FILM.segments.open(segment).unwrap(), &DOORS.1).unwrap() {
            writer.write(&recorded.unwrap().frame).unwrap();
        }
    }
    writer.finish().unwrap();
}

#[test]
fn a_choice_of_nobody_or_of_two_people_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("copy");
    let corner = Choice { at: FILM.times[0], place: Place::Point(Point { x: -1.0, y: 0.0 }) };
    assert!(matches!(copy::write(&SURVEY, &request(vec![corner]), &into), Err(Error::Nobody { .. })));
    let later = Choice { at: *FILM.times.last().unwrap() + Duration::from_secs(9), ..FOUND.candidates[0].choice() };
    assert!(matches!(copy::write(&SURVEY, &request(vec![later]), &into), Err(Error::Nobody { .. })));
    let together = FOUND.candidates.windows(2).find(|pair| pair[0].still == pair[1].still).expect("two on one still");
    let both = together.iter().map(sluis_subject::Candidate::choice).collect();
    assert!(matches!(copy::write(&SURVEY, &request(both), &into), Err(Error::Two { .. })));
    assert!(!into.exists());
}

#[test]
fn a_folder_that_is_there_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine"), b"mine").unwrap();
    assert!(matches!(copy::write(&SURVEY, &good(), folder.path()), Err(Error::Write { .. })));
    assert_eq!(fs::read(folder.path().join("mine")).unwrap(), b"mine");
}

/// Recordings that lose their last segment: its deadline has passed.
struct Fading<'s> {
    sealed: &'s Sealed,
    faded: AtomicBool,
}

impl Recordings for Fading<'_> {
    fn count(&self) -> usize {
        self.sealed.count() - usize::from(self.faded.load(Ordering::SeqCst))
    }

    fn open(&self, which: usize) -> io::Result<Box<dyn Read + '_>> {
        self.sealed.open(which)
    }
}

#[test]
fn what_has_passed_its_deadline_meanwhile_makes_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("copy");
    let fading = Fading { sealed: &FILM.segments, faded: AtomicBool::new(false) };
    let survey = Survey::new(&fading, &DOORS.1, window(&FILM)).unwrap();
    fading.faded.store(true, Ordering::SeqCst);
    assert!(matches!(copy::write(&survey, &good(), &into), Err(Error::Changed { .. })));
    assert!(!into.exists());
}

#[test]
fn candidates_are_numbered_on_few_stills_and_each_choice_finds_its_own() {
    assert!(FOUND.stills.len() <= FOUND.candidates.len() && FOUND.candidates.len() <= 24);
    let numbers: Vec<u32> = FOUND.candidates.iter().map(|candidate| candidate.number).collect();
    assert_eq!(numbers, (1..=FOUND.candidates.len() as u32).collect::<Vec<_>>());
    let folder = tempfile::tempdir().unwrap();
    for candidate in FOUND.candidates.iter().take(3) {
        let region = Choice { at: candidate.at, place: Place::Region(candidate.region) };
        assert!(candidate.followed.0 <= candidate.at && candidate.at <= candidate.followed.1);
        let at = FOUND.stills[candidate.still].at;
        assert_eq!(at, candidate.at);
        let about =
            copy::write(&SURVEY, &request(vec![candidate.choice()]), &folder.path().join(candidate.number.to_string()))
                .unwrap();
        // A rectangle can hold two silhouettes; then it is refused.
        match copy::write(&SURVEY, &request(vec![region]), &folder.path().join(format!("{}r", candidate.number))) {
            Ok(by_region) => assert_eq!(by_region.frames, about.frames),
            Err(error) => assert!(matches!(error, Error::Nobody { .. }), "{error}"),
        }
    }
    let sheet = FOUND.sheet().unwrap();
    assert!(sheet.width() >= FILM.size.width && sheet.height() >= FILM.size.height);
}

#[test]
fn a_window_without_recordings_or_too_long_is_refused() {
    let long = FILM.times[0]..=FILM.times[0] + Duration::from_secs(3600);
    assert!(matches!(Survey::new(&FILM.segments, &DOORS.1, long), Err(Error::Window { .. })));
    let late = *FILM.times.last().unwrap() + Duration::from_secs(5);
    assert!(matches!(Survey::new(&FILM.segments, &DOORS.1, late..=late), Err(Error::Nothing)));
    let none: Vec<Vec<u8>> = Vec::new();
    assert!(matches!(Survey::new(&none, &DOORS.1, window(&FILM)), Err(Error::Nothing)));
}

#[test]
fn an_event_that_is_told_counts_as_given_or_left_out() {
    let settings =
        Settings { size: Size::new(160, 120), length: Some(Duration::from_secs(8)), people: 2, ..Settings::seeded(4) };
    let event = Event {
        gesture: Gesture::Wait,
        track: 1,
        zone: None,
        start: film::START,
        end: film::START + Duration::from_secs(1),
        contact: None,
        position: Some((1000, 1000)),
        confidence: 50,
    };
    let film = film::film(settings, 0, Masks::Heads, &[event.clone(), event]);
    let survey = Survey::new(&film.segments, &DOORS.1, window(&film)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let request = Request { pose: Some(film.pose), ..Request::default() };
    let about = copy::write(&survey, &request, &folder.path().join("copy")).unwrap();
    assert_eq!((about.events.given, about.events.left_out), (0, 2));
}
