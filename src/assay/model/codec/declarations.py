"""Nodes under ``params:`` to the declarations of a pipeline's own parameters."""

from __future__ import annotations

import re

from assay.errors import AssayError, bounded
from assay.ids import ParamName
from assay.model.artifacts import Json
from assay.model.codec.nodes import ListNode, MapNode, Node
from assay.model.codec.reading import Reading
from assay.model.component import MISSING, ParamSpec, ParamType
from assay.model.params import conform, type_of

_KEYS = "type items default nullable min max choices unit help secret".split()  # noqa: SIM905
_TYPES = [str(kind) for kind in ParamType]
_GENERIC = re.compile(r"(list|map)\[(\w+)\]")
_WIDEST = 1e300


def read_declarations(reading: Reading, node: Node | None, *, secrets: bool = False) -> dict[ParamName, ParamSpec]:
    """Return the parameters a pipeline declares: ``epochs: {type: int, default: 8}``, or short, ``epochs: 8``.

    Args:
        secrets: Whether one may be secret: those of a component may.
    """
    specs: dict[ParamName, ParamSpec] = {}
    for text, key, value in reading.map(node, "a map of parameters: 'name: {type: int, default: 8}'") or ():
        with reading.at(text):
            name = ParamName(reading.name(key, "parameter"))
            specs[name] = (
                _read_long(reading, name, value, secrets=secrets)
                if isinstance(value, MapNode)
                else _read_short(reading, name, value)
            )
    return specs


def _read_short(reading: Reading, name: ParamName, node: Node) -> ParamSpec:
    value = reading.json(node)
    if value is None:
        reading.wrong(node, "a default, or a map with 'type:'")
    return ParamSpec(name, type_of(value), default=value)


def _read_long(reading: Reading, name: ParamName, node: MapNode, *, secrets: bool) -> ParamSpec:
    reading.leftovers(node, _KEYS, "a parameter")
    default = reading.json(written) if (written := node.get("default")) is not None else MISSING
    kind, items = _read_type(reading, node, default)
    with reading.at("min"):
        low = reading.number(node.get("min"), -_WIDEST, _WIDEST)
    with reading.at("max"):
        high = reading.number(node.get("max"), -_WIDEST, _WIDEST)
    if low is not None and high is not None and low > high:
        reading.problems.add("bad-declaration", f"'min' {low:g} is above 'max' {high:g}", at=node.start, culprit=name)
    spec = ParamSpec(
        name,
        kind,
        items,
        MISSING if default is MISSING else default,
        reading.boolean(node.get("nullable")) or False,
        low,
        high,
        _read_choices(reading, node.get("choices")),
        reading.words(node.get("unit")) or "",
        reading.words(node.get("help")) or "",
        _read_secret(reading, node, name, allowed=secrets),
    )
    return _with_conforming_default(reading, spec, node)


def _read_secret(reading: Reading, node: MapNode, name: str, *, allowed: bool) -> bool:
    """A pipeline's parameters stand in the record of every run, so none of them is a secret."""
    secret = reading.boolean(node.get("secret")) or False
    if secret and not allowed:
        reading.problems.add(
            "bad-declaration",
            "a parameter of a pipeline cannot be a secret: its value is kept with every run",
            at=node.start,
            culprit=name,
            hint="bind the secret in the step that needs it: secrets: {parameter: NAME_OF_THE_SECRET}",
        )
    return secret


def _read_type(reading: Reading, node: MapNode, default: object) -> tuple[ParamType, ParamType | None]:
    written = node.get("type")
    if written is None:
        if default is MISSING or default is None:
            reading.missing(
                node, "type", "the parameter has neither type nor default", f"add 'type:', one of {', '.join(_TYPES)}"
            )
            return ParamType.STR, None
        return type_of(reading.json(node.entries["default"][1])), _read_items(reading, node)
    generic = _GENERIC.fullmatch(getattr(written, "text", ""))
    if generic is not None and generic[2] in _TYPES:
        return ParamType(generic[1]), ParamType(generic[2])
    with reading.at("type"):
        word = reading.choice(written, _TYPES, "a type of parameter")
    return ParamType(word) if word else ParamType.STR, _read_items(reading, node)


def _read_items(reading: Reading, node: MapNode) -> ParamType | None:
    with reading.at("items"):
        word = reading.choice(node.get("items"), _TYPES, "a type of parameter")
    return ParamType(word) if word else None


def _read_choices(reading: Reading, node: Node | None) -> tuple[Json, ...]:
    if node is None:
        return ()
    if not isinstance(node, ListNode) or not node.items:
        reading.wrong(node, "a list of at least one value")
        return ()
    return tuple(reading.json(item) for item in node.items)


def _with_conforming_default(reading: Reading, spec: ParamSpec, node: MapNode) -> ParamSpec:
    """The default is held to the parameter's own rules; a secret has none, for it would stand in the file."""
    written = node.get("default")
    if written is None or spec.default is MISSING or spec.default is None:
        return spec
    with reading.at("default"):
        if spec.secret:
            return spec
        if any(
            path[: len(reading.problems.path) - 1] == tuple(reading.problems.path[:-1])
            for path in reading.problems.broken
        ):
            return spec
        try:
            value = conform(spec, spec.default)
        except AssayError as error:
            reading.problems.add(
                "bad-declaration",
                f"the default does not suit: {bounded(error.message, 200)}",
                at=written.start,
                culprit=error.culprit,
                hint=error.hint,
            )
            return spec
    return ParamSpec(
        spec.name,
        spec.type,
        spec.items,
        value,
        spec.nullable,
        spec.min,
        spec.max,
        spec.choices,
        spec.unit,
        spec.help,
        spec.secret,
    )
