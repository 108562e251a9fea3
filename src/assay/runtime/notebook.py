"""Run a notebook's cells as a step, in this process, and write it down as it ran."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import sys
import types
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from assay.runtime.failures import StepFailure, failure_of
from assay.runtime.loading import SECRET_PREFIX
from assay.runtime.variables import Values, cut_traceback, source_lines

_LONGEST_STREAM = 2**20
_HIDDEN = "<secret>"
_INSTALLS = re.compile(r"\s*[!%]\s*(?:sudo\s+)?(?:\S*python[\d.]*\s+-m\s+)?(?:uv\s+)?pip[\d.]*\s+install\s")
_IMAGE = re.compile(r"\s*(?:[!%]\s*)?(?:\w+\s*=\s*)?(?:[\w.]+\.)?(?:create_image|c3_create_\w+)\b\s*(?:\(|[\w./\"'-])")


def run_notebook(folder: Path, order: Mapping[str, Any]) -> None:
    """Run the notebook that the order names; raises ``StepFailure``.

    ``outputs/notebook.ipynb`` is the notebook as it ran, also when a cell fails. The source is only read.
    """
    values = Values(folder, order)
    values.apply()
    file = order["implementation"]["file"]
    try:
        notebook = json.loads(Path(file).read_bytes())
        cells = notebook["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "the file was changed since the pipeline was checked"
        raise StepFailure("import", f"{file} is not a notebook", hint=hint) from error
    _clear(cells)
    if values.assignments:
        cells.insert(order["implementation"]["after"], _parameters_cell(values.assignments))
    target = folder / "outputs" / "notebook.ipynb"
    secrets = [text for name, text in os.environ.items() if name.startswith(SECRET_PREFIX) and text]
    shell = _Shell(file)
    try:
        _run_cells(cells, shell, file)
    finally:
        shell.close()
        target.write_text(_written(notebook, secrets), encoding="utf-8")
    values.remove_empty()


def _clear(cells: list[dict[str, Any]]) -> None:
    """Take out the outputs of former runs."""
    for cell in cells:
        source = cell.get("source", "")
        cell["source"] = "".join(source) if isinstance(source, list) else str(source)
        cell.setdefault("metadata", {})
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None


def _parameters_cell(assignments: Mapping[str, str]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "injected-parameters",
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": "\n".join(source_lines(assignments)),
    }


def _written(notebook: dict[str, Any], secrets: list[str]) -> str:
    """Return the notebook as JSON of format 4.5 or as it was, without secrets."""
    if any("id" in cell for cell in notebook["cells"]):
        notebook["nbformat"], notebook["nbformat_minor"] = 4, max(5, int(notebook.get("nbformat_minor", 5)))
        for number, cell in enumerate(notebook["cells"], 1):
            cell.setdefault("id", f"cell-{number}")
    notebook.setdefault("metadata", {})
    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    for secret in secrets:
        text = text.replace(json.dumps(secret, ensure_ascii=False)[1:-1], _HIDDEN)
    return text.encode(errors="backslashreplace").decode()


def _run_cells(cells: list[dict[str, Any]], shell: _Shell, file: str) -> None:
    number = 0
    for cell in cells:
        tags = cell["metadata"].get("tags", [])
        injected = "injected-parameters" in tags and cell.get("id") == "injected-parameters"
        number += not injected
        if cell.get("cell_type") != "code" or not cell["source"].strip():
            continue
        error = shell.run(cell, number)
        if isinstance(error, SystemExit):
            if error.code in (None, 0):
                return
            told = f"status {error.code}" if isinstance(error.code, int) else str(error.code)
            raise StepFailure("exit-status", f"cell {number} ended the notebook with {told}") from error
        if error is not None and "raises-exception" not in tags:
            raise _failure(error, number, cell["source"], file) from error


def _failure(error: BaseException, number: int, source: str, file: str) -> StepFailure:
    """Return what a cell's exception means, with the line of the cell that it came from."""
    name = cell_name(file, number)
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == name else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    cut_traceback(error, [f"{file}:cell "])
    failure = failure_of(error)
    lines = source.splitlines()
    place = f"cell {number}"
    if line is not None and 1 <= line <= len(lines):
        place += f", line {line}: {lines[line - 1].strip()[:200]}"
    return StepFailure(failure.code, f"{failure.message} ({place})", failure.traceback, failure.hint)


def cell_name(file: str, number: int) -> str:
    """Return the file name of a cell in tracebacks."""
    return f"{file}:cell {number}"


def _runnable(source: str) -> str:
    """Return a cell without its lines that install packages, and without an image's build: neither is for a run."""
    if any(_IMAGE.match(line) for line in source.splitlines()):
        print("assay: a cell that builds an image is not run", flush=True)
        return ""
    kept: list[str] = []
    for line in source.splitlines():
        if _INSTALLS.match(line):
            print(f"assay: not installed by a run, the component requires it: {line.strip()}", flush=True)
            indent = line[: len(line) - len(line.lstrip())]
            line = f"{indent}pass"  # noqa: PLW2901  (the line numbers must stay)
        kept.append(line)
    return "\n".join(kept)


class _Shell:
    """IPython in this process: cells with magics, displayed objects and figures, without a kernel's own process."""

    def __init__(self, file: str) -> None:
        try:
            from IPython.core.interactiveshell import InteractiveShell  # heavy: forked steps find it imported
            from traitlets.config import Config
        except ImportError as error:
            hint = "pip install 'assay-ml[notebook]'"
            raise StepFailure("import", "IPython, which runs notebooks, is not installed", hint=hint) from error
        from assay.runtime.recording import displays  # it needs IPython

        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        os.environ["IPYTHONDIR"] = os.path.abspath(".ipython")
        self._before = sys.path[:], sys.argv, sys.modules["__main__"], sys.displayhook, sys.excepthook
        sys.path.insert(0, os.path.dirname(file))
        sys.argv = [file]
        self._file, self.outputs, self._count = file, [], 0
        hook, publisher = displays(self.record, self.clear)
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryAccessor.enabled = False
        warnings.filterwarnings("ignore", "To exit: use")  # advice for somebody at a prompt
        module = types.ModuleType("__main__")
        parts = {
            "displayhook_class": hook,
            "display_pub_class": publisher,
            "enable_gui": lambda *_, **__: None,  # nobody sits before it
            "ask_exit": _leave,
        }
        made: Any = type("StepShell", (InteractiveShell,), parts)
        self._class = made
        self._shell = made.instance(config=config, user_module=module)
        self._shell.showtraceback = lambda *_, **__: None
        self._shell.showsyntaxerror = lambda *_, **__: None
        self._shell.colors = "nocolor"
        self._number = 0
        self._shell.compile.get_code_name = lambda *_: cell_name(file, self._number)
        sys.modules["__main__"] = module

    outputs: list[dict[str, Any]]

    def run(self, cell: dict[str, Any], number: int) -> BaseException | None:
        """Run one cell; its outputs and count are put into it. Returns its error."""
        self.outputs, self._number = cell["outputs"], number
        self._count += 1
        cell["execution_count"] = self._count
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Tee(streams[0], "stdout", self), _Tee(streams[1], "stderr", self)
        try:
            result = self._shell.run_cell(_runnable(cell["source"]), store_history=True, silent=False)
        finally:
            sys.stdout, sys.stderr = streams
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        if error is not None and not isinstance(error, SystemExit):
            import traceback  # only when a cell fails

            cut_traceback(error, [f"{self._file}:cell "])
            told = "".join(traceback.format_exception(error)).splitlines()
            self.record(
                {"output_type": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": told}
            )
        return error

    def record(self, output: dict[str, Any]) -> None:
        """Add an output to the running cell; text joins the text before it."""
        last = self.outputs[-1] if self.outputs else {}
        if output["output_type"] == "execute_result":
            output["execution_count"] = self._count
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            room = _LONGEST_STREAM - len(last["text"])
            last["text"] += output["text"][: max(room, 0)]
            return
        for kind, data in output.get("data", {}).items():
            if isinstance(data, bytes):
                output["data"][kind] = base64.b64encode(data).decode()
        self.outputs.append(output)

    def clear(self) -> None:
        """Take back the outputs of the running cell."""
        self.outputs.clear()

    def close(self) -> None:
        """Leave this process as it was."""
        self._class.clear_instance()
        sys.path[:], sys.argv, sys.modules["__main__"], sys.displayhook, sys.excepthook = self._before


def _leave(_shell: object) -> None:
    """End the notebook: what ``exit`` and ``quit`` do."""
    raise SystemExit(0)


class _Tee(io.TextIOBase):
    """Writes to the log and into the running cell."""

    def __init__(self, log: IO[str], name: str, shell: _Shell) -> None:
        self._log, self._name, self._shell = log, name, shell

    def write(self, text: str) -> int:
        """Write ``text`` to both."""
        self._shell.record({"output_type": "stream", "name": self._name, "text": text})
        return self._log.write(text)

    def flush(self) -> None:
        """Flush the log."""
        self._log.flush()

    def fileno(self) -> int:
        """Return the log's descriptor, for processes that a cell starts."""
        return self._log.fileno()

    def isatty(self) -> bool:
        """Say that nobody sits before it."""
        return False
