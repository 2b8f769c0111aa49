//! Promises that are broken on purpose, to see that it is found.

use std::fs;

use sluis_vault::Archive;

use crate::error::Error;
use crate::settings::Planted;
use crate::study::Study;

// === impl Study ===

impl Study {
    /// Breaks what was to be broken.
    pub(crate) fn plant(&mut self) -> Result<(), Error> {
        let last = self.day + 1 == self.settings.days && self.tick == 20;
        match self.settings.planted {
            Some(Planted::BytesVanish | Planted::ByteChanged) if last => {
                let vanish = self.settings.planted == Some(Planted::BytesVanish);
                let Some(segment) = self.book.living(self.world.truth()).pop() else { return Ok(()) };
                for folder in [self.shop.folder().join("segments"), self.shop.elsewhere("cloud")] {
                    let path = folder.join(format!("{segment}-0.sealed"));
                    let Ok(mut bytes) = fs::read(&path) else { continue };
                    bytes[50] ^= 1;
                    let done = if vanish { fs::remove_file(&path) } else { fs::write(&path, bytes) };
                    done.map_err(Error::file(&path, "plant a fault in"))?;
                }
            }
            Some(Planted::KeysPutBack) if last => {
                let index = rusqlite::Connection::open(self.shop.folder().join("index.sqlite"))?;
                for page in self.book.pages.iter().filter(|page| page.buried) {
                    if let Some(key) = self.remembered.get(&page.segment) {
                        let put = "UPDATE keys SET wrapped = ?1 WHERE segment = ?2 AND generation = ?3";
                        index.execute(put, rusqlite::params![key.bytes, key.segment.as_bytes(), key.generation])?;
                    }
                }
                drop(index);
                self.check(false)?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn cut_ledger(&mut self) -> Result<(), Error> {
        self.ask(Archive::tell_ledger)?;
        let path = self.shop.ledger().join("ledger.jsonl");
        let text = fs::read_to_string(&path).map_err(Error::file(&path, "read"))?;
        let lines: Vec<_> = text.lines().collect();
        let middle = lines.len() / 2;
        let whole = self.settings.planted == Some(Planted::LedgerCut);
        let kept = lines.iter().enumerate().filter(|(n, _)| if whole { *n < middle } else { *n != middle });
        let text: String = kept.flat_map(|(_, line)| [*line, "\n"]).collect();
        fs::write(&path, text).map_err(Error::file(&path, "cut a line out of"))
    }
}
