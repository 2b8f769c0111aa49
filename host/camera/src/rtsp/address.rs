//! Where a camera is, and who we are to it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;
use url::{Host, Url};
use zeroize::Zeroizing;

/// The address of a camera's stream: `rtsp://HOST[:PORT]/PATH`, without user name and password.
///
/// It is shown as host, port and path. The query, and what follows an equals sign in the path, is left out: some cameras expect a password there.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Address(Arc<Url>);

/// What is wrong with an address. The address itself is not repeated: a password may be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAddress {
    /// It is no URL.
    #[error("the camera's address is no URL: write rtsp://HOST/PATH, as its manual says")]
    NotAUrl,
    /// It is a URL of another kind.
    #[error(
        "the camera's address does not begin with rtsp://, and nothing else is spoken here: write rtsp://HOST/PATH"
    )]
    Scheme,
    /// It names no machine.
    #[error("the camera's address names no host: write rtsp://HOST/PATH")]
    NoHost,
    /// It has a user name or a password in it.
    #[error(
        "the camera's address has a user name or a password in it, which would be shown wherever the address is: take them out, and \
         give them as the camera's credentials"
    )]
    Credentials,
}

/// The user name and the password that a camera knows us by. `Debug` does not show the password, and memory is cleared of it when it is dropped.
///
/// A camera that asks for digest authentication does not see the password; one that asks for basic authentication does, and whoever listens in.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: Zeroizing<String>,
}

/// The port of RTSP (RFC 2326, 3.2).
const PORT: u16 = 554;

// === impl Address ===

impl Address {
    /// The host, as the system's resolver takes it.
    pub fn host(&self) -> String {
        match self.0.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            host => host.map(|host| host.to_string()).unwrap_or_default(),
        }
    }

    /// The port: 554 unless another is said.
    pub fn port(&self) -> u16 {
        self.0.port().unwrap_or(PORT)
    }

    /// The same path on a port of this machine.
    pub(super) fn here(&self, port: u16) -> Url {
        let mut url = Url::clone(&self.0);
        url.set_host(Some("127.0.0.1")).expect("a URL with a host can have another");
        url.set_port(Some(port)).expect("a URL with a host can have a port");
        url
    }

    /// `text` without what this address keeps to itself.
    pub(super) fn conceal(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(query) = self.0.query().filter(|query| !query.is_empty()) {
            text = text.replace(query, "…");
        }
        if let Some((_, hidden)) = self.0.path().split_once('=').filter(|(_, hidden)| !hidden.is_empty()) {
            text = text.replace(hidden, "…");
        }
        text
    }

    fn path(&self) -> String {
        match self.0.path().split_once('=') {
            Some((shown, _)) => format!("{shown}=…"),
            None => self.0.path().to_owned(),
        }
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut url = Url::parse(text).map_err(|_| InvalidAddress::NotAUrl)?;
        if url.scheme() != "rtsp" {
            return Err(InvalidAddress::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidAddress::Credentials);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(InvalidAddress::NoHost);
        }
        url.set_fragment(None);
        Ok(Self(Arc::new(url)))
    }
}

impl TryFrom<String> for Address {
    type Error = InvalidAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}{}", self.0.host_str().unwrap_or_default(), self.port(), self.path())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

// === impl Credentials ===

impl Credentials {
    /// A user name and its password.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: Zeroizing::new(password.into()) }
    }

    /// As `retina` takes them, which keeps a copy for as long as the camera is open.
    pub(super) fn to_retina(&self) -> retina::client::Credentials {
        retina::client::Credentials { username: self.user.clone(), password: String::clone(&self.password) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_no_address_of_a_camera_is_refused_with_advice() {
        for (text, why) in [
            ("camera", InvalidAddress::NotAUrl),
            ("", InvalidAddress::NotAUrl),
            ("rtsp://", InvalidAddress::NoHost),
            ("rtsp:/stream", InvalidAddress::NoHost),
            ("http://camera/stream", InvalidAddress::Scheme),
            ("rtsps://camera/stream", InvalidAddress::Scheme),
            ("rtsp://admin:secret@camera/stream", InvalidAddress::Credentials),
            ("rtsp://admin@camera/stream", InvalidAddress::Credentials),
        ] {
            let refused = text.parse::<Address>().unwrap_err();
            assert_eq!(refused, why, "{text}");
            assert!(!refused.to_string().contains("secret"));
        }
    }

    #[test]
    fn an_address_shows_no_password() {
        for (text, shown) in [
            ("rtsp://camera/stream", "camera:554/stream"),
            ("rtsp://10.0.0.7:8554/a/b?user=u&password=secret", "10.0.0.7:8554/a/b"),
            ("rtsp://camera/user=u_password=secret_channel=1.sdp", "camera:554/user=…"),
            ("rtsp://[::1]/stream", "[::1]:554/stream"),
        ] {
            assert_eq!(address(text).to_string(), shown);
            assert_eq!(format!("{:?}", address(text)), format!("Address({shown})"));
        }
    }

    #[test]
    fn what_an_address_keeps_to_itself_is_taken_out_of_texts() {
        let text = "bad URL rtsp://camera/user=u_password=secret.sdp?key=secret2: no";
        let concealed = address("rtsp://camera/user=u_password=secret.sdp?key=secret2").conceal(text);
        assert!(!concealed.contains("secret"), "{concealed}");
        assert_eq!(address("rtsp://camera/stream").conceal("what is in /stream?"), "what is in /stream?");
    }

    #[test]
    fn the_way_through_this_machine_keeps_path_and_query() {
        assert_eq!(address("rtsp://camera/a?b=c").here(4000).as_str(), "rtsp://127.0.0.1:4000/a?b=c");
        assert_eq!(address("rtsp://[::1]:9/a").here(4000).as_str(), "rtsp://127.0.0.1:4000/a");
        assert_eq!((address("rtsp://[::1]/a").host().as_str(), address("rtsp://camera").port()), ("::1", 554));
    }

    #[test]
    fn credentials_show_no_password() {
        let credentials = Credentials::new("viewer", "secret");
        assert_eq!(format!("{credentials:?}"), "Credentials { user: \"viewer\", .. }");
    }
}
