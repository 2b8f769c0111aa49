//! What of each frame of a copy is hidden.

use std::time::Duration;

use sluis_frame::{Coverage, Rgb};

use crate::moment::Silhouette;
use crate::region::{Cells, Grid};
use crate::survey::Survey;

/// What is hidden becomes this: neither the black of a blank, nor without brightness of its own in which a leak would be hard to see.
pub const FILL: Rgb = Rgb(96, 96, 96);

/// How far around what was seen of others is filled, in pixels: outlines are blurred by movement, and the codec mixes the pixels of a block.
pub(crate) const MARGIN: u32 = 8;

/// Where others were seen is filled for so long before and after: silhouettes flicker.
const HOLD: Duration = Duration::from_millis(300);

/// What is around the person in the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Surroundings {
    /// The place, as far as nobody else is seen in it.
    #[default]
    Shown,
    /// Nothing: everything but the person's own silhouette is filled. For places where somebody may sit or stand still whom the model does not see.
    Filled,
}

/// What becomes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// The person, and nobody else.
    Subject,
    /// Nobody: the person is not there or cannot be told apart.
    Nobody,
    /// Nothing at all.
    Nothing,
}

/// What is shown in a window of the person whose tracks are chosen.
#[derive(Debug)]
pub(crate) struct Plan<'s> {
    pub(crate) survey: &'s Survey<'s>,
    /// By number of the track.
    pub(crate) chosen: Vec<bool>,
    pub(crate) surroundings: Surroundings,
}

// === impl Plan ===

impl Plan<'_> {
    fn is_chosen(&self, person: &Silhouette) -> bool {
        self.chosen[person.track]
    }

    fn grid(&self) -> &Grid {
        &self.survey.grid
    }

    /// The person's silhouette in a frame, if it is told apart there: alone in it, and nobody else at it.
    pub(crate) fn subject(&self, which: usize) -> Option<&Silhouette> {
        let moment = &self.survey.moments[which];
        let subject = moment.people.iter().find(|person| self.is_chosen(person))?;
        let mut others = self.grid().empty();
        for other in moment.people.iter().filter(|other| !self.is_chosen(other)) {
            other.region.paint(&mut others, 1);
        }
        let alone = subject.heads <= 1 && subject.region.count_in(&others) == 0;
        alone.then_some(subject)
    }

    /// What becomes of a frame, and its cells that are hidden.
    pub(crate) fn hidden(&self, which: usize) -> (Shows, Cells) {
        let moments = &self.survey.moments;
        let moment = &moments[which];
        let mut cells = self.grid().empty();
        if moment.unfit.is_some() {
            cells.fill(true);
            return (Shows::Nothing, cells);
        }
        let margin = self.grid().cells_in(MARGIN);
        let subject = self.subject(which);
        let is_other = |person: &Silhouette| subject.is_none() || !self.is_chosen(person);
        moment.others(&mut cells, margin, |person| !is_other(person));
        let near = |other: usize| {
            let (a, b) = (moments[other].at, moment.at);
            a.since(b).max(b.since(a)) <= HOLD
        };
        let before = (0..which).rev().take_while(|other| near(*other));
        let after = (which + 1..moments.len()).take_while(|other| near(*other));
        for person in before.chain(after).flat_map(|near| &moments[near].people).filter(|person| is_other(person)) {
            person.region.paint(&mut cells, margin);
            person.bodies.paint(&mut cells, 0);
        }
        if self.surroundings == Surroundings::Filled {
            let mut own = self.grid().empty();
            subject.iter().for_each(|subject| subject.region.paint(&mut own, margin));
            cells.zip_mut_with(&own, |hidden, own| *hidden |= !own);
        }
        let seen = subject.is_some_and(|subject| subject.region.count_in(&cells) < subject.region.area());
        (if seen { Shows::Subject } else { Shows::Nobody }, cells)
    }

    /// The pixels of the encoded picture that must show nothing but [`FILL`], where `hidden` was filled. What was seen of others is asked for once more, for the check is not to trust what was
    /// filled.
    pub(crate) fn must_be_filled(&self, which: usize, hidden: &Cells) -> Coverage {
        let moment = &self.survey.moments[which];
        let subject = self.subject(which);
        let mut others = self.grid().empty();
        moment.rest.paint(&mut others, 0);
        for other in moment.people.iter().filter(|person| subject.is_none() || !self.is_chosen(person)) {
            other.region.paint(&mut others, 0);
        }
        let (others, inner) = (self.grid().coverage(&others), self.grid().coverage(hidden).eroded(MARGIN));
        Coverage::from_fn(self.grid().size, |x, y| others.contains(x, y) || inner.contains(x, y))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sluis_frame::Rect;

    use super::*;
    use crate::fake::{GRID, person, region, survey};
    use crate::region::Region;

    fn any_rect() -> impl Strategy<Value = Rect> {
        (-10i32..150, -10i32..110, 4u32..60, 4u32..60).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h))
    }

    /// Up to five people with tracks of their own; the first is the subject.
    fn any_frame() -> impl Strategy<Value = Vec<Silhouette>> {
        let person_at = (any_rect(), 0u32..3);
        prop::collection::vec(person_at, 0..6).prop_map(|people| {
            people.into_iter().enumerate().map(|(track, (at, heads))| person(at, track, heads)).collect()
        })
    }

    proptest! {
        /// Whatever is in a frame and around it: no cell of another is shown, in either surroundings, and of the subject only what nobody else touches.
        #[test]
        fn no_cell_of_another_is_ever_shown(frames in prop::collection::vec(any_frame(), 1..6), rest in any_rect(), filled in any::<bool>()) {
            let survey = survey(frames, rest);
            let surroundings = if filled { Surroundings::Filled } else { Surroundings::Shown };
            let mut chosen = vec![false; 6];
            chosen[0] = true;
            let plan = Plan { survey: &survey, chosen, surroundings };
            for (which, moment) in survey.moments.iter().enumerate() {
                let (shows, hidden) = plan.hidden(which);
                let coverage = GRID.coverage(&hidden);
                let all = |rect: &Region| rect.count_in(&hidden) == rect.area();
                if moment.unfit.is_some() {
                    prop_assert_eq!(shows, Shows::Nothing);
                    prop_assert_eq!(coverage.count(), GRID.size.pixels());
                    continue;
                }
                prop_assert!(all(&moment.rest));
                let others = || moment.people.iter().filter(|person| person.track != 0);
                for other in others() {
                    prop_assert!(all(&other.region), "frame {which}");
                }
                let Some(subject) = moment.people.iter().find(|person| person.track == 0) else {
                    prop_assert!(shows == Shows::Nobody);
                    continue;
                };
                let touched = others().any(|other| subject.region.overlap(&other.region) > 0);
                if touched || subject.heads > 1 {
                    prop_assert!(shows == Shows::Nobody && all(&subject.region), "frame {which}");
                }
                if shows == Shows::Nobody {
                    prop_assert!(all(&subject.region), "frame {which}");
                }
                // What the check asks for has been filled.
                let must = plan.must_be_filled(which, &hidden);
                prop_assert!(must.as_slice().iter().zip(coverage.as_slice()).all(|(must, is)| *is || !must));
            }
        }
    }

    #[test]
    fn who_stands_alone_is_shown_with_the_place_or_without() {
        let here = Rect::new(40, 40, 20, 40);
        let survey = survey(vec![vec![person(here, 0, 1)]], Rect::new(0, 0, 0, 0));
        let hidden = |surroundings| Plan { survey: &survey, chosen: vec![true; 6], surroundings }.hidden(0);
        let (shows, cells) = hidden(Surroundings::Shown);
        assert_eq!((shows, cells.iter().filter(|hidden| **hidden).count()), (Shows::Subject, 0));
        let (shows, cells) = hidden(Surroundings::Filled);
        // 20 by 40 pixels and a margin of 8 each way, in cells of 4.
        assert_eq!((shows, cells.iter().filter(|hidden| !**hidden).count()), (Shows::Subject, 9 * 14));
    }

    #[test]
    fn where_another_was_a_moment_ago_is_filled_and_where_the_subject_was_is_not() {
        let (left, right) = (Rect::new(8, 40, 20, 40), Rect::new(100, 40, 20, 40));
        let away = Rect::new(132, 40, 20, 40);
        let survey = survey(
            vec![vec![person(left, 0, 1), person(right, 1, 1)], vec![person(left, 0, 1), person(away, 1, 1)]],
            Rect::new(0, 0, 0, 0),
        );
        let mut chosen = vec![false; 6];
        chosen[0] = true;
        let (shows, hidden) = Plan { survey: &survey, chosen, surroundings: Surroundings::Shown }.hidden(1);
        assert_eq!(shows, Shows::Subject);
        assert_eq!(region(right).count_in(&hidden), region(right).area());
        assert_eq!(region(left).count_in(&hidden), 0);
    }
}
