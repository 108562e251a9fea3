"""Ask a served bundle for its own example: a prediction and an explanation. Needs nothing but Python.

python ask.py ADDRESS BUNDLE
"""

from __future__ import annotations

import http.client
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def asked(address: str, what: str, body: bytes) -> dict[str, Any]:
    """Return the answer to a request of the open inference protocol, version 2."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("POST", f"/v2/models/lungs/{what}", body, {"content-type": "application/json"})
    answer: dict[str, Any] = json.load(connection.getresponse())
    connection.close()
    return answer


address, bundle = sys.argv[1], Path(sys.argv[2])
question = (bundle / "example" / "request.json").read_bytes()
wanted = json.loads((bundle / "example" / "answer.json").read_text())

predicted = asked(address, "infer", question)
shares = next(one["data"] for one in predicted["outputs"] if one["name"] == "probabilities")
print("prediction:", dict(zip(wanted["labels"], shares, strict=True)))
for warning in predicted["parameters"]["warnings"]:
    print("  !", warning)
if any(abs(got - share) > wanted["tolerance"] for got, share in zip(shares, wanted["probabilities"], strict=True)):
    sys.exit("it answers otherwise than where it was made")

(explained,) = asked(address, "explain", question)["explanations"]
heat, faithful = explained["heatmap"], explained["faithfulness"]
print(f"explanation: {explained['method']['name']} over {' x '.join(map(str, heat['shape']))} pixels")
print(f"faithfulness: deletion {faithful['deletion']:.3f}, insertion {faithful['insertion']:.3f}")
