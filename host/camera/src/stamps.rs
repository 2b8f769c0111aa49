//! The headers of a camera's frames.

use std::time::Duration;

use sluis_frame::{CameraId, Clock, FrameNumber, Header, Timestamp};

use crate::pace::{Pace, Pacer};

/// Gives the frames of one camera their headers, at its pace.
#[derive(Debug)]
pub(crate) struct Stamps {
    camera: CameraId,
    opened: Timestamp,
    number: FrameNumber,
    last: Duration,
    pacer: Pacer,
}

// === impl Stamps ===

impl Stamps {
    /// The first frame is taken now, says `clock`.
    pub(crate) fn new(camera: CameraId, pace: Pace, clock: &dyn Clock) -> Self {
        Self { camera, opened: clock.now(), number: FrameNumber(0), last: Duration::ZERO, pacer: Pacer::new(pace) }
    }

    /// The camera's name.
    pub(crate) fn camera(&self) -> &CameraId {
        &self.camera
    }

    /// The number of the next frame.
    pub(crate) fn number(&self) -> FrameNumber {
        self.number
    }

    /// The header of the next frame, taken `after` the first one; waits until it is due. Time does not run backwards: a file that says so is
    /// read as if the frame came together with the one before.
    pub(crate) fn next(&mut self, after: Duration) -> Header {
        let after = after.max(self.last);
        self.pacer.wait(after);
        self.last = after;
        self.at(self.opened + after)
    }

    /// The header of the next frame of a camera that says itself when it was `captured`.
    pub(crate) fn at(&mut self, captured: Timestamp) -> Header {
        let header = Header { camera: self.camera.clone(), number: self.number, captured };
        self.number = self.number.next();
        header
    }

    /// Whether frames come at their own speed.
    pub(crate) fn are_live(&self) -> bool {
        self.pacer.keeps_time()
    }
}
