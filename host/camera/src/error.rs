//! What can go wrong with a camera.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_frame::{CameraId, Size};

use crate::rtsp::Address;

/// What is wrong with a camera or its file. The message names the file or the address, the reason and what to do. What a camera has sent is quoted
/// as at most 80 plain characters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file or folder cannot be read.
    #[error("cannot read {}: {source}. Check that the path is right and that this user may read it", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why, as the system says.
        source: io::Error,
    },
    /// The file or folder cannot be written.
    #[error("cannot write {}: {source}. Check that the folder exists, that this user may write there, and that the disk has room", file.display())]
    Write {
        /// Which.
        file: PathBuf,
        /// Why, as the system says.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("{} is empty: {expected}", file.display())]
    Empty {
        /// Which.
        file: PathBuf,
        /// What should have been there.
        expected: &'static str,
    },
    /// It is something else.
    #[error(
        "{} is not a recording: {found}. Give an MP4 file with H.264, a PNG or JPEG picture, or a folder of them",
        file.display()
    )]
    NotARecording {
        /// Which.
        file: PathBuf,
        /// What it looks like.
        found: String,
    },
    /// An MP4 file without pictures, such as a sound recording.
    #[error("{} holds no video: {found}. Give a file with an H.264 video track", file.display())]
    NoVideo {
        /// Which.
        file: PathBuf,
        /// What it holds.
        found: String,
    },
    /// Video of another kind.
    #[error(
        "{} holds {found}, which is not read here. Convert it: ffmpeg -i INPUT -c:v libx264 -pix_fmt yuv420p OUTPUT.mp4",
        file.display()
    )]
    Codec {
        /// Which.
        file: PathBuf,
        /// The codec, or the variety of H.264.
        found: String,
    },
    /// The file says that its pictures lie on their side.
    #[error(
        "{} is to be shown turned or mirrored, and faces that lie on their side would be missed. Turn the pictures themselves: \
         ffmpeg -i INPUT -c:v libx264 -pix_fmt yuv420p OUTPUT.mp4",
        file.display()
    )]
    Turned {
        /// Which.
        file: PathBuf,
    },
    /// The end of the file is missing.
    #[error("{} is cut off: {missing}. Copy it again from where it was recorded", file.display())]
    Truncated {
        /// Which.
        file: PathBuf,
        /// What is missing.
        missing: String,
    },
    /// The file contradicts itself.
    #[error("{} is damaged: {reason}. Copy it again from where it was recorded", file.display())]
    Damaged {
        /// Which.
        file: PathBuf,
        /// How it shows.
        reason: String,
    },
    /// One picture of a video cannot be decoded.
    #[error("picture {number} of {} cannot be decoded: {reason}. Copy the file again from where it was recorded", file.display())]
    Decode {
        /// Which file.
        file: PathBuf,
        /// Which picture, in the order of the file, from 0.
        number: u64,
        /// What the decoder says.
        reason: String,
    },
    /// A picture file cannot be decoded.
    #[error("the picture {} cannot be decoded: {reason}. Copy it again, or take it out of the folder", file.display())]
    Picture {
        /// Which.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A picture has another size than the first.
    #[error("{} has a picture of {found} where all before were {expected}. Put pictures of one size together", file.display())]
    Size {
        /// The file, or the picture in the folder.
        file: PathBuf,
        /// The size of the first picture.
        expected: Size,
        /// The size of this one.
        found: Size,
    },
    /// A folder with depth has a colour picture without depth, or depth without a colour picture.
    #[error(
        "{} has no {missing} beside it. In a folder with depth every `NAME.jpg` or `NAME.png` has its `NAME_depth.png`: add it, or take \
         all `_depth.png` files out",
        file.display()
    )]
    Unpaired {
        /// The picture that is alone.
        file: PathBuf,
        /// The name of the file that should be there.
        missing: String,
    },
    /// A calibration that cannot be understood.
    #[error("the calibration {} cannot be read: {reason}. Correct it, or take it out of the folder", file.display())]
    Calibration {
        /// Which.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A camera on a cable is not there.
    #[error("there is no camera {device}: {reason}. Check its cable and its name")]
    DeviceMissing {
        /// Which.
        device: String,
        /// Why, and which cameras there are, when that is known.
        reason: String,
    },
    /// A camera on a cable does not let us in.
    #[error("the camera {device} cannot be opened: {reason}")]
    DeviceDenied {
        /// Which.
        device: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A camera on a cable is there, and what it has cannot be used.
    #[error("the camera {device} has no {wanted}; it has {found}")]
    DeviceUnsupported {
        /// Which.
        device: String,
        /// What is needed.
        wanted: String,
        /// What there is, and what to do.
        found: String,
    },
    /// A camera on a cable gives no pictures any more.
    #[error("the camera {device} has sent nothing for {after:?}. Check its cable, or unplug it and plug it in again")]
    DeviceSilent {
        /// Which.
        device: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// A camera on a cable was unplugged, or has switched itself off.
    #[error("the camera {device} was lost: {reason}. Check its cable and its power")]
    DeviceLost {
        /// Which.
        device: String,
        /// Why, as the system says.
        reason: String,
    },
    /// A camera on a cable sends nothing but what cannot be used.
    #[error(
        "the camera {device} has sent nothing but damaged pictures for {after:?}: the last was no picture, for {reason}. Check its cable"
    )]
    DeviceDamaged {
        /// Which.
        device: String,
        /// How long.
        after: Duration,
        /// What is wrong with the last one.
        reason: String,
    },
    /// Nobody answers at a camera's address.
    #[error(
        "cannot reach the camera {at}: {source}. Check its address, that it is switched on, and that this machine is in its network"
    )]
    Unreachable {
        /// Where.
        at: Address,
        /// Why, as the system says.
        source: io::Error,
    },
    /// A camera does not give the stream.
    #[error(
        "the camera {at} does not play: it answers {status}. Check the path in its address, and that not too many others watch it"
    )]
    Refused {
        /// Where.
        at: Address,
        /// Its answer (RFC 2326, 7.1.1).
        status: u16,
    },
    /// A camera asks who we are, and does not like the answer.
    #[error("the camera {at} does not let us in: it answers {status}. {advice}")]
    NotLetIn {
        /// Where.
        at: Address,
        /// Its answer (RFC 2326, 7.1.1).
        status: u16,
        /// What to do.
        advice: &'static str,
    },
    /// A camera is connected and sends nothing of use.
    #[error("the camera {at} has sent {missing} for {} s. {advice}", waited.as_secs_f32())]
    Silent {
        /// Where.
        at: Address,
        /// What should have come.
        missing: &'static str,
        /// For how long.
        waited: Duration,
        /// What to do.
        advice: &'static str,
    },
    /// The connection to a camera is gone.
    #[error(
        "the camera {at} has hung up ({reason}). Check its cable and its power supply, and whether it has restarted"
    )]
    Lost {
        /// Where.
        at: Address,
        /// How it shows.
        reason: String,
    },
    /// What a camera sends breaks the rules.
    #[error("what the camera {at} sends makes no sense: {reason}. Check that it is an RTSP camera, and restart it")]
    Garbled {
        /// Where.
        at: Address,
        /// How it shows.
        reason: String,
    },
    /// A camera sends video of another kind.
    #[error(
        "the camera {at} sends {found}, which is not read here. Set this stream in the camera to H.264 with 8 bits, 4:2:0 and whole \
         pictures (progressive), or give the address of another of its streams"
    )]
    Stream {
        /// Where.
        at: Address,
        /// The codec, or the variety of H.264.
        found: String,
    },
    /// A camera has changed the size of its pictures.
    #[error("the camera {at} now sends pictures of {found} where all before were {expected}. Open it anew")]
    Resized {
        /// Where.
        at: Address,
        /// The size of the first picture.
        expected: Size,
        /// The size of this one.
        found: Size,
    },
    /// The driver is not in this program.
    #[error(
        "camera {camera}: this program was built without its driver. Build it with `--features {feature}`; docs/cameras.md says what that needs"
    )]
    NotBuilt {
        /// Which.
        camera: CameraId,
        /// The feature that brings its driver.
        feature: &'static str,
    },
    /// There can be no such synthetic shop.
    #[error(transparent)]
    Synthetic(#[from] crate::synthetic::InvalidSettings),
}

/// What kind of thing is wrong with a camera: a closed class, which holds nothing of what the camera has sent and can be told to anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// It is not there: no such file, no such device, nobody answers at its address.
    Missing,
    /// It does not let us in: permissions, or name and password.
    Denied,
    /// It is there, and gives no pictures any more.
    Silent,
    /// It has hung up.
    Lost,
    /// What it sends is damaged, or is something else than it should be.
    Malformed,
    /// What it sends is in order, and cannot be used here: another codec, format or size.
    Unsupported,
}

// === impl Error ===

impl Error {
    /// What kind of thing is wrong.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => Fault::Denied,
                _ => Fault::Missing,
            },
            Self::DeviceMissing { .. } => Fault::Missing,
            Self::NotBuilt { .. } => Fault::Unsupported,
            Self::DeviceDenied { .. } => Fault::Denied,
            Self::DeviceSilent { .. } => Fault::Silent,
            Self::DeviceLost { .. } => Fault::Lost,
            Self::DeviceUnsupported { .. } => Fault::Unsupported,
            Self::Empty { .. } | Self::NotARecording { .. } | Self::NoVideo { .. } => Fault::Unsupported,
            Self::Codec { .. } | Self::Turned { .. } | Self::Synthetic(_) => Fault::Unsupported,
            Self::Unreachable { .. } | Self::Refused { .. } => Fault::Missing,
            Self::NotLetIn { .. } => Fault::Denied,
            Self::Silent { .. } => Fault::Silent,
            Self::Lost { .. } => Fault::Lost,
            Self::Stream { .. } => Fault::Unsupported,
            Self::Garbled { .. } | Self::Resized { .. } => Fault::Malformed,
            Self::DeviceDamaged { .. }
            | Self::Truncated { .. }
            | Self::Damaged { .. }
            | Self::Decode { .. }
            | Self::Picture { .. }
            | Self::Size { .. }
            | Self::Unpaired { .. }
            | Self::Calibration { .. } => Fault::Malformed,
        }
    }
}
