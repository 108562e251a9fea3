"""Binary tensors beside JSON ones, by size of the tensor and weight of the network: where bytes pay, and where the network is the cost.

    python benchmarks/serving/sizes.py [--seconds 1] [--rounds 5] [--out sizes.json]

The server has one core, the client another. ``client_busy`` is the share of its core that the client uses: below 1 it is not what limits.
Of each kind the best of the rounds counts: others on the computer can only make a request dearer.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from asking import measure
from bench import bundled, cnn, free_port, processor_seconds, request, serving

SIZES = ((3, 32), (3, 64), (1, 128), (3, 128), (3, 224), (1, 512))
_SERVER, _CLIENT = 0, 1


def strided(channels: int) -> Any:
    """Return a network that costs next to nothing: one layer that reads every 4 x 4 pixels once."""
    import torch

    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(channels, 8, 4, stride=4), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(), torch.nn.Linear(8, 2),
    )  # fmt: skip


def main() -> None:
    """Measure, print, and write results."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=1.0)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--out", type=Path)
    given = words.parse_args()
    os.sched_setaffinity(0, {_CLIENT})
    rows, loads = [], []
    for network in (cnn, strided):
        for channels, size in SIZES:
            with tempfile.TemporaryDirectory(prefix="assay-sizes-") as scratch:
                rows.append(_compared(Path(scratch), network, (1, channels, size, size), given))
            loads.append(os.getloadavg()[0])
            print(json.dumps(rows[-1]), flush=True)
    results = {"when": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC", "load": [min(loads), max(loads)], "rows": rows}
    if given.out:
        given.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _compared(
    scratch: Path, network: Any, shape: tuple[int, int, int, int], given: argparse.Namespace
) -> dict[str, Any]:
    bundle, key = bundled(scratch, network(shape[1]), shape)
    values = np.random.default_rng(0).random(shape, dtype=np.float32)
    port, path = free_port(), "/v2/models/covid-ct/infer"
    assay = ["taskset", "-c", str(_SERVER), str(Path(sys.executable).parent / "assay")]
    command = [*assay, "serve", str(bundle), "--key", str(key), "--port", str(port), "--no-log", "--json"]
    found: dict[str, list[tuple[float, float, float]]] = {"json": [], "binary": []}
    with serving(command, port, "/v2/models/covid-ct/ready") as (process, _):
        for _ in range(given.rounds):
            for kind, rounds in found.items():
                content = request(port, path, values, kind)
                measure(port, content, 0.3, 1)
                before, own, began = processor_seconds(process.pid), time.process_time(), time.perf_counter()
                answered = measure(port, content, given.seconds, 1)
                busy = (time.process_time() - own) / (time.perf_counter() - began)
                spent = processor_seconds(process.pid) - before
                rounds.append((answered.rps, 1000 * spent / answered.answers, busy))
    told: dict[str, Any] = {"network": network.__name__, "channels": shape[1], "size": shape[2]}
    for kind, rounds in found.items():
        rps, cpu = max(one[0] for one in rounds), min(one[1] for one in rounds)
        busy = max(one[2] for one in rounds)
        told[kind] = {"rps": round(rps, 1), "cpu_ms": round(cpu, 3), "client_busy": round(busy, 2)}
    told["ratio_rps"] = round(told["binary"]["rps"] / told["json"]["rps"], 2)
    told["ratio_cpu"] = round(told["json"]["cpu_ms"] / told["binary"]["cpu_ms"], 2)
    return told


if __name__ == "__main__":
    main()
