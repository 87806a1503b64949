# shellcheck shell=bash
# The one node: containerd, kubelet, kube-proxy; and what they leave behind.

CONTAINERD=$STATE/containerd

containerd_start() {
  local said=0
  mkdir -p "$CONTAINERD/cni"
  containerd_trust_registry "$REGISTRY"
  containerd_trust_registry "$AUTH_REGISTRY"
  containerd_network >"$CONTAINERD/cni/10-tengine.conflist"
  containerd_config >"$CONTAINERD/config.toml"
  process_is_running containerd || said=$(wc -c 2>/dev/null <"$(process_log containerd)" || echo 0)
  process_start containerd root containerd --config "$CONTAINERD/config.toml"
  process_await containerd 120 containerd_is_up "$said"
}

# It answers before it serves the kubelet, which ends where it finds that so; the last word before it does is in what its log says beyond so many bytes.
containerd_is_up() { containerd_ctr version && tail -c "+$(($1 + 1))" "$(process_log containerd)" | grep 'Start streaming server'; }

containerd_ctr() { ctr --address "$CONTAINERD/containerd.sock" --namespace k8s.io "$@"; }

# With every process of theirs ended: containerd starts anew without any container, but with the images it pulled.
containerd_forget_pods() {
  containerd_ctr containers list -q | xargs -r -n 50 "$(type -P ctr)" --address "$CONTAINERD/containerd.sock" --namespace k8s.io \
    containers delete >/dev/null 2>&1 || true
  process_stop containerd
  node_clean
  rm -rf "$CONTAINERD/state" "$CONTAINERD/runc" "$STATE/addresses"
}

containerd_trust_registry() {
  mkdir -p "$CONTAINERD/registries/$1"
  printf 'server = "http://%s"\n[host."http://%s"]\n  capabilities = ["pull", "resolve"]\n' "$1" "$1" \
    >"$CONTAINERD/registries/$1/hosts.toml"
}

# Pods get addresses from the bridge; there is no masquerading, for there is nowhere else to go.
containerd_network() {
  cat <<JSON
{"cniVersion": "0.4.0", "name": "tengine", "plugins": [
  {"type": "bridge", "bridge": "$BRIDGE", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$STATE/addresses",
            "ranges": [[{"subnet": "$POD_NETWORK", "rangeStart": "${BRIDGE_ADDRESS%.*}.10"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}
]}
JSON
}

# restrict_oom_score_adj: without CAP_SYS_RESOURCE runc may not lower a score, and dies.
containerd_config() {
  cat <<TOML
version = 2
root = "$CONTAINERD/root"
state = "$CONTAINERD/state"
[grpc]
  address = "$CONTAINERD/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$CONTAINERD/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$CONTAINERD/registries"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      Root = "$CONTAINERD/runc"
TOML
}

kubelet_start() {
  mkdir -p "$STATE/kubelet"
  echo "nameserver $BRIDGE_ADDRESS" >"$STATE/kubelet/resolv.conf"
  kubelet_config >"$STATE/kubelet/config.yaml"
  process_start kubelet root kubelet --config="$STATE/kubelet/config.yaml" --kubeconfig="$STATE/pki/kubelet.kubeconfig" \
    --hostname-override="$NODE_NAME" --node-ip="$BRIDGE_ADDRESS" --root-dir="$STATE/kubelet/root" --cert-dir="$STATE/kubelet/pki"
}

# No name server runs here (pods use addresses): a question for a name is refused at once instead of timing out.
kubelet_config() {
  cat <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
failSwapOn: false
failCgroupV1: false
containerRuntimeEndpoint: unix://$CONTAINERD/containerd.sock
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $STATE/pki/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: $STATE/pki/kubelet.crt
tlsPrivateKeyFile: $STATE/pki/kubelet.key
clusterDNS: [$BRIDGE_ADDRESS]
clusterDomain: cluster.local
resolvConf: $STATE/kubelet/resolv.conf
podLogsDir: $STATE/kubelet/logs
volumePluginDir: $STATE/kubelet/volume-plugins
makeIPTablesUtilChains: false
serializeImagePulls: false
registryPullQPS: 0
maxPods: 200
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 99
imageGCLowThresholdPercent: 98
YAML
}

proxy_start() {
  process_start proxy root kube-proxy --kubeconfig="$STATE/pki/proxy.kubeconfig" --proxy-mode=iptables \
    --cluster-cidr="$POD_NETWORK" --hostname-override="$NODE_NAME" --conntrack-max-per-core=0 \
    --metrics-bind-address=127.0.0.1:10249
}

node_is_ready() {
  [[ $(kubectl_admin get node "$NODE_NAME" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}') == True ]] &&
    kubectl_admin get serviceaccount default
}

node_await() { process_await kubelet 180 node_is_ready; }

# Ends every pod's processes. containerd's shims and the containers in them outlive it, and they have no pid file of
# ours: they are found by our socket in their arguments, and by the kubelet's control groups.
node_end_pods() {
  local pid round
  for round in 1 2 3 4 5 6 7 8 9 10; do
    local pids=()
    mapfile -t pids < <({ node_shims; node_pod_processes; } | sort -un)
    ((${#pids[@]})) || return 0
    for pid in "${pids[@]}"; do kill -s KILL "$pid" 2>/dev/null || true; done
    sleep "0.$((round > 4 ? 5 : 1))"
  done
  say "still there after SIGKILL: ${pids[*]}"
}

node_shims() {
  grep -lsFz -- "$CONTAINERD/containerd.sock" /proc/[0-9]*/cmdline | while IFS=/ read -r _ _ pid _; do
    [[ $(readlink "/proc/$pid/exe") != */containerd-shim* ]] || echo "$pid"
  done
}

node_pod_groups() { find /sys/fs/cgroup -depth -type d -path '*/kubepods*' 2>/dev/null || true; }

node_pod_processes() {
  local group
  node_pod_groups | while read -r group; do cat "$group/cgroup.procs" 2>/dev/null || true; done
}

# Unmounts and removes what kubelet, containerd and the network plug-ins leave, once none of them runs.
node_clean() {
  local group mount
  node_end_pods
  awk -v state="$STATE/" 'index($5, state) == 1 {print $5}' /proc/self/mountinfo | sort -r | while read -r mount; do
    umount -l "$mount" || true
  done
  node_pod_groups | while read -r group; do rmdir "$group" 2>/dev/null || true; done
  node_clean_shared_folders
}

# Folders whose place these programs do not let anyone choose; only what is of this cluster is removed from them.
node_clean_shared_folders() {
  local link
  for link in /var/log/containers/*; do
    [[ -L $link && $(readlink "$link") == "$STATE"/* ]] && rm -f "$link"
  done
  [[ ! -d /var/lib/cni/results ]] || find /var/lib/cni/results \( -name 'tengine-*' -o -name 'cni-loopback-*' \) -delete
  rm -f /var/lib/kubelet/device-plugins/{kubelet.sock,kubelet_internal_checkpoint,DEPRECATION}
  [[ ! -d /run/containerd/s ]] || node_clean_shim_sockets
  rmdir --ignore-fail-on-non-empty -p /var/lib/cni/results /var/lib/kubelet/device-plugins /run/containerd/s /var/log/containers \
    2>/dev/null || true
}

node_clean_shim_sockets() {
  local socket
  for socket in /run/containerd/s/*; do
    [[ -S $socket ]] && ! grep -q " $socket\$" /proc/net/unix && rm -f "$socket"
  done
  return 0
}
