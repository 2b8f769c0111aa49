//! What the two processes say to each other besides segments.

use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sluis_camera::{Fault, rtsp};
use sluis_frame::CameraId;
use sluis_registry::{Home, Sha256};
use sluis_segment::handover::Lost;
use sluis_segment::handover::packets::{LONGEST, Packets};
use sluis_stage::World;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::pauses::Pauses;
use super::trial::Setback;
use crate::events::Event;
use crate::pipeline::{Progress, Station, Trial};

/// From `keep` to `eye`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToEye {
    /// The first message: what there is to see, and with what.
    Begin {
        /// The configuration's file, for its relative paths.
        file: PathBuf,
        /// Its text.
        text: String,
        /// Where components and models are.
        home: Home,
    },
    /// Another configuration with the same components: cameras that are the same in it go on.
    Change {
        /// Its text.
        text: String,
    },
    /// What may not be seen from now on; it comes before [`Go`](Self::Go).
    Pauses(Pauses),
    /// Cameras may be opened now. (Before, another process may still have them.)
    Go,
    /// The line for a camera's segments comes with this.
    Line {
        /// Which camera.
        camera: CameraId,
    },
    /// The file in which a camera's frames may wait comes with this; without one they cannot.
    Spool {
        /// Which camera.
        camera: CameraId,
    },
    /// The connection to a camera in the network comes with this.
    Reached {
        /// Which camera.
        camera: CameraId,
        /// Its name and password, if it has some.
        credentials: Option<Credentials>,
    },
    /// A camera in the network cannot be reached.
    Unreachable {
        /// Which camera.
        camera: CameraId,
        /// Why.
        fault: Fault,
    },
    /// The component that comes with this, in a bundle, is tried beside the one of its world, on one camera at a time.
    Try {
        /// Which release it must be.
        release: Sha256,
        /// So much of one processor, in percent, may be used for it.
        share_percent: u32,
    },
    /// No component is tried any more.
    EndTrial,
    /// The component that comes with this, in a bundle, takes the place of the one of its world, on all cameras.
    PutIn {
        /// Which release it must be.
        release: Sha256,
    },
    /// End gracefully: what is on its way is still masked, audited and sealed.
    End,
}

/// A name and a password. Zeroed when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ZeroizeOnDrop)]
pub struct Credentials {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// From `eye` to `keep`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToKeep {
    /// It cannot begin, and why. It has seen no picture.
    CannotBegin {
        /// For the operator.
        why: String,
    },
    /// It has loaded everything and is confined.
    Ready {
        /// The components that it has loaded: their names, and the digests of the releases.
        loaded: Vec<(String, Sha256)>,
    },
    /// The configuration that came with [`ToEye::Change`] is in force.
    Changed {
        /// Cameras that are new or begin again.
        started: u32,
        /// Cameras that have gone.
        stopped: u32,
        /// Cameras that go on.
        kept: u32,
    },
    /// How things are; every second.
    Pulse(Pulse),
    /// Something happened.
    Event(Event),
    /// A camera wants a line for its segments.
    Line {
        /// Which.
        camera: CameraId,
    },
    /// A camera wants a file in which its frames may wait.
    Spool {
        /// Which.
        camera: CameraId,
    },
    /// A camera in the network is to be connected to.
    Reach {
        /// Which.
        camera: CameraId,
    },
    /// Of frames that waited when the last run of a camera's pipeline was over, so many are given up.
    Dropped {
        /// Of which camera.
        camera: CameraId,
        /// How many.
        frames: u64,
    },
    /// One run of a camera's pipeline is over.
    Over {
        /// Of which camera.
        camera: CameraId,
        /// How far it had come.
        progress: Box<Progress>,
    },
    /// What has been seen of the component that is tried; every second.
    Tried {
        /// Which release.
        release: Sha256,
        /// All of it.
        seen: Box<Trial>,
    },
    /// The component that came with [`ToEye::PutIn`] is at work.
    PutIn {
        /// Which release.
        release: Sha256,
        /// Its world.
        component: World,
    },
    /// A component that came can be neither tried nor put in.
    Cannot {
        /// Which release.
        release: Sha256,
        /// Why.
        setback: Setback,
    },
    /// Every camera has ended for good: recordings that are over.
    Idle,
}

/// How things are in `eye`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Pulse {
    /// The cameras that run.
    pub cameras: Vec<CameraPulse>,
}

/// How things are with one camera.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CameraPulse {
    /// Which.
    pub camera: CameraId,
    /// How far this run has come.
    pub progress: Progress,
    /// Where its threads are at work, and for how long.
    pub busy: Vec<(Station, Duration)>,
}

/// An end of the control line.
#[derive(Debug)]
pub struct Control(Packets);

// === impl Control ===

impl Control {
    /// Over this socket.
    pub const fn over(socket: Packets) -> Self {
        Self(socket)
    }

    /// Says something, with an open file if one goes with it.
    ///
    /// # Errors
    ///
    /// [`Lost::Ended`] when the other side is gone, or the message is longer than a packet.
    pub fn say(&self, message: &impl Serialize, file: Option<&OwnedFd>) -> Result<(), Lost> {
        let text = Zeroizing::new(serde_json::to_vec(message).expect("a message has text keys only"));
        if text.len() > LONGEST {
            return Err(Lost::Ended);
        }
        self.0.send(&text, file.map(AsFd::as_fd))
    }

    /// Waits for what the other side says.
    ///
    /// # Errors
    ///
    /// [`Lost`] when the other side is gone, says what is no message, or nothing for `patience`.
    pub fn hear<T: DeserializeOwned>(&self, patience: Option<Duration>) -> Result<(T, Option<OwnedFd>), Lost> {
        let (text, file) = self.0.receive(patience)?;
        let text = Zeroizing::new(text);
        serde_json::from_slice(&text).map(|message| (message, file)).map_err(|_| Lost::Ended)
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl From<&Credentials> for rtsp::Credentials {
    fn from(credentials: &Credentials) -> Self {
        Self::new(credentials.user.clone(), credentials.password.clone())
    }
}
