//! What the process that sees asks for: lines for segments, files for frames that wait, connections to cameras.

use std::collections::hash_map::Entry;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread;

use sluis_camera::Fault;
use sluis_frame::CameraId;
use sluis_segment::handover::KeepEnd;
use sluis_segment::handover::packets::Packets;

use super::control::ToEye;
use super::keep::{Keeper, News};
use super::relay;
use super::secrets::Secrets;

impl Keeper {
    /// Gives a camera a line for its segments, and serves it.
    pub(super) fn line(&mut self, id: u64, camera: CameraId) {
        let known = self.config.cameras.iter().any(|c| *c.id() == camera);
        let Some(eye) = self.eye_of(id).filter(|_| known) else { return };
        let control = Arc::clone(&eye.control);
        let Ok((ours, theirs)) = Packets::pair() else { return };
        self.runs += 1;
        let run = self.runs;
        self.open.insert(run, camera.clone());
        self.tally().begin(&camera, run);
        let (vault, news, of) = (Arc::clone(&self.vault), self.news.clone(), camera.clone());
        thread::spawn(move || {
            let served = vault.serve(KeepEnd::over(ours));
            let _ = news.send(News::Kept { camera: of, run, served });
        });
        let _ = control.say(&ToEye::Line { camera }, Some(&theirs.into()));
    }

    /// Gives a camera the file in which its frames may wait: one for each, however often it asks.
    pub(super) fn spool(&mut self, id: u64, camera: CameraId) {
        let config = Arc::clone(&self.config);
        let known = config.deferred.is_some() && config.cameras.iter().any(|c| *c.id() == camera);
        let Some(eye) = self.eye_of(id).filter(|_| known) else { return };
        let file = match eye.spools.entry(camera.clone()) {
            Entry::Occupied(file) => file.get().try_clone(),
            Entry::Vacant(place) => {
                tempfile::tempfile_in(&config.vault.dir).and_then(|file| place.insert(file).try_clone())
            }
        };
        let file = file.inspect_err(|error| {
            let folder = config.vault.dir.display();
            tracing::error!(%camera, %folder, %error, "no file for frames that wait: they are dropped instead");
        });
        let file = file.ok().map(OwnedFd::from);
        let _ = eye.control.say(&ToEye::Spool { camera }, file.as_ref());
    }

    /// Connects to a camera in the network.
    pub(super) fn reach(&mut self, id: u64, camera: CameraId) {
        let Some(config) = self.config.cameras.iter().find(|c| *c.id() == camera) else { return };
        let Some(address) = config.url.clone() else { return };
        let secrets = Secrets::of_this_process(self.config.service.credentials_dir.as_deref());
        let credentials = config.credentials.as_ref().map(|name| secrets.get(name.as_str())).transpose();
        let news = self.news.clone();
        tokio::spawn(async move {
            let found = match credentials {
                Ok(credentials) => {
                    let line = relay::connect(&address.host(), address.port()).await;
                    line.map(|line| (credentials, OwnedFd::from(line)))
                }
                Err(error) => {
                    tracing::error!(%camera, %error, "a camera's credentials cannot be used");
                    Err(Fault::Denied)
                }
            };
            let (answer, line) = match found {
                Ok((credentials, line)) => (ToEye::Reached { camera, credentials }, Some(line)),
                Err(fault) => (ToEye::Unreachable { camera, fault }, None),
            };
            let _ = news.send(News::Found(id, Box::new(answer), line));
        });
    }
}
