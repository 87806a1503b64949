# shellcheck shell=bash
# What becomes of events while two cores are changed: how many were handled, by how many versions, how many were lost or handled again, and
# the longest time in which none began. They go through the broker, and the cores' own records in their database are counted.

EVENTS=${TENGINE_BENCH_EVENTS:-1000}
EVENTS_PAUSE=33 # milliseconds: thirty a second

bench_events() {
  core_serves >&2
  printf '\n%s events, thirty a second, while two cores are changed\n%-30s %8s %6s %6s %9s %14s %8s\n' \
    "$EVENTS" during handled lost again versions "longest pause" seconds
  events_row "nothing" true
  events_row "RollingUpdate" events_push
  events_row "roll-back" events_roll_back
  events_decide Resume >&2
  until_so 300 "the newest serves again" core_is_live >&2
  events_row "scale to 4, to 1, to 2" events_scale
  events_row "pod deleted" events_delete
  events_row "operator killed in a roll-out" events_operator_killed
  events_row "node drained" events_drain
  events_strategy Recreate
  events_row "Recreate" events_push
  events_strategy RollingUpdate
  events_row "core killed in its work" events_core_killed
}

# events_row WHAT COMMAND: fires, does it once a quarter was handled, and waits until all were, or no more are.
events_row() {
  local firing began seconds
  core_ask 'delete from events; delete from handled_events' >&2
  ruby "$HACK/lib/fire.rb" "amqp://$SPACE:$SPACE@$TENGINE_AMQP_HOST:$TENGINE_AMQP_PORT/$SPACE" "$EPOCHREALTIME" "$EVENTS" "$EVENTS_PAUSE" >&2 &
  firing=$!
  until_so 300 "a quarter of the events is handled" core_handled $((EVENTS / 4)) >&2
  began=$EPOCHREALTIME
  "$2" >&2
  seconds=$(say_seconds "$(say_elapsed "$began")")
  wait "$firing"
  EVENTS_UNTIL=$((SECONDS + 60))
  until_so 90 "all events are handled, or no more of them are" events_over >&2
  printf '%-30s %s %8s\n' "$1" "$(core_ask "
    select format('%8s %6s %6s %9s %12s s', count(distinct event_key) filter (where finished_at is not null),
      $EVENTS - count(distinct event_key) filter (where finished_at is not null),
      count(*) - count(distinct event_key), count(distinct dsl_version), round(extract(epoch from max(pause))::numeric, 2))
    from (select *, started_at - lag(started_at) over (order by started_at) pause
          from handled_events where event_type_name = 'tick') ticks")" "$seconds"
}

# What is lost never comes: it is not waited for without end.
events_over() { core_handled "$EVENTS" || ((SECONDS >= EVENTS_UNTIL)); }

events_push() {
  COMMIT=$(bench_push events)
  until_so 300 "the commit is live" core_is_live
  events_two_alone
}

# Two cores, and no other core any more.
events_two_alone() { until_so 300 "two cores are there, alone" events_alone; }

events_alone() {
  kubectl -n "$SPACE" get pods -l app.kubernetes.io/component=core -o json |
    jq -e '(.items | length) == 2 and all(.items[]; any(.status.conditions[]?; .type == "Ready" and .status == "True"))'
}

events_strategy() { kubectl -n "$SPACE" patch td "$SPACE" --type=merge -p "{\"spec\":{\"strategy\":{\"type\":\"$1\"}}}" >&2; }

events_decide() {
  kubectl create -f - <<YAML
apiVersion: tengine.dev/v1alpha1
kind: TengineAction
metadata: {generateName: $SPACE-, namespace: $SPACE}
spec: {deployment: $SPACE, action: $1, by: {user: "$(kubectl auth whoami -o jsonpath='{.status.userInfo.username}')"}}
YAML
}

events_roll_back() {
  events_decide RollBack
  until_so 300 "the one before serves" events_is_back
  events_two_alone
}

events_is_back() { [[ $(kubectl -n "$SPACE" get td "$SPACE" -o json | jq -r '.status | "\(.current.commit) \(.conditions[] | select(.type == "Ready").reason)"') == *" Pinned" ]]; }

events_scale() {
  local number
  for number in 4 1 2; do
    kubectl -n "$SPACE" scale td "$SPACE" --replicas="$number"
    until_so 300 "$number cores are ready" events_ready "$number"
  done
  events_two_alone
}

events_ready() { [[ $(kubectl -n "$SPACE" get td "$SPACE" -o jsonpath='{.status.readyReplicas}') == "$1" ]] && core_is_well; }

events_core() { kubectl -n "$SPACE" get pods -l app.kubernetes.io/component=core -o "jsonpath={.items[0].metadata.$1}"; }

events_delete() {
  kubectl -n "$SPACE" delete pod "$(events_core name)" --wait
  events_two_alone
}

events_operator_killed() {
  local pid
  pid=$(operator_pid "$SPACE")
  # shellcheck disable=SC2034 # for core_is_live
  COMMIT=$(bench_push events)
  until_so 120 "the roll-out is under way" events_rolls_out
  kill -KILL "$pid"
  until_so 300 "the commit is live" core_is_live
  events_two_alone
}

events_rolls_out() { [[ $(kubectl -n "$SPACE" get td "$SPACE" -o jsonpath='{.status.conditions[?(@.type=="Ready")].reason}') == RollingOut ]]; }

# The only node: it takes pods again once the first is gone, so that the next may go.
events_drain() {
  local first draining
  first=$(events_core name)
  kubectl drain "$NODE_NAME" --pod-selector="tengine.dev/deployment=$SPACE" --delete-emptydir-data --timeout=300s &
  draining=$!
  until_so 60 "the node takes no pods" events_cordoned
  until_so 120 "a core is gone" events_fewer
  kubectl uncordon "$NODE_NAME"
  wait "$draining"
  events_two_alone
  [[ $(events_core name) != "$first" ]]
}

events_cordoned() { [[ $(kubectl get node "$NODE_NAME" -o jsonpath='{.spec.unschedulable}') == true ]]; }
events_fewer() { kubectl -n "$SPACE" get pods -l app.kubernetes.io/component=core -o json | jq -e 'any(.items[]; .status.phase == "Pending")'; }

# Nobody but the kernel does so: out of memory, or a node that dies. It may lose the event in hand.
events_core_killed() {
  core_kill "$(events_core uid)"
  events_two_alone
}
