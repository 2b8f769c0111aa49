//! How much time and memory a chamber may take.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// What one chamber may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall clock of one call about one frame.
    pub call: Duration,
    /// Wall clock of making the chamber: longer, for a model is optimised for its input size the first time that it
    /// runs.
    pub create: Duration,
    /// Bytes of all linear memories together.
    pub memory: usize,
    /// Bytes of all `wasi:nn` tensors alive at once, and of what one call to the host may carry, when the chamber may
    /// load models.
    pub tensors: usize,
}

/// What a chamber passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Exceeded {
    /// Linear memory.
    #[error("asked for {asked} bytes of memory, {allowed} are allowed")]
    Memory {
        /// Bytes in all, with what was asked for.
        asked: usize,
        /// Bytes allowed.
        allowed: usize,
    },
    /// Tables of function references.
    #[error("asked for a table of {asked} elements, {allowed} are allowed")]
    Table {
        /// Elements asked for.
        asked: usize,
        /// Elements allowed.
        allowed: usize,
    },
    /// Tensors in the host.
    #[error("asked for {asked} bytes of tensors, {allowed} are allowed")]
    Tensors {
        /// Bytes in all, with what was asked for.
        asked: usize,
        /// Bytes allowed.
        allowed: usize,
    },
}

/// Bytes that one call to the host may carry when no models are granted: 64 answers and every string of the contract
/// fit many times.
pub(crate) const HOSTCALL_BYTES: usize = 256 << 10;
/// Live handles in one chamber: a frame, and tensors.
pub(crate) const HANDLES: usize = 1024;
/// Core instances, and tables, in one chamber. A wrapped component has three or four.
const PARTS: usize = 32;
/// Elements of one table. A detector compiled in has some hundreds.
const TABLE: usize = 100_000;

/// Keeps the count of a chamber's memory and answers a request beyond the cap with an error that names it. (Answering
/// `false` would show as any other panic of the guest.)
#[derive(Debug)]
pub(crate) struct Limiter {
    allowed: usize,
    used: usize,
    pending: usize,
}

// === impl Limits ===

impl Default for Limits {
    /// 2 s a call, 30 s to make a chamber, 256 MiB of memory, 256 MiB of tensors.
    ///
    /// Measured on two busy cores with `cargo bench --bench infer`: a call with YuNet takes 0.02 s at 640x480 and 0.2 s at
    /// 1920x1088, one with CenterFace 0.12 s and 1.0 to 1.5 s; optimising either for its size adds at most 0.1 s. The
    /// tensor of a 1920x1088 picture takes 25 MB.
    fn default() -> Self {
        Self { call: Duration::from_secs(2), create: Duration::from_secs(30), memory: 256 << 20, tensors: 256 << 20 }
    }
}

// === impl Limiter ===

impl Limiter {
    pub(crate) const fn new(allowed: usize) -> Self {
        Self { allowed, used: 0, pending: 0 }
    }

    /// Bytes of all linear memories together.
    pub(crate) const fn used(&self) -> usize {
        self.used
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let asked = self.used.saturating_add(more);
        if asked > self.allowed {
            return Err(Exceeded::Memory { asked, allowed: self.allowed }.into());
        }
        (self.used, self.pending) = (asked, more);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.used -= self.pending;
        self.pending = 0;
        Ok(())
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if desired > TABLE {
            return Err(Exceeded::Table { asked: desired, allowed: TABLE }.into());
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        PARTS
    }

    fn tables(&self) -> usize {
        PARTS
    }

    fn memories(&self) -> usize {
        PARTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_memories_share_one_cap() {
        let mut limiter = Limiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        let refused = limiter.memory_growing(0, 41, None).unwrap_err();
        assert_eq!(refused.downcast_ref(), Some(&Exceeded::Memory { asked: 101, allowed: 100 }));
        assert!(limiter.memory_growing(60, 100, None).unwrap());
    }

    #[test]
    fn memory_that_the_machine_did_not_give_is_not_counted() {
        let mut limiter = Limiter::new(100);
        assert!(limiter.memory_growing(0, 90, None).unwrap());
        limiter.memory_grow_failed(wasmtime::Error::msg("no room")).unwrap();
        assert!(limiter.memory_growing(0, 100, None).unwrap());
    }
}
