"""Conditions such as ``evaluate.auroc > 0.9 and params.publish``: a small, safe language with Python's syntax.

Nothing is compiled or handed to the interpreter: an own parser makes a tree, an own evaluator walks it. Text, depth, numbers and
results are bounded. A name may hold hyphens (``fair-check.score``), so a minus sign between names needs spaces around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay.model.artifacts import Json
from assay.model.expression_parser import ExpressionError, Node, parse
from assay.model.expression_values import call, combine, compare, element, truth

__all__ = ["Expression", "ExpressionError", "both", "parse_expression", "replaced"]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition.

    Attributes:
        text: As written.
        tree: What is evaluated.
        references: What it reads: ``("params", "epochs")``, ``("evaluate", "auroc")`` for a step's port, ``("item", "")`` or
            ``("item", "key")`` for the element of a ``foreach``.
    """

    text: str
    references: frozenset[tuple[str, str]]
    tree: Node = field(compare=False, repr=False)

    def evaluate(self, scope: Mapping[str, Mapping[str, Json]]) -> Json:
        """Return the value; ``scope["params"]["epochs"]``, ``scope["item"][""]`` is the element. Raises ``ExpressionError``."""
        return _evaluate(self.tree, scope)


def parse_expression(text: str) -> Expression:
    """Return the expression written in ``text`` (at most 2,000 characters); raises ``ExpressionError`` that tells the column."""
    tree, names = parse(text)
    return Expression(text, frozenset((name, attribute) for name, attribute, _ in names), tree)


def both(first: Expression | None, second: Expression | None) -> Expression | None:
    """Return an expression that is true when both are; ``None`` is always true."""
    if first is None or second is None:
        return second if first is None else first
    tree = ("and", first.tree, second.tree)
    return Expression(f"({first.text}) and ({second.text})", first.references | second.references, tree)


def replaced(expression: Expression, meaning: Callable[[str, str], Node | None]) -> Expression:
    """Return the expression with references replaced.

    Args:
        meaning: Takes a reference's name and attribute; returns the node that takes its place, ``("name", step, port)`` or
            ``("literal", value)`` or what is made of these, or ``None`` to leave it.
    """
    found: set[tuple[str, str]] = set()
    tree = _replaced(expression.tree, meaning, found)
    return Expression(expression.text, frozenset(found), tree)


def _replaced(node: Any, meaning: Callable[[str, str], Node | None], found: set[tuple[str, str]]) -> Any:
    """The tree is as deep as the parser allows, which is bounded; a literal may hold anything and is left alone."""
    match node:
        case ("literal", _):
            return node
        case ("map", pairs):  # whose keys are any text, so that a pair looks like a node
            return ("map", type(pairs)((key, _replaced(value, meaning, found)) for key, value in pairs))
        case ("name", str(name), str(attribute)):
            new = meaning(name, attribute)
            return _replaced(new, lambda *_: None, found) if new is not None else _noted(node, found)
        case tuple():
            return tuple(_replaced(part, meaning, found) for part in node)
        case list():
            return [_replaced(part, meaning, found) for part in node]
        case _:
            return node


def _noted(node: Node, found: set[tuple[str, str]]) -> Node:
    found.add((node[1], node[2]))
    return node


def reference_places(text: str) -> tuple[tuple[str, str, int], ...]:
    """Return each reference of a valid expression as (name, attribute, offset of the name)."""
    return parse(text)[1]


def _evaluate(node: Node, scope: Mapping[str, Mapping[str, Json]]) -> Json:
    match node:
        case ("literal", literal):
            value: Json = literal
            return value
        case ("name", name, attribute):
            return _look_up(name, attribute, scope)
        case ("list", items):
            return [_evaluate(item, scope) for item in items]
        case ("map", pairs):
            return {key: _evaluate(value, scope) for key, value in pairs}
        case ("not", operand):
            return not truth(_evaluate(operand, scope))
        case ("and", left, right):
            value = _evaluate(left, scope)
            return _evaluate(right, scope) if truth(value) else value
        case ("or", left, right):
            value = _evaluate(left, scope)
            return value if truth(value) else _evaluate(right, scope)
        case ("if", test, yes, no):
            return _evaluate(yes if truth(_evaluate(test, scope)) else no, scope)
        case ("compare", first, rest):
            return _evaluate_chain(first, rest, scope)
        case ("unary", sign, operand):
            return combine("-" if sign == "-" else "+", 0, _evaluate(operand, scope))
        case ("binary", sign, left, right):
            return combine(sign, _evaluate(left, scope), _evaluate(right, scope))
        case ("index", owner, key):
            return element(_evaluate(owner, scope), _evaluate(key, scope))
        case ("call", name, arguments):
            return call(name, [_evaluate(argument, scope) for argument in arguments])
    raise ExpressionError(f"unknown node {node[0]!r}")


def _evaluate_chain(first: Node, rest: tuple[tuple[str, Node], ...], scope: Mapping[str, Mapping[str, Json]]) -> bool:
    left = _evaluate(first, scope)
    for sign, node in rest:
        right = _evaluate(node, scope)
        if not compare(sign, left, right):
            return False
        left = right
    return True


def _look_up(name: str, attribute: str, scope: Mapping[str, Mapping[str, Json]]) -> Json:
    values = scope.get(name, {})
    if attribute in values:
        return values[attribute]
    if name == "item" and "" in values:
        return element(values[""], attribute)
    shown = f"{name}.{attribute}" if attribute else name
    raise ExpressionError(f"{shown} has no value", culprit=shown)
