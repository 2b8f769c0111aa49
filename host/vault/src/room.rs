//! Room on the disk: what lies in the cloud too goes first, and recording stops before the disk is full.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::error::Error;
use crate::vault::Vault;

/// Says how many bytes are free where the vault lies.
pub trait Free: fmt::Debug + Send + Sync {
    /// Bytes that this program may still write.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    fn free(&self) -> io::Result<u64>;
}

/// What is to stay free.
#[derive(Debug, Clone)]
pub struct Reserve {
    /// Who knows.
    pub disk: Arc<dyn Free>,
    /// Below so many free bytes local copies make room, the oldest first, if the cloud has them too.
    pub make_room_below: u64,
    /// Below so many free bytes nothing more is recorded. Less than the other, or copies would make room in vain.
    pub stop_below: u64,
}

// === impl Vault ===

impl Vault {
    /// Whether there is room for another segment.
    pub(crate) fn has_room(&self) -> Result<(), Error> {
        let Some(reserve) = &self.reserve else { return Ok(()) };
        let free = reserve.disk.free().map_err(Error::FreeSpace)?;
        if free < reserve.stop_below {
            return Err(Error::NoRoom { free, needed: reserve.stop_below });
        }
        Ok(())
    }

    /// Removes local copies of what the cloud has too, the oldest recordings first, until there is room enough. Says how many. To be called now and then.
    ///
    /// # Errors
    ///
    /// [`Error::FreeSpace`]; [`Error::Store`]; [`Error::Index`].
    pub fn make_room(&self) -> Result<u64, Error> {
        let Some(reserve) = &self.reserve else { return Ok(0) };
        let mut gone = 0;
        while reserve.disk.free().map_err(Error::FreeSpace)? < reserve.make_room_below {
            let Some(entry) = self.index().may_make_room(1)?.pop() else { break };
            // On nobody's word: the copy is there, and as long as it should be.
            let Some(cloud) = &self.archive().cloud else { break };
            self.is_ours(cloud.as_ref())?;
            if cloud.size(&entry.object())? != Some(entry.bytes) {
                self.index().copy_lost(entry.segment)?;
                continue;
            }
            self.index().not_here(entry.segment)?;
            self.store().delete(&entry.object())?;
            self.store().settle()?;
            gone += 1;
        }
        if gone > 0 {
            self.archive().tell_ledger_soon();
        }
        Ok(gone)
    }
}
