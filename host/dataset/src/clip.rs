//! Which part of a recording shows an event, and which shows none.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_frame::{Event, Gesture, Timestamp};

/// The label of a clip in which nothing happens.
pub const NOTHING: &str = "nothing";

/// So much is shown before and after an event, for what leads to it is part of it.
pub const MARGIN: Duration = Duration::from_millis(500);

/// A longer event is cut here: a stay of minutes would make a film.
pub const LONGEST: Duration = Duration::from_secs(10);

/// A clip in which nothing happens is so long.
pub const EMPTY_LENGTH: Duration = Duration::from_secs(2);

/// An event is told when it has ended: what happens at the end of a recording is told in the next one.
pub const TOLD_LATER: Duration = Duration::from_secs(5);

/// How finely a place for such a clip is looked for.
const STEP: Duration = Duration::from_millis(100);

/// A part of a segment, from its first moment to its last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    /// What happens: the name of a [`Gesture`], or [`NOTHING`].
    pub label: String,
    /// What it shows; `None` where nothing happens.
    pub event: Option<Event>,
    /// The first moment.
    pub from: Timestamp,
    /// The last moment.
    pub to: Timestamp,
    /// The event began before the recording, or was longer than [`LONGEST`], so not all of it is here.
    pub cut: bool,
}

/// The name of a kind of event, as everywhere in Sluis.
pub const fn label(gesture: Gesture) -> &'static str {
    match gesture {
        Gesture::Approach => "approach",
        Gesture::Dwell => "dwell",
        Gesture::Reach => "reach",
        Gesture::Take => "take",
        Gesture::PutBack => "put-back",
        Gesture::Wait => "wait",
        Gesture::Leave => "leave",
    }
}

/// Clips of these events, from a recording of which the first frame was captured at `first` and the last at `last`. An event that lies wholly before the recording has none.
pub fn of_events(events: &[Event], first: Timestamp, last: Timestamp) -> Vec<Clip> {
    let clip = |event: &Event| {
        let end = event.end.min(event.start + LONGEST);
        let (from, to) = ((event.start - MARGIN).max(first), (end + MARGIN).min(last));
        (event.end >= first && event.start <= last && from <= to).then(|| Clip {
            label: label(event.gesture).to_owned(),
            event: Some(event.clone()),
            from,
            to,
            cut: event.start < first || event.end > end || event.end > last,
        })
    };
    events.iter().filter_map(clip).collect()
}

/// At most `count` clips in which none of these events happens, spread evenly over the recording but for its last [`TOLD_LATER`].
pub fn of_nothing(events: &[Event], first: Timestamp, last: Timestamp, count: usize) -> Vec<Clip> {
    let busy = |from: Timestamp, to: Timestamp| events.iter().any(|e| e.start - MARGIN <= to && e.end + MARGIN >= from);
    let mut free = Vec::new();
    let mut from = first;
    while from + EMPTY_LENGTH + TOLD_LATER <= last {
        let to = from + EMPTY_LENGTH;
        if busy(from, to) {
            from = from + STEP;
        } else {
            free.push(Clip { label: NOTHING.to_owned(), event: None, from, to, cut: false });
            // The next one begins with another picture.
            from = to + STEP;
        }
    }
    let count = count.min(free.len());
    // The middle of each of `count` equal parts.
    (0..count).map(|n| free[(2 * n + 1) * free.len() / (2 * count)].clone()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_secs(1000) + Duration::from_millis(ms)
    }

    fn event(start: u64, end: u64) -> Event {
        Event {
            gesture: Gesture::Reach,
            track: 1,
            zone: None,
            start: at(start),
            end: at(end),
            contact: None,
            position: None,
            confidence: 90,
        }
    }

    #[test]
    fn a_clip_shows_what_leads_to_an_event_and_what_follows() {
        let clips = of_events(&[event(5000, 6000)], at(0), at(60_000));
        assert_eq!((clips[0].from, clips[0].to, clips[0].cut), (at(4500), at(6500), false));
    }

    #[test]
    fn an_event_that_began_in_the_segment_before_is_cut_and_one_that_ended_there_is_left_out() {
        let before = Event { start: at(0) - Duration::from_secs(2), ..event(0, 700) };
        let gone = Event { start: at(0) - Duration::from_secs(9), end: at(0) - Duration::from_secs(7), ..event(0, 0) };
        let clips = of_events(&[before, gone], at(0), at(60_000));
        assert_eq!(clips.len(), 1);
        assert!(clips[0].cut && clips[0].from == at(0));
    }

    #[test]
    fn a_long_stay_makes_no_film() {
        let clip = &of_events(&[event(0, 300_000)], at(0), at(400_000))[0];
        assert!(clip.cut && clip.to.since(clip.from) <= LONGEST + MARGIN);
    }

    proptest! {
        #[test]
        fn where_nothing_happens_nothing_happens(
            spans in prop::collection::vec((0u64..60_000, 0u64..8_000), 0..12), count in 0usize..8,
        ) {
            let events: Vec<_> = spans.iter().map(|(start, length)| event(*start, start + length)).collect();
            let clips = of_nothing(&events, at(0), at(60_000), count);
            prop_assert!(clips.len() <= count);
            for (n, clip) in clips.iter().enumerate() {
                prop_assert!(events.iter().all(|e| e.end < clip.from || e.start > clip.to));
                prop_assert!(clip.from >= at(0) && clip.to <= at(55_000));
                prop_assert!(clips[..n].iter().all(|other| other.to < clip.from), "two clips share a picture");
            }
        }
    }
}
