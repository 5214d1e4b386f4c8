#!/bin/sh
# What docker-compose.yml asks for: secrets as files of .secrets, settings in .env. Makes what is missing and leaves what is there.
# .secrets is its owner's only; the files in it can be read by all, for a container's user is another one than theirs.
# A secret written into .env, where older checkouts kept them, moves to its file: what .env says is the newer.
set -eu
umask 077
mkdir -p .secrets
chmod 700 .secrets
touch .env
chmod 600 .env

of_env() { # NAME: its value in .env, which is read and never executed
  sed -n "s/^$1=//p" .env | tail -n 1 | sed "s/^\(['\"]\)\(.*\)\1\$/\2/"
}

secret() { # NAME [ENCODING]: that of .env, else the file's, else 32 random bytes as hex or as URL-safe base64
  value=$(of_env "$1")
  if [ -z "$value" ] && [ -s ".secrets/$1" ]; then return; fi
  if [ -z "$value" ] && [ "${2:-hex}" = hex ]; then value=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n'); fi
  if [ -z "$value" ]; then value=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_'); fi
  printf '%s\n' "$value" > ".secrets/$1.new"
  chmod 444 ".secrets/$1.new"
  mv -f ".secrets/$1.new" ".secrets/$1"
  sed -i.old "/^$1=/d; /^SECRETS_SINCE=/d" .env # a suffix, because the sed of macOS wants one
  rm .env.old
}

for dsn in "${SOURCE_DSN:-}" "$(of_env SOURCE_DSN)"; do
  case $dsn in *://*:*@*)
    echo 'SOURCE_DSN holds a password, which docker inspect would show: write postgresql://user@host:port/database, and' \
      'SOURCE_PASSWORD=… into .env; make up moves it to .secrets/SOURCE_PASSWORD' >&2
    exit 1 ;;
  esac
done
for name in SOURCE CATALOG AIRFLOW_DB SUPERSET_DB AIRFLOW SUPERSET SUPERSET_ANALYST OBJECT_STORE; do secret "${name}_PASSWORD"; done
for name in S3_SECRET_KEY CATALOG_TOKEN SPARK_SECRET AIRFLOW_JWT_SECRET AIRFLOW_SECRET_KEY SUPERSET_SECRET_KEY; do secret "$name"; done
secret AIRFLOW_FERNET_KEY base64
# Compose sees no change in a file: with this one it makes the containers anew that know an older secret.
[ -n "$(of_env SECRETS_SINCE)" ] || printf 'SECRETS_SINCE=%s\n' "$(date -u +%FT%TZ)" >> .env
# The first day that Airflow plans by itself; what lies before it is backfilled.
[ -n "$(of_env SCHEDULE_FROM)" ] || printf 'SCHEDULE_FROM=%s\n' "$(date -u +%F)" >> .env
