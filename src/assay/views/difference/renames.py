"""Which step of the new version is one of the old under another name."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Mapping
from itertools import product

from assay.views.outline import Outline, Wire

_ALIKE = 0.5
"""Least share of what two steps say that both must say (Jaccard) to be taken for one."""
_MOST_PAIRS = 20_000
"""Pairs of one component that are held against each other; beyond, only steps that are alike in everything are recognised."""

Traits = frozenset[tuple[str, ...]]


def renamed(before: Outline, after: Outline) -> dict[str, str]:
    """Return the new names of steps that were renamed, each with the old one.

    A step that went and one that came are the same when they use the same component and agree in most of their
    parameters, keys and wires; what is wired to another step without a partner counts as wired to anything.
    """
    gone = [name for name in before.steps if name not in after.steps]
    new = [name for name in after.steps if name not in before.steps]
    if not gone or not new:
        return {}
    both = before.steps.keys() & after.steps.keys()
    old_traits, new_traits = _traits(before, gone, both), _traits(after, new, both)
    found = _alike_in_all(old_traits, new_traits)
    rest_old = defaultdict(list)
    for name in gone:
        if name not in found.values():
            rest_old[_component(before.steps[name].use)].append(name)
    rest_new = defaultdict(list)
    for name in new:
        if name not in found:
            rest_new[_component(after.steps[name].use)].append(name)
    for component, names in rest_new.items():
        found |= _most_alike(rest_old[component], names, old_traits, new_traits)
    return {name: found[name] for name in new if name in found}


def _alike_in_all(old: Mapping[str, Traits], new: Mapping[str, Traits]) -> dict[str, str]:
    waiting: dict[Traits, deque[str]] = defaultdict(deque)
    for name, traits in old.items():
        waiting[traits].append(name)
    return {name: waiting[traits].popleft() for name, traits in new.items() if waiting.get(traits)}


def _most_alike(
    gone: list[str], new: list[str], old_traits: Mapping[str, Traits], new_traits: Mapping[str, Traits]
) -> dict[str, str]:
    if len(gone) * len(new) > _MOST_PAIRS:
        return {}
    scored = [
        (_alike(old_traits[old], new_traits[name]), -place, name, old)
        for place, (old, name) in enumerate(product(gone, new))
    ]
    found: dict[str, str] = {}
    for score, _, name, old in sorted(scored, reverse=True):
        if score >= _ALIKE and name not in found and old not in found.values():
            found[name] = old
    return found


def _alike(first: Traits, second: Traits) -> float:
    return len(first & second) / len(first | second)


def _traits(outline: Outline, names: list[str], both: set[str]) -> dict[str, Traits]:
    def known(step: str) -> str:
        return step if step in both else "?"

    into: dict[str, list[Wire]] = defaultdict(list)
    out: dict[str, list[Wire]] = defaultdict(list)
    for wire in outline.wires():
        into[wire.target].append(wire)
        out[wire.source].append(wire)
    return {
        name: frozenset(
            [
                ("use", _component(outline.steps[name].use)),
                *(("with", key, json.dumps(value)) for key, value in outline.steps[name].values.items()),
                *(("key", key, json.dumps(value)) for key, value in outline.steps[name].others.items()),
                *(("in", wire.into, known(wire.source), wire.port) for wire in into[name]),
                *(("out", wire.port, known(wire.target), wire.into) for wire in out[name]),
            ]
        )
        for name in names
    }


def _component(use: str) -> str:
    return use.split("@", maxsplit=1)[0]
