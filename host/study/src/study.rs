//! Collects what recordings tell.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::Date;
use sluis_frame::{CameraId, Event, Gesture, Rect, Size, Timestamp};

use crate::calendar::{MINUTES, Minute};
use crate::heat::{Floor, Heat};
use crate::journey::Journeys;
use crate::person::Person;
use crate::presence::Presence;
use crate::report::{LeftOut, Recorded, Report, SCHEMA, Zone};
use crate::settings::Settings;
use crate::tally::{COUNTED, Tally};
use crate::waiting::Waits;

/// Takes in segments, in any order of cameras and in the order of time for each, and gives a [`Report`].
#[derive(Debug)]
pub struct Study {
    settings: Settings,
    shops: BTreeSet<String>,
    cameras: BTreeMap<CameraId, Camera>,
    tally: Tally,
    waits: Waits,
    journeys: Journeys,
    floor: Floor,
    left_out: Vec<LeftOut>,
}

/// One frame, without its picture.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameFacts {
    /// When it was captured.
    pub captured: Timestamp,
    /// Its size.
    pub size: Size,
    /// The boxes of its masks.
    pub masks: Vec<Rect>,
}

#[derive(Debug)]
struct Camera {
    number: u16,
    presence: Presence,
    heat: Heat,
    size: Option<Size>,
    recorded: BTreeMap<Date, Vec<bool>>,
}

/// An event without length is one frame long; a stay on the map is at least this.
const MOMENT: Duration = Duration::from_secs(1);

// === impl Study ===

impl Study {
    /// A study of nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            shops: BTreeSet::new(),
            cameras: BTreeMap::new(),
            tally: Tally::default(),
            waits: Waits::default(),
            journeys: Journeys::default(),
            floor: Floor::default(),
            left_out: Vec::new(),
        }
    }

    /// Names the shop that recordings are of.
    pub fn shop(&mut self, name: &str) {
        self.shops.insert(name.to_owned());
    }

    /// A segment that was asked for and cannot be read: the report says so.
    pub fn leave_out(&mut self, segment: String, why: String) {
        self.left_out.push(LeftOut { segment, why });
    }

    /// Takes in a frame of a camera.
    pub fn frame(&mut self, camera: &CameraId, frame: &FrameFacts) {
        let minute = Minute::of(frame.captured, &self.settings.time_zone);
        let camera = self.camera(camera);
        camera.recorded.entry(minute.day).or_insert_with(|| vec![false; MINUTES])[usize::from(minute.minute)] = true;
        // A camera that was set to another size begins a new map: boxes of two sizes have nothing in common.
        if camera.size.replace(frame.size).is_some_and(|size| size != frame.size) {
            camera.heat = Heat::default();
        }
        for head in camera.presence.see(frame.captured, &frame.masks) {
            let person = Person { camera: camera.number, track: head.visit };
            camera.heat.stay_in_picture(head.at, frame.size, person, head.since);
        }
    }

    /// Takes in an event of a camera.
    pub fn event(&mut self, camera: &CameraId, event: &Event) {
        let person = Person { camera: self.camera(camera).number, track: event.track };
        let zone = Zone { camera: camera.to_string(), zone: event.zone.clone() };
        let took = event.end.since(event.start);
        if COUNTED.contains(&event.gesture) {
            let at = Minute::of(event.start, &self.settings.time_zone);
            self.tally.add(event.gesture, zone.clone(), at, person, took);
        }
        let counter = event.zone.as_ref().is_some_and(|zone| self.settings.is_counter(zone));
        match event.gesture {
            Gesture::Wait => self.waits.add(zone.clone(), person, event.start, event.end),
            Gesture::Reach if !counter => self.journeys.reached(person, event.start),
            _ => {}
        }
        // Who leaves the counter was there before, and that has been told.
        if counter && event.gesture != Gesture::Leave {
            self.journeys.at_counter(zone, person, event.start);
        }
        if let Some(position) = event.position {
            self.floor.stay(position, person, took.max(MOMENT));
        }
    }

    fn camera(&mut self, camera: &CameraId) -> &mut Camera {
        let number = self.cameras.len() as u16;
        self.cameras.entry(camera.clone()).or_insert_with(|| Camera {
            number,
            presence: Presence::default(),
            heat: Heat::default(),
            size: None,
            recorded: BTreeMap::new(),
        })
    }

    /// The report of all that was taken in.
    pub fn report(&self) -> Report {
        let Settings { time_zone, min_group, .. } = &self.settings;
        let days: Vec<Date> = self.days().into_iter().collect();
        let maps = self.floor.map(*min_group).into_iter();
        let pictures = self
            .cameras
            .iter()
            .filter_map(|(id, camera)| Some(camera.heat.picture_map(id.as_str(), camera.size?, *min_group)));
        Report {
            schema: SCHEMA,
            shops: self.shops.iter().cloned().collect(),
            time_zone: time_zone.iana_name().unwrap_or("UTC").to_owned(),
            min_group: min_group.get() as u32,
            recorded: self.cameras.iter().flat_map(|(id, camera)| camera.recorded(id)).collect(),
            counts: COUNTED.iter().map(|gesture| self.tally.counts(*gesture, &days, *min_group)).collect(),
            queues: self.waits.queues(time_zone, *min_group),
            choice_to_counter: self.journeys.journey(&days, time_zone, *min_group),
            positions: maps.chain(pictures).collect(),
            left_out: self.left_out.clone(),
            days,
        }
    }

    /// Days with recordings or events. An event can begin before the first recording that is read.
    fn days(&self) -> BTreeSet<Date> {
        let recorded = self.cameras.values().flat_map(|camera| camera.recorded.keys().copied());
        recorded.chain(self.tally.days()).collect()
    }
}

// === impl Camera ===

impl Camera {
    fn recorded(&self, id: &CameraId) -> Vec<Recorded> {
        let count = |minutes: &[bool]| minutes.iter().filter(|there| **there).count() as u32;
        let of_day = |(day, minutes): (&Date, &Vec<bool>)| Recorded {
            camera: id.to_string(),
            day: *day,
            minutes: count(minutes),
            by_hour: minutes.chunks(60).map(count).collect(),
        };
        self.recorded.iter().map(of_day).collect()
    }
}
