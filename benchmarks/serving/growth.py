"""An hour's worth of requests, good ones and mangled ones, over HTTP and gRPC: none is a 5xx, and the server does not grow.

python benchmarks/serving/growth.py BUNDLE [--requests 36000]
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import socket
import sys
from pathlib import Path

import grpc
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from asking import answered, posted
from bench import _free_port, _serving

METHOD = "/inference.GRPCInferenceService/ModelInfer"
WARM = 3000
"""Requests before the first look: pools, caches and counters are filled by then."""


def main() -> None:
    """Ask, and print what came back and how large the server was."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("bundle", type=Path)
    words.add_argument("--requests", type=int, default=36_000)
    given = words.parse_args()
    chance, port, rpc_port = random.Random(0), _free_port(), _free_port()
    name = json.loads((given.bundle / "bundle.json").read_text())["name"]
    example = json.loads((given.bundle / "example" / "request.json").read_text())
    whole = json.dumps(example).encode()
    message = _message(name, example)
    path = f"/v2/models/{name}"
    assay = str(Path(sys.executable).parent / "assay")
    command = [assay, "serve", str(given.bundle), "--port", str(port), "--grpc-port", str(rpc_port), "--no-log"]
    found: collections.Counter[str] = collections.Counter()
    sizes = []
    with (
        _serving(command, port, f"{path}/ready") as (process, _),
        socket.create_connection(("127.0.0.1", port)) as connection,
        grpc.insecure_channel(f"127.0.0.1:{rpc_port}") as channel,
    ):
        send = channel.unary_unary(METHOD)
        for number in range(given.requests):
            if number in {WARM, given.requests // 2, given.requests - 1}:
                sizes.append(_resident(process.pid))
            if number % 2:
                body = whole if number % 10 == 1 else _mangled(whole, chance)
                status, _ = answered(connection, posted(port, f"{path}/infer", body, {}))
                found[f"http {status}"] += 1
            else:
                call = send.future(message if number % 10 == 0 else _mangled(message, chance), timeout=30)
                call.exception()
                found[f"grpc {call.code().name}"] += 1
    print(json.dumps({"requests": given.requests, "answers": dict(sorted(found.items())), "resident_mb": sizes}))


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
    main()
