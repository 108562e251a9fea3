"""One step of a run as a page: what it is, how it went, what it took and gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cli.stepline import STYLES
from assay.cli.summary import near, output_path, output_text, quoted, say_failure
from assay.cli.terminal import Cell, Column, Row, say, say_cells, table
from assay.ids import RunId
from assay.model.pipeline import ItemRef, ListTemplate, Literal, MapTemplate, ParamRef, PortRef, Step, Template
from assay.model.state import RunState, StepState, StepStatus
from assay.views.remarks import because, spent, tally
from assay.views.words import duration, moment, number, size

if TYPE_CHECKING:
    from assay.store.store import Store

_MOST_ELEMENTS = 40
_INTEREST = (
    StepStatus.FAILED,
    StepStatus.RUNNING,
    StepStatus.RETRYING,
    StepStatus.CANCELLED,
    StepStatus.WAITING,
    StepStatus.SKIPPED,
    StepStatus.SUCCEEDED,
    StepStatus.REUSED,
)


def say_step(store: Store, run: RunId, state: RunState, step: StepState) -> None:
    """Write everything about ``step``."""
    say_cells(Cell(str(step.key), "bold"), Cell("  "), Cell(f"{step.status.symbol} {step.status}", STYLES[step.status]))
    say(f"  {step.status.help}")
    for name, text in _facts(store, run, state, step):
        say(f"  {name.ljust(9)} {text}")
    say_failure(store, run, step)
    if step.metrics:
        say()
        figures: list[Row] = [[name, number(value)] for name, value in step.metrics.items()]
        table([Column("metric"), Column("value")], figures)
    if step.outputs:
        say()
        rows: list[Row] = [
            [Cell(p), output_text(o), Cell(output_path(store, o), "dim")] for p, o in step.outputs.items()
        ]
        table([Column("output"), Column("what"), Column("path")], rows)
    if step.elements:
        _say_elements(state, step)


def template_text(template: Template) -> str:
    """Return what stands under ``with:``, as it is written in the file."""
    import json  # only for literals

    match template:
        case Literal(value):
            return json.dumps(value, ensure_ascii=False)
        case PortRef():
            return f"${template}"
        case ParamRef() | ItemRef():
            return str(template)
        case ListTemplate(items):
            return f"[{', '.join(template_text(item) for item in items)}]"
        case MapTemplate(items):
            return f"{{{', '.join(f'{key}: {template_text(item)}' for key, item in items)}}}"


def _facts(store: Store, run: RunId, state: RunState, step: StepState) -> list[tuple[str, str]]:
    facts = _definition_facts(_definition(state, step))
    if step.reasons:
        facts.append(("ran", f"because {', '.join(step.reasons)}"))
    if step.because:
        facts.append(("skipped", because(step.because)))
    if step.from_run:
        facts.append(("from", f"run {step.from_run}"))
    if step.started:
        facts.append(("started", moment(step.started)))
    if spent(step):
        facts.append(("took", f"{spent(step)} ({duration(step.cpu_seconds)} of processor time)"))
    if step.peak_memory:
        facts.append(("memory", size(step.peak_memory)))
    if step.attempt > 1:
        facts.append(("attempt", str(step.attempt)))
    if step.status is StepStatus.RUNNING and step.progress:
        total = f" of {step.progress.total:g}" if step.progress.total else ""
        facts.append(("progress", f"{step.progress.done:g}{total} {step.progress.message}".rstrip()))
    log = store.log_file(run, step.key, step.attempt)
    if log.is_file():
        facts.append(("log", f"{near(log)}  (assay logs {run} {quoted(step.key)})"))
    if step.cache_key:
        facts.append(("key", step.cache_key))
    return facts


def _definition(state: RunState, step: StepState) -> Step | None:
    from assay.model.codec import load  # only to look at one run

    pipeline = load(state.document, state.file).pipeline
    return next((one for one in pipeline.all_steps() if one.name == step.key.step), None) if pipeline else None


def _definition_facts(step: Step | None) -> list[tuple[str, str]]:
    if step is None:
        return []
    facts = [("use", step.use)]
    facts += [("in", f"{port}: {', '.join(map(str, sources))}") for port, sources in step.inputs.items()]
    facts += [("with", f"{name}: {template_text(template)}") for name, template in step.params.items()]
    if step.condition is not None:
        facts.append(("if", step.condition.text))
    return facts


def _say_elements(state: RunState, step: StepState) -> None:
    elements = state.elements_of(step.key.step)
    shown = elements
    if len(elements) > _MOST_ELEMENTS:  # what wants looking at first
        shown = sorted(elements, key=lambda one: _INTEREST.index(one.status))[:_MOST_ELEMENTS]
    rows: list[Row] = []
    for element in shown:
        status = Cell(f"{element.status.symbol} {element.status}", STYLES[element.status])
        rows.append([Cell(str(element.key)), status, spent(element), element.name])
    say()
    say(tally(elements), "bold")
    table([Column("element"), Column("status"), Column("took", right=True), Column("of")], rows)
    if len(elements) > len(shown):
        say(f"… and {len(elements) - len(shown)} more (assay show --json lists all)", "dim")
