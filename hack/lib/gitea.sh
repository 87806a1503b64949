# shellcheck shell=bash
# Gitea as the Git host: http, SSH, tokens, deploy keys, webhooks. It refuses to run as root, and ordinary users do not reach the
# cache: its files are linked or copied into the cluster's state.

GITEA=$STATE/gitea
GITEA_USER=nobody

gitea_start() {
  [[ -s $GITEA/data/token ]] || gitea_prepare
  process_start gitea "$GITEA_USER" env -i HOME="$GITEA/data" PATH=/usr/bin:/bin USER="$GITEA_USER" \
    "$GITEA/bin/gitea" --config "$GITEA/app.ini" web
  process_await gitea 120 curl -fsS "http://$BRIDGE_ADDRESS:$GIT_PORT/api/healthz"
}

# Its program, configuration and an empty database with the administrator in it; the latter is made once and then kept
# in the cache.
gitea_prepare() {
  local tool template
  tool=$(tools_folder gitea)
  mkdir -p "$GITEA"
  [[ -d $GITEA/bin ]] || cp -al "$tool/bin" "$tool/static" "$GITEA/" 2>/dev/null || cp -a "$tool/bin" "$tool/static" "$GITEA/"
  gitea_config >"$GITEA/app.ini"
  template=$CACHE/gitea-$(declare -f gitea_fill gitea_config | cat - "$HACK/lib/pins.sh" <(echo "$tool") | cache_key)
  cache_fill "$template" gitea_fill
  rm -rf "$GITEA/data" "$GITEA/data.new"
  cp -a "$template" "$GITEA/data.new"
  mv "$GITEA/data.new" "$GITEA/data"
}

gitea_as_user() {
  (cd / && setpriv --reuid "$GITEA_USER" --regid "$(id -gn "$GITEA_USER")" --clear-groups \
    env -i HOME="$GITEA/data" PATH=/usr/bin:/bin USER="$GITEA_USER" "$GITEA/bin/gitea" --config "$GITEA/app.ini" "$@")
}

gitea_fill() {
  local answer
  rm -rf "$GITEA/data"
  mkdir -p "$GITEA/data"
  chown -R "$GITEA_USER" "$GITEA/data"
  if ! gitea_as_user migrate >"$STATE/log/gitea-setup.log" 2>&1; then
    tail -n 20 "$STATE/log/gitea-setup.log" >&2
    die "Gitea cannot make its database"
  fi
  answer=$(gitea_as_user admin user create --admin --username "$GIT_ADMIN" --password "$GIT_PASSWORD" \
    --email admin@example.com --must-change-password=false --access-token --access-token-name cluster \
    --access-token-scopes all 2>&1) || die "Gitea's administrator cannot be made: $answer"
  sed -nE 's/.*[Aa]ccess token was successfully created\.* *([0-9a-f]{40}).*/\1/p' <<<"$answer" >"$GITEA/data/token"
  [[ -s $GITEA/data/token ]] || die "Gitea's administrator got no token: $answer"
  cp -a "$GITEA/data/." "$1/"
  chown "$GITEA_USER" "$1"
  rm -rf "$GITEA/data"
}

# Every request, one a line; in a place that its user may write to.
gitea_access_log() { echo "$GITEA/data/access.log"; }

gitea_token() { cat "$GITEA/data/token"; }

gitea_config() {
  cat <<INI
APP_NAME = Git host of the local cluster
RUN_USER = $GITEA_USER
RUN_MODE = prod
WORK_PATH = $GITEA/data
[server]
STATIC_ROOT_PATH = $GITEA/static
HTTP_ADDR = $BRIDGE_ADDRESS
HTTP_PORT = $GIT_PORT
DOMAIN = $BRIDGE_ADDRESS
ROOT_URL = http://$BRIDGE_ADDRESS:$GIT_PORT/
START_SSH_SERVER = true
BUILTIN_SSH_SERVER_USER = git
SSH_USER = git
SSH_LISTEN_HOST = $BRIDGE_ADDRESS
SSH_DOMAIN = $BRIDGE_ADDRESS
SSH_LISTEN_PORT = $GIT_SSH_PORT
SSH_PORT = $GIT_SSH_PORT
OFFLINE_MODE = true
LFS_START_SERVER = false
[database]
DB_TYPE = sqlite3
PATH = $GITEA/data/gitea.db
SQLITE_JOURNAL_MODE = WAL
[security]
INSTALL_LOCK = true
SECRET_KEY = only-for-this-cluster
INTERNAL_TOKEN = only-for-this-cluster
[oauth2]
ENABLED = false
JWT_SECRET = b25seS1mb3ItdGhpcy1jbHVzdGVyLTMyLWJ5dGVzLW8
[service]
DISABLE_REGISTRATION = true
[repository]
DEFAULT_BRANCH = main
DEFAULT_PUSH_CREATE_PRIVATE = true
ENABLE_PUSH_CREATE_USER = true
[git.config]
uploadpack.allowFilter = true
[webhook]
ALLOWED_HOST_LIST = *
DELIVER_TIMEOUT = 5
[cron]
ENABLED = false
[actions]
ENABLED = false
[indexer]
ISSUE_INDEXER_TYPE = db
[session]
PROVIDER = memory
[log]
MODE = console
LEVEL = Warn
logger.access.MODE = access
[log.access]
MODE = file
FILE_NAME = $(gitea_access_log)
LEVEL = Info
STACKTRACE_LEVEL = None
FLAGS = none
INI
}

gitea_reset() {
  process_stop gitea TERM 5
  rm -rf "$GITEA/data" "$(process_log gitea)"
  gitea_start
}
