//! Object stores in the cloud: S3, and what speaks like it.
//!
//! [`open`] gives an [`ObjectStore`] whose objects lie in one bucket, below one prefix. It blocks, and has a small runtime of its own: its methods, and
//! those of its writers and readers, must not be called on a thread of another tokio runtime, where they panic. What has to be known of the server, of
//! the bucket and of its key stands in `docs/cloud.md`.
//!
//! - [`settings`]: which bucket, which key, how patient.
//! - [`residency`]: in which places the bucket may lie at all.
//! - [`lifecycle`]: a rule by which the bucket itself removes what is too old: the second belt.
//! - [`error`]: what can go wrong before there is a store.
//! - `store`, `reader`, `writer`: the store, once for all clients.
//! - `calls`: the few calls of S3 that it stands on. `aws` makes them through `aws-sdk-s3`, `rusoto` through the archived `rusoto_s3`.
//! - `fault`: what a server answers when it does not do what it is asked.
//! - `patience`: how long to wait before the next try.
//! - `server_clock`: what time it is by the server.

mod aws;
mod calls;
pub mod error;
mod fault;
pub mod lifecycle;
mod location;
mod patience;

mod reader;
pub mod residency;
#[cfg(feature = "rusoto")]
mod rusoto;
mod server_clock;
pub mod settings;
mod store;
mod writer;

use std::sync::Arc;

use sluis_store::ObjectStore;

pub use error::Error;
pub use lifecycle::{Lifecycle, ensure_lifecycle};
pub use residency::{Place, Residency};
pub use settings::{Client, Credentials, Retries, S3Settings, Timeouts};

use crate::server_clock::ServerClock;
use crate::store::S3Store;

/// Opens the store. The server is not asked yet: wrong settings that only it knows of come with the first call.
///
/// # Errors
///
/// [`Error::Settings`]; [`Error::NotBuilt`] for a client that this program was built without; [`Error::Start`].
pub fn open(settings: &S3Settings, client: Client) -> Result<Arc<dyn ObjectStore>, Error> {
    settings.check()?;
    let clock = Arc::new(ServerClock::default());
    match client {
        Client::Aws => Ok(Arc::new(S3Store::new(aws::Aws::new(settings, Arc::clone(&clock)), settings, clock)?)),
        #[cfg(feature = "rusoto")]
        Client::Rusoto => {
            Ok(Arc::new(S3Store::new(rusoto::Rusoto::new(settings, Arc::clone(&clock))?, settings, clock)?))
        }
        #[cfg(not(feature = "rusoto"))]
        Client::Rusoto => Err(Error::NotBuilt),
    }
}
