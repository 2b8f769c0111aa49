//! Staff: who may open what here, by named key.
//!
//! Whoever has the root secret and the folder can open everything without asking this program. What is here makes sure that people who use the program as it is meant do so under
//! their own name, within their role, and with a reason; and that the ledger tells it.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sluis_segment::SegmentId;
use zeroize::Zeroizing;

use crate::archive::Archive;
use crate::error::Error;
use crate::index::{Role, Staff};
use crate::reason::Reason;

/// The secret half of a member's key: the seed of an Ed25519 key, 64 hexadecimal digits in a file of mode 0600. Zeroed on drop; `Debug` shows nothing.
pub struct StaffKey(Zeroizing<[u8; 32]>);

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Open one segment here.
    Open(SegmentId),
    /// Hand out copies: exports, training data, disclosures.
    HandOut,
    /// Read segments for figures about groups of people.
    Report,
    /// Have a camera see nothing for a while. Letting it see again is a decision.
    Pause,
    /// Decide: partners, grants, staff, erasing, holding, restricting.
    Decide,
}

// === impl StaffKey ===

impl StaffKey {
    /// Makes a key and writes it to a new file.
    ///
    /// # Errors
    ///
    /// [`Error::File`] also when the file is there already; [`Error::Random`].
    pub fn create(path: &Path) -> Result<Self, Error> {
        let mut seed = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(seed.as_mut()).map_err(|_| Error::Random)?;
        let digits = Zeroizing::new(hex::encode(seed.as_ref()));
        let text = Zeroizing::new(format!("{}\n", *digits));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .map_err(Error::file(path, "make the key file"))?;
        Ok(Self(seed))
    }

    /// Reads a key.
    ///
    /// # Errors
    ///
    /// [`Error::KeyExposed`] when others may read it; [`Error::StaffKey`] when it is none; [`Error::File`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let facts = fs::metadata(path).map_err(Error::file(path, "read the key file"))?;
        let mode = facts.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(Error::KeyExposed { path: path.to_owned(), mode });
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(Error::file(path, "read the key file"))?);
        let mut seed = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), seed.as_mut()).map_err(|_| Error::StaffKey { path: path.to_owned() })?;
        Ok(Self(seed))
    }

    /// The public half.
    pub fn public(&self) -> [u8; 32] {
        let pair = Ed25519KeyPair::from_seed_unchecked(self.0.as_ref()).expect("a seed has 32 bytes");
        pair.public_key().as_ref().try_into().expect("a public key has 32 bytes")
    }
}

impl fmt::Debug for StaffKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaffKey")
    }
}

// === impl Archive ===

impl Archive {
    /// All staff, by name.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    pub fn staff(&self) -> Result<Vec<Staff>, Error> {
        self.index.staff()
    }

    /// Who has this key, if the role allows the act. The reason is then given in that name, and all that this archive does from now on is written down with both.
    ///
    /// # Errors
    ///
    /// [`Error::NotStaff`]; [`Error::NotAllowed`]; [`Error::Index`].
    pub fn authorise(&self, key: &StaffKey, act: Act, reason: Reason) -> Result<Reason, Error> {
        let public = key.public();
        let staff = self.index.staff()?.into_iter().find(|staff| staff.key == public).ok_or(Error::NotStaff)?;
        let allowed = match (staff.role, act) {
            (Role::PrivacyOfficer, _) | (Role::Operator, Act::Report | Act::Pause) => true,
            (Role::GroupCompany, Act::Open(segment)) => self.is_granted(segment, staff.company.as_deref())?,
            (Role::Operator | Role::GroupCompany, _) => false,
        };
        if !allowed {
            return Err(Error::NotAllowed { name: staff.name, role: staff.role });
        }
        self.index.act(&staff.name, reason.as_str());
        Ok(reason.by(&staff.name))
    }

    /// Adds a member of staff. The first is a privacy officer; every other is added by one.
    ///
    /// # Errors
    ///
    /// [`Error::NotStaff`] and [`Error::NotAllowed`] of who adds; [`Error::FirstStaff`]; [`Error::StaffName`]; [`Error::NoSuchName`] of a group company that is no partner;
    /// [`Error::NameTaken`]; [`Error::Index`].
    pub fn add_staff(&self, staff: &Staff, by: Option<&StaffKey>) -> Result<(), Error> {
        let good = |c: char| !c.is_control() && c != ',';
        if !(1..=64).contains(&staff.name.chars().count()) || !staff.name.chars().all(good) {
            return Err(Error::StaffName { name: staff.name.clone() });
        }
        let company = staff.company.as_deref();
        if (staff.role == Role::GroupCompany) != company.is_some() {
            return Err(Error::Company);
        }
        if let Some(company) = company
            && !self.partners()?.iter().any(|partner| partner.name.as_str() == company)
        {
            return Err(Error::NoSuchName { name: company.to_owned() });
        }
        let known = self.index.staff()?;
        if known.is_empty() {
            if staff.role != Role::PrivacyOfficer {
                return Err(Error::FirstStaff);
            }
        } else {
            self.decides(by)?;
        }
        self.observe()?;
        if known.iter().any(|other| other.key == staff.key) || !self.index.add_staff(staff)? {
            return Err(Error::NameTaken { name: staff.name.clone() });
        }
        self.tell_ledger_soon();
        Ok(())
    }

    /// Removes a member of staff; not the last privacy officer.
    ///
    /// # Errors
    ///
    /// [`Error::NotStaff`] and [`Error::NotAllowed`] of who removes; [`Error::NoSuchName`]; [`Error::FirstStaff`]; [`Error::Index`].
    pub fn remove_staff(&self, name: &str, by: Option<&StaffKey>) -> Result<(), Error> {
        self.decides(by)?;
        let staff = self.index.staff()?;
        let unknown = || Error::NoSuchName { name: name.to_owned() };
        staff.iter().find(|staff| staff.name == name).ok_or_else(unknown)?;
        let officer = |staff: &&Staff| staff.role == Role::PrivacyOfficer && staff.name != name;
        if !staff.iter().any(|staff| officer(&staff)) {
            return Err(Error::FirstStaff);
        }
        self.observe()?;
        self.index.remove_staff(name)?;
        self.tell_ledger_soon();
        Ok(())
    }

    fn decides(&self, by: Option<&StaffKey>) -> Result<(), Error> {
        let by = by.ok_or(Error::NotStaff)?;
        self.authorise(by, Act::Decide, Reason::new("staff")?).map(drop)
    }

    fn is_granted(&self, segment: SegmentId, company: Option<&str>) -> Result<bool, Error> {
        let now = self.time()?;
        let open = self.grants()?.into_iter().filter(|grant| grant.ended.is_none() && grant.expires > now);
        Ok(open.filter(|grant| Some(grant.partner.as_str()) == company).any(|grant| grant.segments.contains(&segment)))
    }
}
