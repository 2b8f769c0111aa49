//! How long to wait before the next try.

use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};

use crate::settings::Retries;

// === impl Retries ===

impl Retries {
    /// Waits before try number `next` (the second is 1): a time drawn evenly from none to a limit that doubles each time, so that many who failed together
    /// do not come back together.
    pub(crate) async fn pause(&self, next: u32) {
        let doubled = self.backoff.saturating_mul(1u32.checked_shl(next.saturating_sub(1)).unwrap_or(u32::MAX));
        let mut draw = [0; 4];
        // Without randomness the whole time is waited.
        let share = match SystemRandom::new().fill(&mut draw) {
            Ok(()) => f64::from(u32::from_ne_bytes(draw)) / f64::from(u32::MAX),
            Err(_) => 1.0,
        };
        let wait: Duration = doubled.min(self.backoff_limit).mul_f64(share);
        tokio::time::sleep(wait).await;
    }
}
