"""Conditions such as ``evaluate.auroc > 0.9 and params.publish``: a small, safe language with Python's syntax.

Nothing is compiled or handed to the interpreter: an own parser makes a tree, an own evaluator walks it. Text, depth, numbers and
results are bounded. A name may hold hyphens (``fair-check.score``), so a minus sign between names needs spaces around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.model.artifacts import Json
from assay.model.expression_parser import ExpressionError, Node, parse
from assay.model.expression_values import call, combine, compare, element, truth

__all__ = ["Expression", "ExpressionError", "parse_expression"]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition.

    Attributes:
        text: As written.
        references: What it reads: ``("params", "epochs")``, ``("evaluate", "auroc")`` for a step's port, ``("item", "")`` or
            ``("item", "key")`` for the element of a ``foreach``.
    """

    text: str
    references: frozenset[tuple[str, str]]
    _tree: Node = field(compare=False, repr=False)

    def evaluate(self, scope: Mapping[str, Mapping[str, Json]]) -> Json:
        """Return the value; ``scope["params"]["epochs"]``, ``scope["item"][""]`` is the element. Raises ``ExpressionError``."""
        return _evaluate(self._tree, scope)


def parse_expression(text: str) -> Expression:
    """Return the expression written in ``text`` (at most 2,000 characters); raises ``ExpressionError`` that tells the column."""
    tree, names = parse(text)
    return Expression(text, frozenset((name, attribute) for name, attribute, _ in names), tree)


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
