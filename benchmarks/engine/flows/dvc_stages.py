"""Write ``dvc.yaml``: ``python dvc_stages.py WORKLOAD STEPS PYTHON STEPS_PY``. DVC starts a shell and a process for each stage."""

import sys
from pathlib import Path

workload, steps, python, steps_py = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
lines = ["stages:"]
for number in range(steps):
    source = f"{number - 1}.out" if number else ""
    lines += [f"  s{number}:", f"    cmd: {python} {steps_py} {workload} {number}.out {source}"]
    lines += ["    deps:", f"    - {source}"] if source else []
    lines += ["    outs:", f"    - {number}.out"]
Path("dvc.yaml").write_text("\n".join(lines) + "\n")
