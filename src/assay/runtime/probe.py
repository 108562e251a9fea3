"""What a component's function looks like once it is imported: ``python -m assay.runtime.probe``, the implementation as JSON on stdin.

Its answer is one JSON document on stdout, ``{"parameters": [{"name", "by_name", "default"}]}`` or ``{"failure": {"message", "hint",
"traceback"}}``; what the import prints goes to stderr. A default that JSON cannot hold is told by its ``repr`` under ``shown``.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.runtime.failures import StepFailure
from assay.runtime.loading import load_function


def probe(implementation: Mapping[str, Any]) -> dict[str, Any]:
    """Import the function and return its parameters, or why it cannot be imported."""
    try:
        function = load_function(implementation)
    except StepFailure as failure:
        return {"failure": {"message": failure.message, "hint": failure.hint, "traceback": failure.traceback}}
    return {"parameters": [_parameter(found) for found in inspect.signature(function).parameters.values()]}


def _parameter(found: inspect.Parameter) -> dict[str, Any]:
    by_name = found.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    facts: dict[str, Any] = {"name": found.name, "by_name": by_name}
    if found.default is not inspect.Parameter.empty:
        facts |= _default(found.default)
    return facts


def _default(value: object) -> dict[str, Any]:
    if isinstance(value, Path):
        return {"default": os.fspath(value)}
    try:
        return {"default": json.loads(json.dumps(value, allow_nan=False))}
    except (TypeError, ValueError):
        return {"shown": repr(value)}


def main() -> None:
    """Answer on the real stdout, and lead everything that the import prints to stderr."""
    answer = os.dup(1)
    os.dup2(2, 1)
    text = json.dumps(probe(json.load(sys.stdin)))
    sys.stdout.flush()
    with os.fdopen(answer, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
