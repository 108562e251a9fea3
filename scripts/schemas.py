"""Write the published JSON Schemas and the server's OpenAPI document: python scripts/schemas.py FOLDER."""

import json
import sys
from pathlib import Path

from assay.model.schema import schema as pipeline_schema
from assay.server.app import api_document
from assay.trust.evidence.schema import schema
from assay.trust.gate.schemas import policy_schema, verdict_schema

if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for name, body in (
        ("evidence-1.schema.json", schema()),
        ("pipeline-1.schema.json", pipeline_schema()),
        ("policy-1.schema.json", policy_schema()),
        ("verdict-1.schema.json", verdict_schema()),
        ("studio.openapi.json", api_document()),
    ):
        (target / name).write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
