//! Which pixels of a frame are whose.

use crate::driver::Rate;
use crate::synthetic::painter::Painter;
use crate::synthetic::render::Owner;
use crate::synthetic::story::Story;

/// Tells of each frame of a shop's camera which pixels show whom, in order. It draws the frames to know, so it costs as much as they do.
#[derive(Debug)]
pub struct Bodies {
    painter: Painter,
    story: Story,
    rate: Rate,
    /// The next frame.
    number: u64,
}

// === impl Bodies ===

impl Bodies {
    pub(in crate::synthetic) fn new(painter: Painter, story: Story, rate: Rate) -> Self {
        Self { painter, story, rate, number: 0 }
    }

    /// Passes over the next frame, at no cost.
    pub fn skip_frame(&mut self) {
        self.number += 1;
    }

    /// Whom each pixel of the next frame shows, row by row: the person with what it carries, counted as in [`HeadTruth::person`](super::HeadTruth::person); `None` where nobody is. Shadows are
    /// nobody's.
    pub fn next_frame(&mut self) -> Vec<Option<u32>> {
        let seconds = self.rate.time_of(self.number).as_secs_f64();
        self.number += 1;
        self.story.go_on_until(seconds);
        let people: Vec<u32> = self.story.figures().iter().map(|figure| figure.person).collect();
        let whose = |owner: &Owner| match owner {
            Owner::Head(i) | Owner::Body(i) => people.get(usize::from(*i)).copied(),
            Owner::Nothing | Owner::Shop | Owner::Floor => None,
        };
        self.painter.draw(&self.story).owner.iter().map(whose).collect()
    }
}
