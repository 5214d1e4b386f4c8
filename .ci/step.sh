# A step of .ci/run or .ci/stack: says what runs and how long it took, and ends the script where it fails.
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
