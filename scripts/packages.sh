#!/usr/bin/env bash
# Install Debian packages: scripts/packages.sh NAME… Needs root.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

apt-get update -qq -o Acquire::Retries=3
apt-get install -y -qq -o Acquire::Retries=3 --no-install-recommends "$@"
