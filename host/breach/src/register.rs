//! The folder of breaches: one folder for each, with a file for each step, `1.json`, `2.json`, and so on.
//!
//! **Only ever added to.** A step is written whole or not at all, and never written again. Its number and the SHA-256 of its file are written into a [`Book`] before it is taken, so a step that is changed, removed or
//! slipped in is told.
//!
//! **Crash safe.** A step is first a file with the end `.new`, on the disk; then a line in the book; then it gets its name. Of a crash between these, a `.new` whose digest the book has is a step, and gets its
//! name at the next write; any other never happened.
//!
//! **Together.** Any number of processes may use a register at once: who writes holds a lock, who reads shares one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Serialize;
use sluis_rights::Calendar;

use crate::breach::Breach;
use crate::error::Error;
use crate::number::BreachNumber;
use crate::step::{By, Entered, Signs, Step, Taken};

/// The folder of signs that were looked into, beside those of breaches; and their number, where a breach has one.
pub const SIGNS: &str = "signs";

/// The file that is locked.
const LOCK: &str = ".lock";

/// Steps of a breach at the most that are looked for where no book tells how many there are.
const MOST: u64 = 100_000;

/// How long a call waits while another process writes. Writes take milliseconds, and a moment more where the ledger is busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a book can fail with.
pub type BookError = Box<dyn std::error::Error + Send + Sync>;

/// Where each step is written before it is taken, and cannot be changed unseen: the ledger.
pub trait Book {
    /// Writes a line. It is there for good when this returns.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being written: then the step is not taken.
    fn write(&self, line: &Written) -> Result<(), BookError>;

    /// All lines there are, in any order.
    ///
    /// # Errors
    ///
    /// Whatever keeps them from being read.
    fn read(&self) -> Result<Vec<Written>, BookError>;
}

/// A line of the book.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Written {
    /// The number of the breach, or `signs`.
    pub number: String,
    /// Which of its steps.
    pub step: u64,
    /// SHA-256 of its file, in hexadecimal digits.
    pub sha256: String,
}

/// A register: a folder. It need not exist until something is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    folder: PathBuf,
}

/// All that a register has.
#[derive(Debug, Default)]
pub struct Contents {
    /// Its breaches, by number.
    pub breaches: Vec<Breach>,
    /// Signs that were looked into and are none.
    pub dismissed: Vec<Taken>,
    /// What is not as it was written.
    pub trouble: Vec<Trouble>,
}

/// A step that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trouble {
    /// Of which breach, or `signs`.
    pub number: String,
    /// Which step.
    pub step: u64,
    /// What is wrong with it.
    pub what: Wrong,
}

/// What is wrong with a step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wrong {
    /// Its file is not the one that the ledger tells of.
    Changed,
    /// There is no file, and the ledger tells of it, or there is a later one.
    Removed,
    /// There is a file, and the ledger does not tell of it.
    SlippedIn,
    /// Its file is no step.
    Unreadable,
}

/// The register that belongs to a vault: beside it, not in it. A copy of the vault's folder that is put back must not take the register back, and a vault that is lost must not take it along.
pub fn breaches_beside(vault: &Path) -> PathBuf {
    let mut name = vault.file_name().unwrap_or("vault".as_ref()).to_owned();
    name.push(".breaches");
    vault.with_file_name(name)
}

/// The steps of one folder, as its files say.
#[derive(Debug, Default)]
struct Case {
    /// By number: digest, and the step where it can be read.
    files: BTreeMap<u64, (String, Option<Taken>)>,
    /// Files that have not got their name yet.
    pending: BTreeMap<u64, (String, Option<Taken>)>,
}

// === impl Register ===

impl Register {
    /// In this folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All that it has, held against the book; without one, nothing is told of steps that were changed or removed.
    ///
    /// # Errors
    ///
    /// [`Error::File`]; [`Error::Book`].
    pub fn read(&self, book: Option<&dyn Book>) -> Result<Contents, Error> {
        let _lock = match self.folder.is_dir() {
            true => Some(self.lock(false)?),
            // That it is gone is told by the book.
            false => None,
        };
        self.read_locked(book)
    }

    /// One breach, with what is wrong with its steps.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`]; [`Error::Headless`]; [`Error::File`]; [`Error::Book`].
    pub fn show(&self, book: &dyn Book, number: BreachNumber) -> Result<(Breach, Vec<Trouble>), Error> {
        let mut contents = self.read(Some(book))?;
        contents.trouble.retain(|trouble| trouble.number == number.to_string());
        let found = contents.breaches.into_iter().find(|breach| breach.number == number);
        match found {
            Some(breach) => Ok((breach, contents.trouble)),
            None if contents.trouble.is_empty() => Err(Error::Unknown { number }),
            None => Err(Error::Headless { number, path: self.path(&number.to_string(), 1) }),
        }
    }

    /// Enters a breach, and gives it its number.
    ///
    /// # Errors
    ///
    /// [`Error::NotEntered`] when it was noticed in the future, is of no kind, or its window ends before it begins; [`Error::Words`]; [`Error::File`]; [`Error::Book`]; [`Error::Random`].
    pub fn enter(&self, book: &dyn Book, entered: Entered, calendar: &Calendar, by: By<'_>) -> Result<Breach, Error> {
        let not = |why: &str| Err(Error::NotEntered { why: why.to_owned() });
        if entered.aware > by.at {
            return not(
                "you become aware of it in the future: give the time at which you did, or set this machine's clock right",
            );
        }
        if entered.kinds.is_empty() {
            return not("say what was breached: confidentiality, integrity or availability");
        }
        if let Some(window) = entered.window {
            if window.from >= window.to {
                return not("its time ends before it begins");
            }
            if window.from > by.at {
                return not("it begins in the future");
            }
        }
        let Ok(year) = u16::try_from(calendar.day(entered.aware).year()) else {
            return not("you became aware of it before our calendar began");
        };
        let step = Step::Entered(Box::new(entered)).checked()?;
        let _lock = self.lock(true)?;
        let lines = book.read().map_err(Error::book("read"))?;
        // Also of breaches whose folder was removed: no number is used twice.
        let known = self.cases()?.into_iter().chain(lines.into_iter().map(|line| line.number));
        let known = known.filter_map(|name| name.parse::<BreachNumber>().ok()).filter(|number| number.year() == year);
        let number = BreachNumber::new(year, known.map(BreachNumber::count).max().unwrap_or(0) + 1);
        let taken = self.add(book, &number.to_string(), 1, step, by)?;
        Breach::of(number, vec![taken])
            .ok_or_else(|| Error::Headless { number, path: self.path(&number.to_string(), 1) })
    }

    /// Takes a step with a breach, and gives it as it is then. Nothing is changed when it fails.
    ///
    /// A breach of which steps were changed or removed can be gone on with: the clock does not stand still for whoever did that.
    ///
    /// # Errors
    ///
    /// [`Error::NotNow`] says why it cannot be taken; [`Error::Words`]; those of [`show`](Self::show); [`Error::Random`].
    pub fn take(&self, book: &dyn Book, number: BreachNumber, step: Step, by: By<'_>) -> Result<Breach, Error> {
        let (step, name) = (step.checked()?, number.to_string());
        let _lock = self.lock(true)?;
        let lines = book.read().map_err(Error::book("read"))?;
        let path = self.path(&name, 1);
        let (steps, next) = self.ready(&name, &lines)?;
        if next == 1 {
            return Err(Error::Unknown { number });
        }
        let headless = || Error::Headless { number, path: path.clone() };
        let mut breach = Breach::of(number, steps).ok_or_else(headless)?;
        breach.allows(&step, by.at)?;
        breach.steps.push(self.add(book, &name, next, step, by)?);
        Breach::of(number, breach.steps).ok_or_else(headless)
    }

    /// Signs were looked into, and are no breach.
    ///
    /// # Errors
    ///
    /// [`Error::Words`]; [`Error::File`]; [`Error::Book`]; [`Error::Random`].
    pub fn dismiss(&self, book: &dyn Book, signs: Signs, told: &str, because: &str, by: By<'_>) -> Result<(), Error> {
        let (told, because) = (told.to_owned(), because.to_owned());
        let step = Step::Dismissed { signs, told, because }.checked()?;
        let _lock = self.lock(true)?;
        let lines = book.read().map_err(Error::book("read"))?;
        let (_, next) = self.ready(SIGNS, &lines)?;
        self.add(book, SIGNS, next, step, by).map(drop)
    }

    fn read_locked(&self, book: Option<&dyn Book>) -> Result<Contents, Error> {
        let lines = book.map(Book::read).transpose().map_err(Error::book("read"))?;
        let mut contents = Contents::default();
        let of_lines = lines.iter().flatten().map(|line| line.number.clone());
        let names: BTreeSet<String> = self.cases()?.into_iter().chain(of_lines).collect();
        for name in names {
            let mut case = self.case(&name)?;
            case.settle(&name, lines.as_deref());
            contents.trouble.extend(case.troubles(&name, lines.as_deref()));
            let steps = case.steps();
            match name.parse::<BreachNumber>() {
                Ok(number) => contents.breaches.extend(Breach::of(number, steps)),
                Err(_) => contents.dismissed = steps,
            }
        }
        contents.trouble.sort();
        Ok(contents)
    }

    /// The steps of a folder that is about to get one more, and that one's number. What a crash left is put in order first.
    fn ready(&self, name: &str, lines: &[Written]) -> Result<(Vec<Taken>, u64), Error> {
        let mut case = self.case(name)?;
        for number in case.settle(name, Some(lines)) {
            let (from, to) = (self.pending(name, number), self.path(name, number));
            fs::rename(&from, &to).map_err(Error::file(&from, "put into its place"))?;
        }
        let in_book = lines.iter().filter(|line| line.number == name).map(|line| line.step).max();
        let in_folder = case.files.keys().next_back().copied();
        Ok((case.steps(), in_book.max(in_folder).unwrap_or(0) + 1))
    }

    /// Writes a step: on the disk, in the book, and then it is one.
    fn add(&self, book: &dyn Book, name: &str, number: u64, step: Step, by: By<'_>) -> Result<Taken, Error> {
        let folder = self.folder.join(name);
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::file(&folder, "make")(error));
            }
            _ => {}
        }
        sync(&self.folder)?;
        let mut salt = [0; 16];
        SystemRandom::new().fill(&mut salt).map_err(|_| Error::Random)?;
        let taken = Taken { number, who: by.who.to_owned(), at: by.at, salt: hex::encode(salt), step };
        let mut text = serde_json::to_vec_pretty(&taken).expect("a step is texts and numbers");
        text.push(b'\n');
        let (pending, path) = (self.pending(name, number), self.path(name, number));
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&pending);
        file.and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .map_err(Error::file(&pending, "write"))?;
        sync(&folder)?;
        let line = Written { number: name.to_owned(), step: number, sha256: sha256(&text) };
        if let Err(error) = book.write(&line) {
            // Of a step that was not taken nothing stays. If it cannot be removed, no line of the book makes it one.
            let _ = fs::remove_file(&pending);
            return Err(Error::book("write into")(error));
        }
        fs::rename(&pending, &path).map_err(Error::file(&path, "write"))?;
        sync(&folder)?;
        Ok(taken)
    }

    /// The folders there are.
    fn cases(&self) -> Result<Vec<String>, Error> {
        let names = names(&self.folder)?;
        Ok(names.into_iter().filter(|name| name == SIGNS || name.parse::<BreachNumber>().is_ok()).collect())
    }

    fn case(&self, name: &str) -> Result<Case, Error> {
        let mut case = Case::default();
        let folder = self.folder.join(name);
        for file in names(&folder)? {
            let (digits, files) = match (file.strip_suffix(".json"), file.strip_suffix(".json.new")) {
                (Some(digits), _) => (digits, &mut case.files),
                (_, Some(digits)) => (digits, &mut case.pending),
                _ => continue,
            };
            let Some(number) = digits.parse::<u64>().ok().filter(|number| number.to_string() == digits) else {
                continue;
            };
            let path = folder.join(&file);
            let text = fs::read(&path).map_err(Error::file(&path, "read"))?;
            let step = serde_json::from_slice::<Taken>(&text).ok().filter(|step| step.number == number);
            files.insert(number, (sha256(&text), step));
        }
        Ok(case)
    }

    fn path(&self, name: &str, number: u64) -> PathBuf {
        self.folder.join(name).join(format!("{number}.json"))
    }

    fn pending(&self, name: &str, number: u64) -> PathBuf {
        self.folder.join(name).join(format!("{number}.json.new"))
    }

    /// Waits for the lock. It ends with the file, and with the process.
    fn lock(&self, alone: bool) -> Result<File, Error> {
        if alone {
            match DirBuilder::new().mode(0o700).create(&self.folder) {
                Ok(()) => {
                    let above = self.folder.parent().filter(|above| !above.as_os_str().is_empty());
                    sync(above.unwrap_or(Path::new(".")))?;
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::file(&self.folder, "make")(error)),
            }
        }
        let path = self.folder.join(LOCK);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(Error::file(&path, "open"))?;
        let begun = Instant::now();
        loop {
            match if alone { file.try_lock() } else { file.try_lock_shared() } {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(20)),
                Err(TryLockError::WouldBlock) => {
                    let busy = io::Error::new(io::ErrorKind::TimedOut, "another process holds it without end");
                    return Err(Error::file(&path, "lock")(busy));
                }
                Err(TryLockError::Error(error)) => return Err(Error::file(&path, "lock")(error)),
            }
        }
    }
}

// === impl Case ===

impl Case {
    /// Makes steps of files that have not got their name and are in the book. Says which. Without a book there are none.
    fn settle(&mut self, name: &str, lines: Option<&[Written]>) -> Vec<u64> {
        let in_book = |number: u64, sha256: &str| {
            let is = |line: &Written| line.number == name && line.step == number && line.sha256 == sha256;
            lines.is_some_and(|lines| lines.iter().any(is))
        };
        let mut settled = Vec::new();
        for (number, (sha256, step)) in std::mem::take(&mut self.pending) {
            if !self.files.contains_key(&number) && in_book(number, &sha256) {
                self.files.insert(number, (sha256, step));
                settled.push(number);
            }
        }
        settled
    }

    /// What is wrong, as the book has it; without one, what the files show by themselves: a step that cannot be read, and one that is missing before others.
    fn troubles(&self, name: &str, lines: Option<&[Written]>) -> Vec<Trouble> {
        let told: BTreeMap<u64, Option<&str>> = if let Some(lines) = lines {
            let of = lines.iter().filter(|line| line.number == name);
            of.map(|line| (line.step, Some(line.sha256.as_str()))).collect()
        } else {
            let last = self.files.keys().next_back().copied().unwrap_or(0);
            (1..=last.min(MOST)).chain(self.files.keys().copied()).map(|step| (step, None)).collect()
        };
        let numbers: BTreeSet<u64> = told.keys().chain(self.files.keys()).copied().collect();
        let trouble = |step: u64| {
            let what = match (told.get(&step), self.files.get(&step)) {
                (Some(Some(told)), Some((found, _))) if told != found => Wrong::Changed,
                (Some(_), None) => Wrong::Removed,
                (None, Some(_)) => Wrong::SlippedIn,
                (_, Some((_, None))) => Wrong::Unreadable,
                _ => return None,
            };
            Some(Trouble { number: name.to_owned(), step, what })
        };
        numbers.into_iter().filter_map(trouble).collect()
    }

    fn steps(self) -> Vec<Taken> {
        self.files.into_values().filter_map(|(_, step)| step).collect()
    }
}

// === impl Trouble ===

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, step, what } = self;
        match what {
            Wrong::Changed => {
                write!(f, "step {step} of {number} was changed: it is not the one that the ledger tells of")
            }
            Wrong::Removed => write!(f, "step {step} of {number} was removed"),
            Wrong::SlippedIn => write!(f, "step {step} of {number} was slipped in: the ledger does not tell of it"),
            Wrong::Unreadable => {
                write!(f, "step {step} of {number} cannot be read by this sluis: a newer one wrote it")
            }
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

/// The names in a folder; none where there is no such folder.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let read = Error::file(folder, "read");
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(read(error)),
    };
    let names: io::Result<Vec<_>> = files.map(|file| Ok(file?.file_name())).collect();
    Ok(names.map_err(read)?.into_iter().filter_map(|name| name.into_string().ok()).collect())
}

fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::file(folder, "sync"))
}
