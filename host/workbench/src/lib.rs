//! The local loop of plugin authors: a new crate, its tests in the real sandbox, its times against native code, and a try in a shop.
//!
//! What a plugin is shown here is what it is shown in a shop: the same floor, the same delay line, the same paint, the same chambers. Only filter and audit are not there: what is
//! masked is what the host masks by itself. Nothing that is shown is kept.
//!
//! - [`create`]: a new crate from a template that is compiled and tested with this project.
//! - [`camera`]: [`Camera`], how the camera stands and sees, where somebody says so.
//! - [`footage`]: [`Footage`], what is shown: the synthetic shop, or a recording.
//! - [`showing`]: [`Show`], frames as each world sees them.
//! - [`subject`]: [`Subject`], a chamber of any world, and its answers as lines of text.
//! - [`golden`]: [`Golden`], the answers that are expected, and how others differ.
//! - [`test`]: the component on footage, held against golden answers.
//! - [`bench`]: time and memory of the component, against the same crate compiled natively. [`native`] runs that.
//! - [`watch`]: which files of a folder change.
//! - [`trial`]: a component on cleared segments of a vault: figures come back, and nothing else.
//! - [`times`]: [`Times`], how long calls took.
//! - [`error`]: what can go wrong, [`Error`].

pub mod bench;
pub mod camera;
pub mod create;
pub mod error;
pub mod footage;
pub mod golden;
pub mod native;
pub mod showing;
pub mod subject;
pub mod test;
pub mod times;
pub mod trial;
pub mod watch;

use sluis_frame::{Doors, ReaderDoor};
use sluis_guard::Judge;

pub use camera::Camera;
pub use error::Error;
pub use footage::{Footage, View};
pub use golden::Golden;
pub use showing::{Show, Showing};
pub use subject::Subject;
pub use times::Times;

/// What this process may do with frames: it is made once.
#[derive(Debug)]
pub struct Workbench {
    pub(crate) judge: Judge,
    pub(crate) reader: ReaderDoor,
}

// === impl Workbench ===

impl Workbench {
    /// The workbench of this process.
    ///
    /// # Errors
    ///
    /// [`Error::Twice`] when the doors of this process were made before.
    pub fn new() -> Result<Self, Error> {
        let Doors { audit, blank, reader } = Doors::mint().ok_or(Error::Twice)?;
        Ok(Self { judge: Judge::new(audit, blank), reader })
    }
}
