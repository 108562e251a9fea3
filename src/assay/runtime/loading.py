"""Find a component's function: import its module, or load its file."""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader

from assay.runtime.failures import StepFailure, failure_of, import_failure

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType, ModuleType
    from typing import Any

_known: dict[str, tuple[int, int, CodeType, str]] = {}

SECRET_PREFIX = "ASSAY_PARAM_"  # noqa: S105  (a variable's name, not a secret)
"""A secret parameter ``token`` arrives in the variable ``ASSAY_PARAM_TOKEN``."""


def load_function(implementation: Mapping[str, Any]) -> Callable[..., object]:
    """Return the function that ``step.json`` names under ``implementation``; raises ``StepFailure``."""
    module = implementation.get("module", "")
    what = module or implementation["file"]
    try:
        loaded = _import(module) if module else load_file(implementation["file"])
    except ImportError as error:
        raise import_failure(error, what) from error
    except SystemExit as error:
        raise StepFailure(
            "exit-status", f"{what} ended the process while it was imported (status {error.code})"
        ) from error
    except BaseException as error:  # the wall around user code
        raise failure_of(error) from error
    found = getattr(loaded, implementation["function"], None)
    if not callable(found):
        hint = "the file was changed since the pipeline was checked"
        raise StepFailure("import", f"{what} has no function {implementation['function']!r}", hint=hint)
    function: Callable[..., object] = found
    return function


def _import(name: str) -> ModuleType:
    __import__(name)
    return sys.modules[name]


def know(file: str) -> None:
    """Read and compile a Python file now, so that ``load_file`` finds its code in memory, also after a fork. Runs nothing of it."""
    try:
        found = os.stat(file)
        code = SourceFileLoader("assay_file", file).get_code("assay_file")
    except Exception:  # noqa: BLE001  (whoever loads it will hear what is wrong with it)
        return
    if code is not None:
        _known[file] = (found.st_mtime_ns, found.st_size, code, module_name(file))


def _known_code(file: str) -> CodeType | None:
    if file not in _known:
        return None
    modified, size, code, _ = _known[file]
    found = os.stat(file)
    return code if (found.st_mtime_ns, found.st_size) == (modified, size) else None


def module_name(file: str) -> str:
    """Return the name under which a file is loaded: its own, and that of no installed module."""
    return "assay_file" + "".join(sign if sign.isalnum() else "_" for sign in file)


def load_file(file: str) -> ModuleType:
    """Load a Python file as a module of its own name, its folder first on ``sys.path`` so that it finds its siblings."""
    name = _known[file][3] if file in _known else module_name(file)
    if name in sys.modules:
        return sys.modules[name]
    folder = file.rpartition("/")[0]
    if folder not in sys.path:
        sys.path.insert(0, folder)
    loader = SourceFileLoader(name, file)
    spec = ModuleSpec(name, loader, origin=file)
    spec.has_location = True
    module = type(sys)(name)
    module.__spec__, module.__loader__, module.__file__ = spec, loader, file
    # Before it runs: dataclasses and pickle look a class's module up by its name.
    sys.modules[name] = module
    try:
        code = _known_code(file)
        if code is None:
            loader.exec_module(module)
        else:
            exec(code, module.__dict__)  # noqa: S102  (what ``exec_module`` does)
    except BaseException:
        del sys.modules[name]
        raise
    return module
