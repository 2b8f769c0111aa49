//! A camera through the crate `v4l`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluis_frame::{CameraId, Clock, Size};
use v4l::buffer::{Flags, Type};
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::io::mmap::Stream;
use v4l::io::traits::{CaptureStream, Stream as _};
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{FourCC, Fraction};

use super::ioctl::{self, About};
use super::picture::{self, Format};
use super::{Coding, Found, Mode, Settings, modes, refusal};
use crate::driver::{Description, Driver, Rate};
use crate::error::Error;
use crate::live::{self, Arrival, Live, Shot};

/// How many pictures may wait in the driver: at 30 a second, 100 ms.
const BUFFERS: u32 = 4;

/// `VIDEO_MAX_FRAME` of `linux/videodev2.h`: no driver has more buffers.
const MOST_BUFFERS: usize = 32;

/// `POLLIN` of `poll`(2).
const POLLIN: i16 = 1;

/// Sizes and rates that are looked for in a camera that has any within bounds.
const USUAL_SIZES: [(u32, u32); 6] = [(320, 240), (640, 480), (800, 600), (1280, 720), (1920, 1080), (3840, 2160)];
const USUAL_RATES: [f64; 6] = [5.0, 10.0, 15.0, 25.0, 30.0, 60.0];

/// A camera whose pictures are coming.
struct Camera {
    path: PathBuf,
    format: Format,
    /// The driver maps its buffers into our memory; one is ours, the others are the kernel's to fill.
    stream: Stream<'static>,
}

/// Opens a camera and starts it.
///
/// # Errors
///
/// [`Error`] names the device file, what is wrong, and what to do: no such camera, no permission, another program has it, no such size.
pub fn open(settings: &Settings, camera: CameraId, clock: Arc<dyn Clock>) -> Result<Box<dyn Driver>, Error> {
    let path = &settings.device;
    let refused = |error| refusal(path, &error);
    let device = device(path).map_err(refused)?;
    let about = ioctl::about(&device).map_err(refused)?;
    let unsupported = |wanted: String, found: String| Error::DeviceUnsupported {
        device: format!("{} ({})", path.display(), about.card),
        wanted,
        found,
    };
    if !is_camera(&about) {
        let wanted = "pictures that can be streamed".to_owned();
        let found = "something else. Many cameras have a second device file for metadata: take the other".to_owned();
        return Err(unsupported(wanted, found));
    }
    let modes = modes_of(&device);
    let wanted = || settings.size.map_or_else(|| "YUYV or MJPEG".to_owned(), |size| size.to_string());
    let Some((mode, rate)) = modes::choose(&modes, settings.size, settings.rate) else {
        return Err(unsupported(wanted(), format!("{}. Set what it has", modes::in_words(&modes))));
    };
    let format = set_format(&device, mode).map_err(refused)?;
    let format = format.map_err(|got| unsupported(mode.to_string(), format!("{got}, in spite of what it says")))?;
    let rate = set_rate(&device, rate);
    let stream = start(&device).map_err(refused)?;
    tracing::info!(device = %path.display(), name = about.card, coding = %format.coding, size = %format.size, %rate, "camera opened");
    let description =
        Description { camera, size: format.size, rate, depth_unit: None, calibration: None, frames: None };
    let opened = Camera { path: path.clone(), format, stream };
    Ok(Box::new(Live::new(description, opened, settings.silent_after, clock)))
}

/// The cameras of this machine, by the number of their device files. One that cannot be opened is left out, with a warning that says why.
pub fn list() -> Vec<Found> {
    let nodes = |folder: &str| {
        fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let stable: BTreeMap<PathBuf, PathBuf> =
        nodes("/dev/v4l/by-id").into_iter().filter_map(|name| Some((fs::canonicalize(&name).ok()?, name))).collect();
    let number = |path: &Path| path.file_name()?.to_str()?.strip_prefix("video")?.parse::<u32>().ok();
    let mut found: Vec<(u32, PathBuf)> =
        nodes("/dev").into_iter().filter_map(|path| Some((number(&path)?, path))).collect();
    found.sort();
    let look = |path: &Path| -> io::Result<Option<Found>> {
        let device = device(path)?;
        let about = ioctl::about(&device)?;
        let name = stable.get(path).map_or(path, PathBuf::as_path).to_owned();
        Ok(is_camera(&about).then(|| Found {
            device: name,
            name: about.card,
            bus: about.bus,
            modes: modes_of(&device),
        }))
    };
    let looked = found.into_iter().map(|(_, path)| look(&path).map_err(|error| refusal(&path, &error)));
    looked
        .filter_map(|found| {
            found.unwrap_or_else(|error| {
                tracing::warn!("{error}");
                None
            })
        })
        .collect()
}

fn device(path: &Path) -> io::Result<v4l::Device> {
    // The crate panics at such a name.
    if path.as_os_str().as_bytes().contains(&0) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no name of a file has a zero in it"));
    }
    v4l::Device::with_path(path)
}

/// Whether it gives pictures, in buffers that it shares. `V4L2_CAP_VIDEO_CAPTURE` and `V4L2_CAP_STREAMING` of `linux/videodev2.h`.
fn is_camera(about: &About) -> bool {
    const NEEDED: u32 = 0x0000_0001 | 0x0400_0000;
    about.capabilities & NEEDED == NEEDED
}

/// What it can do, in the codings that are read here.
fn modes_of(device: &v4l::Device) -> Vec<Mode> {
    let mut modes = Vec::new();
    for coding in [Coding::Yuyv, Coding::Mjpeg] {
        let fourcc = FourCC::new(&fourcc(coding));
        // A camera without this coding refuses to list its sizes.
        for found in device.enum_framesizes(fourcc).unwrap_or_default() {
            let sizes: Vec<Size> = match found.size {
                FrameSizeEnum::Discrete(size) => vec![Size::new(size.width, size.height)],
                FrameSizeEnum::Stepwise(any) => {
                    let fits = |value: u32, min: u32, max: u32, step: u32| {
                        (min..=max).contains(&value) && (value - min).is_multiple_of(step.max(1))
                    };
                    USUAL_SIZES
                        .into_iter()
                        .filter(|(width, height)| {
                            fits(*width, any.min_width, any.max_width, any.step_width)
                                && fits(*height, any.min_height, any.max_height, any.step_height)
                        })
                        .map(|(width, height)| Size::new(width, height))
                        .collect()
                }
            };
            modes.extend(sizes.into_iter().map(|size| Mode { coding, size, rates: rates_of(device, fourcc, size) }));
        }
    }
    modes
}

fn rates_of(device: &v4l::Device, fourcc: FourCC, size: Size) -> Vec<Rate> {
    let mut rates = Vec::new();
    for found in device.enum_frameintervals(fourcc, size.width, size.height).unwrap_or_default() {
        match found.interval {
            FrameIntervalEnum::Discrete(interval) => rates.extend(rate_of(interval)),
            FrameIntervalEnum::Stepwise(any) => {
                // The shortest interval is the highest rate.
                let (Some(highest), Some(lowest)) = (rate_of(any.min), rate_of(any.max)) else { continue };
                let usual = USUAL_RATES.into_iter().filter_map(|rate| Rate::new(rate).ok());
                rates.extend(usual.filter(|rate| (lowest..=highest).contains(rate)));
            }
        }
    }
    rates
}

/// `None` for an interval of no length, or one without end.
fn rate_of(interval: Fraction) -> Option<Rate> {
    Rate::new(f64::from(interval.denominator) / f64::from(interval.numerator)).ok()
}

const fn fourcc(coding: Coding) -> [u8; 4] {
    match coding {
        Coding::Yuyv => *b"YUYV",
        Coding::Mjpeg => *b"MJPG",
    }
}

/// Asks for a mode; what it got instead, in words, when the driver gives another.
fn set_format(device: &v4l::Device, mode: &Mode) -> io::Result<Result<Format, String>> {
    // enum v4l2_field: any, none (whole pictures), interlaced in whole pictures.
    const WHOLE: [u32; 5] = [0, 1, 4, 8, 9];
    let pixels = ioctl::set_format(device, mode.size, fourcc(mode.coding))?;
    if pixels.size != mode.size || pixels.fourcc != fourcc(mode.coding) {
        return Ok(Err(format!("{} {}", String::from_utf8_lossy(&pixels.fourcc), pixels.size)));
    }
    if !WHOLE.contains(&pixels.field) {
        return Ok(Err("half pictures (interlaced fields)".to_owned()));
    }
    Ok(Ok(Format {
        coding: mode.coding,
        size: pixels.size,
        stride: pixels.bytes_per_line as usize,
        colour: picture::colour(pixels.colorspace, pixels.ycbcr_enc, pixels.quantization),
    }))
}

/// Asks for a rate, and says which one it is. Cameras that do not let it be set keep their own.
fn set_rate(device: &v4l::Device, rate: Rate) -> Rate {
    // In thousandths, as 29.97 is 30000/1001.
    let interval = Fraction::new(1000, (rate.per_second() * 1000.0).round().max(1.0) as u32);
    let parameters = device.set_params(&Parameters::new(interval)).or_else(|_| device.params());
    parameters.ok().and_then(|parameters| rate_of(parameters.interval)).unwrap_or(rate)
}

/// Starts the pictures.
///
/// The crate's own start hands all buffers to the kernel and then waits inside; and when nothing comes in time, its next call hands a buffer over a second time,
/// which the kernel refuses. So all but the first buffer are handed over here, the waiting is done with `poll`, and the crate is asked only for what has come.
fn start(device: &v4l::Device) -> io::Result<Stream<'static>> {
    const EINVAL: i32 = 22;
    let mut stream = Stream::with_buffers(device, Type::VideoCapture, BUFFERS)?;
    for index in 1..MOST_BUFFERS {
        match CaptureStream::queue(&mut stream, index) {
            Ok(()) => {}
            // The driver may have made more or fewer than it was asked for; past the last it says so.
            Err(error) if error.raw_os_error() == Some(EINVAL) && index > 1 => break,
            Err(error) => return Err(error),
        }
    }
    stream.start()?;
    Ok(stream)
}

// === impl Camera ===

impl Camera {
    fn lost(&self, error: &io::Error) -> Error {
        Error::DeviceLost { device: self.path.display().to_string(), reason: error.to_string() }
    }
}

impl live::Device for Camera {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn next(&mut self, wait: Duration) -> Result<Arrival, Error> {
        // Rounded up, so that the end of a wait is not spent in a busy loop.
        let millis = i32::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
        match self.stream.handle().poll(POLLIN, millis) {
            Ok(0) => return Ok(Arrival::Nothing),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(Arrival::Nothing),
            Err(error) => return Err(self.lost(&error)),
        }
        // Something has come: a picture, or the news that the camera is gone.
        self.stream.set_timeout(Duration::ZERO);
        let format = self.format;
        let taken = match CaptureStream::next(&mut self.stream) {
            Ok((buffer, about)) => {
                let used = buffer.get(..about.bytesused as usize).unwrap_or(buffer);
                if about.flags.contains(Flags::ERROR) {
                    Ok(Arrival::Spoilt("the camera's driver says that it is damaged".to_owned()))
                } else {
                    let arrived = Instant::now();
                    let taken = match (about.timestamp.sec, about.timestamp.usec) {
                        // A driver that does not tell the time.
                        (0, 0) => f64::NAN,
                        (seconds, micros) => seconds as f64 * 1e3 + micros as f64 / 1e3,
                    };
                    Ok(format.picture(used).map_or_else(Arrival::Spoilt, |picture| {
                        Arrival::Shot(Shot { taken, arrived, picture, depth: None })
                    }))
                }
            }
            Err(error) => Err(error),
        };
        taken.map_err(|error| self.lost(&error))
    }
}

#[cfg(test)]
mod tests {
    use sluis_frame::SystemClock;

    use super::*;
    use crate::error::Fault;

    fn fault(path: &str) -> (Fault, String) {
        let error = open(&Settings::new(path), CameraId::new("shelf-1").expect("a name"), Arc::new(SystemClock))
            .err()
            .expect("there is no such camera");
        (error.fault(), error.to_string())
    }

    #[test]
    fn no_such_device_is_missing() {
        for path in ["/dev/video-that-is-not-there", "/dev/v4l/by-id/usb-none", "", "a\0b"] {
            let (fault, message) = fault(path);
            assert_eq!(fault, Fault::Missing, "{message}");
        }
    }

    #[test]
    fn what_is_no_camera_is_unsupported() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for path in ["/dev/null", file.path().to_str().expect("a plain name")] {
            let (fault, message) = fault(path);
            assert_eq!(fault, Fault::Unsupported, "{message}");
            assert!(message.contains("another kind of device"), "{message}");
        }
    }

    #[test]
    fn the_list_holds_cameras_only() {
        for found in list() {
            assert!(found.device.starts_with("/dev"), "{found:?}");
        }
    }

    #[test]
    fn an_interval_without_length_is_no_rate() {
        assert_eq!(rate_of(Fraction::new(1, 30)), Rate::new(30.0).ok());
        assert_eq!(rate_of(Fraction::new(0, 30)), None);
        assert_eq!(rate_of(Fraction::new(0, 0)), None);
        assert_eq!(rate_of(Fraction::new(1, 0)), None);
    }
}
