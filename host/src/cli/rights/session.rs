//! Somebody at the desk: what each command does there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use miette::IntoDiagnostic;
use sluis_frame::{CameraId, Clock, SystemClock};
use sluis_rights::translate;
use sluis_rights::{By, Change, Held, Letter, Private, Request, RequestNumber, SegmentName, Window};
use sluis_vault::{Act, Entry, Reason, StaffKey};

use super::{At, Session};
use crate::cli::{complain, letters, officer, say, some, when};
use crate::config::Config;
use crate::keep;
use crate::rights::{Office, window};

// === impl Session ===

impl Session {
    /// Opens desk and vault for the member of staff whose key this is.
    pub(super) fn open(at: &At) -> miette::Result<Self> {
        let config = Config::read(&at.config)?;
        let archive = keep::visit_configured(&config).into_diagnostic()?;
        let key = StaffKey::read(&at.key).into_diagnostic()?;
        let reason = Reason::new("the rights desk").into_diagnostic()?;
        let who = officer(&archive, &key, reason)?;
        Ok(Self { office: Office::open(config).into_diagnostic()?, archive, key, who })
    }

    pub(super) fn by(&self) -> By<'_> {
        By { who: &self.who, at: SystemClock.now() }
    }

    /// Why something is done in the vault. Holds and restrictions of a request are found again by it.
    pub(super) fn reason(&self, number: RequestNumber) -> miette::Result<Reason> {
        let reason = Reason::new(&taken_for(number)).into_diagnostic()?;
        self.archive.authorise(&self.key, Act::Decide, reason).into_diagnostic()
    }

    pub(super) fn request(&self, number: RequestNumber) -> miette::Result<Request> {
        self.office.desk().show(number).into_diagnostic()
    }

    pub(super) fn apply(&self, number: RequestNumber, change: Change) -> miette::Result<Request> {
        self.office.desk().apply(number, change, self.by()).into_diagnostic()
    }

    /// The cameras that were named, or that words mean.
    pub(super) fn cameras(&self, named: &[CameraId], place: Option<&str>) -> miette::Result<BTreeSet<CameraId>> {
        let config = self.office.config();
        for camera in named {
            config.camera(camera.as_str())?;
        }
        let Some(place) = place else { return Ok(named.iter().cloned().collect()) };
        let found = translate::place(place, &self.office.cameras()).into_diagnostic()?;
        if !found.unused.is_empty() {
            complain(&format!("not used to find the place: {}", found.unused.join(", ")));
        }
        Ok(found.cameras())
    }

    /// A window by the shop's clock.
    pub(super) fn window(&self, from: &str, to: &str) -> miette::Result<Window> {
        let zone = self.office.calendar().zone();
        let moment = |text| when::moment(text, zone).into_diagnostic();
        Ok(Window { from: moment(from)?, to: moment(to)? })
    }

    /// A window, by the shop's clock.
    pub(super) fn shown(&self, window: Window) -> String {
        let [from, to] = [window.from, window.to].map(|at| self.office.calendar().zoned(at));
        format!("{} to {}", from.strftime("%Y-%m-%d %H:%M:%S"), to.strftime("%H:%M:%S"))
    }

    pub(super) fn tell_window(&self, request: &Request) {
        let Some(window) = request.window else { return };
        let cameras: Vec<&str> = request.cameras.iter().map(CameraId::as_str).collect();
        say(&format!("  {}, cameras: {}", self.shown(window), cameras.join(", ")));
    }

    /// Holds what the request means, and says so.
    pub(super) fn hold(&self, request: &Request) -> miette::Result<Request> {
        let number = request.number;
        let window = request.window.ok_or(crate::rights::Error::NotNarrowed { number }).into_diagnostic()?;
        let reason = self.reason(number)?;
        let holding =
            window::hold(&self.archive, &request.cameras, window, self.longest(), &reason).into_diagnostic()?;
        if holding.gone > 0 {
            complain(&format!("destroyed already: {} of that time", some(holding.gone, "segment")));
        }
        if holding.writing > 0 {
            complain(&format!(
                "still being written: {}; hold that in a minute with `sluis rights hold {number}`",
                some(holding.writing, "segment")
            ));
        }
        let Some(until) = holding.held.iter().map(|held| held.until).min() else {
            complain("nothing that was recorded then and there is left to be held");
            return Ok(request.clone());
        };
        say(&format!(
            "  held against every sweep: {}; the first until {}: 30 days from its recording at the most",
            some(holding.held.len(), "segment"),
            when::utc(until)
        ));
        self.apply(number, Change::Hold(holding.held))
    }

    /// Says which cameras and time are meant, and lets go of what was held and is not.
    pub(super) fn narrow(
        &self,
        number: RequestNumber,
        window: Window,
        cameras: BTreeSet<CameraId>,
    ) -> miette::Result<Request> {
        let longest = self.longest();
        let entries: BTreeMap<SegmentName, Entry> = self
            .archive
            .list()
            .into_diagnostic()?
            .into_iter()
            .map(|entry| (window::name(entry.segment), entry))
            .collect();
        let meant = |held: &Held| {
            let overlaps = |entry: &Entry| window::overlaps(entry, window, longest);
            cameras.contains(&held.camera) && entries.get(&held.segment).is_some_and(overlaps)
        };
        let request = self.request(number)?;
        let others: BTreeSet<SegmentName> =
            request.held.iter().filter(|held| !meant(held)).map(|held| held.segment).collect();
        let mut changes = vec![Change::Narrow { window, cameras: cameras.clone() }];
        if !others.is_empty() {
            changes.push(Change::LetGo(others.clone()));
        }
        self.rehearse(number, &changes)?;
        // Before the desk forgets that it held them: else nobody would know what to let go of.
        self.let_go(&request, |segment| others.contains(&segment))?;
        self.office.desk().apply_all(number, changes, self.by()).into_diagnostic()
    }

    /// How long a recording can be.
    pub(super) fn longest(&self) -> Duration {
        Duration::from_secs(u64::from(self.office.config().segment.seconds.get()))
    }

    /// What these changes would be refused for.
    pub(super) fn rehearse(&self, number: RequestNumber, changes: &[Change]) -> miette::Result<Request> {
        self.office.desk().rehearse(number, changes.iter().cloned(), self.by()).into_diagnostic()
    }

    /// Writes letters, and then does what they tell: a letter that cannot be written leaves nothing decided that nobody is told of.
    pub(super) fn conclude(
        &self,
        number: RequestNumber,
        mut changes: Vec<Change>,
        wanted: &[Letter<'_>],
        folder: &Path,
    ) -> miette::Result<Request> {
        let request = self.rehearse(number, &changes)?;
        let mut pages = Vec::new();
        for letter in wanted {
            let at = SystemClock.now();
            let document = letter.write(&request, self.office.letters(), request.language, at).into_diagnostic()?;
            let text = document.text();
            pages.push(letters::write(folder, &file_name(number, letter), &text, &document.html())?);
            let text = Private::new(text);
            changes.push(Change::Wrote { letter: letter.kind(), language: document.language, text });
        }
        let request = self.office.desk().apply_all(number, changes, self.by()).into_diagnostic()?;
        pages.iter().for_each(|page| say(&format!("letter: {}", page.display())));
        Ok(request)
    }

    /// Lets go of what was held for a request. What others hold, and what is gone, stays as it is.
    pub(super) fn let_go(&self, request: &Request, which: impl Fn(SegmentName) -> bool) -> miette::Result<()> {
        let reason = self.reason(request.number)?;
        let taken = Reason::new(&taken_for(request.number)).into_diagnostic()?;
        for held in request.held.iter().filter(|held| which(held.segment)) {
            match self.archive.release_hold_taken_for(window::segment(held.segment), &taken, &reason) {
                Ok(_)
                | Err(
                    sluis_vault::Error::NotHeld { .. }
                    | sluis_vault::Error::NotReadable { .. }
                    | sluis_vault::Error::PastDeadline { .. }
                    | sluis_vault::Error::HeldByOlder { .. },
                ) => {}
                Err(error) => return Err(error).into_diagnostic(),
            }
        }
        Ok(())
    }

    /// Writes a letter to a folder, and notes it at the desk.
    pub(super) fn send(&self, request: &Request, letter: Letter<'_>, folder: &Path) -> miette::Result<()> {
        self.conclude(request.number, Vec::new(), &[letter], folder).map(drop)
    }
}

/// The reason of all that is done in the vault for a request.
pub(super) fn taken_for(number: RequestNumber) -> String {
    format!("rights request {number}")
}

/// The name of a letter's files.
fn file_name(number: RequestNumber, letter: &Letter<'_>) -> String {
    let whom = match letter {
        Letter::Partner(notice) => format!("-{}", notice.partner.replace(|c: char| !c.is_alphanumeric(), "-")),
        _ => String::new(),
    };
    format!("{number}-{}{whom}", letter.kind())
}
