//! What holds between keys: what no single value can show.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use sluis_cloud::Credentials;

use super::audience::{Keep, Screen};
use super::camera::{Camera, Driver, MaskStyle};
use super::cloud::CloudClient;
use super::hours;
use super::notice;
use super::number::RetentionHours;
use super::schema::{Config, Vault};

/// Names of shops and cameras, as a regular expression: what [`sluis_frame::CameraId`] takes.
pub(super) const NAME: &str = "^[a-z0-9][a-z0-9_-]{0,47}$";

/// Whether a text follows [`NAME`].
pub(super) fn is_name(text: &str) -> bool {
    sluis_frame::CameraId::new(text).is_ok()
}

/// Something wrong, and where in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Bytes from the start of the text.
    pub(super) span: Range<usize>,
    pub(super) message: String,
    /// What to do.
    pub(super) advice: String,
}

/// Checks everything; the first thing that is wrong ends it.
pub(super) fn all(config: &Config) -> Result<(), Wrong> {
    if config.cameras.is_empty() {
        return Err(Wrong {
            span: 0..0,
            message: "there is no camera".to_owned(),
            advice: "add a table `[[camera]]`; `examples/sluis.toml` shows every key".to_owned(),
        });
    }
    cameras(&config.cameras)?;
    audience(config)?;
    hours::check(config)?;
    vault(&config.vault)?;
    cloud(config)?;
    config.plugins.check()?;
    deferred(config)?;
    notice::check(config)
}

/// What waits must not be past its deadline when it is recorded.
fn deferred(config: &Config) -> Result<(), Wrong> {
    let Some(deferred) = &config.deferred else { return Ok(()) };
    let (patience, retention) = (deferred.as_ref().patience(), config.vault.retention());
    if patience < retention {
        return Ok(());
    }
    let hours = |time: std::time::Duration| time.as_secs() / 3600;
    Err(Wrong {
        span: deferred.span(),
        message: format!("frames may wait for {} hours and are kept for {}", hours(patience), hours(retention)),
        advice: "let `hours` of `[deferred]` be fewer than `retention-hours`: what has waited is recorded with the deadline of its capture".to_owned(),
    })
}

fn cameras(cameras: &[Camera]) -> Result<(), Wrong> {
    let mut seen = BTreeMap::new();
    for (number, camera) in (1..).zip(cameras) {
        if let Some(first) = seen.insert(camera.id(), number) {
            return Err(Wrong {
                span: camera.id.span(),
                message: format!("the id `{}` of camera {number} is already that of camera {first}", camera.id()),
                advice: "give every camera an id of its own: recordings are bound to it".to_owned(),
            });
        }
        if let Some(rate) = &camera.pictures_per_second
            && let Err(error) = sluis_camera::Rate::new(*rate.as_ref())
        {
            return Err(Wrong {
                span: rate.span(),
                message: format!("camera `{}`: {error}", camera.id()),
                advice: "write a number such as 10 or 29.97".to_owned(),
            });
        }
        if camera.driver == Driver::File && camera.path.is_none() {
            return Err(Wrong {
                span: camera.id.span(),
                message: format!("camera `{}` has no `path`", camera.id()),
                advice: "a `file` camera plays the recording at its `path`; add it".to_owned(),
            });
        }
        let needs = match camera.driver {
            Driver::Rtsp if camera.url.is_none() => Some(("url", "an `rtsp` camera plays the stream at its `url`")),
            Driver::V4l2 if camera.device.is_none() => Some(("device", "a `v4l2` camera is the `device` of this name")),
            Driver::Realsense if camera.serial.is_none() && camera.path.is_none() => Some((
                "serial",
                "a `realsense` camera is the one with this serial number, or the recording at its `path`",
            )),
            _ => None,
        };
        if let Some((key, why)) = needs {
            return Err(Wrong {
                span: camera.id.span(),
                message: format!("camera `{}` has no `{key}`", camera.id()),
                advice: format!("{why}; add it"),
            });
        }
        if camera.repeat && camera.driver != Driver::File {
            return Err(Wrong {
                span: camera.id.span(),
                message: format!("camera `{}` is to be repeated, and is no recording", camera.id()),
                advice: "take `repeat` out: it is for `file` cameras".to_owned(),
            });
        }
        zones(camera)?;
        if let Some(colour) = &camera.mask.colour
            && camera.mask.style != MaskStyle::Fill
        {
            return Err(Wrong {
                span: colour.span(),
                message: format!("camera `{}` has a mask colour, and its mask style does not fill", camera.id()),
                advice: "take `colour` out, or set `style = \"fill\"`".to_owned(),
            });
        }
    }
    Ok(())
}

/// Nothing is counted without a purpose, no screen twice, and no camera keeps nothing at all.
fn audience(config: &Config) -> Result<(), Wrong> {
    let mut seen = BTreeMap::new();
    for camera in &config.cameras {
        let Some(Screen { screen, .. }) = &camera.audience else {
            if camera.keep == Keep::Counts {
                return Err(Wrong {
                    span: camera.id.span(),
                    message: format!("camera `{}` keeps counts only, and counts nothing", camera.id()),
                    advice: "add `[camera.audience]`, or take `keep` out".to_owned(),
                });
            }
            continue;
        };
        if config.audience.is_none() {
            return Err(Wrong {
                span: screen.span(),
                message: format!("camera `{}` counts who looks at a screen, and nothing says what for", camera.id()),
                advice:
                    "add `[audience]` with a `purpose` that the shop will stand by, or take `[camera.audience]` out"
                        .to_owned(),
            });
        }
        if let Some(other) = seen.insert(screen.as_ref().clone(), camera.id()) {
            return Err(Wrong {
                span: screen.span(),
                message: format!(
                    "screen `{}` of camera `{}` is already that of camera `{other}`",
                    screen.as_ref(),
                    camera.id()
                ),
                advice: "one camera counts for one screen: whoever stands before two would count twice".to_owned(),
            });
        }
    }
    Ok(())
}

fn zones(camera: &Camera) -> Result<(), Wrong> {
    let mut seen = BTreeSet::new();
    camera.exclusions.iter().try_for_each(|exclusion| exclusion.check(camera.id().as_str()))?;
    for zone in &camera.zones {
        zone.check(camera.id().as_str(), camera.pose.is_some())?;
        if !seen.insert(zone.id()) {
            return Err(Wrong {
                span: zone.id.span(),
                message: format!("camera `{}` has two zones `{}`", camera.id(), zone.id()),
                advice: "give every zone of a camera an id of its own: events carry it".to_owned(),
            });
        }
    }
    if let Some(lens) = &camera.lens
        && let Err(advice) = lens.check()
    {
        return Err(Wrong {
            span: camera.id.span(),
            message: format!("camera `{}`: its lens cannot be: {lens:?}", camera.id()),
            advice: advice.to_owned(),
        });
    }
    Ok(())
}

fn vault(vault: &Vault) -> Result<(), Wrong> {
    match &vault.retention_hours {
        Some(hours) if *hours.as_ref() > RetentionHours::default() && vault.retention_reason.is_none() => Err(Wrong {
            span: hours.span(),
            message: format!("keeping recordings for {} hours needs a reason", hours.as_ref().get()),
            advice: "keep them for at most 72 hours, or say under `retention-reason` why more is needed".to_owned(),
        }),
        _ => Ok(()),
    }?;
    match &vault.stop_below_gib {
        Some(stop) if stop.as_ref().get() >= vault.keep_free_gib.get() => Err(Wrong {
            span: stop.span(),
            message: format!(
                "recording stops below {} GiB of free disk, and copies make room only below {}",
                stop.as_ref().get(),
                vault.keep_free_gib.get()
            ),
            advice: "let `stop-below-gib` be less than `keep-free-gib`: else nothing makes room before recording stops"
                .to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Where copies go is whole, and one of the places where they may lie.
fn cloud(config: &Config) -> Result<(), Wrong> {
    let Some(spanned) = &config.cloud else { return Ok(()) };
    let cloud = spanned.get_ref();
    let wrong = |message: String, advice: &str| Err(Wrong { span: spanned.span(), message, advice: advice.to_owned() });
    let missing = match cloud.client {
        CloudClient::Folder if cloud.path.is_none() => Some("path"),
        CloudClient::S3 | CloudClient::Rusoto if cloud.bucket.is_none() => Some("bucket"),
        CloudClient::S3 | CloudClient::Rusoto if cloud.region.is_none() => Some("region"),
        _ => None,
    };
    if let Some(key) = missing {
        return wrong(format!("`[cloud]` has no `{key}`"), &format!("a `{}` needs one; add it", cloud.client));
    }
    if cloud.client == CloudClient::Folder {
        return Ok(());
    }
    // The key is read when the program starts; here it is the rest that counts.
    let key = Credentials { key_id: "unread".to_owned(), secret: "unread".to_owned().into(), session_token: None };
    let settings = crate::keep::s3(cloud, key);
    if let (Some(address), None) = (&cloud.endpoint, &settings.endpoint) {
        return wrong(
            format!("`{address}` is no address of a server"),
            "write `https://` and the server's name, perhaps a port",
        );
    }
    match settings.check().and_then(|()| crate::keep::residency(&config.residency).check(&settings)) {
        Ok(()) => Ok(()),
        Err(error) => wrong(
            error.to_string(),
            "only the places under `[residency] allowed` may hold copies; they are named apart so that nobody moves recordings by changing an address",
        ),
    }
}
