#!/usr/bin/env bash
# prometheus_targets.sh API FOLDER_OF_CERTIFICATES FILE: as long as it runs, FILE tells Prometheus where the operators are: the pods with
# the label of the chart in every namespace, and their port http. Runs as a process of the cluster.
set -uo pipefail

API=$1 PKI=$2 FILE=$3

pods() {
  curl -fsS --max-time 5 --cacert "$PKI/ca.crt" --cert "$PKI/admin.crt" --key "$PKI/admin.key" \
    "$API/api/v1/pods?labelSelector=app.kubernetes.io/name%3Dtengine-operator&resourceVersion=0"
}

targets() {
  jq '[.items[] | . as $pod | select(.status.podIP and .status.phase == "Running")
    | .spec.containers[].ports // [] | .[] | select(.name == "http")
    | {targets: ["\($pod.status.podIP):\(.containerPort)"],
       labels: {namespace: $pod.metadata.namespace, pod: $pod.metadata.name}}]'
}

# An API server that does not answer changes nothing. The pause is made without a process that would outlive this one.
exec {never}<> <(:)
while true; do
  if pods | targets >"$FILE.new"; then
    cmp -s "$FILE.new" "$FILE" || mv "$FILE.new" "$FILE"
  fi 2>/dev/null
  read -rt 3 -u "$never"
done
