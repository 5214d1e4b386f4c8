#!/bin/sh
# The server, after its roles, databases and passwords are as they should be: at every start, so that a changed secret is heeded.
# Over the network a role enters the database of its name and no other; the superuser enters by the socket of this container only.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username=postgres --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 > /dev/null
fi
printf '%s\n' 'local all postgres peer' 'host all postgres all reject' 'host sameuser all all scram-sha-256' > "$PGDATA/pg_hba.conf"
rm -f "$PGDATA/postmaster.pid"
pg_ctl start --wait --silent --options "-c listen_addresses='' -c unix_socket_directories=/tmp -c log_min_messages=error"
with-secrets psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres --file /usr/local/share/databases.sql
pg_ctl stop --wait --silent
exec postgres -c listen_addresses='*' -c unix_socket_directories=/tmp -c max_connections=100 -c shared_buffers=64MB
