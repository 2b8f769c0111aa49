//! Where sealed bytes go.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use sluis_frame::CameraId;

use crate::error::Error;
use crate::handover::{EyeEnd, ToKeep};
use crate::id::SegmentId;

/// Hands what is written to it over to the vault: one message a write, so the sealer's pieces of up to 64 KiB.
#[derive(Debug)]
pub(super) struct Outlet {
    link: Arc<Mutex<EyeEnd>>,
    camera: CameraId,
    segment: SegmentId,
    offset: u64,
}

// === impl Outlet ===

impl Outlet {
    pub(super) const fn new(link: Arc<Mutex<EyeEnd>>, camera: CameraId, segment: SegmentId) -> Self {
        Self { link, camera, segment, offset: 0 }
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let message = ToKeep::Bytes { segment: self.segment, offset: self.offset, bytes: bytes.to_vec() };
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.send(message).map_err(|source| Error::Handover { camera: self.camera.clone(), source })?;
        self.offset += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
