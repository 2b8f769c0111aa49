//! What all cameras on a cable have in common: patience, silence, numbers, time.
#![cfg_attr(
    not(any(feature = "v4l2", feature = "realsense")),
    allow(dead_code, reason = "for the drivers behind the features `v4l2` and `realsense`; tested always")
)]

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluis_frame::{Clock, Depth, Frame, FrameNumber, Header, Picture, Raw};

use crate::driver::{Description, Driver, Polled};
use crate::error::Error;
use crate::mapping::Mapping;

/// The longest that a device is waited for at once: whatever patience is asked for, an unplugged camera is noticed.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Where pictures come from.
pub(crate) trait Device: Send {
    /// Its name, for messages.
    fn name(&self) -> String;

    /// What comes within about `wait`.
    ///
    /// # Errors
    ///
    /// When the device is lost. It is not asked again.
    fn next(&mut self, wait: Duration) -> Result<Arrival, Error>;
}

/// What a device gave.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// Nothing in time.
    Nothing,
    /// Something that is no picture, and why: damaged, or parts that do not belong together. Cameras on long cables do that now and then.
    Spoilt(String),
    /// A picture.
    Shot(Shot),
}

/// One picture of a device.
#[derive(Debug)]
pub(crate) struct Shot {
    /// When it was taken, in milliseconds of the device's clock.
    pub(crate) taken: f64,
    /// When it came, before it was decoded.
    pub(crate) arrived: Instant,
    pub(crate) picture: Picture,
    /// Of the size of the picture.
    pub(crate) depth: Option<Depth>,
}

/// A camera on a cable as a [`Driver`].
pub(crate) struct Live<D> {
    description: Description,
    /// `None` after an error.
    device: Option<D>,
    silent_after: Duration,
    clock: Arc<dyn Clock>,
    mapping: Mapping,
    opened: Instant,
    number: FrameNumber,
    /// When the last picture came, or the camera was opened.
    heard: Instant,
    /// What was wrong with what came since then.
    spoilt: Option<String>,
    /// How many came that were no pictures.
    dropped: u64,
}

// === impl Live ===

impl<D: Device> Live<D> {
    /// `silent_after`: how long nothing may come before the camera counts as silent.
    pub(crate) fn new(description: Description, device: D, silent_after: Duration, clock: Arc<dyn Clock>) -> Self {
        let (mapping, opened) = (Mapping::new(clock.now()), Instant::now());
        Self {
            description,
            device: Some(device),
            silent_after,
            clock,
            mapping,
            opened,
            number: FrameNumber(0),
            heard: opened,
            spoilt: None,
            dropped: 0,
        }
    }

    fn within(&mut self, patience: Duration) -> Result<Polled, Error> {
        let begun = Instant::now();
        loop {
            let Some(device) = &mut self.device else { return Ok(Polled::End) };
            let left = patience.saturating_sub(begun.elapsed());
            let until_silent = self.silent_after.saturating_sub(self.heard.elapsed());
            match device.next(left.min(until_silent).min(LONGEST_WAIT))? {
                Arrival::Shot(shot) => return Ok(Polled::Frame(self.frame(shot))),
                Arrival::Nothing => {}
                Arrival::Spoilt(reason) => self.drop_one(reason),
            }
            if self.heard.elapsed() >= self.silent_after {
                return Err(self.silent());
            }
            if begun.elapsed() >= patience {
                return Ok(Polled::Waiting);
            }
        }
    }

    fn frame(&mut self, shot: Shot) -> Frame<Raw> {
        // Saturates, far outside of what any clock says; what is no number is the beginning of its time.
        let device = (shot.taken * 1e6).round() as i64;
        let steady = shot.arrived.saturating_duration_since(self.opened);
        self.mapping.arrived(device, steady, self.clock.now() - shot.arrived.elapsed());
        let captured = self.mapping.captured(device);
        let header = Header { camera: self.description.camera.clone(), number: self.number, captured };
        self.number = self.number.next();
        self.heard = Instant::now();
        self.spoilt = None;
        Frame::capture(header, shot.picture, shot.depth).expect("a device gives depth of the size of the picture")
    }

    fn drop_one(&mut self, reason: String) {
        self.dropped += 1;
        // Once, twice, four times: a bad cable shall not fill the log.
        if self.dropped.is_power_of_two() {
            tracing::warn!(camera = %self.description.camera, dropped = self.dropped, reason, "a picture was no picture");
        }
        self.spoilt = Some(reason);
    }

    fn silent(&mut self) -> Error {
        let device = self.device.as_ref().map(Device::name).unwrap_or_default();
        let after = self.silent_after;
        match self.spoilt.take() {
            Some(reason) => Error::DeviceDamaged { device, after, reason },
            None => Error::DeviceSilent { device, after },
        }
    }
}

impl<D: Device> Driver for Live<D> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        loop {
            match self.poll(LONGEST_WAIT)? {
                Polled::Frame(frame) => return Ok(Some(frame)),
                Polled::Waiting => {}
                Polled::End => return Ok(None),
            }
        }
    }

    fn poll(&mut self, patience: Duration) -> Result<Polled, Error> {
        let polled = self.within(patience);
        if polled.is_err() {
            // Closes it, so that it can be opened again.
            self.device = None;
        }
        polled
    }

    fn is_live(&self) -> bool {
        true
    }
}

impl<D> fmt::Debug for Live<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("description", &self.description)
            .field("number", &self.number)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use sluis_frame::{CameraId, Rgb, Size, Timestamp};

    use super::*;
    use crate::driver::Rate;
    use crate::error::Fault;

    const SIZE: Size = Size { width: 4, height: 2 };
    const SILENT_AFTER: Duration = Duration::from_millis(30);

    #[derive(Debug)]
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(1_800_000_000)
        }
    }

    /// Gives what it was told to, then nothing, at once.
    struct Scripted(VecDeque<Result<Arrival, Error>>);

    impl Device for Scripted {
        fn name(&self) -> String {
            "/dev/video9".to_owned()
        }

        fn next(&mut self, _: Duration) -> Result<Arrival, Error> {
            self.0.pop_front().unwrap_or(Ok(Arrival::Nothing))
        }
    }

    fn live(script: impl IntoIterator<Item = Result<Arrival, Error>>) -> Live<Scripted> {
        let description = Description {
            camera: CameraId::new("shelf-1").expect("a name"),
            size: SIZE,
            rate: Rate::THIRTY,
            depth_unit: None,
            calibration: None,
            frames: None,
        };
        Live::new(description, Scripted(script.into_iter().collect()), SILENT_AFTER, Arc::new(Still))
    }

    fn shot(taken: f64) -> Result<Arrival, Error> {
        let picture = Picture::plain(SIZE, Rgb::BLACK).expect("a small picture");
        Ok(Arrival::Shot(Shot { taken, arrived: Instant::now(), picture, depth: None }))
    }

    fn spoilt() -> Result<Arrival, Error> {
        Ok(Arrival::Spoilt("it is cut off".to_owned()))
    }

    #[test]
    fn frames_are_numbered_without_gaps_whatever_was_spoilt_between() {
        let mut live = live([shot(5.0), spoilt(), spoilt(), shot(38.0)]);
        let frames = [live.next().unwrap().unwrap(), live.next().unwrap().unwrap()];
        assert_eq!(frames.each_ref().map(|frame| frame.header().number.0), [0, 1]);
        assert!(frames[1].header().captured >= frames[0].header().captured);
        assert_eq!(live.dropped, 2);
    }

    #[test]
    fn a_camera_that_says_nothing_is_silent_after_a_while_and_gives_no_more() {
        let mut live = live([shot(5.0)]);
        live.next().unwrap();
        let begun = Instant::now();
        let error = live.next().unwrap_err();
        assert!(begun.elapsed() >= SILENT_AFTER);
        assert_eq!(error.fault(), Fault::Silent);
        assert!(error.to_string().contains("/dev/video9"), "{error}");
        assert!(matches!(live.next(), Ok(None)));
        assert!(live.device.is_none(), "it is still open");
    }

    #[test]
    fn a_camera_that_sends_only_damage_is_malformed() {
        let mut live = live((0..1_000_000).map(|_| spoilt()));
        let error = live.next().unwrap_err();
        assert_eq!(error.fault(), Fault::Malformed);
        assert!(error.to_string().contains("cut off"), "{error}");
    }

    #[test]
    fn patience_ends_before_silence_does() {
        let mut live = live([]);
        let begun = Instant::now();
        assert!(matches!(live.poll(Duration::ZERO), Ok(Polled::Waiting)));
        assert!(matches!(live.poll(Duration::from_millis(5)), Ok(Polled::Waiting)));
        assert!(begun.elapsed() >= Duration::from_millis(5));
    }

    #[test]
    fn what_waits_comes_without_patience() {
        assert!(matches!(live([shot(1.0)]).poll(Duration::ZERO), Ok(Polled::Frame(_))));
    }

    #[test]
    fn a_lost_camera_is_an_error_once() {
        let lost = Error::DeviceLost { device: "/dev/video9".to_owned(), reason: "no such device".to_owned() };
        let mut live = live([shot(1.0), Err(lost), shot(2.0)]);
        live.next().unwrap();
        assert_eq!(live.next().unwrap_err().fault(), Fault::Lost);
        assert!(matches!(live.next(), Ok(None)));
    }
}
