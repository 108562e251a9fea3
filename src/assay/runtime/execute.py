"""Run one step in its folder: the same code in a forked process, in a spawned one, and in a pod."""

from __future__ import annotations

import json
import os
from pathlib import Path

from assay.runtime.artifacts import CLASSES, Handle
from assay.runtime.failures import StepFailure, failure_of
from assay.runtime.loading import SECRET_PREFIX, load_function
from assay.runtime.results import NOTHING, collect
from assay.runtime.step import Session, step

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from assay.runtime.channels import Channel
    from assay.runtime.results import RawOutput

FORMAT = 1
"""The version of ``step.json`` that this code reads."""


def execute(folder: Path, channel: Channel) -> dict[str, RawOutput]:
    """Run the step that ``folder/step.json`` describes; return its outputs by port, not yet in the store.

    The current directory is ``folder/scratch`` meanwhile. What the component prints goes to this process's own stdout: the
    caller has pointed that at the log.

    Args:
        folder: STEP_DIR of the execution contract, with ``step.json``, ``inputs/`` and ``outputs/``.
        channel: Takes metrics, progress and previews.

    Raises:
        StepFailure: Whatever went wrong in the component or with its outputs.
    """
    folder = Path(os.path.abspath(folder))
    with open(f"{folder}/step.json", "rb", buffering=0) as file:
        order = json.loads(file.readall().decode())
    if order["format"] != FORMAT:
        raise StepFailure("import", f"step.json has format {order['format']}, this runtime reads {FORMAT}")
    for name in ("outputs", "scratch"):
        if not os.path.isdir(f"{folder}/{name}"):
            os.mkdir(f"{folder}/{name}")
    back = os.getcwd()
    os.chdir(f"{folder}/scratch")
    try:
        return _run(folder, order, channel)
    finally:
        os.chdir(back)


def _run(folder: Path, order: Mapping[str, Any], channel: Channel) -> dict[str, RawOutput]:
    kind = order["implementation"]["kind"]
    function = load_function(order["implementation"]) if kind == "function" else None
    inputs = {port: _input(folder, facts) for port, facts in order["inputs"].items()}
    params = dict(order["params"])
    step.begin(Session(folder, channel, params, inputs, order.get("threads", 1)))
    try:
        if function is None:
            _run_file(folder, order)
            returned: object = NOTHING
        else:
            returned = _call(function, {**bind_params(function, params), **inputs})
    finally:
        step.end()
    try:
        return collect(folder / "outputs", order["outputs"], returned)
    except OSError as error:
        raise StepFailure("store", f"cannot write the outputs: {error}") from error


def _run_file(folder: Path, order: Mapping[str, Any]) -> None:
    """Run a notebook or script: it writes its outputs and returns nothing."""
    if order["implementation"]["kind"] == "container":
        raise StepFailure("import", "this step runs in a container, and no container executor is here to run it")
    if order["implementation"]["kind"] == "notebook":
        from assay.runtime.notebook import run_notebook  # IPython is heavy, and functions do not need it

        run_notebook(folder, order)
    else:
        from assay.runtime.script import run_script  # functions do not need it

        run_script(folder, order)


def _input(folder: Path, facts: Mapping[str, Any]) -> Handle | list[Handle]:
    kind = CLASSES[facts["type"]]
    handles: list[Handle] = [kind(folder / path) for path in facts["paths"]]
    return handles if facts["many"] else handles[0]


def _call(function: Callable[..., object], arguments: Mapping[str, Any]) -> object:
    try:
        return function(**arguments)
    except SystemExit as error:
        if error.code in (None, 0):
            return NOTHING
        told = f"status {error.code}" if isinstance(error.code, int) else str(error.code)
        raise StepFailure("exit-status", f"the component ended its process: {told}") from error
    except BaseException as error:  # the wall around user code
        raise failure_of(error) from error


def bind_params(function: Callable[..., object], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments for ``params``: paths become ``Path``, secrets are read from the environment."""
    code = getattr(function, "__code__", None)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
    bound = {name: _typed(function, name, value) for name, value in params.items()}
    for name in names:
        variable = SECRET_PREFIX + name.upper()
        if name not in params and variable in os.environ:
            bound[name] = os.environ[variable]
    return bound


def _typed(function: Callable[..., object], name: str, value: Any) -> Any:
    """Make a ``Path`` of text for a parameter annotated so: JSON knows no paths."""
    texts = [value] if isinstance(value, str) else list(value.values()) if isinstance(value, dict) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return value
    if not texts or not _takes_path(function, name):
        return value
    if isinstance(value, dict):
        return {key: Path(text) for key, text in value.items()}
    return Path(value) if isinstance(value, str) else [Path(text) for text in texts]


def _takes_path(function: Callable[..., object], name: str) -> bool:
    """Whether an annotation has ``Path`` in it, without evaluating it (``typing.get_type_hints`` costs more than a step)."""
    annotation = getattr(function, "__annotations__", {}).get(name)
    if not isinstance(annotation, str):
        return _is_path(annotation)
    scope = getattr(function, "__globals__", {})
    import re  # only for a parameter that holds text

    words = re.findall(r"[A-Za-z_][\w.]*", re.sub(r"'[^']*'|\"[^\"]*\"", "", annotation))
    return any(_is_path(_named(scope, word)) for word in words)


def _is_path(annotation: object) -> bool:
    return annotation is Path or f"{Path.__module__}.Path" in repr(annotation)


def _named(scope: Mapping[str, Any], dotted: str) -> object:
    first, *rest = dotted.split(".")
    found: object = scope.get(first)
    for name in rest:
        found = getattr(found, name, None)
    return found
