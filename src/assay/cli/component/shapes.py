"""The JSON of ``assay component check`` and ``assay component test``; stable like all of ``assay.views.shapes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.model.artifacts import Json
from assay.views.shapes import fault_json

if TYPE_CHECKING:
    from assay.check.components import SourceCheck
    from assay.cli.component.testing import Tested


def component_check_json(checked: SourceCheck, fixed: int) -> dict[str, Json]:
    """A checked source: ``file``, ``ok`` (no error), ``fixed`` (repairs written), ``components`` (their names), ``faults``."""
    names: list[Json] = [str(spec.name) for spec in checked.specs]
    return {
        "file": str(checked.file),
        "ok": checked.ok,
        "fixed": fixed,
        "components": names,
        "faults": [fault_json(fault) for fault in checked.faults],
    }


def component_test_json(tested: Tested) -> dict[str, Json]:
    """A tested source: ``file``, ``ok``, ``contract`` (component to checks, each ``check``, ``ok``, ``problems``, ``hint``), ``tests``
    (``null`` or ``file``, ``status`` of pytest, ``counts``, ``output``)."""
    tests = tested.tests
    contract: dict[str, Json] = {
        name: [
            {"check": verdict.check, "ok": verdict.ok, "problems": list[Json](verdict.problems), "hint": verdict.hint}
            for verdict in verdicts
        ]
        for name, verdicts in tested.contract.items()
    }
    return {
        "file": str(tested.file),
        "ok": tested.ok,
        "contract": contract,
        "tests": {
            "file": str(tests.file),
            "status": tests.status,
            "counts": dict[str, Json](tests.counts),
            "output": tests.output,
        }
        if tests
        else None,
    }
