#!/bin/sh
# Superset's own tables as SQL: own-tables FILE. Its migrations run against a PostgreSQL that lives as long as this does.
set -eu
export PATH="/usr/lib/postgresql/15/bin:$PATH" PGDATA=/tmp/data PGHOST=/tmp LC_ALL=C.UTF-8 HOME=/tmp SUPERSET_HOME=/tmp/superset
mkdir "$SUPERSET_HOME"
initdb --username=postgres --auth=trust --encoding=UTF8 --no-sync > /dev/null
pg_ctl start --wait --silent --log /tmp/postgres.log --options "-c listen_addresses='' -c unix_socket_directories=/tmp -c fsync=off"
createdb superset
SUPERSET_DATABASE_URI="postgresql+psycopg2://postgres@/superset?host=/tmp" SUPERSET_SECRET_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n') \
  .venv/superset/bin/python superset/metadata_database.py
# psql's own commands, which begin with a backslash, are none of the server's.
pg_dump --no-owner --no-privileges --inserts --rows-per-insert=500 --file=/tmp/dump.sql superset
grep -v '^\\' /tmp/dump.sql > "$1"
pg_ctl stop --wait --silent
rm -rf "$PGDATA" "$SUPERSET_HOME" /tmp/dump.sql
