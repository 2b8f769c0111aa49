//! What is told.
//!
//! [`Report`] as JSON is the report for programs: [`SCHEMA`] names its form, and fields are only ever added to one form. Hours and minutes are the shop's; a band `[from, to)`
//! reads `"09:00"` to `"11:00"`. Every figure is about nobody or about at least `min_group` persons; see [`suppress`](crate::suppress).

use jiff::civil::Date;
use serde::Serialize;
use sluis_frame::Gesture;

/// The name of the form.
pub const SCHEMA: &str = "sluis.study-report/1";

/// A study report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The shops whose recordings were read; one, as a rule.
    pub shops: Vec<String>,
    /// The shop's time zone, as the IANA database names it.
    pub time_zone: String,
    /// The least number of persons that a figure is about, unless it is about nobody.
    pub min_group: u32,
    /// Days with recordings, in order.
    pub days: Vec<Date>,
    /// What was recorded, by camera and day. Where nothing was recorded, nothing can be counted: a 0 speaks of recorded time only.
    pub recorded: Vec<Recorded>,
    /// By kind of event: reaches, takes, put-backs, approaches, stays, waits.
    pub counts: Vec<Counts>,
    /// How many stand in each queue, over the day.
    pub queues: Vec<Queue>,
    /// From a person's first reach to the counter.
    pub choice_to_counter: Journey,
    /// Where people are.
    pub positions: Vec<HeatMap>,
    /// Segments that were asked for and could not be read.
    pub left_out: Vec<LeftOut>,
}

/// What one camera recorded on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// The camera.
    pub camera: String,
    /// The day.
    pub day: Date,
    /// Minutes of which anything was recorded, in all.
    pub minutes: u32,
    /// Likewise by hour, 0 to 23.
    pub by_hour: Vec<u32>,
}

/// All events of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counts {
    /// Which kind.
    pub gesture: Gesture,
    /// Events in all; `None` when they are of fewer persons than `min_group`, and then there are no series.
    pub total: Option<u64>,
    /// By zone. Zones with too few are together in one series.
    pub series: Vec<Series>,
}

/// One zone, or several together: by day and band of hours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Which zones.
    pub zones: Vec<Zone>,
    /// The bands of hours, the same for all days.
    pub bands: Vec<Band>,
    /// The days; those with too few in any band are together in one row.
    pub rows: Vec<Row>,
    /// By band, over all days.
    pub sums: Vec<Figure>,
    /// Over all bands and days.
    pub total: Figure,
}

/// A zone as one camera sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Zone {
    /// The camera.
    pub camera: String,
    /// The zone; `None` for what lies in no zone.
    pub zone: Option<String>,
}

/// Part of a day, from one moment up to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Band {
    /// As `09:00`.
    pub from: String,
    /// As `11:00`; `24:00` is the end of the day.
    pub to: String,
}

/// A day, or several days together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Which days.
    pub days: Vec<Date>,
    /// By band.
    pub figures: Vec<Figure>,
    /// Over all bands.
    pub total: Figure,
}

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// Events.
    pub count: u64,
    /// How long they took, in whole seconds: for stays and waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_seconds: Option<u64>,
    /// Nine of ten took no longer: for stays and waits of at least 10 persons, and of at least twice `min_group`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90_seconds: Option<u64>,
}

/// A queue: how many stand in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Queue {
    /// Which zone.
    pub zone: Zone,
    /// By day. Days on which fewer than `min_group` waited, but somebody did, are not there.
    pub days: Vec<QueueDay>,
    /// Days that are not told, because fewer than `min_group` persons waited.
    pub too_few: Vec<Date>,
}

/// A queue on one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueDay {
    /// Which day.
    pub day: Date,
    /// Minutes, or as many together as it takes for `min_group` persons; minutes without recording and without anybody waiting are left out.
    pub spans: Vec<QueueSpan>,
}

/// Some minutes of a queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueSpan {
    /// First minute.
    pub from: String,
    /// The minute after the last.
    pub to: String,
    /// How many stood in it on average.
    pub mean: f64,
    /// How many stood in it at most.
    pub longest: u32,
}

/// The time from the first reach to the counter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Journey {
    /// The zones that count as counters, as found among the events.
    pub counters: Vec<Zone>,
    /// Classes of times, the same for all days.
    pub classes: Vec<Class>,
    /// By day, with one figure for each class; days with too few in any class are together. Empty when too few were seen at both.
    pub rows: Vec<Row>,
    /// By class, over all days.
    pub sums: Vec<Figure>,
    /// Over all days; `None` when somebody, but too few, were seen at both.
    pub total: Option<Figure>,
}

/// A class of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Class {
    /// From this many seconds,
    pub from_seconds: u64,
    /// to less than this; `None` is without end.
    pub to_seconds: Option<u64>,
}

/// Where people are, over the whole time of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeatMap {
    /// What is mapped.
    pub plane: Plane,
    /// Person-seconds in all; `None` when they are of too few persons, and then there are no patches.
    pub seconds: Option<u64>,
    /// What is told of the plane. Where no patch is, nobody was.
    pub patches: Vec<Patch>,
}

/// What a map shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "plane")]
pub enum Plane {
    /// The shop's floor in metres, seen from above: x to the right, y up. From where people acted.
    Floor {
        /// Left edge.
        x: f64,
        /// Lower edge.
        y: f64,
        /// Left to right.
        width: f64,
        /// Lower to upper edge.
        height: f64,
    },
    /// The picture of one camera in pixels: x to the right, y down. From the middles of masks, which lie on heads.
    Picture {
        /// The camera.
        camera: String,
        /// Left to right.
        width: u32,
        /// Top to bottom.
        height: u32,
    },
}

/// Part of a map: squares together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Patch {
    /// The squares.
    pub squares: Vec<Square>,
    /// Person-seconds in all of them.
    pub seconds: u64,
}

/// A square, in the units and directions of its plane.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Square {
    /// Least x.
    pub x: f64,
    /// Least y.
    pub y: f64,
    /// Length of its sides.
    pub side: f64,
}

/// A segment that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Which.
    pub segment: String,
    /// Why.
    pub why: String,
}

// === impl Zone ===

impl Zone {
    /// For people; `with_camera` where there is more than one camera.
    pub fn label(&self, with_camera: bool) -> String {
        let zone = self.zone.as_deref().unwrap_or("(no zone)");
        if with_camera { format!("{zone} ({})", self.camera) } else { zone.to_owned() }
    }
}

// === impl Report ===

impl Report {
    /// Whether more than one camera is in it.
    pub fn several_cameras(&self) -> bool {
        self.recorded.iter().any(|r| r.camera != self.recorded[0].camera)
    }

    /// Minutes that all cameras recorded together.
    pub fn minutes(&self) -> u64 {
        self.recorded.iter().map(|r| u64::from(r.minutes)).sum()
    }

    /// The counts of one kind of event.
    pub fn of(&self, gesture: Gesture) -> Option<&Counts> {
        self.counts.iter().find(|c| c.gesture == gesture)
    }
}

// === impl Patch ===

impl Patch {
    /// Person-seconds on a unit of area.
    pub fn density(&self) -> f64 {
        let area: f64 = self.squares.iter().map(|s| s.side * s.side).sum();
        if area > 0.0 { self.seconds as f64 / area } else { 0.0 }
    }
}
