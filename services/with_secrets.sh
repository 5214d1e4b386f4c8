#!/bin/sh
# with-secrets COMMAND...: each file of /run/secrets in capitals becomes a variable of its name, for this command and what it starts only.
# So the secrets stand neither in docker-compose.yml's environment nor in what `docker inspect` shows.
set -eu
for file in /run/secrets/[A-Z_]*; do
  if [ -f "$file" ]; then
    value=$(cat "$file")
    export "${file##*/}=$value"
  fi
done
exec "$@"
