# shellcheck shell=bash
# How the demo looks at its stages, with a watch on production's cores.

CORE=tengine.dev/deployment=billing,app.kubernetes.io/component=core
WATCH_PID=''

# wait_field STAGE PATH VALUE [SECONDS]
wait_field() { run kubectl -n "$1" wait td/billing --for=jsonpath="{$2}=$3" --timeout="${4:-180}s"; }

# wait_reason STAGE REASON
wait_reason() { wait_field "$1" '.status.conditions[?(@.type=="Ready")].reason' "$2"; }

# wait_live STAGE COMMIT: serves this commit, with nothing left to do.
wait_live() {
  wait_field "$1" .status.current.commit "$2"
  wait_reason "$1" UpToDate
}

# condition STAGE TYPE FIELD
condition() { kubectl -n "$1" get td/billing -o json | jq -r --arg type "$2" --arg field "$3" '.status.conditions[] | select(.type == $type)[$field]'; }

# message_has STAGE TEXT...: the message of Ready holds each of these (extended regular expressions).
message_has() {
  until_so 60 "the message of $1 has ${*:2}" message_holds "$@"
  fact "$(condition "$1" Ready message)"
}

message_holds() {
  local message text
  message=$(condition "$1" Ready message)
  for text in "${@:2}"; do grep -qE -- "$text" <<<"$message" || return 1; done
}

# The ready cores of a stage, by UID.
cores() {
  kubectl -n "$1" get pods -l "$CORE" -o json | jq -r '.items[] | select(.metadata.deletionTimestamp | not)
    | select(any(.status.conditions[]?; .type == "Ready" and .status == "True")) | .metadata.uid' | sort
}

# cores_untouched STAGE BEFORE: all of these still run and are ready.
cores_untouched() {
  local gone
  gone=$(comm -23 <(echo "$2") <(cores "$1"))
  [[ -n $2 && -z $gone ]] || fail "$1 lost cores that should have stayed: $gone"
  fact "$1: the same $(wc -l <<<"$2") core pod(s) as before, all ready"
}

# Writes the number of production's ready cores at each change of any of its pods. A watch misses no change, as looking
# again and again would.
watch_begin() {
  kubectl -n production get pods -l "$CORE" --watch --output-watch-events -o json > >(jq -nr --unbuffered '
    foreach inputs as $seen ({}; .[$seen.object.metadata.uid] = ($seen.type != "DELETED"
      and ($seen.object.metadata.deletionTimestamp | not)
      and any($seen.object.status.conditions[]?; .type == "Ready" and .status == "True"));
      [.[] | select(.)] | length)' >"$WORK/ready-cores") 2>/dev/null &
  WATCH_PID=$!
  until_so 30 "the watch on production began" grep -qx 2 "$WORK/ready-cores"
}

watch_still_good() {
  local least
  kill -0 "$WATCH_PID" || fail "the watch on production has ended"
  # A watch begins by naming the two cores that are there, one after the other.
  least=$(sed -n '/^2$/,$p' "$WORK/ready-cores" | sort -n | sed -n 1p)
  ((least > 0)) || fail "production had a moment without a ready core"
  fact "production: never fewer than $least ready core(s), over $(wc -l <"$WORK/ready-cores") changes of its pods"
}

watch_end() {
  watch_still_good
  watch_stop
}

watch_stop() {
  [[ -z $WATCH_PID ]] || kill "$WATCH_PID" 2>/dev/null || true
  WATCH_PID=''
}

# event_handled STAGE COMMIT: fires one event, which a core of this commit must handle.
event_handled() {
  local stage=$1 commit=$2 key=demo-$RANDOM-$EPOCHSECONDS core line version
  core=$(kubectl -n "$stage" get deployments -l "$CORE" -o name)
  event_fired "$stage" "$core" "$key" || event_fired "$stage" "$core" "$key"
  printf '  $ %s\n' "kubectl -n $stage logs -l $CORE --tail=-1 | grep 'handled event=invoice.paid key=$key'"
  until_so 60 "the event was handled" event_line "$stage" "$key"
  line=$(event_line "$stage" "$key")
  printf '    %s\n' "$line"
  # A version is one of content; which one a commit has is said by its release.
  version=$(kubectl -n "$stage" get tenginereleases -o json \
    | jq -r --arg commit "$commit" '[.items[] | select(.spec.commit | startswith($commit)) | .status.dslVersion // empty] | last')
  [[ -n $version && $line == *"dsl_version=$version"* ]] || fail "not handled by $commit"
}

# event_fired STAGE CORE KEY: where nobody can say whether the broker has it, it may be fired again: of two with one key a core drops the second.
event_fired() {
  run kubectl -n "$1" exec "$2" -- tengine_fire -f /etc/tengine/tengined.yml.erb invoice.paid --key "$3" --properties '{"number":"2026-001"}'
}

event_line() { kubectl -n "$1" logs -l "$CORE" --tail=-1 | grep " handled event=invoice.paid key=$2 "; }
