//! Which time deadlines are held against.
//!
//! A machine's clock is set: by people, by time servers, by a dead battery. Two things may not follow from that: that something is kept longer, and that something is destroyed
//! early. So the vault counts for itself. It knows what the time was when it was last sure, and how long the machine has been running since; the clock may say more than that by at
//! most [`TOLERANCE`], else a [`SecondSource`] must agree. Where none does, the vault is *unsure*: it records nothing, and destroys by its own count. A clock that says less changes
//! nothing: the count goes on.
//!
//! While a machine is off nobody counts, and its clock may stand still or start anywhere. So the first look after a start of the machine asks, whatever the clock says; where the machine does not tell how long it has
//! been running, every look does.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sluis_frame::Timestamp;

/// How far the clock may run ahead of the vault's own count without a second source: 5 minutes.
pub const TOLERANCE: Duration = Duration::from_secs(300);

/// How long the machine has been running, and since which start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinceBoot {
    /// Another number at every start of the machine.
    pub boot: [u8; 16],
    /// How long ago that was, sleep included.
    pub elapsed: Duration,
}

/// Counts the time since the machine started. Nobody can set it.
pub trait Uptime: fmt::Debug + Send + Sync {
    /// How long it has been running; `None` when that cannot be told.
    fn since_boot(&self) -> Option<SinceBoot>;
}

/// Somebody else who knows the time: asked when the clock says much more than the vault has counted, so seldom.
pub trait SecondSource: fmt::Debug + Send + Sync {
    /// What it is, for the ledger.
    fn name(&self) -> &str;

    /// The time, or `None` when it does not know either. Must not take it from the clock that is in question.
    fn now(&self) -> Option<Timestamp>;
}

/// What the clock is held against.
#[derive(Debug, Clone)]
pub struct TimeCheck {
    /// The machine's own count.
    pub uptime: Arc<dyn Uptime>,
    /// Others who may know. Empty: only people can say (`sluis vault trust-time`).
    pub sources: Vec<Arc<dyn SecondSource>>,
}

/// It was this time, then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Base {
    pub(crate) since_boot: SinceBoot,
    pub(crate) time: Timestamp,
    /// Whether anybody agreed with it: not after a start of the machine that nobody has confirmed yet.
    pub(crate) sure: bool,
}

/// What a look at the clock gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    /// What deadlines are held against.
    pub(crate) time: Timestamp,
    /// From where it is counted on.
    pub(crate) base: Option<Base>,
    /// Whether the clock is believed, and by whom it was confirmed.
    pub(crate) trust: Trust,
}

/// Whether the clock is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It agrees with the count, or says less.
    Agrees,
    /// It says more, and this source agrees with it.
    Confirmed(String),
    /// It says more, and nobody agrees.
    Unsure,
}

/// Holds the clock (`wall`) against what was counted. `latest` is the latest time that deadlines were held against; `None` in a new vault, which has nothing to lose.
pub(crate) fn judge(
    wall: Timestamp,
    latest: Option<Timestamp>,
    base: Option<Base>,
    check: Option<&TimeCheck>,
) -> Judged {
    let since_boot = check.and_then(|check| check.uptime.since_boot());
    let anchored = |time| since_boot.map(|since_boot| Base { since_boot, time, sure: true });
    let Some(latest) = latest else {
        return Judged { time: wall, base: anchored(wall), trust: Trust::Agrees };
    };
    let Some(check) = check else {
        return Judged { time: wall.max(latest), base, trust: Trust::Agrees };
    };
    // Since another start of the machine, it is at least what was counted then, and as long as it runs now. How long it was off nobody has counted: its clock may have stood still.
    let base = since_boot.map(|now| match base {
        Some(base) if base.since_boot.boot == now.boot => base,
        _ => Base { since_boot: SinceBoot { elapsed: Duration::ZERO, ..now }, time: latest, sure: false },
    });
    let counted = match (base, since_boot) {
        (Some(base), Some(now)) => base.time + now.elapsed.saturating_sub(base.since_boot.elapsed),
        _ => latest,
    };
    // Held against the count alone, not against the latest time: else small steps would add up.
    if base.is_some_and(|base| base.sure) && wall <= counted + TOLERANCE {
        return Judged { time: wall.max(counted).max(latest), base, trust: Trust::Agrees };
    }
    let agrees = |time: Timestamp| time.since(wall).max(wall.since(time)) <= TOLERANCE;
    match check.sources.iter().find(|source| source.now().is_some_and(agrees)) {
        Some(source) => {
            Judged { time: wall.max(latest), base: anchored(wall), trust: Trust::Confirmed(source.name().to_owned()) }
        }
        None => Judged { time: counted.max(latest), base, trust: Trust::Unsure },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_secs(1_784_635_200);
    const HOUR: Duration = Duration::from_secs(3600);

    #[derive(Debug)]
    struct Running(SinceBoot);

    impl Uptime for Running {
        fn since_boot(&self) -> Option<SinceBoot> {
            Some(self.0)
        }
    }

    #[derive(Debug)]
    struct Says(Option<Timestamp>);

    impl SecondSource for Says {
        fn name(&self) -> &str {
            "a test"
        }

        fn now(&self) -> Option<Timestamp> {
            self.0
        }
    }

    fn running(boot: u8, elapsed: Duration) -> SinceBoot {
        SinceBoot { boot: [boot; 16], elapsed }
    }

    /// Sure at noon, when the machine had run for an hour; now it has run for `elapsed` since start `boot`.
    fn look(wall: Timestamp, boot: u8, elapsed: Duration, second: Option<Timestamp>) -> Judged {
        let base = Base { since_boot: running(1, HOUR), time: NOON, sure: true };
        let check =
            TimeCheck { uptime: Arc::new(Running(running(boot, elapsed))), sources: vec![Arc::new(Says(second))] };
        judge(wall, Some(NOON), Some(base), Some(&check))
    }

    #[test]
    fn a_clock_that_goes_as_time_goes_is_believed() {
        let judged = look(NOON + HOUR + Duration::from_secs(299), 1, 2 * HOUR, None);
        assert_eq!((judged.trust, judged.time), (Trust::Agrees, NOON + HOUR + Duration::from_secs(299)));
    }

    #[test]
    fn a_clock_set_back_does_not_hold_time_up() {
        let judged = look(NOON - 3 * HOUR, 1, 2 * HOUR, None);
        assert_eq!((judged.trust, judged.time), (Trust::Agrees, NOON + HOUR));
    }

    #[test]
    fn a_jump_forward_is_not_believed_alone() {
        let judged = look(NOON + 40 * HOUR, 1, 2 * HOUR, None);
        assert_eq!((judged.trust, judged.time), (Trust::Unsure, NOON + HOUR));
        let wrong = look(NOON + 40 * HOUR, 1, 2 * HOUR, Some(NOON + HOUR));
        assert_eq!(wrong.trust, Trust::Unsure, "the other says something else");
    }

    #[test]
    fn a_jump_forward_that_another_confirms_is_believed_and_counted_on_from() {
        let wall = NOON + 40 * HOUR;
        let judged = look(wall, 1, 2 * HOUR, Some(wall - Duration::from_secs(20)));
        assert_eq!((judged.time, judged.trust), (wall, Trust::Confirmed("a test".to_owned())));
        assert_eq!(judged.base.unwrap(), Base { since_boot: running(1, 2 * HOUR), time: wall, sure: true });
    }

    #[test]
    fn small_steps_do_not_add_up_to_a_jump() {
        let mut base = None;
        let mut latest = None;
        let mut unsure = 0;
        for step in 0..20u32 {
            // A minute passes, and the clock is set four minutes ahead each time.
            let elapsed = HOUR + Duration::from_secs(60) * step;
            let wall = NOON + Duration::from_secs(300) * step;
            let check = TimeCheck { uptime: Arc::new(Running(running(1, elapsed))), sources: vec![] };
            let judged = judge(wall, latest, base, Some(&check));
            assert!(judged.time <= NOON + Duration::from_secs(60) * step + TOLERANCE, "step {step}");
            unsure += u32::from(judged.trust == Trust::Unsure);
            (base, latest) = (judged.base, Some(judged.time));
        }
        assert!(unsure >= 15, "{unsure}");
    }

    #[test]
    fn after_a_night_without_power_somebody_must_agree() {
        let wall = NOON + 12 * HOUR;
        let minute = Duration::from_secs(60);
        assert_eq!(look(wall, 2, minute, None).trust, Trust::Unsure);
        assert_eq!(look(wall, 2, minute, None).time, NOON + minute, "it runs at least as long as it runs");
        assert!(matches!(look(wall, 2, minute, Some(wall)).trust, Trust::Confirmed(_)));
        assert_eq!(look(NOON + 2 * minute, 2, minute, None).trust, Trust::Unsure, "its clock may have stood still");
        assert_eq!(look(NOON - 3 * HOUR, 2, minute, None).trust, Trust::Unsure, "or be behind");
    }

    #[test]
    fn a_new_vault_believes_its_first_look() {
        let check = TimeCheck { uptime: Arc::new(Running(running(1, HOUR))), sources: vec![] };
        let judged = judge(NOON, None, None, Some(&check));
        assert_eq!((judged.time, judged.trust), (NOON, Trust::Agrees));
    }
}
