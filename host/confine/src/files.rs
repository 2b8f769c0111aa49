//! Files: read some, use some devices, write in few folders or none.

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, PathFdError, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};

use crate::error::Error;

/// The oldest Landlock that will do: Linux 5.19, where files cannot be moved around a rule either.
const NEEDED: ABI = ABI::V2;

/// The newest that is asked for. What a kernel does not know of it, the filter of system calls refuses by itself, or it does not matter here.
const WANTED: ABI = ABI::V6;

/// Leaves the calling thread, and all that it starts, these files and no others.
pub(crate) fn restrict(read: &[PathBuf], write: &[PathBuf], devices: &[PathBuf]) -> Result<(), Error> {
    let failed = |e: landlock::RulesetError| Error::Files(e.to_string());
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(NEEDED))
        .map_err(failed)?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WANTED))
        .map_err(failed)?
        .scope(Scope::from_all(WANTED))
        .map_err(failed)?;
    let mut ruleset = ruleset.create().map_err(failed)?;
    for path in read {
        ruleset = allow(ruleset, path, AccessFs::from_read(WANTED) & !AccessFs::Execute)?;
    }
    for path in write {
        let files = AccessFs::ReadFile | AccessFs::ReadDir | AccessFs::WriteFile | AccessFs::Truncate;
        let folder = AccessFs::MakeReg | AccessFs::RemoveFile | AccessFs::Refer;
        ruleset = allow(ruleset, path, files | folder)?;
    }
    for path in devices {
        let use_it = AccessFs::ReadFile | AccessFs::ReadDir | AccessFs::WriteFile | AccessFs::IoctlDev;
        ruleset = allow(ruleset, path, use_it)?;
    }
    let status = ruleset.restrict_self().map_err(failed)?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err(Error::Files("Landlock is not enforced by this kernel".to_owned())),
        _ => Ok(()),
    }
}

fn allow(
    ruleset: RulesetCreated,
    path: &PathBuf,
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated, Error> {
    let place = match PathFd::new(path) {
        Ok(place) => place,
        // What is not there cannot be opened later either, by anybody who is confined.
        Err(PathFdError::OpenCall { .. }) => {
            tracing::warn!(path = %path.display(), "cannot be opened now, and will not be readable later");
            return Ok(ruleset);
        }
        Err(error) => return Err(Error::Files(error.to_string())),
    };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(WANTED) };
    ruleset.add_rule(PathBeneath::new(place, access)).map_err(|e| Error::Files(e.to_string()))
}
