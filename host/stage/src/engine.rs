//! How components are compiled and run.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use wasmtime::component::{Component, Linker};
use wasmtime::{Config, EngineWeak};

use crate::cache::CodeCache;
use crate::contract::{self, Linked};
use crate::error::LoadError;
use crate::inspect::{Examined, examine};
use crate::limits::Limits;
use crate::live::{self, Hosted};
use crate::models::Models;
use crate::plugin::Plugin;

/// What an engine is given when it starts.
#[derive(Debug, Default)]
pub struct EngineSettings {
    /// Where compiled code is kept; without it every start compiles.
    pub cache: Option<CodeCache>,
    /// The models that plugins can be granted.
    pub models: Models,
}

/// Compiles, links and tries components. One serves all cameras.
pub struct Engine {
    wasm: wasmtime::Engine,
    linker: Linker<Hosted>,
    cache: Option<Arc<CodeCache>>,
    models: Arc<Models>,
}

/// How often the epoch advances: the grain of every deadline.
const TICK: Duration = Duration::from_millis(1);
/// Stack of a component. Detectors compiled in need some hundred KiB.
const STACK: usize = 1 << 20;

// === impl Engine ===

impl Engine {
    /// Starts the engine, and a thread that advances its epoch for as long as the engine or one of its chambers lives.
    ///
    /// # Errors
    ///
    /// [`LoadError::Engine`] when this machine cannot run the compiler or start a thread.
    pub fn new(settings: EngineSettings) -> Result<Self, LoadError> {
        let failed = |error: wasmtime::Error| LoadError::Engine { reason: format!("{error:#}") };
        let wasm = wasmtime::Engine::new(&config()).map_err(failed)?;
        let mut linker = Linker::new(&wasm);
        contract::offer(&mut linker).map_err(failed)?;
        let weak = wasm.weak();
        thread::Builder::new()
            .name("sluis-epoch".to_owned())
            .spawn(move || tick(&weak))
            .map_err(|error| LoadError::Engine { reason: error.to_string() })?;
        Ok(Self { wasm, linker, cache: settings.cache.map(Arc::new), models: Arc::new(settings.models) })
    }

    /// This engine with other models. What it has loaded keeps its own.
    #[must_use]
    pub fn with_models(&self, models: Models) -> Self {
        let (wasm, linker, cache) = (self.wasm.clone(), self.linker.clone(), self.cache.clone());
        Self { wasm, linker, cache, models: Arc::new(models) }
    }

    /// Checks the component `wasm`, compiles it or takes its compiled code from the cache, links it, and makes an
    /// instance on trial. `name` is what messages call it.
    ///
    /// # Errors
    ///
    /// [`LoadError`], naming what the component asks for and does not get.
    pub fn load(&self, name: &str, wasm: &[u8]) -> Result<Plugin, LoadError> {
        self.load_with(name, wasm, None)
    }

    /// The same, with an entry of the cache that [`entry`](Self::entry) gave in another process. It is used only if this host made it, of this component; else the component is compiled.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn load_with(&self, name: &str, wasm: &[u8], entry: Option<&[u8]>) -> Result<Plugin, LoadError> {
        let examined = examine(name, wasm)?;
        let name: Arc<str> = name.into();
        let unfit =
            |error: wasmtime::Error| LoadError::Unfit { plugin: Arc::clone(&name), reason: format!("{error:#}") };
        let ready = entry.and_then(|entry| self.cache.as_ref()?.unpack(&self.wasm, entry, examined.sha256));
        let component = ready.map_or_else(|| self.compile(wasm, &examined), Ok).map_err(unfit)?;
        let pre = self.linker.instantiate_pre(&component).map_err(unfit)?;
        let linked = Linked::new(examined.contract.minor, examined.world, pre).map_err(unfit)?;
        self.try_out(&name, &linked)?;
        Ok(Plugin::new(name, examined, linked, self.wasm.clone(), Arc::clone(&self.models)))
    }

    /// Whether plugins can be granted the model `name`.
    pub fn has_model(&self, name: &str) -> bool {
        self.models.get(name).is_some()
    }

    /// The entry of the cache with the compiled code of a component that was loaded; `None` without a cache, or when it could not be stored.
    pub fn entry(&self, plugin: &Plugin) -> Option<Vec<u8>> {
        self.cache.as_ref()?.entry(&self.wasm, plugin.digest())
    }

    fn compile(&self, wasm: &[u8], examined: &Examined) -> wasmtime::Result<Component> {
        match &self.cache {
            Some(cache) => cache.load(&self.wasm, wasm, examined.sha256),
            None => Component::from_binary(&self.wasm, wasm),
        }
    }

    fn try_out(&self, name: &Arc<str>, linked: &Linked) -> Result<(), LoadError> {
        let limits = Limits::default();
        let mut store = live::store(&self.wasm, &limits, Arc::clone(&self.models), Arc::from([]));
        live::within(&mut store, limits.create, |store| linked.trial(store))
            .map_err(|failed| LoadError::Trial { plugin: Arc::clone(name), reason: failed.to_string() })
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("cache", &self.cache).field("models", &self.models).finish_non_exhaustive()
    }
}

/// Only what the contract needs. Everything else that the runtime can do is off: it would be more to trust.
fn config() -> Config {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        // Else loading makes a nameless file in memory, which a confined process may not: a component can come while it runs.
        .memory_init_cow(false)
        // The same answer on every processor.
        .relaxed_simd_deterministic(true)
        .cranelift_nan_canonicalization(false);
    config
}

fn tick(engine: &EngineWeak) {
    while let Some(engine) = engine.upgrade() {
        engine.increment_epoch();
        drop(engine);
        thread::sleep(TICK);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn the_ticking_thread_ends_with_the_engine() {
        let engine = Engine::new(EngineSettings::default()).unwrap();
        let weak = engine.wasm.weak();
        drop(engine);
        let waiting = Instant::now();
        while weak.upgrade().is_some() {
            assert!(waiting.elapsed() < Duration::from_secs(10), "something keeps the engine alive");
            thread::sleep(TICK);
        }
    }
}
