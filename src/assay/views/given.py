"""Which values a run was given for the parameters of its pipeline, beside those that stand in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.errors import AssayError
from assay.model.artifacts import Json
from assay.model.codec import has_errors, load
from assay.model.component import Missing
from assay.model.state import RunState


@dataclass(frozen=True, slots=True)
class RunParam:
    """A parameter of a run.

    Attributes:
        value: With what it ran.
        stated: Whether the file gives a value.
        default: That of the file; ``None`` when it gives none.
    """

    name: str
    value: Json
    stated: bool
    default: Json

    @property
    def given(self) -> bool:
        """Whether it ran with another value than the file's."""
        return not self.stated or self.value != self.default


def run_params(state: RunState) -> list[RunParam]:
    """Return the parameters of a run, each with what the file said as it ran; of a file that cannot be read, none is known to be given."""
    stated = _defaults(state)
    if stated is None:
        return [RunParam(str(name), value, True, value) for name, value in state.params.items()]
    return [
        RunParam(str(name), value, str(name) in stated, stated.get(str(name))) for name, value in state.params.items()
    ]


def _defaults(state: RunState) -> Mapping[str, Json] | None:
    try:
        document = load(state.document, state.file)
    except AssayError:
        return None
    pipeline = document.pipeline
    if pipeline is None or has_errors(document):
        return None
    return {str(name): spec.default for name, spec in pipeline.params.items() if not isinstance(spec.default, Missing)}
