# shellcheck shell=bash
# The demo's three engines: a version goes through all of them in four phases while events keep coming, and one that refuses it holds up
# nobody.

INSTANCES=(001 002 003)
INSTANCES_EVENTS=900
INSTANCES_PAUSE=100 # milliseconds
INSTANCES_COMMIT=''

instances_upgrade() {
  title "Three engines, one for each customer: a version goes through all of them in four phases"
  instances_prepare
  run kubectl apply -f examples/engines.yaml
  instances_wait WaitingForStart 240
  instances_started
  instances_wait UpToDate
  run kubectl -n production get td -l tengine.dev/deployment=engines -L tengine.dev/instance -o wide
  # The database is the same when the demo is run once more on the cluster that it left.
  instances_ask 'delete from events; delete from handled_events'
  instances_fire &
  until_so 60 "engine 001 handles events" instances_handled 20
  # shellcheck disable=SC2016 # Ruby's own
  printf 'raise "customer 3 has no archive" if ENV["MM_SERVER_NAME"].to_s.start_with?("engines-003-")\n' >"$WORK/jobs/archive.rb"
  instances_push "Archives, which not every customer has"
  instances_wait InstancesFailed
  fact "$(kubectl -n production get td/engines -o json | jq -r '.status.conditions[] | select(.type == "Ready").message')"
  run kubectl -n production get td,trel -l tengine.dev/deployment=engines -L tengine.dev/instance
  instances_started
  until_so 240 "it is live in two of three" instances_live
  instances_wait InstancesFailed
  run kubectl -n production get td/engines
  run kubectl -n production get td/engines -o jsonpath='{range .status.instances[*]}{@}{"\n"}{end}'
  [[ $(instances_serve) == 2 ]] || fail "not two engines have the version, but $(instances_serve)"
  wait $!
  until_so 120 "all events are handled" instances_handled "$INSTANCES_EVENTS"
  fact "engine 001: $(instances_events)"
  instances_events | grep -q "^$INSTANCES_EVENTS events handled once, by 2 versions" || fail "events were lost, or handled again"
  instances_fix
}

instances_fix() {
  git -C "$WORK/jobs" rm -q archive.rb
  instances_push "No archives"
  instances_wait WaitingForStart
  instances_started
  instances_wait UpToDate
  [[ $(instances_serve) == 3 ]] || fail "not all engines have the version"
  run kubectl -n production get td -l tengine.dev/deployment=engines -L tengine.dev/instance -o wide
  run kubectl -n production delete td/engines --timeout=180s
  until_so 120 "no engine is left" instances_gone
  run git -C "$WORK/jobs" checkout -q main
}

instances_prepare() {
  local id
  for id in "${INSTANCES[@]}"; do
    run hack/cluster vhost "engine-$id" "mq-$id"
    run hack/cluster database "engine-$id" "db-$id"
    install_secret production "engine-$id-mq" "engine-$id" "mq-$id"
    install_secret production "engine-$id-db" "engine-$id" "db-$id"
  done
  run git -C "$WORK/jobs" checkout -q -b engines
  instances_push "The engines' own branch"
}

# instances_push MESSAGE: to their branch.
instances_push() {
  git -C "$WORK/jobs" add -A
  run git -C "$WORK/jobs" commit -q --allow-empty -m "$1"
  run git -C "$WORK/jobs" push -q origin engines
  INSTANCES_COMMIT=$(git -C "$WORK/jobs" rev-parse HEAD)
}

# instances_wait REASON [SECONDS]: INSTANCES_COMMIT is what is live or on its way, and this is said of it.
instances_wait() { until_so "${2:-180}" "STATUS $1 of ${INSTANCES_COMMIT:0:7}" instances_say "$1"; }

instances_say() {
  kubectl -n production get td/engines -o json | jq -e --arg reason "$1" --arg commit "$INSTANCES_COMMIT" '.status
    | (.conditions[]? | select(.type == "Ready").reason) == $reason and ((.next // .current).commit == $commit)' >/dev/null
}

instances_live() { [[ $(kubectl -n production get td/engines -o jsonpath='{.status.current.commit}') == "$INSTANCES_COMMIT" ]]; }

instances_started() {
  action "deployment: engines, action: StartPhase, phase: SwitchOver, by: { user: $RELEASES_USER }"
  run kubectl create -f "$WORK/action.yaml"
}

# How many of them serve INSTANCES_COMMIT.
instances_serve() {
  kubectl -n production get td -l tengine.dev/deployment=engines -o json |
    jq --arg commit "$INSTANCES_COMMIT" '[.items[] | select(.status.current.commit == $commit)] | length'
}

instances_gone() { [[ -z $(kubectl -n production get td,pods -l tengine.dev/instance -o name) ]]; }

instances_fire() {
  ruby "$HACK/lib/fire.rb" "amqp://engine-001:mq-001@$TENGINE_AMQP_HOST:$TENGINE_AMQP_PORT/engine-001" "$EPOCHREALTIME" \
    "$INSTANCES_EVENTS" "$INSTANCES_PAUSE" invoice.booked >/dev/null
}

instances_ask() { psql -XqAt "postgresql://engine-001:db-001@$TENGINE_PG_HOST:$TENGINE_PG_PORT/engine-001" -c "$1"; }

instances_handled() { [[ $(instances_ask "select count(*) >= $1 from handled_events where finished_at is not null") == t ]]; }

instances_events() {
  instances_ask "select count(*) || ' events handled ' || case when count(*) = count(distinct event_key) then 'once' else 'again' end ||
      ', by ' || count(distinct dsl_version) || ' versions; longest pause ' || round(extract(epoch from max(pause))::numeric, 2) || ' s'
    from (select *, started_at - lag(started_at) over (order by started_at) pause from handled_events) all_of_them"
}
