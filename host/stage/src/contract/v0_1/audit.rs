//! World `anonymisation-audit`.

use sluis_frame::{Fault, Finding, Rect};
use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny};

use super::types;
use crate::answer::Inspection;
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
        world: "sluis:stage/anonymisation-audit",
        path: "../../wit",
        with: {
            "sluis:stage/types": super::super::offered::sluis::stage::types,
            "sluis:stage/frames": super::super::offered::sluis::stage::frames,
            "wasi:nn": super::super::offered::wasi::nn,
        },
    });
}

use generated::exports::sluis::stage::audit as wit;
pub(crate) use generated::{AnonymisationAudit, AnonymisationAuditPre};

impl Guest for AnonymisationAudit {
    type Pre = AnonymisationAuditPre<Hosted>;

    fn instantiate(pre: &Self::Pre, store: &mut Store<Hosted>) -> wasmtime::Result<Self> {
        pre.instantiate(store)
    }

    fn create(
        &self,
        store: &mut Store<Hosted>,
        facts: &CameraFacts,
        settings: &str,
    ) -> wasmtime::Result<Result<ResourceAny, String>> {
        self.sluis_stage_audit().chamber().call_create(store, super::camera(facts), settings)
    }
}

impl AnonymisationAudit {
    /// What the component says; unchecked.
    pub(crate) fn inspect(
        &self,
        store: &mut Store<Hosted>,
        chamber: ResourceAny,
        frame: Resource<Lent>,
        masks: &[Rect],
    ) -> wasmtime::Result<Inspection> {
        let masks: Vec<types::Rect> = masks.iter().map(|mask| (*mask).into()).collect();
        let verdict = self.sluis_stage_audit().chamber().call_inspect(store, chamber, frame, &masks)?;
        let findings = verdict.findings.into_iter().map(finding).collect();
        Ok(Inspection { findings, worst_score: verdict.worst_score })
    }
}

fn finding(finding: wit::Finding) -> Finding {
    let fault = match finding.fault {
        wit::Fault::Face => Fault::Face,
        wit::Fault::Head => Fault::Head,
        wit::Fault::VanishedMask => Fault::VanishedMask,
        wit::Fault::BareBody => Fault::BareBody,
    };
    Finding { area: finding.area.into(), fault, score: finding.score }
}
