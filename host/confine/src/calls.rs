//! System calls: those that computing threads need.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

use crate::error::Error;
use crate::{Confined, Network};

/// What threads that compute, sleep, wait for each other and speak over sockets need. Any other call fails with `EPERM`.
const ALLOWED: &[c_long] = &[
    // Memory, also that of compiled components.
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_mincore,
    libc::SYS_membarrier,
    // Threads. `clone` is below: only threads, no processes.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_set_tid_address,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getcpu,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_restart_syscall,
    // Signals: faults of components are caught, and a panic aborts.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    // Time.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrusage,
    libc::SYS_getrandom,
    // What is open already: sockets, and recordings.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_close,
    libc::SYS_fcntl,
    libc::SYS_dup,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_recvmsg,
    libc::SYS_recvfrom,
    libc::SYS_shutdown,
    // Two ends in this process: the runtime of network cameras makes one.
    libc::SYS_socketpair,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_ppoll,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_epoll_wait,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_arch_prctl,
];

/// What opening files takes.
const FILES: &[c_long] = &[
    libc::SYS_openat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_getdents64,
    libc::SYS_readlinkat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
];

/// What connecting takes, within the namespace.
const CONNECTIONS: &[c_long] = &[libc::SYS_bind, libc::SYS_listen, libc::SYS_connect, libc::SYS_accept4];

/// Calls that nothing in this program makes after it is sealed. Whoever makes one has taken it over, and the process ends at once.
const FORBIDDEN: &[c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_memfd_create,
    libc::SYS_open_by_handle_at,
];

/// Puts the filters over all threads.
pub(crate) fn restrict(confined: &Confined) -> Result<(), Error> {
    // The last one takes away what putting up a filter needs.
    for filter in [forbidden()?, absent()?, allowed(confined)?] {
        seccompiler::apply_filter_all_threads(&filter).map_err(|e| Error::Calls(e.to_string()))?;
    }
    Ok(())
}

fn allowed(confined: &Confined) -> Result<BpfProgram, Error> {
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let mut allow = |more: &[c_long]| calls.extend(more.iter().map(|&call| (call, Vec::new())));
    allow(ALLOWED);
    allow(&[libc::SYS_clone3]);
    if confined.opens_files {
        allow(FILES);
    }
    if confined.network == Network::Isolated {
        allow(CONNECTIONS);
    }
    if confined.largest_file > 0 {
        allow(&[libc::SYS_pwrite64, libc::SYS_ftruncate]);
    }
    if confined.controls_devices {
        allow(&[libc::SYS_ioctl]);
    } else {
        // Whether a call on a socket waits.
        calls.insert(libc::SYS_ioctl, vec![rule(&[equal(1, libc::FIONBIO)?])?]);
    }
    if confined.network == Network::Isolated {
        // The type comes with flags in its upper bits (socket(2)).
        let stream = || condition(1, SeccompCmpOp::MaskedEq(0xf), libc::SOCK_STREAM as u64);
        let kinds = [libc::AF_INET, libc::AF_INET6].map(|family| rule(&[equal(0, family as u64)?, stream()?]));
        calls.insert(libc::SYS_socket, kinds.into_iter().collect::<Result<_, _>>()?);
    }
    // Threads share memory with their maker; a process would not.
    let thread = (libc::CLONE_VM | libc::CLONE_THREAD) as u64;
    calls.insert(libc::SYS_clone, vec![rule(&[masked(0, thread)?])?]);
    // The name of a thread, and nothing else about the process.
    let naming = [libc::PR_SET_NAME, libc::PR_GET_NAME].map(|what| rule(&[equal(0, what as u64)?]));
    calls.insert(libc::SYS_prctl, naming.into_iter().collect::<Result<_, _>>()?);
    // A signal to itself, as `abort` does; not to others.
    let me = u64::from(std::process::id());
    calls.insert(libc::SYS_tgkill, vec![rule(&[equal(0, me)?])?]);
    // Its own limits, to read them: with capabilities it could set them anew.
    calls.insert(libc::SYS_prlimit64, vec![rule(&[equal(0, 0)?, nothing(2)?])?]);
    compile(calls, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)
}

fn forbidden() -> Result<BpfProgram, Error> {
    let calls = FORBIDDEN.iter().map(|&call| (call, Vec::new())).collect();
    compile(calls, SeccompAction::Allow, SeccompAction::KillProcess)
}

/// `clone3` keeps its flags in memory, where a filter cannot look: it "is not there", and the C library uses `clone`. (Of several
/// filters the strictest counts, so the others allow it.)
fn absent() -> Result<BpfProgram, Error> {
    let calls = [(libc::SYS_clone3, Vec::new())].into();
    compile(calls, SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS as u32))
}

fn compile(
    calls: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<BpfProgram, Error> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(|e| Error::Calls(e.to_string()))?;
    let filter = SeccompFilter::new(calls, otherwise, listed, architecture).map_err(|e| Error::Calls(e.to_string()))?;
    filter.try_into().map_err(|e: seccompiler::BackendError| Error::Calls(e.to_string()))
}

fn rule(conditions: &[SeccompCondition]) -> Result<SeccompRule, Error> {
    SeccompRule::new(conditions.to_vec()).map_err(|e| Error::Calls(e.to_string()))
}

fn equal(argument: u8, value: u64) -> Result<SeccompCondition, Error> {
    condition(argument, SeccompCmpOp::Eq, value)
}

/// A pointer that is null.
fn nothing(argument: u8) -> Result<SeccompCondition, Error> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)
        .map_err(|e| Error::Calls(e.to_string()))
}

/// All these bits are set.
fn masked(argument: u8, bits: u64) -> Result<SeccompCondition, Error> {
    condition(argument, SeccompCmpOp::MaskedEq(bits), bits)
}

fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, Error> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value).map_err(|e| Error::Calls(e.to_string()))
}
