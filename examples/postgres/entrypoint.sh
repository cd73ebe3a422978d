#!/bin/bash
# Starts PostgreSQL, and makes the cluster, the user and the database first where there is none. Any other command is run
# as it is, so that the image serves for psql as well.
set -euo pipefail

if [ "${1:-}" != postgres ]; then
  exec "$@"
fi

: "${POSTGRES_PASSWORD:?must be set}"
user=${POSTGRES_USER:-app}
database=${POSTGRES_DB:-$user}

create() {
  # What a start that was cut short has left is of no use.
  find "$PGDATA" -mindepth 1 -delete
  initdb --username=postgres --encoding=UTF8 --locale=C.UTF-8 --auth-local=peer --auth-host=scram-sha-256 >/dev/null
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
  # On the socket only: nobody must find the server healthy before the database is there.
  pg_ctl start --silent --wait --options="-c listen_addresses=''" >/dev/null
  psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=user="$user" --set=database="$database" --set=password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE :"user" LOGIN PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"user";
SQL
  pg_ctl stop --silent --wait --mode=fast
  touch "$PGDATA/.created"
}

if [ ! -e "$PGDATA/.created" ]; then
  create
fi
exec "$@"
