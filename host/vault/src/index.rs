//! The index: what segments there are, in which state, under which wrapped keys, who opened them, and how they ended.
//!
//! One SQLite file, `index.sqlite`, in WAL mode. Every change of state is one transaction that refuses what cannot follow. All is written to disk before a
//! call returns (`synchronous=FULL`): a key is stored before the first byte that is sealed under it, and what was destroyed stays destroyed.
//!
//! **Destroyed keys leave the file.** A key is overwritten in place with zeros, `secure_delete` zeroes what SQLite frees, and a checkpoint after each destruction brings the
//! change into the main file and truncates the write-ahead log. The index is never `VACUUM`ed: that would write all keys once more, into a second file.
//! What a flash disk's wear levelling or a file system's snapshot keeps is out of reach from here; such a copy is still wrapped under the root secret.
//!
//! - `observe`: time; `ring`: half of the keyring's key; `outbox`: records on their way into the ledger; `copies`: the cloud; `sharing`: staff, partners, grants.
//! - `holds`, `restrictions`: what people ask for a segment; `pauses`: what may not be seen for a while.
//! - [`State`] and [`Ending`]: the states and how one follows another.
//! - [`Entry`], [`Opening`], [`Export`], [`Receipt`]: rows as types.

pub(crate) mod copies;
pub(crate) mod entry;
pub(crate) mod holds;
mod journal;
pub(crate) mod observe;
pub(crate) mod outbox;
pub(crate) mod pauses;
pub(crate) mod restrictions;
mod ring;
mod schema;
pub(crate) mod segments;
pub(crate) mod sharing;
pub(crate) mod state;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use copies::Backlog;
pub use entry::{Entry, Export, ExportForm, Kept, Opening, Receipt};
pub use holds::Hold;
pub use pauses::Pause;
pub use restrictions::{Exemption, Restriction};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
pub(crate) use sharing::GrantEnd;
pub use sharing::{Demand, GrantEntry, PartnerOpening, Role, Staff};
pub use state::{Ending, State, UnknownState};

use crate::error::Error;

/// The file's name in the vault's folder.
pub(crate) const FILE: &str = "index.sqlite";

/// How long a call waits while another process writes. SQLite's writes here take milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// What tells one root secret from another, without telling anything about it.
pub(crate) type Fingerprint = [u8; 32];

/// The open index. Shared by threads; calls run one after another.
pub(crate) struct Index {
    path: PathBuf,
    connection: Mutex<Connection>,
    /// The time of the last look at the clock, in nanoseconds since 1970: when records are written down.
    seen: AtomicI64,
    /// In whose name, and why, what is done here is written down: a member of staff at the command line.
    acting: Mutex<Option<(String, String)>>,
}

// === impl Index ===

impl Index {
    /// Opens the index in `folder`, and makes or migrates it as needed. Only for the process that holds the vault's lock.
    pub(crate) fn keep(folder: &Path, root: &Fingerprint) -> Result<Self, Error> {
        let path = folder.join(FILE);
        // Made here, not by SQLite, for its mode: the WAL and shared-memory files get the mode of the main file.
        let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        made.map_err(Error::file(&path, "make the index"))?;
        let mut index = Self::connect(path)?;
        let connection = index.connection.get_mut().unwrap_or_else(PoisonError::into_inner);
        let migrated = schema::version(connection).and_then(|version| {
            if version > schema::VERSION {
                return Ok(Err(version));
            }
            connection.pragma_update(None, "journal_mode", "WAL")?;
            schema::migrate(connection)?;
            connection.execute(
                "INSERT OR IGNORE INTO vault (one, root, latest) VALUES (1, ?1, ?2)",
                params![root, i64::MIN],
            )?;
            // So that a main file without content means that there was never anything in it.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(Ok(()))
        });
        index.known(migrated)?;
        index.check_root(folder, root)?;
        Ok(index)
    }

    /// Opens an index that is there, in the version that is known here, beside the process that keeps it.
    pub(crate) fn visit(folder: &Path, root: &Fingerprint) -> Result<Self, Error> {
        let path = folder.join(FILE);
        if !path.try_exists().map_err(Error::file(&path, "look for the index"))? {
            return Err(Error::NoVault { folder: folder.to_owned() });
        }
        let mut index = Self::connect(path)?;
        let connection = index.connection.get_mut().unwrap_or_else(PoisonError::into_inner);
        match schema::version(connection).map_err(index.failed("read its version"))? {
            0 => return Err(Error::NoVault { folder: folder.to_owned() }),
            version if version < schema::VERSION => {
                let what =
                    format!("it has version {version}; start the recorder once to bring it to {}", schema::VERSION);
                return Err(Error::Damaged { path: index.path, what });
            }
            version if version > schema::VERSION => index.known(Ok(Err(version)))?,
            _ => {}
        }
        index.check_root(folder, root)?;
        Ok(index)
    }

    fn connect(path: PathBuf) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(&path, flags).and_then(|connection| {
            connection.busy_timeout(PATIENCE)?;
            // Before anything else: it holds for this connection only.
            connection.pragma_update(None, "secure_delete", "ON")?;
            connection.pragma_update(None, "foreign_keys", "ON")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "temp_store", "MEMORY")?;
            connection.set_prepared_statement_cache_capacity(64);
            Ok(connection)
        });
        match opened {
            Ok(connection) => {
                Ok(Self { path, connection: Mutex::new(connection), seen: AtomicI64::new(0), acting: Mutex::default() })
            }
            Err(source) => Err(Error::Index { path, doing: "open it", source }),
        }
    }

    fn known(&self, migrated: rusqlite::Result<Result<(), i64>>) -> Result<(), Error> {
        let version = migrated.map_err(self.failed("bring it up to date"))?;
        let known = schema::VERSION;
        version.map_err(|found| Error::NewerIndex { path: self.path.clone(), found, known })
    }

    fn check_root(&self, folder: &Path, root: &Fingerprint) -> Result<(), Error> {
        let stored: Option<Fingerprint> = self
            .lock()
            .query_row("SELECT root FROM vault", [], |row| row.get(0))
            .optional()
            .map_err(self.failed("read whose it is"))?;
        match stored {
            Some(stored) if stored == *root => Ok(()),
            Some(_) => Err(Error::WrongRoot { folder: folder.to_owned() }),
            None => Err(Error::NoVault { folder: folder.to_owned() }),
        }
    }

    /// Whose vault it is.
    pub(crate) fn shop(&self) -> Result<String, Error> {
        let read = self.lock().query_row("SELECT shop FROM vault", [], |row| row.get(0));
        read.map_err(self.failed("read whose it is"))
    }

    /// Notes whose vault it is.
    pub(crate) fn set_shop(&self, shop: &str) -> Result<(), Error> {
        let put = "UPDATE vault SET shop = ?1 WHERE shop <> ?1";
        self.lock().execute(put, [shop]).map(drop).map_err(self.failed("note whose it is"))
    }

    /// Brings all changes into the main file and empties the write-ahead log, so that no overwritten key is left in it.
    ///
    /// # Errors
    ///
    /// [`Error::IndexBusy`] when another process was reading all the while: to be tried again.
    pub(crate) fn checkpoint(&self) -> Result<(), Error> {
        let busy: i64 = self
            .lock()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(self.failed("write its log back"))?;
        if busy == 0 { Ok(()) } else { Err(Error::IndexBusy { path: self.path.clone() }) }
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
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(self.failed(doing))?;
        let value = body(&transaction)?;
        transaction.commit().map_err(self.failed(doing))?;
        Ok(value)
    }

    /// One statement of a transaction, compiled once. Says how many rows it has changed.
    fn run(
        &self,
        transaction: &Transaction<'_>,
        doing: &'static str,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<usize, Error> {
        let changed = transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        changed.map_err(self.failed(doing))
    }

    /// All rows of a query.
    fn rows<T>(
        &self,
        doing: &'static str,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let connection = self.lock();
        let rows = connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(values, read)?.collect::<Result<_, _>>());
        rows.map_err(self.failed(doing))
    }

    /// For what is there and cannot be what it should be.
    pub(crate) fn damaged(&self, what: String) -> Error {
        Error::Damaged { path: self.path.clone(), what }
    }

    /// For `map_err` on what SQLite does.
    fn failed(&self, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
        let path = self.path.clone();
        move |source| Error::Index { path, doing, source }
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("path", &self.path).finish_non_exhaustive()
    }
}
