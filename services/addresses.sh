#!/bin/sh
# Where to click, and with which account: addresses.sh core|full|metrics
set -eu
of_env() { # NAME DEFAULT: its value in .env, which is read and never executed
  value=$(sed -n "s/^$1=//p" .env | tail -n 1 | tr -d "\"'")
  printf '%s' "${value:-$2}"
}
line() { printf '%-14s%-32s%s\n' "$1" "$2" "$3"; }
password() { cat ".secrets/$1"; }
at=http://127.0.0.1
echo
if [ "$1" != core ]; then
  line Airflow "$at:$(of_env AIRFLOW_PORT 8080)" "admin, $(password AIRFLOW_PASSWORD)"
  line Superset "$at:$(of_env SUPERSET_PORT 8088)" "analyst, $(password SUPERSET_ANALYST_PASSWORD)"
  line '' '' "admin, $(password SUPERSET_PASSWORD)"
fi
[ "$1" != metrics ] || line Prometheus "$at:$(of_env PROMETHEUS_PORT 9090)/consoles/index.html" ''
line Spark "$at:$(of_env SPARK_PORT 8081)" ''
# versitygw has no page.
[ "$(of_env OBJECT_STORE minio)" != minio ] || line 'Object store' "$at:$(of_env OBJECT_STORE_PORT 9001)" "admin, $(password OBJECT_STORE_PASSWORD)"
line 'Mock API' "$at:$(of_env MOCK_API_PORT 8000)/docs" ''
[ "$1" = core ] || printf '\nNext: make backfill FROM=2020-01-01 TO=2020-01-07\n'
