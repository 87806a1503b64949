# shellcheck shell=bash
# The bridge that pods and host share, and everything the cluster leaves in the kernel's network tables.

NETWORK_SETTINGS=(net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.ipv4.conf.all.route_localnet
  vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes
  net.netfilter.nf_conntrack_max net.netfilter.nf_conntrack_tcp_timeout_established
  net.netfilter.nf_conntrack_tcp_timeout_close_wait)

network_up() {
  network_remember_settings
  if command -v modprobe >/dev/null; then modprobe -qa overlay br_netfilter 2>/dev/null || true; fi
  sysctl -qw net.ipv4.ip_forward=1
  ip link show "$BRIDGE" >/dev/null 2>&1 || ip link add "$BRIDGE" type bridge
  ip address replace "$BRIDGE_ADDRESS/${POD_NETWORK#*/}" dev "$BRIDGE"
  # A bridge that was given no address takes the lowest of its ports', another one as pods come and go; whoever still knows the one before
  # reaches nobody for up to eight seconds.
  ip link set "$BRIDGE" address "$BRIDGE_MAC" up
}

# Whether the bridge keeps its address where a port with the lowest one of all comes.
network_keeps_its_address() {
  local port=lowest before after
  before=$(<"/sys/class/net/$BRIDGE/address")
  ip link add "$port" address 02:00:00:00:00:00 type veth peer name "$port-end"
  ip link set "$port" master "$BRIDGE" && after=$(<"/sys/class/net/$BRIDGE/address")
  ip link delete "$port"
  [[ $before == "${after:-}" ]]
}

# Kubelet and kube-proxy change some of the kernel's settings; `down` puts them back.
network_remember_settings() {
  local file=$STATE/sysctl.conf
  [[ -e $file ]] && return
  sysctl "${NETWORK_SETTINGS[@]}" 2>/dev/null >"$file.new" || true
  mv "$file.new" "$file"
}

network_down() {
  network_remove_chains iptables
  network_remove_chains ip6tables
  local link
  for link in $(ip -o link show master "$BRIDGE" 2>/dev/null | awk -F': ' '{sub(/@.*/, "", $2); print $2}'); do
    ip link delete "$link" 2>/dev/null || true
  done
  if ip link show "$BRIDGE" >/dev/null 2>&1; then ip link delete "$BRIDGE"; fi
  [[ ! -e $STATE/sysctl.conf ]] || sysctl -qp "$STATE/sysctl.conf" >/dev/null 2>&1 || true
}

# Rewrites each table without kube-proxy's and the port mapper's chains, at one stroke.
network_remove_chains() {
  local tables
  command -v "$1-save" >/dev/null || return 0
  tables=$("$1-save" 2>/dev/null) || return 0
  grep -qE 'KUBE-|CNI-' <<<"$tables" || return 0
  grep -vE 'KUBE-|CNI-' <<<"$tables" | "$1-restore"
}
