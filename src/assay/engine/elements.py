"""The elements of a ``foreach`` step, and what becomes of their outputs. Pure: files are listed by ``Knowledge``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from assay.engine.bind import Element, Scope, fill
from assay.engine.decision import Knowledge
from assay.errors import bounded
from assay.ids import PortName, StepName
from assay.model.artifacts import Artifact, ArtifactList, Json, Output, Value
from assay.model.pipeline import FileItems, ListItems, ParamRef, PortRef, Step


def elements(step: Step, scope: Scope, world: Knowledge) -> Sequence[Element]:
    """Return the elements of a ``foreach`` step whose sources are known."""
    if step.foreach is None:
        return ()
    match step.foreach.over:
        case ListItems(template):
            values = fill(template, scope)
            listed = values if isinstance(values, list) else [values]
            return [Element(index, element_text(value), value) for index, value in enumerate(listed)]
        case FileItems(folder, pattern):
            if isinstance(folder, PortRef):
                source = scope.outputs[folder.step].get(folder.port)
                artifacts = source.items if isinstance(source, ArtifactList) else (source,)
                found = [e for a in artifacts if isinstance(a, Artifact) for e in world.members(a, pattern)]
                return [Element(index, e.label, e.value, e.file) for index, e in enumerate(found)]
            path = scope.params[folder.name] if isinstance(folder, ParamRef) else folder
            return world.files(str(path), pattern)


def element_text(value: Json) -> str:
    """Return a JSON value as a short label."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return bounded(text, 80)


def gather(parts: Iterable[Mapping[PortName, Output]], ports: Iterable[PortName]) -> dict[PortName, Output]:
    """Return the outputs of a ``foreach`` step: on each port a list, in the order of the elements."""
    executed = list(parts)
    gathered: dict[PortName, Output] = {}
    for port in ports:
        found = [outputs[port] for outputs in executed if port in outputs]
        if any(isinstance(output, Value) for output in found):
            gathered[port] = Value([output.json if isinstance(output, Value) else None for output in found])
        else:
            artifacts: list[Artifact] = []
            for output in found:
                if isinstance(output, ArtifactList):
                    artifacts.extend(output.items)
                elif isinstance(output, Artifact):
                    artifacts.append(output)
            gathered[port] = ArtifactList(tuple(artifacts))
    return gathered


def element_label(step: StepName, element: Element) -> str:
    """Return the name under which an element's last execution is kept: files by name, values by position."""
    return f"{step}[{element.label if element.file is not None else element.index}]"
