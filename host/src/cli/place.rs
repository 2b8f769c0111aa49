//! Which vault is meant, who asks, and why.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;

use clap::Args;
use miette::IntoDiagnostic;
use sluis_notice::{Store, notice_beside};
use sluis_vault::{Act, Archive, Reason, StaffKey};

use super::complain;
use crate::config::Config;
use crate::{keep, notice};

/// Which vault is meant.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The vault's folder. Its ledger lies beside it, and its root secret in it.
    #[arg(long, value_name = "DIR", required_unless_present = "config")]
    vault: Option<PathBuf>,
    /// The configuration of the shop, which says where vault, ledger, root secret and cloud are.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Who asks, and why.
#[derive(Debug, Args)]
pub(super) struct Asker {
    /// The key file of the member of staff who asks.
    #[arg(id = "as", long = "as", value_name = "KEYFILE", env = "SLUIS_STAFF_KEY")]
    key: Option<PathBuf>,
    /// Why. It is logged for good. Asked for on a terminal; a line of standard input otherwise.
    #[arg(long, value_name = "WHY")]
    reason: Option<String>,
}

/// Which vault is looked at, and how that is printed.
#[derive(Debug, Args)]
pub(super) struct Look {
    #[command(flatten)]
    pub(super) place: Place,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

/// Who or what is taken out, where, and by whom.
#[derive(Debug, Args)]
pub(super) struct Removal {
    /// The name, as `ls` has it.
    pub(super) name: String,
    #[command(flatten)]
    pub(super) place: Place,
    #[command(flatten)]
    pub(super) asker: Asker,
}

// === impl Place ===

impl Place {
    /// The vault, for reading.
    pub(super) fn visit(&self) -> miette::Result<Archive> {
        let config = self.config()?;
        let same = |folder: &PathBuf, config: &Config| {
            let whole = |path: &PathBuf| fs::canonicalize(path).ok();
            whole(folder).is_some_and(|folder| Some(folder) == whole(&config.vault.dir))
        };
        match (&self.vault, &config) {
            (Some(folder), Some(config)) if !same(folder, config) => keep::visit(folder),
            (Some(folder), None) => keep::visit(folder),
            (_, Some(config)) => keep::visit_configured(config),
            (None, None) => miette::bail!("name the vault: `--vault DIR` or `--config FILE`"),
        }
        .into_diagnostic()
    }

    /// The published notices of the vault, and whether there must be one.
    pub(super) fn notices(&self) -> miette::Result<(Store, bool)> {
        Ok(match (self.config()?, &self.vault) {
            (Some(config), _) => (notice::store(&config), config.notice.is_some()),
            (None, Some(folder)) => (Store::at(notice_beside(folder)), false),
            (None, None) => miette::bail!("name the vault: `--vault DIR` or `--config FILE`"),
        })
    }

    /// The configuration, if one was named.
    pub(super) fn config(&self) -> miette::Result<Option<Config>> {
        Ok(self.config.as_deref().map(Config::read).transpose()?)
    }
}

// === impl Asker ===

impl Asker {
    /// The reason, in the name of a member of staff whose role allows the act.
    pub(super) fn reason(&self, archive: &Archive, act: Act) -> miette::Result<Reason> {
        let key = self.key()?;
        let Some(key) = key else { return Err(sluis_vault::Error::NotStaff).into_diagnostic() };
        let reason = Reason::new(&self.text()?).into_diagnostic()?;
        archive.authorise(&key, act, reason).into_diagnostic()
    }

    /// The same, for something that is to be named with the reason.
    pub(super) fn reason_of(&self, archive: &Archive, act: Act, what: &str) -> miette::Result<Reason> {
        let Some(key) = self.key()? else { return Err(sluis_vault::Error::NotStaff).into_diagnostic() };
        // Also what is said is to be a reason.
        let why = Reason::new(&self.text()?).into_diagnostic()?;
        let reason = Reason::new(&format!("{what}: {}", why.as_str())).into_diagnostic()?;
        archive.authorise(&key, act, reason).into_diagnostic()
    }

    /// The key, if one was named.
    pub(super) fn key(&self) -> miette::Result<Option<StaffKey>> {
        self.key.as_deref().map(StaffKey::read).transpose().into_diagnostic()
    }

    /// The reason that was given, or asks for it.
    fn text(&self) -> miette::Result<String> {
        if let Some(text) = &self.reason {
            return Ok(text.clone());
        }
        let input = io::stdin();
        if input.is_terminal() {
            complain("This is logged. Why do you do it?");
        }
        let mut line = String::new();
        input.lock().read_line(&mut line).into_diagnostic()?;
        let line = line.trim().to_owned();
        Ok(line)
    }
}
