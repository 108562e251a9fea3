"""A run as one page: what ran and how it went, its figures with intervals, verdicts, evidence, logs and where everything comes from."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from assay.errors import AssayError
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, Json, Output
from assay.model.codec import load
from assay.model.state import RunState, StepState, StepStatus
from assay.views.drawing.svg import draw
from assay.views.drawing.words import safe
from assay.views.figures import Figure, figures_of
from assay.views.given import run_params
from assay.views.outline import Outline, outline
from assay.views.places import in_order
from assay.views.remarks import remark, spent
from assay.views.runpage.evidence import Drawn, Piece, drawings, pieces
from assay.views.runpage.frame import drawing, facts, folded, frame, grid, paragraph, picture, section
from assay.views.runpage.picture import run_sketch
from assay.views.trust import TrustFigure, trust_of
from assay.views.verdict import VerdictView, verdict_view
from assay.views.words import counted, duration, interval, number, size

if TYPE_CHECKING:
    from assay.store.records import RunRow
    from assay.store.store import Store

_LOG_BYTES, _LOG_LINES = 6000, 40
_MOST_LOGS = 60
_MOST_ROWS = 200
_MOST_ELEMENTS = 20
_FEW = 12
_ROOM = 30_000_000
"""Bytes of pictures in one page."""
_ROOM_BESIDE = 5_000_000
"""Bytes of pictures that stand in no evidence."""
_LARGEST_VERDICT = 4_000_000
_ESCAPES = re.compile("\x1b\\[[0-9;?]*[ -/]*[@-~]")


def run_page(store: Store, row: RunRow, state: RunState, now: dt.datetime) -> str:
    """Return the page.

    Everything in it may have been written by strangers: every text is escaped and bounded, pictures run nothing, the page's own
    policy forbids scripts and every address. What is left out for length is said.

    Args:
        store: Where the run, its logs and artifacts are; read only.
        row: The run.
        state: Its state.
        now: The moment that is written on the page, with a time zone.
    """
    steps = [step for step in in_order(state) if step.key.item is None]
    found = _outline(state)
    sections = {
        "pipeline": ("The pipeline", _pipeline(found, state)),
        "steps": ("Steps", [_steps(steps, state, found)]),
        "verdict": ("Verdict", [part for step in steps for part in _verdicts(step, store, now)]),
        "figures": ("Figures", _figures(figures_of(state, store), trust_of(state, store))),
        "drawings": ("Figures that steps drew", _drawings(steps, store)),
        "evidence": ("Evidence", _evidence(steps, store)),
        "parameters": ("Parameters", _parameters(state, found)),
        "logs": ("The end of each log", _logs(row, state, steps, store)),
        "provenance": ("Where this comes from", _provenance(row, state, steps, now)),
    }
    made = {name: section(name, title, parts) for name, (title, parts) in sections.items()}
    lines = "".join(f'<li><a href="#{name}">{safe(sections[name][0])}</a></li>' for name, text in made.items() if text)
    return frame(
        f"Run {row.id} of {state.pipeline}",
        [_head(row, state, steps), f'<nav aria-label="Contents"><ol>{lines}</ol></nav>', *made.values()],
    )


def _head(row: RunRow, state: RunState, steps: Sequence[StepState]) -> str:
    count = {status: sum(step.status is status for step in steps) for status in StepStatus}
    told = ", ".join(f"{many} {status}" for status, many in count.items() if many)
    took = f" in {duration(row.finished - row.started)}" if row.finished is not None else ""
    return (
        f'<h1 dir="auto">{safe(state.pipeline)}</h1>\n<p>Run <code>{safe(row.id)}</code> '
        f'<span data-state="{safe(str(row.status))}">{safe(str(row.status))}</span>{took}; {safe(counted(len(steps), "step"))}: {safe(told)}. '
        f"Started {_moment(row.started)}.</p>"
    )


def _outline(state: RunState) -> Outline | None:
    try:
        return outline(load(state.document, state.file))
    except AssayError:
        return None  # a run of a file of another format: its steps are told all the same


def _pipeline(found: Outline | None, state: RunState) -> list[str]:
    if found is None:
        return []
    sketch = run_sketch(found, state)
    return [
        paragraph(found.description, "note") if found.description else "",
        picture(drawing(draw(sketch)), sketch.text),
    ]


def _steps(steps: Sequence[StepState], state: RunState, found: Outline | None) -> str:
    used = {name: step.use for name, step in found.steps.items()} if found else {}
    rows: list[Sequence[str]] = []
    for step in steps:
        rows.append(_step(step, str(step.key), used.get(str(step.key.step), "")))
        elements = state.elements_of(step.key.step)
        rows += [_step(one, f"{one.key} {one.name}", "") for one in elements[:_MOST_ELEMENTS]]
        if len(elements) > _MOST_ELEMENTS:
            rows.append((f"{len(elements) - _MOST_ELEMENTS} more elements", "", "", "", "", "", ""))
    head = ("step", "component", "state", "time", "processor", "memory", "why")
    return grid("Steps in the order of the file", head, rows, numbers=(3, 4, 5), state=2)


def _step(step: StepState, name: str, use: str) -> Sequence[str]:
    cpu = duration(step.cpu_seconds) if step.cpu_seconds else ""
    memory = size(step.peak_memory) if step.peak_memory else ""
    return name, use, str(step.status), spent(step), cpu, memory, remark(step)


def _verdicts(step: StepState, store: Store, now: dt.datetime) -> Iterator[str]:
    for port, artifact in _artifacts(step, ArtifactType.VERDICT):
        if artifact.size > _LARGEST_VERDICT:
            continue
        try:
            yield from _verdict(
                verdict_view(store.objects.path(artifact).read_bytes(), port, now), f"{step.key}.{port}"
            )
        except (AssayError, OSError):
            yield paragraph(f"{step.key}.{port} holds no verdict that can be read", "failure")


def _verdict(found: VerdictView, name: str) -> Iterator[str]:
    by = f"by {found.by}: " if found.by else ""
    yield f'<h3>{safe(name)}: <span data-state="{safe(found.state)}">{safe(_state(found.state))}</span></h3>'
    yield paragraph(f"{by}{found.reason}")
    yield paragraph("Synthetic data: no patient stands behind them.", "caution") if found.synthetic else ""
    yield paragraph("It has expired: the model has to be judged again.", "caution") if found.expired else ""
    held = found.signature.holds and not found.signature.development
    yield paragraph(f"Where this page was made: {found.signature.told}.", "note" if held else "caution")
    rows = [(rule.id, rule.level, rule.asks, _state(rule.state), rule.reason) for rule in found.rules]
    yield grid("Rules of the policy", ("rule", "level", "asks", "state", "why"), rows, state=3)
    yield facts(
        [
            ("Judged", found.judged),
            ("Holds until", found.expires),
            ("Signed by", f"{found.signer} (key {found.key})"),
            ("This statement (sha256)", found.digest),
            ("Model (sha256)", found.model.digest if found.model else ""),
            ("Policy", f"{found.policy.name}, {found.policy.digest}" if found.policy else ""),
            *(("Rests on", f"{one.name}, {one.digest}") for one in found.evidence),
        ]
    )


def _figures(logged: Mapping[str, Figure], stated: Mapping[str, TrustFigure]) -> list[str]:
    rows = [(name, number(one.value), _interval(one)) for name, one in logged.items()]
    trust = [
        (name, number(one.figure.value), _interval(one.figure), "" if one.n is None else str(one.n), _state(one.state))
        for name, one in stated.items()
        if one.figure is not None
    ]
    parts = [grid(_part("Metrics", rows), ("figure", "value", "95 % interval"), rows[:_MOST_ROWS], numbers=(1, 2))]
    judged = [row for row in trust if row[4]]
    told = [row for row in trust if not row[4]]
    head = ("figure", "value", "95 % interval", "n", "state")
    parts.append(
        grid(
            _part("What evidence states, held against a criterion", judged),
            head,
            judged[:_MOST_ROWS],
            numbers=(1, 2, 3),
            state=4,
        )
    )
    more = grid(
        _part("What evidence states", told), head[:4], [row[:4] for row in told[:_MOST_ROWS]], numbers=(1, 2, 3)
    )
    parts.append(folded(f"{len(told)} more statements, of which nothing was asked", more) if told else "")
    return parts


def _drawings(steps: Sequence[StepState], store: Store) -> list[str]:
    parts: list[str] = []
    room = _ROOM_BESIDE
    for step in steps:
        for one in drawings(step, store.objects):
            room -= len(one.svg)
            if room <= 0:
                return [*parts, paragraph("More figures are left out: the page would be too large", "note")]
            parts += [f'<h3 dir="auto">{safe(str(step.key))}: {safe(one.title)}</h3>', _figure(one)]
    return parts


def _evidence(steps: Sequence[StepState], store: Store) -> list[str]:
    parts: list[str] = []
    room = _ROOM
    for step in steps:
        for piece in pieces(step, store.objects):
            fitting: list[Drawn] = []
            for one in piece.figures:
                room -= len(one.svg) + len(one.png)
                if room > 0:
                    fitting.append(one)
            parts += _piece(piece, str(step.key), fitting)
    return parts


def _piece(piece: Piece, step: str, shown: Sequence[Drawn]) -> Iterator[str]:
    yield f'<h3 dir="auto">{safe(step)}: {safe(piece.title)}</h3>'
    yield paragraph("Synthetic data: no patient stands behind them.", "caution") if piece.synthetic else ""
    yield from (paragraph(caveat, "note") for caveat in piece.caveats[:_FEW])
    yield from map(_figure, shown)
    if len(shown) < len(piece.figures):
        yield paragraph(f"{len(piece.figures) - len(shown)} figures are left out: the page would be too large", "note")
    if piece.missing:
        missing = grid("Not measured", ("what", "why"), piece.missing[:_MOST_ROWS])
        yield folded(f"{len(piece.missing)} not measured", missing, opened=len(piece.missing) <= _FEW)
    yield facts([("sha256", piece.digest)])


def _figure(one: Drawn) -> str:
    source = drawing(one.svg) if one.svg else f"data:image/png;base64,{one.png}" if one.png else ""
    shown = picture(source, one.title) if source else ""
    rows = [[_cell(cell) for cell in row] for row in one.rows]
    right = [
        place
        for place in range(len(one.columns))
        if all(row[place] is None or _is_number(row[place]) for row in one.rows)
    ]
    numbers = grid(_part(one.title, rows), one.columns, rows[:_MOST_ROWS], numbers=right)
    below = folded(f"Numbers ({len(rows)})", numbers, opened=len(rows) <= _FEW) if rows else ""
    return f'<figure>{shown}<figcaption dir="auto">{safe(one.title)}</figcaption>{below}</figure>'


def _parameters(state: RunState, found: Outline | None) -> list[str]:
    own = [
        (one.name, _json(one.value), "the same" if not one.given else _json(one.default) if one.stated else "none")
        for one in run_params(state)
    ]
    set_ = [
        (step.name, name, _json(value))
        for step in (found.steps.values() if found else ())
        for name, value in step.values.items()
    ]
    return [
        grid("Of the run", ("parameter", "value", "in the file"), own),
        grid(
            _part("Set in the file; all others are the components' defaults", set_),
            ("step", "parameter", "value"),
            set_[:_MOST_ROWS],
        ),
    ]


def _logs(row: RunRow, state: RunState, steps: Sequence[StepState], store: Store) -> list[str]:
    parts: list[str] = []
    places = [one for step in steps for one in (step, *state.elements_of(step.key.step))]
    failed_first = sorted(places, key=lambda step: step.status is not StepStatus.FAILED)
    for step in failed_first:
        if len(parts) == _MOST_LOGS:
            parts.append(paragraph("More logs are left out: assay logs shows them.", "note"))
            break
        failure = step.failure
        told = f"{failure.message}\n{failure.traceback}".strip() if failure else ""
        tail = _tail(row, step, store)
        if tail or told:
            body = (f'<pre class="failure">{_lines(told)}</pre>' if told else "") + (
                f"<pre>{_lines(tail)}</pre>" if tail else ""
            )
            parts.append(folded(f"{step.key} ({step.status})", body, opened=step.status is StepStatus.FAILED))
    return parts


def _tail(row: RunRow, step: StepState, store: Store) -> str:
    """Return the last lines of what a step printed in this run; what a reused one printed stands in the run that made it."""
    try:
        with store.log_file(row.id, step.key, max(step.attempt, 1)).open("rb") as file:
            length = file.seek(0, 2)
            file.seek(max(0, length - _LOG_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    whole = length <= _LOG_BYTES and len(lines) <= _LOG_LINES
    return "\n".join(lines if whole else ["…", *lines[1:][-_LOG_LINES:]])


def _provenance(row: RunRow, state: RunState, steps: Sequence[StepState], now: dt.datetime) -> list[str]:
    document = hashlib.sha256(state.document.encode()).hexdigest()
    told = [
        ("Assay", state.version),
        ("File", state.file.rpartition("/")[2]),
        ("File (sha256)", document),
        ("Started", _moment(row.started)),
        ("Ended", _moment(row.finished) if row.finished else ""),
        (
            "Options",
            ", ".join(
                f"{name} {_json(value)}" for name, value in state.options.items() if value not in (None, [], {}, False)
            ),
        ),
        ("This page was made", _moment(now.timestamp())),
    ]
    outputs = [
        (f"{step.key}.{port}", *_output(output), step.from_run or "", step.cache_key or "")
        for step in steps
        for port, output in step.outputs.items()
    ]
    head = ("output", "what", "sha256", "made by run", "key of the step")
    return [
        facts(told),
        folded(
            f"{len(outputs)} outputs with their digests", grid(_part("Outputs", outputs), head, outputs[:_MOST_ROWS])
        )
        if outputs
        else "",
        folded("The pipeline file as it ran", f"<pre>{_lines(state.document)}</pre>"),
    ]


def _output(output: Output) -> tuple[str, str]:
    if isinstance(output, Artifact):
        return f"{output.type}, {size(output.size)}", output.digest
    if isinstance(output, ArtifactList):
        return f"{len(output.items)} artifacts", ""
    return _json(output.json), ""


def _artifacts(step: StepState, kind: ArtifactType) -> Iterator[tuple[str, Artifact]]:
    for port, output in step.outputs.items():
        listed = output.items if isinstance(output, ArtifactList) else (output,)
        yield from (
            (str(port), one) for one in listed if isinstance(one, Artifact) and one.type is kind and not one.folder
        )


def _interval(figure: Figure) -> str:
    return "" if figure.low is None or figure.high is None else interval(figure.low, figure.high)


def _part(title: str, rows: Sequence[object]) -> str:
    return title if len(rows) <= _MOST_ROWS else f"{title} (the first {_MOST_ROWS} of {len(rows)})"


def _state(state: str) -> str:
    return "insufficient evidence" if state == "insufficient" else state


def _json(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _lines(text: str) -> str:
    """Return text of several lines, escaped line by line, without what a terminal is told about colours."""
    return "\n".join(safe(line, 400) for line in _ESCAPES.sub("", text[:200_000]).splitlines())


def _moment(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
