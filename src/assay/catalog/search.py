"""Which components a search means, the best first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from assay.model.component import ComponentSpec

_NAME, _TITLE, _TAG, _PORT, _DESCRIPTION = 50, 20, 20, 8, 5


def rank(text: str, specs: Iterable[ComponentSpec]) -> tuple[ComponentSpec, ...]:
    """Return the components that have every word of ``text`` somewhere; near misses of the name when there is none."""
    specs = list(specs)
    words = text.lower().split()
    scored = [(sum(scores), spec) for spec in specs if all(scores := [_score(word, spec) for word in words])]
    if words and not scored:
        near = difflib.get_close_matches(text.lower(), [spec.name.partition("/")[2] for spec in specs], n=5, cutoff=0.6)
        return tuple(spec for spec in specs if spec.name.partition("/")[2] in near)
    scored.sort(key=lambda pair: (-pair[0], pair[1].name))
    return tuple(spec for _, spec in scored)


def _score(word: str, spec: ComponentSpec) -> int:
    name, short = spec.name.lower(), spec.name.lower().partition("/")[2]
    score = 0
    if word in (name, short):
        score += 2 * _NAME
    elif short.startswith(word):
        score += _NAME + 10
    elif word in name:
        score += _NAME
    score += _TITLE * (word in spec.title.lower())
    score += _TAG * any(word in tag.lower() for tag in spec.tags)
    ports = (*spec.inputs, *spec.outputs, *spec.params)
    score += _PORT * any(word == port.lower() for port in ports)
    score += _DESCRIPTION * (word in spec.description.lower())
    return score
