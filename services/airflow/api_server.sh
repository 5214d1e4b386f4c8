#!/bin/sh
# Airflow's simple accounts are a file: user and password, made of the secret at each start.
set -eu
umask 077
printf '{"admin": "%s"}' "$AIRFLOW_PASSWORD" > /tmp/passwords.json
exec airflow api-server --host 0.0.0.0 --port 8080 --workers 1
