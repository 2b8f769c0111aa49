//! World `gesture-detector`.

use sluis_frame::Gesture;
use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny};

use crate::answer::ToldEvent;
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
        world: "sluis:stage/gesture-detector",
        path: "../../wit",
        with: {
            "sluis:stage/types": super::super::offered::sluis::stage::types,
            "sluis:stage/frames": super::super::offered::sluis::stage::frames,
            "wasi:nn": super::super::offered::wasi::nn,
        },
    });
}

use generated::exports::sluis::stage::gestures as wit;
pub(crate) use generated::{GestureDetector, GestureDetectorPre};

impl Guest for GestureDetector {
    type Pre = GestureDetectorPre<Hosted>;

    fn instantiate(pre: &Self::Pre, store: &mut Store<Hosted>) -> wasmtime::Result<Self> {
        pre.instantiate(store)
    }

    fn create(
        &self,
        store: &mut Store<Hosted>,
        facts: &CameraFacts,
        settings: &str,
    ) -> wasmtime::Result<Result<ResourceAny, String>> {
        self.sluis_stage_gestures().chamber().call_create(store, super::camera(facts), settings)
    }
}

impl GestureDetector {
    /// What the component says; unchecked.
    pub(crate) fn observe(
        &self,
        store: &mut Store<Hosted>,
        chamber: ResourceAny,
        frame: Resource<Lent>,
    ) -> wasmtime::Result<Vec<ToldEvent>> {
        let events = self.sluis_stage_gestures().chamber().call_observe(store, chamber, frame)?;
        Ok(events.into_iter().map(event).collect())
    }
}

fn event(event: wit::Event) -> ToldEvent {
    let gesture = match event.kind {
        wit::Kind::Approach => Gesture::Approach,
        wit::Kind::Dwell => Gesture::Dwell,
        wit::Kind::Reach => Gesture::Reach,
        wit::Kind::Take => Gesture::Take,
        wit::Kind::PutBack => Gesture::PutBack,
        wit::Kind::Wait => Gesture::Wait,
        wit::Kind::Leave => Gesture::Leave,
    };
    ToldEvent {
        gesture,
        track: event.track,
        zone: event.zone,
        start_ms: event.start_ms,
        end_ms: event.end_ms,
        contact: event.contact.map(|point| (point.x, point.y)),
        position: event.position.map(|point| (point.x, point.y)),
        confidence: event.confidence,
    }
}
