//! One instance of a component, in a store of its own, with its chamber.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluis_scale::Scaler;
use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny, ResourceTable};

use crate::contract::{Guest, Prepared};
use crate::failure::{Failed, explain};
use crate::limits::{HANDLES, HOSTCALL_BYTES, Limiter, Limits};
use crate::models::Models;
use crate::nn::Session;
use crate::picture::Lent;
use crate::plugin::CameraFacts;

/// What the host holds for one instance.
pub(crate) struct Hosted {
    /// What the instance has handles to.
    pub(crate) table: ResourceTable,
    /// Its scaler, kept for its buffers.
    pub(crate) resizer: Scaler,
    /// Its models.
    pub(crate) nn: Session,
    /// When the call in progress must have ended.
    pub(crate) deadline: Instant,
    limiter: Limiter,
}

/// A warm instance and its chamber. After any failure it must be dropped: its memory may be in any state.
pub(crate) struct Live<G: ?Sized> {
    store: Store<Hosted>,
    guest: Box<G>,
    chamber: ResourceAny,
}

/// A store with its limits set.
pub(crate) fn store(
    engine: &wasmtime::Engine,
    limits: &Limits,
    models: Arc<Models>,
    granted: Arc<[String]>,
) -> Store<Hosted> {
    // Pictures go into models: without any, no argument of a host call is large.
    let hostcall = if granted.is_empty() { HOSTCALL_BYTES } else { limits.tensors };
    let mut table = ResourceTable::new();
    table.set_max_capacity(HANDLES);
    let hosted = Hosted {
        table,
        resizer: Scaler::default(),
        nn: Session::new(models, granted, limits.tensors),
        deadline: Instant::now(),
        limiter: Limiter::new(limits.memory),
    };
    let mut store = Store::new(engine, hosted);
    store.limiter(|hosted| &mut hosted.limiter);
    store.set_hostcall_fuel(hostcall);
    store.set_max_component_handles(HANDLES);
    store.epoch_deadline_trap();
    store
}

/// Runs `work` within `allowed`: the epoch interrupts the component, the wall clock catches a host call that ran on.
pub(crate) fn within<T>(
    store: &mut Store<Hosted>,
    allowed: Duration,
    work: impl FnOnce(&mut Store<Hosted>) -> wasmtime::Result<T>,
) -> Result<T, Failed> {
    let started = Instant::now();
    // One tick is a millisecond or more, and the one in progress does not count: the epoch never interrupts early.
    let ticks = u64::try_from(allowed.as_millis()).unwrap_or(u64::MAX / 2).saturating_add(1);
    store.set_epoch_deadline(ticks);
    store.data_mut().deadline = started + allowed;
    store.data_mut().nn.take_failure();
    let outcome = work(store);
    let took = started.elapsed();
    match outcome {
        Ok(answer) if took <= allowed => Ok(answer),
        outcome => Err(explain(outcome.err(), store.data_mut().nn.take_failure(), allowed, took)),
    }
}

// === impl Live ===

impl<G: Guest + ?Sized> Live<G> {
    /// Makes the instance and its chamber, within the limit for that.
    pub(crate) fn make(
        mut store: Store<Hosted>,
        component: &dyn Prepared<G>,
        facts: &CameraFacts,
        settings: &str,
        limits: &Limits,
    ) -> Result<Self, Failed> {
        let made = within(&mut store, limits.create, |store| {
            let guest = component.instantiate(store)?;
            let chamber = guest.create(store, facts, settings)?;
            Ok((guest, chamber))
        })?;
        match made {
            (guest, Ok(chamber)) => Ok(Self { store, guest, chamber }),
            (_, Err(reason)) => Err(Failed::refused(&reason)),
        }
    }

    /// Bytes of its linear memories.
    pub(crate) fn memory(&self) -> usize {
        self.store.data().limiter.used()
    }

    /// Lends a frame for one call.
    pub(crate) fn call<T>(
        &mut self,
        lent: Lent,
        allowed: Duration,
        work: impl FnOnce(&G, &mut Store<Hosted>, ResourceAny, Resource<Lent>) -> wasmtime::Result<T>,
    ) -> Result<T, Failed> {
        let Self { store, guest, chamber } = self;
        within(store, allowed, |store| {
            let frame = store.data_mut().table.push(lent)?;
            // Lent as a plain borrow. Lending `frame` itself would leave an entry in the store's own table with every
            // call, until after some hours the table is full.
            let answer = work(guest, store, *chamber, Resource::new_borrow(frame.rep()))?;
            store.data_mut().table.delete(frame)?;
            Ok(answer)
        })
    }
}
