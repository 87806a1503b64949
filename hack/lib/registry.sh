# shellcheck shell=bash
# Two image registries over plain http: an open one, and one that wants a password.

registry_start() { registry_start_as registry "$REGISTRY"; }

auth_registry_start() {
  mkdir -p "$STATE/auth-registry"
  perl -e 'printf "%s:%s\n", $ARGV[0], crypt($ARGV[1], q($2b$05$tengineclusterregistr.))' \
    "$AUTH_REGISTRY_USER" "$AUTH_REGISTRY_PASSWORD" >"$STATE/auth-registry/htpasswd"
  registry_start_as auth-registry "$AUTH_REGISTRY" \
    "auth: {htpasswd: {realm: tengine, path: $STATE/auth-registry/htpasswd}}"
}

# registry_start_as NAME ADDRESS [MORE_CONFIGURATION]
registry_start_as() {
  mkdir -p "$STATE/$1/data"
  cat >"$STATE/$1/config.yml" <<YAML
version: 0.1
log: {level: info, formatter: json}
storage:
  filesystem: {rootdirectory: $STATE/$1/data}
  delete: {enabled: true}
  maintenance: {uploadpurging: {enabled: false}}
http:
  addr: $2
  secret: only-for-this-cluster
  headers: {X-Content-Type-Options: [nosniff]}
${3:-}
YAML
  process_start "$1" root docker-registry serve "$STATE/$1/config.yml"
  process_await "$1" 60 curl -sS "http://$2/v2/"
}

# Forgets every repository but those of the base images.
registry_reset() {
  process_stop registry
  process_stop auth-registry
  rm -rf "$STATE/auth-registry"
  local repositories=$STATE/registry/data/docker/registry/v2/repositories
  if [[ -d $repositories ]]; then
    find "$repositories" -mindepth 1 -maxdepth 1 ! -name ops ! -name tengine -exec rm -rf {} +
    find "$repositories" -mindepth 2 -maxdepth 2 -path '*/tengine/*' ! -name operator -exec rm -rf {} +
  fi
  rm -f "$(process_log registry)" "$(process_log auth-registry)"
  registry_start
  auth_registry_start
}
