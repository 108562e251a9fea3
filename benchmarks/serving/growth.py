"""An hour's worth of requests, good ones and mangled ones, over HTTP and gRPC: none is a 5xx, and the server does not grow.

    python benchmarks/serving/growth.py [--requests 36000]

The bundle is a CNN for one channel of 64 x 64. Ends with the number of budgets that are broken.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import socket
import sys
import tempfile
from pathlib import Path

import grpc
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from asking import answered, posted
from bench import bundled, cnn, free_port, serving
from budgets import of_growth, told

METHOD = "/inference.GRPCInferenceService/ModelInfer"
WARM = 3000
"""Requests before the first look: pools, caches and counters are filled by then."""


def main() -> int:
    """Ask, and print what came back and how large the server was; return how many budgets are broken."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--requests", type=int, default=36_000)
    given = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="assay-growth-") as scratch:
        bundle, key = bundled(Path(scratch), cnn(1), (1, 1, 64, 64))
        answers, sizes = _asked(bundle, key, given.requests)
    print(json.dumps({"requests": given.requests, "answers": answers, "resident_mb": sizes}))
    return told(of_growth(answers, sizes))


def _asked(bundle: Path, key: Path, requests: int) -> tuple[dict[str, int], list[float]]:
    """Return how many answers of each kind came, and how large the server was at the start, in the middle and at the end."""
    chance, port, rpc_port = random.Random(0), free_port(), free_port()
    name = json.loads((bundle / "bundle.json").read_text())["name"]
    example = json.loads((bundle / "example" / "request.json").read_text())
    whole = json.dumps(example).encode()
    message = _message(name, example)
    path = f"/v2/models/{name}"
    assay = str(Path(sys.executable).parent / "assay")
    command = [
        assay,
        "serve",
        str(bundle),
        "--key",
        str(key),
        "--port",
        str(port),
        "--grpc-port",
        str(rpc_port),
        "--no-log",
    ]
    found: collections.Counter[str] = collections.Counter()
    sizes = []
    with (
        serving(command, port, f"{path}/ready") as (process, _),
        socket.create_connection(("127.0.0.1", port)) as connection,
        grpc.insecure_channel(f"127.0.0.1:{rpc_port}") as channel,
    ):
        send = channel.unary_unary(METHOD)
        for number in range(requests):
            if number in {min(WARM, requests // 4), requests // 2, requests - 1}:
                sizes.append(_resident(process.pid))
            if number % 2:
                body = whole if number % 10 == 1 else _mangled(whole, chance)
                status, _ = answered(connection, posted(port, f"{path}/infer", body, {}))
                found[f"http {status}"] += 1
            else:
                call = send.future(message if number % 10 == 0 else _mangled(message, chance), timeout=30)
                call.exception()
                found[f"grpc {call.code().name}"] += 1
    return dict(sorted(found.items())), sizes


def _message(name: str, example: dict) -> bytes:
    from tritonclient.grpc import service_pb2 as messages

    tensor = example["inputs"][0]
    only = messages.ModelInferRequest.InferInputTensor(name="image", datatype="FP32", shape=tensor["shape"])
    raw = np.array(tensor["data"], dtype="<f4").tobytes()
    return messages.ModelInferRequest(model_name=name, inputs=[only], raw_input_contents=[raw]).SerializeToString()


def _mangled(whole: bytes, chance: random.Random) -> bytes:
    body = bytearray(whole)
    for _ in range(chance.randint(1, 6)):
        body[chance.randrange(min(200, len(body)))] = chance.randrange(256)
    return bytes(body[: chance.randrange(len(body))] if chance.random() < 0.2 else body)


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024, 1)


if __name__ == "__main__":
    sys.exit(main())
