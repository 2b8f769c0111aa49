//! The part of librealsense that the crate `realsense-rust` lacks: playing a recording without regard to time, whether it has ended, whether a camera is still
//! there, what an error says, and the bytes of a frame (the crate reads RGB8 as BGR8).
#![allow(unsafe_code, reason = "calls to the C interface of librealsense, each with the reason why it holds")]

use std::ffi::{CStr, CString, c_int};
use std::fmt;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::slice;
use std::time::Duration;

use realsense_rust::frame::{CompositeFrame, ImageFrame};
use realsense_rust::kind::{Rs2Format, Rs2StreamKind};
use realsense_rust::pipeline::PipelineProfile;
use realsense_rust::processing_blocks::align::Align;
use realsense_sys as sys;
use sluis_frame::Size;

use super::Source;

/// What librealsense says when it does not do something.
#[derive(Debug)]
pub(super) struct Refusal {
    /// In its words.
    pub(super) message: String,
    /// Whether it says that the camera is gone.
    pub(super) disconnected: bool,
}

/// What is wanted of colour and depth. Zero stands for anything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) size: Size,
    pub(super) per_second: u32,
}

/// A camera or a recording whose frames are coming.
pub(super) struct Pipeline {
    pipeline: Handle<sys::rs2_pipeline>,
    device: Handle<sys::rs2_device>,
    /// After the others, for they are made from it.
    _context: Handle<sys::rs2_context>,
}

/// An object of librealsense, and how it is given back.
struct Handle<T> {
    object: NonNull<T>,
    delete: unsafe extern "C" fn(*mut T),
}

// SAFETY: objects of librealsense are shared pointers behind locks; none belongs to the thread that made it.
unsafe impl<T> Send for Handle<T> {}

/// Moves depth to where the colour camera sees it.
pub(super) struct Registration(Align);

// SAFETY: as for `Handle`; the two objects in `Align` are used by one thread at a time, for it is not `Sync`.
unsafe impl Send for Registration {}

// === impl Handle ===

impl<T> Handle<T> {
    /// # Safety
    ///
    /// `make` gives a new object of librealsense or an error, and `delete` is the function for such objects.
    unsafe fn new(
        delete: unsafe extern "C" fn(*mut T),
        make: impl FnOnce(*mut *mut sys::rs2_error) -> *mut T,
    ) -> Result<Self, Refusal> {
        let object = checked(make)?;
        let object = NonNull::new(object)
            .ok_or_else(|| Refusal { message: "it gave nothing, and no reason".to_owned(), disconnected: false })?;
        Ok(Self { object, delete })
    }

    fn raw(&self) -> *mut T {
        self.object.as_ptr()
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        // SAFETY: the object is whole, and nobody else has it.
        unsafe { (self.delete)(self.object.as_ptr()) }
    }
}

// === impl Pipeline ===

impl Pipeline {
    /// Starts a camera or a recording. A recording is played as fast as its frames are taken.
    pub(super) fn start(source: &Source, wanted: Wanted) -> Result<(Self, PipelineProfile), Refusal> {
        // SAFETY: each object is made by a function of the library and given back by the one that belongs to it.
        let (context, pipeline, config) = unsafe {
            let context = Handle::new(sys::rs2_delete_context, |error| {
                sys::rs2_create_context(sys::RS2_API_VERSION as c_int, error)
            })?;
            let pipeline =
                Handle::new(sys::rs2_delete_pipeline, |error| sys::rs2_create_pipeline(context.raw(), error))?;
            let config = Handle::new(sys::rs2_delete_config, |error| sys::rs2_create_config(error))?;
            (context, pipeline, config)
        };
        match source {
            Source::Camera { serial } => {
                let serial = c_string(serial.as_bytes())?;
                // SAFETY: both pointers live through the call, and the library copies the text.
                checked(|error| unsafe { sys::rs2_config_enable_device(config.raw(), serial.as_ptr(), error) })?;
            }
            Source::Recording { file, .. } => {
                let file = path(file)?;
                // SAFETY: as above. The 0: once, not over and over.
                checked(|error| unsafe {
                    sys::rs2_config_enable_device_from_file_repeat_option(config.raw(), file.as_ptr(), 0, error);
                })?;
            }
        }
        let streams = [
            (Rs2StreamKind::Color, Rs2Format::Rgb8, wanted.size),
            // The size of depth is the camera's choice: it is brought to that of colour.
            (Rs2StreamKind::Depth, Rs2Format::Z16, Size::new(0, 0)),
        ];
        for (kind, format, size) in streams {
            // SAFETY: the pointer lives through the call; the numbers are the library's own, or are checked by it. -1: any index.
            checked(|error| unsafe {
                sys::rs2_config_enable_stream(
                    config.raw(),
                    kind as sys::rs2_stream,
                    -1,
                    size.width as c_int,
                    size.height as c_int,
                    format as sys::rs2_format,
                    wanted.per_second as c_int,
                    error,
                );
            })?;
        }
        // What it is before it starts: frames that come between the start and the call that stops the clock could be lost.
        // SAFETY: both pointers live through the call, and a new profile comes back.
        let resolved = unsafe {
            Handle::new(sys::rs2_delete_pipeline_profile, |error| {
                sys::rs2_config_resolve(config.raw(), pipeline.raw(), error)
            })?
        };
        // SAFETY: the pointer lives through the call, and a new reference to the device comes back.
        let device = unsafe {
            Handle::new(sys::rs2_delete_device, |error| sys::rs2_pipeline_profile_get_device(resolved.raw(), error))?
        };
        if matches!(source, Source::Recording { .. }) {
            // SAFETY: the device lives through the call; the library refuses what is no recording.
            checked(|error| unsafe { sys::rs2_playback_device_set_real_time(device.raw(), 0, error) })?;
        }
        // SAFETY: both pointers live through the call, and a new profile comes back.
        let profile =
            checked(|error| unsafe { sys::rs2_pipeline_start_with_config(pipeline.raw(), config.raw(), error) })?;
        let started = Self { pipeline, device, _context: context };
        let unreadable = |reason: String| Refusal { message: reason, disconnected: false };
        let profile = NonNull::new(profile).ok_or_else(|| unreadable("it started without a profile".to_owned()))?;
        let profile = PipelineProfile::try_from(profile).map_err(|e| unreadable(e.to_string()))?;
        Ok((started, profile))
    }

    /// The next frames, if they have come.
    ///
    /// It is not waited for them in the library: when a camera is unplugged, its `try_wait_for_frames` looks for it for up to 15 s.
    pub(super) fn poll(&mut self) -> Result<Option<CompositeFrame>, Refusal> {
        let mut frames = ptr::null_mut();
        // SAFETY: the pipeline lives, and `frames` is written to when the answer is not 0.
        let came =
            checked(|error| unsafe { sys::rs2_pipeline_poll_for_frames(self.pipeline.raw(), &raw mut frames, error) })?;
        // A new reference to the frames has come, which `CompositeFrame` gives back.
        Ok(NonNull::new(frames).filter(|_| came != 0).map(CompositeFrame::from))
    }

    /// Whether the camera is still plugged in.
    pub(super) fn is_connected(&self) -> bool {
        // SAFETY: the device lives through the call.
        checked(|error| unsafe { sys::rs2_device_is_connected(self.device.raw(), error) }).is_ok_and(|yes| yes != 0)
    }

    /// Whether a recording is being read. It is not before the first frame, a moment after the start, and after the last.
    pub(super) fn is_playing(&self) -> Result<bool, Refusal> {
        // SAFETY: the device lives through the call; the library refuses what is no recording.
        let status = checked(|error| unsafe { sys::rs2_playback_device_get_current_status(self.device.raw(), error) })?;
        Ok(status == sys::rs2_playback_status_RS2_PLAYBACK_STATUS_PLAYING)
    }

    /// How long a recording is, by the time at which it was recorded.
    pub(super) fn duration(&self) -> Result<Duration, Refusal> {
        // SAFETY: the device lives through the call; the library refuses what is no recording.
        checked(|error| unsafe { sys::rs2_playback_get_duration(self.device.raw(), error) }).map(Duration::from_nanos)
    }

    /// Up to where a recording has been read. It is zero again after the end.
    pub(super) fn position(&self) -> Result<Duration, Refusal> {
        // SAFETY: as above.
        checked(|error| unsafe { sys::rs2_playback_get_position(self.device.raw(), error) }).map(Duration::from_nanos)
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // SAFETY: the pipeline lives, and was started. It refuses when the camera is gone, which is no matter now.
        let _ = checked(|error| unsafe { sys::rs2_pipeline_stop(self.pipeline.raw(), error) });
    }
}

// === impl Registration ===

impl Registration {
    pub(super) fn new() -> Result<Self, Refusal> {
        Align::new(Rs2StreamKind::Color, 1)
            .map(Self)
            .map_err(|e| Refusal { message: e.to_string(), disconnected: false })
    }

    /// The same frames with their depth moved.
    pub(super) fn register(&mut self, frames: CompositeFrame) -> Result<CompositeFrame, String> {
        self.0.queue(frames).map_err(|e| e.to_string())?;
        match self.0.poll() {
            Ok(std::task::Poll::Ready(registered)) => Ok(registered),
            Ok(std::task::Poll::Pending) => Err("its depth was not moved to its colour".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The bytes of a frame.
pub(super) fn bytes<K>(frame: &ImageFrame<K>) -> &[u8] {
    // SAFETY: librealsense says that this many bytes lie there, and keeps them unchanged as long as the frame is held.
    unsafe { slice::from_raw_parts(ptr::from_ref(frame.get_data()).cast(), frame.get_data_size()) }
}

/// Calls a function of the library, which takes where to put an error as its last argument.
fn checked<T>(call: impl FnOnce(*mut *mut sys::rs2_error) -> T) -> Result<T, Refusal> {
    let mut error = ptr::null_mut();
    let answer = call(&raw mut error);
    if error.is_null() {
        return Ok(answer);
    }
    // SAFETY: the library made this error for us; its message is a C string that lives as long as it, and is copied before it is given back.
    unsafe {
        let message = CStr::from_ptr(sys::rs2_get_error_message(error)).to_string_lossy().into_owned();
        let disconnected = sys::rs2_get_librealsense_exception_type(error)
            == sys::rs2_exception_type_RS2_EXCEPTION_TYPE_CAMERA_DISCONNECTED;
        sys::rs2_free_error(error);
        Err(Refusal { message, disconnected })
    }
}

fn c_string(bytes: &[u8]) -> Result<CString, Refusal> {
    CString::new(bytes)
        .map_err(|_| Refusal { message: "a name cannot have a zero in it".to_owned(), disconnected: false })
}

fn path(path: &Path) -> Result<CString, Refusal> {
    c_string(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()))
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
