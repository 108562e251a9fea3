"""Which columns a parameter may name: those of the table that the last run brought to the step, or of the file that is read."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assay.check import Checked
from assay.errors import AssayError
from assay.ids import ParamName, PortName, RunId, StepName
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType
from assay.model.component import MISSING, ComponentSpec, ParamType, PathKind
from assay.model.events import StepKey
from assay.model.pipeline import Literal, PortRef, Step
from assay.model.state import RunState
from assay.server.confinement import inside
from assay.server.previews.table import SEPARATORS, Schema, table_schema
from assay.server.wire.pickers import ColumnsKnown, Unknown
from assay.workspace import Workspace

_TABLES = frozenset({ArtifactType.DATASET, ArtifactType.PREDICTIONS, ArtifactType.IMAGES})
_RUNS = 5
"""The latest runs of a pipeline that are asked for an artifact: the log of each is read from its beginning."""
_NO_TEXT = frozenset({".parquet", ".feather", ".xlsx", ".xls", ".gz", ".zip"})


class _None(Exception):  # noqa: N818  (never leaves this file)
    def __init__(self, why: Unknown) -> None:
        self.why = why


@dataclass(slots=True)
class Columns:
    """The columns that reach the steps of one draft.

    Attributes:
        run: Asked before the latest ones of this pipeline.
        within: What the names of the steps begin with in that run.
    """

    workspace: Workspace
    checked: Checked
    run: str | None = None
    within: str = ""
    _steps: dict[StepName, Step] = field(init=False)
    _states: dict[RunId, RunState] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        pipeline = self.checked.pipeline
        self._steps = {} if pipeline is None else {step.name: step for step in pipeline.all_steps()}

    def of(self, step_name: str, param_name: str) -> ColumnsKnown:
        """Return the columns that a parameter of a step may name, or why none is known."""
        step, spec = self._steps.get(StepName(step_name)), self.checked.specs.get(StepName(step_name))
        if step is None or spec is None:
            return ColumnsKnown("", "none", why=Unknown.BROKEN)
        param = spec.params.get(ParamName(param_name))
        if param is None or not param.column_of:
            return ColumnsKnown("", "none", why=Unknown.NO_COLUMN)
        try:
            found = self._of_path(step, spec, ParamName(param.column_of)) or self._of_port(step, param.column_of)
        except _None as none:
            return ColumnsKnown(param.column_of, "none", why=none.why)
        found.of = param.column_of
        return found

    def _of_path(self, step: Step, spec: ComponentSpec, name: ParamName) -> ColumnsKnown | None:
        param = spec.params.get(name)
        if param is None:
            return None
        given = step.params.get(name, Literal(None if param.default is MISSING else param.default))
        if not isinstance(given, Literal) or not isinstance(given.value, str) or not given.value:
            raise _None(Unknown.NOT_CHOSEN)
        return self._file(given.value)

    def _of_port(self, step: Step, port: str) -> ColumnsKnown:
        waiting = deque((ref, True) for ref in _sources(step, PortName(port)))
        if not waiting:
            raise _None(Unknown.NOT_CONNECTED)
        seen: set[PortRef] = set()
        while waiting:
            ref, near = waiting.popleft()
            if ref in seen or ref.step not in self._steps:
                continue
            seen.add(ref)
            found = self._artifact(ref) or self._read_by(self._steps[ref.step])
            if found is not None:
                found.near = near and found.source == "run"
                return found
            waiting.extend((before, False) for before in self._before(self._steps[ref.step]))
        raise _None(Unknown.NOT_RUN)

    def _before(self, step: Step) -> Iterator[PortRef]:
        spec = self.checked.specs.get(step.name)
        for name, port in spec.inputs.items() if spec is not None else ():
            if port.type.artifact in _TABLES:
                yield from _sources(step, name)

    def _read_by(self, step: Step) -> ColumnsKnown | None:
        """Return the columns of the table of the workspace that a step reads, if it reads one."""
        spec = self.checked.specs.get(step.name)
        for name, param in spec.params.items() if spec is not None else ():
            given = step.params.get(name)
            if param.type is not ParamType.PATH or param.path is PathKind.FOLDER or not isinstance(given, Literal):
                continue
            try:
                return self._file(str(given.value))
            except _None:
                continue
        return None

    def _file(self, written: str) -> ColumnsKnown:
        root = self.workspace.root.resolve()
        folder = Path(self.checked.document.file).resolve().parent
        path = Path(os.path.normpath(folder / Path(written).expanduser()))
        if not path.is_relative_to(root):
            raise _None(Unknown.OUTSIDE)
        try:
            place = path.relative_to(root).as_posix()
            path = inside(root, place)
        except AssayError:
            raise _None(Unknown.OUTSIDE) from None
        if not path.is_file():
            raise _None(Unknown.MISSING)
        schema = None if path.suffix.lower() in _NO_TEXT else table_schema(path, SEPARATORS)
        if schema is None or not schema.columns:
            raise _None(Unknown.UNREADABLE)
        return ColumnsKnown("", "file", place, looked_at=schema.looked_at, columns=schema.columns)

    def _artifact(self, ref: PortRef) -> ColumnsKnown | None:
        for run, prefix in self._runs():
            output = self._state(run).step(StepKey(StepName(prefix + ref.step))).outputs.get(ref.port)
            artifact = output.items[0] if isinstance(output, ArtifactList) and output.items else output
            schema = self._schema(artifact) if isinstance(artifact, Artifact) else None
            if schema is not None and schema.columns:
                place = f"{prefix}{ref}"
                return ColumnsKnown("", "run", place, run, looked_at=schema.looked_at, columns=schema.columns)
        return None

    def _schema(self, artifact: Artifact) -> Schema | None:
        if artifact.type not in _TABLES:
            return None
        try:
            path = self.workspace.store.objects.path(artifact)
        except AssayError:
            return None  # its content is gone: an earlier run, or a step before, may tell
        if artifact.folder:
            path /= "index.csv"
        readable = path.is_file() and (artifact.folder or artifact.suffix in {".csv", ""})
        return table_schema(path) if readable else None

    def _runs(self) -> Iterator[tuple[RunId, str]]:
        """Yield the runs to ask, each with what the names of the steps begin with in it."""
        runs = self.workspace.store.runs
        if self.run is not None:
            yield runs.run(self.run).id, self.within
        pipeline = self.checked.pipeline
        file = os.path.realpath(self.checked.document.file)
        for row in runs.runs(pipeline=pipeline.name, limit=_RUNS) if pipeline is not None else ():
            if os.path.realpath(row.file) == file and row.id != self.run:
                yield row.id, ""

    def _state(self, run: RunId) -> RunState:
        if run not in self._states:
            self._states[run] = self.workspace.state(run)
        return self._states[run]


def _sources(step: Step, port: PortName) -> list[PortRef]:
    return [ref for ref in step.inputs.get(port, ()) if isinstance(ref, PortRef)]
