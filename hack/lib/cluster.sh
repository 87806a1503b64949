# shellcheck shell=bash
# The whole: what starts after what, and how it all ends.
#
# States of the machine and what `up` does in each:
#   nothing there                     start everything
#   everything runs                   nothing
#   some parts run (one died, or an   start the missing ones; they find their data as they left it
#   `up` was killed)
#   no part runs, leftovers are there clean up as `down` does, then start everything
#   a `down` was killed               finish it, then start everything

PARTS=(etcd apiserver controller-manager scheduler containerd kubelet proxy registry auth-registry gitea epmd rabbitmq postgresql
  prometheus-targets prometheus)

# One command at a time changes the cluster; the lock is on a folder that is always there, and goes with its holder.
cluster_lock() {
  ((EUID == 0)) || die "the cluster must be run as root"
  exec {LOCK_FD}</var/lib
  flock -n "$LOCK_FD" && return
  say "waiting for another hack/cluster to finish"
  flock "$LOCK_FD"
}

cluster_running_parts() {
  local part
  for part in "${PARTS[@]}"; do ! process_is_running "$part" || echo "$part"; done
}

# shellcheck disable=SC2153
cluster_is_up() { [[ $(cluster_running_parts | wc -l) == "${#PARTS[@]}" && -e $STATE/ready ]]; }

cluster_up() {
  packages_ensure "${PACKAGES_CLUSTER[@]}" "${PACKAGES_BUILD[@]}"
  tools_ensure
  if cluster_is_up; then
    say "the cluster is up"
    return
  fi
  if [[ -e $STATE/going-down || (-d $STATE && -z $(cluster_running_parts)) ]]; then
    say "cleaning up after a run that was cut short"
    cluster_down
  fi
  mkdir -p "$STATE/run" "$STATE/log"
  chmod 711 "$STATE"
  network_up
  say_step "certificates" pki_ensure
  cluster_in_parallel cluster_start_control_plane cluster_start_node cluster_start_registries cluster_start_gitea \
    cluster_start_broker cluster_start_database cluster_start_prometheus
  say_step "node ready" node_await
  etcd_remember
  touch "$STATE/ready"
  say "the cluster is up; for its addresses: eval \"\$(hack/cluster env)\""
}

# Each in a shell of its own; fails when one of them does, after all have ended.
cluster_in_parallel() {
  local step pids=() failed=0
  for step in "$@"; do
    "$step" &
    pids+=($!)
  done
  for step in "${pids[@]}"; do wait "$step" || failed=1; done
  ((failed == 0)) || die "some of it failed; the logs are in $STATE/log"
}

cluster_start_control_plane() {
  say_step "etcd" etcd_start
  apiserver_start
  say_step "API server" apiserver_await
  controller_manager_start
  scheduler_start
}

# The kubelet keeps trying until the API server answers; kube-proxy ends when it does not.
cluster_start_node() {
  say_step "containerd" containerd_start
  process_is_running kubelet || cluster_await_api
  kubelet_start
  proxy_start
}

cluster_await_api() {
  local deadline=$((SECONDS + 90))
  until apiserver_is_ready >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "the API server did not come up"
    sleep 0.2
  done
}

cluster_start_registries() {
  say_step "registries" registry_start
  auth_registry_start
  image_pause_ensure
}

cluster_start_gitea() { say_step "Gitea" gitea_start; }
cluster_start_broker() { say_step "RabbitMQ" broker_start; }
cluster_start_database() { say_step "PostgreSQL" database_start; }

# What it scrapes may come later.
cluster_start_prometheus() { say_step "Prometheus" prometheus_start; }

# Users of a thing end before the thing; each is waited for, for the next cluster needs the same ports.
cluster_down() {
  [[ -d $STATE ]] || return 0
  mkdir -p "$STATE/run" "$STATE/log"
  rm -f "$STATE/ready"
  touch "$STATE/going-down"
  cluster_in_parallel cluster_stop_node cluster_stop_services
  node_clean
  network_down
  rm -rf "$STATE"
}

cluster_stop_node() {
  local part
  cluster_stop_around_api TERM
  for part in apiserver etcd; do process_stop "$part"; done
  process_stop containerd
}

cluster_stop_services() {
  prometheus_stop
  process_stop registry
  process_stop auth-registry
  process_stop gitea TERM 5
  database_stop
  broker_stop
}

# cluster_stop_around_api SIGNAL: all of Kubernetes but the API server and its store; and every pod.
cluster_stop_around_api() {
  local part
  for part in controller-manager scheduler kubelet proxy; do process_stop "$part" "$1"; done
  node_end_pods
}

# An empty cluster, quickly: Kubernetes forgets all it knew (images already pulled stay with containerd), as do the services. The
# API server goes on running, for its start is half of what a whole start takes.
cluster_reset() {
  cluster_is_up || die "the cluster is not up"
  rm -f "$STATE/ready"
  cluster_in_parallel cluster_reset_kubernetes registry_reset gitea_reset broker_reset database_reset prometheus_reset
  say_step "node ready" node_await
  touch "$STATE/ready"
}

cluster_reset_kubernetes() {
  cluster_stop_around_api KILL
  say_step "objects forgotten" etcd_forget
  : >"$(apiserver_audit_log)"
  controller_manager_start
  scheduler_start
  containerd_forget_pods
  rm -rf "$STATE/kubelet/root" "$STATE/kubelet/logs"
  cluster_start_node
}

cluster_status() {
  local part pid state=up
  for part in "${PARTS[@]}"; do
    if pid=$(process_pid "$part"); then
      printf '%-20s running  pid %-8s %s\n' "$part" "$pid" "$(process_log "$part")"
    else
      printf '%-20s -\n' "$part"
      state=down
    fi
  done
  [[ $state == up && -e $STATE/ready ]] || { echo "the cluster is not up"; return 1; }
  PATH=$(tools_path):$PATH kubectl_admin get nodes,pods -A --no-headers 2>&1 | sed 's/^/  /'
}

# Lines for a shell to evaluate: everything a test needs to know.
cluster_env() {
  cat <<ENV
export KUBECONFIG=$STATE/pki/admin.kubeconfig
export PATH=$(tools_path):\$PATH
export TENGINE_HOST=$BRIDGE_ADDRESS
export TENGINE_API_URL=https://$BRIDGE_ADDRESS:$API_PORT
export TENGINE_AUDIT_LOG=$(apiserver_audit_log)
export TENGINE_LOGS=$STATE/log
export TENGINE_KUBELET_PID_FILE=$(process_pid_file kubelet)
export TENGINE_REGISTRY=$REGISTRY
export TENGINE_REGISTRY_LOG=$(process_log registry)
export TENGINE_AUTH_REGISTRY=$AUTH_REGISTRY
export TENGINE_AUTH_REGISTRY_USER=$AUTH_REGISTRY_USER
export TENGINE_AUTH_REGISTRY_PASSWORD=$AUTH_REGISTRY_PASSWORD
export TENGINE_AUTH_REGISTRY_LOG=$(process_log auth-registry)
export TENGINE_GIT_URL=http://$BRIDGE_ADDRESS:$GIT_PORT
export TENGINE_GIT_SSH=ssh://git@$BRIDGE_ADDRESS:$GIT_SSH_PORT
export TENGINE_GIT_ADMIN=$GIT_ADMIN
export TENGINE_GIT_PASSWORD=$GIT_PASSWORD
export TENGINE_GIT_TOKEN=$(gitea_token 2>/dev/null)
export TENGINE_GIT_LOG=$(process_log gitea)
export TENGINE_GIT_ACCESS_LOG=$(gitea_access_log)
export TENGINE_AMQP_HOST=$BRIDGE_ADDRESS
export TENGINE_AMQP_PORT=$AMQP_PORT
export TENGINE_AMQP_API=http://$BRIDGE_ADDRESS:$AMQP_API_PORT
export TENGINE_AMQP_ADMIN=$AMQP_ADMIN
export TENGINE_AMQP_PASSWORD=$AMQP_PASSWORD
export TENGINE_PG_HOST=$BRIDGE_ADDRESS
export TENGINE_PG_PORT=$POSTGRES_PORT
export TENGINE_PG_ADMIN=$POSTGRES_ADMIN
export TENGINE_PG_PASSWORD=$POSTGRES_PASSWORD
export TENGINE_PROMETHEUS=http://$PROMETHEUS
export TENGINE_RUBY_IMAGE=$RUBY_IMAGE
export TENGINE_CORE_IMAGE=$CORE_IMAGE
export TENGINE_BROKEN_CORE_IMAGE=$BROKEN_CORE_IMAGE
export TENGINE_OPERATOR_IMAGE=$OPERATOR_IMAGE
ENV
}
