#!/bin/sh
# The server, after its roles, databases and passwords are as they should be: at every start, so that a changed .env is heeded.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username=postgres --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 > /dev/null
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
rm -f "$PGDATA/postmaster.pid"
pg_ctl start --wait --silent --options "-c listen_addresses='' -c unix_socket_directories=/tmp -c log_min_messages=error"
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres --file /usr/local/share/databases.sql
pg_ctl stop --wait --silent
exec postgres -c listen_addresses='*' -c unix_socket_directories=/tmp -c max_connections=100 -c shared_buffers=64MB
