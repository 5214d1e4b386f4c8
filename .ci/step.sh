# For .ci/run and .ci/stack. A step says what runs and how long it took, and ends the script where it fails.
# shellcheck shell=bash
step() {
  local name=$1 start=$SECONDS
  shift
  printf '\n=== %s: %s\n' "$name" "$*"
  if ! "$@"; then
    printf '\n=== %s FAILED after %d s: %s\n' "$name" $((SECONDS - start)) "$*" >&2
    exit 1
  fi
  printf '=== %s: %d s\n' "$name" $((SECONDS - start))
}

install() { # PROGRAM PACKAGE...: Debian's packages, unless the program is there
  command -v "$1" > /dev/null && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "$1 is missing, and only root can install it: apt-get install ${*:2}" >&2
    return 1
  fi
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "${@:2}"
}
