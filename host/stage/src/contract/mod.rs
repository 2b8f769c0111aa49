//! The contract as this host speaks it: one adaptor module for each published minor version, side by side.
//!
//! A component of 0.1.x links against the 0.1 adaptor, whatever x. When 0.2 is published its adaptor stands beside this
//! one, [`Linked`] gets its variants, and nothing that is here changes: a published version is never edited.

pub(crate) mod v0_1;

use wasmtime::component::{InstancePre, ResourceAny};

use crate::live::Hosted;
use crate::plugin::CameraFacts;
use crate::world::World;

/// One world of one version of the contract: a component's instance, as its chambers are made and called.
pub(crate) trait Guest: Send + Sized {
    /// A component of this world, compiled and linked.
    type Pre: Clone + Send + Sync;

    /// Makes an instance. Runs the component's start functions: time and memory limits must be set.
    fn instantiate(pre: &Self::Pre, store: &mut wasmtime::Store<Hosted>) -> wasmtime::Result<Self>;

    /// Makes its chamber. The inner error is what the component says of its settings.
    fn create(
        &self,
        store: &mut wasmtime::Store<Hosted>,
        facts: &CameraFacts,
        settings: &str,
    ) -> wasmtime::Result<Result<ResourceAny, String>>;
}

/// A component, linked to the version of the contract that it was built against.
#[derive(Clone)]
pub(crate) enum Linked {
    Filter(<v0_1::Filter as Guest>::Pre),
    Audit(<v0_1::Audit as Guest>::Pre),
    Gestures(<v0_1::Gestures as Guest>::Pre),
    Audience(<v0_1::Audience as Guest>::Pre),
}

// === impl Linked ===

impl Linked {
    /// Checks that the component exports what its world asks for.
    pub(crate) fn new(world: World, pre: InstancePre<Hosted>) -> wasmtime::Result<Self> {
        Ok(match world {
            World::PrivacyFilter => Self::Filter(v0_1::filter::PrivacyFilterPre::new(pre)?),
            World::AnonymisationAudit => Self::Audit(v0_1::audit::AnonymisationAuditPre::new(pre)?),
            World::GestureDetector => Self::Gestures(v0_1::gestures::GestureDetectorPre::new(pre)?),
            World::AudienceMeter => Self::Audience(v0_1::audience::AudienceMeterPre::new(pre)?),
        })
    }

    /// Makes an instance and drops it: the types of exports are checked only then.
    pub(crate) fn trial(&self, store: &mut wasmtime::Store<Hosted>) -> wasmtime::Result<()> {
        match self {
            Self::Filter(pre) => <v0_1::Filter as Guest>::instantiate(pre, store).map(drop),
            Self::Audit(pre) => <v0_1::Audit as Guest>::instantiate(pre, store).map(drop),
            Self::Gestures(pre) => <v0_1::Gestures as Guest>::instantiate(pre, store).map(drop),
            Self::Audience(pre) => <v0_1::Audience as Guest>::instantiate(pre, store).map(drop),
        }
    }
}
