//! A camera, or a recording, through librealsense.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use realsense_rust::context::Context;
use realsense_rust::device::Device;
use realsense_rust::frame::{ColorFrame, CompositeFrame, DepthFrame, FrameEx, ImageFrame};
use realsense_rust::kind::{Rs2CameraInfo, Rs2Option, Rs2StreamKind};
use realsense_rust::pipeline::PipelineProfile;
use sluis_frame::{Calibration, CameraId, Clock, Depth, Frame, Picture, Raw, Size};

use super::convert::{self, Moment, Plane};
use super::library::{self, Pipeline, Refusal, Registration, Wanted};
use super::{Found, Settings, Source};
use crate::driver::{Description, Driver, Rate};
use crate::error::Error;
use crate::live::{self, Arrival, Live, Shot};
use crate::stamps::Stamps;

/// How often it is looked whether frames have come: a small part of the time from one to the next.
const LOOK: Duration = Duration::from_millis(1);

/// How many pictures may seem to be missing at the end of a recording that is whole.
const END: u64 = 3;

/// Frames of one source, as they come.
struct Frames {
    source: Source,
    pipeline: Pipeline,
    registration: Registration,
    size: Size,
    rate: Rate,
    /// Metres per count of depth.
    unit: f32,
}

/// One picture and its depth.
struct Taken {
    /// By the source's clock, in milliseconds.
    millis: f64,
    picture: Picture,
    depth: Depth,
}

/// A recording as a [`Driver`].
struct Recording {
    description: Description,
    file: PathBuf,
    /// `None` at the end, and after an error.
    frames: Option<Frames>,
    stamps: Stamps,
    /// Whether it has been seen to play: before that, it says that it has stopped.
    begun: bool,
    /// Up to where it has been read.
    read: Duration,
    /// When the first frame was taken, in milliseconds.
    first: Option<f64>,
    silent_after: Duration,
    /// Frames whose colour and depth do not belong together.
    dropped: u64,
}

/// Opens a camera, or a recording, and starts it. A recording counts as taken from now on: a frame's time is the time of `clock` at this call plus the frame's
/// time within the recording.
///
/// # Errors
///
/// [`Error`] names the camera or the file, what is wrong, and what to do: no camera of that serial number (and which there are), no such size, a damaged file.
pub fn open(settings: &Settings, camera: CameraId, clock: Arc<dyn Clock>) -> Result<Box<dyn Driver>, Error> {
    match &settings.source {
        Source::Camera { serial } => {
            is_there(serial)?;
            let (frames, description) = start(settings, camera)?;
            tracing::info!(%serial, size = %description.size, rate = %description.rate, "camera opened");
            Ok(Box::new(Live::new(description, frames, settings.silent_after, clock)))
        }
        Source::Recording { file, pace } => {
            is_a_recording(file)?;
            let (frames, description) = start(settings, camera.clone())?;
            Ok(Box::new(Recording::new(settings, file, frames, description, Stamps::new(camera, *pace, &*clock))))
        }
    }
}

/// The cameras of this machine. A camera that librealsense may not open is not among them: that needs its udev rules.
///
/// # Errors
///
/// [`Error::DeviceDenied`] when librealsense does not start.
pub fn list() -> Result<Vec<Found>, Error> {
    let context = Context::new()
        .map_err(|error| Error::DeviceDenied { device: "RealSense".to_owned(), reason: error.to_string() })?;
    let info = |device: &Device, what| device.info(what).map(|text| text.to_string_lossy().into_owned());
    let describe = |device: &Device| {
        Some(Found {
            serial: info(device, Rs2CameraInfo::SerialNumber)?,
            name: info(device, Rs2CameraInfo::Name).unwrap_or_default(),
            usb: info(device, Rs2CameraInfo::UsbTypeDescriptor),
            firmware: info(device, Rs2CameraInfo::FirmwareVersion),
        })
    };
    Ok(context.query_devices(HashSet::new()).iter().filter_map(describe).collect())
}

/// Librealsense waits 15 s for a camera that is not there; this says so at once.
fn is_there(serial: &str) -> Result<(), Error> {
    let found = list()?;
    if found.iter().any(|camera| camera.serial == serial) {
        return Ok(());
    }
    let reason = if found.is_empty() {
        "librealsense finds none (without its udev rules it may not open any)".to_owned()
    } else {
        let all: Vec<String> = found.iter().map(|camera| format!("{} ({})", camera.serial, camera.name)).collect();
        format!("there is {}", all.join(", "))
    };
    Err(Error::DeviceMissing { device: format!("RealSense {serial}"), reason })
}

/// What can be told of a file before librealsense reads it.
fn is_a_recording(path: &Path) -> Result<(), Error> {
    /// ROS bag format 2.0, what every version of librealsense 2 up to 2.56 writes.
    const START: &[u8] = b"#ROSBAG V2.0\n";
    let cannot_read = |source| Error::Read { file: path.to_owned(), source };
    let not_a_recording = |found: &str| Error::NotARecording { file: path.to_owned(), found: found.to_owned() };
    let about = fs::metadata(path).map_err(cannot_read)?;
    if !about.is_file() {
        return Err(not_a_recording("it is not a file"));
    }
    if about.len() == 0 {
        return Err(Error::Empty { file: path.to_owned(), expected: "a recording has at least one picture" });
    }
    let mut start = Vec::new();
    let file = File::open(path).map_err(cannot_read)?;
    file.take(START.len() as u64).read_to_end(&mut start).map_err(cannot_read)?;
    if start != START {
        return Err(not_a_recording("it does not begin as a RealSense recording (.bag) does"));
    }
    Ok(())
}

fn start(settings: &Settings, camera: CameraId) -> Result<(Frames, Description), Error> {
    let source = &settings.source;
    let refused = |refusal: Refusal| explain(source, settings, refusal);
    let unusable = |reason: &str| refused(Refusal { message: reason.to_owned(), disconnected: false });
    let wanted = Wanted { size: settings.size.unwrap_or(Size::new(0, 0)), per_second: whole(source, settings.rate)? };
    let (pipeline, profile) = Pipeline::start(source, wanted).map_err(refused)?;
    let (size, rate, calibration) = colour_of(&profile).ok_or_else(|| unusable("it has no colour pictures"))?;
    // Not `Sensor::extension`, which panics at a kind of sensor that the crate does not know.
    let unit = profile.device().sensors().iter().find_map(|sensor| sensor.get_option(Rs2Option::DepthUnits));
    let unit = unit.ok_or_else(|| unusable("it does not say what unit its depth has"))?;
    let registration = Registration::new().map_err(refused)?;
    let description =
        Description { camera, size, rate, depth_unit: Some(unit), calibration: Some(calibration), frames: None };
    Ok((Frames { source: source.clone(), pipeline, registration, size, rate, unit }, description))
}

/// Rates of RealSense cameras are whole numbers; 0 stands for the camera's choice.
fn whole(source: &Source, rate: Option<Rate>) -> Result<u32, Error> {
    let Some(rate) = rate else { return Ok(0) };
    let per_second = rate.per_second();
    if per_second.fract() == 0.0 {
        return Ok(per_second as u32);
    }
    Err(Error::DeviceUnsupported {
        device: source.to_string(),
        wanted: format!("rate of {rate}"),
        found: "whole numbers of pictures a second only".to_owned(),
    })
}

/// Size, rate and lens of the colour pictures.
fn colour_of(profile: &PipelineProfile) -> Option<(Size, Rate, Calibration)> {
    let colour = profile.streams().iter().find(|stream| stream.kind() == Rs2StreamKind::Color)?;
    let lens = colour.intrinsics().ok()?;
    let size = Size::new(u32::try_from(lens.width()).ok()?, u32::try_from(lens.height()).ok()?);
    let calibration = Calibration {
        fx: f64::from(lens.fx()),
        fy: f64::from(lens.fy()),
        cx: f64::from(lens.ppx()),
        cy: f64::from(lens.ppy()),
    };
    Some((size, Rate::new(f64::from(colour.framerate())).ok()?, calibration))
}

/// What librealsense says at the start, in our words.
fn explain(source: &Source, settings: &Settings, refusal: Refusal) -> Error {
    let Refusal { message, disconnected } = refusal;
    let wish = settings.size.map(|size| format!(" of {size}")).unwrap_or_default();
    let rate = settings.rate.map(|rate| format!(" at {rate}")).unwrap_or_default();
    match source {
        Source::Camera { .. } if disconnected => Error::DeviceLost { device: source.to_string(), reason: message },
        // "Couldn't resolve requests": the message for every combination of streams that there is not.
        _ if message.contains("resolve requests") => Error::DeviceUnsupported {
            device: source.to_string(),
            wanted: format!("colour (RGB8){wish} and depth (Z16){rate}"),
            found: "other sizes or rates (on USB 2 there are few)".to_owned(),
        },
        Source::Camera { .. } => Error::DeviceDenied {
            device: source.to_string(),
            reason: format!(
                "{message}. Check that no other program uses it, and that the udev rules of librealsense are installed"
            ),
        },
        Source::Recording { file, .. } => Error::Damaged { file: file.clone(), reason: message },
    }
}

// === impl Frames ===

impl Frames {
    /// The next frame if it has come; the inner error says why it is none.
    fn take(&mut self) -> Result<Option<Result<Taken, String>>, Refusal> {
        Ok(self.pipeline.poll()?.map(|frames| self.convert(frames)))
    }

    fn convert(&mut self, frames: CompositeFrame) -> Result<Taken, String> {
        // Before depth is moved, which costs time.
        let ([colour], [depth]) =
            (&frames.frames_of_type::<ColorFrame>()[..], &frames.frames_of_type::<DepthFrame>()[..])
        else {
            return Err("it has not one colour and one depth".to_owned());
        };
        convert::together(moment(colour), moment(depth), self.rate.per_second())?;
        let millis = colour.timestamp();
        let registered = self.registration.register(frames)?;
        let ([colour], [depth]) =
            (&registered.frames_of_type::<ColorFrame>()[..], &registered.frames_of_type::<DepthFrame>()[..])
        else {
            return Err("its depth was lost when it was moved to its colour".to_owned());
        };
        Ok(Taken {
            millis,
            picture: plane(colour).colour(self.size)?,
            depth: plane(depth).depth(self.size, self.unit)?,
        })
    }
}

impl live::Device for Frames {
    fn name(&self) -> String {
        self.source.to_string()
    }

    fn next(&mut self, wait: Duration) -> Result<Arrival, Error> {
        let begun = Instant::now();
        let lost = |frames: &Self, reason| Error::DeviceLost { device: frames.source.to_string(), reason };
        loop {
            let arrived = Instant::now();
            match self.take().map_err(|refusal| lost(self, refusal.message))? {
                Some(Ok(Taken { millis, picture, depth })) => {
                    return Ok(Arrival::Shot(Shot { taken: millis, arrived, picture, depth: Some(depth) }));
                }
                Some(Err(reason)) => return Ok(Arrival::Spoilt(reason)),
                None if begun.elapsed() < wait => thread::sleep(LOOK),
                None if self.pipeline.is_connected() => return Ok(Arrival::Nothing),
                None => return Err(lost(self, "it was unplugged".to_owned())),
            }
        }
    }
}

fn moment<K>(frame: &ImageFrame<K>) -> Moment {
    Moment { millis: frame.timestamp(), clock: frame.timestamp_domain() as i32 }
}

fn plane<K>(frame: &ImageFrame<K>) -> Plane<'_> {
    let side = |pixels| u32::try_from(pixels).unwrap_or(u32::MAX);
    Plane {
        size: Size::new(side(frame.width()), side(frame.height())),
        stride: frame.stride(),
        bytes: library::bytes(frame),
    }
}

// === impl Recording ===

impl Recording {
    fn new(settings: &Settings, file: &Path, frames: Frames, description: Description, stamps: Stamps) -> Self {
        Self {
            description,
            file: file.to_owned(),
            frames: Some(frames),
            stamps,
            begun: false,
            read: Duration::ZERO,
            first: None,
            silent_after: settings.silent_after,
            dropped: 0,
        }
    }

    fn take(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        let begun = Instant::now();
        let taken = loop {
            let damaged = |reason: String| Error::Damaged { file: self.file.clone(), reason };
            let refused = |refusal: Refusal| damaged(refusal.message);
            let Some(frames) = &mut self.frames else { return Ok(None) };
            // Asked before it is looked for frames: what comes between the two is not the end.
            let playing = frames.pipeline.is_playing().map_err(refused)?;
            self.read = self.read.max(frames.pipeline.position().map_err(refused)?);
            let taken = frames.take().map_err(refused)?;
            self.begun |= playing || taken.is_some();
            match taken {
                Some(Ok(taken)) => break taken,
                Some(Err(reason)) => {
                    self.dropped += 1;
                    tracing::debug!(file = %self.file.display(), dropped = self.dropped, reason, "a picture was no picture");
                }
                None if self.begun && !playing => return self.end().map(|()| None),
                None if begun.elapsed() >= self.silent_after => {
                    return Err(damaged(format!("nothing has come out of it for {:?}", self.silent_after)));
                }
                None => thread::sleep(LOOK),
            }
        };
        let first = *self.first.get_or_insert(taken.millis);
        let after = Duration::try_from_secs_f64((taken.millis - first) / 1000.0).unwrap_or_default();
        let header = self.stamps.next(after);
        Ok(Some(
            Frame::capture(header, taken.picture, Some(taken.depth)).expect("both have the size of the description"),
        ))
    }

    /// Whether the end is the end: where it cannot read on, librealsense stops without a word.
    fn end(&self) -> Result<(), Error> {
        let damaged = |reason: String| Error::Damaged { file: self.file.clone(), reason };
        let Some(frames) = &self.frames else { return Ok(()) };
        let duration = frames.pipeline.duration().map_err(|refusal| damaged(refusal.message))?;
        // Streams that are not played may go on a little after the last picture.
        let missing = duration.saturating_sub(self.read);
        if missing > self.description.rate.time_of(END) {
            return Err(damaged(format!("it cannot be read from {:.1?} to its end at {duration:.1?}", self.read)));
        }
        match self.first {
            Some(_) => Ok(()),
            None => Err(damaged("it has no colour picture with its depth".to_owned())),
        }
    }
}

impl Driver for Recording {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        let taken = self.take();
        if !matches!(taken, Ok(Some(_))) {
            self.frames = None;
        }
        taken
    }

    fn is_live(&self) -> bool {
        self.stamps.are_live()
    }
}
