//! Which bucket, which key, how patient.

use std::fmt;
use std::time::Duration;

use url::{Host, Url};
use zeroize::Zeroizing;

use crate::Error;

/// What a store in the cloud needs to know.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// The server: `https://` and its host. `None`: that of Amazon for the region. Without TLS only this machine itself is spoken to.
    pub endpoint: Option<Url>,
    /// The region, by which requests are signed.
    pub region: String,
    /// The bucket. It must exist.
    pub bucket: String,
    /// What all keys begin with: empty, or path segments of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`, each followed by `/`.
    pub prefix: String,
    /// Who we are. Nothing else is asked for credentials, neither the environment nor the machine's cloud.
    pub credentials: Credentials,
    /// Whether the bucket stands in the path rather than in the host name. Most servers but Amazon's want it.
    pub path_style: bool,
    /// Bytes of each part of a big object: 5 MiB to 5 GiB. A writer holds three of them in memory, and an object has 10,000 at most.
    pub part_size: usize,
    /// How long an answer may take.
    pub timeouts: Timeouts,
    /// How often to ask again.
    pub retries: Retries,
}

/// An access key. `Debug` shows its id only.
#[derive(Clone)]
pub struct Credentials {
    /// The key's id. Not secret: it stands in every request.
    pub key_id: String,
    /// The secret key.
    pub secret: Zeroizing<String>,
    /// The token of a temporary key.
    pub session_token: Option<Zeroizing<String>>,
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect, TLS aside.
    pub connect: Duration,
    /// From the last byte of a request to the first of its answer.
    pub answer: Duration,
    /// For one try of one request as a whole. A part must get through in it.
    pub attempt: Duration,
}

/// How often a request is tried when the server is busy or the connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Tries in all, the first one too.
    pub attempts: u32,
    /// The longest wait before the second try. It doubles with each, and what is waited is drawn at random below it.
    pub backoff: Duration,
    /// The longest wait before any.
    pub backoff_limit: Duration,
}

/// Which library speaks to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// `aws-sdk-s3`.
    Aws,
    /// The archived `rusoto_s3`, when this program was built with the feature `rusoto`. Always path style.
    Rusoto,
}

/// The least that S3 takes for a part that is not the last.
pub(crate) const LEAST_PART: usize = 5 << 20;

// === impl S3Settings ===

impl S3Settings {
    /// Settings with defaults: Amazon's server of the region, no prefix, parts of 8 MiB.
    pub fn new(region: impl Into<String>, bucket: impl Into<String>, credentials: Credentials) -> Self {
        Self {
            endpoint: None,
            region: region.into(),
            bucket: bucket.into(),
            prefix: String::new(),
            credentials,
            path_style: false,
            part_size: 8 << 20,
            timeouts: Timeouts::default(),
            retries: Retries::default(),
        }
    }

    /// The server, with its port when that is not the usual one.
    pub fn host(&self) -> String {
        match &self.endpoint {
            None if self.region.starts_with("cn-") => format!("s3.{}.amazonaws.com.cn", self.region),
            None => format!("s3.{}.amazonaws.com", self.region),
            Some(url) => match (url.host_str(), url.port()) {
                (Some(host), Some(port)) => format!("{host}:{port}"),
                (host, _) => host.unwrap_or_default().to_owned(),
            },
        }
    }

    /// The address of the server.
    pub(crate) fn address(&self) -> String {
        let scheme = self.endpoint.as_ref().map_or("https", |url| url.scheme());
        format!("{scheme}://{}", self.host())
    }

    /// Checks what can be checked without the server.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`] names the setting and what to write.
    pub fn check(&self) -> Result<(), Error> {
        let refuse =
            |setting, found: &str, advice| Err(Error::Settings { setting, found: format!("`{found}`"), advice });
        let name = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if self.region.is_empty() || !name(&self.region) {
            return refuse("region", &self.region, "name the bucket's region, such as `eu-central-1`");
        }
        let bucket = (3..=63).contains(&self.bucket.len()) && self.bucket.split('.').all(|l| !l.is_empty() && name(l));
        if !bucket {
            return refuse("bucket", &self.bucket, "a bucket's name has 3 to 63 characters of a-z, 0-9, `-` and `.`");
        }
        let segment = |s: &str| {
            let plain = s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
            !s.is_empty() && plain && s != "." && s != ".."
        };
        let prefix = self.prefix.is_empty()
            || self.prefix.strip_suffix('/').is_some_and(|p| p.len() <= 200 && p.split('/').all(segment));
        if !prefix {
            return refuse(
                "prefix",
                &self.prefix,
                "leave it empty, or write words of letters, digits, `-`, `_` and `.`, each followed by `/`",
            );
        }
        if !(LEAST_PART..=5 << 30).contains(&self.part_size) {
            return refuse("part-size", &self.part_size.to_string(), "a part has 5 MiB to 5 GiB");
        }
        if self.retries.attempts == 0 {
            return refuse("attempts", "0", "ask at least once");
        }
        let visible = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !visible(&self.credentials.key_id) {
            return refuse("key-id", &self.credentials.key_id, "write the id of the access key, without spaces");
        }
        let token = self.credentials.session_token.as_ref().is_none_or(|t| visible(t));
        if !visible(&self.credentials.secret) || !token {
            let advice = "the secret and the token are one word each, without spaces and line ends";
            return Err(Error::Settings { setting: "secret", found: "what is written there".to_owned(), advice });
        }
        if let Some(url) = &self.endpoint {
            let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            if !bare || !url.username().is_empty() || url.password().is_some() || url.host().is_none() {
                // Not the address itself: a password can stand in it.
                let advice = "write `https://` and the server's name, perhaps a port, and nothing else";
                return Err(Error::Settings { setting: "endpoint", found: "what is written there".to_owned(), advice });
            }
            let here = match url.host() {
                Some(Host::Domain(name)) => name == "localhost",
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            };
            if url.scheme() != "https" && !(url.scheme() == "http" && here) {
                return refuse("endpoint", url.as_str(), "another machine is spoken to over `https://` only");
            }
        }
        Ok(())
    }
}

// === impl Credentials ===

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

// === impl Timeouts ===

impl Default for Timeouts {
    /// 5 s to connect, 60 s for the first byte (completing a big object takes a while), 5 minutes for a try: a part of 8 MiB at 0.25 Mbit/s.
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), answer: Duration::from_secs(60), attempt: Duration::from_secs(300) }
    }
}

// === impl Retries ===

impl Default for Retries {
    /// 5 tries, which last 15 s at the most when the server refuses at once.
    fn default() -> Self {
        Self { attempts: 5, backoff: Duration::from_secs(1), backoff_limit: Duration::from_secs(20) }
    }
}

// === impl Client ===

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aws => "aws",
            Self::Rusoto => "rusoto",
        })
    }
}
