"""The predictor beside a bare KServe custom model and MLServer: the same network, the same tensor, the same run.

    python benchmarks/serving/bench.py --venvs FOLDER [--seconds 4] [--rounds 3] [--out results.json]

FOLDER gets one virtual environment for each peer, when it is not there yet. Servers run one at a time, in turns; each has one process,
and one thread of ONNX Runtime for a request. A network like the showcase's (small-resnet, 128 x 128) is then served and asked to explain.
Ends with the number of budgets that are broken.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "workshops"))

from asking import Figures, measure, posted
from budgets import beside_peers, of_pictures, told
from bundle_workshop import Workshop

from assay.bundle.source import FolderSource
from assay.cli.bundling import examined
from assay.serving.model import ServedModel
from assay.training.export import export_onnx
from assay.training.networks import NetworkName, build
from assay.trust.robustness.typical import Typical, describe

HERE = Path(__file__).parent
SHAPE = (1, 3, 32, 32)
_MANY = 16
PEERS = {"kserve": ["kserve", "onnxruntime"], "mlserver": ["mlserver", "onnxruntime"]}
HEADER = "Inference-Header-Content-Length"


def main() -> int:
    """Measure, print, and write results; return how many budgets are broken."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--venvs", type=Path, required=True)
    words.add_argument("--seconds", type=float, default=4.0)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--out", type=Path)
    given = words.parse_args()
    for name, packages in PEERS.items():
        _environment(given.venvs / name, packages)
    with tempfile.TemporaryDirectory(prefix="assay-serving-") as scratch:
        results = _compared(Path(scratch) / "peers", given)
        results["showcase"] = _showcase(Path(scratch) / "pictures")
    results["when"] = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
    text = json.dumps(results, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    return told([*beside_peers(results), *of_pictures(results["showcase"])])


def _environment(folder: Path, packages: list[str]) -> None:
    if not (folder / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", *packages], check=True)


def _compared(scratch: Path, given: argparse.Namespace) -> dict[str, Any]:
    bundle, key, network = _bundle(scratch)
    many = np.random.default_rng(0).random((_MANY, *SHAPE[1:]), dtype=np.float32)
    one = many[:1]
    servers = {
        "assay": lambda port: [
            Path(sys.executable).parent / "assay", "serve", bundle, "--key", key, "--port", port, "--no-log", "--json",
        ],
        "kserve": lambda port: [given.venvs / "kserve/bin/python", HERE / "peers_kserve.py", network, port],
        "mlserver": lambda port: [given.venvs / "mlserver/bin/mlserver", "start", _mlserver(scratch, network, port)],
    }  # fmt: skip
    names = {"assay": "covid-ct", "kserve": "bench", "mlserver": "bench"}
    rounds: dict[str, list[Figures]] = {}
    about: dict[str, dict[str, float]] = {}
    costs: dict[str, list[float]] = {}
    loads = []
    for _ in range(given.rounds):
        for name, command in servers.items():
            port, path = free_port(), f"/v2/models/{names[name]}/infer"
            with serving(list(map(str, command(str(port)))), port, f"/v2/models/{names[name]}/ready") as (
                process,
                cold,
            ):
                asks = {
                    f"{kind}, {len(values)} picture{'s'[: len(values) > 1]}, {callers} caller{'s'[: callers > 1]}": (
                        request(port, path, values, kind),
                        callers,
                    )
                    for kind in (["json"] if name == "mlserver" else ["json", "binary"])  # it takes no bytes over HTTP
                    for values, callers in ((one, 1), (one, 8), (many, 1))
                }
                for what, (content, callers) in asks.items():
                    measure(port, content, 0.5, callers)
                    before = processor_seconds(process.pid)
                    found = measure(port, content, given.seconds, callers)
                    spent = processor_seconds(process.pid) - before
                    rounds.setdefault(f"{name}: {what}", []).append(found)
                    costs.setdefault(f"{name}: {what}", []).append(1000 * spent / found.answers)
                loads.append(os.getloadavg()[0])
                about.setdefault(name, {"cold_start_cpu_s": round(cold, 2), "memory_mb": _peak(process.pid)})
    figures = {
        what: {
            "rps": _median(found, "rps"),
            "cpu_ms": round(statistics.median(costs[what]), 3),
            "p50_ms": _median(found, "p50"),
            "p99_ms": _median(found, "p99"),
        }
        for what, found in rounds.items()
    }
    return {
        "load": [round(min(loads), 1), round(max(loads), 1)],
        "rounds": given.rounds,
        "figures": figures,
        "servers": about,
    }


def _bundle(scratch: Path) -> tuple[Path, Path, Path]:
    """Return a bundle of a small CNN for 32 x 32 x 3 with random weights, its signer's key, and the bare ONNX file."""
    bundle, key = bundled(scratch, cnn(SHAPE[1]), SHAPE)
    shutil.copy(scratch / "cnn" / "model.onnx", scratch / "bare.onnx")
    return bundle, key, scratch / "bare.onnx"


def cnn(channels: int) -> Any:
    """Return two layers of convolution at the full and at half the resolution."""
    import torch

    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(channels, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 3, padding=1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(), torch.nn.Linear(32, 2),
    )  # fmt: skip


def bundled(scratch: Path, network: Any, shape: tuple[int, int, int, int]) -> tuple[Path, Path]:
    """Make a bundle of a network for pictures of a shape, square, with statistics of random pictures; return it and its signer's key."""
    _, channels, size, _ = shape
    workshop = Workshop(scratch, now=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1))
    model = scratch / "cnn"
    model.mkdir(parents=True)
    export_onnx(network, size, model / "model.onnx", channels=channels)
    steps = {"intensity": "grey", "modality": "", "window": None, "size": size}
    steps |= {"mean": [0.5] * channels, "std": [0.25] * channels}
    facts = {"format": 1, "labels": ["other", "covid"], "positive": "covid", "preprocessing": steps, "synthetic": True}
    (model / "model.json").write_text(json.dumps(facts))
    random = np.random.default_rng(1)
    pixels = np.concatenate([describe(random.random((20, *shape[1:]), dtype=np.float32)) for _ in range(15)])
    Typical.fitted(pixels[:200], np.arange(200) % 2, pixels[200:]).write(model)
    workshop.model = model
    workshop.make()
    key = scratch / "key.pub"
    key.write_text(workshop.key.public.pem)
    return scratch / "bundle", key


def _mlserver(scratch: Path, network: Path, port: str) -> Path:
    """Write the folder that MLServer is started in; its model answers in the server's own process, which is fastest."""
    folder = scratch / "mlserver"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(HERE / "peers_mlserver.py", folder / "peers_mlserver.py")
    settings = {
        "debug": False, "parallel_workers": 0, "http_port": int(port), "grpc_port": free_port(),
        "metrics_port": free_port(), "host": "127.0.0.1", "use_structured_logging": False,
    }  # fmt: skip
    (folder / "settings.json").write_text(json.dumps(settings))
    model = {"name": "bench", "implementation": "peers_mlserver.Bare", "parameters": {"uri": str(network)}}
    (folder / "model-settings.json").write_text(json.dumps(model))
    return folder


def request(port: int, path: str, values: np.ndarray, kind: str) -> bytes:
    """Return a request with JSON numbers, or with bytes after the JSON that asks for bytes back."""
    only = {"name": "image", "shape": list(values.shape), "datatype": "FP32"}
    if kind == "json":
        only["data"] = [round(float(one), 6) for one in values.ravel()]
        return posted(
            port, path, json.dumps({"id": "1", "inputs": [only]}).encode(), {"Content-Type": "application/json"}
        )
    raw = values.astype("<f4").tobytes()
    only["parameters"] = {"binary_data_size": len(raw)}
    head = json.dumps({"id": "1", "inputs": [only], "parameters": {"binary_data_output": True}}).encode()
    headers = {HEADER: str(len(head)), "Content-Type": "application/octet-stream"}
    return posted(port, path, head + raw, headers)


@contextlib.contextmanager
def serving(command: list[str], port: int, ready: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Yield the server when it is ready, and the processor seconds that took."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"}, start_new_session=True
        )
        try:
            for _ in range(1200):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5).read()
                    break
                if process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                raise SystemExit(f"{command[0]} did not become ready")
            if process.poll() is not None:
                log.seek(0)
                raise SystemExit(f"{command} ended: {log.read()[-2000:].decode()}")
            yield process, processor_seconds(process.pid)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def processor_seconds(pid: int) -> float:
    """Return the processor time that the threads of a process have had, as the scheduler counts it."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(one.read_text(encoding="ascii").split()[0]) for one in tasks) / 1e9


def _peak(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024, 1)


def free_port() -> int:
    """Return a port of this computer that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _median(found: list[Figures], name: str) -> float:
    return round(statistics.median(getattr(one, name) for one in found), 2)


def _showcase(scratch: Path) -> dict[str, float]:
    """Return cold start and memory of a network like the showcase's, and what an explanation costs beside its calls of the model."""
    shape = (1, 1, 128, 128)
    scratch.mkdir()
    bundle, key = bundled(scratch, build(NetworkName.SMALL_RESNET, 2, shape[2], pretrained=False).whole(), shape)
    port = free_port()
    assay = str(Path(sys.executable).parent / "assay")
    command = [assay, "serve", str(bundle), "--key", str(key), "--port", str(port), "--no-log"]
    name = json.loads((bundle / "bundle.json").read_text())["name"]
    example = json.loads((bundle / "example" / "request.json").read_text())
    with serving(command, port, f"/v2/models/{name}/ready") as (process, cold):
        for ask in ("infer", "explain"):
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/v2/models/{name}/{ask}", json.dumps(example).encode()
            )
            for _ in range(20 if ask == "infer" else 5):
                urllib.request.urlopen(request, timeout=120).read()
        memory = _peak(process.pid)
    model = ServedModel(bundle, examined(FolderSource(bundle), key))
    inner, spent = model._predictor.log_odds, [0.0]  # noqa: SLF001  (what is timed)

    def timed(pixels: Any) -> Any:
        began = time.perf_counter()
        answer = inner(pixels)
        spent[0] += time.perf_counter() - began
        return answer

    model._predictor.log_odds = timed  # noqa: SLF001  (as above)
    tensor = example["inputs"][0]
    pixels = np.asarray(tensor["data"], dtype=np.float32).reshape(tensor["shape"])
    ratios, totals = [], []
    for _ in range(7):
        spent[0], began = 0.0, time.perf_counter()
        model.explain(pixels)
        totals.append(time.perf_counter() - began)
        ratios.append(totals[-1] / spent[0])
    return {
        "cold_start_cpu_s": round(cold, 2),
        "memory_mb": memory,
        "explain_s": round(statistics.median(totals), 3),
        "explain_to_model_calls": round(statistics.median(ratios), 3),
    }


if __name__ == "__main__":
    sys.exit(main())
