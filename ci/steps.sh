# Sourced by the scripts of this directory: where the checkout is, and how they say what they do.
# shellcheck shell=bash
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# Read by the scripts that source this file.
# shellcheck disable=SC2034
python="$root/.venv/bin/python"
cd "$root"

current=""
begun=0
scratch="" # a directory to remove at the end

on_exit() {
    local code=$?
    [[ -z "$scratch" ]] || rm -rf "$scratch"
    if [[ -n "$current" ]]; then
        printf '== %s: failed after %s s (exit code %s)\n' "$current" "$((SECONDS - begun))" "$code" >&2
    fi
}
trap on_exit EXIT
trap 'current=""; printf "\ninterrupted; running it again is safe\n" >&2; exit 130' INT TERM

# step NAME COMMAND...: runs a command, says what it is before and how long it took after.
# The command stays outside `||` and `if`: inside them `set -e` would not end a function.
step() {
    current="$1"
    begun=$SECONDS
    shift
    printf '== %s\n' "$current" >&2
    "$@"
    printf '== %s: %s s\n' "$current" "$((SECONDS - begun))" >&2
    current=""
}
