# shellcheck shell=bash
# RabbitMQ, with its management interface: made and asked over http, because its command line takes a second a call; and with its
# metrics for Prometheus.

BROKER=$STATE/rabbitmq

# Erlang's port mapper is started first, as a process of ours: the broker would leave one of its own behind.
broker_start() {
  mkdir -p "$BROKER/data"
  broker_config >"$BROKER/rabbitmq.conf"
  echo '[rabbitmq_management,rabbitmq_prometheus].' >"$BROKER/enabled_plugins"
  chown -R rabbitmq: "$BROKER"
  process_start epmd rabbitmq epmd -address 127.0.0.1 -port "$EPMD_PORT"
  process_await epmd 60 broker_port_mapper_answers
  process_start rabbitmq rabbitmq env -i HOME="$BROKER" PATH=/usr/sbin:/usr/bin:/bin LANG=C.UTF-8 ERL_EPMD_PORT="$EPMD_PORT" \
    RABBITMQ_NODENAME=tengine@localhost RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE="$BROKER/rabbitmq" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$BROKER/enabled_plugins" RABBITMQ_MNESIA_BASE="$BROKER/data" \
    RABBITMQ_LOGS=- RABBITMQ_LOG_BASE="$BROKER/log" RABBITMQ_DIST_PORT=$((AMQP_PORT + 20000)) \
    RABBITMQ_SERVER_START_ARGS="-start_epmd false" RABBITMQ_ALLOW_INPUT=1 \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-noinput +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}" \
    /usr/lib/rabbitmq/bin/rabbitmq-server
  process_await rabbitmq 180 broker_is_ready
}

broker_port_mapper_answers() { epmd -address 127.0.0.1 -port "$EPMD_PORT" -names; }

broker_is_ready() { broker_api GET overview; }

# The administrator is made by the broker itself at its first start.
broker_config() {
  cat <<CONF
listeners.tcp.default = $BRIDGE_ADDRESS:$AMQP_PORT
management.tcp.ip = $BRIDGE_ADDRESS
management.tcp.port = $AMQP_API_PORT
management.rates_mode = none
prometheus.tcp.ip = $BRIDGE_ADDRESS
prometheus.tcp.port = $AMQP_METRICS_PORT
default_user = $AMQP_ADMIN
default_pass = $AMQP_PASSWORD
default_user_tags.administrator = true
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
log.console.level = warning
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 512MB
CONF
}

# broker_api METHOD PATH [BODY]
broker_api() {
  curl -fsS -u "$AMQP_ADMIN:$AMQP_PASSWORD" -X "$1" -H 'Content-Type: application/json' ${3:+--data "$3"} \
    "http://$BRIDGE_ADDRESS:$AMQP_API_PORT/api/$2"
}

# broker_vhost NAME [PASSWORD]: a virtual host and a user of the same name who may do everything in it.
broker_vhost() {
  local name=$1 password=${2:-$1} all='{"configure":".*","write":".*","read":".*"}'
  broker_api PUT "vhosts/$name"
  broker_api PUT "users/$name" "{\"password\":\"$password\",\"tags\":\"\"}"
  broker_api PUT "permissions/$name/$name" "$all"
  broker_api PUT "permissions/$name/$AMQP_ADMIN" "$all"
  echo "amqp://$name:$password@$BRIDGE_ADDRESS:$AMQP_PORT/$name"
}

broker_stop() {
  process_stop rabbitmq KILL # an orderly end takes seconds, for data that is thrown away
  process_stop epmd TERM 3
}

# Removes every virtual host and user that was added, and everything in the default one.
broker_reset() {
  local name
  for name in $(broker_api GET vhosts | jq -r '.[].name | @uri'); do broker_api DELETE "vhosts/$name"; done
  for name in $(broker_api GET users | jq -r '.[].name | @uri'); do
    [[ $name == "$AMQP_ADMIN" ]] || broker_api DELETE "users/$name"
  done
  broker_api PUT vhosts/%2F
  broker_api PUT "permissions/%2F/$AMQP_ADMIN" '{"configure":".*","write":".*","read":".*"}'
}
