"""Where runs may go: this computer today; a cluster is one more entry."""

from __future__ import annotations

from assay.engine.machine import this_machine
from assay.errors import NotFound, did_you_mean
from assay.server.wire.documents import HERE
from assay.server.wire.runs import Target


def targets() -> list[Target]:
    """Return every place, the one that is taken without a choice first."""
    machine = this_machine()
    return [Target(name=HERE, title="This computer", cpu=machine.cpu, memory=machine.memory, gpu=machine.gpu)]


def find_target(name: str) -> Target:
    """Return one by its name; raises ``NotFound``."""
    known = {target.name: target for target in targets()}
    if name not in known:
        hint = did_you_mean(name, known) or f"there is {', '.join(known)}"
        raise NotFound(f"there is no place {name!r} to run", culprit=name, hint=hint)
    return known[name]
