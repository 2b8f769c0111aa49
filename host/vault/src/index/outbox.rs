//! Records on their way into the ledger.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Transaction, params};
use sluis_frame::Timestamp;

use super::Index;
use crate::error::Error;
use crate::record::Record;

/// A record that the ledger may not have yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) number: i64,
    /// Its name: the ledger takes it once.
    pub(crate) id: [u8; 16],
    pub(crate) at: Timestamp,
    /// JSON.
    pub(crate) what: String,
}

// === impl Index ===

impl Index {
    /// Writes down what a transaction does, as part of it.
    pub(crate) fn tell(&self, transaction: &Transaction<'_>, record: &Record<'_>) -> Result<(), Error> {
        let mut id = [0; 16];
        SystemRandom::new().fill(&mut id).map_err(|_| Error::Random)?;
        let mut what = serde_json::to_value(record).expect("a record is plain data");
        let acting = self.acting.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let (Some((by, because)), Some(fields)) = (acting, what.as_object_mut()) {
            fields.insert("by".to_owned(), by.into());
            fields.insert("because".to_owned(), because.into());
        }
        let what = what.to_string();
        let new = "INSERT INTO outbox (id, at, what) VALUES (?1, ?2, ?3)";
        let at = self.last_seen().as_nanos();
        let mut statement = transaction.prepare_cached(new).map_err(self.failed("write a record"))?;
        statement.execute(params![id, at, what]).map_err(self.failed("write a record"))?;
        Ok(())
    }

    /// From now on all is written down in this name, with this reason.
    pub(crate) fn act(&self, by: &str, because: &str) {
        *self.acting.lock().unwrap_or_else(PoisonError::into_inner) = Some((by.to_owned(), because.to_owned()));
    }

    /// Writes down something that changes nothing here.
    pub(crate) fn note(&self, record: &Record<'_>) -> Result<(), Error> {
        self.transaction("write a record", |transaction| self.tell(transaction, record))
    }

    /// The oldest records that wait.
    pub(crate) fn outbox(&self, limit: u32) -> Result<Vec<Waiting>, Error> {
        let connection = self.lock();
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Waiting {
                number: row.get(0)?,
                id: row.get(1)?,
                at: Timestamp::from_nanos(row.get(2)?),
                what: row.get(3)?,
            })
        };
        connection
            .prepare_cached("SELECT number, id, at, what FROM outbox ORDER BY number LIMIT ?1")
            .and_then(|mut statement| statement.query_map([limit], read)?.collect::<Result<_, _>>())
            .map_err(self.failed("read the records that wait"))
    }

    /// The ledger has all up to `number`, and so many records in all.
    pub(crate) fn told(&self, number: i64, entries: u64) -> Result<(), Error> {
        let doing = "note what the ledger has";
        self.transaction(doing, |transaction| {
            transaction.execute("DELETE FROM outbox WHERE number <= ?1", [number]).map_err(self.failed(doing))?;
            let entries = i64::try_from(entries).unwrap_or(i64::MAX);
            transaction.execute("UPDATE vault SET ledger = max(ledger, ?1)", [entries]).map_err(self.failed(doing))?;
            Ok(())
        })
    }

    /// Where the ledger lies, as the process that keeps the vault was told.
    pub(crate) fn ledger_folder(&self) -> Result<Option<PathBuf>, Error> {
        let read = self.lock().query_row("SELECT ledger_dir FROM vault", [], |row| row.get::<_, Option<String>>(0));
        Ok(read.map_err(self.failed("read where the ledger is"))?.map(PathBuf::from))
    }

    /// Notes where the ledger lies.
    pub(crate) fn set_ledger_folder(&self, folder: &Path) -> Result<(), Error> {
        let put = "UPDATE vault SET ledger_dir = ?1 WHERE ledger_dir IS NOT ?1";
        let text = folder.display().to_string();
        self.lock().execute(put, [text]).map(drop).map_err(self.failed("note where the ledger is"))
    }

    /// Holds an older copy of the vault to be as new as the ledger: what was in between is done again.
    pub(crate) fn caught_up(&self, entries: u64) -> Result<(), Error> {
        let entries = i64::try_from(entries).unwrap_or(i64::MAX);
        let put = "UPDATE vault SET ledger = ?1";
        self.lock().execute(put, [entries]).map(drop).map_err(self.failed("note what the ledger has"))
    }

    /// How many records the ledger had when it was last written to from here.
    pub(crate) fn ledger_length(&self) -> Result<u64, Error> {
        let read = self.lock().query_row("SELECT ledger FROM vault", [], |row| row.get::<_, i64>(0));
        Ok(read.map_err(self.failed("read how long the ledger is"))?.cast_unsigned())
    }
}
