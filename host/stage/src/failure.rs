//! What a failed call means.

use std::time::Duration;

use wasmtime::{Trap, WasmBacktrace};

use crate::answer::Nonsense;
use crate::error::{Error, Place};
use crate::limits::Exceeded;

/// Functions of a trap's backtrace that are told. Few, so that a component cannot spell something out in the order of
/// its calls.
const FUNCTIONS: usize = 4;
/// Bytes of a function's name that are told.
const NAME: usize = 120;
/// Bytes of a refusal that are kept.
const REFUSAL: usize = 1024;

/// A failure that does not know yet where it happened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error("it crashed ({kind})")]
    Trap { kind: &'static str, functions: Vec<String> },
    #[error("it took {} ms, {} ms are allowed", took.as_millis(), allowed.as_millis())]
    Timeout { allowed: Duration, took: Duration },
    #[error("it {0}")]
    Exceeded(Exceeded),
    #[error("{0}")]
    Nonsense(Nonsense),
    #[error("its model failed: {0}")]
    Model(String),
    #[error("it does not accept its settings: {0}")]
    Refused(String),
}

/// Tells what `error` means; `None` is a call that ended well, but too late. `model` is how `wasi:nn` last failed in
/// this call, if it did.
pub(crate) fn explain(
    error: Option<wasmtime::Error>,
    model: Option<String>,
    allowed: Duration,
    took: Duration,
) -> Failed {
    let Some(error) = error else { return Failed::Timeout { allowed, took } };
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return Failed::Exceeded(*exceeded);
    }
    if let Some(nonsense) = error.downcast_ref::<Nonsense>() {
        return Failed::Nonsense(*nonsense);
    }
    let trap = error.downcast_ref::<Trap>().copied();
    if trap == Some(Trap::Interrupt) || took > allowed {
        return Failed::Timeout { allowed, took };
    }
    if let Some(nonsense) = trap.and_then(invalid_value) {
        return Failed::Nonsense(nonsense);
    }
    // The runtime gives this one no public type; a test holds the words.
    if trap.is_none() && error.root_cause().to_string().contains("fuel allocated for hostcalls has been exhausted") {
        return Failed::Nonsense(Nonsense::TooLong);
    }
    if let Some(reason) = model {
        return Failed::Model(reason);
    }
    let functions = error.downcast_ref::<WasmBacktrace>().map(functions).unwrap_or_default();
    Failed::Trap { kind: trap.map_or("it broke a rule of the component model", kind), functions }
}

/// Traps that mean that a value, on its way out, was none of its type.
fn invalid_value(trap: Trap) -> Option<Nonsense> {
    let invalid = matches!(
        trap,
        Trap::InvalidChar
            | Trap::StringOutOfBounds
            | Trap::ListOutOfBounds
            | Trap::InvalidDiscriminant
            | Trap::UnalignedPointer
    );
    invalid.then_some(Nonsense::Value)
}

fn kind(trap: Trap) -> &'static str {
    match trap {
        Trap::UnreachableCodeReached => "panic or abort",
        Trap::MemoryOutOfBounds => "memory access out of bounds, or a stack that ran over",
        Trap::StackOverflow => "call stack exhausted",
        Trap::IntegerDivisionByZero => "division by zero",
        Trap::IntegerOverflow => "integer overflow",
        Trap::BadConversionToInteger => "conversion of a float that no integer can hold",
        Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature => "call through a bad function pointer",
        _ => "trap",
    }
}

/// Names of the innermost functions, without the machinery of panicking, which is the same for every panic.
fn functions(backtrace: &WasmBacktrace) -> Vec<String> {
    const MACHINERY: [&str; 8] = [
        "core::panicking",
        "std::panicking",
        "__rustc::rust_",
        "__rust_",
        "std::panic",
        "core::option::",
        "core::result::",
        "std::sys::backtrace",
    ];
    let names = backtrace.frames().iter().filter_map(wasmtime::FrameInfo::func_name);
    names
        .map(|name| format!("{:#}", rustc_demangle::demangle(name)))
        .filter(|name| !MACHINERY.iter().any(|machinery| name.starts_with(machinery)))
        .take(FUNCTIONS)
        .map(|name| plain(&name, NAME))
        .collect()
}

/// `text` without control characters, cut to `bytes`.
fn plain(text: &str, bytes: usize) -> String {
    let mut plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.truncate(plain.floor_char_boundary(bytes));
    plain
}

// === impl Failed ===

impl Failed {
    /// The component does not accept its settings.
    pub(crate) fn refused(reason: &str) -> Self {
        Self::Refused(plain(reason, REFUSAL))
    }

    /// The error, with its place.
    pub(crate) fn at(self, at: Place) -> Error {
        match self {
            Self::Trap { kind, functions } => Error::Trap { at, kind, functions },
            Self::Timeout { allowed, took } => Error::Timeout { at, allowed, took },
            Self::Exceeded(exceeded) => Error::Memory { at, exceeded },
            Self::Nonsense(nonsense) => Error::Malformed { at, nonsense },
            Self::Model(reason) => Error::Model { at, reason },
            Self::Refused(reason) => Error::Refused { at, reason },
        }
    }
}
