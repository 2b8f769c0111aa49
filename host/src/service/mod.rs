//! The program as it runs around the clock: two processes.
//!
//! `eye` holds cameras, components, models and codecs: it meets untrusted pictures, streams and models, so it confines itself before the first frame
//! ([`sluis_confine`]). `keep` holds the vault, its keys, the network and the web, and never sees a raw picture. They speak over Unix sockets: one for control ([`control`]),
//! and one for each camera's segments ([`sluis_segment::handover`]).
//!
//! ```text
//! cameras ─► eye ═ segments ═► keep ─► vault
//!             ▲   ─ pulse ──►   │
//!             └── relay ◄───────┴─► /healthz, /metrics, systemd
//! ```
//!
//! - [`keep`]: the process that is started; it starts the other, watches it, and starts it again. `process`, `requests`, `reload` (private): how it speaks with the other.
//! - [`eye`]: the process that sees. `camera` (private): one camera in it, opened again when it fails.
//! - [`pauses`]: what may not be seen now.
//! - `notice` (private): cameras see only while the notice of what they do is published.
//! - `now` (private): what the cameras do now, for the page of the notice.
//! - `registry` (private): new versions are fetched. [`rollout`]: updates of components, tried and put in force while cameras run. [`trial`]: how they are judged. `components`, `bundle` (private): them in the process that sees, and their way into it.
//! - `housekeeping` (private): deadlines, copies, partners, on threads of their own.
//! - [`relay`]: carries the connections of cameras in the network, which `eye` cannot make itself.
//! - [`secrets`]: names and passwords of cameras.
//! - [`health`]: what is served over HTTP. [`tally`]: what it is made of, over all restarts.

mod bundle;
mod camera;
mod components;
pub mod control;
pub mod eye;
pub mod health;
mod housekeeping;
pub mod keep;
mod notice;
mod now;
pub mod pauses;
mod process;
mod registry;
pub mod relay;
mod reload;
mod requests;
pub mod rollout;
pub mod secrets;
pub mod tally;
pub mod trial;

pub(crate) use health::free_bytes;
pub use process::Program;
use ring::rand::{SecureRandom, SystemRandom};
pub use secrets::{Error as SecretsError, Secrets};

/// A number from 0 to 1, evenly, for the jitter of waits.
fn random() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness all come back together: no harm to anybody.
    let _ = SystemRandom::new().fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}
