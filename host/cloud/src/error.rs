//! What can go wrong before there is a store.

use std::io;

/// What can go wrong before there is a store. What goes wrong in one is told by [`sluis_store::Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that cannot be.
    #[error("the setting `{setting}` of the cloud store cannot be {found}: {advice}")]
    Settings {
        /// Which.
        setting: &'static str,
        /// What stands there; never a secret.
        found: String,
        /// What to write instead.
        advice: &'static str,
    },
    /// The client is not part of this program.
    #[error(
        "this sluis was built without the client `rusoto`: build it with the feature `rusoto`, or use the client `aws`"
    )]
    NotBuilt,
    /// The store is configured to lie where it may not.
    #[error(
        "the cloud store is configured in region `{region}` at {host}, and that is not on the list of allowed places ({allowed}): use a bucket in one of \
         them; add a place to the list only if the policy that guests are told allows it"
    )]
    Residency {
        /// The configured region.
        region: String,
        /// The configured server.
        host: String,
        /// What is allowed.
        allowed: String,
    },
    /// The runtime or the trust store could not be made.
    #[error("cannot start the cloud store")]
    Start(#[source] io::Error),
    /// The bucket's lifecycle could not be read or set.
    #[error(transparent)]
    Store(#[from] sluis_store::Error),
}
