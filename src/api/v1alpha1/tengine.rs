//! The settings of the Tengine processes.

use super::SecretReference;
use crate::api::door;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The settings of the Tengine processes: either the four blocks, or a configuration file of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.configRef) || (has(self.eventQueue) && has(self.database))")
    .message("give eventQueue and database, or configRef"))]
#[x_kube(validation = Rule::new("!has(self.configRef) || !(has(self.eventQueue) || has(self.database) || has(self.heartbeat) || has(self.logLevel))")
    .message("configRef takes the place of eventQueue, database, heartbeat and logLevel: give one or the other"))]
pub struct Tengine {
    /// The message broker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_queue: Option<EventQueue>,

    /// The database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<Database>,

    /// Signs of life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Heartbeat>,

    /// How much the processes log. Default info.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_level: Option<LogLevel>,

    /// A configuration file of one's own (YAML, expanded as ERB by Tengine) in place of the four blocks above. Load
    /// path, folders and driver caching are set by the operator all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_ref: Option<ConfigReference>,

    /// The process that declares daemons dead whose heartbeat expired. Enabled by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_watchd: Option<Daemon>,

    /// The process that fires scheduled events. Enabled by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub atd: Option<Daemon>,
}

/// The message broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventQueue {
    /// Host name or address.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = door::host())]
    pub host: String,

    /// Default 5672.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,

    /// Default `/`. Two deployments on one virtual host take each other's events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub vhost: Option<String>,

    /// A Secret with the keys `username` and `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretReference>,
}

/// The database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    /// `HOST:PORT` of each member.
    #[schemars(length(min = 1, max = 50), inner(length(min = 1, max = 260)))]
    #[x_kube(validation = door::hosts_and_ports())]
    pub hosts: Vec<String>,

    /// The database's name. Two deployments on one database misfile each other's drivers.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9_-]+$')").message("give a name of letters, digits, _ and -"))]
    pub name: String,

    /// A Secret with the keys `username` and `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretReference>,
}

/// Signs of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    /// Time between two heartbeats of a core; `0s` turns them off. Default 30s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("0s", "8760h"))]
    pub interval: Option<String>,
}

/// How much the processes log. Default `info`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens.
    #[default]
    Info,
    /// What looks wrong.
    Warn,
    /// What is wrong.
    Error,
    /// What ends the process.
    Fatal,
}

/// Names a key of a ConfigMap in the same namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigReference {
    /// What holds it. Default and only choice: ConfigMap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ConfigKind>,

    /// The ConfigMap's name.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = door::object_name("ConfigMap"))]
    pub name: String,

    /// The key that holds the file. Default `tengined.yml.erb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = door::config_key())]
    pub key: Option<String>,
}

/// What holds a configuration file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ConfigKind {
    /// A ConfigMap.
    #[default]
    ConfigMap,
}

/// A process besides the core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Daemon {
    /// Whether it runs. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}
