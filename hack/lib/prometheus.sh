# shellcheck shell=bash
# Prometheus: what the broker says of its queues, and what the operators say of themselves.

prometheus_start() {
  mkdir -p "$STATE/prometheus"
  prometheus_config >"$STATE/prometheus/prometheus.yml"
  process_start prometheus-targets root bash "$HACK/lib/prometheus_targets.sh" "https://$BRIDGE_ADDRESS:$API_PORT" "$STATE/pki" \
    "$STATE/prometheus/operators.json"
  process_start prometheus root env GOGC=50 prometheus --config.file="$STATE/prometheus/prometheus.yml" \
    --storage.tsdb.path="$STATE/prometheus/data" --storage.tsdb.retention.time=2h --storage.tsdb.wal-segment-size=10MB \
    --web.listen-address="$PROMETHEUS" --query.max-samples=1000000 --log.level=warn
  process_await prometheus 120 curl -fsS "http://$PROMETHEUS/-/ready"
}

# The broker tells of each queue only where it is asked for it. Debian's Prometheus finds no pods by itself, but reads a file of
# targets as soon as it changes.
prometheus_config() {
  cat <<YAML
global: {scrape_interval: 5s, scrape_timeout: 4s}
scrape_configs:
- job_name: broker
  metrics_path: /metrics/detailed
  params: {family: [queue_coarse_metrics]}
  static_configs: [{targets: ["$BRIDGE_ADDRESS:$AMQP_METRICS_PORT"]}]
- job_name: operator
  file_sd_configs: [{files: ["$STATE/prometheus/operators.json"], refresh_interval: 5s}]
YAML
}

# By force: its data is thrown away.
prometheus_stop() {
  process_stop prometheus KILL
  process_stop prometheus-targets KILL
}

# What it saw of a cluster that is no more would be found by queries for a while.
prometheus_reset() {
  prometheus_stop
  rm -rf "$STATE/prometheus"
  prometheus_start
}
