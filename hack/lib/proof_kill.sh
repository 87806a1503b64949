# shellcheck shell=bash
# The operator's process ended by SIGKILL in the middle of a step. Whether the kill came in time is looked at afterwards, while
# nothing of the operator runs; one that came too late proves nothing and is tried again with another commit.

OPERATOR_POD=app.kubernetes.io/name=tengine-operator

# The releases of COMMIT, of the deployment billing or of another one; what they say; what the cluster was told; what the user is told.
of_commit() {
  kubectl -n production get tenginereleases -o json |
    jq --arg commit "$COMMIT" --arg of "${1:-billing}" '[.items[] | select(.spec.commit == $commit and .spec.deployment == $of)]'
}
released() { of_commit | jq -e 'length == 1'; }
image_told() { of_commit | jq -e 'any(.status.image)'; }
image_there() { crane ls "$TENGINE_REGISTRY/demo/billing" | grep "^${COMMIT:0:7}-"; }
core_json() { kubectl -n production get deployments -l "$CORE" -o json | jq '.items[0]'; }
rolling() { core_json | jq -e --arg short "${COMMIT:0:7}" '.metadata.labels["tengine.dev/commit"] == $short'; }
rolled_out() {
  rolling && core_json | jq -e '.status | .observedGeneration and .updatedReplicas == 2 and .replicas == 2 and .availableReplicas == 2'
}
live_told() { [[ $(kubectl -n production get td/billing -o jsonpath='{.status.current.commit}') == "$COMMIT" ]]; }

is_live() { of_commit "$1" | jq -e 'any(.[]; .status.live == "True")'; }

was_fetching() { released && ! image_there && ! image_told; }
was_pushed() { image_there && ! image_told; }
was_image_made() { image_told && ! rolling; }
was_rolling() { rolling && ! rolled_out; }
was_rolled_out() { rolled_out && ! live_told; }
was_node_lost() { was_rolling; }

# killed_at STEP
killed_at() {
  local step=$1 try in_time=''
  for try in 1 2 3 4 5; do
    PID=$(operator_pid tengine-system)
    kill_commit "$step" "$try"
    "kill_when_$step"
    ! "was_$step" >/dev/null || in_time=yes
    wait_live production "$COMMIT"
    # Each kill finds both at the same commit.
    [[ -z ${TWIN:-} ]] || until_so 120 "the other one is at it, too" is_live "$TWIN"
    one_release_one_image
    [[ -z $in_time ]] || break
  done
  [[ -n $in_time ]] || fail "the kill never came in time"
  fact "killed in time, attempt $try; one release, one push, live"
  # A container that ended often waits before it starts: the next kill gets another pod.
  kubectl -n tengine-system delete pods -l "$OPERATOR_POD"
  kubectl -n tengine-system rollout status deployment/tengine-operator --timeout=90s
}

# Two deployments ask for the same image: they share the fetch, the check and the push, and each has a release of its own. There is
# no vhost and no database for the second, so it runs nothing and tries nothing against them.
killed_in_shared_work() {
  local step TWIN=twin
  trap 'kubectl -n production delete td/twin --ignore-not-found --timeout=60s' EXIT
  kubectl -n production get td/billing -o json | jq '{apiVersion, kind, spec, metadata: {name: "twin", namespace: "production"}}
    | del(.spec.checks) | .spec.replicas = 0 | .spec.tengine |= (.eventQueue.vhost = "twin" | .database.name = "twin" | .heartbeatWatchd.enabled = false | .atd.enabled = false)' |
    kubectl apply -f -
  run kubectl -n production wait td/twin --for=condition=Ready --timeout=120s
  for step in fetching pushed; do
    killed_at "$step"
    until_so 120 "the other one has the same image" twin_has_it
    one_release_one_image
  done
}

twin_has_it() {
  local image
  image=$(of_commit | jq -r '.[0].status.image')
  of_commit twin | jq -e --arg image "$image" 'length == 1 and .[0].status.image == $image'
}

# kill_commit STEP TRY: a commit that is not pushed yet. Weight makes a fetch last.
kill_commit() {
  echo "# $1 $EPOCHREALTIME" >>"$WORK/jobs/nightly.rb"
  rm -f "$WORK/jobs/ballast.txt"
  [[ $1 != fetching ]] || head -c 6000000 /dev/urandom | base64 >"$WORK/jobs/ballast.txt"
  git -C "$WORK/jobs" add -A
  git -C "$WORK/jobs" commit -qm "Kill the operator: $1, attempt $2"
  COMMIT=$(git -C "$WORK/jobs" rev-parse HEAD)
}

kill_push() { git -C "$WORK/jobs" push -q origin main; }

# kill_at_line PATTERN COMMAND...: pushes once the stream flows, and kills at its first line that matches.
kill_at_line() {
  local pattern=$1 lines=$WORK/lines stream
  shift
  rm -f "$lines"
  mkfifo "$lines"
  "$@" >"$lines" 2>/dev/null &
  stream=$!
  exec {LINES_FD}<"$lines"
  kill_push
  timeout 120 grep -m1 -- "$pattern" <&"$LINES_FD" && kill -KILL "$PID"
  exec {LINES_FD}<&-
  kill "$stream" 2>/dev/null || true
}

releases_told() { exec kubectl -n production get tenginereleases --watch -o "jsonpath={.spec.commit} {.status.image}{\"\\n\"}"; }
registry_told() { exec tail -n 0 -F "$TENGINE_REGISTRY_LOG"; }

# The release is there, and a worker runs.
kill_when_fetching() {
  kill_push
  until_so 60 "a release" released
  until_so 60 "a worker runs" pgrep -P "$PID"
  kill -KILL "$PID"
}

kill_when_pushed() { kill_at_line "\"PUT /v2/demo/billing/manifests/${COMMIT:0:7}-[^ ]* HTTP/1.1\" 201" registry_told; }
kill_when_image_made() { kill_at_line "^$COMMIT .*@sha256:" releases_told; }

kill_when_rolling() {
  kill_push
  until_so 120 "the roll-out began" rolling
  kill -KILL "$PID"
}

# Stopped before it can write what it will not have seen.
kill_when_rolled_out() {
  kill_push
  until_so 120 "the roll-out began" rolling
  kill -STOP "$PID"
  until_so 60 "the roll-out ended" rolled_out
  kill -KILL "$PID"
}

# The pod vanishes as with its node; its Lease runs out before another leads.
kill_when_node_lost() {
  kill_push
  until_so 120 "the roll-out began" rolling
  kubectl -n tengine-system delete pods -l "$OPERATOR_POD" --grace-period=0 --force
}

one_release_one_image() {
  local images pushes
  [[ $(of_commit | jq length) == 1 ]] || fail "more than one release of $COMMIT"
  images=$(image_there | wc -l)
  [[ $images == 1 ]] || fail "$images images of $COMMIT"
  pushes=$(grep -c "\"PUT /v2/demo/billing/manifests/${COMMIT:0:7}-[^ ]* HTTP/1.1\" 201" "$TENGINE_REGISTRY_LOG")
  [[ $pushes == 1 ]] || fail "$COMMIT was pushed $pushes times"
}
