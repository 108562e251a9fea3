#!/usr/bin/env bash
# Run a command that fetches from the network; when it fails, run it again, twice at most: scripts/again.sh COMMAND WORDS…
# Only for what fetches: a test that fails once has failed.
set -uo pipefail

for pause in 10 30 ''; do
  "$@" && exit 0
  status=$?
  [ -z "$pause" ] || { printf '%s failed (exit %s), again in %s s\n' "$1" "$status" "$pause" >&2; sleep "$pause"; }
done
exit "$status"
