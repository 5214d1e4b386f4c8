#!/bin/sh
# docker compose, built from its Go module into the user's plugins: for systems whose packages have the engine only.
set -eu
version=v2.40.3
command -v go > /dev/null || { echo 'go is missing: apt-get install golang-go, or a newer one from go.dev' >&2; exit 1; }
work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
source=$(go mod download -json "github.com/docker/compose/v2@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
cp -R "$source" "$work/compose"
chmod -R u+w "$work/compose"
plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins
mkdir -p "$plugins"
cd "$work/compose"
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$version" \
  -o "$plugins/docker-compose" ./cmd
docker compose version
