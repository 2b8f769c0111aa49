//! The half of the keyring's key that lies in the index.

use rusqlite::{OptionalExtension, params};

use super::Index;
use crate::error::Error;
use crate::keyring::{DayClass, RingSecret};
use crate::record::Record;

// === impl Index ===

impl Index {
    /// The present secret; `None` while there is no keyring.
    pub(crate) fn ring(&self) -> Result<Option<RingSecret>, Error> {
        self.lock()
            .query_row("SELECT generation, secret FROM ring", [], |row| {
                let generation: i64 = row.get(0)?;
                let secret = zeroize::Zeroizing::new(row.get::<_, [u8; 32]>(1)?);
                Ok(RingSecret { generation: generation.cast_unsigned(), secret })
            })
            .optional()
            .map_err(self.failed("read the keyring's secret"))
    }

    /// Puts a new secret in the place of the old one, and brings that out of the write-ahead log as well.
    /// What is destroyed with the old one is written down with it.
    ///
    /// # Errors
    ///
    /// [`Error::IndexBusy`] when another process was reading all the while, so that the old secret may still be in the log: the new one counts all the same.
    pub(crate) fn set_ring(&self, ring: &RingSecret, destroyed: &[DayClass]) -> Result<(), Error> {
        let doing = "store the keyring's secret";
        // The row is overwritten where it stands: it is of the same length.
        let put = "INSERT INTO ring VALUES (1, ?1, ?2) ON CONFLICT (one) DO UPDATE SET generation = excluded.generation, secret = excluded.secret";
        let secret: &[u8] = ring.secret.as_ref();
        self.transaction(doing, |transaction| {
            self.run(transaction, doing, put, params![ring.generation.cast_signed(), secret])?;
            let records = destroyed.iter().map(|day| Record::DayKeyDestroyed { day: day.to_string() });
            records.into_iter().try_for_each(|record| self.tell(transaction, &record))
        })?;
        self.checkpoint()
    }
}
