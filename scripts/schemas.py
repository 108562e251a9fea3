"""Write the published JSON Schemas: python scripts/schemas.py FOLDER."""

import json
import sys
from pathlib import Path

from assay.trust.evidence.schema import schema

target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
(target / "evidence-1.schema.json").write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
