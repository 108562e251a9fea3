"""The facts in ``@component(...)``."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from assay.authoring.annotations import is_ours
from assay.authoring.faults import Faults, shown
from assay.authoring.literal import NotLiteral, literal
from assay.authoring.source import FunctionNode, Source
from assay.errors import AssayError, did_you_mean
from assay.model.artifacts import Json
from assay.model.component import Isolation, Resources
from assay.model.quantities import parse_memory

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""``category/name``, words joined by dashes."""

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the decorator says; ``name`` is empty when it gives none, ``preload`` is ``None`` when it leaves that to us."""

    node: ast.expr
    name: str = ""
    facts: dict[str, Json] = field(default_factory=dict)

    def text(self, key: str, default: str = "") -> str:
        """Return a text fact."""
        value = self.facts.get(key, default)
        return value if isinstance(value, str) else default

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a fact that is a list of texts."""
        value = self.facts.get(key)
        return tuple(str(item) for item in value) if isinstance(value, list) else ()

    def resources(self) -> Resources:
        """Return what a step holds."""
        cpu, gpu, memory = self.facts.get("cpu", 1.0), self.facts.get("gpu", 0), self.text("memory")
        return Resources(
            cpu=float(cpu) if isinstance(cpu, (int, float)) else 1.0,
            memory=parse_memory(memory) if memory else None,
            gpu=gpu if isinstance(gpu, int) else 0,
        )


def find_decorator(node: FunctionNode, source: Source) -> ast.expr | None:
    """Return the decorator that makes a function a component, whatever it was imported as."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if is_ours(source.dotted(called), "component"):
            return decorator
    return None


def read_declaration(decorator: ast.expr, source: Source, faults: Faults) -> Declaration:
    """Return the facts of one decorator; what is wrong with them goes to ``faults`` and is left out."""
    if not isinstance(decorator, ast.Call):
        return Declaration(decorator)
    facts: dict[str, Json] = {}
    for keyword in decorator.keywords:
        if keyword.arg not in _FACTS:
            hint = did_you_mean(keyword.arg or "", _FACTS) or f"it knows {', '.join(_FACTS)}"
            culprit = keyword.arg or "**"
            faults.error("unknown-fact", f"@component has no {culprit!r}", keyword, culprit=culprit, hint=hint)
            continue
        takes, suits = _FACTS[keyword.arg]
        value = _literal(keyword.value, f"@component({keyword.arg}=…)", source, faults)
        if value is None:
            continue
        if suits(value):
            facts[keyword.arg] = value
        else:
            message = f"@component({keyword.arg}=…) takes {takes}"
            faults.error("bad-fact", message, keyword.value, culprit=shown(keyword.value))
    return Declaration(decorator, _name(decorator, source, faults), facts)


def _name(decorator: ast.Call, source: Source, faults: Faults) -> str:
    if not decorator.args:
        return ""
    for extra in decorator.args[1:]:
        faults.error("bad-fact", "@component takes only its name by position", extra, culprit=shown(extra))
    value = _literal(decorator.args[0], "the component's name", source, faults)
    if isinstance(value, str) and NAME.fullmatch(value):
        return value
    if value is not None:
        hint = "write category/name in small letters, digits and single dashes"
        text = str(value) if isinstance(value, str) else shown(decorator.args[0])
        faults.error(
            "illegal-name", f"{text!r} is not the name of a component", decorator.args[0], culprit=text, hint=hint
        )
    return ""


def _literal(node: ast.expr, what: str, source: Source, faults: Faults) -> Json:
    try:
        return literal(node, source)
    except NotLiteral:
        hint = "it is read without running the file: write a literal"
        faults.error("not-literal", f"{what} is not a literal", node, culprit=shown(node), hint=hint)
        return None


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_amount(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_memory(value: Json) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return not value or parse_memory(value) > 0
    except AssayError:
        return False


def _is_version(value: Json) -> bool:
    return isinstance(value, str) and _VERSION.fullmatch(value) is not None


_FACTS: dict[str, tuple[str, Callable[[Json], bool]]] = {
    "version": ("a version such as '1.0.0'", _is_version),
    "title": ("a text", _is_text),
    "tags": ("a tuple of texts", _is_texts),
    "licence": ("a licence such as 'Apache-2.0'", _is_text),
    "authors": ("a tuple of texts", _is_texts),
    "requires": ("a tuple of texts", _is_texts),
    "cpu": ("a number above 0", _is_amount),
    "memory": ("an amount such as '4Gi'", _is_memory),
    "gpu": ("a whole number", _is_count),
    "isolation": ("'fork' or 'spawn'", lambda value: value in list(Isolation)),
    "cache": ("True or False", lambda value: isinstance(value, bool)),
    "preload": ("a tuple of texts", _is_texts),
}
"""Keyword of the decorator, what it takes in words, and the test of it."""
