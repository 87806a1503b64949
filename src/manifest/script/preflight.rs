//! How `tengined` is asked before a pod of a release is started: as a core is started, with another configuration.

/// Starts `$0 $@` in the place of this shell, with [`IN_THE_CORE`] in it.
pub(in crate::manifest) const START: &str = r#"set -eu
cd /var/run/tengine
mkdir -p pids status activations
cd "$OLDPWD"
command -v "$0" >/dev/null || { echo "$0: not found" >&2; exit 127; }
export RUBYOPT="${RUBYOPT:-} -r/etc/tengine/preflight.rb"
exec "$0" "$@"
"#;

/// What runs in the core's own process.
pub(in crate::manifest) const IN_THE_CORE: &str = include_str!("preflight.rb");

/// The core's configuration, with a database, a queue and an exchange of the preflight's own. Every session has that database, so that
/// whatever a definition writes goes there. What it cannot be sure of it refuses: nothing is ever done in production's.
pub(in crate::manifest) const CONFIGURATION: &str = r#"<%
require "erb"
require "yaml"
text = File.read("/etc/tengine/tengined.yml.erb")
erb = RUBY_VERSION < "2.6" ? ERB.new(text, nil, "-") : ERB.new(text, trim_mode: "-")
yaml = erb.result
settings = (YAML.respond_to?(:unsafe_load) ? YAML.unsafe_load(yaml) : YAML.load(yaml)) || {}
scratch = ENV.fetch("TENGINE_SCRATCH")
database = settings["db"].is_a?(Hash) ? settings["db"] : {}
sessions = database["sessions"].is_a?(Hash) ? database["sessions"].values : [database]
sessions.each do |session|
  known = session.is_a?(Hash) && session["database"].is_a?(String) && !session.key?("uri")
  abort "a preflight does not find the name of the database under db in the configuration" unless known
  abort "the database is called as a preflight's is: #{scratch}" if session["database"] == scratch
  session["database"] = scratch
end
queue = settings["event_queue"] ||= {}
TenginePreflight.broker = queue["connection"] if defined?(TenginePreflight) && TenginePreflight.respond_to?(:broker=)
%w[exchange queue].each { |name| queue[name] = (queue[name] || {}).merge("name" => scratch) }
settings["log_common"] = (settings["log_common"] || {}).merge("output" => "STDOUT")
settings["log_common"]["level"] = "info" if defined?(TenginePreflight::SUCCESS)
%w[process_stdout_log process_stderr_log].each { |name| settings.delete(name) }
%>
<%= settings.to_yaml %>
"#;
