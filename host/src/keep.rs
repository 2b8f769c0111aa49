//! Where a vault lies on this machine: its folder, its store, its root secret, its ledger, its cloud, and what its clock is held against.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sluis_cloud::{Client, Credentials, Lifecycle, Residency, S3Settings};
use sluis_frame::{Clock, SystemClock, Timestamp};
use sluis_registry::{Place, RegistrySettings};
use sluis_vault::{
    Archive, Error, FolderStore, Free, ObjectStore, Reserve, Retention, RootSecret, SecondSource, SinceBoot, TimeCheck,
    Uptime, VaultSettings, ledger_beside,
};
use zeroize::Zeroizing;

use crate::config::{self, ClockTrust, Cloud, CloudClient, Config, Root};
use crate::service::Secrets;

/// Sealed messages of one camera that may wait for the disk.
pub const HANDOVER_CAPACITY: usize = 64;

/// The credential of systemd that is the root secret.
const ROOT_CREDENTIAL: &str = "sluis-root";

/// The credential of systemd that is the passphrase.
const PASSPHRASE_CREDENTIAL: &str = "sluis-passphrase";

/// A vault that cannot be found or used as the configuration says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The vault itself.
    #[error(transparent)]
    Vault(#[from] Error),
    /// The cloud.
    #[error(transparent)]
    Cloud(#[from] sluis_cloud::Error),
    /// The cloud's folder.
    #[error(transparent)]
    Folder(#[from] sluis_vault::store::Error),
    /// The key of the cloud.
    #[error(transparent)]
    Secrets(#[from] crate::service::SecretsError),
    /// A credential that systemd does not hand over.
    #[error(
        "systemd hands over no credential `{name}`: add `LoadCredentialEncrypted={name}:FILE` to the unit (make the file with `systemd-creds encrypt --name={name} - FILE`), or change `[vault] root`"
    )]
    NoCredential {
        /// Its name.
        name: &'static str,
    },
    /// No root secret is here.
    #[error(
        "there is no root secret here: neither {} nor systemd's credential `{ROOT_CREDENTIAL}`. When the service gets it from systemd, so does a command: \
         `systemd-run --pipe --wait -p LoadCredentialEncrypted={ROOT_CREDENTIAL}:FILE sluis …`",
        file.display()
    )]
    NoRoot {
        /// The file that is not there.
        file: PathBuf,
    },
    /// There is nobody to ask for the passphrase.
    #[error(
        "the root secret comes from a passphrase, and there is no terminal to ask at: hand it over as systemd's credential `{PASSPHRASE_CREDENTIAL}`"
    )]
    NoPassphrase(#[source] Option<io::Error>),
}

/// The store and the root secret of the vault in `folder`; both are made where there are none.
///
/// The root secret lies beside the sealed segments, in a file that only its owner may read (`root.key`). Who copies the whole folder can read it: a configuration can say
/// that it lies elsewhere.
///
/// # Errors
///
/// [`Error`] when the folder cannot be used, or others may read the secret.
pub fn open(folder: &Path) -> Result<(Arc<dyn ObjectStore>, RootSecret), Error> {
    Ok((store(folder)?, RootSecret::from_file(&folder.join("root.key"))?))
}

/// The vault in `folder`, for reading; it must be there.
///
/// # Errors
///
/// [`PlaceError`] when there is none, or it cannot be read.
pub fn visit(folder: &Path) -> Result<Archive, PlaceError> {
    let root = if folder.join(RootSecret::PASSPHRASE_FILE).is_file() {
        RootSecret::from_passphrase(&passphrase()?, &folder.join(RootSecret::PASSPHRASE_FILE))?
    } else if folder.join("root.key").is_file() {
        RootSecret::from_file(&folder.join("root.key"))?
    } else if let Some(path) = credential(ROOT_CREDENTIAL) {
        RootSecret::from_credential(&path)?
    } else if folder.join("index.sqlite").is_file() {
        return Err(PlaceError::NoRoot { file: folder.join("root.key") });
    } else {
        return Err(Error::NoVault { folder: folder.to_owned() }.into());
    };
    Ok(Archive::open(folder, Arc::new(SystemClock), store(folder)?, &root)?)
}

/// The vault of a configuration, for reading, with its ledger and its cloud.
///
/// # Errors
///
/// [`PlaceError`].
pub fn visit_configured(config: &Config) -> Result<Archive, PlaceError> {
    let dir = &config.vault.dir;
    if !dir.is_dir() {
        return Err(Error::NoVault { folder: dir.clone() }.into());
    }
    let (root, store) = (root(config, Made::Never)?, store(dir)?);
    let archive = Archive::open_with_ledger(dir, Some(&ledger(config)), Arc::new(SystemClock), store, &root)?;
    // Without its key the cloud cannot be asked; what lies here can be looked at all the same.
    let cloud = match cloud(config) {
        Err(PlaceError::Secrets(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the cloud cannot be looked at from here");
            None
        }
        other => other?,
    };
    Ok(archive.with_cloud(cloud))
}

/// What a vault is told by a configuration.
///
/// # Errors
///
/// [`PlaceError`].
pub fn settings(config: &Config) -> Result<VaultSettings, PlaceError> {
    let vault = &config.vault;
    let cloud = cloud(config)?;
    let time = (vault.clock == ClockTrust::Checked).then(|| {
        let mut sources: Vec<Arc<dyn SecondSource>> = vec![Arc::new(TimeService::default())];
        sources.extend(cloud.clone().map(|cloud| Arc::new(CloudClock(cloud)) as Arc<dyn SecondSource>));
        TimeCheck { uptime: Arc::new(Machine), sources }
    });
    let gib = |gib: u32| u64::from(gib) << 30;
    let reserve = Reserve {
        disk: Arc::new(Disk(vault.dir.clone())),
        make_room_below: gib(vault.keep_free_gib.get()),
        stop_below: gib(vault.stop_below().get()),
    };
    Ok(VaultSettings {
        ledger: ledger(config),
        time,
        cloud,
        reserve: Some(reserve),
        ..VaultSettings::new(&vault.dir, config.shop.id.as_str(), Retention::new(vault.retention())?)
    })
}

/// The local store of a vault.
///
/// # Errors
///
/// [`Error::Store`].
pub fn store(folder: &Path) -> Result<Arc<dyn ObjectStore>, Error> {
    Ok(Arc::new(FolderStore::open(folder.join("segments"))?))
}

/// Whether a root secret is made where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// By the process that keeps the vault, at its first start.
    AtFirst,
    /// Not by those who only look: a second secret beside the true one would hide what is wrong.
    Never,
}

/// The root secret of a configuration.
///
/// # Errors
///
/// [`PlaceError`].
pub fn root(config: &Config, made: Made) -> Result<RootSecret, PlaceError> {
    let vault = &config.vault;
    let file = vault.root_file.clone().unwrap_or_else(|| vault.dir.join("root.key"));
    let credential = credential(ROOT_CREDENTIAL);
    Ok(match (vault.root, credential) {
        (Root::Auto | Root::Credential, Some(path)) => RootSecret::from_credential(&path)?,
        (Root::Credential, None) => return Err(PlaceError::NoCredential { name: ROOT_CREDENTIAL }),
        (Root::Auto | Root::File, _) if made == Made::Never && !file.is_file() => {
            return Err(PlaceError::NoRoot { file });
        }
        (Root::Auto | Root::File, _) => RootSecret::from_file(&file)?,
        (Root::Passphrase, _) => {
            RootSecret::from_passphrase(&passphrase()?, &vault.dir.join(RootSecret::PASSPHRASE_FILE))?
        }
    })
}

/// Where the ledger of a configuration lies.
pub fn ledger(config: &Config) -> PathBuf {
    config.ledger.dir.clone().unwrap_or_else(|| ledger_beside(&config.vault.dir))
}

/// The cloud of a configuration. It blocks, and is not for a thread of a tokio runtime.
///
/// # Errors
///
/// [`PlaceError`], also when it is not one of the places where copies may lie.
pub fn cloud(config: &Config) -> Result<Option<Arc<dyn ObjectStore>>, PlaceError> {
    let Some(cloud) = config.cloud() else { return Ok(None) };
    if cloud.client == CloudClient::Folder {
        let path = cloud.path.clone().unwrap_or_default();
        return Ok(Some(Arc::new(FolderStore::open(path)?)));
    }
    let settings = s3(cloud, key(config, cloud)?);
    residency(&config.residency).check(&settings)?;
    Ok(Some(sluis_cloud::open(&settings, client(cloud.client))?))
}

/// The registry of a configuration. It blocks, and is not for a thread of a tokio runtime.
///
/// # Errors
///
/// [`PlaceError`] when its bucket cannot be used.
pub fn registry(config: &Config) -> Result<Option<RegistrySettings>, PlaceError> {
    let Some(registry) = config.plugins.registry.as_ref().map(toml::Spanned::get_ref) else { return Ok(None) };
    let config::Registry { url, path, bucket } = registry;
    // What is no address was refused with the configuration.
    let place = match (url.as_ref().and_then(|url| url.parse().ok()), path, bucket) {
        (Some(place), _, _) => place,
        (None, Some(folder), _) => Place::Folder(folder.clone()),
        (None, None, Some(bucket)) => {
            let settings = S3Settings {
                endpoint: bucket.endpoint.as_ref().and_then(|address| address.parse().ok()),
                prefix: bucket.prefix.clone(),
                path_style: bucket.path_style,
                ..S3Settings::new(&bucket.region, &bucket.bucket, credentials(config, &bucket.credentials)?)
            };
            Place::Store(sluis_cloud::open(&settings, Client::Aws)?)
        }
        (None, None, None) => return Ok(None),
    };
    Ok(Some(RegistrySettings::at(place)))
}

/// Makes sure that the bucket itself removes what is too old, as a second belt. `None` where there is no bucket.
///
/// # Errors
///
/// [`PlaceError`].
pub fn second_belt(config: &Config) -> Result<Option<Lifecycle>, PlaceError> {
    let Some(cloud) = config.cloud().filter(|cloud| cloud.client != CloudClient::Folder && !cloud.prefix.is_empty())
    else {
        return Ok(None);
    };
    let settings = s3(cloud, key(config, cloud)?);
    // Held segments may stay until the ceiling.
    let keep = Retention::CEILING.get();
    Ok(Some(sluis_cloud::ensure_lifecycle(&settings, client(cloud.client), keep)?))
}

/// What the cloud's client is told.
pub(crate) fn s3(cloud: &Cloud, credentials: Credentials) -> S3Settings {
    let (region, bucket) = (cloud.region.clone().unwrap_or_default(), cloud.bucket.clone().unwrap_or_default());
    S3Settings {
        // What is no address was refused with the configuration.
        endpoint: cloud.endpoint.as_ref().and_then(|address| address.parse().ok()),
        prefix: cloud.prefix.clone(),
        path_style: cloud.path_style,
        ..S3Settings::new(region, bucket, credentials)
    }
}

/// The places where copies may lie.
pub(crate) fn residency(residency: &config::Residency) -> Residency {
    let place = |place: &config::CloudPlace| sluis_cloud::Place {
        region: place.region.clone(),
        endpoint: place.endpoint.clone(),
    };
    Residency { allowed: residency.allowed.iter().map(place).collect() }
}

fn client(client: CloudClient) -> Client {
    if client == CloudClient::Rusoto { Client::Rusoto } else { Client::Aws }
}

fn key(config: &Config, cloud: &Cloud) -> Result<Credentials, PlaceError> {
    credentials(config, &cloud.credentials)
}

fn credentials(config: &Config, name: &str) -> Result<Credentials, PlaceError> {
    let secrets = Secrets::of_this_process(config.service.credentials_dir.as_deref());
    let key = secrets.get(name)?;
    Ok(Credentials { key_id: key.user.clone(), secret: Zeroizing::new(key.password.to_string()), session_token: None })
}

/// The file of a credential that systemd hands over.
fn credential(name: &str) -> Option<PathBuf> {
    let path = Path::new(&std::env::var_os("CREDENTIALS_DIRECTORY")?).join(name);
    path.is_file().then_some(path)
}

/// The passphrase: systemd's, or asked for.
fn passphrase() -> Result<Zeroizing<String>, PlaceError> {
    if let Some(path) = credential(PASSPHRASE_CREDENTIAL) {
        let text = Zeroizing::new(fs::read_to_string(path).map_err(|e| PlaceError::NoPassphrase(Some(e)))?);
        return Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()));
    }
    if io::stdin().is_terminal() {
        let asked = rpassword::prompt_password("Passphrase of the vault: ");
        return asked.map(Zeroizing::new).map_err(|e| PlaceError::NoPassphrase(Some(e)));
    }
    let mut line = Zeroizing::new(String::new());
    let read = io::stdin().lock().read_line(&mut line).map_err(|e| PlaceError::NoPassphrase(Some(e)))?;
    if read == 0 {
        return Err(PlaceError::NoPassphrase(None));
    }
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// How long this machine has been running.
#[derive(Debug)]
pub struct Machine;

/// The machine's time service. systemd-timesyncd leaves a file where it has set the clock since the machine started (systemd-timesyncd.service(8)); chrony's and others' word is not
/// heard here.
#[derive(Debug)]
struct TimeService {
    mark: PathBuf,
}

/// The clock of the cloud, as its last answer told it.
#[derive(Debug)]
struct CloudClock(Arc<dyn ObjectStore>);

/// The disk of a folder.
#[derive(Debug)]
struct Disk(PathBuf);

/// How long after it was touched the time service's mark says that it has looked: it polls at least every 34 minutes (`PollIntervalMaxSec`).
const MARK_IS_FRESH: Duration = Duration::from_secs(2100);

// === impl Machine ===

impl Uptime for Machine {
    fn since_boot(&self) -> Option<SinceBoot> {
        let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let mut boot = [0; 16];
        hex::decode_to_slice(text.trim().replace('-', ""), &mut boot).ok()?;
        let elapsed = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let elapsed = Duration::new(elapsed.tv_sec.try_into().ok()?, elapsed.tv_nsec.try_into().ok()?);
        Some(SinceBoot { boot, elapsed })
    }
}

// === impl TimeService ===

impl Default for TimeService {
    fn default() -> Self {
        Self { mark: PathBuf::from("/run/systemd/timesync/synchronized") }
    }
}

impl SecondSource for TimeService {
    fn name(&self) -> &str {
        "the machine's time service"
    }

    fn now(&self) -> Option<Timestamp> {
        // The mark is touched whenever the service has set the clock; then the clock is its word.
        let touched = fs::metadata(&self.mark).ok()?.modified().ok()?;
        let touched = touched.duration_since(std::time::UNIX_EPOCH).ok()?;
        let now = SystemClock.now();
        let then = Timestamp::from_nanos(i64::try_from(touched.as_nanos()).ok()?);
        (now.since(then) <= MARK_IS_FRESH && now >= then).then_some(now)
    }
}

// === impl CloudClock ===

impl SecondSource for CloudClock {
    fn name(&self) -> &str {
        "the cloud's clock"
    }

    fn now(&self) -> Option<Timestamp> {
        // Any call will do: it is the answer that tells.
        if self.0.server_time().is_none() {
            let nothing = sluis_vault::store::ObjectName::new("clock").expect("letters make a name");
            let _ = self.0.size(&nothing);
        }
        self.0.server_time().map(Timestamp::from_nanos)
    }
}

// === impl Disk ===

impl Free for Disk {
    fn free(&self) -> io::Result<u64> {
        crate::service::free_bytes(&self.0)
    }
}
