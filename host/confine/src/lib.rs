//! A process that gives up everything it does not need.
//!
//! The part of Sluis that meets untrusted pictures, streams and components confines itself before the first frame. From then on, whatever takes hold of it
//! has what the process still has: the sockets it was given, the files and devices that its cameras are, and no way to anything else.
//!
//! - [`Confinement::begin`] is called while the process has one thread, before anything untrusted is read. It takes away:
//!   - **the network**: the process cannot make a network socket at all; or, if parts of it speak TCP to each other, it moves into a network namespace of its own,
//!     from which nothing leads out ([`Network::Isolated`]);
//!   - **files**: Landlock lets it read what it is told to, use the devices that it is told to, and write nowhere but where it is told to;
//!   - **core dumps**: they would hold raw pictures;
//!   - **other processes**: it dies with its parent, and Landlock keeps it from looking into others.
//! - [`Confined::seal`] is called when everything is loaded, before the first frame. Of the system's calls it leaves those that computing threads need,
//!   for all threads at once. Calls that no part of this program ever makes end the process: whoever makes them has taken it over.
//!
//! What is left: the processor and memory (the watcher outside limits both), time, and whatever can be said over the sockets that it holds.
//!
//! - `network`, `files`, `calls` (private): the three walls.
//! - [`error`]: [`Error`], why a wall could not be built. Whoever gets one must not go on.

mod calls;
pub mod error;
mod files;
mod network;

use std::path::PathBuf;

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

pub use error::Error;

/// What a process keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confinement {
    /// Files and folders that it reads, also later. What is not there is left out.
    pub read: Vec<PathBuf>,
    /// Folders in which it also writes, makes and removes files.
    pub write: Vec<PathBuf>,
    /// Device files, or folders of them, that it reads, writes and controls.
    pub devices: Vec<PathBuf>,
    /// What it has of the network.
    pub network: Network,
    /// Bytes that a file may have which it was handed open for writing. It ends (SIGXFSZ) when it writes beyond. 0 when it writes no file.
    pub largest_file: u64,
}

/// What a confined process has of the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Network {
    /// Nothing: it cannot make a socket.
    #[default]
    None,
    /// TCP in a network namespace of its own, from one of its sockets to another.
    Isolated,
}

/// A process that has begun to confine itself. Whoever drops it without [`seal`](Self::seal) is confined by the first walls only.
#[derive(Debug)]
#[must_use = "the second wall is built by `seal`"]
pub struct Confined {
    opens_files: bool,
    network: Network,
    controls_devices: bool,
    largest_file: u64,
}

/// What a crash may write: a core file needs more than one byte, and a dump that is piped to a program is not made at a limit of exactly one
/// (Linux, `fs/coredump.c`); zero would not stop the latter.
const CORE: u64 = 1;

// === impl Confinement ===

impl Confinement {
    /// Takes away network, files and core dumps. The process must have one thread: only that thread and those that it starts are confined.
    ///
    /// # Errors
    ///
    /// [`Error`]: then the process must end.
    pub fn begin(&self) -> Result<Confined, Error> {
        let threads = std::fs::read_dir("/proc/self/task").map_err(Error::Threads)?.count();
        if threads != 1 {
            return Err(Error::TooLate { threads });
        }
        limit(Resource::Core, CORE)?;
        set_parent_process_death_signal(Some(Signal::KILL)).map_err(|e| Error::Limit(e.into()))?;
        if self.network == Network::Isolated {
            network::isolate()?;
        }
        files::restrict(&self.read, &self.write, &self.devices)?;
        let controls_devices = !self.devices.is_empty();
        let opens_files = controls_devices || !self.read.is_empty();
        Ok(Confined { opens_files, network: self.network, controls_devices, largest_file: self.largest_file })
    }
}

// === impl Confined ===

impl Confined {
    /// From here on the process opens no file, although it was allowed to until now.
    pub fn close_files(mut self) -> Self {
        self.opens_files = false;
        self
    }

    /// Leaves only the system calls that computing threads need, for all threads.
    ///
    /// # Errors
    ///
    /// [`Error`]: then the process must end.
    pub fn seal(self) -> Result<(), Error> {
        // Only now: loading makes files in memory, for which the limit holds as well.
        limit(Resource::Fsize, self.largest_file)?;
        calls::restrict(&self)
    }
}

/// Limits what the process may have of something, for good.
fn limit(what: Resource, most: u64) -> Result<(), Error> {
    setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) }).map_err(|e| Error::Limit(e.into()))
}
