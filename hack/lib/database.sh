# shellcheck shell=bash
# PostgreSQL: Debian's programs, a data folder and a port of our own.

DATABASE=$STATE/postgresql
DATABASE_PROGRAMS=/usr/lib/postgresql/$POSTGRES_MAJOR/bin

database_start() {
  [[ -d $DATABASE/data ]] || database_prepare
  process_start postgresql postgres "$DATABASE_PROGRAMS/postgres" -D "$DATABASE/data"
  process_await postgresql 120 "$DATABASE_PROGRAMS/pg_isready" -q -h "$BRIDGE_ADDRESS" -p "$POSTGRES_PORT"
}

# An empty database is made once and then kept in the cache.
database_prepare() {
  local template
  template=$CACHE/postgresql-$(declare -f database_fill | cat - "$HACK/lib/pins.sh" <("$DATABASE_PROGRAMS/postgres" --version) | cache_key)
  mkdir -p "$DATABASE"
  chown postgres "$DATABASE"
  cache_fill "$template" database_fill
  rm -rf "$DATABASE/data.new"
  cp -a "$template/data" "$DATABASE/data.new"
  mv "$DATABASE/data.new" "$DATABASE/data"
}

database_fill() {
  rm -rf "$DATABASE/filling"
  install -m 600 -o postgres /dev/null "$DATABASE/password"
  echo "$POSTGRES_PASSWORD" >"$DATABASE/password"
  if ! database_as_user "$DATABASE_PROGRAMS/initdb" --no-sync -A scram-sha-256 -U "$POSTGRES_ADMIN" -E UTF8 --locale=C.UTF-8 \
    --pwfile="$DATABASE/password" -D "$DATABASE/filling" >"$STATE/log/initdb.log" 2>&1; then
    cat "$STATE/log/initdb.log" >&2
    die "PostgreSQL cannot make its data folder"
  fi
  cat >>"$DATABASE/filling/postgresql.conf" <<CONF
listen_addresses = '$BRIDGE_ADDRESS'
port = $POSTGRES_PORT
unix_socket_directories = ''
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
  echo "host all all $POD_NETWORK scram-sha-256" >>"$DATABASE/filling/pg_hba.conf"
  rm "$DATABASE/password"
  mv "$DATABASE/filling" "$1/data"
}

database_as_user() {
  (cd / && setpriv --reuid postgres --regid postgres --init-groups -- "$@")
}

database_sql() {
  PGPASSWORD=$POSTGRES_PASSWORD psql -XqAt -v ON_ERROR_STOP=1 -h "$BRIDGE_ADDRESS" -p "$POSTGRES_PORT" -U "$POSTGRES_ADMIN" "$@" postgres
}

# database_create NAME [PASSWORD]: a database and a user of the same name who owns it.
database_create() {
  local name=$1 password=${2:-$1}
  database_sql -v name="$name" -v password="$password" >/dev/null <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'name', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SQL
  echo "postgresql://$name:$password@$BRIDGE_ADDRESS:$POSTGRES_PORT/$name"
}

# database_scratch NAME: its user may make databases besides the one that it owns.
database_scratch() { database_sql -v name="$1" <<<"SELECT format('ALTER ROLE %I CREATEDB', :'name') \gexec"; }

# QUIT ends it without waiting for its clients; nothing of value is in it.
database_stop() { process_stop postgresql QUIT 10; }

database_reset() {
  database_stop
  rm -rf "$DATABASE/data"
  database_start
}
