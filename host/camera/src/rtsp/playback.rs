//! Coded pictures as they arrive to pictures with their time of capture.

use sluis_frame::{Picture, Size, Timestamp};

use super::Address;
use super::inbox::Unit;
use crate::error::Error;
use crate::h264::Pictures;
use crate::mapping::Mapping;

/// Decodes the stream of one camera.
///
/// Damage is never shown: after a loss, or a picture that cannot be decoded, everything is passed over up to the next key picture.
pub(super) struct Playback {
    at: Address,
    mapping: Mapping,
    /// `None` until a key picture comes.
    decoder: Option<Pictures>,
    /// Takes the pictures of a decoder that is not used any more.
    before: Option<Pictures>,
    /// The size of all pictures, once there is one.
    size: Option<Size>,
    /// Coded pictures since the last picture.
    fruitless: u32,
    /// Failures of the decoder since the last picture.
    failures: u32,
}

/// So many failures in a row are no accident: one a key picture, so about half a minute with the usual distance of 4 s between them.
const MOST_FAILURES: u32 = 8;

/// So many coded pictures in a row of which no picture comes: half a minute at 30 a second. Cameras that save bandwidth send a key picture every 10 s or so.
const MOST_FRUITLESS: u32 = 900;

/// A decoder holds back at most 16 pictures (H.264, A.3.1, `MaxDpbFrames`). One that holds more has lost some.
const MOST_HELD: usize = 16;

// === impl Playback ===

impl Playback {
    /// Nothing has come yet. `now` is our clock.
    pub(super) fn new(at: Address, now: Timestamp) -> Self {
        Self { at, mapping: Mapping::new(now), decoder: None, before: None, size: None, fruitless: 0, failures: 0 }
    }

    /// Takes a coded picture. Pictures that come of it are got with [`next`](Self::next) before another is put in.
    pub(super) fn put(&mut self, unit: &Unit) -> Result<(), Error> {
        self.mapping.arrived(unit.device, unit.steady, unit.clock);
        if let Some(expected) = self.size.filter(|size| *size != unit.format.size) {
            return Err(Error::Resized { at: self.at.clone(), expected, found: unit.format.size });
        }
        self.fruitless += 1;
        if self.fruitless > MOST_FRUITLESS {
            return Err(self.garbled(format!("of {MOST_FRUITLESS} pictures in a row none could be decoded")));
        }
        if unit.gap {
            self.cut();
        }
        if self.decoder.is_none() {
            if !unit.key {
                return Ok(());
            }
            self.decoder = Some(Pictures::new(unit.format.colour).map_err(|reason| self.garbled(reason))?);
        }
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let decoded = decoder.decode(&unit.data, unit.device);
        match decoded {
            Ok(()) if decoder.held() <= MOST_HELD => Ok(()),
            Ok(()) => self.fail("the decoder keeps pictures to itself".to_owned()),
            Err(reason) => self.fail(reason),
        }
    }

    /// There is no more: what is held back comes out.
    pub(super) fn finish(&mut self) {
        self.cut();
    }

    /// Throws away what has not come out.
    pub(super) fn clear(&mut self) {
        (self.decoder, self.before) = (None, None);
    }

    /// The next picture, and when it was captured.
    pub(super) fn next(&mut self) -> Result<Option<(Picture, Timestamp)>, Error> {
        let shown = self.before.as_mut().and_then(Pictures::next);
        let Some(shown) = shown.or_else(|| self.decoder.as_mut().and_then(Pictures::next)) else { return Ok(None) };
        self.fruitless = 0;
        self.failures = 0;
        let found = shown.picture.size();
        let expected = *self.size.get_or_insert(found);
        if found != expected {
            return Err(Error::Resized { at: self.at.clone(), expected, found });
        }
        Ok(Some((shown.picture, self.mapping.captured(shown.at))))
    }

    fn fail(&mut self, reason: String) -> Result<(), Error> {
        self.cut();
        self.failures += 1;
        if self.failures < MOST_FAILURES {
            Ok(())
        } else {
            Err(self.garbled(format!("pictures that cannot be decoded ({reason})")))
        }
    }

    /// Begins anew with the next key picture. What was decoded before still comes out.
    fn cut(&mut self) {
        if let Some(mut decoder) = self.decoder.take() {
            // What it held back is whole, or it says nothing.
            let _ = decoder.flush();
            self.before = Some(decoder);
        }
    }

    fn garbled(&self, reason: String) -> Error {
        Error::Garbled { at: self.at.clone(), reason }
    }
}
