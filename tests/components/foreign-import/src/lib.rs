//! A filter that asks for the time of day, which no chamber has. It must be refused before it runs, by the name of what
//! it asks for.

use sluis_sdk::filter::Region;
use sluis_sdk::{Camera, Frame, PrivacyFilter};

#[cfg(target_arch = "wasm32")]
#[link(wasm_import_module = "wasi:clocks/monotonic-clock@0.2.0")]
unsafe extern "C" {
    safe fn now() -> u64;
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> u64 {
    0
}

struct ForeignImport;

impl PrivacyFilter for ForeignImport {
    fn new(_: Camera, _: &str) -> Result<Self, String> {
        Ok(Self)
    }

    fn find(&mut self, _: &Frame<'_>) -> Vec<Region> {
        assert_ne!(now(), 0);
        Vec::new()
    }
}

sluis_sdk::privacy_filter!(ForeignImport);
