# shellcheck shell=bash
# etcd, API server, controller-manager, scheduler.

etcd_start() {
  local here=http://127.0.0.1
  process_start etcd root etcd --name default --data-dir "$STATE/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls "$here:$ETCD_PORT" --advertise-client-urls "$here:$ETCD_PORT" \
    --listen-peer-urls "$here:$ETCD_PEER_PORT" --initial-advertise-peer-urls "$here:$ETCD_PEER_PORT" \
    --initial-cluster "default=$here:$ETCD_PEER_PORT"
  process_await etcd 120 curl -fsS "$here:$ETCD_PORT/health"
}

# etcd_ask WHAT: its http interface; the question is on standard input.
etcd_ask() { curl -fsS --data-binary @- "http://127.0.0.1:$ETCD_PORT/v3/kv/$1"; }

# The keys of everything there is, base64, one a line.
etcd_keys() {
  jq -n '{key: ("/" | @base64), range_end: ("0" | @base64), keys_only: true}' | etcd_ask range | jq -r '.kvs[].key'
}

# What a new cluster has in it, so that `reset` can take away the rest.
etcd_remember() { [[ -s $STATE/newborn ]] || { etcd_keys >"$STATE/newborn.new" && mv "$STATE/newborn.new" "$STATE/newborn"; }; }

# Deletes what was not there when the cluster was new, and the node, which enters itself again. The API server sees it as it sees
# any deletion. (128 is the most that etcd takes at once.)
etcd_forget() {
  etcd_keys | jq -nR --rawfile newborn "$STATE/newborn" '
    [$newborn | split("\n")[] | select(@base64d | test("^/registry/(minions|csinodes|leases/kube-node-lease)/") | not)] as $keep
    | [inputs] - $keep | _nwise(128) | {success: [.[] | {request_delete_range: {key: .}}]}' -c |
    while read -r batch; do etcd_ask txn <<<"$batch" >/dev/null; done
}

apiserver_start() {
  local pki=$STATE/pki
  apiserver_audit_policy >"$STATE/audit-policy.yaml"
  touch "$(apiserver_audit_log)" # what is there is opened for appending, and so may be emptied
  process_start apiserver root kube-apiserver \
    --etcd-servers="http://127.0.0.1:$ETCD_PORT" --bind-address=0.0.0.0 --secure-port="$API_PORT" \
    --advertise-address="$BRIDGE_ADDRESS" --service-cluster-ip-range="$SERVICE_NETWORK" --allow-privileged=true \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --service-account-key-file="$pki/service-account.pub" --service-account-signing-key-file="$pki/service-account.key" \
    --service-account-issuer=https://kubernetes.default.svc --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --kubelet-certificate-authority="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" \
    --kubelet-client-key="$pki/apiserver-kubelet-client.key" --kubelet-preferred-address-types=InternalIP \
    --audit-policy-file="$STATE/audit-policy.yaml" --audit-log-path="$(apiserver_audit_log)" \
    --audit-log-maxsize=2000
}

apiserver_audit_log() { echo "$STATE/log/audit.log"; }

# Every request is counted once, when it is answered (watches when they begin, too); what Kubernetes' own parts ask of each
# other is left out where it is only noise.
apiserver_audit_policy() {
  cat <<'YAML'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: ["system:apiserver", "system:kube-scheduler", "system:kube-controller-manager", "system:kube-proxy"]
  verbs: [get, list, watch]
- level: None
  users: ["system:apiserver", "system:kube-scheduler", "system:kube-controller-manager"]
  resources: [{group: coordination.k8s.io}]
- level: None
  userGroups: ["system:nodes"]
- level: None
  nonResourceURLs: ["/readyz*", "/livez*", "/healthz*"]
- level: Metadata
YAML
}

apiserver_is_ready() { kubectl_admin get --raw /readyz; }

apiserver_await() { process_await apiserver 180 apiserver_is_ready; }

kubectl_admin() { kubectl --kubeconfig "$STATE/pki/admin.kubeconfig" "$@"; }

# Its controllers start one after another, each with a few requests: with the default of 20 requests a second that alone takes 4 s.
controller_manager_start() {
  local pki=$STATE/pki config=$STATE/pki/controller-manager.kubeconfig
  process_start controller-manager root kube-controller-manager --kubeconfig="$config" \
    --authentication-kubeconfig="$config" --authorization-kubeconfig="$config" --bind-address=127.0.0.1 --leader-elect=false \
    --service-account-private-key-file="$pki/service-account.key" --root-ca-file="$pki/ca.crt" \
    --use-service-account-credentials --kube-api-qps=1000 --kube-api-burst=1000 \
    --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key"
}

scheduler_start() {
  process_start scheduler root kube-scheduler --kubeconfig="$STATE/pki/scheduler.kubeconfig" --bind-address=127.0.0.1 \
    --leader-elect=false
}
