//! What befalls the stores, and the process between two of their operations.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sluis_store::{ByteRange, Error, FolderStore, ObjectInfo, ObjectName, ObjectStore, ObjectWriter, Resumed};

use crate::error;
use crate::folder;

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Here,
    Cloud,
}

/// What is to befall both stores of a shop.
#[derive(Debug)]
pub(crate) struct Fate {
    plan: Mutex<Plan>,
    /// What an image of the machine's disk has in it, and where images go: the names of folders, and the folder above them.
    home: PathBuf,
}

#[derive(Debug, Default)]
struct Plan {
    /// Changing operations until the local store fails once.
    here_fails: Option<u64>,
    /// Changing operations until the cloud fails once.
    cloud_fails: Option<u64>,
    cloud_is_out: bool,
    /// Moments, before or after changing operations, until the process is killed.
    killed_in: Option<u64>,
    killed: bool,
    /// Something has failed since this was last asked.
    injected: bool,
    deletes_nothing: bool,
    /// Taking an image failed.
    broken: Option<error::Error>,
}

/// A store in a folder that such things befall.
pub(crate) struct Faulty {
    inner: FolderStore,
    place: Place,
    fate: Arc<Fate>,
}

struct FaultyWriter {
    inner: Box<dyn ObjectWriter>,
    object: ObjectName,
    place: Place,
    fate: Arc<Fate>,
}

/// What of a machine's disk goes back to an image after a kill. The cloud does not.
pub(crate) const DISK: [&str; 2] = ["vault", "ledger"];
/// Where the image lies.
pub(crate) const IMAGE: &str = "image";

// === impl Fate ===

impl Fate {
    pub(crate) fn new(home: PathBuf) -> Self {
        Self { plan: Mutex::default(), home }
    }

    pub(crate) fn fail_here_after(&self, operations: u64) {
        self.plan().here_fails = Some(operations);
    }

    pub(crate) fn fail_cloud_after(&self, operations: u64) {
        self.plan().cloud_fails = Some(operations);
    }

    pub(crate) fn set_cloud_out(&self, out: bool) {
        self.plan().cloud_is_out = out;
    }

    pub(crate) fn is_cloud_out(&self) -> bool {
        self.plan().cloud_is_out
    }

    pub(crate) fn kill_after(&self, moments: u64) {
        self.plan().killed_in = Some(moments);
    }

    pub(crate) fn kill_now(&self) {
        self.kill(&mut self.plan());
    }

    /// Whether the process is dead: what it says from then on nobody hears.
    pub(crate) fn is_killed(&self) -> bool {
        self.plan().killed
    }

    /// A new process: nothing is broken.
    pub(crate) fn revive(&self) {
        let mut plan = self.plan();
        plan.killed = false;
        plan.killed_in = None;
        plan.here_fails = None;
        plan.cloud_fails = None;
    }

    pub(crate) fn delete_nothing(&self) {
        self.plan().deletes_nothing = true;
    }

    /// Whether something failed on purpose since this was last asked.
    pub(crate) fn take_injected(&self) -> bool {
        std::mem::take(&mut self.plan().injected)
    }

    /// Why an image could not be taken.
    pub(crate) fn take_broken(&self) -> Option<error::Error> {
        self.plan().broken.take()
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kill(&self, plan: &mut Plan) {
        let image = self.home.join(IMAGE);
        let taken = DISK.iter().try_for_each(|name| folder::copy(&self.home.join(name), &image.join(name)));
        if let Err(error) = taken {
            plan.broken = Some(error);
        }
        plan.killed = true;
        plan.killed_in = None;
    }

    /// Whether anything can be asked of this store at all.
    fn reach(&self, place: Place) -> Result<(), io::Error> {
        let mut plan = self.plan();
        if plan.killed || plan.cloud_is_out && place == Place::Cloud {
            plan.injected = true;
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    /// Before and after an operation that changes something.
    fn befall(&self, place: Place, done: bool) -> Result<(), io::Error> {
        self.reach(place)?;
        let mut plan = self.plan();
        match &mut plan.killed_in {
            Some(0) => {
                self.kill(&mut plan);
                plan.injected = true;
                return Err(io::ErrorKind::TimedOut.into());
            }
            Some(moments) => *moments -= 1,
            None => {}
        }
        if done {
            return Ok(());
        }
        let fails = match place {
            Place::Here => &mut plan.here_fails,
            Place::Cloud => &mut plan.cloud_fails,
        };
        match fails {
            Some(0) => {
                *fails = None;
                plan.injected = true;
                Err(io::ErrorKind::StorageFull.into())
            }
            Some(operations) => {
                *operations -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn around<T>(
        &self,
        place: Place,
        object: &ObjectName,
        doing: &'static str,
        body: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let failed = |source| Error::Store { object: object.clone(), doing, source };
        self.befall(place, false).map_err(failed)?;
        let value = body()?;
        self.befall(place, true).map_err(failed)?;
        Ok(value)
    }
}

// === impl Faulty ===

impl Faulty {
    pub(crate) fn new(inner: FolderStore, place: Place, fate: Arc<Fate>) -> Self {
        Self { inner, place, fate }
    }

    fn changing<T>(
        &self,
        object: &ObjectName,
        doing: &'static str,
        body: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.fate.around(self.place, object, doing, body)
    }

    fn reach(&self, object: &ObjectName, doing: &'static str) -> Result<(), Error> {
        self.fate.reach(self.place).map_err(|source| Error::Store { object: object.clone(), doing, source })
    }

    fn reach_all(&self, doing: &str) -> Result<(), Error> {
        let place = format!("{:?}", self.place);
        self.fate.reach(self.place).map_err(|source| Error::Unavailable { place, doing: doing.to_owned(), source })
    }

    fn writer(&self, inner: Box<dyn ObjectWriter>, object: &ObjectName) -> Box<dyn ObjectWriter> {
        Box::new(FaultyWriter { inner, object: object.clone(), place: self.place, fate: Arc::clone(&self.fate) })
    }
}

impl ObjectStore for Faulty {
    fn create(&self, name: &ObjectName) -> Result<Box<dyn ObjectWriter>, Error> {
        self.changing(name, "create", || Ok(self.writer(self.inner.create(name)?, name)))
    }

    fn resume(&self, name: &ObjectName) -> Result<Resumed, Error> {
        self.changing(name, "go on with", || {
            let Resumed { writer, offset } = self.inner.resume(name)?;
            Ok(Resumed { writer: self.writer(writer, name), offset })
        })
    }

    fn open(&self, name: &ObjectName, range: ByteRange) -> Result<Box<dyn Read + Send>, Error> {
        self.reach(name, "open")?;
        self.inner.open(name, range)
    }

    fn size(&self, name: &ObjectName) -> Result<Option<u64>, Error> {
        self.reach(name, "look for")?;
        self.inner.size(name)
    }

    fn list(&self) -> Result<Vec<ObjectInfo>, Error> {
        self.reach_all("list")?;
        self.inner.list()
    }

    fn delete(&self, name: &ObjectName) -> Result<(), Error> {
        if self.fate.plan().deletes_nothing {
            return Ok(());
        }
        self.changing(name, "delete", || self.inner.delete(name))
    }

    fn partials(&self) -> Result<Vec<ObjectInfo>, Error> {
        self.reach_all("list")?;
        self.inner.partials()
    }

    fn open_partial(&self, name: &ObjectName) -> Result<Box<dyn Read + Send>, Error> {
        self.reach(name, "open")?;
        self.inner.open_partial(name)
    }

    fn discard(&self, name: &ObjectName) -> Result<(), Error> {
        self.changing(name, "discard", || self.inner.discard(name))
    }

    fn settle(&self) -> Result<(), Error> {
        self.fate.befall(self.place, false).map_err(Error::Settle)?;
        self.inner.settle()?;
        self.fate.befall(self.place, true).map_err(Error::Settle)
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("place", &self.place).finish_non_exhaustive()
    }
}

// === impl FaultyWriter ===

impl ObjectWriter for FaultyWriter {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let Self { inner, object, place, fate } = self;
        fate.around(*place, object, "append to", || inner.append(bytes))
    }

    fn sync(&mut self) -> Result<(), Error> {
        let failed = |source| Error::Store { object: self.object.clone(), doing: "write to disk", source };
        self.fate.reach(self.place).map_err(failed)?;
        self.inner.sync()
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        let Self { inner, object, place, fate } = *self;
        fate.around(place, &object, "commit", || inner.commit())
    }
}

impl fmt::Debug for FaultyWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyWriter").field("object", &self.object).finish_non_exhaustive()
    }
}
