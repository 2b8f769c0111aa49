//! Events in the form of ActivityNet: `{"version", "taxonomy", "database": {SEGMENT: {"duration", "resolution", "subset", "annotations"}}}`.
//!
//! Times are seconds from the start of the segment. An event that runs over the end of a segment is in both, cut at the border. `subset` is `training` (7 of 10), `validation` or
//! `testing`; all that one camera saw within one hour is in one subset, for neighbouring segments show the same people.

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Event, Gesture, Timestamp};

use crate::clip::label;
use crate::stage::Facts;

/// Its name in the folder.
pub const FILE: &str = "activitynet.json";

/// The form that ActivityNet's own tools read.
const VERSION: &str = "VERSION 1.3";

/// The whole file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityNet {
    /// The form.
    pub version: String,
    /// The kinds of events, below one root.
    pub taxonomy: Vec<Node>,
    /// By segment.
    pub database: BTreeMap<String, Video>,
}

/// A kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Its name.
    pub node_name: String,
    /// Its number; 0 is the root.
    pub node_id: u32,
    /// What it belongs to.
    pub parent_name: Option<String>,
    /// Likewise.
    pub parent_id: Option<u32>,
}

/// A segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Video {
    /// Seconds from the first to the last frame.
    pub duration: f64,
    /// As `640x480`.
    pub resolution: String,
    /// `training`, `validation` or `testing`.
    pub subset: String,
    /// The camera.
    pub camera: CameraId,
    /// When it began: RFC 3339, UTC.
    pub started: String,
    /// What happens in it.
    pub annotations: Vec<Annotation>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// From and to, in seconds from the start.
    pub segment: [f64; 2],
    /// The kind.
    pub label: String,
    /// The zone.
    pub zone: Option<String>,
    /// How sure the detector was, 0 to 1.
    pub confidence: f64,
}

const KINDS: [Gesture; 7] =
    [Gesture::Approach, Gesture::Dwell, Gesture::Reach, Gesture::Take, Gesture::PutBack, Gesture::Wait, Gesture::Leave];

/// The file of these segments. Events are told when they have ended, which can be in the next segment: all are looked through for each.
pub(crate) fn of(all: &[Facts]) -> ActivityNet {
    let root = Node { node_name: "Root".to_owned(), node_id: 0, parent_name: None, parent_id: None };
    let kinds = (1..).zip(KINDS).map(|(node_id, kind)| Node {
        node_name: label(kind).to_owned(),
        node_id,
        parent_name: Some("Root".to_owned()),
        parent_id: Some(0),
    });
    let video = |facts: &Facts| {
        let events = all.iter().filter(|other| other.camera == facts.camera).flat_map(|other| &other.events);
        let mut annotations: Vec<_> = events.filter_map(|event| annotation(event, facts)).collect();
        annotations.sort_by(|a, b| a.segment[0].total_cmp(&b.segment[0]).then(a.label.cmp(&b.label)));
        Video {
            duration: seconds(facts.first, facts.last),
            resolution: facts.size.to_string(),
            subset: subset(&facts.camera, facts.first).to_owned(),
            camera: facts.camera.clone(),
            started: crate::manifest::moment(facts.first),
            annotations,
        }
    };
    ActivityNet {
        version: VERSION.to_owned(),
        taxonomy: std::iter::once(root).chain(kinds).collect(),
        database: all.iter().map(|facts| (facts.segment.to_string(), video(facts))).collect(),
    }
}

fn annotation(event: &Event, facts: &Facts) -> Option<Annotation> {
    let (from, to) = (event.start.max(facts.first), event.end.min(facts.last));
    (from <= to).then(|| Annotation {
        segment: [seconds(facts.first, from), seconds(facts.first, to)],
        label: label(event.gesture).to_owned(),
        zone: event.zone.clone(),
        confidence: f64::from(event.confidence) / 100.0,
    })
}

/// To the millisecond.
fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.since(from).as_millis() as f64 / 1000.0
}

/// Where a segment belongs: the same for all of one camera and hour, whatever else is exported.
pub fn subset(camera: &CameraId, started: Timestamp) -> &'static str {
    let hour = started.as_secs().div_euclid(3600);
    match digest(&SHA256, format!("{camera} {hour}").as_bytes()).as_ref()[0] {
        0..179 => "training",
        179..217 => "validation",
        _ => "testing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_of_ten_hours_are_for_training_and_an_hour_is_never_divided() {
        let camera = CameraId::new("shelf").unwrap();
        let hours = (0..2000).map(|hour| subset(&camera, Timestamp::from_secs(hour * 3600)));
        let training = hours.filter(|s| *s == "training").count();
        assert!((1340..1460).contains(&training), "{training} of 2000");
        assert_eq!(subset(&camera, Timestamp::from_secs(7200)), subset(&camera, Timestamp::from_secs(7200 + 3599)));
    }
}
