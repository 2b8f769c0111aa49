//! Records on their way into the ledger.

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
        let what = serde_json::to_string(record).expect("a record is plain data");
        let new = "INSERT INTO outbox (id, at, what) VALUES (?1, ?2, ?3)";
        let at = self.last_seen().as_nanos();
        let mut statement = transaction.prepare_cached(new).map_err(self.failed("write a record"))?;
        statement.execute(params![id, at, what]).map_err(self.failed("write a record"))?;
        Ok(())
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

    /// How many records the ledger had when it was last written to from here.
    pub(crate) fn ledger_length(&self) -> Result<u64, Error> {
        let read = self.lock().query_row("SELECT ledger FROM vault", [], |row| row.get::<_, i64>(0));
        Ok(read.map_err(self.failed("read how long the ledger is"))?.cast_unsigned())
    }
}
