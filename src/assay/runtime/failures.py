"""How a step fails: one exception with a stable code, and the user's own part of the traceback."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    import traceback

_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LONGEST_MESSAGE = 2000
_LONGEST_TRACEBACK = 20_000


class StepFailure(Exception):  # noqa: N818  (the word of the contract)
    """An attempt of a step failed.

    Attributes:
        code: ``raised``, ``exit-status``, ``killed``, ``out-of-memory``, ``missing-output``, ``bad-output``, ``component``,
            ``import`` or ``store``.
        message: One sentence.
        traceback: The user's own frames, without ours; empty when they say nothing.
        hint: The next thing to do.
    """

    def __init__(self, code: str, message: str, traceback: str = "", hint: str = "") -> None:
        self.code = code
        self.message = message
        self.traceback = traceback
        self.hint = hint
        super().__init__(f"[{code}] {message}")


def failure_of(error: BaseException) -> StepFailure:
    """Return what an exception from a component means."""
    from assay.errors import AssayError, MissingDependency  # heavy for a step's process, and needed only when one fails

    if isinstance(error, MissingDependency):
        return StepFailure("import", error.message, hint=error.hint)
    if isinstance(error, AssayError):
        return StepFailure("component", error.message, hint=error.hint)
    if isinstance(error, KeyboardInterrupt):
        return StepFailure("killed", "interrupted")
    if _is_out_of_memory(error):
        hint = "ask for more under 'resources: {memory: …}', or give the step less to hold at one time"
        return StepFailure(
            "out-of-memory", f"needed more memory than there is: {_text(error)}", _traceback(error), hint
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        return StepFailure("import", _text(error), _traceback(error), install_hint(error.name))
    return StepFailure("raised", _text(error), _traceback(error))


def import_failure(error: ImportError, what: str) -> StepFailure:
    """Return the failure of a component whose module cannot be imported."""
    hint = install_hint(error.name) if isinstance(error, ModuleNotFoundError) and error.name else ""
    return StepFailure("import", f"cannot import {what}: {_text(error)}", _traceback(error), hint)


_DISTRIBUTIONS = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
"""Import name to package name, where they differ."""


def install_hint(module: str) -> str:
    """Return what to type so that ``module`` can be imported: one of our extras if one has it, else the package."""
    import re  # only when a step fails
    from importlib.metadata import PackageNotFoundError, requires

    package = _DISTRIBUTIONS.get(module.partition(".")[0], module.partition(".")[0])
    try:
        wanted = requires("assay-ml") or []
    except PackageNotFoundError:
        wanted = []
    extras: dict[str, list[str]] = {}
    for requirement in wanted:
        found = re.match(r"([A-Za-z0-9._-]+).*;.*extra\s*==\s*['\"]([^'\"]+)['\"]", requirement)
        if found:
            extras.setdefault(found[2], []).append(found[1].lower().replace("_", "-"))
    offered = [extra for extra, packages in extras.items() if package.lower().replace("_", "-") in packages]
    if offered:
        smallest = min(offered, key=lambda extra: len(extras[extra]))
        return f"pip install 'assay-ml[{smallest}]'"
    return f"pip install {package}"


def _is_out_of_memory(error: BaseException) -> bool:
    """Tell also torch's ways of saying it: a class of its own for CUDA, a bare ``RuntimeError`` for the CPU."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def _text(error: BaseException) -> str:
    import traceback  # only when a step fails

    text = "".join(traceback.format_exception_only(error)).strip()
    last = text.splitlines()[-1] if isinstance(error, SyntaxError) else text
    return _cut(last, _LONGEST_MESSAGE)


def _traceback(error: BaseException) -> str:
    """Return the traceback of ``error`` and its causes, our frames and the import system's cut off at both ends."""
    import traceback

    whole = traceback.TracebackException.from_exception(error)
    todo = [whole]
    while todo:
        part = todo.pop()
        part.stack[:] = _users(part.stack)
        todo.extend(near for near in (part.__cause__, part.__context__) if near is not None)
        todo.extend(part.exceptions or ())
    return _cut("".join(whole.format()), _LONGEST_TRACEBACK)


def _users(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    theirs = [n for n, frame in enumerate(frames) if not frame.filename.startswith((_OURS, "<frozen importlib"))]
    return frames[theirs[0] : theirs[-1] + 1] if theirs else []


def _cut(text: str, longest: int) -> str:
    half = longest // 2
    return (
        text
        if len(text) <= longest
        else f"{text[:half]}\n … {len(text) - 2 * half} characters left out …\n{text[-half:]}"
    )
