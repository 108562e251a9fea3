"""Ask a served bundle for its own example: a prediction and an explanation. Needs nothing but Python.

python ask.py ADDRESS BUNDLE
"""

import json
import sys
import urllib.request
from pathlib import Path


def asked(address, what, body):
    """Return the answer to a request of the open inference protocol, version 2."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{address}/v2/models/lungs/{what}", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


address, bundle = sys.argv[1], Path(sys.argv[2])
body = (bundle / "example" / "request.json").read_bytes()
wanted = json.loads((bundle / "example" / "answer.json").read_text())

answer = asked(address, "infer", body)
shares = next(one["data"] for one in answer["outputs"] if one["name"] == "probabilities")
print("prediction:", dict(zip(wanted["labels"], shares, strict=True)))
for warning in answer["parameters"]["warnings"]:
    print("  !", warning)
if any(abs(got - share) > wanted["tolerance"] for got, share in zip(shares, wanted["probabilities"], strict=True)):
    sys.exit("it answers otherwise than where it was made")

(explained,) = asked(address, "explain", body)["explanations"]
heat, faithful = explained["heatmap"], explained["faithfulness"]
print(f"explanation: {explained['method']['name']}, {heat['shape']}, deletion {faithful['deletion']:.3f}, insertion {faithful['insertion']:.3f}")
