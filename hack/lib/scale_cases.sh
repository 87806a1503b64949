# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here, the others read
# The cases of bench-scale: all objects on one repository, each on its own, and many more of them.

# scale_begin CASE: the side, alone in the cluster, at rest and without an object.
scale_begin() {
  CASE=$1
  "${SIDE}_install" 1 >&2
  scale_found
  sleep 10
  scale_memory idle
  for number in $(seq 1 "$OBJECTS"); do "${SIDE}_object" "$number"; done >"$WORK/objects.yaml"
}

# Where the side's process is by now.
scale_found() {
  until_so 60 "$SIDE runs" scale_pid
  PID=$(scale_pid)
  ADDRESS=$(kubectl -n "$("${SIDE}_space")" get pods -l "$("${SIDE}_selector")" -o jsonpath='{.items[0].status.podIP}')
  until_so 60 "$SIDE tells its metrics" curl -fsS "http://$ADDRESS:8080/metrics"
}

# From the first object to the last that is Ready.
scale_new() {
  local apply written
  written=$(wc -c <"$TENGINE_AUDIT_LOG")
  apply=$EPOCHREALTIME
  kubectl apply -f "$WORK/objects.yaml" >/dev/null
  scale_note apply.seconds "$(scale_since "$apply")"
  scale_until_ready "$@"
  # Of writes that are not counted there would never be any.
  (($(scale_writes "$written") >= OBJECTS)) || fail "the audit log has what $("${SIDE}_user") writes"
}

# Both logs are counted: what the side wrote meanwhile, and how often it asked the Git host.
scale_rest() {
  local written asked
  sleep 10
  written=$(wc -c <"$TENGINE_AUDIT_LOG")
  asked=$(wc -c <"$TENGINE_GIT_ACCESS_LOG")
  scale_figure rest "$REST s at rest" sleep "$REST"
  scale_note rest.writes "$(scale_writes "$written")"
  scale_note rest.requests "$(tail -c "+$((asked + 1))" "$TENGINE_GIT_ACCESS_LOG" | grep -c "^$ADDRESS " || true)"
  scale_note further "$(awk -v key="$CASE.idle.resident" -v now="$RESIDENT" -v side="$SIDE" -v objects="$OBJECTS" -F '\t' '
    $1 == side && $2 == key {idle = $3} END {printf "%.2f", (now - idle) * 1024 / objects}' "$WORK/figures")"
}

# From a word on one object to the request at the Git host that it asks for.
scale_asked_for() {
  local start
  # Right after a look that is due anyway, so that the next one is nobody else's for a while.
  ASKED=$(wc -c <"$TENGINE_GIT_ACCESS_LOG")
  until_so 120 "a look that is due" scale_is_asked
  sleep 5
  ASKED=$(wc -c <"$TENGINE_GIT_ACCESS_LOG")
  start=$EPOCHREALTIME
  kubectl -n "$SPACE" annotate td/d1 --overwrite "tengine.dev/reconcile-at=$start" >/dev/null
  until_so 20 "the Git host is asked" scale_is_asked
  scale_note asked.seconds "$(scale_since "$start")"
}

scale_is_asked() { tail -c "+$((ASKED + 1))" "$TENGINE_GIT_ACCESS_LOG" | grep "^$ADDRESS "; }

# The process is told to end, and the kubelet starts it again in the same pod: nothing that it keeps on disk is lost.
scale_restart() {
  local written before start
  before=$(scale_versions)
  written=$(wc -c <"$TENGINE_AUDIT_LOG")
  ASKED=$(wc -c <"$TENGINE_GIT_ACCESS_LOG")
  start=$EPOCHREALTIME
  kill -TERM "$PID"
  until_so 60 "$SIDE has ended" scale_has_ended
  scale_found
  until_so "$LONGEST" "$SIDE has looked at all" scale_all_looked
  scale_note restart.seconds "$(scale_since "$start")"
  scale_note restart.processor "$(awk -v used="$(scale_ticks)" -v hertz="$(getconf CLK_TCK)" 'BEGIN {printf "%.2f", used / hertz}')"
  # What else is asked after a start (the base image, the right to push) is answered within the interval.
  sleep "$REST"
  scale_note restart.writes "$(scale_writes "$written")"
  scale_memory restart
  printf '%-9s %-5s restart: %s s, %s writes, objects %s\n' "$SIDE" "$CASE" "$(scale_median "$SIDE" "$CASE.restart.seconds")" "$(scale_writes "$written")" \
    "$([[ $(scale_versions) == "$before" ]] && echo unchanged || echo changed)"
}

scale_has_ended() { [[ ! -e /proc/$PID ]]; }

scale_all_looked() {
  local looked
  sleep 0.5
  if [[ $CASE == many ]]; then looked=$(scale_asked); else looked=$("${SIDE}_looked"); fi
  ((looked >= OBJECTS))
}

# How many of the many repositories the side has asked for since the restart.
scale_asked() {
  tail -c "+$((ASKED + 1))" "$TENGINE_GIT_ACCESS_LOG" | grep "^$ADDRESS " | grep -o " /$SCALE_OWNER/r[0-9]*\.git/" | sort -u | wc -l
}

scale_versions() {
  kubectl -n "$("${SIDE}_space")" get "$("${SIDE}_kind")" -o jsonpath='{range .items[*]}{.metadata.name} {.metadata.resourceVersion}{"\n"}{end}' | cache_key
}

# scale_writes BYTES: what the side wrote since the audit log was so long, besides its Lease.
scale_writes() {
  tail -c "+$(($1 + 1))" "$TENGINE_AUDIT_LOG" | { grep -F "\"$("${SIDE}_user")\"" || true; } | jq -r 'select(.stage == "ResponseComplete"
    and (.verb | IN("create", "update", "patch", "delete", "deletecollection")) and .objectRef.resource != "leases") | .verb' | wc -l
}

# All on one repository: new, at rest, after a push, after a restart.
scale_one() {
  [[ $SIDE != operator ]] || scale_apply_without
  scale_begin one
  scale_figure ready "all Ready" scale_new "$(scale_commit)"
  [[ $SIDE != operator ]] || scale_share
  scale_rest
  [[ $SIDE != operator ]] || scale_asked_for
  scale_push
  scale_figure push "pushed, all at it" scale_until_ready "$(scale_commit)"
  scale_restart
  "${SIDE}_remove" >&2
}

# The same objects, while nobody follows them.
scale_apply_without() {
  local start
  CASE=one
  operator_install 0 >&2
  for number in $(seq 1 "$OBJECTS"); do operator_object "$number"; done >"$WORK/objects.yaml"
  start=$EPOCHREALTIME
  kubectl apply -f "$WORK/objects.yaml" >/dev/null
  scale_note apply.without "$(scale_since "$start")"
  operator_remove >&2
}

scale_share() {
  scale_note apply.share "$(awk -F '\t' '$1 == "operator" && $2 == "one.apply.seconds" {with = $3}
    $1 == "operator" && $2 == "one.apply.without" {without = $3} END {printf "%.2f", with / without}' "$WORK/figures")"
}

# Each on a repository of its own: new, at rest, after a restart.
scale_many() {
  scale_repositories >&2
  scale_begin many
  scale_figure ready "all Ready" scale_new
  scale_rest
  scale_restart
  "${SIDE}_remove" >&2
}

# Many more, looked at more rarely.
scale_most() {
  local OBJECTS=$MOST INTERVAL=10m LONGEST=1800
  SIDE=operator
  scale_begin most
  scale_figure ready "all Ready" scale_new "$(scale_commit)"
  scale_rest
  scale_note rest.waiting "$(scale_metric tengine_operator_looks_waiting)"
  scale_restart
  operator_remove >&2
}

# Without a cluster, of the operator alone.
scale_reconcile() {
  local many cost
  SIDE=operator CASE=reconcile
  "$HACK/bench-reconcile" | tee >(cat >&2) | sed -nE 's/^among ([0-9]+): ([0-9.]+) .*/\1 \2/p' >"$WORK/reconcile"
  while read -r many cost; do scale_note "$many" "$cost"; done <"$WORK/reconcile"
}
