//! What the process that sees asks for: lines for segments, files for frames that wait, connections to cameras. It may have been taken over: whatever it asks for is bounded.

use std::collections::hash_map::Entry;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use sluis_camera::Fault;
use sluis_frame::CameraId;
use sluis_segment::handover::KeepEnd;
use sluis_segment::handover::packets::Packets;

use super::control::ToEye;
use super::health::free_bytes;
use super::keep::{Found, Keeper, News};
use super::relay;
use super::secrets::Secrets;

/// Lines of one camera that may be open at once: one is in use, and what came over the one before may still be recovered.
const LINES: usize = 4;

/// What spools leave of a disk, in bytes.
const RESERVE: u64 = 1 << 30;

impl Keeper {
    /// Gives a camera a line for its segments, and serves it.
    pub(super) fn line(&mut self, id: u64, camera: CameraId) {
        let open = self.open.values().filter(|other| **other == camera).count();
        if !self.knows(&camera) || open >= LINES || self.eye_of(id).is_none() {
            return;
        }
        let Ok((ours, theirs)) = Packets::pair() else { return };
        self.runs += 1;
        let run = self.runs;
        self.open.insert(run, camera.clone());
        self.tally().begin(&camera, run);
        let (vault, news, of) = (Arc::clone(&self.vault), self.news.clone(), camera.clone());
        thread::spawn(move || {
            let served = vault.serve(KeepEnd::over(ours));
            let _ = news.blocking_send(News::Kept { camera: of, run, served });
        });
        self.say(id, &ToEye::Line { camera }, Some(&theirs.into()));
    }

    /// Gives a camera the file in which its frames may wait: one for each, however often it asks.
    pub(super) fn spool(&mut self, id: u64, camera: CameraId) {
        let config = Arc::clone(&self.config);
        let Some(deferred) = config.deferred().filter(|_| self.knows(&camera)) else { return };
        let Some(eye) = self.eye_of(id) else { return };
        let file = match eye.spools.entry(camera.clone()) {
            Entry::Occupied(file) => file.get().try_clone(),
            Entry::Vacant(place) => room(&config.vault.dir, deferred.bytes())
                .and_then(|()| tempfile::tempfile_in(&config.vault.dir))
                .and_then(|file| place.insert(file).try_clone()),
        };
        let file = file.inspect_err(|error| {
            let folder = config.vault.dir.display();
            tracing::error!(%camera, %folder, %error, "no file for frames that wait: they are dropped instead");
        });
        self.say(id, &ToEye::Spool { camera }, file.ok().map(OwnedFd::from).as_ref());
    }

    /// Connects to a camera in the network. A connection that there is already ends: nobody needs two.
    pub(super) fn reach(&mut self, id: u64, camera: CameraId) {
        let config = Arc::clone(&self.config);
        let Some(config) = config.cameras.iter().find(|c| *c.id() == camera) else { return };
        let Some(address) = config.url.clone() else { return };
        let secrets = Secrets::of_this_process(self.config.service.credentials_dir.as_deref());
        let credentials = config.credentials.as_ref().map(|name| secrets.get(name.as_str())).transpose();
        let (news, of) = (self.news.clone(), camera.clone());
        let Some(eye) = self.eye_of(id) else { return };
        let reaching = tokio::spawn(async move {
            let connected = match credentials {
                Ok(credentials) => {
                    let connected = relay::connect(&address.host(), address.port()).await;
                    connected.map(|(line, relay)| (credentials, line, relay))
                }
                Err(error) => {
                    tracing::error!(camera = %of, %error, "a camera's credentials cannot be used");
                    Err(Fault::Denied)
                }
            };
            let found = match connected {
                Ok((credentials, line, relay)) => {
                    let answer = ToEye::Reached { camera: of.clone(), credentials };
                    Found { eye: id, camera: of, answer, line: Some(line.into()), relay: Some(relay) }
                }
                Err(fault) => {
                    let answer = ToEye::Unreachable { camera: of.clone(), fault };
                    Found { eye: id, camera: of, answer, line: None, relay: None }
                }
            };
            let _ = news.send(News::Found(Box::new(found))).await;
        });
        if let Some(before) = eye.relays.insert(camera, reaching.abort_handle()) {
            before.abort();
        }
    }

    /// A connection was made, or could not be.
    pub(super) fn found(&mut self, found: Found) {
        let Found { eye: id, camera, answer, line, relay } = found;
        if let (Some(eye), Some(relay)) = (self.eye_of(id), relay) {
            eye.relays.insert(camera, relay);
        }
        self.say(id, &answer, line.as_ref());
    }

    fn say(&mut self, id: u64, message: &ToEye, file: Option<&OwnedFd>) {
        if let Some(eye) = self.eye_of(id) {
            eye.say(message, file);
        }
    }
}

/// Whether so many bytes can be had without filling the disk.
fn room(folder: &Path, bytes: u64) -> io::Result<()> {
    let free = free_bytes(folder)?;
    if free < bytes + RESERVE {
        let text = format!("{} GiB are free, and {} are wanted beside a reserve of 1", free >> 30, bytes >> 30);
        return Err(io::Error::new(io::ErrorKind::StorageFull, text));
    }
    Ok(())
}
