"""What the shell offers after Tab. Never writes, never raises, never makes a store."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import typer

from assay.errors import AssayError

if TYPE_CHECKING:
    from assay.model.pipeline import Pipeline
    from assay.model.state import RunState

Given = ParamSpec("Given")
Offer = TypeVar("Offer")


def _quietly(offer: Callable[Given, list[Offer]]) -> Callable[Given, list[Offer]]:
    """Offer nothing when the project or a file cannot be read: an error in the middle of typing helps nobody."""

    @wraps(offer)
    def quiet(*args: Given.args, **kwargs: Given.kwargs) -> list[Offer]:
        try:
            return offer(*args, **kwargs)
        except (AssayError, OSError):
            return []

    return quiet


@_quietly
def templates() -> list[tuple[str, str]]:
    """Return the templates of ``assay init`` with their titles."""
    from assay.templates import templates as known  # here and below: only after Tab

    return [(template.name, template.title) for template in known()]


@_quietly
def components() -> list[tuple[str, str]]:
    """Return the names of all components with their titles."""
    from assay.cli.project import catalog

    return [(spec.name, spec.title) for spec in catalog().list()]


@_quietly
def component_sources(incomplete: str) -> list[tuple[str, str]]:
    """Return folders and Python files that begin with what is typed, and the names of all components with their titles."""
    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    found = [path for path in folder.iterdir() if not path.name.startswith((".", "__"))] if folder.is_dir() else []
    files = [(f"{path}/", "") for path in found if path.is_dir()]
    files += [(str(path), "") for path in found if path.suffix == ".py"]
    return [*(offer for offer in files if offer[0].startswith(incomplete)), *components()]


@_quietly
def component_params(ctx: typer.Context) -> list[tuple[str, str]]:
    """Return ``name=`` of the parameters of the component that stands before, with their help."""
    from assay.cli.component.sources import find_component

    source = ctx.params.get("source") or next(iter(ctx.args), None)
    spec = find_component(str(source)) if source else None
    return [(f"{param.name}=", param.help) for param in spec.params.values() if not param.secret] if spec else []


@_quietly
def runs(ctx: typer.Context) -> list[tuple[str, str]]:
    """Return ``last`` and the newest runs with their pipelines."""
    from assay.cli.project import look_into

    rows = look_into(ctx.params.get("store")).runs.runs(limit=50)
    return [("last", "the newest run"), *((row.id, f"{row.pipeline} {row.status}") for row in rows)]


@_quietly
def steps(ctx: typer.Context) -> list[str]:
    """Return the steps of the run that stands before."""
    from assay.views.places import step_names

    return step_names(_state(ctx))


@_quietly
def ports(ctx: typer.Context) -> list[str]:
    """Return ``step.port`` of everything the run that stands before has made."""
    return [f"{step.key}.{port}" for step in _state(ctx).steps.values() for port in step.outputs]


@_quietly
def pipelines(incomplete: str) -> list[str]:
    """Return folders and YAML files that begin with what is typed."""
    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return [f"{path}/" for path in found if path.is_dir()] + [
        str(path) for path in found if path.suffix in (".yaml", ".yml")
    ]


@_quietly
def file_steps(ctx: typer.Context) -> list[str]:
    """Return the steps of the pipeline file that stands before."""
    pipeline = _pipeline(ctx)
    return [step.name for step in pipeline.all_steps()] if pipeline else []


@_quietly
def file_params(ctx: typer.Context) -> list[tuple[str, str]]:
    """Return ``name=`` of the parameters of the pipeline file that stands before, with their help."""
    pipeline = _pipeline(ctx)
    return [(f"{spec.name}=", spec.help) for spec in pipeline.params.values()] if pipeline else []


def _state(ctx: typer.Context) -> RunState:
    from assay.cli.project import find_run

    return find_run(ctx.params.get("store"), str(ctx.params.get("run"))).state


def _pipeline(ctx: typer.Context) -> Pipeline | None:
    from assay.model.codec import load

    file = ctx.params.get("file") or next(iter(ctx.args), None)  # after a bare "--to" the words are left unsorted
    return load(Path(file).read_text(encoding="utf-8"), str(file)).pipeline if file else None


@_quietly
def targets(incomplete: str) -> list[str]:
    """Offer the targets of ``assay build``."""
    from assay.plugins import Extension, find_plugins  # see above

    return [plugin.name for plugin in find_plugins(Extension.EXPORTERS) if plugin.name.startswith(incomplete)]
