#!/bin/sh
# Applies migrations/*.sql in the order of their names, each once and in one transaction with its entry in
# schema_migrations. Runs at the same time take turns.
set -eu

sql() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --single-transaction "$@" --file=-; }

sql <<'SQL'
SET client_min_messages = warning;
SELECT pg_advisory_xact_lock(20260101) \gset
CREATE TABLE IF NOT EXISTS schema_migrations (
  version    text PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);
SQL

for file in migrations/*.sql; do
  sql --set=file="$file" --set=version="$(basename "$file" .sql)" <<'SQL'
SELECT pg_advisory_xact_lock(20260101) \gset
SELECT NOT EXISTS (SELECT FROM schema_migrations WHERE version = :'version') AS pending \gset
\if :pending
  \echo applying :version
  \i :file
  INSERT INTO schema_migrations (version) VALUES (:'version');
\endif
SQL
done
