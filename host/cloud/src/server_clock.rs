//! What time it is by the server.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::fmt::rfc2822::DateTimeParser;

/// The server's clock as its last answer gave it (the header `Date`, RFC 9110, 6.6.1), moved on by this machine's monotonic clock.
#[derive(Debug, Default)]
pub(crate) struct ServerClock(Mutex<Option<Heard>>);

#[derive(Debug, Clone, Copy)]
struct Heard {
    /// Nanoseconds since 1970.
    time: i64,
    at: Instant,
}

static DATE: DateTimeParser = DateTimeParser::new();

// === impl ServerClock ===

impl ServerClock {
    /// An answer said `date`. What is no date is not heard.
    pub(crate) fn hear(&self, date: &str) {
        let Ok(time) = DATE.parse_timestamp(date) else { return };
        let Ok(time) = i64::try_from(time.as_nanosecond()) else { return };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Heard { time, at: Instant::now() });
    }

    /// Nanoseconds since 1970; `None` before the first answer.
    pub(crate) fn now(&self) -> Option<i64> {
        let heard = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        heard.time.checked_add(i64::try_from(heard.at.elapsed().as_nanos()).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_understood() {
        let clock = ServerClock::default();
        assert_eq!(clock.now(), None);
        clock.hear("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(clock.now().unwrap() / 1_000_000_000 / 3600, 784_111_777 / 3600);
    }

    #[test]
    fn what_is_no_date_changes_nothing() {
        let clock = ServerClock::default();
        for date in ["", "yesterday", "Sun, 06 Nov 1994", "784111777"] {
            clock.hear(date);
        }
        assert_eq!(clock.now(), None);
    }

    #[test]
    fn the_clock_moves_on() {
        let clock = ServerClock::default();
        clock.hear("Sun, 06 Nov 1994 08:49:37 GMT");
        let first = clock.now();
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(clock.now() > first);
    }
}
