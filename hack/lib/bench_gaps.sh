# shellcheck shell=bash
# Seconds without an active core where one takes over from another: by HandOver, and by the one that waits with ActiveStandby. A stream of
# events goes on, and the longest time between the beginnings of two, by the cores' own records, is a round's figure.

GAPS_ROUNDS=${TENGINE_BENCH_GAPS:-10}
GAPS_EVENTS=9000 # five minutes of them: the stream is ended once another core handles them
GAPS_SETTLED=62 # what waits has to have run for a minute before it takes over from one that died

bench_gaps() {
  core_serves >&2
  gaps_one_core >&2
  printf '\none core takes over from another, %s rounds: the longest pause between two events, in seconds\n%-38s %7s %7s %7s  %s\n' "$GAPS_ROUNDS" how least median most 'aim of the longest'
  events_strategy HandOver
  gaps_row "HandOver, a new version" 2 true gaps_push
  events_strategy ActiveStandby
  gaps_row "ActiveStandby, a new version" 2 gaps_pair gaps_push
  gaps_row "ActiveStandby, SwitchOver" 2 gaps_pair gaps_switch
  gaps_row "ActiveStandby, the core killed" 5 gaps_settled gaps_kill
  gaps_row "ActiveStandby, its pod deleted" 5 gaps_settled gaps_delete
  gaps_row "ActiveStandby, its node drained" 5 gaps_settled gaps_drain
}

gaps_one_core() {
  kubectl -n "$SPACE" scale td "$SPACE" --replicas=1
  until_so 300 "one core is ready" events_ready 1
}

# gaps_row HOW AIM BEFORE COMMAND: the figures of its rounds, least, median and most. What is waited for before a round is not measured. The event in
# hand, for which there is time besides, is one of 20 ms.
gaps_row() {
  local round
  for round in $(seq 1 "$GAPS_ROUNDS"); do
    "$3" >&2
    gaps_round "$round" "$4"
  done | sort -n | awk -v how="$1" -v aim="$2" '{all[NR] = $1}
    END {printf "%-38s %7.2f %7.2f %7.2f  ≤ %s s %s\n", how, all[1], all[int((NR + 1) / 2)], all[NR], aim, all[NR] <= aim ? "met" : "missed"}'
}

gaps_round() {
  local firing
  core_ask 'delete from events; delete from handled_events' >&2
  ruby "$HACK/lib/fire.rb" "amqp://$SPACE:$SPACE@$TENGINE_AMQP_HOST:$TENGINE_AMQP_PORT/$SPACE" "$EPOCHREALTIME" "$GAPS_EVENTS" "$EVENTS_PAUSE" \
    >"$WORK/fired" &
  firing=$!
  until_so 120 "some events are handled" core_handled 60 >&2
  "$2" "$1" >&2
  until_so 180 "another core handles them" gaps_taken_over >&2
  kill -TERM "$firing"
  wait "$firing"
  # The one that a killed core had in hand is lost.
  until_so 180 "all events are handled" core_handled $(($(<"$WORK/fired") - 1)) >&2
  core_ask "select extract(epoch from max(pause)) from (select started_at - lag(started_at) over (order by started_at) pause from handled_events
    where event_type_name = 'tick') ticks"
  until_so 300 "a core serves" core_is_well >&2
}

gaps_taken_over() { [[ $(core_ask "select count(distinct server) from handled_events where event_type_name = 'tick'") -gt 1 ]]; }

gaps_push() {
  # shellcheck disable=SC2034 # for core_is_live
  COMMIT=$(bench_push "gaps $EPOCHREALTIME")
  until_so 300 "the commit is live" core_is_live
}

gaps_switch() { events_decide SwitchOver; }

gaps_kill() { core_kill "$(gaps_ready uid)"; }

gaps_delete() { kubectl -n "$SPACE" delete pod "$(gaps_ready name)" --wait=false; }

# As if the one that waits were on another node than the only one of the local cluster: it alone stays.
gaps_drain() {
  local draining
  kubectl drain "$NODE_NAME" --pod-selector="pod-template-hash=$(gaps_ready 'labels["pod-template-hash"]')" --delete-emptydir-data --timeout=120s &
  draining=$!
  until_so 120 "another core handles them" gaps_taken_over
  kubectl uncordon "$NODE_NAME"
  wait "$draining"
}

# gaps_ready FIELD: of the core that serves.
gaps_ready() { gaps_cores True | jq -r ".metadata.$1"; }

# gaps_cores READY: the cores that are so.
gaps_cores() {
  kubectl -n "$SPACE" get pods -l app.kubernetes.io/component=core -o json |
    jq -c --arg ready "$1" '.items[] | select(any(.status.conditions[]?; .type == "Ready" and .status == $ready))'
}

gaps_pair() { until_so 300 "a core waits" gaps_waits; }
gaps_waits() { [[ $(kubectl -n "$SPACE" get td "$SPACE" -o jsonpath='{.status.conditions[?(@.type=="StandbyReady")].status}') == True ]] && core_is_well; }

gaps_settled() {
  gaps_pair
  until_so 120 "the core that waits has run for a minute" gaps_has_run
}

gaps_has_run() {
  gaps_cores False | jq -e --argjson settled "$GAPS_SETTLED" '.status.containerStatuses[] | select(.name == "tengined")
    | .state.running.startedAt | . != null and now - fromdate > $settled' >/dev/null
}
