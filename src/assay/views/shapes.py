"""The JSON that ``--json`` writes. Stable: a field may be added, never renamed or removed.

Times are seconds since the epoch, durations seconds, sizes bytes. Every docstring here is the reference of its shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from assay.errors import Fault
from assay.model.artifacts import Json, Output
from assay.model.component import ComponentSpec, ParamSpec, PortSpec
from assay.model.events import LoggedEvent, event_to_json, output_to_json
from assay.model.interface import param_to_json, port_to_json
from assay.model.state import RunState, StepState

if TYPE_CHECKING:
    from assay.engine.plan import Plan
    from assay.store.records import RunRow


def fault_json(fault: Fault) -> dict[str, Json]:
    """A fault: ``code``, ``severity``, ``message``, ``culprit``, ``hint``, ``location`` (``null`` or ``file``, ``line``, ``column``),
    ``fixable``."""
    place = fault.location
    return {
        "code": fault.code,
        "severity": str(fault.severity),
        "message": fault.message,
        "culprit": fault.culprit,
        "hint": fault.hint,
        "location": {"file": place.file, "line": place.line, "column": place.column} if place else None,
        "fixable": fault.fix is not None,
    }


def event_json(logged: LoggedEvent) -> dict[str, Json]:
    """A line of ``run --json``: ``sequence``, ``time``, ``type`` and the fields of that event."""
    return {"sequence": logged.sequence, "time": logged.time, **event_to_json(logged.event)}


def plan_json(pipeline: str, plan: Plan) -> dict[str, Json]:
    """A dry run: ``pipeline``, ``counts`` (verb to number), ``steps`` (each ``step``, ``verb``, ``reasons`` with ``cause``, ``about``,
    ``detail``; ``key``; ``run_items`` and ``reused_items`` of a ``foreach`` step)."""
    counts: dict[str, Json] = {}
    for planned in plan.steps:
        counts[planned.verb] = plan.count(planned.verb)
    return {
        "pipeline": pipeline,
        "counts": counts,
        "steps": [
            {
                "step": planned.step,
                "verb": str(planned.verb),
                "reasons": [{"cause": str(r.cause), "about": r.about, "detail": r.detail} for r in planned.reasons],
                "key": planned.key,
                "run_items": planned.run_items,
                "reused_items": planned.reused_items,
            }
            for planned in plan.steps
        ],
    }


def step_json(state: StepState) -> dict[str, Json]:
    """A step of a run: ``step``, ``item`` (``null`` or the element's number), ``name`` (the element's), ``status``, ``attempt``, ``started``, ``finished``, ``seconds``,
    ``cpu_seconds``, ``peak_memory``, ``reasons``, ``because``, ``from_run``, ``failure``, ``progress`` (``done``, ``total``, ``message``; ``null`` when it says none), ``metrics``, ``outputs``, ``elements``."""
    failure, progress = state.failure, state.progress
    reasons: list[Json] = list(state.reasons)
    elements: list[Json] = list(state.elements)
    return {
        "step": state.key.step,
        "item": state.key.item,
        "name": state.name,
        "status": str(state.status),
        "attempt": state.attempt,
        "started": state.started or None,
        "finished": state.finished or None,
        "seconds": state.seconds,
        "cpu_seconds": state.cpu_seconds,
        "peak_memory": state.peak_memory,
        "reasons": reasons,
        "because": state.because,
        "from_run": state.from_run,
        "failure": {
            "code": failure.code,
            "message": failure.message,
            "traceback": failure.traceback,
            "hint": failure.hint,
        }
        if failure
        else None,
        "progress": {"done": progress.done, "total": progress.total, "message": progress.message} if progress else None,
        "metrics": finite(state.metrics),
        "outputs": {port: output_to_json(output) for port, output in state.outputs.items()},
        "elements": elements,
    }


def run_json(run: str, status: str, state: RunState, steps: Iterable[StepState]) -> dict[str, Json]:
    """A run: ``run``, ``status`` (running, interrupted, succeeded, failed, cancelled), ``pipeline``, ``file``, ``started``, ``finished``,
    ``version``, ``params``, ``given`` (those with another value than the file's), ``options``, ``steps``."""
    from assay.views.given import run_params  # reads the pipeline file: only to look at one run

    return {
        "run": run,
        "status": status,
        "pipeline": state.pipeline,
        "file": state.file,
        "started": state.started,
        "finished": state.finished or None,
        "version": state.version,
        "params": {str(name): value for name, value in state.params.items()},
        "given": {one.name: one.value for one in run_params(state) if one.given},
        "options": dict(state.options),
        "steps": [step_json(step) for step in steps],
    }


def why_json(run: str, state: StepState) -> dict[str, Json]:
    """Why a step is as it is: ``run``, ``step``, ``status``, ``reasons``, ``because``, ``from_run``, ``key``."""
    reasons: list[Json] = list(state.reasons)
    return {
        "run": run,
        "step": str(state.key),
        "status": str(state.status),
        "reasons": reasons,
        "because": state.because,
        "from_run": state.from_run,
        "key": state.cache_key,
    }


def artifact_json(name: str, output: Output, path: str) -> dict[str, Json]:
    """What a port carries: ``name`` (``step.port``), ``path`` (empty for lists and values), ``output`` (tagged by ``kind``)."""
    return {"name": name, "path": path, "output": output_to_json(output)}


def run_row_json(row: RunRow) -> dict[str, Json]:
    """A run in a list: ``run``, ``status``, ``pipeline``, ``file``, ``started``, ``finished`` (``null`` until then), ``steps`` (state to number)."""
    return {
        "run": row.id,
        "status": str(row.status),
        "pipeline": row.pipeline,
        "file": row.file,
        "started": row.started,
        "finished": row.finished,
        "steps": {str(state): count for state, count in row.steps.items()},
    }


def component_json(spec: ComponentSpec) -> dict[str, Json]:
    """A component: ``name``, ``version``, ``title``, ``description``, ``category``, ``tags``, ``licence``, ``authors``, ``requirements``,
    ``resources``, ``cache``, ``isolation``, ``params``, ``inputs``, ``outputs``."""
    tags: list[Json] = list(spec.tags)
    authors: list[Json] = list(spec.authors)
    requirements: list[Json] = list(spec.requirements)
    return {
        "name": spec.name,
        "version": spec.version,
        "title": spec.title,
        "description": spec.description,
        "category": spec.category,
        "tags": tags,
        "licence": spec.licence,
        "authors": authors,
        "requirements": requirements,
        "resources": {"cpu": spec.resources.cpu, "memory": spec.resources.memory, "gpu": spec.resources.gpu},
        "cache": spec.cache,
        "isolation": str(spec.isolation),
        "params": [param_json(param) for param in spec.params.values()],
        "inputs": [port_json(port) for port in spec.inputs.values()],
        "outputs": [port_json(port) for port in spec.outputs.values()],
    }


def param_json(param: ParamSpec) -> dict[str, Json]:
    """A parameter: ``name``, ``type``, ``items``, ``required``, ``default``, ``nullable``, ``min``, ``max``, ``choices``, ``unit``, ``help``,
    ``secret``."""
    return param_to_json(param)


def port_json(port: PortSpec) -> dict[str, Json]:
    """A port: ``name``, ``type`` (such as ``Images`` or ``list[Report]``), ``optional``, ``help``."""
    return port_to_json(port)


def component_page_json(spec: ComponentSpec, example: str) -> dict[str, Json]:
    """A reference page: the fields of a component, and ``example`` (a pipeline as text; empty when no component makes its inputs)."""
    return {**component_json(spec), "example": example}


def finite(figures: Mapping[str, float]) -> dict[str, Json]:
    """Return figures as JSON, where a number that is not finite is ``null``."""
    return {name: value if value - value == 0 else None for name, value in figures.items()}
