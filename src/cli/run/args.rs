//! The flags of `run`, and what they become.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::RunError;
use crate::cli::duration::{bytes, duration};
use crate::domain::{Platform, Shard};
use crate::lease;
use crate::settings::{Hosts, Namespaces, Settings, Trust, WorkerLimits, platform_of_this_build};
use crate::telemetry::LogFormat;

/// Flags of `run`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Namespaces to look at, separated by commas; empty means all.
    #[arg(long, env = "TENGINE_OPERATOR_NAMESPACES", value_delimiter = ',', value_parser = namespace, default_value = "")]
    pub namespaces: Vec<String>,

    /// Which of the TengineDeployments there are this process' own, where several share them: N/M, such as 1/3, is number N of M
    /// shards, and the others run as 2/3 and 3/3.
    #[arg(long, env = "TENGINE_OPERATOR_SHARD", value_name = "N/M", default_value_t = Shard::ONLY)]
    pub shard: Shard,

    /// YAML file that says which registries and Git hosts need plain HTTP, an own CA or a proxy.
    #[arg(long, env = "TENGINE_OPERATOR_HOSTS_CONFIG", value_name = "FILE")]
    pub hosts_config: Option<PathBuf>,

    /// Which variant of a multi-platform base image to take, as os/architecture[/variant].
    #[arg(long, env = "TENGINE_OPERATOR_PLATFORM", default_value_t = platform_of_this_build())]
    pub platform: Platform,

    /// How many objects are reconciled at one time.
    #[arg(long, env = "TENGINE_OPERATOR_CONCURRENCY", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,

    /// Where /livez, /readyz and /metrics are served.
    #[arg(long, env = "TENGINE_OPERATOR_LISTEN_ADDRESS", default_value = "0.0.0.0:8080")]
    pub listen_address: SocketAddr,

    /// How long work in hand may take to end after SIGTERM.
    #[arg(long, env = "TENGINE_OPERATOR_SHUTDOWN_TIMEOUT", default_value = "20s", value_parser = duration)]
    pub shutdown_timeout: Duration,

    #[command(flatten)]
    trust: TrustArgs,

    #[command(flatten)]
    lease: LeaseArgs,

    #[command(flatten)]
    worker: WorkerArgs,

    /// How log lines look.
    #[arg(long, env = "TENGINE_OPERATOR_LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,

    /// error, warn, info, debug or trace; or directives such as `info,tengine_operator=debug`.
    #[arg(long, env = "TENGINE_OPERATOR_LOG_LEVEL", default_value = "info")]
    pub log_level: String,
}

/// Whose word counts at gates.
#[derive(Debug, Clone, clap::Args)]
struct TrustArgs {
    /// Name of the ValidatingAdmissionPolicy, and of its binding, that prove who makes a TengineAction. Approve, Reject and
    /// Override count only if they were made while both were in force.
    #[arg(
        long,
        env = "TENGINE_OPERATOR_ACTION_POLICY",
        value_name = "NAME",
        default_value = "tengine-operator-actions"
    )]
    action_policy: String,

    /// Ask for no such policy: whoever may create a TengineAction is believed, in any name.
    #[arg(long, env = "TENGINE_OPERATOR_TRUST_ANYBODY")]
    trust_anybody: bool,
}

#[derive(Debug, Clone, clap::Args)]
#[allow(clippy::struct_field_names)] // the flags are named after the fields
struct LeaseArgs {
    /// Namespace of the Lease; by default that of the pod, or of the kubeconfig's context.
    #[arg(long, env = "TENGINE_OPERATOR_LEASE_NAMESPACE", value_parser = namespace)]
    lease_namespace: Option<String>,

    /// Name of the Lease. Operators that look at different namespaces need different ones; all shards get the same name, and
    /// make those of their own from it.
    #[arg(long, env = "TENGINE_OPERATOR_LEASE_NAME", default_value = "tengine-operator")]
    lease_name: String,

    /// Who holds the Lease; no two live processes may share it. The pod's name is right in a pod;
    /// by default the host's name and something random.
    #[arg(long, env = "TENGINE_OPERATOR_LEASE_IDENTITY")]
    lease_identity: Option<String>,

    /// How long a Lease lasts that is not renewed; after a crash this passes until another leads.
    #[arg(long, env = "TENGINE_OPERATOR_LEASE_DURATION", default_value = "15s", value_parser = duration)]
    lease_duration: Duration,

    /// How long the leader goes on without a successful renewal.
    #[arg(long, env = "TENGINE_OPERATOR_LEASE_RENEW_DEADLINE", default_value = "10s", value_parser = duration)]
    lease_renew_deadline: Duration,

    /// Time between two attempts to get or renew the Lease.
    #[arg(long, env = "TENGINE_OPERATOR_LEASE_RETRY_PERIOD", default_value = "2s", value_parser = duration)]
    lease_retry_period: Duration,
}

/// Limits of one worker process, which fetches, checks and packs a definition.
#[derive(Debug, Clone, clap::Args)]
#[allow(clippy::struct_field_names)] // the flags are named after the fields
struct WorkerArgs {
    /// How many workers fetch, check and pack at one time for one namespace, and from one Git host; one more is there for others. Looks
    /// over SSH take small ones besides: as many for one host, three times as many at most.
    #[arg(long, env = "TENGINE_OPERATOR_WORKER_CONCURRENCY", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    worker_concurrency: u16,

    /// Address space of one worker; well above what it really uses.
    #[arg(long, env = "TENGINE_OPERATOR_WORKER_MEMORY", default_value = "1Gi", value_parser = bytes)]
    worker_memory: u64,

    /// What one fetch may receive from the Git host.
    #[arg(long, env = "TENGINE_OPERATOR_WORKER_FETCH_SIZE", default_value = "256Mi", value_parser = bytes)]
    worker_fetch_size: u64,

    /// Size of one file of a definition.
    #[arg(long, env = "TENGINE_OPERATOR_WORKER_FILE_SIZE", default_value = "10Mi", value_parser = bytes)]
    worker_file_size: u64,

    /// Size of a whole definition.
    #[arg(long, env = "TENGINE_OPERATOR_WORKER_TREE_SIZE", default_value = "64Mi", value_parser = bytes)]
    worker_tree_size: u64,

    /// Number of files and folders of a definition.
    #[arg(long, env = "TENGINE_OPERATOR_WORKER_ENTRIES", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    worker_entries: u64,
}

impl Args {
    /// What the controller is told. Reads the hosts file.
    pub fn settings(&self) -> Result<Settings, RunError> {
        let hosts = match &self.hosts_config {
            Some(path) => Hosts::read(path).map_err(RunError::Hosts)?,
            None => Hosts::default(),
        };
        let worker = &self.worker;
        let trust =
            if self.trust.trust_anybody { Trust::Anybody } else { Trust::Proven(self.trust.action_policy.clone()) };
        Ok(Settings {
            trust,
            namespaces: Namespaces::from_list(self.namespaces.clone()),
            shard: self.shard,
            hosts,
            platform: self.platform.clone(),
            concurrency: self.concurrency,
            worker: WorkerLimits {
                concurrency: usize::from(worker.worker_concurrency),
                memory: worker.worker_memory,
                fetch: worker.worker_fetch_size,
                file: worker.worker_file_size,
                tree: worker.worker_tree_size,
                entries: worker.worker_entries,
            },
        })
    }

    /// Refuses lease durations that cannot work together, before anything is started.
    pub fn check_lease(&self) -> Result<(), RunError> {
        self.lease("default").check().map_err(RunError::Lease)
    }

    /// How the election is run; `namespace` is used where no flag says otherwise.
    pub fn lease(&self, namespace: &str) -> lease::Config {
        let lease = &self.lease;
        lease::Config {
            namespace: lease.lease_namespace.clone().unwrap_or_else(|| namespace.into()),
            name: lease.lease_name.clone(),
            identity: lease.lease_identity.clone().unwrap_or_else(unique_identity),
            duration: lease.lease_duration,
            renew_deadline: lease.lease_renew_deadline,
            retry_period: lease.lease_retry_period,
        }
    }
}

/// The host's name, and eight digits that no other process on it has at this moment.
fn unique_identity() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let seed = format!("{} {}", std::process::id(), jiff::Timestamp::now().as_nanosecond());
    let digest = hex::encode(Sha256::digest(seed));
    format!("{host}_{}", &digest[..8])
}

/// A namespace as Kubernetes takes it (RFC 1123 label); empty stands for none.
fn namespace(text: &str) -> Result<String, String> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = text.len() <= 63 && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-');
    if label { Ok(text.into()) } else { Err("not the name of a namespace".into()) }
}
