//! What is written about a breach, in three languages.
//!
//! - [`authority`]: the notification, with what Art. 33(3)(a) to (d) wants; also in phases (Art. 33(4)).
//! - [`people`]: the communication to people, or to the public in their place (Art. 34(2), (3)(c)).
//! - [`partner`]: to a partner who had recordings that it concerns.
//! - [`register`]: the whole register, with the facts, the effects and the remedial action of each breach (Art. 33(5)).
//!
//! Words of the officer stand in them as they were written, in whatever language. Members of staff are counted, not named: who is named is for `sluis breach show`.

mod authority;
mod partner;
mod people;
mod register;
mod words;

use sluis_frame::Timestamp;
use sluis_notice::{Document, Language, Section, tell};
use sluis_rights::Calendar;

use crate::breach::Breach;
use crate::step::{Step, Taken};

pub use authority::authority;
pub use partner::partner;
pub use people::people;
pub use register::register;

/// What a paper is made with.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'a> {
    /// In which language.
    pub language: Language,
    /// By whose clock.
    pub calendar: &'a Calendar,
    /// When.
    pub at: Timestamp,
}

// === impl Writing ===

impl Writing<'_> {
    /// A moment on the shop's clock, with its distance from UTC: in the night in which clocks go back, an hour is there twice.
    fn moment(&self, at: Timestamp) -> String {
        let zoned = self.calendar.zoned(at);
        let (date, time, zone) = (self.language.date(zoned.date()), zoned.strftime("%H:%M"), zoned.strftime("%:z"));
        tell!(
            self.language,
            "{date}, {time} uur (UTC{zone})",
            "{date}, {time} Uhr (UTC{zone})",
            "{date}, {time} (UTC{zone})"
        )
    }

    fn day(&self, at: Timestamp) -> String {
        self.language.date(self.calendar.day(at))
    }

    fn document(&self, title: String, lead: Vec<String>, sections: Vec<Section>) -> Document {
        Document { language: self.language, title, lead, sections, removed: Vec::new() }
    }
}

/// What was noted: remedial actions, or what was found out.
fn notes(breach: &Breach, measures: bool) -> impl Iterator<Item = (&Taken, &str)> {
    breach.steps.iter().filter_map(move |taken| match &taken.step {
        Step::Noted { words, measure } if *measure == measures => Some((taken, words.as_str())),
        _ => None,
    })
}

/// What was noted, each with its day.
fn noted(breach: &Breach, measures: bool, writing: &Writing<'_>) -> Vec<String> {
    notes(breach, measures).map(|(taken, words)| format!("{}: {words}", writing.day(taken.at))).collect()
}
