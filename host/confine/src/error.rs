//! Why a wall could not be built.

use std::io;

/// Why a process could not be confined. It must not go on: raw pictures are seen by a confined process only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The process's threads cannot be counted.
    #[error("cannot confine the process: /proc/self/task cannot be read ({0}). Mount /proc")]
    Threads(io::Error),
    /// There are other threads already, and they would not be confined.
    #[error(
        "cannot confine the process: it has {threads} threads already, and those that are there would go free; confine it first"
    )]
    TooLate {
        /// How many.
        threads: usize,
    },
    /// A limit cannot be set.
    #[error("cannot confine the process: a limit was refused ({0})")]
    Limit(io::Error),
    /// There can be no network namespace.
    #[error(
        "cannot take the network away from the process that sees pictures: {doing} was refused ({source}). Cameras in the network need network namespaces: \
         allow unprivileged user namespaces (Debian: `sysctl kernel.unprivileged_userns_clone=1`; Ubuntu: an AppArmor profile with `userns`)"
    )]
    Network {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Landlock is not there, or too old.
    #[error(
        "cannot take files away from the process that sees pictures: {0}. It takes Linux 5.19 or later with Landlock switched on (`landlock` in /sys/kernel/security/lsm)"
    )]
    Files(String),
    /// The filter of system calls was refused.
    #[error(
        "cannot restrict the system calls of the process that sees pictures: {0}. It takes a kernel with seccomp filters, on x86-64 or arm64"
    )]
    Calls(String),
}
