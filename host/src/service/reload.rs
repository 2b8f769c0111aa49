//! Another configuration is put in force.

use std::sync::Arc;

use sd_notify::NotifyState;

use super::control::ToEye;
use super::eye;
use super::keep::Keeper;
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
        if (&config.shop.id, &config.vault, &config.service.listen) != (&old.shop.id, &old.vault, &old.service.listen) {
            tracing::error!("`[shop] id`, `[vault]` and `[service] listen` hold until the service is started again");
            self.tell(&Event::NotReloaded);
            return;
        }
        let same_process = config.plugins == old.plugins
            && config.audience == old.audience
            && eye::walls(&config, &self.home) == eye::walls(&old, &self.home);
        {
            let mut tally = self.tally();
            for camera in &config.cameras {
                tally.cameras.entry(camera.id().clone()).or_default();
            }
            tally.cameras.retain(|id, _| config.cameras.iter().chain(&old.cameras).any(|camera| camera.id() == id));
        }
        self.config = Arc::new(config);
        if let Some(eye) = self.eye.as_ref().filter(|eye| eye.going && same_process) {
            let _ = eye.control.say(&ToEye::Change { text: self.config.text().to_owned() }, None);
            return;
        }
        if let Err(error) = self.program.warm(&self.file, &self.home).and_then(|()| {
            self.next = Some(self.start()?);
            Ok(())
        }) {
            tracing::error!(error = &error as &dyn std::error::Error, "the new components cannot be used");
            self.config = old;
            self.tell(&Event::NotReloaded);
        }
    }
}
