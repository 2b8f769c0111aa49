//! What can go wrong with components and models.

use std::io;
use std::path::PathBuf;

use crate::digest::Sha256;
use crate::remote::RemoteError;
use crate::repository::RepositoryError;

/// A manifest, component or model that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("could not {doing} {}", path.display())]
    Io {
        /// `read`, `write`, …
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A symbolic link where this program has a file.
    #[error(
        "{} is a symbolic link, and is not followed: somebody may want files written elsewhere; find out who made it, and remove it",
        path.display()
    )]
    Link {
        /// Where it is.
        path: PathBuf,
    },
    /// The manifest is no manifest.
    #[error("{} is not a plugin registry manifest: at `{at}`: {why}", path.display())]
    Manifest {
        /// Which file.
        path: PathBuf,
        /// The path of the wrong value within the JSON, as `components[1].world`.
        at: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nothing is installed.
    #[error("no components are installed in {}: run `cargo demo`, or `sluis plugin build --install DIR…` in a checkout", home.display())]
    NothingInstalled {
        /// The home that was looked at.
        home: PathBuf,
    },
    /// A component that is not there.
    #[error("no component `{name}` with the world `{world}` is installed; installed are: {installed}")]
    NoComponent {
        /// What was asked for.
        name: String,
        /// What it should be.
        world: String,
        /// What there is.
        installed: String,
    },
    /// A component of a name that nothing has.
    #[error("no component `{name}` is installed; installed are: {installed}")]
    NotInstalled {
        /// What was asked for.
        name: String,
        /// What there is.
        installed: String,
    },
    /// A model that the manifest does not know.
    #[error("the manifest knows no model `{name}`; it knows: {known}")]
    UnknownModel {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// Bytes that are not what was pinned.
    #[error("{} is not what was pinned: its sha256 is {found}, and {pinned} was expected; {remedy}", path.display())]
    Digest {
        /// Which file.
        path: PathBuf,
        /// What it has.
        found: Sha256,
        /// What it should have.
        pinned: Sha256,
        /// What to do.
        remedy: &'static str,
    },
    /// A model that cannot be pulled.
    #[error(
        "the model `{name}` cannot be pulled: it is {origin}; get that file and run `sluis model add {name} --from FILE`"
    )]
    NotPullable {
        /// Which model.
        name: String,
        /// Where it comes from.
        origin: String,
    },
    /// Pulling failed.
    #[error(
        "the model `{name}` could not be pulled: {why}; or get it by hand ({origin}) and run `sluis model add {name} --from FILE`"
    )]
    Pull {
        /// Which model.
        name: String,
        /// What went wrong.
        why: String,
        /// Where it comes from.
        origin: String,
    },
    /// A release that was refused or taken back before.
    #[error(
        "{name} {version} was refused before: {why}; it is not tried again. Take a version that mends this, or have this one tried once more: `sluis plugin install {name} --again`"
    )]
    RefusedBefore {
        /// Which component.
        name: String,
        /// Which version.
        version: String,
        /// Why it was refused.
        why: String,
    },
    /// A release that is older than what is installed.
    #[error(
        "{component} {version} is offered, and {newer} is {state}: faults may be open in the older one that were repaired since. If you want it all the same: `sluis plugin install {component} --version {version}`"
    )]
    Older {
        /// Its publisher and name.
        component: String,
        /// Which version.
        version: String,
        /// The newer version.
        newer: String,
        /// `in force` or `the candidate`.
        state: &'static str,
    },
    /// A version that there is not.
    #[error("`{name}` has no {what}: `sluis plugin ls` shows what there is")]
    NoVersion {
        /// Which component.
        name: String,
        /// What it lacks.
        what: &'static str,
    },
    /// A package has brought the version in force.
    #[error(
        "`{name}` {version} came with the package, and no update is in force: to go back, install the package before it"
    )]
    Packaged {
        /// Which component.
        name: String,
        /// Its version.
        version: String,
    },
    /// No home can be found.
    #[error("there is no place for components and models: set SLUIS_HOME, or HOME")]
    NoHome,
    /// The system gave no random bytes.
    #[error("the system gives no random bytes for a key")]
    Random,
    /// Nothing comes from the registry.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// A registry cannot be changed or published.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The bucket of a registry.
    #[error("the bucket cannot be used")]
    Store {
        /// Why not.
        source: sluis_store::Error,
    },
    /// A component asks for more than is granted.
    #[error(
        "{component} {version} waits for your permission: {beyond}. To grant what it asks for, write this into sluis.toml and install it again:\n\n{table}\n"
    )]
    NotGranted {
        /// Its publisher and name.
        component: String,
        /// Its version.
        version: String,
        /// What goes beyond, in words.
        beyond: String,
        /// The table to add.
        table: String,
    },
    /// A component in the place of another publisher's.
    #[error(
        "a component of this name is installed that `{theirs}` published, and {component} is by another: `sluis plugin remove` it first if you want this one in its place"
    )]
    OtherPublisher {
        /// Its publisher and name.
        component: String,
        /// Whose is installed.
        theirs: String,
    },
    /// One publisher for both filter and audit.
    #[error(
        "the filter `{filter}` and the audit `{audit}` are both published by `{publisher}`: an audit is worth something only when others wrote it; name another under `[plugins]`"
    )]
    SamePublisher {
        /// Whose both are.
        publisher: String,
        /// The filter.
        filter: String,
        /// The audit.
        audit: String,
    },
}

impl Error {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
