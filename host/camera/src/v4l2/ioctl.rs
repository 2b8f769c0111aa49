//! What the crate `v4l` cannot ask for without a crash: it panics when a camera's name is cut off within a character, as the kernel does after 31 bytes, and when
//! a colour space is new to it; and it does not tell the matrix of luma.
#![allow(
    unsafe_code,
    reason = "three requests to the kernel, each with the structure that the kernel's header gives it"
)]

use std::io;
use std::mem;

use sluis_frame::Size;
use v4l::Device;
use v4l::v4l_sys::{v4l2_capability, v4l2_format};
use v4l::v4l2;
use v4l::v4l2::vidioc;

/// `V4L2_BUF_TYPE_VIDEO_CAPTURE` of `linux/videodev2.h`.
const VIDEO_CAPTURE: u32 = 1;

/// What a device says of itself.
pub(super) struct About {
    /// Its name.
    pub(super) card: String,
    /// Where it is plugged in.
    pub(super) bus: String,
    /// The field `device_caps`: what this device file can do.
    pub(super) capabilities: u32,
}

/// The fields of `v4l2_pix_format` that are used here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pixels {
    pub(super) size: Size,
    pub(super) fourcc: [u8; 4],
    pub(super) field: u32,
    pub(super) bytes_per_line: u32,
    pub(super) colorspace: u32,
    pub(super) ycbcr_enc: u32,
    pub(super) quantization: u32,
}

/// `VIDIOC_QUERYCAP`.
pub(super) fn about(device: &Device) -> io::Result<About> {
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    };
    // SAFETY: all fields are integers or arrays of them, for which zero is a value.
    let mut answer: v4l2_capability = unsafe { mem::zeroed() };
    // SAFETY: the kernel writes one `v4l2_capability`, which lives through the call.
    unsafe { v4l2::ioctl(device.handle().fd(), vidioc::VIDIOC_QUERYCAP, (&raw mut answer).cast())? };
    Ok(About { card: text(&answer.card), bus: text(&answer.bus_info), capabilities: answer.device_caps })
}

/// `VIDIOC_S_FMT`: asks for a size and a coding, and says what the driver makes of it.
pub(super) fn set_format(device: &Device, size: Size, fourcc: [u8; 4]) -> io::Result<Pixels> {
    // SAFETY: integers, and a union of structures of integers, for which zero is a value.
    let mut format: v4l2_format = unsafe { mem::zeroed() };
    format.type_ = VIDEO_CAPTURE;
    format.fmt.pix.width = size.width;
    format.fmt.pix.height = size.height;
    format.fmt.pix.pixelformat = u32::from_le_bytes(fourcc);
    // SAFETY: the kernel reads and writes one `v4l2_format`, which lives through the call.
    unsafe { v4l2::ioctl(device.handle().fd(), vidioc::VIDIOC_S_FMT, (&raw mut format).cast())? };
    // SAFETY: with this `type_`, `pix` is the field of the union that the kernel fills in, and all of its fields are integers.
    let (pix, ycbcr_enc) = unsafe { (format.fmt.pix, format.fmt.pix.__bindgen_anon_1.ycbcr_enc) };
    Ok(Pixels {
        size: Size::new(pix.width, pix.height),
        fourcc: pix.pixelformat.to_le_bytes(),
        field: pix.field,
        bytes_per_line: pix.bytesperline,
        colorspace: pix.colorspace,
        ycbcr_enc,
        quantization: pix.quantization,
    })
}
