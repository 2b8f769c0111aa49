//! Which of the recorded events are the person's.

use serde::Serialize;
use sluis_frame::{Event, Gesture, Point, Pose};

use crate::error::moment;
use crate::moment::Silhouette;
use crate::plan::{MARGIN, Plan};

/// An event as it stands in `events.json`. The detector's number for the person is left out: it means nothing outside the shop's machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// What.
    pub gesture: Gesture,
    /// The zone, as the shop names it.
    pub zone: Option<String>,
    /// Capture of the first frame of it.
    pub start: jiff::Timestamp,
    /// Capture of the last frame of it.
    pub end: jiff::Timestamp,
    /// Where the hand met the zone: x and y in pixels of the video.
    pub contact: Option<(i32, i32)>,
    /// How sure the detector was, 0 to 100.
    pub confidence: u8,
}

/// How near to the silhouette the event's place is, in pixels: a hand in a shelf is hardly told from it.
const REACH: u32 = 4 * MARGIN;

/// The events that are the person's, by place and time: their place lies at the person's silhouette while they last, never at anybody else's, and the person is told apart in at least half of the frames in which they last. An event without a place
/// in the picture is nobody's.
pub(crate) fn of_subject(plan: &Plan<'_>, events: &[Event], pose: Option<&Pose>) -> Vec<Told> {
    events.iter().filter(|event| is_subjects(plan, event, pose)).map(told).collect()
}

fn is_subjects(plan: &Plan<'_>, event: &Event, pose: Option<&Pose>) -> bool {
    let survey = plan.survey;
    let Some(place) = place(plan, event, pose).and_then(|place| survey.grid.at(place)) else { return false };
    let at = |person: &Silhouette, reach: u32| {
        let mut cells = survey.grid.empty();
        person.region.paint(&mut cells, survey.grid.cells_in(reach));
        cells[place]
    };
    let lasts = |which: &usize| (event.start..=event.end).contains(&survey.moments[*which].at);
    let (mut frames, mut told_apart, mut there) = (0, 0, false);
    for which in (0..survey.moments.len()).filter(lasts) {
        let subject = plan.subject(which);
        let is_other = |person: &&Silhouette| !plan.chosen[person.track];
        if survey.moments[which].people.iter().filter(is_other).any(|other| at(other, MARGIN)) {
            return false;
        }
        frames += 1;
        told_apart += u32::from(subject.is_some());
        there |= subject.is_some_and(|subject| at(subject, REACH));
    }
    there && told_apart * 2 >= frames
}

/// Where in the picture it happened: where the hand was, else where the person stood.
fn place(plan: &Plan<'_>, event: &Event, pose: Option<&Pose>) -> Option<Point> {
    if let Some((x, y)) = event.contact {
        return Some(Point { x: x as f32, y: y as f32 });
    }
    let ((x, y), lens, pose) = (event.position?, plan.survey.calibration?, pose?);
    let [x, y] = lens.project(pose.to_camera([f64::from(x) / 1000.0, f64::from(y) / 1000.0, 0.0]))?;
    Some(Point { x: x as f32, y: y as f32 })
}

fn told(event: &Event) -> Told {
    Told {
        gesture: event.gesture,
        zone: event.zone.clone(),
        start: moment(event.start),
        end: moment(event.end),
        contact: event.contact,
        confidence: event.confidence,
    }
}

#[cfg(test)]
mod tests {
    use sluis_frame::Rect;

    use super::*;
    use crate::fake::{at, person, survey};
    use crate::plan::Surroundings;

    const NOWHERE: Rect = Rect::new(0, 0, 0, 0);
    const HERE: Rect = Rect::new(20, 40, 20, 40);
    const THERE: Rect = Rect::new(110, 40, 20, 40);

    fn reach(first: usize, last: usize, contact: Option<(i32, i32)>) -> Event {
        Event {
            gesture: Gesture::Reach,
            track: 7,
            zone: Some("rolls".to_owned()),
            start: at(first),
            end: at(last),
            contact,
            position: None,
            confidence: 80,
        }
    }

    /// The subject is alone for four frames, has another at a distance for four, and beside it for four.
    fn is_given(event: Event) -> bool {
        let beside = Rect::new(36, 40, 20, 40);
        let frames = (0..12).map(|n| match n / 4 {
            0 => vec![person(HERE, 0, 1)],
            1 => vec![person(HERE, 0, 1), person(THERE, 1, 1)],
            _ => vec![person(HERE, 0, 1), person(beside, 1, 1)],
        });
        let survey = survey(frames.collect(), NOWHERE);
        let chosen = (0..6).map(|track| track == 0).collect();
        let plan = Plan { survey: &survey, chosen, surroundings: Surroundings::Shown };
        !of_subject(&plan, &[event], None).is_empty()
    }

    #[test]
    fn an_event_at_the_persons_hand_is_the_persons() {
        assert!(is_given(reach(1, 3, Some((45, 50)))));
        assert!(is_given(reach(1, 6, Some((45, 50)))), "somebody is elsewhere");
    }

    #[test]
    fn an_event_at_anothers_hand_or_far_from_both_is_not() {
        assert!(!is_given(reach(5, 6, Some((115, 60)))));
        assert!(!is_given(reach(1, 3, Some((150, 110)))));
        assert!(!is_given(reach(5, 6, Some((106, 60)))), "nearer to the other");
    }

    #[test]
    fn an_event_while_the_person_is_not_told_apart_is_not() {
        assert!(!is_given(reach(8, 11, Some((24, 60)))));
        assert!(!is_given(reach(40, 50, Some((24, 60)))), "the person is gone");
    }

    #[test]
    fn an_event_without_a_place_is_nobodys() {
        assert!(!is_given(reach(1, 3, None)));
    }

    #[test]
    fn the_detectors_number_for_the_person_is_not_told() {
        let json = serde_json::to_string(&told(&reach(1, 3, Some((45, 50))))).unwrap();
        assert!(!json.contains("track"), "{json}");
    }
}
