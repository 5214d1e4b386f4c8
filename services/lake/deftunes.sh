#!/bin/sh
# With the secrets also where `docker compose exec` calls it, which passes by the image's entrypoint.
exec with-secrets python -m deftunes "$@"
