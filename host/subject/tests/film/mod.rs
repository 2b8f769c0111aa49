//! A synthetic shop, recorded as a shop is: floor, guard, audit that finds nothing, recorder, gate and seal; with the truth about whose each pixel is.

use std::io::{self, Read};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use ring::rand::SystemRandom;
use sluis_camera::driver::Driver;
use sluis_camera::pace::Pace;
use sluis_camera::synthetic::{Settings, Shop};
use sluis_frame::{
    CameraId, Cleared, Clock, Coverage, Doors, Event, Frame, FrameNumber, Pose, ReaderDoor, Rect, Rgb, Size, Style,
    Timestamp, Verdict,
};
use sluis_guard::{Detection, Floor, Found, Guard, GuardSettings, Judge, Leaving, Mode, Sight, Vantage};
use sluis_segment::handover::{self, EyeEnd, KeepEnd, ToEye, ToKeep};
use sluis_segment::{Binding, Opener, Recorder, RecorderSettings, SegmentId, SegmentKey, mp4};
use sluis_subject::plan::FILL;
use sluis_subject::{Candidate, Candidates, Choice, Recordings, Survey};

pub static DOORS: LazyLock<(Judge, ReaderDoor)> = LazyLock::new(|| {
    let doors = Doors::mint().expect("minted once in this process");
    (Judge::new(doors.audit, doors.blank), doors.reader)
});

/// When the shop opens.
pub const START: Timestamp = Timestamp::from_secs(1_782_637_200);
/// What heads become.
pub const MASK: Rgb = Rgb(255, 0, 255);

/// What is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masks {
    /// What the host's floor sees, with a filter that finds nothing: more than heads.
    Floor,
    /// What a filter names that finds every head, and nothing else: bodies are bare, so hiding them is left to the copy.
    Heads,
}

#[derive(Debug)]
struct Opening;

impl Clock for Opening {
    fn now(&self) -> Timestamp {
        START
    }
}

/// What was recorded of a shop.
pub struct Film {
    pub segments: Sealed,
    pub size: Size,
    pub pose: Pose,
    /// The times of its frames.
    pub times: Vec<Timestamp>,
    /// Of each frame, what is masked in it; nothing of a blank.
    pub masked: Vec<Coverage>,
    /// Of each frame, row by row: the person that a pixel shows, from 1; 0 for none.
    pub truth: Vec<Vec<u8>>,
}

/// Sealed segments, opened each time that they are read.
pub struct Sealed {
    pub camera: CameraId,
    pub segments: Vec<(SegmentId, SegmentKey, Vec<u8>)>,
}

impl Recordings for Sealed {
    fn count(&self) -> usize {
        self.segments.len()
    }

    fn open(&self, which: usize) -> io::Result<Box<dyn Read + '_>> {
        let (segment, key, bytes) = &self.segments[which];
        let binding = Binding { shop: "bakery".to_owned(), camera: self.camera.clone(), segment: *segment };
        Ok(Box::new(Opener::new(bytes.as_slice(), key, &binding.associated_data())?))
    }
}

/// Records a shop but for its first `skip` frames, which only the floor sees: a camera runs for hours before somebody asks. `events` are told at the last frame.
pub fn film(settings: Settings, skip: u64, masks: Masks, events: &[Event]) -> Film {
    let shop = Shop::new(settings).expect("a shop that can be");
    let (size, frames) = (shop.settings().size, shop.settings().frames().expect("a shop that ends"));
    let camera = CameraId::new("shelf-1").expect("a good name");
    let mut driver = shop.open(camera.clone(), Pace::AsFastAsPossible, &Opening);
    let (mut witness, mut bodies) = (shop.witness(), shop.bodies());
    let vantage = Vantage { pose: shop.pose(), lens: shop.lens() };
    let mut floor = Floor::new(size).seen_from(Some(vantage));
    let mut guard = Guard::new(GuardSettings::new(Mode::Heads, size)).expect("the ordinary settings");
    let (eye, keep) = handover::pair(64);
    let kept = thread::spawn(move || take_all(&keep));
    let mut recording = Recording {
        recorder: recorder(&shop, camera.clone(), eye),
        times: Vec::new(),
        masked: Vec::new(),
        last: FrameNumber(frames - 1),
        events,
    };
    let mut truth = Vec::new();
    for number in 0..frames {
        let raw = driver.next().expect("drawn").expect("as many frames as it said");
        let sight = if masks == Masks::Floor { floor.observe(&raw) } else { Sight::default() };
        if number < skip {
            witness.skip_frame();
            bodies.skip_frame();
            continue;
        }
        let heads = if masks == Masks::Heads { witness.next_frame().heads } else { Vec::new() };
        let owners = bodies.next_frame();
        truth.push(owners.into_iter().map(|owner| owner.map_or(0, |person| person as u8 + 1)).collect());
        let seen = heads.iter().filter(|head| head.visible > 0.1);
        guard.enter(
            raw,
            sight,
            Found::Detections(seen.map(|head| Detection { area: head.head, head_like: true }).collect()),
        );
        while let Some(leaving) = guard.leave() {
            recording.add(leaving);
        }
    }
    while let Some(leaving) = guard.flush() {
        recording.add(leaving);
    }
    recording.recorder.finish().expect("recorded");
    let segments = kept.join().expect("kept");
    Film {
        segments: Sealed { camera, segments },
        size,
        pose: shop.pose(),
        times: recording.times,
        masked: recording.masked,
        truth,
    }
}

struct Recording<'e> {
    recorder: Recorder,
    times: Vec<Timestamp>,
    masked: Vec<Coverage>,
    last: FrameNumber,
    events: &'e [Event],
}

impl Recording<'_> {
    fn add(&mut self, leaving: Leaving) {
        let quiet = |_: &_| Ok::<_, ()>(Verdict { findings: vec![], worst_score: 0, independent: true });
        let frame: Frame<Cleared> = DOORS.0.decide(leaving, Style::Fill(MASK), quiet).frame;
        self.times.push(frame.header().captured);
        self.masked.push(Coverage::of(frame.masks(), frame.size()));
        let events = if frame.header().number == self.last { self.events } else { &[] };
        self.recorder.record(&frame, events).expect("recorded");
    }
}

fn recorder(shop: &Shop, camera: CameraId, eye: EyeEnd) -> Recorder {
    let settings = RecorderSettings {
        shop: "bakery".to_owned(),
        camera,
        size: shop.settings().size,
        rate: shop.settings().rate.per_second(),
        depth_unit: Some(0.001),
        calibration: Some(shop.lens()),
        style: Style::Fill(MASK),
        segment_length: Duration::from_secs(10),
        plugins: vec![],
    };
    Recorder::new(settings, eye).expect("pictures that can be encoded")
}

/// The keeping side of the hand-over.
fn take_all(keep: &KeepEnd) -> Vec<(SegmentId, SegmentKey, Vec<u8>)> {
    let mut all: Vec<(SegmentId, SegmentKey, Vec<u8>)> = Vec::new();
    while let Some(message) = keep.receive() {
        let answer = match message {
            ToKeep::Open { started, .. } => {
                let segment = SegmentId::from_bytes([all.len() as u8 + 1; 16]);
                let key = SegmentKey::random(&SystemRandom::new()).expect("random bytes");
                let theirs = SegmentKey::from_bytes(*key.expose());
                all.push((segment, key, Vec::new()));
                ToEye::Opened { segment, key: theirs, deadline: started + Duration::from_secs(3 * 86_400) }
            }
            ToKeep::Bytes { bytes, .. } => {
                all.last_mut().expect("an open segment").2.extend(bytes);
                continue;
            }
            ToKeep::Close { segment, .. } => ToEye::Closed { segment },
            other => panic!("{other:?}"),
        };
        if keep.send(answer).is_err() {
            break;
        }
    }
    all
}

/// What a copy shows, counted by truth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pixels of others that the recording shows.
    pub others: u64,
    /// Of these, those that the copy shows.
    pub others_shown: u64,
    /// Frames with another person in them, and those in which the copy shows a twentieth or more of what the recording shows of another.
    pub with_others: u64,
    pub exposing: u64,
    /// Frames in which the recording shows the person and nobody else is near, and those in which the copy shows most of that.
    pub alone: u64,
    pub alone_shown: u64,
    /// Frames in which another person touches this one in the picture, pixels of all people in them, and of these those that the copy shows.
    pub touching: u64,
    pub touching_pixels: u64,
    pub touching_shown: u64,
}

/// Nobody is judged who fills fewer pixels than this share of the picture.
const LEAST: f32 = 0.002;
/// Others are near when they are this share of the picture's width away.
const NEAR: f32 = 0.06;

impl Film {
    /// Everybody who fills enough of the picture at some time.
    pub fn people(&self) -> Vec<u8> {
        let least = (self.size.pixels() as f32 * LEAST) as usize;
        let most = self.truth.iter().flatten().copied().max().unwrap_or(0);
        let seen = |person: u8| {
            self.truth.iter().filter(|frame| frame.iter().filter(|p| **p == person).count() >= least).count()
        };
        (1..=most).filter(|person| seen(*person) >= 15).collect()
    }

    /// What a careful officer chooses who knows the person: of the candidates that are this person, and nobody else within its outline, first those who are followed longest; not two in one frame.
    pub fn officer(&self, survey: &Survey<'_>, candidates: &Candidates, person: u8) -> Vec<Choice> {
        let is_person = |candidate: &&Candidate| {
            let frame = self.times.iter().position(|at| *at == candidate.at).expect("a frame of the film");
            let whose = self.whose(frame, candidate.region);
            let own = whose.iter().filter(|p| **p == person).count();
            let others = whose.iter().filter(|p| **p != 0 && **p != person).count();
            own > 0 && others * 10 < own
        };
        let mut found: Vec<&Candidate> = candidates.candidates.iter().filter(is_person).collect();
        found.sort_by_key(|candidate| std::cmp::Reverse(candidate.followed.1.since(candidate.followed.0)));
        found.into_iter().fold(Vec::new(), |mut choices, candidate| {
            choices.push(candidate.choice());
            if survey.check(&choices).is_err() {
                choices.pop();
            }
            choices
        })
    }

    fn whose(&self, frame: usize, region: Rect) -> Vec<u8> {
        let Some(inside) = region.clip(self.size) else { return Vec::new() };
        let width = self.size.width as usize;
        (inside.top() as usize..inside.bottom() as usize)
            .flat_map(|y| {
                self.truth[frame][y * width + inside.left() as usize..y * width + inside.right() as usize]
                    .iter()
                    .copied()
            })
            .collect()
    }

    /// Looks at every picture of a copy.
    pub fn tally(&self, video: Vec<u8>, person: u8) -> Tally {
        let mut tally = Tally::default();
        let pictures = mp4::Reader::new(video, self.size).expect("an MP4 file");
        assert_eq!(pictures.len(), self.truth.len(), "a picture for each frame");
        for ((picture, truth), masked) in pictures.zip(&self.truth).zip(&self.masked) {
            let picture = picture.expect("a picture");
            let seen: Vec<bool> = picture.pixels().chunks_exact(3).map(is_seen).collect();
            self.look(&mut tally, &seen, masked.as_slice(), truth, person);
        }
        tally
    }

    fn look(&self, tally: &mut Tally, seen: &[bool], masked: &[bool], truth: &[u8], person: u8) {
        // Pixels that the recording shows, and those of them that the copy does.
        let mut all = [(0u64, 0u64); 256];
        for ((seen, _), whose) in seen.iter().zip(masked).zip(truth).filter(|((_, masked), _)| !**masked) {
            all[usize::from(*whose)].0 += 1;
            all[usize::from(*whose)].1 += u64::from(*seen);
        }
        let least = (self.size.pixels() as f32 * LEAST) as u64;
        let others = (1..256).filter(|other| *other != usize::from(person) && all[*other].0 > 0);
        let (mut there, mut exposed) = (false, false);
        for (filled, shown) in others.map(|other| all[other]) {
            tally.others += filled;
            tally.others_shown += shown;
            there |= filled >= least;
            exposed |= filled >= least && shown * 20 >= filled;
        }
        tally.with_others += u64::from(there);
        tally.exposing += u64::from(exposed);
        let (own, own_shown) = all[usize::from(person)];
        if own < least {
            return;
        }
        let near = (self.size.width as f32 * NEAR) as usize;
        if !self.is_near(truth, person, near) {
            tally.alone += 1;
            tally.alone_shown += u64::from(own_shown * 2 >= own);
        } else if self.is_near(truth, person, 1) {
            tally.touching += 1;
            tally.touching_pixels += all[1..].iter().map(|(filled, _)| filled).sum::<u64>();
            tally.touching_shown += all[1..].iter().map(|(_, shown)| shown).sum::<u64>();
        }
    }

    /// Whether a pixel of another is so near to one of the person.
    fn is_near(&self, truth: &[u8], person: u8, near: usize) -> bool {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let is_other = |at: usize| truth[at] != 0 && truth[at] != person;
        (0..truth.len()).step_by(1 + near / 8).filter(|at| truth[*at] == person).any(|at| {
            let (x, y) = (at % width, at / width);
            let step = 1 + near / 4;
            (y.saturating_sub(near)..(y + near + 1).min(height)).step_by(step).any(|y| {
                (x.saturating_sub(near)..(x + near + 1).min(width)).step_by(step).any(|x| is_other(y * width + x))
            })
        })
    }
}

/// Whether a pixel of a copy shows anything: neither the fill, nor what a mask beside it left in its block, nor the black of a blank.
fn is_seen(pixel: &[u8]) -> bool {
    let far =
        |Rgb(r, g, b): Rgb, by: u8| pixel[0].abs_diff(r) > by || pixel[1].abs_diff(g) > by || pixel[2].abs_diff(b) > by;
    far(FILL, 16) && far(MASK, 48) && far(Rgb::BLACK, 12)
}

impl Tally {
    pub fn plus(self, other: Self) -> Self {
        Self {
            others: self.others + other.others,
            others_shown: self.others_shown + other.others_shown,
            with_others: self.with_others + other.with_others,
            exposing: self.exposing + other.exposing,
            alone: self.alone + other.alone,
            alone_shown: self.alone_shown + other.alone_shown,
            touching: self.touching + other.touching,
            touching_pixels: self.touching_pixels + other.touching_pixels,
            touching_shown: self.touching_shown + other.touching_shown,
        }
    }

    pub fn share(part: u64, whole: u64) -> f64 {
        if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "others' pixels shown {:.3} % of {}; frames that show 5 % of another {} of {}; alone and shown {} of {}; touching {} frames, {:.2} % of pixels shown",
            100.0 * Self::share(self.others_shown, self.others),
            self.others,
            self.exposing,
            self.with_others,
            self.alone_shown,
            self.alone,
            self.touching,
            100.0 * Self::share(self.touching_shown, self.touching_pixels),
        )
    }
}
