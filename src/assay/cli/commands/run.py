"""``assay run``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json, Store
from assay.cli.terminal import document
from assay.ids import StepName
from assay.model.artifacts import Json as Value

if TYPE_CHECKING:
    from assay.check import Checked
    from assay.engine.job import Options
    from assay.engine.selection import Selection
    from assay.workspace import Workspace

app = new_app()

Names = list[str] | None


def _step_option(flag: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        flag, metavar="STEP", autocompletion=completion.file_steps, help=f"{text} May be given more than once."
    )
    return option


@app.command()
def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", autocompletion=completion.pipelines, help="Pipeline file.")],
    param: Annotated[
        Names,
        typer.Option(
            "--param", "-p", metavar="NAME=VALUE", autocompletion=completion.file_params, help="Set a parameter."
        ),
    ] = None,
    to: Annotated[Names, _step_option("--to", "Run this step and all it needs.")] = None,
    start: Annotated[Names, _step_option("--from", "Run this step and all that follows.")] = None,
    only: Annotated[Names, _step_option("--only", "Run just this step.")] = None,
    force: Annotated[Names, _step_option("--force", "Run this step even when nothing changed.")] = None,
    force_all: Annotated[bool, typer.Option("--force-all", help="Run every selected step.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run and why; run nothing.")] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Most steps at one time.")] = None,
    cpu: Annotated[float | None, typer.Option("--cpu", min=0.1, help="Cores to use; default: all.")] = None,
    memory: Annotated[str | None, typer.Option("--memory", metavar="SIZE", help="Such as 8Gi; default: all.")] = None,
    fail_fast: Annotated[
        bool,
        typer.Option(
            "--fail-fast/--keep-going", help="End at the first failure, or finish what does not depend on it."
        ),
    ] = False,
    store: Store = None,
    json: Json = False,
) -> None:
    """Run a pipeline; finished steps of the same content are reused.

    A run survives everything: after Ctrl+C, a crash or a failure, 'assay resume' goes on where it was. Ctrl+C once ends it
    gracefully (final steps still run), twice at once. With --json, every event is one JSON line, and the last line a summary.
    """
    from assay.cli.given import parse_given  # these bring the engine and SQLite: only when something runs
    from assay.cli.project import open_workspace
    from assay.cli.running import carry_out, sound
    from assay.engine.selection import Selection

    workspace = open_workspace(store)
    checked = workspace.check(workspace.load(file))
    pipeline = sound(checked)
    given: dict[str, Value] = {str(name): value for name, value in parse_given(pipeline, param or []).items()}
    chosen = Selection(_steps(to), _steps(start), _steps(only), _steps(force), force_all)
    options = _options(jobs, cpu, memory, fail_fast=fail_fast)
    if dry_run:
        _plan(workspace, checked, pipeline.name, given, chosen, json=json)
        return
    carry_out(
        workspace.store,
        pipeline,
        lambda observe, on_start: workspace.run(checked, given, chosen, options, observe, on_start),
        json=json,
    )


def _plan(
    workspace: Workspace,
    checked: Checked,
    name: str,
    given: Mapping[str, Value],
    chosen: Selection,
    *,
    json: bool,
) -> None:
    plan = workspace.plan(checked, given, chosen)
    if json:
        from assay.views.shapes import plan_json

        document(plan_json(name, plan))
    else:
        from assay.cli.planview import say_plan

        say_plan(name, plan)


def _steps(names: Names) -> tuple[StepName, ...]:
    return tuple(StepName(name) for name in names or ())


def _options(jobs: int | None, cpu: float | None, memory: str | None, *, fail_fast: bool) -> Options:
    from assay.engine.job import Options
    from assay.model.quantities import parse_memory

    return Options(jobs, fail_fast, cpu, parse_memory(memory) if memory is not None else None)
