//! The days of a study, and what is done on each.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sluis_frame::Timestamp;
use sluis_ledger::Checkpoint;
use sluis_segment::SegmentId;
use sluis_vault::{Answered, Archive, Error as VaultError, Upload, Vault};
use tempfile::TempDir;

use crate::attack::{Hoard, Wrapped};
use crate::book::{Book, Life};
use crate::error::{Error, chain};
use crate::faults::Ongoing;
use crate::known::Known;
use crate::partner::Partner;
use crate::random::Random;
use crate::report::{Failure, Report};
use crate::settings::{Planted, Settings};
use crate::shop::Shop;
use crate::world::World;

/// A study, under way.
pub(crate) struct Study {
    pub(crate) settings: Settings,
    pub(crate) world: Arc<World>,
    pub(crate) shop: Shop,
    pub(crate) random: Random,
    pub(crate) book: Book,
    pub(crate) known: Known,
    pub(crate) partner: Partner,
    pub(crate) hoard: Arc<Hoard>,
    pub(crate) checkpoints: Vec<Checkpoint>,
    pub(crate) ongoing: Ongoing,
    /// Wrapped keys that stood in the index once.
    pub(crate) remembered: HashMap<SegmentId, Wrapped>,
    pub(crate) report: Report,
    pub(crate) day: u32,
    pub(crate) tick: u32,
    /// Removed when the study is over.
    _home: TempDir,
}

/// The program does what it does every so often.
const TICK: Duration = Duration::from_secs(30 * 60);
/// So many times a day.
pub(crate) const TICKS: u32 = 48;
/// The first day: 28 June 2026.
const START: Timestamp = Timestamp::from_secs(1_782_600_000);
/// How often a vault is tried to be opened in a row while faults are in the way.
const ATTEMPTS: u32 = 8;

// === impl Study ===

impl Study {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let Settings { days, cameras, segments_per_camera_and_day: segments, seed, .. } = *settings;
        if days == 0 || !(1..=8).contains(&cameras) {
            return Err(Error::Settings("there is nothing to rehearse"));
        }
        if !(1..=TICKS).contains(&segments) {
            return Err(Error::Settings("a camera records 1 to 48 segments a day"));
        }
        let above = settings.dir.clone().unwrap_or_else(in_memory);
        let home = tempfile::Builder::new().prefix("sluis-rehearsal-").tempdir_in(&above);
        let home = home.map_err(Error::file(&above, "make a folder in"))?;
        let world = Arc::new(World::new(START));
        let shop = Shop::new(home.path(), &world, settings.retention);
        if settings.planted == Some(Planted::IgnoredDeletes) {
            shop.fate().delete_nothing();
        }
        Ok(Self {
            settings: settings.clone(),
            known: Known::new(&world),
            world,
            shop,
            random: Random::new(seed),
            book: Book::default(),
            partner: Partner::new()?,
            hoard: Arc::default(),
            checkpoints: Vec::new(),
            ongoing: Ongoing::default(),
            remembered: HashMap::new(),
            report: Report { seed, days, ..Report::default() },
            day: 0,
            tick: 0,
            _home: home,
        })
    }

    pub(crate) fn run(mut self, progress: &mut dyn FnMut(u32)) -> Result<Report, Error> {
        self.start()?;
        let contract = self.partner.contract()?;
        self.ask(|archive| archive.add_partner(&contract))?;
        for day in 0..self.settings.days {
            progress(day);
            self.day = day;
            for tick in 0..TICKS {
                self.tick = tick;
                self.world.pass(TICK);
                self.half_an_hour()?;
            }
        }
        self.end()?;
        Ok(self.report)
    }

    fn half_an_hour(&mut self) -> Result<(), Error> {
        let (now, clock, known) = (self.world.truth().as_secs(), self.clock().as_secs(), self.known.least.as_secs());
        tracing::debug!(day = self.day, tick = self.tick, now, clock, known, "half an hour");
        self.change_fate()?;
        if self.shop.vault().is_none() && !self.ongoing.is_off() {
            self.start()?;
        }
        if self.shop.vault().is_none() {
            return Ok(());
        }
        let each = self.settings.segments_per_camera_and_day;
        if self.tick * each / TICKS != (self.tick + 1) * each / TICKS {
            self.record_all()?;
        }
        self.sweep()?;
        self.upload()?;
        self.wishes()?;
        if self.tick.is_multiple_of(2) {
            self.answer()?;
        }
        if self.tick % 8 == 3 {
            self.call(Vault::make_room)?;
        }
        if self.tick == 20 {
            self.daily()?;
        }
        if self.tick % 12 == 7 {
            self.check(self.tick == 7)?;
        }
        Ok(())
    }

    /// What the program does once a day.
    fn daily(&mut self) -> Result<(), Error> {
        let reconciled = self.call(Vault::reconcile)?;
        if reconciled.is_some_and(|found| found.cloud_unreachable.is_none()) {
            self.check_exchange()?;
        }
        let outside = self.shop.elsewhere("outside.checkpoint");
        if let Some(checkpoint) = self.ask(|archive| archive.keep_checkpoint(Some(&outside)))? {
            self.checkpoints.push(checkpoint);
        }
        self.poll()?;
        self.back_up()?;
        self.plant()
    }

    /// Starts the program, again and again while faults are in the way.
    pub(crate) fn start(&mut self) -> Result<(), Error> {
        for attempt in 1.. {
            self.shop.fate().take_injected();
            let opened = self.shop.open()?;
            if self.shop.fate().is_killed() {
                self.roll_back()?;
                continue;
            }
            match opened {
                Ok(()) => break,
                Err(_) if self.shop.fate().take_injected() && attempt < ATTEMPTS => {}
                Err(source) => return Err(Error::Vault { day: self.day, source: Box::new(source) }),
            }
        }
        self.known.look(&self.world);
        self.apply_holds();
        self.poll()?;
        self.bury();
        self.check(false)
    }

    /// One call of the vault. `None` when the process was killed in it, when something failed that was to fail, or when it is not running; an error of its own is a failure.
    pub(crate) fn call<T>(&mut self, act: impl FnOnce(&Vault) -> Result<T, VaultError>) -> Result<Option<T>, Error> {
        Ok(match self.attempt(act)? {
            Some(Ok(value)) => Some(value),
            Some(Err(error)) => {
                self.fail(Failure::Unexpected, &chain(&error));
                None
            }
            None => None,
        })
    }

    /// As [`call`](Self::call), where the vault may well say no.
    pub(crate) fn attempt<T>(
        &mut self,
        act: impl FnOnce(&Vault) -> Result<T, VaultError>,
    ) -> Result<Option<Result<T, VaultError>>, Error> {
        self.shop.fate().take_injected();
        let Some(vault) = self.shop.vault().map(Arc::clone) else { return Ok(None) };
        let done = act(&vault);
        drop(vault);
        if self.shop.fate().is_killed() {
            self.restart()?;
            return Ok(None);
        }
        let injected = self.shop.fate().take_injected();
        Ok(match done {
            Err(_) if injected => None,
            other => Some(other),
        })
    }

    /// As [`call`](Self::call), of what anybody may ask.
    pub(crate) fn ask<T>(&mut self, act: impl FnOnce(&Archive) -> Result<T, VaultError>) -> Result<Option<T>, Error> {
        self.call(|vault| act(vault.archive()))
    }

    /// The process was killed: the disk is as it was then, and it starts again.
    pub(crate) fn restart(&mut self) -> Result<(), Error> {
        self.roll_back()?;
        if !self.ongoing.is_off() {
            self.start()?;
        }
        Ok(())
    }

    fn roll_back(&mut self) -> Result<(), Error> {
        if let Some(error) = self.shop.fate().take_broken() {
            return Err(error);
        }
        self.report.fault("kill");
        // What lies in the cloud by now was there before anything is started again.
        self.fetch()?;
        self.shop.roll_back()?;
        if self.settings.faults.torn_ledger && self.random.one_in(2) {
            self.report.fault("torn-ledger");
            let bytes = self.random.between(1, 200);
            self.shop.tear_ledger(bytes as usize)?;
        }
        for page in self.book.pages.iter_mut().filter(|page| page.dead.is_none() && page.life == Life::Uncertain) {
            page.digest = None;
        }
        Ok(())
    }

    pub(crate) fn sweep(&mut self) -> Result<(), Error> {
        self.known.look(&self.world);
        if self.settings.planted == Some(Planted::NoSweep) {
            self.bury();
            return Ok(());
        }
        if self.attempt_sweep()? {
            self.apply_holds();
            self.bury();
        }
        Ok(())
    }

    /// Whether the process lived through it.
    fn attempt_sweep(&mut self) -> Result<bool, Error> {
        let before = self.report.faults.get("kill").copied();
        // A store that fails may leave bytes, not keys.
        let swept = self.attempt(Vault::sweep)?;
        if let Some(Err(error)) = &swept {
            self.fail(Failure::Unexpected, &chain(error));
        }
        Ok(self.report.faults.get("kill").copied() == before)
    }

    fn upload(&mut self) -> Result<(), Error> {
        for _ in 0..6 {
            let stops = self.settings.faults.cloud_failure && self.random.one_in(60);
            if stops {
                self.report.fault("upload-stopped");
            }
            let Some(done) = self.call(|vault| vault.upload_next(&[], &mut |_| !stops))? else { return Ok(()) };
            match done {
                Upload::Done { segment, .. } => {
                    self.report.uploaded += 1;
                    self.book.tell("uploaded", segment);
                    if let Some(page) = self.book.page(segment) {
                        page.uploaded = true;
                    }
                }
                Upload::Idle | Upload::Stopped => return Ok(()),
                Upload::Gone { .. } => {}
            }
        }
        Ok(())
    }

    fn answer(&mut self) -> Result<(), Error> {
        match self.call(Vault::answer_partners)? {
            // A request that was refused for one segment may have got the key of another.
            Some(answered) if answered == Answered::default() => Ok(()),
            _ => self.fetch(),
        }
    }

    /// The study is over: everything is put right, and 31 days later nothing may be left.
    fn end(&mut self) -> Result<(), Error> {
        self.make_good()?;
        self.sweep()?;
        self.check(true)?;
        self.tick = TICKS;
        self.record_all()?;
        self.daily()?;
        self.world.pass(Duration::from_secs(31 * 24 * 3600));
        for _ in 0..2 {
            self.world.pass(TICK);
            self.sweep()?;
            self.call(Vault::reconcile)?;
            self.answer()?;
        }
        self.daily()?;
        self.check(true)?;
        self.check_end()
    }

    pub(crate) fn fail(&mut self, failure: Failure, what: &str) {
        tracing::debug!(day = self.day, tick = self.tick, what, "a failure");
        self.report.fail(failure, &format!("day {}, half hour {}", self.day, self.tick), what);
    }

    /// The partner takes what it can get.
    pub(crate) fn fetch(&mut self) -> Result<(), Error> {
        let cloud = self.shop.cloud()?;
        self.hoard.gather(&[&cloud])?;
        for (grant, segment) in self.partner.fetch(&cloud)? {
            self.released(grant, segment)?;
        }
        Ok(())
    }
}

/// Where rehearsals lie when nothing is said: in memory, for what takes time is writing to disk.
fn in_memory() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}
