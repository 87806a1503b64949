# shellcheck shell=bash
# How long idle cores take to stop, to be rolled out and to be rolled back, two and eight of them. "one HUP" is what Kubernetes does by
# itself: the same Deployment without the hook before the end.

bench_core() {
  local cores
  core_serves >&2
  printf '\nidle cores, in seconds, each until the last of the old pods is gone\n%-6s %-9s %8s %9s %10s\n' cores how "stop" "roll-out" "roll-back"
  for cores in 2 8; do
    core_row "$cores" "one HUP" 'del(.spec.template.spec.containers[0].lifecycle)'
    core_row "$cores" "two HUPs" .
  done
}

# A version of which a core serves: its Deployment is what is measured.
core_serves() {
  COMMIT=$(bench_push core)
  bench_deployment "$SPACE" 2 | kubectl apply -f -
  until_so 180 "cores serve" core_is_live
}

core_is_live() { [[ $(kubectl -n "$SPACE" get td "$SPACE" -o jsonpath='{.status.current.commit}') == "$COMMIT" ]] && core_is_well; }
core_is_well() { [[ $(kubectl -n "$SPACE" get td "$SPACE" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}') == True ]]; }

# core_row CORES HOW FILTER: a copy of the core's Deployment, which the operator does not know, changed by a filter of jq.
core_row() {
  local stop out back
  kubectl -n "$SPACE" get deployments -l app.kubernetes.io/component=core -o json |
    jq --argjson cores "$1" '.items[0] | {apiVersion, kind, metadata: {name: "idle", namespace: .metadata.namespace}, spec}
      | .spec.replicas = $cores | .spec.selector = {matchLabels: {bench: "idle"}}
      | .spec.template.metadata = {labels: {bench: "idle"}} | '"$3" >"$WORK/idle.json"
  kubectl apply -f "$WORK/idle.json" >&2
  core_all_ready >&2
  stop=$(core_timed kubectl -n "$SPACE" delete "$(core_pods | head -n 1)" --wait=true)
  core_all_ready >&2
  out=$(core_timed core_replaced kubectl -n "$SPACE" patch deployment idle -p '{"spec":{"template":{"metadata":{"annotations":{"round":"2"}}}}}')
  back=$(core_timed core_replaced kubectl -n "$SPACE" rollout undo deployment/idle)
  kubectl -n "$SPACE" delete deployment idle --cascade=foreground --wait --timeout=300s >&2
  printf '%-6s %-9s %8s %9s %10s\n' "$1" "$2" "$stop" "$out" "$back"
}

core_all_ready() { kubectl -n "$SPACE" rollout status deployment/idle --timeout=300s; }
core_pods() { kubectl -n "$SPACE" get pods -l bench=idle -o name; }

# core_timed COMMAND...: how long it takes.
core_timed() {
  local began=$EPOCHREALTIME
  "$@" >&2
  say_seconds "$(say_elapsed "$began")"
}

# core_replaced COMMAND...: until all pods that were there before it are gone, and all others are ready.
core_replaced() {
  local before
  mapfile -t before < <(core_pods)
  "$@"
  core_all_ready
  kubectl -n "$SPACE" wait --for=delete "${before[@]}" --timeout=300s
}

# core_kill UID: KILL for the processes of this pod that are the core's.
core_kill() {
  local pid
  while read -r pid; do
    [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") != *tengined* ]] || kill -KILL "$pid" || true
  done < <(grep -lsF "$1" /proc/[0-9]*/cgroup | cut -d/ -f3)
}

core_handled() {
  [[ $(core_ask "select count(distinct event_key) >= $1 from handled_events where event_type_name = 'tick' and finished_at is not null") == t ]]
}

core_ask() { psql -XqAt "postgresql://$SPACE:$SPACE@$TENGINE_PG_HOST:$TENGINE_PG_PORT/$SPACE" -c "$1"; }
