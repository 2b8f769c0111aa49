//! Whether a new version of a component may take the place of the one in force, and whether it may stay there.
//!
//! Only a version that is no worse is put in force. A filter never is when it exposes more than the one that it replaces: when it missed more of what the other found than
//! the other missed of what it found; nor, whatever it finds elsewhere, when it missed more than a little of what the other is sure of. In force it is watched: when its calls fail, or the audit finds more than it did before, the version before it comes back.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_stage::World;

use crate::pipeline::{Progress, Side, Trial};

/// What is to be done with a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    /// It has not been seen enough.
    Wait,
    /// It is no worse.
    Promote,
    /// It is worse.
    Refuse(Setback),
}

/// Why a version is refused or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
#[non_exhaustive]
pub enum Setback {
    /// It was refused when it was loaded.
    Load,
    /// It cannot take the place of the version in force while cameras run.
    Unfit,
    /// Its calls fail.
    Failures {
        /// How many did.
        failures: u64,
        /// Of so many.
        calls: u64,
    },
    /// It missed more of what the version in force found than that one missed of what it found.
    Missed {
        /// What it missed.
        by_it: u64,
        /// What the version in force missed.
        by_the_other: u64,
    },
    /// It did not find what the version in force is sure of: finding other things does not make up for that.
    Bare {
        /// So much.
        missed: u64,
        /// Of so much.
        of: u64,
    },
    /// It names far more of the picture.
    Area {
        /// So many times as many pixels.
        times: f32,
    },
    /// It finds something in far more frames.
    Alarms {
        /// In so many frames.
        by_it: u64,
        /// The version in force in so many.
        by_the_other: u64,
    },
    /// It tells far fewer, or far more.
    Counts {
        /// So many.
        by_it: u64,
        /// The version in force so many.
        by_the_other: u64,
    },
    /// It is slower.
    Slower {
        /// So many times.
        times: f32,
    },
    /// The audit finds something more often than before.
    Findings {
        /// In so many frames of 1,000.
        per_mille: u32,
        /// Before in so many.
        before: u32,
    },
    /// The process that sees pictures got stuck in it, or ended again and again.
    Crash,
    /// Somebody said so.
    Person,
}

/// What was counted of a component up to a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Count {
    /// Frames decided on.
    pub(super) frames: u64,
    /// Calls of the component that failed.
    pub(super) failures: u64,
    /// Frames in which the audit found something the first time.
    pub(super) findings: u64,
}

/// Failed calls in a trial that are enough to refuse a candidate, if the version in force had none.
const FAILED: u64 = 3;
/// A candidate may take so much longer, and this much beside, in microseconds: below is noise.
const SLOWER: f64 = 1.25;
const SLOWER_MICROS: u64 = 2_000;
/// Of what the version in force is sure of, one in so many may be missed, if it was no more in return: by a filter, and by what looks at faces otherwise.
const BARE: u64 = 100;
const BARE_OTHERWISE: u64 = 10;
/// A filter may name so many times the pixels.
const AREA: f64 = 2.0;
/// An auditor may find something in so many times the frames, and this part of all beside.
const ALARMS: u64 = 2;
const ALARMS_BESIDE: u64 = 50;
/// An auditor is put in force when the one before it has found so much in the trial.
const FOUND: u64 = 5;
/// Gestures are compared when so many were told.
const TOLD: u64 = 10;

/// Failed calls before a version is taken back at all, and the part of all calls that is too much: when they are few, one in a hundred; from more on, one in a thousand. (After a
/// trap the instance is made anew: one that fails every half minute fails in one of some hundred calls.)
const FEW: u64 = 3;
const MORE: u64 = 5;
const ONE_IN: u64 = 100;
const ONE_IN_OF_MORE: u64 = 1000;
/// Frames after which findings are judged. Those of a few seconds are about one person.
const JUDGED: u64 = 1000;
/// Findings may be so many times as frequent as before, and so many in 1,000 frames beside: of an auditor as many as in a trial; more when little was counted before.
const FINDINGS: u32 = 2;
const FINDINGS_BESIDE: u32 = 10;
const FINDINGS_OF_AUDITOR: u32 = 1000 / ALARMS_BESIDE as u32;
const FINDINGS_ALONE: u32 = 100;

/// Judges a candidate by what was seen of it, as the process says that sees: it may say anything. `people` is how many frames with people must have been compared.
pub(super) fn judge(world: World, seen: &Trial, people: u64) -> Verdict {
    let Trial { shown, compared, working, candidate, .. } = *seen;
    if candidate.failures >= working.failures.saturating_add(FAILED) {
        return Verdict::Refuse(Setback::Failures { failures: candidate.failures, calls: shown });
    }
    // Who has nothing to miss is not known: an auditor that finds nothing must have had something to find.
    let (enough, one_in) = match world {
        World::PrivacyFilter => (working.sure > 0, BARE),
        World::AudienceMeter => (working.sure > 0, BARE_OTHERWISE),
        World::AnonymisationAudit => (working.sure >= FOUND, BARE_OTHERWISE),
        World::GestureDetector => (true, 1),
    };
    if seen.people < people || !enough {
        return Verdict::Wait;
    }
    let slower = |s: &Side| s.micros as f64 / compared.max(1) as f64;
    let setback = if candidate.failures > working.failures {
        Some(Setback::Failures { failures: candidate.failures, calls: shown })
    } else if candidate.missed > working.missed {
        Some(Setback::Missed { by_it: candidate.missed, by_the_other: working.missed })
    } else if candidate.missed_sure.saturating_mul(one_in) > working.sure {
        Some(Setback::Bare { missed: candidate.missed_sure, of: working.sure })
    } else if slower(&candidate) > SLOWER * slower(&working) + SLOWER_MICROS as f64 {
        Some(Setback::Slower { times: candidate.micros as f32 / working.micros.max(1) as f32 })
    } else {
        match world {
            World::PrivacyFilter if candidate.pixels as f64 > AREA * working.pixels as f64 => {
                Some(Setback::Area { times: candidate.pixels as f32 / working.pixels.max(1) as f32 })
            }
            World::AnonymisationAudit
                if candidate.frames
                    > working.frames.saturating_mul(ALARMS).saturating_add(compared / ALARMS_BESIDE) =>
            {
                Some(Setback::Alarms { by_it: candidate.frames, by_the_other: working.frames })
            }
            World::GestureDetector
                if working.found.max(candidate.found) >= TOLD
                    && !(working.found / 2..=working.found.saturating_mul(2)).contains(&candidate.found) =>
            {
                Some(Setback::Counts { by_it: candidate.found, by_the_other: working.found })
            }
            _ => None,
        }
    };
    setback.map_or(Verdict::Promote, Verdict::Refuse)
}

/// Judges a version in force by what was counted before it came, and since.
pub(super) fn watch(world: World, before: &Count, since: &Count) -> Option<Setback> {
    let Count { frames, failures, findings } = *since;
    let too_many = |least, one_in| failures >= least && failures.saturating_mul(one_in) > frames;
    let failed_before = before.failures as f64 * frames as f64 / before.frames.max(1) as f64;
    if failures as f64 > 2.0 * failed_before && (too_many(FEW, ONE_IN) || too_many(MORE, ONE_IN_OF_MORE)) {
        return Some(Setback::Failures { failures, calls: frames });
    }
    let masks = matches!(world, World::PrivacyFilter | World::AnonymisationAudit);
    if masks && frames >= JUDGED {
        let per_mille =
            |findings: u64, frames: u64| (findings.min(frames) as f64 * 1000.0 / frames.max(1) as f64) as u32;
        let (now, then) = (per_mille(findings, frames), per_mille(before.findings, before.frames));
        let beside = match world {
            _ if before.frames < JUDGED => FINDINGS_ALONE,
            World::AnonymisationAudit => FINDINGS_OF_AUDITOR,
            _ => FINDINGS_BESIDE,
        };
        if now > FINDINGS * then + beside {
            return Some(Setback::Findings { per_mille: now, before: then });
        }
    }
    None
}

/// How long a version in force is watched.
pub(super) const WATCHED: Duration = Duration::from_secs(24 * 3600);

// === impl Count ===

impl Count {
    /// What was counted of the component of this world.
    pub(super) fn of(world: World, progress: &Progress) -> Self {
        let failures = progress.failures().into_iter().find(|(of, _)| *of == world).map_or(0, |(_, count)| count);
        Self { frames: progress.back.frames.total(), failures, findings: progress.back.findings }
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            frames: self.frames.saturating_add(other.frames),
            failures: self.failures.saturating_add(other.failures),
            findings: self.findings.saturating_add(other.findings),
        }
    }

    /// Whether enough was counted to judge others by it.
    pub(super) const fn is_enough(self) -> bool {
        self.frames >= JUDGED
    }

    /// What was counted after `earlier`.
    pub(super) const fn since(self, earlier: Self) -> Self {
        Self {
            frames: self.frames.saturating_sub(earlier.frames),
            failures: self.failures.saturating_sub(earlier.failures),
            findings: self.findings.saturating_sub(earlier.findings),
        }
    }
}

impl fmt::Display for Setback {
    /// For people, as the end of a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load => f.write_str("it was refused when it was loaded"),
            Self::Unfit => f.write_str("it cannot take the place of the version in force while cameras run"),
            Self::Failures { failures, calls } => write!(f, "{failures} of {calls} calls failed"),
            Self::Missed { by_it, by_the_other } => write!(
                f,
                "it missed {by_it} of what the version in force found, which missed {by_the_other} of what it found"
            ),
            Self::Bare { missed, of } => {
                write!(f, "it missed {missed} of {of} that the version in force is sure of, whatever else it found")
            }
            Self::Area { times } => write!(f, "it names {times:.1} times as much of the picture"),
            Self::Alarms { by_it, by_the_other } => {
                write!(f, "it finds something in {by_it} frames, and the version in force in {by_the_other}")
            }
            Self::Counts { by_it, by_the_other } => {
                write!(f, "it told {by_it} gestures, and the version in force {by_the_other}")
            }
            Self::Slower { times } => write!(f, "it takes {times:.1} times as long"),
            Self::Findings { per_mille, before } => write!(
                f,
                "the audit found something in {:.1} of 100 frames since it was put in force; before in {:.1}",
                f64::from(*per_mille) / 10.0,
                f64::from(*before) / 10.0
            ),
            Self::Crash => f.write_str("the process that sees pictures got stuck in it, or ended again and again"),
            Self::Person => f.write_str("somebody took it back"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both the same, after 500 frames with people.
    fn alike() -> Trial {
        let side =
            Side { found: 800, sure: 700, frames: 400, pixels: 1_000_000, micros: 50_000_000, ..Side::default() };
        Trial { shown: 600, compared: 500, people: 500, passed_over: 2000, working: side, candidate: side }
    }

    #[test]
    fn who_had_nothing_to_miss_is_not_put_in_force() {
        let nothing = |t: &mut Trial| (t.working.sure, t.candidate.sure) = (0, 0);
        assert_eq!(judged(World::PrivacyFilter, nothing), Verdict::Wait);
        assert_eq!(judged(World::AnonymisationAudit, |t| t.working.sure = 4), Verdict::Wait);
        assert_eq!(judged(World::AnonymisationAudit, |t| t.working.sure = 5), Verdict::Promote);
        // That the other fails is no proof.
        let broken = |t: &mut Trial| (t.working.failures, t.working.sure, t.working.pixels) = (1, 0, 0);
        assert_eq!(judged(World::PrivacyFilter, broken), Verdict::Wait);
        assert_eq!(judged(World::AnonymisationAudit, broken), Verdict::Wait);
    }

    #[test]
    fn who_finds_other_things_instead_of_what_the_other_is_sure_of_is_refused() {
        // As much elsewhere: each missed what the other found.
        let elsewhere = |missed| {
            move |t: &mut Trial| {
                (t.working.missed, t.candidate.missed) = (missed, missed);
                t.candidate.missed_sure = missed;
            }
        };
        assert_eq!(judged(World::PrivacyFilter, elsewhere(7)), Verdict::Promote);
        assert_eq!(judged(World::PrivacyFilter, elsewhere(8)), Verdict::Refuse(Setback::Bare { missed: 8, of: 700 }));
        assert_eq!(judged(World::AnonymisationAudit, elsewhere(70)), Verdict::Promote);
        let blind = |t: &mut Trial| {
            elsewhere(5)(t);
            t.working.sure = 5;
        };
        assert_eq!(judged(World::AnonymisationAudit, blind), Verdict::Refuse(Setback::Bare { missed: 5, of: 5 }));
    }

    fn judged(world: World, change: impl FnOnce(&mut Trial)) -> Verdict {
        let mut trial = alike();
        change(&mut trial);
        judge(world, &trial, 200)
    }

    #[test]
    fn a_version_that_is_no_worse_is_put_in_force_once_people_were_seen() {
        for world in World::ALL {
            assert_eq!(judged(world, |_| {}), Verdict::Promote, "{world}");
            assert_eq!(judged(world, |t| t.people = 199), Verdict::Wait, "{world}");
        }
    }

    #[test]
    fn a_filter_that_exposes_one_face_more_is_refused() {
        let missed = |by_it, by_the_other| {
            judged(World::PrivacyFilter, |t| (t.candidate.missed, t.working.missed) = (by_it, by_the_other))
        };
        assert_eq!(missed(1, 0), Verdict::Refuse(Setback::Missed { by_it: 1, by_the_other: 0 }));
        assert_eq!(missed(7, 7), Verdict::Promote);
        assert_eq!(missed(3, 12), Verdict::Promote);
    }

    #[test]
    fn a_filter_that_covers_everything_is_refused() {
        let verdict = judged(World::PrivacyFilter, |t| t.candidate.pixels = 2_500_000);
        assert_eq!(verdict, Verdict::Refuse(Setback::Area { times: 2.5 }));
    }

    #[test]
    fn one_that_fails_is_refused_before_people_were_seen() {
        let verdict = judged(World::GestureDetector, |t| (t.people, t.shown, t.candidate.failures) = (0, 4, 3));
        assert_eq!(verdict, Verdict::Refuse(Setback::Failures { failures: 3, calls: 4 }));
        let verdict = judged(World::GestureDetector, |t| t.candidate.failures = 1);
        assert_eq!(verdict, Verdict::Refuse(Setback::Failures { failures: 1, calls: 600 }));
    }

    #[test]
    fn a_slower_one_is_refused_beyond_noise() {
        assert_eq!(judged(World::PrivacyFilter, |t| t.candidate.micros = 63_000_000), Verdict::Promote);
        let verdict = judged(World::PrivacyFilter, |t| t.candidate.micros = 75_000_000);
        assert_eq!(verdict, Verdict::Refuse(Setback::Slower { times: 1.5 }));
        let light = |t: &mut Trial| (t.working.micros, t.candidate.micros) = (500_000, 1_400_000);
        assert_eq!(judged(World::PrivacyFilter, light), Verdict::Promote, "a millisecond is noise");
    }

    #[test]
    fn an_auditor_that_cries_wolf_is_refused() {
        let verdict = judged(World::AnonymisationAudit, |t| (t.working.frames, t.candidate.frames) = (5, 21));
        assert_eq!(verdict, Verdict::Refuse(Setback::Alarms { by_it: 21, by_the_other: 5 }));
        let verdict = judged(World::AnonymisationAudit, |t| (t.working.frames, t.candidate.frames) = (5, 20));
        assert_eq!(verdict, Verdict::Promote);
    }

    #[test]
    fn gestures_are_counted() {
        let fewer = |t: &mut Trial| (t.working.found, t.candidate.found) = (12, 5);
        let verdict = judged(World::GestureDetector, fewer);
        assert_eq!(verdict, Verdict::Refuse(Setback::Counts { by_it: 5, by_the_other: 12 }));
        let few = |t: &mut Trial| (t.working.found, t.candidate.found) = (9, 2);
        assert_eq!(judged(World::GestureDetector, few), Verdict::Promote, "too few to tell");
    }

    #[test]
    fn the_guide_has_every_message() {
        let guide = include_str!("../../../docs/updates.md");
        for setback in [
            Setback::Load,
            Setback::Unfit,
            Setback::Failures { failures: 5, calls: 744 },
            Setback::Missed { by_it: 132, by_the_other: 0 },
            Setback::Bare { missed: 8, of: 700 },
            Setback::Area { times: 2.5 },
            Setback::Alarms { by_it: 21, by_the_other: 5 },
            Setback::Counts { by_it: 5, by_the_other: 12 },
            Setback::Slower { times: 1.5 },
            Setback::Findings { per_mille: 31, before: 10 },
            Setback::Crash,
        ] {
            assert!(guide.contains(&format!("| {setback} |")), "docs/updates.md does not have: {setback}");
        }
    }

    fn count(frames: u64, failures: u64, findings: u64) -> Count {
        Count { frames, failures, findings }
    }

    #[test]
    fn a_version_that_crashes_in_force_is_taken_back() {
        let watched = |since| watch(World::PrivacyFilter, &count(10_000, 0, 100), &since);
        assert_eq!(watched(count(20, 2, 0)), None);
        assert_eq!(watched(count(20, 3, 0)), Some(Setback::Failures { failures: 3, calls: 20 }));
        // One in 450 frames: when it is sure that this is no accident.
        assert_eq!(watched(count(1_800, 4, 0)), None);
        assert_eq!(watched(count(2_250, 5, 0)), Some(Setback::Failures { failures: 5, calls: 2_250 }));
        assert_eq!(watched(count(50_000, 5, 0)), None, "one in 10,000 is no crash loop");
    }

    #[test]
    fn one_that_replaces_a_worse_one_may_stay() {
        assert_eq!(watch(World::PrivacyFilter, &count(1_000, 100, 0), &count(1_000, 100, 0)), None);
    }

    #[test]
    fn a_filter_under_which_the_audit_finds_more_is_taken_back() {
        let watched = |world, since| watch(world, &count(10_000, 0, 100), &since);
        assert_eq!(watched(World::PrivacyFilter, count(1_000, 0, 30)), None);
        let setback = Some(Setback::Findings { per_mille: 31, before: 10 });
        assert_eq!(watched(World::PrivacyFilter, count(1_000, 0, 31)), setback);
        assert_eq!(watched(World::PrivacyFilter, count(999, 0, 500)), None, "a few seconds are about one person");
        assert_eq!(watched(World::GestureDetector, count(1_000, 0, 500)), None, "gestures change no mask");
        assert_eq!(watched(World::AnonymisationAudit, count(1_000, 0, 40)), None, "as in its trial");
        assert!(watched(World::AnonymisationAudit, count(1_000, 0, 41)).is_some());
        let after_a_start = |findings| watch(World::PrivacyFilter, &count(200, 0, 0), &count(1_000, 0, findings));
        assert_eq!(after_a_start(100), None, "what 200 frames say is little");
        assert_eq!(after_a_start(101), Some(Setback::Findings { per_mille: 101, before: 0 }));
    }
}
