//! World `audience-meter`.

use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny};

use crate::answer::{AgeClass, Face, SexClass, SizeClass};
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
        world: "sluis:stage/audience-meter",
        path: "../../wit",
        with: {
            "sluis:stage/types": super::super::offered::sluis::stage::types,
            "sluis:stage/frames": super::super::offered::sluis::stage::frames,
            "wasi:nn": super::super::offered::wasi::nn,
        },
    });
}

use generated::exports::sluis::stage::audience as wit;
pub(crate) use generated::{AudienceMeter, AudienceMeterPre};

impl Guest for AudienceMeter {
    type Pre = AudienceMeterPre<Hosted>;

    fn instantiate(pre: &Self::Pre, store: &mut Store<Hosted>) -> wasmtime::Result<Self> {
        pre.instantiate(store)
    }

    fn create(
        &self,
        store: &mut Store<Hosted>,
        facts: &CameraFacts,
        settings: &str,
    ) -> wasmtime::Result<Result<ResourceAny, String>> {
        self.sluis_stage_audience().chamber().call_create(store, super::camera(facts), settings)
    }
}

impl AudienceMeter {
    /// What the component says; unchecked.
    pub(crate) fn measure(
        &self,
        store: &mut Store<Hosted>,
        chamber: ResourceAny,
        frame: Resource<Lent>,
    ) -> wasmtime::Result<Vec<Face>> {
        let faces = self.sluis_stage_audience().chamber().call_measure(store, chamber, frame)?;
        Ok(faces.into_iter().map(Face::from).collect())
    }
}

impl From<wit::Face> for Face {
    fn from(face: wit::Face) -> Self {
        let size = match face.size {
            wit::SizeClass::Small => SizeClass::Small,
            wit::SizeClass::Medium => SizeClass::Medium,
            wit::SizeClass::Large => SizeClass::Large,
        };
        let age = match face.age {
            wit::AgeClass::Unknown => AgeClass::Unknown,
            wit::AgeClass::From18To29 => AgeClass::From18To29,
            wit::AgeClass::From30To44 => AgeClass::From30To44,
            wit::AgeClass::From45To59 => AgeClass::From45To59,
            wit::AgeClass::From60 => AgeClass::From60,
        };
        let sex = match face.sex {
            wit::SexClass::Undetermined => SexClass::Undetermined,
            wit::SexClass::Female => SexClass::Female,
            wit::SexClass::Male => SexClass::Male,
        };
        Self { area: face.area.into(), attentive: face.attentive, size, age, sex }
    }
}
