//! The store of requests: one SQLite file.
//!
//! **What lies in the clear**: number, kind, when it was received and is due, state, when it is forgotten, until when segments are held. All else is sealed under a key of the request's own, and that key under the desk's.
//! The clear columns are bound into the seal: who changes one makes the request unreadable, and that is told.
//!
//! **Forgetting.** A request is personal data, with a deadline of its own: 365 days after its decision when nothing is said. Until then the controller must be able to show that it answered, and how (Art. 5(2), Art. 12(5), (6)); then
//! nothing needs it any more (Art. 5(1)(e)). Its key is overwritten where it stands, its content is removed, and number, kind and dates stay as an entry, so that numbers are never used twice. An undecided request is not forgotten. As in the vault's index: keys are rows of one length that are only
//! ever added, `secure_delete` zeroes what SQLite frees, a checkpoint with truncation follows, and the file is never `VACUUM`ed.
//!
//! **Together.** Any number of processes may use a desk at once. Each change reads and writes in one transaction.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use serde::Serialize;
use sluis_frame::Timestamp;

use crate::change::Change;
use crate::error::Error;
use crate::number::RequestNumber;
use crate::request::{AnswerTo, Did, Kind, New, Request, State};
use crate::seal::{Sealer, WRAPPED, fingerprint};
use crate::term::{Calendar, Of, Reminder, days_between, reminder};

/// The file's name in its folder.
pub const FILE: &str = "rights.sqlite";

/// How long a call waits while another process writes. Writes here take milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a busy file is asked again where SQLite does not wait by itself.
const AGAIN: Duration = Duration::from_millis(20);

/// Not text, for the eye of `file(1)` and of whoever finds it: "SLRD".
const APPLICATION_ID: i64 = 0x534c_5244;

/// What each version adds. A published step is never edited; a new version is a new step.
const STEPS: [&str; 1] = ["
    CREATE TABLE desk (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32)
    ) STRICT;

    CREATE TABLE requests (
        year INTEGER NOT NULL,
        count INTEGER NOT NULL CHECK (count > 0),
        kind TEXT NOT NULL,
        received INTEGER NOT NULL,   -- nanoseconds since 1970, like all times here
        due TEXT NOT NULL,           -- a day of the shop
        state TEXT NOT NULL CHECK (state IN ('open', 'waiting', 'closed', 'forgotten')),
        forget_by INTEGER,           -- NULL before it is decided
        held_until INTEGER,
        reminded TEXT NOT NULL,      -- the day of the last reminder; at first that of receipt
        content BLOB,                -- sealed; NULL once it is forgotten
        PRIMARY KEY (year, count),
        CHECK ((state = 'forgotten') = (content IS NULL))
    ) STRICT;

    -- Wrapped keys of requests: nonce, key, tag. Destroyed by overwriting with as many zeros; rows are only ever added at the end, so pages are never rearranged.
    CREATE TABLE keys (
        slot INTEGER PRIMARY KEY AUTOINCREMENT,
        year INTEGER NOT NULL,
        count INTEGER NOT NULL,
        wrapped BLOB NOT NULL CHECK (length(wrapped) = 60),
        UNIQUE (year, count),
        FOREIGN KEY (year, count) REFERENCES requests (year, count)
    ) STRICT;

    -- Copies that were made for the people who asked. They outlive the request's content until somebody says that they are deleted.
    CREATE TABLE copies (
        slot INTEGER PRIMARY KEY AUTOINCREMENT,
        year INTEGER NOT NULL,
        count INTEGER NOT NULL,
        made INTEGER NOT NULL,
        delete_by INTEGER NOT NULL,
        deleted INTEGER,
        folder BLOB,                 -- sealed under the desk's key; NULL once it is deleted
        FOREIGN KEY (year, count) REFERENCES requests (year, count)
    ) STRICT;
"];

/// Who does something, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By<'a> {
    /// Who, as the vault names members of staff.
    pub who: &'a str,
    /// When.
    pub at: Timestamp,
}

/// How long what is kept at the desk is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Requests, after their decision.
    pub requests: Duration,
    /// Copies that were made for the person, after they were made: time to fetch them.
    pub copies: Duration,
}

/// A request, as the list has it. Nothing of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Listed {
    /// Its number.
    pub number: RequestNumber,
    /// What is asked for.
    pub kind: Kind,
    /// When it was received.
    pub received: Timestamp,
    /// The last day for an answer.
    pub due: Date,
    /// Where it stands.
    pub state: State,
    /// When it is, or was, forgotten; `None` before it is decided.
    pub forget_by: Option<Timestamp>,
    /// When the first of the segments that matter is destroyed, whatever the desk does.
    pub held_until: Option<Timestamp>,
}

/// A copy that was made for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PersonCopy {
    /// For which request.
    pub number: RequestNumber,
    /// Where it lies.
    pub folder: PathBuf,
    /// When it was made.
    pub made: Timestamp,
    /// When it must be deleted.
    pub delete_by: Timestamp,
}

/// What a sweep did, and leaves to others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Swept {
    /// Requests that were forgotten.
    pub forgotten: Vec<RequestNumber>,
    /// Copies whose time is over: to be deleted, and then told with [`Desk::copy_deleted`]. They are told again until then.
    pub delete: Vec<PersonCopy>,
}

/// The desk. Shared by threads; calls run one after another.
pub struct Desk {
    path: PathBuf,
    connection: Mutex<Connection>,
    sealer: Sealer,
    calendar: Calendar,
    keep: Keep,
}

// === impl Keep ===

impl Default for Keep {
    /// 365 days and 30 days.
    fn default() -> Self {
        const DAY: u64 = 24 * 3600;
        Self { requests: Duration::from_secs(365 * DAY), copies: Duration::from_secs(30 * DAY) }
    }
}

// === impl Desk ===

impl Desk {
    /// Opens the desk in `folder`, and makes it where there is none: `rights.sqlite`, mode 0600. `key` is derived from the vault's root secret, for this purpose alone.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKey`] when it was made under another key; [`Error::Damaged`]; [`Error::Newer`]; [`Error::File`]; [`Error::Store`].
    pub fn open(folder: &Path, key: &[u8; 32], calendar: Calendar, keep: Keep) -> Result<Self, Error> {
        let path = folder.join(FILE);
        // Made here, not by SQLite, for its mode: the WAL and shared-memory files get the mode of the main file.
        let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        made.map_err(Error::file(&path, "make the rights desk"))?;
        let connection = connect(&path).map_err(failed(&path, "open it"))?;
        let desk = Self { path, connection: Mutex::new(connection), sealer: Sealer::new(key), calendar, keep };
        desk.migrate()?;
        let found: Option<Vec<u8>> = desk.transaction("note whose it is", |tx| {
            let insert = "INSERT OR IGNORE INTO desk (one, fingerprint) VALUES (1, ?1)";
            tx.execute(insert, [fingerprint(key)]).map_err(desk.failed("note whose it is"))?;
            let read = tx.query_row("SELECT fingerprint FROM desk", [], |row| row.get(0)).optional();
            read.map_err(desk.failed("read whose it is"))
        })?;
        if found.as_deref() == Some(fingerprint(key).as_slice()) {
            Ok(desk)
        } else {
            Err(Error::WrongKey { path: desk.path })
        }
    }

    /// The calendar that it counts by.
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Enters a request, and gives it its number and its date.
    ///
    /// # Errors
    ///
    /// [`Error::NotEntered`] when it was received in the future, or says no way to answer; [`Error::Store`]; [`Error::Random`].
    pub fn enter(&self, new: New, by: By<'_>) -> Result<Request, Error> {
        let not = |why: &str| Err(Error::NotEntered { why: why.to_owned() });
        if new.received > by.at {
            return not(
                "it was received in the future: give the day on which it came in, or set this machine's clock right",
            );
        }
        let answerable = match &new.person.answer_to {
            AnswerTo::Email(address) => {
                address.expose().split_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
            }
            AnswerTo::Post(lines) => lines.iter().any(|line| !line.expose().trim().is_empty()),
            AnswerTo::Collect => true,
        };
        if !answerable {
            return not(
                "nobody could be answered: give an e-mail address, an address, or say that the person comes to fetch it",
            );
        }
        if new.window.is_some_and(|window| window.from >= window.to) {
            return not("its window ends before it begins");
        }
        let received = self.calendar.day(new.received);
        let Ok(year) = u16::try_from(received.year()) else { return not("it was received before our calendar began") };
        self.transaction("enter a request", |tx| {
            let last = "SELECT COALESCE(MAX(count), 0) FROM requests WHERE year = ?1";
            let last: u32 = tx.query_row(last, [year], |row| row.get(0)).map_err(self.failed("count requests"))?;
            let mut request = Request {
                number: RequestNumber::new(year, last + 1),
                kind: new.kind,
                state: State::Open,
                received: new.received,
                due: self.calendar.due(received),
                forget_by: None,
                language: new.language,
                person: new.person,
                remembers: vec![new.remembers],
                window: new.window,
                cameras: new.cameras,
                held: Vec::new(),
                chosen: BTreeSet::new(),
                extension: None,
                decision: None,
                pause: None,
                receipt: None,
                letters: Vec::new(),
                steps: Vec::new(),
            };
            request.did(Did::Entered, by);
            let (sealer, wrapped) = self.sealer.new_key(&key_context(request.number))?;
            let insert = "INSERT INTO requests (year, count, kind, received, due, state, reminded, content)
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let listed = listed(&request);
            let content = sealed(&sealer, &request)?;
            tx.execute(
                insert,
                params![
                    year,
                    listed.number.count(),
                    listed.kind.as_str(),
                    listed.received.as_nanos(),
                    listed.due.to_string(),
                    listed.state.as_str(),
                    received.to_string(),
                    content
                ],
            )
            .and_then(|_| {
                let insert = "INSERT INTO keys (year, count, wrapped) VALUES (?1, ?2, ?3)";
                tx.execute(insert, params![year, listed.number.count(), wrapped])
            })
            .map_err(self.failed("enter a request"))?;
            Ok(request)
        })
    }

    /// All requests, forgotten ones too, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`]; [`Error::Store`].
    pub fn list(&self) -> Result<Vec<Listed>, Error> {
        let connection = self.lock();
        self.listed_where(&connection, "ORDER BY year, count", [])
    }

    /// One request.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`]; [`Error::Forgotten`]; [`Error::Damaged`] when it was changed from outside; [`Error::Store`].
    pub fn show(&self, number: RequestNumber) -> Result<Request, Error> {
        self.load(&self.lock(), number).map(|(_, request)| request)
    }

    /// Does something with a request, and gives it as it is then. Nothing is changed when it fails.
    ///
    /// # Errors
    ///
    /// [`Error::NotNow`] says why it cannot be done; those of [`show`](Self::show); [`Error::Random`].
    pub fn apply(&self, number: RequestNumber, change: Change, by: By<'_>) -> Result<Request, Error> {
        self.apply_all(number, [change], by)
    }

    /// Does several things with a request, or none of them, and gives it as it is then: a crash leaves no half of what belongs together.
    ///
    /// # Errors
    ///
    /// Those of [`apply`](Self::apply).
    pub fn apply_all(
        &self,
        number: RequestNumber,
        changes: impl IntoIterator<Item = Change>,
        by: By<'_>,
    ) -> Result<Request, Error> {
        self.transaction("change a request", |tx| {
            let (sealer, mut request) = self.load(tx, number)?;
            for change in changes {
                request.apply(change, by, &self.calendar, self.keep)?;
            }
            self.store(tx, &sealer, &request)?;
            Ok(request)
        })
    }

    /// The request as it would be after these changes, which are not stored: what they would be refused for is refused, and a letter can be written before what it tells is done.
    ///
    /// # Errors
    ///
    /// Those of [`apply`](Self::apply).
    pub fn rehearse(
        &self,
        number: RequestNumber,
        changes: impl IntoIterator<Item = Change>,
        by: By<'_>,
    ) -> Result<Request, Error> {
        let mut request = self.show(number)?;
        for change in changes {
            request.apply(change, by, &self.calendar, self.keep)?;
        }
        Ok(request)
    }

    /// A copy was made for the person, in this folder. It is to be deleted when the person has it, and [`Keep::copies`] later at the latest.
    ///
    /// # Errors
    ///
    /// Those of [`show`](Self::show); [`Error::Random`].
    pub fn copy_made(&self, number: RequestNumber, folder: &Path, by: By<'_>) -> Result<PersonCopy, Error> {
        let copy = PersonCopy { number, folder: folder.to_owned(), made: by.at, delete_by: by.at + self.keep.copies };
        self.transaction("note a copy", |tx| {
            let (sealer, mut request) = self.load(tx, number)?;
            request.did(Did::CopyMade, by);
            self.store(tx, &sealer, &request)?;
            let folder = self.sealer.seal(&copy_context(number), folder.as_os_str().as_bytes())?;
            let insert = "INSERT INTO copies (year, count, made, delete_by, folder) VALUES (?1, ?2, ?3, ?4, ?5)";
            let times = (copy.made.as_nanos(), copy.delete_by.as_nanos());
            let insert = tx.execute(insert, params![number.year(), number.count(), times.0, times.1, folder]);
            insert.map(drop).map_err(self.failed("note a copy"))
        })?;
        Ok(copy)
    }

    /// That copy is deleted. Also of a request that is forgotten.
    ///
    /// # Errors
    ///
    /// [`Error::NoCopy`] when the desk knows of none there; [`Error::Damaged`]; [`Error::Store`].
    pub fn copy_deleted(&self, number: RequestNumber, folder: &Path, by: By<'_>) -> Result<(), Error> {
        self.transaction("note that a copy is deleted", |tx| {
            let copies = self.copies_where(tx)?;
            let here: Vec<_> = copies.iter().filter(|(_, c)| c.number == number && c.folder == folder).collect();
            if here.is_empty() {
                return Err(Error::NoCopy { number, folder: folder.to_owned() });
            }
            for (slot, _) in here {
                let update = "UPDATE copies SET deleted = ?2, folder = NULL WHERE slot = ?1";
                tx.execute(update, params![slot, by.at.as_nanos()])
                    .map_err(self.failed("note that a copy is deleted"))?;
            }
            match self.load(tx, number) {
                Ok((sealer, mut request)) => {
                    request.did(Did::CopyDeleted, by);
                    self.store(tx, &sealer, &request)
                }
                Err(Error::Forgotten { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    /// All copies that are not deleted yet, the most pressing first.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`]; [`Error::Store`].
    pub fn copies(&self) -> Result<Vec<PersonCopy>, Error> {
        let copies = self.copies_where(&self.lock())?;
        Ok(copies.into_iter().map(|(_, copy)| copy).collect())
    }

    /// The reminders that are due and were not given yet, the most pressing first.
    ///
    /// Counted to the day on which the answer is due, or, where that is earlier, on which what is held for the request is destroyed.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`]; [`Error::Store`].
    pub fn reminders(&self, now: Timestamp) -> Result<Vec<Reminder>, Error> {
        let today = self.calendar.day(now);
        let connection = self.lock();
        let open = self.listed_where(&connection, "WHERE state IN ('open', 'waiting') ORDER BY year, count", [])?;
        let mut due = Vec::new();
        for listed in open {
            let reminded: String = connection
                .query_row("SELECT reminded FROM requests WHERE year = ?1 AND count = ?2", key(listed.number), |r| {
                    r.get(0)
                })
                .map_err(self.failed("read reminders"))?;
            let since = reminded
                .parse()
                .map_err(|_| self.damaged(format!("a reminder of request {} has no day", listed.number)))?;
            let held = listed.held_until.map(|until| self.calendar.day(until));
            let (of, date) = match held.filter(|held| *held < listed.due && *held >= today) {
                Some(held) => (Of::EndOfHold, held),
                None => (Of::Answer, listed.due),
            };
            if reminder(date, since, today).is_some() {
                let days_left = days_between(today, date);
                due.push(Reminder { number: listed.number, kind: listed.kind, of, date, days_left });
            }
        }
        due.sort_by_key(|reminder| (reminder.date, reminder.number));
        Ok(due)
    }

    /// The officer was given this reminder.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    pub fn reminded(&self, number: RequestNumber, now: Timestamp) -> Result<(), Error> {
        let update = "UPDATE requests SET reminded = MAX(reminded, ?3) WHERE year = ?1 AND count = ?2";
        let today = self.calendar.day(now).to_string();
        let done = self.lock().execute(update, params![number.year(), number.count(), today]);
        done.map(drop).map_err(self.failed("note a reminder"))
    }

    /// Forgets the requests whose time is over, and says which copies must be deleted. To be called often; a call with nothing to do is two queries and a checkpoint.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when another process reads without end: what was forgotten is, and the next sweep empties the log; [`Error::Store`].
    pub fn sweep(&self, now: Timestamp) -> Result<Swept, Error> {
        const DOING: &str = "forget requests";
        let forgotten = self.transaction(DOING, |tx| {
            let over = "WHERE state = 'closed' AND forget_by <= ?1 ORDER BY year, count";
            let over = self.listed_where(tx, over, [now.as_nanos()])?;
            for listed in &over {
                let zeros = "UPDATE keys SET wrapped = zeroblob(?3) WHERE year = ?1 AND count = ?2";
                let content = "UPDATE requests SET state = 'forgotten', content = NULL, held_until = NULL WHERE year = ?1 AND count = ?2";
                let (year, count) = key(listed.number);
                tx.execute(zeros, params![year, count, WRAPPED as i64])
                    .and_then(|_| tx.execute(content, params![year, count]))
                    .map_err(self.failed(DOING))?;
            }
            Ok(over.into_iter().map(|listed| listed.number).collect())
        })?;
        // Each time: an earlier sweep may have been kept from it.
        self.checkpoint()?;
        let delete = self.copies()?.into_iter().filter(|copy| copy.delete_by <= now).collect();
        Ok(Swept { forgotten, delete })
    }

    fn checkpoint(&self) -> Result<(), Error> {
        let busy: rusqlite::Result<i64> =
            self.lock().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        match busy.map_err(self.failed("write its log back"))? {
            0 => Ok(()),
            _ => Err(Error::Busy { path: self.path.clone() }),
        }
    }

    /// Nothing is written into a file that is not whole or not ours.
    fn migrate(&self) -> Result<(), Error> {
        const DOING: &str = "bring it up to date";
        self.version(&self.lock())?;
        let whole: rusqlite::Result<String> = self.lock().query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
        match whole.map_err(self.failed("look whether it is whole"))?.as_str() {
            "ok" => {}
            found => return Err(self.damaged(found.to_owned())),
        }
        // The change to WAL needs the file alone, and SQLite does not wait for that by itself.
        let mut waited = Duration::ZERO;
        loop {
            let changed = self.lock().pragma_update(None, "journal_mode", "WAL");
            match changed {
                Err(error) if is_busy(&error) && waited < PATIENCE => {
                    thread::sleep(AGAIN);
                    waited += AGAIN;
                }
                other => break other.map_err(self.failed(DOING))?,
            }
        }
        self.transaction(DOING, |tx| {
            let steps = &STEPS[self.version(tx)?..];
            for step in steps {
                tx.execute_batch(step).map_err(self.failed(DOING))?;
            }
            if steps.is_empty() {
                return Ok(());
            }
            tx.pragma_update(None, "application_id", APPLICATION_ID)
                .and_then(|()| tx.pragma_update(None, "user_version", STEPS.len() as i64))
                .map_err(self.failed(DOING))
        })
    }

    /// How many steps were taken in this file.
    fn version(&self, connection: &Connection) -> Result<usize, Error> {
        let read =
            |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(self.failed("read its version"));
        let found = read("PRAGMA user_version")?;
        let ours = match read("PRAGMA application_id")? {
            APPLICATION_ID => true,
            id => id == 0 && found == 0 && read("SELECT COUNT(*) FROM sqlite_schema")? == 0,
        };
        if !ours {
            return Err(self.damaged("it is the file of another program".to_owned()));
        }
        usize::try_from(found).ok().filter(|version| *version <= STEPS.len()).ok_or_else(|| Error::Newer {
            path: self.path.clone(),
            found,
            known: STEPS.len() as i64,
        })
    }

    fn load(&self, connection: &Connection, number: RequestNumber) -> Result<(Sealer, Request), Error> {
        let listed = self.listed_where(connection, "WHERE year = ?1 AND count = ?2", key(number))?;
        let listed = listed.first().ok_or(Error::Unknown { number })?;
        if listed.state == State::Forgotten {
            return Err(Error::Forgotten { number });
        }
        let sql = "SELECT wrapped, content FROM requests JOIN keys USING (year, count) WHERE year = ?1 AND count = ?2";
        let row =
            connection.query_row(sql, key(number), |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)));
        let (wrapped, content) = row.map_err(self.failed("read a request"))?;
        let changed = |_| self.damaged(format!("request {number} was changed from outside this program"));
        let sealer = self.sealer.unwrap(&key_context(number), &wrapped).map_err(changed)?;
        let plain = sealer.open(&content_context(listed), &content).map_err(changed)?;
        let request = serde_json::from_slice(&plain).map_err(|e| {
            self.damaged(format!("request {number} cannot be read (line {}, column {})", e.line(), e.column()))
        })?;
        Ok((sealer, request))
    }

    fn store(&self, tx: &Transaction<'_>, sealer: &Sealer, request: &Request) -> Result<(), Error> {
        let listed = listed(request);
        let content = sealed(sealer, request)?;
        let update = "UPDATE requests SET due = ?3, state = ?4, forget_by = ?5, held_until = ?6, content = ?7 WHERE year = ?1 AND count = ?2";
        tx.execute(
            update,
            params![
                listed.number.year(),
                listed.number.count(),
                listed.due.to_string(),
                listed.state.as_str(),
                listed.forget_by.map(Timestamp::as_nanos),
                listed.held_until.map(Timestamp::as_nanos),
                content
            ],
        )
        .map(drop)
        .map_err(self.failed("change a request"))
    }

    fn listed_where(
        &self,
        connection: &Connection,
        condition: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<Listed>, Error> {
        let sql =
            format!("SELECT year, count, kind, received, due, state, forget_by, held_until FROM requests {condition}");
        let rows = connection.prepare_cached(&sql).and_then(|mut statement| {
            statement.query_map(values, |row| Ok(read_listed(row)))?.collect::<Result<Vec<_>, _>>()
        });
        let rows = rows.map_err(self.failed("read requests"))?;
        rows.into_iter().map(|row| row.map_err(|what| self.damaged(what))).collect()
    }

    fn copies_where(&self, connection: &Connection) -> Result<Vec<(i64, PersonCopy)>, Error> {
        let sql = "SELECT slot, year, count, made, delete_by, folder FROM copies WHERE deleted IS NULL ORDER BY delete_by, slot";
        let rows = connection.prepare_cached(sql).and_then(|mut statement| {
            let read = |row: &Row<'_>| {
                let number = RequestNumber::new(row.get(1)?, row.get(2)?);
                let time = |column| row.get(column).map(Timestamp::from_nanos);
                Ok((row.get::<_, i64>(0)?, number, time(3)?, time(4)?, row.get::<_, Vec<u8>>(5)?))
            };
            statement.query_map([], read)?.collect::<Result<Vec<_>, _>>()
        });
        let rows = rows.map_err(self.failed("read copies"))?;
        rows.into_iter()
            .map(|(slot, number, made, delete_by, folder)| {
                let folder = self.sealer.open(&copy_context(number), &folder).ok();
                let folder = folder.map(|bytes| OsString::from_vec(bytes.to_vec()));
                let folder = folder.ok_or_else(|| self.damaged(format!("a copy of request {number} was changed")))?;
                Ok((slot, PersonCopy { number, folder: folder.into(), made, delete_by }))
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle of a transaction has rolled it back: the connection is as good as before.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one transaction; it is rolled back when `body` fails.
    fn transaction<T>(
        &self,
        doing: &'static str,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(self.failed(doing))?;
        let value = body(&tx)?;
        tx.commit().map_err(self.failed(doing))?;
        Ok(value)
    }

    fn damaged(&self, what: String) -> Error {
        Error::Damaged { path: self.path.clone(), what }
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
        failed(&self.path, doing)
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("path", &self.path).finish_non_exhaustive()
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    // Before anything else: it holds for this connection only.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// For `map_err` on what SQLite does: what is wrong with the file is told as that.
fn failed(path: &Path, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
    let path = path.to_owned();
    move |source| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Error::Damaged { path, what: "it is no SQLite file".to_owned() },
        Some(ErrorCode::DatabaseCorrupt) => Error::Damaged { path, what: source.to_string() },
        _ => Error::Store { path, doing, source },
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn key(number: RequestNumber) -> (u16, u32) {
    (number.year(), number.count())
}

fn listed(request: &Request) -> Listed {
    Listed {
        number: request.number,
        kind: request.kind,
        received: request.received,
        due: request.due,
        state: request.state,
        forget_by: request.forget_by,
        held_until: request.held_until(),
    }
}

fn sealed(sealer: &Sealer, request: &Request) -> Result<Vec<u8>, Error> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(request).expect("a request is plain data"));
    sealer.seal(&content_context(&listed(request)), &plain)
}

fn key_context(number: RequestNumber) -> Vec<u8> {
    format!("sluis rights request key {number}").into_bytes()
}

fn copy_context(number: RequestNumber) -> Vec<u8> {
    format!("sluis rights copy {number}").into_bytes()
}

/// All that lies in the clear beside it.
fn content_context(listed: &Listed) -> Vec<u8> {
    format!("sluis rights request {}", serde_json::to_string(listed).expect("a row is plain data")).into_bytes()
}

fn read_listed(row: &Row<'_>) -> Result<Listed, String> {
    let read = || -> rusqlite::Result<_> {
        let number = RequestNumber::new(row.get(0)?, row.get(1)?);
        let words = [row.get::<_, String>(2)?, row.get::<_, String>(4)?, row.get::<_, String>(5)?];
        Ok((number, words, row.get::<_, i64>(3)?, row.get::<_, Option<i64>>(6)?, row.get::<_, Option<i64>>(7)?))
    };
    let (number, [kind, due, state], received, forget_by, held_until) =
        read().map_err(|e| format!("a row cannot be read: {e}"))?;
    let strange = |what: &str| format!("request {number} has a strange {what}");
    Ok(Listed {
        number,
        kind: Kind::ALL.into_iter().find(|k| k.as_str() == kind).ok_or_else(|| strange("kind"))?,
        received: Timestamp::from_nanos(received),
        due: due.parse().map_err(|_| strange("date"))?,
        state: State::ALL.into_iter().find(|s| s.as_str() == state).ok_or_else(|| strange("state"))?,
        forget_by: forget_by.map(Timestamp::from_nanos),
        held_until: held_until.map(Timestamp::from_nanos),
    })
}
