//! World `privacy-filter`.

use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny};

use crate::answer::{Region, Subject};
use crate::contract::Guest;
use crate::live::Hosted;
use crate::picture::Lent;
use crate::plugin::CameraFacts;

mod generated {
    #![allow(
        missing_docs,
        unreachable_pub,
        missing_debug_implementations,
        unused_qualifications,
        reason = "generated from the contract, which is documented"
    )]
    wasmtime::component::bindgen!({
        world: "sluis:stage/privacy-filter",
        path: "../../wit",
        with: {
            "sluis:stage/types": super::super::offered::sluis::stage::types,
            "sluis:stage/frames": super::super::offered::sluis::stage::frames,
            "wasi:nn": super::super::offered::wasi::nn,
        },
    });
}

use generated::exports::sluis::stage::filter as wit;
pub(crate) use generated::{PrivacyFilter, PrivacyFilterPre};

impl Guest for PrivacyFilter {
    type Pre = PrivacyFilterPre<Hosted>;

    fn instantiate(pre: &Self::Pre, store: &mut Store<Hosted>) -> wasmtime::Result<Self> {
        pre.instantiate(store)
    }

    fn create(
        &self,
        store: &mut Store<Hosted>,
        facts: &CameraFacts,
        settings: &str,
    ) -> wasmtime::Result<Result<ResourceAny, String>> {
        self.sluis_stage_filter().chamber().call_create(store, super::camera(facts), settings)
    }
}

impl PrivacyFilter {
    /// What the component says; unchecked.
    pub(crate) fn find(
        &self,
        store: &mut Store<Hosted>,
        chamber: ResourceAny,
        frame: Resource<Lent>,
    ) -> wasmtime::Result<Vec<Region>> {
        let regions = self.sluis_stage_filter().chamber().call_find(store, chamber, frame)?;
        Ok(regions.into_iter().map(Region::from).collect())
    }
}

impl From<wit::Region> for Region {
    fn from(region: wit::Region) -> Self {
        let subject = match region.subject {
            wit::Subject::Face => Subject::Face,
            wit::Subject::Head => Subject::Head,
            wit::Subject::Person => Subject::Person,
            wit::Subject::Identifier => Subject::Identifier,
        };
        Self { area: region.area.into(), subject, confidence: region.confidence }
    }
}
