//! A store that lets a test act around every operation: take an image as a kill would leave it, or fail.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use sluis_vault::store::{ByteRange, Error, ObjectInfo, ObjectName, ObjectStore, ObjectWriter, Resumed};

/// Called before and after each changing operation with its name; an error makes the operation fail, before it is done or after.
type Act = Arc<Mutex<dyn FnMut(&'static str, bool) -> io::Result<()> + Send>>;

pub(crate) struct Witness {
    inner: Arc<dyn ObjectStore>,
    act: Act,
}

struct WitnessWriter {
    inner: Box<dyn ObjectWriter>,
    object: ObjectName,
    act: Act,
}

// === impl Witness ===

impl Witness {
    /// `act` is told the operation, and whether it is done.
    pub(crate) fn new(
        inner: Arc<dyn ObjectStore>,
        act: impl FnMut(&'static str, bool) -> io::Result<()> + Send + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { inner, act: Arc::new(Mutex::new(act)) })
    }
}

fn around<T>(
    act: &Act,
    object: &ObjectName,
    doing: &'static str,
    body: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let told = |done| {
        let acted = (act.lock().unwrap())(doing, done);
        acted.map_err(|source| Error::Store { object: object.clone(), doing, source })
    };
    told(false)?;
    let value = body()?;
    told(true)?;
    Ok(value)
}

impl ObjectStore for Witness {
    fn create(&self, name: &ObjectName) -> Result<Box<dyn ObjectWriter>, Error> {
        around(&self.act, name, "create", || {
            let inner = self.inner.create(name)?;
            Ok(Box::new(WitnessWriter { inner, object: name.clone(), act: Arc::clone(&self.act) }) as Box<_>)
        })
    }

    fn resume(&self, name: &ObjectName) -> Result<Resumed, Error> {
        around(&self.act, name, "resume", || {
            let Resumed { writer: inner, offset } = self.inner.resume(name)?;
            let writer = WitnessWriter { inner, object: name.clone(), act: Arc::clone(&self.act) };
            Ok(Resumed { writer: Box::new(writer), offset })
        })
    }

    fn open(&self, name: &ObjectName, range: ByteRange) -> Result<Box<dyn Read + Send>, Error> {
        self.inner.open(name, range)
    }

    fn size(&self, name: &ObjectName) -> Result<Option<u64>, Error> {
        self.inner.size(name)
    }

    fn list(&self) -> Result<Vec<ObjectInfo>, Error> {
        self.inner.list()
    }

    fn delete(&self, name: &ObjectName) -> Result<(), Error> {
        around(&self.act, name, "delete", || self.inner.delete(name))
    }

    fn partials(&self) -> Result<Vec<ObjectInfo>, Error> {
        self.inner.partials()
    }

    fn open_partial(&self, name: &ObjectName) -> Result<Box<dyn Read + Send>, Error> {
        self.inner.open_partial(name)
    }

    fn discard(&self, name: &ObjectName) -> Result<(), Error> {
        around(&self.act, name, "discard", || self.inner.discard(name))
    }

    fn settle(&self) -> Result<(), Error> {
        let told = |done| (self.act.lock().unwrap())("settle", done).map_err(Error::Settle);
        told(false)?;
        self.inner.settle()?;
        told(true)
    }
}

impl ObjectWriter for WitnessWriter {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let Self { inner, object, act } = self;
        around(act, object, "append", || inner.append(bytes))
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.inner.sync()
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        let Self { inner, object, act } = *self;
        around(&act, &object, "commit", || inner.commit())
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}

impl fmt::Debug for WitnessWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WitnessWriter")
    }
}
