//! Opens the cameras of a configuration.

use std::sync::Arc;

use sluis_camera::{Driver, Rate, file};
use sluis_frame::Clock;

use crate::assembly::{ComponentSettings, Counting, Treatment};
use crate::config::{self, Camera, Config};

/// Opens a camera as the configuration says.
///
/// # Errors
///
/// [`sluis_camera::Error`] names what cannot be opened, why, and what to do.
pub fn open(camera: &Camera, clock: Arc<dyn Clock>) -> Result<Box<dyn Driver>, sluis_camera::Error> {
    let (id, pace) = (camera.id().clone(), camera.pace.into());
    match camera.driver {
        config::Driver::File => {
            let path = camera.path.as_deref().expect("the configuration was checked: a file camera has a path");
            let stills = camera.pictures_per_second.as_ref().and_then(|rate| Rate::new(*rate.as_ref()).ok());
            let stills = stills.unwrap_or(Rate::TEN);
            if camera.repeat {
                file::open_repeating(path, id, stills, pace, clock)
            } else {
                file::open_at(path, id, stills, pace, clock)
            }
        }
        config::Driver::Synthetic => Ok(Box::new(camera.synthetic.shop().open(id, pace, clock.as_ref()))),
    }
}

/// How an open camera is treated, as the configuration says.
pub fn treatment(config: &Config, camera: &Camera, driver: &dyn Driver) -> Treatment {
    let plugins = &config.plugins;
    let calibration = driver.description().calibration;
    let model = config.audience.as_ref().and_then(|audience| audience.demographics.as_ref()).map(|d| d.model.as_str());
    let gestures = plugins.gestures.as_deref().map(|name| camera.gesture_settings(name, calibration));
    Treatment {
        shop: config.shop.id.to_string(),
        mode: camera.mode.into(),
        style: camera.mask.style(),
        segment_length: config.segment.length(),
        limit: None,
        keep: camera.keep,
        audience: camera
            .audience
            .as_ref()
            .map(|at| Counting { screen: at.screen.as_ref().clone(), model: model.map(str::to_owned) }),
        vantage: camera.place(calibration).vantage(),
        schedule: config.schedule(),
        settings: ComponentSettings {
            filter: camera.settings_of(&plugins.filter),
            audit: camera.settings_of(&plugins.audit),
            gestures: gestures.unwrap_or_else(|| "{}".to_owned()),
            audience: camera.audience_settings(plugins.audience(), model),
        },
    }
}
