//! Opens the cameras of a configuration.

use std::sync::Arc;

use sluis_camera::{Driver, Rate, file, rtsp};
use sluis_frame::Clock;

use crate::assembly::{ComponentSettings, Counting, Treatment};
use crate::config::{self, Camera, Config};
use crate::service::secrets::{self, Secrets};

/// Opens a camera as the configuration says. `credentials` are for one in the network.
///
/// # Errors
///
/// [`sluis_camera::Error`] names what cannot be opened, why, and what to do.
pub fn open(
    camera: &Camera,
    credentials: Option<rtsp::Credentials>,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn Driver>, sluis_camera::Error> {
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
        config::Driver::Rtsp => {
            let address = camera.url.clone().expect("the configuration was checked: this camera has an address");
            rtsp::open(rtsp::Settings { credentials, ..rtsp::Settings::new(address) }, id, clock)
        }
        config::Driver::V4l2 => v4l2_camera(camera, clock),
        config::Driver::Realsense => realsense_camera(camera, clock),
    }
}

#[cfg(any(feature = "v4l2", feature = "realsense"))]
fn size_and_rate(camera: &Camera) -> (Option<sluis_frame::Size>, Option<Rate>) {
    let size = camera.size.map(|size| sluis_frame::Size::new(size.width, size.height));
    (size, camera.pictures_per_second.as_ref().and_then(|rate| Rate::new(*rate.as_ref()).ok()))
}

#[cfg(feature = "v4l2")]
fn v4l2_camera(camera: &Camera, clock: Arc<dyn Clock>) -> Result<Box<dyn Driver>, sluis_camera::Error> {
    use sluis_camera::v4l2;
    let (size, rate) = size_and_rate(camera);
    let device = camera.device.clone().expect("the configuration was checked: this camera has a device");
    v4l2::open(&v4l2::Settings { size, rate, ..v4l2::Settings::new(device) }, camera.id().clone(), clock)
}

#[cfg(feature = "realsense")]
fn realsense_camera(camera: &Camera, clock: Arc<dyn Clock>) -> Result<Box<dyn Driver>, sluis_camera::Error> {
    use sluis_camera::realsense::{self, Source};
    let (size, rate) = size_and_rate(camera);
    let source = match &camera.path {
        Some(file) => Source::Recording { file: file.clone(), pace: camera.pace.into() },
        None => Source::Camera {
            serial: camera
                .serial
                .as_ref()
                .expect("the configuration was checked: this camera has a serial number")
                .to_string(),
        },
    };
    realsense::open(&realsense::Settings { size, rate, ..realsense::Settings::new(source) }, camera.id().clone(), clock)
}

#[cfg(not(feature = "v4l2"))]
fn v4l2_camera(camera: &Camera, _: Arc<dyn Clock>) -> Result<Box<dyn Driver>, sluis_camera::Error> {
    Err(sluis_camera::Error::NotBuilt { camera: camera.id().clone(), feature: "v4l2" })
}

#[cfg(not(feature = "realsense"))]
fn realsense_camera(camera: &Camera, _: Arc<dyn Clock>) -> Result<Box<dyn Driver>, sluis_camera::Error> {
    Err(sluis_camera::Error::NotBuilt { camera: camera.id().clone(), feature: "realsense" })
}

/// A camera that this process cannot open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Its name and password cannot be used.
    #[error(transparent)]
    Secrets(#[from] secrets::Error),
    /// It cannot be opened.
    #[error(transparent)]
    Camera(#[from] sluis_camera::Error),
}

/// Opens a camera from an ordinary process, with its credentials from where the configuration says.
///
/// # Errors
///
/// [`Error`] names what cannot be used, why, and what to do.
pub fn open_here(config: &Config, camera: &Camera, clock: Arc<dyn Clock>) -> Result<Box<dyn Driver>, Error> {
    let secrets = Secrets::of_this_process(config.service.credentials_dir.as_deref());
    let credentials = camera.credentials.as_ref().map(|name| secrets.get(name.as_str())).transpose()?;
    Ok(open(camera, credentials.as_ref().map(Into::into), clock)?)
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
        limits: Some(plugins.limits),
        exclusions: camera.exclusions.iter().map(|exclusion| exclusion.corners().to_vec()).collect(),
        settings: ComponentSettings {
            filter: camera.settings_of(&plugins.filter),
            audit: camera.settings_of(&plugins.audit),
            gestures: gestures.unwrap_or_else(|| "{}".to_owned()),
            audience: camera.audience_settings(plugins.audience(), model),
        },
    }
}
