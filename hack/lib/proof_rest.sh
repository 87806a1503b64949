# shellcheck shell=bash
# Twenty deployments at rest: what the operator writes and asks in a minute, from the audit log of the API server and the access
# logs of registry and Git host.

REST_OBJECTS=20    # production's, and the others in staging: one that runs a core, the rest stopped
REST_SOURCE=20     # seconds between two looks at the branch; production's are 5
REST_BASE=30       # seconds between two looks at the base image; production's are the default, 600
OPERATOR=system:serviceaccount:tengine-system:tengine-operator

rest_objects() {
  local number
  for number in $(seq 1 $((REST_OBJECTS - 1))); do
    kubectl create --dry-run=client -o json -f examples/staging.yaml |
      jq --arg name "rest-$number" --arg source "${REST_SOURCE}s" --arg base "${REST_BASE}s" '
        .metadata.name = $name | .spec.source.interval = $source | .spec.image.base.interval = $base
        | if $name == "rest-1" then . else .spec.replicas = 0
            | .spec.tengine.eventQueue.vhost = $name | .spec.tengine.database.name = $name end'
  done
}

# Requests of the operator in the audit log since a moment, one a line.
asked_since() {
  grep -F "\"$OPERATOR\"" "$TENGINE_AUDIT_LOG" | jq -r --arg since "$1" 'select(.stage == "ResponseComplete"
    and .stageTimestamp > $since) | "\(.verb) \(.objectRef.resource)\(if .objectRef.subresource then "/" + .objectRef.subresource else "" end)"'
}

written_since() { asked_since "$1" | grep -vE ' leases$' | grep -E '^(create|update|patch|delete)'; }

moment() { date -u -d "${1:-now}" +%Y-%m-%dT%H:%M:%S.000000Z; }
quiet() { ! written_since "$(moment '10 seconds ago')"; }
minute_since() { (($(date +%s) - $(date -d "$1" +%s) >= 60)); }

at_rest() {
  local since git registry address
  rest_objects | kubectl apply -f -
  run kubectl -n staging wait td --all --for=condition=Ready --timeout=300s
  wait_reason production UpToDate
  until_so 120 "nothing is written for ten seconds" quiet
  address=$(kubectl -n tengine-system get pods -l app.kubernetes.io/name=tengine-operator -o jsonpath='{.items[0].status.podIP}')
  since=$(moment)
  git=$(wc -l <"$TENGINE_GIT_ACCESS_LOG")
  registry=$(wc -l <"$TENGINE_REGISTRY_LOG")
  until_so 90 "a minute has passed" minute_since "$since"
  tail -n "+$((git + 1))" "$TENGINE_GIT_ACCESS_LOG" | grep "^$address .*/$REPOSITORY\\.git/" >"$WORK/git" || true
  tail -n "+$((registry + 1))" "$TENGINE_REGISTRY_LOG" | grep "^$address .*\"tengine-operator/" >"$WORK/registry" || true
  asked_since "$since" | sort | uniq -c
  ! written_since "$since" || fail "something was written"
  fact "$REST_OBJECTS deployments, 60 s: nothing written but the Lease ($(asked_since "$since" | grep -c leases) requests)"
  git_within_interval
  registry_within_interval
  kubectl -n staging delete td --all --timeout=120s
}

# All follow one repository with equal credentials: one look serves them all, within the shortest of their intervals. Since the host said before how it
# is asked, which is asked for anew every five minutes, it is one request.
git_within_interval() {
  local looks allowed
  allowed=$((60 / 5 + 2))
  looks=$(grep -c '"POST [^ ]*/git-upload-pack HTTP/1.1" 200' "$WORK/git")
  ((looks > 0)) || fail "nobody looked at Git"
  ((looks <= allowed)) || fail "$looks looks at Git, $allowed are within the interval"
  (($(wc -l <"$WORK/git") <= looks + 1)) || fail "$(wc -l <"$WORK/git") requests for $looks looks at Git"
  fact "$looks looks at the branch in $(wc -l <"$WORK/git") requests, $allowed would be within the intervals"
}

registry_within_interval() {
  local looks allowed
  allowed=$((60 / REST_BASE + 2))
  looks=$(grep -c '"HEAD /v2/ops/tengine-core/manifests/[^ ]* HTTP/1.1" 200' "$WORK/registry")
  ((looks <= allowed)) || fail "$looks looks at the base image, $allowed are within the interval"
  (($(wc -l <"$WORK/registry") == looks)) || { cat "$WORK/registry"; fail "the registry was asked for more than base images"; }
  fact "$looks looks at the base image in as many requests, $allowed would be within the intervals"
}
