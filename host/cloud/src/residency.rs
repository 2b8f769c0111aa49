//! In which places the bucket may lie at all.
//!
//! Guests are told where their recordings lie. The list of those places is configured apart from the bucket, so that nobody moves the recordings by
//! changing an address.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::settings::S3Settings;

/// Where the bucket may lie. An empty list allows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residency {
    /// The places.
    pub allowed: Vec<Place>,
}

/// A region and the server that stands for it. Both must be those of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The region, as the settings name it. What a server calls its regions binds nobody: so the server is named too.
    pub region: String,
    /// The server's host, with its port when that is not the usual one; or `*.` and the end of it, for any host below. `None`: Amazon's own server of the
    /// region, which keeps the region's data there.
    #[serde(default)]
    pub endpoint: Option<String>,
}

// === impl Residency ===

impl Residency {
    /// Checks that the settings name an allowed place.
    ///
    /// # Errors
    ///
    /// [`Error::Residency`] says what is configured, what is allowed, and what to do.
    pub fn check(&self, settings: &S3Settings) -> Result<(), Error> {
        if self.allowed.iter().any(|place| place.holds(settings)) {
            return Ok(());
        }
        let allowed: Vec<_> = self.allowed.iter().map(Place::to_string).collect();
        let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.join("; ") };
        Err(Error::Residency { region: settings.region.clone(), host: settings.host(), allowed })
    }
}

// === impl Place ===

impl Place {
    fn holds(&self, settings: &S3Settings) -> bool {
        let server = match (&self.endpoint, &settings.endpoint) {
            (None, None) => true,
            (Some(allowed), Some(_)) => matches(allowed, &settings.host()),
            _ => false,
        };
        server && self.region == settings.region
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint.as_deref().unwrap_or("Amazon's server");
        write!(f, "region `{}` at {endpoint}", self.region)
    }
}

/// Whether a host is the allowed one. Letters count in either case, as in names of hosts.
fn matches(allowed: &str, host: &str) -> bool {
    let (allowed, host) = (allowed.to_ascii_lowercase(), host.to_ascii_lowercase());
    match allowed.strip_prefix('*') {
        // `*` alone, or `*` and no dot, would allow what nobody meant.
        Some(end) => end.len() > 1 && end.starts_with('.') && host.len() > end.len() && host.ends_with(end),
        None => !allowed.is_empty() && allowed == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Credentials;

    fn settings(region: &str, endpoint: Option<&str>) -> S3Settings {
        let key = Credentials { key_id: "k".into(), secret: "s".to_owned().into(), session_token: None };
        let endpoint = endpoint.map(|url| url.parse().unwrap());
        S3Settings { endpoint, ..S3Settings::new(region, "shop", key) }
    }

    fn list(places: &[(&str, Option<&str>)]) -> Residency {
        let place = |(region, endpoint): &(&str, Option<&str>)| Place {
            region: (*region).to_owned(),
            endpoint: endpoint.map(str::to_owned),
        };
        Residency { allowed: places.iter().map(place).collect() }
    }

    #[test]
    fn an_empty_list_allows_nothing() {
        let refused = Residency::default().check(&settings("eu-central-1", None)).unwrap_err().to_string();
        assert!(refused.contains("eu-central-1") && refused.contains("none"), "{refused}");
    }

    #[test]
    fn region_and_server_must_both_be_allowed() {
        let list = list(&[("eu-central-1", None), ("nl", Some("s3.example.nl")), ("nl", Some("*.store.example.nl"))]);
        for (region, endpoint) in [
            ("eu-central-1", None),
            ("nl", Some("https://s3.example.nl")),
            ("nl", Some("https://S3.EXAMPLE.nl/")),
            ("nl", Some("https://ams.store.example.nl")),
        ] {
            assert!(list.check(&settings(region, endpoint)).is_ok(), "{region} {endpoint:?}");
        }
        for (region, endpoint) in [
            ("us-east-1", None),
            ("nl", None),
            ("eu-central-1", Some("https://s3.example.nl")),
            ("eu-central-1", Some("https://s3.us-east-1.amazonaws.com")),
            ("nl", Some("https://s3.example.nl.evil.example")),
            ("nl", Some("https://evil-s3.example.nl")),
            ("nl", Some("https://s3.example.nl:8443")),
            ("nl", Some("https://store.example.nl")),
            ("nl", Some("https://evilstore.example.nl")),
        ] {
            assert!(list.check(&settings(region, endpoint)).is_err(), "{region} {endpoint:?}");
        }
    }

    #[test]
    fn a_star_alone_allows_nothing() {
        for pattern in ["*", "*.", "*nl", ""] {
            let list = list(&[("nl", Some(pattern))]);
            assert!(list.check(&settings("nl", Some("https://s3.example.nl"))).is_err(), "{pattern}");
        }
    }

    #[test]
    fn the_refusal_names_what_is_configured_and_what_is_allowed() {
        let list = list(&[("nl", Some("s3.example.nl"))]);
        let told = list.check(&settings("us", Some("https://s3.example.com"))).unwrap_err().to_string();
        for word in ["`us`", "s3.example.com", "`nl`", "s3.example.nl"] {
            assert!(told.contains(word), "{told}");
        }
    }
}
