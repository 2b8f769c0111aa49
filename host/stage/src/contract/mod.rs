//! The contract as this host speaks it: one adaptor module for each published minor version, side by side.
//!
//! A component of 0.1.x links against the 0.1 adaptor, whatever x, and so on; [`ADAPTORS`] is the list. All are offered in one linker, over one type of frame.
//! A new version gets a module and a line there, and nothing that is here changes: a published version is never edited.
//!
//! - [`v0_1`], [`v0_2`]: the adaptors: what is generated from the contract, and what that version has for itself.
//! - `same`: what versions have in common, written once.
//! - `frames`: the resource `frame`, in common likewise.

mod frames;
#[macro_use]
mod same;
mod v0_1;
mod v0_2;

use std::sync::Arc;

use sluis_frame::Rect;
use wasmtime::component::{InstancePre, Linker, Resource, ResourceAny};
use wasmtime::{Result, Store};

use crate::answer::{Face, Inspection, Region, ToldEvent};
use crate::live::Hosted;
use crate::nn;
use crate::picture::Lent;
use crate::plugin::CameraFacts;
use crate::world::World;

/// What this host speaks, oldest first.
const ADAPTORS: [Adaptor; 2] = [
    Adaptor { minor: 1, release: "0.1.0", link: v0_1::link },
    Adaptor { minor: 2, release: "0.2.0", link: v0_2::link },
];

/// The releases of the contract that this host speaks, oldest first: `0.1.0`. Components of any patch of them are loaded.
pub fn releases() -> impl Iterator<Item = &'static str> {
    ADAPTORS.iter().map(|adaptor| adaptor.release)
}

/// One minor version.
struct Adaptor {
    minor: u32,
    /// What its interfaces are offered as: the runtime lets any patch of the minor version have them.
    release: &'static str,
    link: fn(World, InstancePre<Hosted>) -> Result<Linked>,
}

/// An instance of a component, of any world and version, as its chamber is made.
pub(crate) trait Guest: Send + Sync {
    /// Makes its chamber. The inner error is what the component says of its settings.
    fn create(
        &self,
        store: &mut Store<Hosted>,
        facts: &CameraFacts,
        settings: &str,
    ) -> Result<std::result::Result<ResourceAny, String>>;
}

/// A privacy filter of any version.
pub(crate) trait Filter: Guest {
    /// What it says; unchecked.
    fn find(&self, store: &mut Store<Hosted>, chamber: ResourceAny, frame: Resource<Lent>) -> Result<Vec<Region>>;
}

/// An auditor of any version.
pub(crate) trait Audit: Guest {
    /// What it says; unchecked.
    fn inspect(
        &self,
        store: &mut Store<Hosted>,
        chamber: ResourceAny,
        frame: Resource<Lent>,
        masks: &[Rect],
    ) -> Result<Inspection>;
}

/// A gesture detector of any version.
pub(crate) trait Gestures: Guest {
    /// What it says; unchecked.
    fn observe(&self, store: &mut Store<Hosted>, chamber: ResourceAny, frame: Resource<Lent>)
    -> Result<Vec<ToldEvent>>;
}

/// An audience meter of any version.
pub(crate) trait Audience: Guest {
    /// What it says; unchecked.
    fn measure(&self, store: &mut Store<Hosted>, chamber: ResourceAny, frame: Resource<Lent>) -> Result<Vec<Face>>;
}

/// A component, compiled and linked, that gives instances of the world `G`.
pub(crate) trait Prepared<G: ?Sized>: Send + Sync {
    /// Makes an instance. Runs the component's start functions: time and memory limits must be set.
    fn instantiate(&self, store: &mut Store<Hosted>) -> Result<Box<G>>;
}

/// A component, linked to the version of the contract that it was built against.
#[derive(Clone)]
pub(crate) enum Linked {
    Filter(Arc<dyn Prepared<dyn Filter>>),
    Audit(Arc<dyn Prepared<dyn Audit>>),
    Gestures(Arc<dyn Prepared<dyn Gestures>>),
    Audience(Arc<dyn Prepared<dyn Audience>>),
}

/// A compiled component, and where in it the exports of its world are.
struct Found<I> {
    pre: InstancePre<Hosted>,
    exports: I,
}

/// Whether there is an adaptor for `0.minor`.
pub(crate) fn speaks(minor: u32) -> bool {
    ADAPTORS.iter().any(|adaptor| adaptor.minor == minor)
}

/// The versions that this host speaks, for people.
pub(crate) fn spoken() -> String {
    ADAPTORS.map(|adaptor| format!("0.{}", adaptor.minor)).join(" and ")
}

/// Offers everything that a component of any version may import.
pub(crate) fn offer(linker: &mut Linker<Hosted>) -> Result<()> {
    for adaptor in ADAPTORS {
        frames::offer(linker, adaptor.release)?;
    }
    nn::offer(linker)
}

// === impl Linked ===

impl Linked {
    /// Links a component of `0.minor`: checks that it exports what its world asks for.
    pub(crate) fn new(minor: u32, world: World, pre: InstancePre<Hosted>) -> Result<Self> {
        match ADAPTORS.iter().find(|adaptor| adaptor.minor == minor) {
            Some(adaptor) => (adaptor.link)(world, pre),
            None => Err(wasmtime::format_err!("it is built against 0.{minor}, and this host speaks {}", spoken())),
        }
    }

    /// Makes an instance and drops it: the types of exports are checked only then.
    pub(crate) fn trial(&self, store: &mut Store<Hosted>) -> Result<()> {
        match self {
            Self::Filter(component) => component.instantiate(store).map(drop),
            Self::Audit(component) => component.instantiate(store).map(drop),
            Self::Gestures(component) => component.instantiate(store).map(drop),
            Self::Audience(component) => component.instantiate(store).map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Digest;

    #[test]
    fn a_published_version_is_never_edited() {
        let published = include_bytes!("../../../../wit/0.1.0/stage.wit");
        assert_eq!(
            Digest::of(published).to_string(),
            "d7116b394e8a55e14980048c1095b7b9e3ff14cb27be105565648c1113eee5e0",
            "components are out there that were built against it: additions come in a new version"
        );
    }
}
