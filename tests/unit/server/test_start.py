"""The server's start is light: nothing is loaded that the first answer does not need."""

import subprocess
import sys

from assay.server.app import api_document

HEAVY = "fastapi pydantic numpy pandas pyarrow torch PIL scipy sklearn onnxruntime lxml jsonschema"


def test_the_application_loads_nothing_heavy():
    code = (
        "import sys, assay.cli.serving, assay.server.app;"
        f"print(sorted(set(sys.modules) & set({HEAVY.split()!r})), 'assay.server.openapi' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"


def test_every_operation_of_the_document_is_explained_and_has_a_name_of_its_own():
    operations = [one for path in api_document()["paths"].values() for one in path.values()]
    assert all(one["description"].endswith(".") for one in operations)
    assert len({one["operationId"] for one in operations}) == len(operations)
