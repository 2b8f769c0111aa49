//! A camera that shows its last picture once more.
//!
//! A detector tells an event when it has ended, and knows that it has ended when time goes on. A recording just stops. So that what goes on in its last pictures is
//! told as well, the last one is shown again after a pause that is long enough for a detector to know that it saw nothing of it.

use std::time::Duration;

use sluis_camera::{Description, Driver, Error};
use sluis_frame::{Depth, Frame, FrameNumber, Header, Picture, Raw};

/// The pause. Nothing that a detector waits for takes as long.
pub const PAUSE: Duration = Duration::from_secs(10);

/// A recording, and its last picture once more. For measurements only: it keeps one raw picture until the next comes.
#[derive(Debug)]
pub struct Encore<D> {
    driver: D,
    description: Description,
    last: Option<(Header, Picture, Option<Depth>)>,
}

// === impl Encore ===

impl<D: Driver> Encore<D> {
    /// Of a recording.
    pub fn new(driver: D) -> Self {
        let mut description = driver.description().clone();
        description.frames = description.frames.map(|frames| frames + 1);
        Self { driver, description, last: None }
    }
}

impl<D: Driver> Driver for Encore<D> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        match self.driver.next()? {
            Some(frame) => {
                let picture = Picture::new(frame.size(), frame.picture().shared());
                let picture = picture.expect("the pixels are those of a picture of this size");
                self.last = Some((frame.header().clone(), picture, frame.depth().map(Depth::shared)));
                Ok(Some(frame))
            }
            None => Ok(self.last.take().map(|(header, picture, depth)| {
                let (number, captured) = (FrameNumber(header.number.0 + 1), header.captured + PAUSE);
                let header = Header { number, captured, ..header };
                Frame::capture(header, picture, depth).expect("picture and depth were of one frame")
            })),
        }
    }

    fn lateness(&self) -> Duration {
        self.driver.lateness()
    }
}

#[cfg(test)]
mod tests {
    use sluis_camera::Pace;
    use sluis_camera::synthetic::{Settings, Shop};
    use sluis_frame::{CameraId, Size, SystemClock};

    use super::*;

    fn shop() -> impl Driver {
        let length = Some(Duration::from_millis(200));
        let settings = Settings { length, size: Size::new(64, 48), ..Settings::seeded(1) };
        let camera = CameraId::new("shop").expect("a name");
        Shop::new(settings).expect("a shop").open(camera, Pace::AsFastAsPossible, &SystemClock)
    }

    #[test]
    fn the_last_picture_comes_once_more_after_a_pause_and_then_nothing() {
        let mut encore = Encore::new(shop());
        let announced = encore.description().frames;
        let mut frames = Vec::new();
        while let Some(frame) = encore.next().unwrap() {
            frames.push(frame);
        }
        assert_eq!(announced, Some(frames.len() as u64));
        let [.., last, again] = frames.as_slice() else { panic!("too few frames") };
        assert_eq!(again.header().captured.since(last.header().captured), PAUSE);
        assert_eq!(again.header().number.0, last.header().number.0 + 1);
        assert_eq!(again.picture().pixels(), last.picture().pixels());
        assert_eq!(again.depth().map(Depth::values), last.depth().map(Depth::values));
        assert!(encore.next().unwrap().is_none());
    }

    #[test]
    fn nothing_has_no_encore() {
        struct Empty(Description);
        impl Driver for Empty {
            fn description(&self) -> &Description {
                &self.0
            }
            fn next(&mut self) -> Result<Option<Frame<Raw>>, Error> {
                Ok(None)
            }
        }
        let description = shop().description().clone();
        assert!(Encore::new(Empty(description)).next().unwrap().is_none());
    }
}
