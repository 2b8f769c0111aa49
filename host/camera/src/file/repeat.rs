//! A recording that begins again when it is over.

use std::fmt;
use std::time::Duration;

use sluis_frame::{Frame, Raw, Timestamp};

use crate::driver::{Description, Driver};
use crate::error::Error;
use crate::stamps::Stamps;

/// Opens the recording for one more pass.
type Open = Box<dyn Fn() -> Result<Box<dyn Driver>, Error> + Send>;

/// A recording without end: numbers and times go on from pass to pass.
pub(super) struct Repeat {
    open: Open,
    pass: Box<dyn Driver>,
    description: Description,
    stamps: Stamps,
    /// When this pass begins, after the first frame of all.
    offset: Duration,
    /// Capture of this pass's first frame.
    first: Option<Timestamp>,
    /// The last frame, after the first of all.
    last: Duration,
}

// === impl Repeat ===

impl Repeat {
    /// `open` gives the recording from its start, not held back to its own pace: that is done here.
    pub(super) fn new(open: Open, stamps: Stamps) -> Result<Self, Error> {
        let pass = open()?;
        let description = Description { frames: None, ..pass.description().clone() };
        Ok(Self { open, pass, description, stamps, offset: Duration::ZERO, first: None, last: Duration::ZERO })
    }

    fn again(&mut self) -> Result<(), Error> {
        self.pass = (self.open)()?;
        self.offset = self.last + self.description.rate.time_of(1);
        self.first = None;
        Ok(())
    }
}

impl Driver for Repeat {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        let frame = match self.pass.next()? {
            Some(frame) => Some(frame),
            None => {
                self.again()?;
                self.pass.next()?
            }
        };
        // A recording without a picture was refused when it was opened.
        let Some(frame) = frame else { return Ok(None) };
        let captured = frame.header().captured;
        self.last = self.offset + captured.since(*self.first.get_or_insert(captured));
        Ok(Some(frame.captured_as(self.stamps.next(self.last))))
    }

    fn is_live(&self) -> bool {
        self.stamps.are_live()
    }
}

impl fmt::Debug for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repeat").field("description", &self.description).finish_non_exhaustive()
    }
}
