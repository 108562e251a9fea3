"""Conditions: what they mean, what they refuse, and that they always end."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.model.expression import ExpressionError, both, parse_expression, reference_places, replaced

SCOPE: dict[str, dict[str, Any]] = {
    "params": {"epochs": 8, "name": "ct", "publish": True, "sites": ["a", "b"], "max-age": 70},
    "evaluate": {"auroc": 0.93, "summary": {"groups": {"f": 0.9}, "rows": [1, 2, 3]}},
    "fair-check": {"score": 2},
    "item": {"": {"site": "a", "n": 3}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("7 // 2 + 7 % 2", 4),
        ("6 / 4", 1.5),
        ("-3 + +1", -2),
        ("- - 3", 3),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("1 == 1.0", True),
        ("true == 1", False),
        ("null == None", True),
        ("not true or true", True),
        ("not not true", True),
        ("not not not true", False),
        ("true and not false", True),
        ("0 or 'x'", "x"),
        ("'a' + \"b\"", "ab"),
        ("[1] + [2]", [1, 2]),
        ("[1, 2,][-1]", 2),
        ("{'a': 1,}['a']", 1),
        ("'a' in 'cat'", True),
        ("'x' not in ['a']", True),
        ("1 in [true]", False),
        ("'k' in {'k': 1}", True),
        ("1 if false else 2", 2),
        ("evaluate.auroc >= 0.9 and params.publish", True),
        ("evaluate.summary.groups.f", 0.9),
        ("evaluate.summary.rows[2]", 3),
        ("evaluate.summary['groups']['f'] > .5", True),
        ("fair-check.score - 1", 1),
        ("params.max-age", 70),
        ("item.site", "a"),
        ("item['n']", 3),
        ("len(params.sites) + min(1, 2) + max([3, 4]) + sum([1, 1])", 9),
        ("abs(-2) + round(2.6) + int('3') + float('1')", 9.0),
        ("any([false, true]) and not all([false, true])", True),
        ("startswith(params.name, 'c') and endswith(params.name, 't')", True),
        ("upper('a') + lower('B') + str(1) + str(true) + str(null)", "Ab1truenull"),
        ("'it\\'s\\n'", "it's\n"),
        ("1e3", 1000.0),
    ],
)
def test_values(text: str, value: Any) -> None:
    found = parse_expression(text).evaluate(SCOPE)
    assert found == value
    assert type(found) is type(value)


def test_short_circuit_does_not_look_further() -> None:
    assert parse_expression("false and gone.port").evaluate(SCOPE) is False
    assert parse_expression("true or gone.port").evaluate(SCOPE) is True


def test_references_and_their_places() -> None:
    text = "evaluate.auroc > params.max-age or item or item.x == 'no.reference'"
    assert parse_expression(text).references == {
        ("evaluate", "auroc"),
        ("params", "max-age"),
        ("item", ""),
        ("item", "x"),
    }
    assert [text[place:][: len(name)] for name, _, place in reference_places(text)] == [
        "evaluate",
        "params",
        "item",
        "item",
    ]


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "the expression ends too early", 1),
        ("1 +", "the expression ends too early", 4),
        ("a.b = 1", "'=' has no meaning here", 5),
        ("a.b && c.d", "'&' has no meaning here", 5),
        ("epochs > 3", "'epochs' is not a value", 1),
        ("1 2", "unexpected '2'", 3),
        ("(1", "the expression ends too early, expected ')'", 3),
        ("a.b > )", "unexpected ')'", 7),
        ("a.1", "'a' is not a value", 1),
        ("eval('x')", "there is no function 'eval'", 1),
        ("lenn(a.b)", "there is no function 'lenn'", 1),
        ("a.b.", "the expression ends too early, expected a name after '.'", 5),
        ("{1: 2}", "unexpected '1', expected a text in quotes as key", 2),
        ("'open", '"\'" has no meaning here', 1),
        ("lambda: 1", "'lambda' is not a value", 1),
        ("(" * 60 + "1" + ")" * 60, "the expression is nested too deeply", 41),
        ("1" * 2001, "the expression is longer than 2000 characters", 1),
        ("1" * 41, "the number is too long", 1),
        ("1e999", "the number is too large", 1),
        ("1" + "+1" * 200, "the expression has more than 100 terms", 202),
    ],
)
def test_faults_of_the_text_tell_the_column(text: str, message: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert (caught.value.message, caught.value.column) == (message, column)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "division by zero"),
        ("1 // 0", "division by zero"),
        ("'a' < 1", "a text and a number have no order"),
        ("true + 1", "a truth value and a number cannot be combined with '+'"),
        ("'a' * 3", "a text and a number cannot be combined with '*'"),
        ("[1] - [1]", "a list and a list cannot be combined with '-'"),
        ("params.gone", "params.gone has no value"),
        ("gone.x", "gone.x has no value"),
        ("item.gone", "the map has no key 'gone'"),
        ("params.sites[5]", "the list has 2 elements, there is no [5]"),
        ("params.epochs[0]", "a number has no element '0'"),
        ("len(1)", "len() does not take a number"),
        ("max()", "max() does not take nothing"),
        ("int('x')", "int() does not take a text"),
        ("1 in 2", "a number cannot be looked for in a number"),
        ("1e308 * 10", "the number is too large"),
        ("float('nan')", "the result of float() is not a finite number"),
        ("startswith('a', 1)", "startswith() does not take a text, a number"),
        (" * ".join(["1" * 40] * 30), "the number is too large"),
    ],
)
def test_faults_of_the_values(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text).evaluate(SCOPE)
    assert caught.value.message == message


def test_a_result_cannot_grow_without_bound() -> None:
    scope = {"a": {"b": "x" * 90_000}}
    with pytest.raises(ExpressionError, match="the result is too long"):
        parse_expression("a.b + a.b").evaluate(scope)


def test_equal_texts_are_equal_expressions() -> None:
    assert parse_expression("a.b > 1") == parse_expression("a.b > 1")
    assert parse_expression("a.b > 1") != parse_expression("a.b > 2")


_TOKENS = st.sampled_from(
    [
        "1",
        "2.5",
        "'a'",
        "params.epochs",
        "item",
        "evaluate.summary",
        "and",
        "or",
        "not",
        "in",
        "if",
        "else",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "<",
        "==",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ".",
        "len(",
        "max(",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(_TOKENS, max_size=40).map(" ".join)))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_a_value_or_an_expression_error(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        parse_expression(text).evaluate(SCOPE)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


DEEP = {"deep": {"x": nested(100)}}


def test_the_longest_and_deepest_expressions_do_not_overflow_the_stack() -> None:
    for text in (
        "(1 + " * 39 + "1" + ")" * 39,
        "not (" * 39 + "true" + ")" * 39,
        "deep.x" + "[0]" * 90,
        " or ".join(["false"] * 200),
        "1" + " - 1" * 99,
        "[" * 39 + "]" * 39,
    ):
        parse_expression(text).evaluate(DEEP)


def test_both_is_true_when_both_are() -> None:
    first, second = parse_expression("params.publish"), parse_expression("evaluate.auroc > 0.95 or item.n > 5")
    assert both(None, second) is second
    assert both(first, None) is first
    assert both(None, None) is None
    joined = both(first, second)
    assert joined is not None
    assert joined.evaluate(SCOPE) is False
    assert joined.references == {("params", "publish"), ("evaluate", "auroc"), ("item", "n")}
    assert joined.text == "(params.publish) and (evaluate.auroc > 0.95 or item.n > 5)"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("params.a > 1 and a.b", True),
        ('{"literal": params.a, "name": a.b}["literal"] == 3', True),
        ("[params.a, 4][0] if not a.b == params.c else len(params.c)", 3),
        ("max(params.a, -params.a) + params.other", 10),
    ],
)
def test_references_are_replaced_wherever_they_stand(text: str, value: Any) -> None:
    meaning = {
        ("params", "a"): ("literal", 3),
        ("a", "b"): ("name", "outer/a", "b"),
        ("params", "c"): ("list", [("literal", "x")]),
    }
    expression = replaced(parse_expression(text), lambda name, attribute: meaning.get((name, attribute)))
    assert expression.evaluate({"outer/a": {"b": True}, "params": {"other": 7}}) == value
    assert expression.references <= {("outer/a", "b"), ("params", "other")}
