//! The few lines of shell that stand between Kubernetes and Tengine's processes. They need `/bin/sh`, `mkdir`, `rm` and
//! `sleep` in the image, and nothing else (`ruby`, too, before a core that lost the broker is restarted: without, it is not).

pub(super) mod connection;
mod first;
pub(super) mod preflight;
mod second;
mod third;
mod turn;

use crate::api::v1alpha1::EventQueue;

/// The exit code of a container whose program is not in the image; its last words are `PROGRAM: not found`.
pub const PACKAGE_MISSING_EXIT_CODE: i32 = 127;

/// What the scripts are run by.
pub(super) const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// Where pid, status and activation files go: an `emptyDir`, which outlives a container.
pub(super) const RUN_FOLDER: &str = "/var/run/tengine";

/// The scripts of one set of rules. The core's probes and the hook before its end are called with the [`arguments`].
pub(super) struct Scripts {
    /// Starts the core in the place of the shell.
    pub start_core: &'static str,
    /// Runs a watcher.
    pub start_watcher: &'static str,
    /// The startup probe.
    pub is_started: &'static str,
    /// The readiness probe.
    pub is_ready: &'static str,
    /// The liveness probe.
    pub is_alive: &'static str,
    /// Before the end of the core.
    pub stop_core: &'static str,
    /// Whether the core's scripts look at its connection to the broker.
    pub looks_at_broker: bool,
}

const FIRST: Scripts = Scripts {
    start_core: first::START_CORE,
    start_watcher: first::START_WATCHER,
    is_started: first::IS_RUNNING,
    is_ready: first::IS_RUNNING,
    is_alive: first::IS_NOT_DEAD,
    stop_core: first::STOP_CORE,
    looks_at_broker: false,
};

const SECOND: Scripts = Scripts {
    start_core: second::START_CORE,
    start_watcher: second::START_WATCHER,
    is_started: second::IS_STARTED,
    is_ready: second::IS_STARTED,
    is_alive: second::IS_NOT_DEAD,
    stop_core: second::STOP_CORE,
    looks_at_broker: true,
};

const THIRD: Scripts =
    Scripts { is_started: third::IS_STARTED, is_ready: third::IS_STARTED, is_alive: third::IS_NOT_DEAD, ..SECOND };

/// Of cores that wait for their turn, by the rules before the third.
const SECOND_IN_TURN: Scripts = Scripts {
    start_core: turn::START_CORE,
    is_started: turn::second::IS_STARTED,
    is_alive: turn::second::IS_NOT_DEAD,
    ..SECOND
};

const THIRD_IN_TURN: Scripts = Scripts {
    start_core: turn::START_CORE,
    is_started: turn::third::IS_STARTED,
    is_alive: turn::third::IS_NOT_DEAD,
    ..THIRD
};

const FOURTH_IN_TURN: Scripts =
    Scripts { is_started: turn::fourth::IS_STARTED, is_alive: turn::fourth::IS_NOT_DEAD, ..THIRD_IN_TURN };

/// Those of a release's rules.
pub(super) const fn of(rendering: i32, in_turn: bool) -> &'static Scripts {
    match (rendering, in_turn) {
        (1, false) => &FIRST,
        (2, false) => &SECOND,
        (_, false) => &THIRD,
        (1 | 2, true) => &SECOND_IN_TURN,
        (3, true) => &THIRD_IN_TURN,
        (_, true) => &FOURTH_IN_TURN,
    }
}

/// What the scripts are told of the broker, and of how long a handler may take: what stands behind them as `$1` and so on.
pub(super) fn arguments(queue: Option<&EventQueue>, grace: i64) -> Vec<String> {
    let port = queue.map(|queue| queue.port.unwrap_or(5672));
    // As the kernel writes a port in its tables.
    let in_tables = port.map(|port| format!("{port:04X}")).unwrap_or_default();
    let host = queue.map(|queue| queue.host.clone()).unwrap_or_default();
    let port = port.map(|port| port.to_string()).unwrap_or_default();
    vec!["tengined".into(), in_tables, grace.to_string(), host, port]
}
