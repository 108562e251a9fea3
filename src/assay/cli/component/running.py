"""Running one component: a pipeline of one step, its inputs brought into the store before it, its outputs copied out after it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from assay.cli.component.logstream import StreamingWatcher
from assay.cli.component.request import Given, Request, parse_request
from assay.cli.component.sources import find_component, use_of
from assay.cli.exporting import export
from assay.cli.project import open_workspace
from assay.cli.running import carry_out, sound
from assay.cli.summary import near
from assay.cli.terminal import Cell, Column, document, say, table
from assay.errors import AssayError, WouldOverwrite
from assay.ids import NAME, RESERVED_STEP_NAMES, StepName
from assay.model.artifacts import Json, Output
from assay.model.builder import PipelineBuilder, Port
from assay.model.codec import dump, load
from assay.model.component import ComponentSpec
from assay.model.events import RunOutcome, StepKey
from assay.model.pipeline import Pipeline
from assay.model.quantities import parse_memory
from assay.model.state import RunState
from assay.runtime import bring
from assay.store import Store


def run_one(source: str, request: Request, store: Path | None, *, json: bool) -> None:
    """Run the component that ``source`` names, and raise ``typer.Exit`` with the status of the outcome.

    Raises:
        NotFound: There is no such component.
        InvalidDocument: Its source, an input, a parameter or a secret has faults.
        WouldOverwrite: ``--out`` holds an output already; then nothing is run.
    """
    spec = find_component(source)
    if request.memory is not None:
        parse_memory(request.memory)
    given = parse_request(spec, request)
    folder = _room(spec, request.out)
    pipeline = one_step(spec, use_of(source), given, request)
    step = StepKey(_main_step(spec))
    workspace = open_workspace(store)
    checked = workspace.check(load(dump(pipeline), f"{pipeline.name}.component.yaml"))
    sound(checked)
    carry_out(
        workspace.store,
        pipeline,
        lambda observe, on_start: workspace.run(checked, observe=observe, on_start=on_start),
        json=json,
        watcher=StreamingWatcher(workspace.store, step, pipeline.name, json=json),
        finish=lambda state: _copy_out(workspace.store, state, step, folder, json=json),
    )


def one_step(spec: ComponentSpec, use: str, given: Given, request: Request) -> Pipeline:
    """Return the pipeline that runs ``spec`` on what is given; it can be resumed like any other."""
    name = _main_step(spec)
    builder = PipelineBuilder(name.replace("_", "-"), f"One run of {spec.name}.")
    ports: dict[str, Port | list[Port]] = {}
    for port, paths in given.inputs.items():
        many = spec.inputs[port].type.many
        kind = str(spec.inputs[port].type.artifact).lower()
        brought = [
            builder.step(f"{port}-{number}" if many else f"input-{port}", f"{bring.__file__}:{kind}", path=str(path))[
                kind
            ]
            for number, path in enumerate(paths)
        ]
        ports[port] = brought if many else brought[0]
    params = {str(param): value for param, value in given.params.items()}
    step = builder.step(name, use, **ports, **params).cached(cache=request.cache)
    step.secrets(**{str(param): secret for param, secret in given.secrets.items()})
    if request.memory is not None:
        step.resources(memory=request.memory)
    return builder.build()


def _main_step(spec: ComponentSpec) -> StepName:
    short = spec.name.removesuffix(".py").rpartition("/")[2].rpartition(":")[2]
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", short).strip("-") or "component"
    return StepName(f"{name}-step" if name in RESERVED_STEP_NAMES or not NAME.fullmatch(name) else name)


def _room(spec: ComponentSpec, out: Path | None) -> Path:
    """Return the folder for the outputs; refuses one that holds any of them, before anything is run."""
    if out is None:
        wanted = f"outputs-{_main_step(spec).replace('_', '-')}"
        names = [wanted, *(f"{wanted}-{number}" for number in range(2, 10_000))]
        return next(Path(name) for name in names if not Path(name).exists())
    if out.exists() and not out.is_dir():
        raise WouldOverwrite(f"{out} is a file", culprit=str(out), hint="name a folder: --out DIR")
    taken = {entry.name.partition(".")[0]: entry for entry in out.iterdir()} if out.is_dir() else {}
    for port in spec.outputs:
        if port in taken:
            raise WouldOverwrite(
                f"{taken[port]} is there already",
                culprit=str(taken[port]),
                hint="name a new or empty folder: --out DIR",
            )
    return out


def _copy_out(store: Store, state: RunState, step: StepKey, folder: Path, *, json: bool) -> None:
    if state.outcome is not RunOutcome.SUCCEEDED:
        return
    outputs = state.step(step).outputs
    if outputs:
        folder.mkdir(parents=True, exist_ok=True)
    places = dict(_exported(store, outputs.items(), folder))
    if json:
        paths: dict[str, Json] = {name: str(place) for name, place in places.items()}
        document({"type": "outputs", "folder": str(folder), "outputs": paths}, indent=None)
    elif places:
        say()
        table([Column("  output"), Column("copied to")], [[Cell(f"  {name}"), near(p)] for name, p in places.items()])


def _exported(store: Store, outputs: Iterable[tuple[str, Output]], folder: Path) -> Iterable[tuple[str, Path]]:
    for name, output in outputs:
        place = export(store.objects, name, output, folder)
        if place is None:
            raise AssayError(f"{name} was not written", culprit=name)
        yield name, place
