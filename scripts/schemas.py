"""Write the published JSON Schemas and the server's OpenAPI document: python scripts/schemas.py FOLDER."""

import json
import sys
import tempfile
from pathlib import Path

from assay.model.schema import schema as pipeline_schema
from assay.server.app import make_app
from assay.server.settings import Settings
from assay.store import Store
from assay.trust.evidence.schema import schema
from assay.trust.gate.schemas import policy_schema, verdict_schema
from assay.workspace import Workspace


def openapi() -> dict[str, object]:
    """Return the OpenAPI document, from which the editor's types are made."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / ".assay")
        document: dict[str, object] = make_app(Workspace(Path(folder), store), Settings(Path(folder), 80)).openapi()
        store.close()
    return document


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for name, body in (
        ("evidence-1.schema.json", schema()),
        ("pipeline-1.schema.json", pipeline_schema()),
        ("policy-1.schema.json", policy_schema()),
        ("verdict-1.schema.json", verdict_schema()),
        ("studio.openapi.json", openapi()),
    ):
        (target / name).write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
