#!/bin/sh
# Where to click, and with which account: where.sh core|full
set -eu
# shellcheck source=/dev/null
. ./.env
at=http://127.0.0.1
if [ "$1" = full ]; then
  printf '\n%-14s%-32s%s\n' Airflow "$at:${AIRFLOW_PORT:-8080}" "admin, ${AIRFLOW_PASSWORD}"
  printf '%-14s%-32s%s\n' Superset "$at:${SUPERSET_PORT:-8088}" "analyst, ${SUPERSET_ANALYST_PASSWORD}" \
    '' '' "admin, ${SUPERSET_PASSWORD}"
fi
printf '%-14s%-32s%s\n' Spark "$at:${SPARK_PORT:-8081}" '' \
  'Object store' "$at:${OBJECT_STORE_PORT:-9001}" "admin, ${OBJECT_STORE_PASSWORD}" \
  'Mock API' "$at:${MOCK_API_PORT:-8000}/docs" ''
[ "$1" = core ] || printf '\nNext: make backfill FROM=2020-01-01 TO=2020-01-07\n'
