//! A shop: a home that has pinned a root, and what it reads when nothing comes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sluis_registry::{Error, Fetched, Home, Offer, Patience, Place, RegistrySettings, Remote};
use tempfile::TempDir;

use crate::owner::Owner;
use crate::server::{Mischief, serve};

pub(crate) struct Shop {
    _folder: TempDir,
    pub(crate) home: Home,
}

impl Shop {
    /// A shop that has pinned the first root of this registry.
    pub(crate) fn of(owner: &Owner) -> Self {
        Self::pinning(&owner.root(), owner.path())
    }

    /// A shop that has pinned this root.
    pub(crate) fn pinning(root: &[u8], registry: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        home.pin(&Place::Folder(registry.to_owned()), root).unwrap();
        Self { _folder: folder, home }
    }

    pub(crate) fn at(&self, place: Place) -> Remote {
        Remote::new(&self.home, &RegistrySettings::at(place)).unwrap()
    }

    /// As [`at`](Self::at), with little patience.
    pub(crate) fn in_a_hurry(&self, place: Place) -> Remote {
        let patience = Patience { metadata: Duration::from_secs(2), artefact: Duration::from_secs(2) };
        Remote::new(&self.home, &RegistrySettings { place, patience }).unwrap()
    }

    /// What a registry in a folder offers.
    pub(crate) fn offers(&self, owner: &Owner) -> Result<Vec<Offer>, Error> {
        self.at(folder(owner)).listing().map(|listing| listing.offers)
    }

    /// The offer of a component.
    pub(crate) fn offer(&self, owner: &Owner, name: &str) -> Offer {
        let offers = self.offers(owner).unwrap();
        offers.into_iter().find(|offer| offer.component.name == name).unwrap()
    }

    /// What comes of the offer of a component.
    pub(crate) fn fetched(&self, owner: &Owner, name: &str) -> Result<Fetched, Error> {
        self.at(folder(owner)).fetch(&self.offer(owner, name))
    }

    /// What the shop reads when it asks, which is the same from a folder and from a web server.
    pub(crate) fn refusal(&self, owner: &Owner) -> String {
        let told = refused(self.offers(owner));
        let server = serve(owner.path(), Mischief::None);
        assert_eq!(refused(self.at(server).listing()), told, "a web server's files are the same");
        told
    }
}

pub(crate) fn folder(owner: &Owner) -> Place {
    Place::Folder(owner.path().to_owned())
}

/// The message of a refusal, which the guide has to have, word for word.
pub(crate) fn refused<T>(result: Result<T, Error>) -> String {
    let Err(error) = result else { panic!("it was not refused") };
    documented(error.to_string())
}

/// A message that the guide has to have, word for word.
pub(crate) fn documented(told: String) -> String {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/registry.md")).unwrap();
    assert!(guide.contains(&told), "docs/registry.md does not have this message:\n{told}");
    told
}
