//! What goes wrong, and when it is put right again.

use std::path::PathBuf;
use std::time::Duration;

use sluis_frame::{Clock, Timestamp};
use sluis_segment::SegmentId;
use sluis_share::GrantId;
use sluis_vault::Reason;

use crate::book::Life;
use crate::error::Error;
use crate::folder;
use crate::known::Known;
use crate::study::Study;

/// What is wrong just now, and until when; and what was kept for later.
#[derive(Debug, Default)]
pub(crate) struct Ongoing {
    cloud: Option<Timestamp>,
    clock: Option<Timestamp>,
    server: Option<Timestamp>,
    disk: Option<Timestamp>,
    power: Option<Timestamp>,
    /// The next real recording is killed in the middle.
    pub(crate) kills_recording: bool,
    /// What somebody wished for when the process was killed: whether it was done shows afterwards.
    pub(crate) stakes: Vec<SegmentId>,
    pub(crate) grants: Vec<(GrantId, Vec<SegmentId>)>,
    pub(crate) backups: Vec<Backup>,
    backups_made: u64,
}

/// A copy of the vault's folder.
#[derive(Debug)]
pub(crate) struct Backup {
    pub(crate) folder: PathBuf,
    at: Timestamp,
    known: Known,
}

const HOUR: u64 = 3600;
const SECOND: i64 = 1_000_000_000;
/// Copies of the folder that are kept: one of each of the last days.
const BACKUPS: usize = 4;

// === impl Ongoing ===

impl Ongoing {
    /// Whether the machine has no power.
    pub(crate) fn is_off(&self) -> bool {
        self.power.is_some()
    }
}

// === impl Study ===

impl Study {
    /// Ends what is over, and begins what comes.
    pub(crate) fn change_fate(&mut self) -> Result<(), Error> {
        let now = self.world.truth();
        self.put_right(now)?;
        if self.ongoing.is_off() {
            return Ok(());
        }
        let faults = self.settings.faults;
        if faults.cloud_outage && self.ongoing.cloud.is_none() && self.random.one_in(250) {
            self.report.fault("cloud-outage");
            self.shop.fate().set_cloud_out(true);
            self.ongoing.cloud = Some(self.after(now, 1, 60));
        }
        if faults.cloud_failure && self.random.one_in(40) {
            self.report.fault("cloud-failure");
            let operations = self.random.below(12);
            self.shop.fate().fail_cloud_after(operations);
        }
        if faults.store_failure && self.random.one_in(60) {
            self.report.fault("store-failure");
            let operations = self.random.below(12);
            self.shop.fate().fail_here_after(operations);
        }
        if faults.kill && self.random.one_in(60) {
            // Counted when it comes to it.
            if self.random.one_in(3) {
                self.ongoing.kills_recording = true;
            } else {
                let moments = self.random.below(25);
                self.shop.fate().kill_after(moments);
            }
        }
        if faults.disk_full && self.ongoing.disk.is_none() && self.random.one_in(200) {
            self.report.fault("disk-full");
            self.world.set_full(true);
            self.ongoing.disk = Some(self.after(now, 1, 20));
        }
        if faults.clock {
            self.change_clock(now);
        }
        if faults.restored_backup && self.random.one_in(500) {
            self.restore()?;
        }
        if faults.power && self.shop.vault().is_some() && self.random.one_in(180) {
            self.cut_power(now)?;
        }
        Ok(())
    }

    /// Everything is put right.
    pub(crate) fn make_good(&mut self) -> Result<(), Error> {
        self.put_right(Timestamp::from_nanos(i64::MAX))?;
        self.shop.fate().revive();
        self.ongoing.kills_recording = false;
        if self.shop.vault().is_none() {
            self.start()?;
        }
        self.trust()
    }

    fn put_right(&mut self, now: Timestamp) -> Result<(), Error> {
        let over = |until: &mut Option<Timestamp>| until.take_if(|until| *until <= now).is_some();
        if over(&mut self.ongoing.cloud) {
            self.shop.fate().set_cloud_out(false);
        }
        if over(&mut self.ongoing.server) {
            self.world.set_server(true);
        }
        if over(&mut self.ongoing.disk) {
            self.world.set_full(false);
        }
        if over(&mut self.ongoing.power) {
            self.world.boot();
            self.start()?;
        }
        // Somebody has to be there for it, and the machine on.
        if self.shop.vault().is_some() && over(&mut self.ongoing.clock) {
            self.world.set_clock_ahead(0);
            self.trust()?;
        }
        Ok(())
    }

    /// Somebody has looked at another clock: the machine's is right.
    fn trust(&mut self) -> Result<(), Error> {
        let world = std::sync::Arc::clone(&self.world);
        let reason = Reason::new("the clock of the church says so").expect("a reason is a line of text");
        if self.ask(|archive| archive.trust_time(world.as_ref(), &reason))?.is_some() {
            self.known.trust(&self.world);
        }
        Ok(())
    }

    fn change_clock(&mut self, now: Timestamp) {
        if self.ongoing.server.is_none() && self.random.one_in(200) {
            self.report.fault("time-server-silent");
            self.world.set_server(false);
            self.ongoing.server = Some(self.after(now, 1, 30));
        }
        if self.ongoing.clock.is_some() || !self.random.one_in(150) {
            return;
        }
        let hour = SECOND * HOUR as i64;
        let (name, ahead) = match self.random.below(5) {
            0 | 1 => ("clock-ahead-by-minutes", SECOND * self.random.between(60, 240) as i64),
            2 => ("clock-ahead-by-hours", hour * self.random.between(1, 20) as i64),
            3 => ("clock-ahead-by-40-days", hour * 24 * 40),
            _ => ("clock-set-back", -hour * self.random.between(1, 30) as i64),
        };
        self.report.fault(name);
        self.world.set_clock_ahead(ahead);
        self.ongoing.clock = Some(self.after(now, 1, 20));
    }

    fn cut_power(&mut self, now: Timestamp) -> Result<(), Error> {
        self.ongoing.power = Some(self.after(now, 1, 20));
        if self.random.one_in(2) {
            self.report.fault("power-cut");
            self.shop.fate().kill_now();
            self.restart()?;
        } else {
            self.report.fault("power-off");
            self.shop.close();
        }
        if self.settings.faults.clock && self.ongoing.server.is_none() && self.random.one_in(3) {
            self.report.fault("time-server-silent");
            self.world.set_server(false);
            self.ongoing.server = Some(self.after(now, 2, 40));
        }
        Ok(())
    }

    /// Copies the vault's folder, as a careful operator does each night.
    pub(crate) fn back_up(&mut self) -> Result<(), Error> {
        if self.shop.vault().is_none() {
            return Ok(());
        }
        self.known.look(&self.world);
        let folder = self.shop.elsewhere(&format!("backup-{}", self.ongoing.backups_made));
        self.ongoing.backups_made += 1;
        folder::copy(&self.shop.folder(), &folder)?;
        self.ongoing.backups.push(Backup { folder, at: self.world.truth(), known: self.known });
        if self.ongoing.backups.len() > BACKUPS {
            folder::remove(&self.ongoing.backups.remove(0).folder)?;
        }
        Ok(())
    }

    /// Puts an older copy of the vault's folder back, as a careless operator does.
    fn restore(&mut self) -> Result<(), Error> {
        let which = self.random.below(self.ongoing.backups.len() as u64) as usize;
        if self.shop.vault().is_none() || self.ongoing.backups.is_empty() {
            return Ok(());
        }
        self.report.fault("restored-backup");
        // In order: what was told is in the ledger.
        self.shop.close();
        folder::remove(&self.shop.folder())?;
        let Backup { folder, at, known } = &self.ongoing.backups[which];
        folder::copy(folder, &self.shop.folder())?;
        let (at, known) = (*at, *known);
        tracing::debug!(at = at.as_secs(), "a copy of the folder is put back");
        self.known.go_back_to(&known);
        for page in &mut self.book.pages {
            if page.recorded > at && page.life != Life::Forgotten {
                self.report.lost_by_restoring += u64::from(page.life != Life::Ended);
                page.life = Life::Forgotten;
            }
            // The copy knows of none that came later; the ledger does.
            (page.openings, page.releases) = (0, 0);
            page.hold_asked.take_if(|(asked, _)| *asked > at);
            if page.recovered {
                page.digest = None;
            }
        }
        self.ongoing.backups.truncate(which + 1);
        self.shop.fate().revive();
        self.start()
    }

    fn after(&mut self, now: Timestamp, least: u64, most: u64) -> Timestamp {
        now + Duration::from_secs(self.random.between(least * HOUR, most * HOUR))
    }

    /// What the machine's clock shows.
    pub(crate) fn clock(&self) -> Timestamp {
        Clock::now(self.world.as_ref())
    }
}
