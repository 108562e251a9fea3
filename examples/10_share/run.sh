#!/usr/bin/env bash
# One model and three hospitals on this computer: Bern makes it, Basel and Chur measure it on their own patients, Bern brings both together.
#   examples/10_share/run.sh [FOLDER]     default: a temporary one; no cluster, no network
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(realpath "${1:-$(mktemp -d)}")

at() { # Go to a hospital: a folder, keys and a shelf of its own.
  mkdir -p "$folder/$1" && cd "$folder/$1"
  export ASSAY_KEYS="$folder/$1/keys" ASSAY_BUNDLES="$folder/$1/shelf"
  printf '\n--- %s\n' "$1"
}

at bern
cp "$here"/bern/* .
assay keys new bern
ASSAY_SECRET_SIGNING_KEY=$(cat keys/bern.key) assay run lungs.pipeline.yaml
assay artifacts get last judge.verdict verdict.json
assay verdict explain verdict.json
assay bundle make last --name lungs --version 1.0.0 --licence CC-BY-4.0 --key bern
assay bundle export lungs-1.0.0 "$folder/lungs.assay.tar"
assay keys export bern >"$folder/bern.pub"

printf '\n--- bern, served on this computer\n'
assay serve lungs-1.0.0 --port 0 --json --no-log >served.json &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT # at the end of this script it is gone already, which is no fault
until [ -s served.json ]; do
  kill -0 "$server" # when the server has ended, so does this script
  sleep 0.1
done
python3 "$here/ask.py" "$(python3 -c 'import json; print(json.load(open("served.json"))["address"])')" lungs-1.0.0
kill "$server" && wait "$server"

seed=11
for hospital in basel chur; do
  at "$hospital"
  assay keys new "$hospital"
  assay keys trust bern "$folder/bern.pub"
  assay bundle verify "$folder/lungs.assay.tar"
  assay bundle import "$folder/lungs.assay.tar"
  assay run "$here/others/scans.pipeline.yaml" -p "seed=$seed"
  assay artifacts get last scans.images scans
  assay bundle evaluate lungs --data scans --columns patient=patient,age=age,sex=sex --set intensity=hounsfield --synthetic --out evidence
  assay keys export "$hospital" >"$folder/$hospital.pub"
  seed=$((seed + 1))
done

at bern
assay keys trust basel "$folder/basel.pub"
assay keys trust chur "$folder/chur.pub"
assay evidence merge ../basel/evidence ../chur/evidence --sign bern --out together

printf '\n--- bern, documents for a cluster\n'
digest=sha256:$(printf '0%.0s' {1..64})
assay deploy lungs-1.0.0 --storage s3://models/lungs/1.0.0 --image "registry.example/assay@$digest" --dry-run --out lungs.yaml
grep -E 'kind:|storage|grpc-port|assay.verdict' lungs.yaml
printf '\nlook at %s/bern/together/report.html\n' "$folder"
