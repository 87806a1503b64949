//! Files, ports and signals, by Landlock.

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use std::path::PathBuf;

use crate::worker::KEPT_ENV;

/// What is asked of the kernel: files since Linux 5.13, ports since 6.7, signals since 6.12. An older one gives what it has.
const ASKED: ABI = ABI::V6;

/// Name servers are asked over TCP where an answer is long.
const NAME_SERVERS: u16 = 53;

/// What is read besides the room: certificates, how names are resolved, libraries that are loaded late.
const READ: &[&str] = &[
    "/etc/ssl",
    "/etc/pki",
    "/etc/ca-certificates",
    "/usr/lib/ssl",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/dev/null",
    "/dev/urandom",
    "/sys/devices/system/cpu",
];

/// Closes the file system but for the current folder, and the network but for these ports.
pub(super) fn close(ports: &[u16]) -> Result<(), String> {
    let status = restrict(ports).map_err(|error| format!("files and network: Landlock refused ({error})"))?;
    match (status.ruleset, status.landlock) {
        (RulesetStatus::FullyEnforced, _) => Ok(()),
        (RulesetStatus::PartiallyEnforced, LandlockStatus::Available { effective_abi, .. })
            if effective_abi < ABI::V4 =>
        {
            Err("the network and signals to others: the kernel's Landlock knows files only".into())
        }
        (RulesetStatus::PartiallyEnforced, _) => {
            Err("signals to others: the kernel's Landlock does not know them".into())
        }
        (RulesetStatus::NotEnforced, _) => Err("files and network: the kernel has no Landlock".into()),
    }
}

fn restrict(ports: &[u16]) -> Result<RestrictionStatus, RulesetError> {
    let looking: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let ports = ports.iter().chain([&NAME_SERVERS]);
    Ruleset::default()
        .handle_access(AccessFs::from_all(ASKED))?
        .handle_access(AccessNet::from_all(ASKED))?
        .scope(Scope::from_all(ASKED))?
        .create()?
        .add_rules(path_beneath_rules(["."], AccessFs::from_all(ASKED)))?
        .add_rules(path_beneath_rules(READ, looking))?
        .add_rules(path_beneath_rules(certificates(), looking))?
        .add_rules(ports.map(|port| Ok::<_, RulesetError>(NetPort::new(*port, AccessNet::ConnectTcp))))?
        .restrict_self()
}

/// Where this process was told that the certificates are.
fn certificates() -> Vec<PathBuf> {
    KEPT_ENV.iter().filter_map(std::env::var_os).map(PathBuf::from).collect()
}
