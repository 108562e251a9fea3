"""The reference page of the command line, made from the application itself: ``python -m assay.cli.reference > docs/cli.md``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import typer.main

from assay.cli.app import COMMANDS, EXIT_CODES, app
from assay.cli.component.shapes import component_check_json, component_test_json
from assay.cli.summary import summary_json
from assay.views import shapes
from assay.views.comparison import Comparison

_HEAD = """# The command line

This page is made from the application: `python -m assay.cli.reference > docs/cli.md`. A test fails when it is out of date.

* Results go to stdout, messages and errors to stderr. Colour and progress bars appear only on a terminal, never with `NO_COLOR` set.
* Where a command takes RUN, a unique start of a run's id is enough, and `last` is the newest run.
* An element of a `foreach` step is written `'step[3]'`.
* `assay --install-completion` teaches the shell the names of commands, runs, steps, parameters and components.
* The store is `.assay` in the current folder or the nearest one above; `--store` or `ASSAY_STORE` names another.
"""

_JSON = """## JSON

With `--json` a command writes one JSON document to stdout and nothing else there. `assay run --json` and `assay resume --json` write one
object a line: first `{"type": "run", "run": id}`, then every event as it is in the log, and last the summary. `assay component run --json`
does the same, with the log on stderr, and adds `{"type": "outputs", "folder": …, "outputs": {port: path}}` when outputs were copied out.
`assay component new --json` writes `name` and `files`; `assay build --json` writes `target`, `component`, `version`, `code`, `image`, `folder`, `files` and
`next`, the command to type. When a command fails, the
document is `{"error": …}` with the fields of a fault and `faults`, a list. Fields may be added; none is renamed or removed.
Times are seconds since the epoch, durations seconds, sizes bytes.
"""

_SHAPES: dict[str, Callable[..., Any]] = {
    "fault (`check`, errors)": shapes.fault_json,
    "event (`run`, `resume`)": shapes.event_json,
    "summary (`run`, `resume`)": summary_json,
    "plan (`run --dry-run`)": shapes.plan_json,
    "run in a list (`runs`)": shapes.run_row_json,
    "run (`show RUN`)": shapes.run_json,
    "step (`show RUN STEP`)": shapes.step_json,
    "reason (`why`)": shapes.why_json,
    "comparison (`compare`)": Comparison.json,
    "artifact (`artifacts list`)": shapes.artifact_json,
    "component (`components`)": shapes.component_json,
    "page (`component docs --format json`)": shapes.component_page_json,
    "checked source (`component check`)": component_check_json,
    "tested source (`component test`)": component_test_json,
    "parameter": shapes.param_json,
    "port": shapes.port_json,
}


def reference() -> str:
    """Return the page as Markdown."""
    root = typer.main.get_command(app)
    with root.make_context("assay", [], resilient_parsing=True) as context:
        parts = [_HEAD, _exit_codes(), *(_command(name, context) for name in COMMANDS), _shapes()]
    return "\n".join(parts)


def _exit_codes() -> str:
    rows = "\n".join(f"| {code:d} | {text} |" for code, text in EXIT_CODES.items())
    return f"## Exit status\n\n| status | meaning |\n|---|---|\n{rows}\n"


def _command(name: str, context: Any) -> str:
    command = context.command.get_command(context, name)
    return "\n".join(_pages(command, context, f"assay {name}", "##"))


def _pages(command: Any, parent: Any, path: str, level: str) -> Iterator[str]:
    with typer.Context(command, info_name=path.rpartition(" ")[2], parent=parent) as context:
        yield f"{level} {path}\n\n```text\n{_help(command, context)}\n```\n"
        for name, inner in getattr(command, "commands", {}).items():
            yield from _pages(inner, context, f"{path} {name}", f"{level}#")


def _help(command: Any, context: Any) -> str:
    formatter = context.make_formatter()
    formatter.width = 100  # not the width of whatever terminal this runs in
    command.format_help(context, formatter)
    return str(formatter.getvalue()).strip()


def _shapes() -> str:
    rows = "\n".join(f"* **{name}**: {_shape(function)}" for name, function in _SHAPES.items())
    return f"{_JSON}\n{rows}\n"


def _shape(function: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(function) or "").split()).replace("``", "`")


if __name__ == "__main__":
    sys.stdout.write(reference())
