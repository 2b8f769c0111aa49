//! What cameras record in half an hour, and what the witness writes down of it.

use std::sync::Arc;
use std::time::Duration;

use sluis_frame::CameraId;
use sluis_vault::time::TOLERANCE;

use crate::book::{Life, Page};
use crate::error::Error;
use crate::recording::{End, Seen, hand_over, record};
use crate::report::Failure;
use crate::study::Study;

// === impl Study ===

impl Study {
    pub(crate) fn record_all(&mut self) -> Result<(), Error> {
        for n in 0..self.settings.cameras {
            self.world.pass(Duration::from_secs(1));
            let camera = CameraId::new(&format!("camera-{n}")).expect("a digit and a dash make a name");
            // 1 in 16 by the real recorder, and of these most break off: that is what recovery is for.
            if self.random.one_in(16) {
                let end = if self.random.one_in(3) { End::Closed } else { End::BrokenOff };
                self.record_one(&camera, end, true)?;
            } else {
                let end = if self.random.one_in(40) { End::Abandoned } else { End::Closed };
                self.record_one(&camera, end, false)?;
            }
        }
        Ok(())
    }

    fn record_one(&mut self, camera: &CameraId, end: End, real: bool) -> Result<(), Error> {
        let Some(vault) = self.shop.vault().map(Arc::clone) else { return Ok(()) };
        self.shop.fate().take_injected();
        // The recorder has no other clock than the machine's.
        let started = self.clock();
        let seen = if real {
            let frames = self.random.between(11, 40);
            let killed_at = self.ongoing.kills_recording.then(|| self.random.below(4) as usize);
            let fate = Arc::clone(self.shop.fate());
            let seen = record(&vault, camera, started, frames, end, &mut |piece| {
                if killed_at == Some(piece) && !fate.is_killed() {
                    fate.kill_now();
                }
            })?;
            self.ongoing.kills_recording &= !fate.is_killed();
            seen
        } else {
            let length = self.random.between(1, 9000);
            let plain = self.random.bytes(length as usize);
            hand_over(&vault, camera, started, &plain, end)
        };
        drop(vault);
        self.write_down(&seen, end);
        if self.shop.fate().is_killed() {
            return self.restart();
        }
        let Some(opened) = seen.opened else { return Ok(()) };
        if let Some(entry) = self.ask(|archive| archive.entry(opened.segment))? {
            self.look_at(&entry);
        }
        Ok(())
    }

    /// What the witness writes into its book.
    fn write_down(&mut self, seen: &Seen, end: End) {
        let killed = self.shop.fate().is_killed();
        let injected = self.shop.fate().take_injected();
        if let Some(reason) = &seen.refused
            && !killed
        {
            let class =
                ["clock", "stay free", "deadline", "the store", "cannot"].iter().find(|word| reason.contains(**word));
            *self.report.refused.entry((*class.unwrap_or(&"other")).to_owned()).or_default() += 1;
            if seen.opened.is_some() && !injected {
                self.fail(Failure::Unexpected, &format!("a recording was refused in the middle: {reason}"));
            } else if seen.opened.is_none() && !injected && !self.world.is_full() && self.is_time_clear() {
                self.fail(Failure::Unexpected, &format!("a recording was refused: {reason}"));
            }
        }
        let Some(opened) = seen.opened else { return };
        self.report.segments += 1;
        let now = self.world.truth();
        let mut page = Page::new(opened.segment, now, opened.deadline);
        page.due = now + self.settings.retention.get();
        page.key = Some(opened.key);
        if page.promised > page.due + TOLERANCE {
            self.fail(Failure::Readable, &format!("segment {} is to be kept for too long", opened.segment));
        }
        if seen.closed && end == End::Closed {
            page.life = Life::Kept;
            page.digest = seen.digest;
            if !killed {
                self.book.tell("begun", opened.segment);
                self.book.tell("sealed", opened.segment);
            }
        }
        self.book.add(page);
    }

    /// Whether nothing is wrong with any clock.
    pub(crate) fn is_time_clear(&self) -> bool {
        let now = self.world.truth();
        self.world.clock_ahead() == 0 && now.since(self.known.least) <= TOLERANCE && self.known.shown <= now + TOLERANCE
    }
}
