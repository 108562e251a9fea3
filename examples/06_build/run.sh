#!/usr/bin/env bash
# Builds the notebook in every form that needs no container engine, and runs those that run here.
#   examples/06_build/run.sh [FOLDER]     default: a temporary one
set -euo pipefail
notebook=$(realpath "$(dirname "$0")")/growth.ipynb
folder=${1:-$(mktemp -d)}
mkdir -p "$folder" && cd "$folder"

for target in cli python containerfile kfp k8s-job argo cwl; do
  assay build "$notebook" --to "$target" --force
done

title="It's \"growth\" of \$5 {{x}}"
python3 build/growth/cli/growth.pyz --days 12 --title "$title" --out "$(mktemp -d)/program"
cwltool --no-container --outdir "$(mktemp -d)" build/growth/cwl/tool.cwl --days 12 --title "$title"
PYTHONPATH=build/growth/python python3 -c 'from growth import run; print(run(days=12).last)'
