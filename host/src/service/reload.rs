//! Another configuration is put in force.

use std::sync::Arc;
use std::thread;

use sd_notify::NotifyState;

use super::control::ToEye;
use super::eye;
use super::keep::{self, Error, Keeper, News};
use crate::config::Config;
use crate::events::Event;

impl Keeper {
    /// Reads the configuration again.
    pub(super) fn reload(&mut self) {
        let _ = NotifyState::monotonic_usec_now().map(|now| sd_notify::notify(&[NotifyState::Reloading, now]));
        match Config::read(&self.file) {
            Ok(config) => self.change(config),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the new configuration cannot be used");
                self.tell(&Event::NotReloaded);
            }
        }
        let _ = sd_notify::notify(&[NotifyState::Ready]);
    }

    fn change(&mut self, config: Config) {
        let old = Arc::clone(&self.config);
        let fixed = |config: &Config| {
            let Config { shop, vault, cloud, residency, ledger, service, .. } = config.clone();
            (shop.id, vault, cloud, residency, ledger, service.listen)
        };
        if fixed(&config) != fixed(&old) {
            tracing::error!(
                "`[shop] id`, `[vault]`, `[cloud]`, `[residency]`, `[ledger]` and `[service] listen` hold until the service is started again"
            );
            self.tell(&Event::NotReloaded);
            return;
        }
        let config = Arc::new(config);
        // What an earlier reload has begun is overtaken.
        self.reloads += 1;
        self.next = None;
        if let Some(eye) =
            self.eye.as_mut().filter(|eye| eye.going && is_same_process(&eye.config, &config, &self.home))
        {
            eye.spools.retain(|id, _| config.deferred() == eye.config.deferred() && config.camera(id.as_str()).is_ok());
            eye.config = Arc::clone(&config);
            self.put_in_force(&config);
            if !self.may_see(&config) {
                return self.close_cameras();
            }
            if let Some(eye) = &mut self.eye {
                eye.say(&ToEye::Change { text: config.text().to_owned() }, None);
            }
            return;
        }
        let (program, file, home, news, reload) =
            (self.program.clone(), self.file.clone(), self.home.clone(), self.news.clone(), self.reloads);
        // Components are compiled meanwhile: that takes its time, and what runs is still watched.
        thread::spawn(move || {
            let warmed = program.warm(&file, &home);
            let _ = news.blocking_send(News::Warmed { reload, config, warmed });
        });
    }

    /// Compiled code is there for a configuration with other components: a process with them is started. It takes the place of the one that runs when it has loaded.
    pub(super) fn warmed(&mut self, reload: u64, config: &Arc<Config>, warmed: Result<(), Error>) {
        if reload != self.reloads || self.is_stopping() {
            return;
        }
        let old = Arc::clone(&self.config);
        self.put_in_force(config);
        let started = warmed.and_then(|()| self.start());
        match started {
            Ok(next) => self.next = Some(next),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the new components cannot be used");
                self.put_in_force(&old);
                self.tell(&Event::NotReloaded);
            }
        }
    }

    /// From here on this is the configuration.
    pub(super) fn put_in_force(&mut self, config: &Arc<Config>) {
        // Not on this thread: when the clock is in doubt the cloud is asked, and that blocks.
        let (vault, in_force, home) = (Arc::clone(&self.vault), Arc::clone(config), self.home.clone());
        thread::spawn(move || keep::write_down(&vault, &in_force, &home));
        let old = std::mem::replace(&mut self.config, Arc::clone(config));
        let mut tally = self.tally();
        for camera in &config.cameras {
            tally.cameras.entry(camera.id().clone()).or_default();
        }
        tally.retain(|id| config.cameras.iter().chain(&old.cameras).any(|camera| camera.id() == id));
    }
}

/// Whether a process that works by `old` can go on under `new`.
fn is_same_process(old: &Config, new: &Config, home: &sluis_registry::Home) -> bool {
    old.plugins.at_work() == new.plugins.at_work()
        && old.audience == new.audience
        && eye::walls(old, home) == eye::walls(new, home)
}
