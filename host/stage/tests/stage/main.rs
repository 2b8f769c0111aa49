//! The sandbox against real components: the planted ones of `tests/components`, built as a partner's would be.
//!
//! - `planted`: builds them; frames to show them.
//! - `failing`: whatever goes wrong is a typed error, and the next frame works.
//! - `worlds`: all four worlds answer, within their bounds.
//! - `loading`: what is refused before it runs.
//! - `versions`: components of every version of the contract, side by side.
//! - `compiled_code`: the cache believes only itself.
//! - `inference`: `wasi:nn`.
//! - `audience`: the audience meter that comes with Sluis, with a model of `onnx`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of this crate is tests")]

mod audience;
mod compiled_code;
mod failing;
mod inference;
mod loading;
mod onnx;
mod planted;
mod versions;
mod worlds;
