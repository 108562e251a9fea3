"""A small engine to be killed: starts steps that leave children behind in every way, for ever. ``ROOT MARK CONTRACT_FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

root, mark, contract = sys.argv[1:]
sys.path.insert(0, contract)

from workbench import Workbench  # noqa: E402  (found by the line above)

from assay.engine.executors.process import ProcessExecutor  # noqa: E402
from assay.model.component import Isolation  # noqa: E402

SOURCE = """
import os, signal, subprocess, time
def work():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    subprocess.Popen(["setsid", "sleep", "600"])
    time.sleep(0.03)
    return 1
"""

bench = Workbench(Path(root), ProcessExecutor(mark))
while True:
    orders = [bench.start(SOURCE, outputs={"value": "Value"}) for _ in range(2)]
    orders.append(bench.start(SOURCE, outputs={"value": "Value"}, isolation=Isolation.SPAWN))
    orders.append(bench.start(SOURCE, outputs={"value": "Value"}, secrets={"TOKEN": "s3cret"}))
    bench.wait(*orders)
    sys.stdout.write(".")
    sys.stdout.flush()
