#!/usr/bin/env bash
# Have a container engine, the image python:3.11-slim and a registry, for the tests that build, run and exchange images (`make containers`). Safe to run again.
#
# Where no image can be pulled, a Debian with Python 3.11 is made by debootstrap and gets that name. Needs root.
# BASE_TAR   a root file system as a tar, in place of debootstrap; made when it is not there (default ~/.cache/assay-containers/base.tar)
set -euo pipefail
cd "$(dirname "$0")/.."

image=python:3.11-slim
tar=${BASE_TAR:-$HOME/.cache/assay-containers/base.tar}
# The tar that a fresh machine is made of will do.
[ -s "$tar" ] || [ ! -s "$HOME/.cache/fresh-machine/base.tar" ] || tar=$HOME/.cache/fresh-machine/base.tar

# Its one static program is the whole image of the tests that need a shell and no more.
missing=()
[ -x /bin/busybox ] || missing+=(busybox-static)
command -v dockerd >/dev/null || missing+=(docker.io)
command -v docker-registry >/dev/null || missing+=(docker-registry)
if [ "${#missing[@]}" -gt 0 ]; then
  scripts/again.sh scripts/packages.sh "${missing[@]}"
fi
if ! docker info >/dev/null 2>&1; then
  echo "containers: starting dockerd"
  rm -f /var/run/docker.pid  # of one that was killed
  nohup dockerd >/var/log/dockerd.log 2>&1 </dev/null &
  for _ in $(seq 240); do docker info >/dev/null 2>&1 && break; sleep 0.5; done
  docker info >/dev/null 2>&1 || { tail -n 20 /var/log/dockerd.log >&2; exit 1; }
fi
# The image of examples/05_container: nothing but busybox.
if ! docker image inspect busybox:1.36 >/dev/null 2>&1 && ! timeout 60 docker pull --quiet busybox:1.36 2>/dev/null; then
  root=$(mktemp -d)
  mkdir -p "$root/bin" "$root/tmp" "$root/proc"
  cp /bin/busybox "$root/bin/"
  for name in $(/bin/busybox --list); do ln -sf busybox "$root/bin/$name"; done
  rm -f "$root/bin/busybox" && cp /bin/busybox "$root/bin/"
  tar -C "$root" -c . | docker import - busybox:1.36 >/dev/null
  rm -r "$root"
fi
docker image inspect "$image" >/dev/null 2>&1 && exit 0
timeout 60 docker pull --quiet "$image" 2>/dev/null && exit 0

if [ ! -s "$tar" ]; then
  command -v debootstrap >/dev/null || scripts/again.sh scripts/packages.sh debootstrap
  root=$(mktemp -d)
  trap 'rm -rf --one-file-system "$root"' EXIT
  # A second call goes on with what the first has fetched.
  scripts/again.sh debootstrap --variant=minbase --include=python3,python3-pip,python3-venv,ca-certificates bookworm "$root" >/dev/null
  mkdir -p "$(dirname "$tar")"
  tar -C "$root" -cf "$tar.part" . && mv "$tar.part" "$tar"
fi
docker import "$tar" assay-base:plain >/dev/null
# Packages are fetched through the certificates that this machine trusts.
certificates=$(mktemp -d)
cp -L /etc/ssl/certs/ca-certificates.crt "$certificates/"
printf 'FROM assay-base:plain\nCOPY ca-certificates.crt /etc/ssl/certs/\n' >"$certificates/Dockerfile"
docker build --quiet --tag "$image" "$certificates" >/dev/null
rm -r "$certificates"
echo "containers: $image is ready"
