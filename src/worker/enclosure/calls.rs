//! System calls, by seccomp.
//!
//! What is refused is listed, and not what is allowed: libgit2, libssh2 and the C library may use a new call with any update,
//! and a worker that dies of one would condemn nobody's commit but help nobody either.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op,
    SeccompCondition as Condition, SeccompFilter, SeccompRule, apply_filter_all_threads,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Programs, other processes, other views of the system, and doors into the kernel that nothing here needs.
const REFUSED: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_shmget,
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
];

/// The families of sockets that a fetch needs: IPv4, IPv6, and the kernel's word on which of them there is.
const FAMILIES: [libc::c_int; 3] = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Refuses what no question takes.
pub(super) fn close() -> Result<(), String> {
    let mut rules: Rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let built = fill(&mut rules).and_then(|()| apply(rules, libc::EPERM));
    // The C library falls back to `clone`, whose flags can be looked at.
    let built = built.and_then(|()| apply([(libc::SYS_clone3, Vec::new())].into(), libc::ENOSYS));
    built.map_err(|error| format!("system calls: the kernel takes no filter ({error})"))
}

/// Refuses connections.
pub(super) fn shut_network() -> Result<(), String> {
    let rules = [libc::SYS_socket, libc::SYS_connect, libc::SYS_bind].map(|call| (call, Vec::new()));
    apply(rules.into(), libc::EPERM).map_err(|error| format!("the network after the fetch: no filter ({error})"))
}

/// Calls that are refused by what they ask for.
fn fill(rules: &mut Rules) -> Result<(), Refused> {
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    let new_process = Condition::new(0, Len::Qword, Op::MaskedEq(thread), 0)?;
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![new_process])?]);
    let other_families: Result<Vec<_>, _> =
        FAMILIES.iter().map(|family| Condition::new(0, Len::Dword, Op::Ne, u64::from(family.unsigned_abs()))).collect();
    rules.insert(libc::SYS_socket, vec![SeccompRule::new(other_families?)?]);
    let of_others = Condition::new(0, Len::Dword, Op::Ne, u64::from(std::process::id()))?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![of_others])?]);
    let limits_of_others = Condition::new(0, Len::Dword, Op::Ne, 0)?;
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![limits_of_others])?]);
    Ok(())
}

/// A filter could not be made or set.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("{0}")]
    Made(#[from] BackendError),
    #[error("{0}")]
    Set(#[from] seccompiler::Error),
}

/// The calls of `rules` fail with this number; all others pass.
fn apply(rules: Rules, errno: libc::c_int) -> Result<(), Refused> {
    let refuse = SeccompAction::Errno(errno.unsigned_abs());
    let here = std::env::consts::ARCH.try_into()?;
    let program: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, refuse, here)?.try_into()?;
    Ok(apply_filter_all_threads(&program)?)
}
