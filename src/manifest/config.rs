//! Tengine's configuration files: YAML that Tengine expands as ERB first.
//!
//! Guarantees:
//! - Whatever is in a Secret or in the spec stands for itself: nothing in it is read as ERB or as YAML.
//! - The same settings give the same files, and another content another `ConfigMap`.
//!
//! A credential is written by the ERB, as code points: JSON's quoting would not do, since YAML reads some characters
//! (such as U+0085) as ends of lines and does not know surrogate pairs. What goes to the broker is a string of bytes as
//! soon as it is not plain ASCII: Ruby's AMQP clients put it beside other bytes, where a string of characters is refused.

use crate::api::v1alpha1::{Database, EventQueue, LogLevel, Settings, Tengine};
use crate::domain::{ChildName, Component, KeyHasher, Span};
use std::fmt::Write as _;

/// Where the files are mounted.
pub(super) const FOLDER: &str = "/etc/tengine";
/// Where the image holds the definitions.
pub(super) const DEFINITIONS: &str = "/var/lib/tengine/dsl";

/// The variables that carry credentials into the ERB.
pub(super) const QUEUE_USERNAME: &str = "TENGINE_MQ_USERNAME";
/// See [`QUEUE_USERNAME`].
pub(super) const QUEUE_PASSWORD: &str = "TENGINE_MQ_PASSWORD";
/// See [`QUEUE_USERNAME`].
pub(super) const DATABASE_USERNAME: &str = "TENGINE_DB_USERNAME";
/// See [`QUEUE_USERNAME`].
pub(super) const DATABASE_PASSWORD: &str = "TENGINE_DB_PASSWORD";

/// Tengine's own default of the time after which a silent daemon is declared dead, in seconds.
const EXPIRY: u64 = 120;
/// The usual time between two heartbeats, in seconds.
const HEARTBEAT: u64 = 30;

/// Tengine's processes read it first (`RUBYOPT`): what they say would else be held back until there is a whole block of it.
const SEEN_AT_ONCE: &str = "$stdout.sync = true\n";

/// The same, and how far a core was when an exception ends it, for its node to keep: its probe looks each few seconds, and may know it
/// only from before it served.
const SEEN_TO_ITS_END: &str = r#"$stdout.sync = true
at_exit do
  begin
    ended = $!
    by_itself = Process.pid == 1 && ended && !(ended.is_a?(SystemExit) && ended.success?)
    word = by_itself ? File.read("/var/run/tengine/status/tengined_1.status") : ""
    File.write("/dev/termination-log", "tengined is #{word}\n") if %w[starting running].include?(word)
  rescue SystemCallError
  end
end
"#;

/// The file a process is started with.
pub(super) const fn file(component: Component) -> &'static str {
    match component {
        Component::Core => "tengined.yml.erb",
        Component::HeartbeatWatchd => "tengine_heartbeat_watchd.yml.erb",
        Component::Atd => "tengine_atd.yml.erb",
    }
}

/// All files, by name.
pub(super) fn files(rendering: i32, settings: &Settings) -> Vec<(&'static str, String)> {
    let core = settings.config.clone().unwrap_or_else(|| generated(&settings.tengine));
    let mut files = vec![
        (file(Component::Core), core),
        (file(Component::HeartbeatWatchd), derived("core job hbw resourcew atd")),
        (file(Component::Atd), derived("atd")),
    ];
    match rendering {
        1 => {}
        2 => files.push(("stdout.rb", SEEN_AT_ONCE.into())),
        _ => files.push(("stdout.rb", SEEN_TO_ITS_END.into())),
    }
    files
}

/// The name of the `ConfigMap` with these files.
pub(super) fn name(deployment: &str, files: &[(&'static str, String)]) -> ChildName {
    let content = files.iter().fold(KeyHasher::default(), |hasher, (file, text)| hasher.part(file, text)).digits();
    ChildName::of_config(deployment, &content)
}

/// The file of a watcher: the core's, less what this process does not know. Tengine refuses a file with a foreign key.
fn derived(heartbeats: &str) -> String {
    format!(
        r#"<%
require "erb"
require "yaml"
text = File.read("{FOLDER}/{core}")
erb = RUBY_VERSION < "2.6" ? ERB.new(text, nil, "-") : ERB.new(text, trim_mode: "-")
yaml = erb.result
settings = (YAML.respond_to?(:unsafe_load) ? YAML.unsafe_load(yaml) : YAML.load(yaml)) || {{}}
settings.delete("tengined")
heartbeat = (settings.delete("heartbeat") || {{}}).select {{ |name, _| %w[{heartbeats}].include?(name) }}
settings["heartbeat"] = heartbeat unless heartbeat.empty?
%>
<%= settings.to_yaml %>
"#,
        core = file(Component::Core),
    )
}

pub(super) fn generated(tengine: &Tengine) -> String {
    let mut text = format!(
        r#"# Credentials come from the environment, as code points or as bytes, so that every character stands for itself.
<% quoted = lambda {{ |name| '"' + ENV.fetch(name).unpack("U*").map {{ |point| "\\U%08X" % point }}.join + '"' }} %>
<% bytes = lambda {{ |name| ENV.fetch(name).ascii_only? ? quoted.call(name) : '!binary "' + [ENV.fetch(name)].pack("m0") + '"' }} %>
process:
  daemon: false
  pid_dir: "/var/run/tengine/pids"
tengined:
  load_path: "{DEFINITIONS}"
  status_dir: "/var/run/tengine/status"
  activation_dir: "/var/run/tengine/activations"
  cache_drivers: true
  confirmation_threshold: info
"#
    );
    heartbeat(&mut text, tengine);
    if let Some(found) = &tengine.database {
        database(&mut text, found);
    }
    if let Some(found) = &tengine.event_queue {
        event_queue(&mut text, found);
    }
    let level = log_level(tengine.log_level.unwrap_or_default());
    let _ = writeln!(text, "log_common:\n  output: STDOUT\n  level: {level}");
    text
}

/// A core whose heartbeats are far apart must not be declared dead between two of them.
fn heartbeat(text: &mut String, tengine: &Tengine) {
    let interval = tengine.heartbeat.as_ref().and_then(|heartbeat| heartbeat.interval.as_deref());
    let interval = interval.and_then(|span| span.parse::<Span>().ok());
    let seconds = interval.map_or(HEARTBEAT, |span| span.duration().as_secs());
    let expiry = EXPIRY.max(seconds.saturating_mul(4));
    let _ = writeln!(text, "heartbeat:\n  core:\n    interval: {seconds}\n    expire: {expiry}");
}

fn database(text: &mut String, database: &Database) {
    let hosts: Vec<_> = database.hosts.iter().map(|host| quote(host)).collect();
    let _ = writeln!(
        text,
        "db:\n  sessions:\n    default:\n      database: {}\n      hosts: [{}]",
        quote(&database.name),
        hosts.join(", ")
    );
    if database.secret_ref.is_some() {
        let _ = writeln!(text, "      username: <%= quoted.call(\"{DATABASE_USERNAME}\") %>");
        let _ = writeln!(text, "      password: <%= quoted.call(\"{DATABASE_PASSWORD}\") %>");
    }
    text.push_str("      options:\n        safe: true\n        consistency: strong\n");
}

fn event_queue(text: &mut String, queue: &EventQueue) {
    let _ = writeln!(
        text,
        "event_queue:\n  connection:\n    host: {}\n    port: {}\n    vhost: {}",
        quote(&queue.host),
        queue.port.unwrap_or(5672),
        quote(queue.vhost.as_deref().unwrap_or("/")),
    );
    if queue.secret_ref.is_some() {
        let _ = writeln!(text, "    user: <%= bytes.call(\"{QUEUE_USERNAME}\") %>");
        let _ = writeln!(text, "    pass: <%= bytes.call(\"{QUEUE_PASSWORD}\") %>");
    }
    text.push_str(
        "  exchange:\n    name: tengine_event_exchange\n    type: direct\n    durable: true\n  queue:\n    name: tengine_event_queue\n    durable: true\n",
    );
}

const fn log_level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
        LogLevel::Fatal => "fatal",
    }
}

/// A YAML string that ERB reads nothing into: what is not plainly harmless is written as its code point, `%` above all.
pub(super) fn quote(value: &str) -> String {
    let mut text = String::from("\"");
    for character in value.chars() {
        if character.is_ascii_alphanumeric() || " /:._,@+=#~*()[]{}!?$&;|^-".contains(character) {
            text.push(character);
        } else {
            let _ = write!(text, "\\U{:08X}", u32::from(character));
        }
    }
    text.push('"');
    text
}
