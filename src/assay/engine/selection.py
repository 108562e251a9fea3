"""Which part of a pipeline to run."""

from __future__ import annotations

from dataclasses import dataclass

from assay.errors import NotFound, did_you_mean
from assay.ids import StepName
from assay.model.graph import Graph
from assay.model.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of a pipeline to run.

    Attributes:
        to: These steps and all they need.
        start: These steps and all that follow ("from").
        only: Just these.
        force: Steps that run even when nothing changed.
        force_all: Every selected step does.
    """

    to: tuple[StepName, ...] = ()
    start: tuple[StepName, ...] = ()
    only: tuple[StepName, ...] = ()
    force: tuple[StepName, ...] = ()
    force_all: bool = False

    def chosen(self, pipeline: Pipeline, graph: Graph[StepName]) -> frozenset[StepName]:
        """Return the steps to run; steps outside may only be reused. Raises ``NotFound`` for an unknown name."""
        for name in (*self.to, *self.start, *self.only, *self.force):
            if name not in pipeline.steps and name not in pipeline.final:
                known = [*pipeline.steps, *pipeline.final]
                raise NotFound(f"the pipeline has no step {name!r}", culprit=name, hint=did_you_mean(name, known))
        chosen = frozenset(pipeline.steps)
        if self.to:
            chosen &= graph.ancestors(self.to) | set(self.to)
        if self.start:
            chosen &= graph.descendants(self.start) | set(self.start)
        if self.only:
            chosen &= frozenset(self.only)
        partial = bool(self.to or self.start or self.only)
        named = {*self.to, *self.start, *self.only}
        return chosen | frozenset(name for name in pipeline.final if not partial or name in named)
