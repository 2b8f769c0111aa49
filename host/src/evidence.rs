//! What an evidence pack is made of: the facts of a configuration, of what is installed, of its notice and of its ledger, each by the function that makes it elsewhere too.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::Serialize;
use serde_json::Value;
use sluis_evaluate::Measured;
use sluis_evidence::index::{self, Told};
use sluis_evidence::{About, Pack, PackPath, Shortcoming, evaluation};
use sluis_ledger::Verified;
use sluis_notice::{Facts, Language, Standing, Version, changes, html, notice as pages, papers, text};
use sluis_registry::Home;
use sluis_rehearse::Report;
use sluis_vault::Archive;

use crate::assembly::Choice;
use crate::config::Config;
use crate::digests::{self, AtWork, Digests};
use crate::notice;

/// A report of an evaluation has less than this: figures of some hundred clips.
const REPORT_MAX: u64 = 16 << 20;

/// A pack that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pack itself.
    #[error(transparent)]
    Pack(#[from] sluis_evidence::Error),
    /// What is installed.
    #[error(transparent)]
    Registry(#[from] sluis_registry::Error),
    /// The notice.
    #[error(transparent)]
    Notice(#[from] sluis_notice::Error),
    /// The vault, or bringing records into its ledger.
    #[error(transparent)]
    Vault(#[from] sluis_vault::Error),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] sluis_ledger::Error),
    /// A file or folder cannot be used.
    #[error("cannot {doing} {path}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The ledger cannot be compared with what was signed elsewhere.
    #[error(
        "the cloud cannot be looked into from here, so the ledger cannot be held against the checkpoints there: run this where the secret of `[cloud]` can be read, as the service does"
    )]
    NoCloud,
    /// There is something already.
    #[error("{path} is there already: name a folder that is not", path = path.display())]
    Exists {
        /// What was named.
        path: PathBuf,
    },
}

/// What a pack is made of, beside what is read for it.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The configuration in force.
    pub config: &'a Config,
    /// Where its components are installed.
    pub home: &'a Home,
    /// Its vault.
    pub archive: &'a Archive,
    /// What its notice tells; `None` where it has none.
    pub facts: Option<&'a Facts>,
    /// Rehearsals with its retention.
    pub rehearsals: &'a [Report],
    /// Files with reports of evaluations.
    pub evaluations: &'a [PathBuf],
    /// The language of the index.
    pub language: Language,
    /// The time.
    pub now: Timestamp,
}

/// A pack that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Made {
    /// SHA-256 of its manifest, as the ledger has it.
    pub sha256: String,
    /// The public key that it is checked with.
    pub key: String,
    /// What in it is not as it should be.
    pub shortcomings: Vec<Shortcoming>,
}

/// What the ledger says is in force: the last record of each kind, with its number.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct InForce {
    started: Option<Entered>,
    configuration: Option<Entered>,
    components: Option<Entered>,
    notice: Option<Entered>,
}

/// A record of the ledger, without who did it and why: that is for those who may look into the ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Entered {
    number: u64,
    at: i64,
    record: Value,
}

/// Refuses a place for a pack where there is something: before any work is done.
///
/// # Errors
///
/// [`Error::Exists`].
pub fn refuse_existing(out: &Path) -> Result<(), Error> {
    // Also a link that leads nowhere is something.
    match fs::symlink_metadata(out) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Error::File { path: out.to_owned(), doing: "look at", source }),
        Ok(_) => Err(Error::Exists { path: out.to_owned() }),
    }
}

/// Refuses reports of evaluations that are about something else than what a configuration puts to work: before any work is done.
///
/// # Errors
///
/// [`Error::Pack`], [`Error::File`], [`Error::Registry`].
pub fn refuse_other_reports(reports: &[PathBuf], home: &Home, config: &Config) -> Result<(), Error> {
    let at_work = digests::measured(home, &Choice::of(config))?;
    reports.iter().try_for_each(|path| report(path, &at_work).map(drop))
}

/// A report about what is at work, and its text.
fn report(path: &Path, at_work: &[Measured]) -> Result<(About, Vec<u8>), Error> {
    let mut text = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(REPORT_MAX + 1).read_to_end(&mut text));
    let length = read.map_err(|source| Error::File { path: path.to_owned(), doing: "read", source })?;
    if length as u64 > REPORT_MAX {
        let why = format!("it is longer than {REPORT_MAX} bytes");
        return Err(sluis_evidence::Error::NoReport { path: path.to_owned(), why }.into());
    }
    Ok((evaluation(path, &text, at_work)?, text))
}

// === impl Given ===

impl Given<'_> {
    /// Makes the pack in the folder `out`, which is there whole or not at all, and writes into the ledger that it was made.
    ///
    /// # Errors
    ///
    /// [`Error`]. What is not as it should be is no error but told in the pack, unless the pack would mislead: reports of other components, components that are not what was installed, and
    /// secrets are refused, and without a ledger to tie it to there is no pack.
    pub fn make(&self, out: &Path) -> Result<Made, Error> {
        refuse_existing(out)?;
        let above = out.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = |path: &Path, doing| {
            let path = path.to_owned();
            move |source| Error::File { path, doing, source }
        };
        let folder = tempfile::Builder::new().prefix(".sluis-evidence-").tempdir_in(above);
        let folder = folder.map_err(file(above, "make a folder in"))?;
        let mut pack = Pack::begin(folder.path(), self.config.text())?;
        let shortcomings = self.gather(&mut pack)?;
        self.explain(&mut pack, &shortcomings)?;
        let key = self.archive.ledger_public_key()?.to_string();
        let closed = pack.close(self.config.shop.name.as_str(), self.now, &shortcomings)?;
        let sha256 = closed.sha256.to_string();
        let attested = self.archive.attest(&sha256, u32::try_from(shortcomings.len()).unwrap_or(u32::MAX))?;
        closed.tie(&attested.lines, &attested.checkpoint)?;
        match renameat_with(CWD, folder.path(), CWD, out, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(rustix::io::Errno::EXIST) => return Err(Error::Exists { path: out.to_owned() }),
            Err(errno) => return Err(file(out, "name")(errno.into())),
        }
        // It has another name now: there is nothing to be removed.
        let _ = folder.keep();
        fs::File::open(above).and_then(|above| above.sync_all()).map_err(file(above, "write to disk the folder"))?;
        Ok(Made { sha256, key, shortcomings })
    }

    /// All but the index.
    fn gather(&self, pack: &mut Pack) -> Result<Vec<Shortcoming>, Error> {
        let mut short = Vec::new();
        let digests = Digests::of(self.home, self.config)?;
        pack.put_json("digests.json", &digests)?;
        let version = self.notice(pack, &mut short)?;
        pack.put_json("rehearsal.json", &self.rehearsals)?;
        let broken = self.rehearsals.iter().filter(|report| !report.is_clean());
        let seeds: Vec<u64> = broken.map(|report| report.seed).collect();
        if !seeds.is_empty() {
            short.push(Shortcoming::Rehearsal { seeds });
        }
        self.evaluations(pack, &digests.components)?;
        self.ledger(pack, &mut short, &digests.components, version.as_ref())?;
        Ok(short)
    }

    /// The notice in force, and the papers of what the configuration does.
    fn notice(&self, pack: &mut Pack, short: &mut Vec<Shortcoming>) -> Result<Option<Version>, Error> {
        let Some(facts) = self.facts else {
            short.push(Shortcoming::NoNotice);
            return Ok(None);
        };
        let mut put = |name: &str, documents: Vec<(String, String)>| -> Result<(), Error> {
            for (of, page) in documents {
                pack.put(&format!("notice/{name}.{of}"), page.as_bytes())?;
            }
            Ok(())
        };
        put("record", notice::in_all_languages(|language| papers::record(facts, language)))?;
        put("dpia", notice::in_all_languages(|language| papers::assessment(facts, language)))?;
        put("works-council", notice::in_all_languages(|language| papers::works_council(facts, language)))?;
        let version = notice::store(self.config).current()?;
        match &version {
            None => short.push(Shortcoming::NoticeNotPublished),
            Some(version) => {
                let standing = Standing::Published(version);
                put("notice", notice::in_all_languages(|of| pages::document(&version.facts, of, &standing)))?;
                pack.put_json("notice/notice.json", version)?;
                if !version.tells(facts) {
                    let items = changes(&version.facts, facts).into_keys().collect();
                    short.push(Shortcoming::NoticeDiffers { version: version.number, items });
                }
            }
        }
        Ok(version)
    }

    /// The reports that were given, if they are about what is at work.
    fn evaluations(&self, pack: &mut Pack, components: &[AtWork]) -> Result<(), Error> {
        let at_work: Vec<_> = components.iter().map(|component| component.measured.clone()).collect();
        for (number, path) in (1..).zip(self.evaluations) {
            let (about, text) = report(path, &at_work)?;
            let name = match about {
                About::Privacy => "privacy",
                About::Gestures => "gestures",
            };
            pack.put(&format!("evaluation/{name}-{number}.json"), &text)?;
        }
        Ok(())
    }

    /// Whether the ledger is whole, and whether what it says is in force is what is here.
    fn ledger(
        &self,
        pack: &mut Pack,
        short: &mut Vec<Shortcoming>,
        components: &[AtWork],
        version: Option<&Version>,
    ) -> Result<(), Error> {
        let archive = self.archive;
        if self.config.cloud().is_some() && !archive.has_cloud() {
            return Err(Error::NoCloud);
        }
        // What waits is a part of it.
        archive.tell_ledger()?;
        let key = archive.ledger_public_key()?;
        pack.put("ledger/key.txt", format!("{key}\n").as_bytes())?;
        let verified = sluis_ledger::verify(archive.ledger_folder(), &key, &archive.checkpoints_in_cloud()?)?;
        pack.put_json("ledger/verify.json", &verified)?;
        let Verified { problems, unlisted, .. } = &verified;
        let problems = problems.len() as u64 + unlisted;
        if problems > 0 {
            short.push(Shortcoming::Ledger { problems });
        }
        let in_force = InForce::read(archive.ledger_folder())?;
        pack.put_json("ledger/in-force.json", &in_force)?;
        let text = |record: &Option<Entered>, field: &str| {
            record.as_ref().and_then(|told| told.record.get(field)?.as_str().map(str::to_owned))
        };
        let ledger = text(&in_force.configuration, "sha256");
        if ledger.as_deref() != Some(&pack.configuration().sha256.to_string()) {
            short.push(Shortcoming::ConfigurationNotInForce { ledger });
        }
        let told = in_force.components.as_ref().and_then(|told| told.record.get("components")?.as_array());
        let told = told.map_or(&[][..], Vec::as_slice);
        let is_told = |at_work: &AtWork| {
            let field = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
            let of = &at_work.measured;
            told.iter().any(|one| {
                field(one, "name").as_ref() == Some(&of.name) && field(one, "digest").as_ref() == Some(&of.sha256)
            })
        };
        for component in components.iter().filter(|component| !is_told(component)) {
            let component = component.measured.name.clone();
            short.push(Shortcoming::ComponentNotInForce { component });
        }
        if let Some(version) = version {
            let told = (text(&in_force.notice, "version"), text(&in_force.notice, "sha256"));
            if told != (Some(version.number.to_string()), Some(version.sha256.to_string())) {
                short.push(Shortcoming::NoticeNotInLedger { version: version.number });
            }
        }
        Ok(())
    }

    fn explain(&self, pack: &mut Pack, shortcomings: &[Shortcoming]) -> Result<(), Error> {
        let paths: Vec<PackPath> = pack.paths().cloned().collect();
        let configuration = pack.configuration().clone();
        let shop = self.config.shop.name.as_str();
        let told = Told { shop, made: self.now, configuration: &configuration, shortcomings, paths: &paths };
        let document = index::document(&told, self.language);
        pack.put("index.html", html::page(&document).as_bytes())?;
        Ok(pack.put("index.txt", text::page(&document).as_bytes())?)
    }
}

// === impl InForce ===

impl InForce {
    /// Reads the whole ledger, as far as it can be read: where it cannot, verifying has said so.
    fn read(folder: &Path) -> Result<Self, Error> {
        let mut found = Self::default();
        for entry in sluis_ledger::read(folder)? {
            let entry = match entry {
                Err(sluis_ledger::Error::Line { .. }) => break,
                other => other?,
            };
            let mut record = entry.what;
            let of = match record.get("event").and_then(Value::as_str) {
                Some("started") => &mut found.started,
                Some("configuration") => &mut found.configuration,
                Some("components") => &mut found.components,
                Some("notice") => &mut found.notice,
                _ => continue,
            };
            if let Some(fields) = record.as_object_mut() {
                fields.retain(|field, _| !["by", "because"].contains(&field.as_str()));
            }
            *of = Some(Entered { number: entry.number, at: entry.at, record });
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluis_ledger::{EntryId, Ledger, LedgerKey, New};

    use super::*;

    #[test]
    fn what_is_in_force_is_the_last_of_each_kind_without_who_and_why() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("ledger");
        let mut ledger = Ledger::open(&folder, LedgerKey::from_seed([1; 32]), "sluis/test").unwrap();
        let whats = [
            json!({ "event": "configuration", "sha256": "old" }),
            json!({ "event": "notice", "version": "1", "by": "anna", "because": "a test" }),
            json!({ "event": "configuration", "sha256": "new" }),
            json!({ "event": "stopped" }),
        ];
        let new = |(n, what): (u8, &Value)| New { at: 0, id: EntryId::from_bytes([n; 16]), what: what.clone() };
        ledger.append(&(0..).zip(&whats).map(new).collect::<Vec<_>>()).unwrap();
        let found = InForce::read(&folder).unwrap();
        let configuration = found.configuration.unwrap();
        assert_eq!((configuration.number, &configuration.record["sha256"]), (2, &json!("new")));
        assert_eq!(found.notice.unwrap().record, json!({ "event": "notice", "version": "1" }));
        assert_eq!((found.started, found.components), (None, None));
    }

    #[test]
    fn what_is_there_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(refuse_existing(folder.path()), Err(Error::Exists { .. })));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(matches!(refuse_existing(&link), Err(Error::Exists { .. })));
        assert!(refuse_existing(&folder.path().join("new")).is_ok());
    }
}
