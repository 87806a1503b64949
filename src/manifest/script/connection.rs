//! How `tengined` is asked to test its connection: it ends with 0 whatever came of that, so the shell that started it has the word.

/// Starts `$0 $@` with [`IN_THE_CORE`] in it, and ends as it did. 0 needs a proof: nobody else than what is in the core leaves it.
pub(in crate::manifest) const START: &str = r#"set -eu
cd /var/run/tengine
mkdir -p pids status activations
cd "$OLDPWD"
command -v "$0" >/dev/null || { echo "$0: not found" >&2; exit 127; }
export TENGINE_PREFLIGHT_PROOF=/var/run/tengine/connected
rm -f "$TENGINE_PREFLIGHT_PROOF"
export RUBYOPT="${RUBYOPT:-} -r/etc/tengine/preflight.rb -r/etc/tengine/connection.rb"
"$0" "$@" &
core=$!
trap 'kill -TERM "$core" 2>/dev/null' TERM
ended=0
wait "$core" || ended=$?
while kill -0 "$core" 2>/dev/null; do ended=0; wait "$core" || ended=$?; done
[ "$ended" -ne 0 ] || [ -e "$TENGINE_PREFLIGHT_PROOF" ] || { echo "$0 ended without a word on the connection" >&2; exit 75; }
exit "$ended"
"#;

/// What runs in the core's own process.
pub(in crate::manifest) const IN_THE_CORE: &str = include_str!("connection.rb");
