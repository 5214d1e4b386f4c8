#!/bin/sh
# .env: what docker-compose.yml asks for. Makes what is missing and leaves what is there; only its owner reads it.
set -eu
umask 077
touch .env
chmod 600 .env

secret() { # NAME [ENCODING]: 32 random bytes under this name, as hex or as URL-safe base64
  grep -q "^$1=." .env && return
  if [ "${2:-hex}" = hex ]; then value=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  else value=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_'); fi
  printf '%s=%s\n' "$1" "$value" >> .env
}

setting() { # NAME VALUE: for a start
  grep -q "^$1=" .env || printf '%s=%s\n' "$1" "$2" >> .env
}

for name in SOURCE CATALOG AIRFLOW_DB SUPERSET_DB AIRFLOW SUPERSET SUPERSET_ANALYST OBJECT_STORE; do secret "${name}_PASSWORD"; done
for name in S3_SECRET_KEY CATALOG_TOKEN SPARK_SECRET AIRFLOW_JWT_SECRET SUPERSET_SECRET_KEY; do secret "$name"; done
secret AIRFLOW_FERNET_KEY base64
# The first day that Airflow plans by itself; what lies before it is backfilled.
setting SCHEDULE_FROM "$(date -u +%F)"
