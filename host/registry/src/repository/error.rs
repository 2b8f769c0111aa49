//! What can go wrong when a registry is kept.

use std::path::PathBuf;

/// A registry that cannot be changed or published as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RepositoryError {
    /// A key that others may read.
    #[error("others may read the key {} (its mode is {mode:04o}): `chmod 600` it, and replace it if somebody else had access", path.display())]
    KeyExposed {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The public half where a key is to sign.
    #[error(
        "{} is the public half of a key, which signs nothing: give the file that `sluis registry key FILE` has made", path.display()
    )]
    PublicHalf {
        /// Which.
        path: PathBuf,
    },
    /// A key where its public half is asked for.
    #[error(
        "{} is a private key, which nobody else is to see: give its public half, which `sluis registry key {} --public` prints", path.display(), path.display()
    )]
    PrivateKey {
        /// Which.
        path: PathBuf,
    },
    /// A file that is no public key.
    #[error("{} is no public key: it is 64 hexadecimal digits, as `sluis registry key FILE` prints them", path.display())]
    NoPublicKey {
        /// Which.
        path: PathBuf,
    },
    /// A file that is no key.
    #[error("{} is no Ed25519 key in PKCS#8: make one with `sluis registry key FILE`", path.display())]
    NoKey {
        /// Which.
        path: PathBuf,
    },
    /// There is a registry already.
    #[error("there is a registry in {} already: `sluis registry rotate` changes its keys", folder.display())]
    Exists {
        /// Where.
        folder: PathBuf,
    },
    /// There is no registry.
    #[error("there is no registry in {}: begin one with `sluis registry init`", folder.display())]
    Missing {
        /// Where.
        folder: PathBuf,
    },
    /// Metadata that cannot be read.
    #[error("{} cannot be understood: {why}", path.display())]
    Metadata {
        /// Which file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// Fewer keys than signatures are wanted.
    #[error(
        "`{role}` is to be signed by {threshold} keys, and has {keys}: a threshold is at least 1 and no more than the keys there are"
    )]
    Threshold {
        /// Which role.
        role: String,
        /// How many signatures are wanted.
        threshold: u64,
        /// How many different keys there are.
        keys: usize,
    },
    /// A key with two duties that must not be one.
    #[error(
        "the key {key} is to sign both `{one}` and `{other}`: a key that lies on the publishing machine must be none that is kept offline"
    )]
    TwoDuties {
        /// Which key.
        key: String,
        /// The offline role.
        one: &'static str,
        /// The online role.
        other: &'static str,
    },
    /// A name that no publisher can have.
    #[error("`{name}` {why}")]
    Publisher {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A publisher that nothing was delegated to.
    #[error(
        "nothing is delegated to a publisher `{name}`; publishers are: {known}; `sluis registry delegate` adds one"
    )]
    NoPublisher {
        /// Who.
        name: String,
        /// Who there is.
        known: String,
    },
    /// A publisher that has sent nothing.
    #[error(
        "publisher `{name}` has signed nothing yet, and hosts refuse a registry of which a part is missing: let them run `sluis registry add` and put what it makes into `draft` here, or take them out, `sluis registry revoke --publisher {name}`"
    )]
    NothingSent {
        /// Who.
        name: String,
    },
    /// A key that has nothing to sign.
    #[error("the key {} may sign none of what waits to be signed: {waiting}", path.display())]
    NothingToSign {
        /// Which.
        path: PathBuf,
        /// What waits.
        waiting: String,
    },
    /// Signatures are missing.
    #[error(
        "`{role}` version {version} has {have} of the {need} signatures that {whose} asks for: let others run `sluis registry sign`"
    )]
    Unsigned {
        /// Which role.
        role: String,
        /// Which version.
        version: u64,
        /// Valid signatures that it has.
        have: u64,
        /// Valid signatures that it needs.
        need: u64,
        /// `the root`, `the root before it`, `the delegation`.
        whose: &'static str,
    },
    /// A key that is not the role's.
    #[error("the key {key} is none of `{role}`; its keys are {known}")]
    NotItsKey {
        /// Which key.
        key: String,
        /// Which role.
        role: String,
        /// Its keys.
        known: String,
    },
    /// A role that is none.
    #[error("`{name}` is no role: roles are root, targets, snapshot, timestamp, and the publishers ({known})")]
    NoRole {
        /// What was named.
        name: String,
        /// The publishers.
        known: String,
    },
    /// Keys for publishing are missing.
    #[error(
        "`{role}` is to be signed by {need} of its keys ({known}), and {have} of them were given; given were {given}: a key of `snapshot` and one of `timestamp` are needed, `--key FILE` several times where they differ"
    )]
    NoOnlineKey {
        /// Which role.
        role: &'static str,
        /// How many of its keys were given.
        have: u64,
        /// How many must sign.
        need: u64,
        /// Its keys.
        known: String,
        /// The keys that were given.
        given: String,
    },
    /// A draft that is finished, beside one that is not.
    #[error("it goes with `{role}` version {version}, which waits")]
    GoesWith {
        /// Which role it goes with.
        role: String,
        /// That one's version.
        version: u64,
    },
    /// Something that has expired.
    #[error(
        "`{role}` version {version} expired on {expired}, and hosts read no part of a registry in which anything has expired; nothing is published: {remedy}"
    )]
    Expired {
        /// Which role.
        role: String,
        /// Which version.
        version: u64,
        /// When.
        expired: String,
        /// What to do.
        remedy: String,
    },
    /// An entry that is not in the manifest.
    #[error("the manifest {} lists no {kind} `{name}`; it lists: {known}", path.display())]
    NoEntry {
        /// Which manifest.
        path: PathBuf,
        /// `component` or `model`.
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A component without its model.
    #[error(
        "{component} loads the model `{model}`, which is not among what is published: give its file, `--model {model}=FILE`"
    )]
    NoModelFile {
        /// Its publisher and name.
        component: String,
        /// Which model.
        model: String,
    },
    /// Something that is not published.
    #[error("publisher `{publisher}` publishes no {kind} `{name}`; it publishes: {known}")]
    NotPublished {
        /// Who.
        publisher: String,
        /// `component` or `model`.
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A file that is not what the signed metadata say.
    #[error("publisher `{publisher}` signed `{target}`, and {why}")]
    Target {
        /// Who.
        publisher: String,
        /// Which.
        target: String,
        /// What is wrong.
        why: String,
    },
    /// A draft that goes back.
    #[error(
        "the draft of `{role}` has version {found}, and {expected} comes next: make it again from the registry as it is published now"
    )]
    Version {
        /// Which role.
        role: String,
        /// What it has.
        found: u64,
        /// What it should have.
        expected: u64,
    },
    /// Nothing to publish.
    #[error("what was published does not pass a host's own check: {0}")]
    Check(String),
}
