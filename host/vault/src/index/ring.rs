//! The half of the keyring's key that lies in the index.

use rusqlite::{OptionalExtension, params};

use super::Index;
use crate::error::Error;
use crate::keyring::RingSecret;

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
    pub(crate) fn set_ring(&self, ring: &RingSecret) -> Result<(), Error> {
        // The row is overwritten where it stands: it is of the same length.
        let put = "INSERT INTO ring VALUES (1, ?1, ?2) ON CONFLICT (one) DO UPDATE SET generation = excluded.generation, secret = excluded.secret";
        let secret: &[u8] = ring.secret.as_ref();
        self.lock()
            .execute(put, params![ring.generation.cast_signed(), secret])
            .map_err(self.failed("store the keyring's secret"))?;
        // When somebody reads just now the log keeps it a little longer; the next sweep tries again.
        match self.checkpoint() {
            Err(Error::IndexBusy { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
