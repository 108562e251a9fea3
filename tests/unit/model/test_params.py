"""Whether a value suits a parameter."""

from __future__ import annotations

from typing import Any

import pytest

from assay.ids import ParamName
from assay.model.component import ParamSpec, ParamType
from assay.model.params import ParamError, conform, parse_text


def spec(kind: ParamType, **facts: Any) -> ParamSpec:
    return ParamSpec(ParamName("p"), kind, **facts)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (ParamType.INT, 3, 3),
        (ParamType.INT, 3.0, 3),
        (ParamType.FLOAT, 3, 3.0),
        (ParamType.FLOAT, 0.5, 0.5),
        (ParamType.STR, "a", "a"),
        (ParamType.BOOL, True, True),
        (ParamType.LIST, [1, "a"], [1, "a"]),
        (ParamType.MAP, {"a": 1}, {"a": 1}),
        (ParamType.PATH, "./x", "./x"),
    ],
)
def test_values_that_suit(kind: ParamType, value: Any, expected: Any) -> None:
    found = conform(spec(kind), value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("facts", "value", "message"),
    [
        ({"kind": ParamType.INT}, "3", "parameter 'p' takes a whole number, not \"3\""),
        ({"kind": ParamType.INT}, 1.5, "parameter 'p' takes a whole number, not 1.5"),
        ({"kind": ParamType.INT}, True, "parameter 'p' takes a whole number, not true"),
        ({"kind": ParamType.FLOAT}, False, "parameter 'p' takes a number, not false"),
        ({"kind": ParamType.STR}, 1, "parameter 'p' takes a text, not 1"),
        ({"kind": ParamType.BOOL}, 1, "parameter 'p' takes true or false, not 1"),
        ({"kind": ParamType.LIST}, "a", "parameter 'p' takes a list, not \"a\""),
        ({"kind": ParamType.MAP}, [], "parameter 'p' takes a map, not []"),
        ({"kind": ParamType.PATH}, "", "parameter 'p' takes a path, not \"\""),
        ({"kind": ParamType.STR}, None, "parameter 'p' takes a text, not null"),
        ({"kind": ParamType.INT, "min": 1, "unit": "years"}, 0, "parameter 'p' is at least 1 years, not 0"),
        ({"kind": ParamType.FLOAT, "max": 0.9}, 1, "parameter 'p' is at most 0.9, not 1.0"),
        ({"kind": ParamType.LIST, "min": 2}, [1], "the number of elements of parameter 'p' is at least 2, not 1"),
        ({"kind": ParamType.STR, "choices": ("a", "b")}, "c", "parameter 'p' is one of a, b, not \"c\""),
        ({"kind": ParamType.INT, "choices": (0, 1)}, 2, "parameter 'p' is one of 0, 1, not 2"),
        ({"kind": ParamType.LIST, "choices": ("a",)}, ["a", "z"], "parameter 'p' is one of a, not \"z\""),
        (
            {"kind": ParamType.LIST, "items": ParamType.INT},
            [1, "x"],
            "an element of parameter 'p' takes a whole number, not \"x\"",
        ),
        ({"kind": ParamType.FLOAT}, 10**400, None),
    ],
)
def test_values_that_do_not(facts: dict[str, Any], value: Any, message: str | None) -> None:
    with pytest.raises(ParamError) as caught:
        conform(spec(**facts), value)
    if message:
        assert caught.value.message == message


def test_null_suits_a_nullable_parameter_and_one_whose_default_it_is() -> None:
    assert conform(spec(ParamType.INT, nullable=True), None) is None
    assert conform(spec(ParamType.INT, default=None), None) is None


def test_elements_are_widened() -> None:
    assert conform(spec(ParamType.LIST, items=ParamType.FLOAT), [1, 2.5]) == [1.0, 2.5]
    assert conform(spec(ParamType.MAP, items=ParamType.FLOAT), {"a": 1}) == {"a": 1.0}


def test_a_choice_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(ParamError) as caught:
        conform(spec(ParamType.STR, choices=("label", "label+sex")), "lable")
    assert caught.value.hint == "did you mean 'label'?"


@pytest.mark.parametrize(
    ("facts", "text", "value"),
    [
        ({"kind": ParamType.INT}, "3", 3),
        ({"kind": ParamType.FLOAT}, "1e-3", 0.001),
        ({"kind": ParamType.FLOAT}, "2", 2.0),
        ({"kind": ParamType.STR}, "3", "3"),
        ({"kind": ParamType.STR}, "null", "null"),
        ({"kind": ParamType.INT, "nullable": True}, "null", None),
        ({"kind": ParamType.BOOL}, "Yes", True),
        ({"kind": ParamType.BOOL}, "0", False),
        ({"kind": ParamType.LIST}, "a, b", ["a", "b"]),
        ({"kind": ParamType.LIST, "items": ParamType.INT}, "1,2", [1, 2]),
        ({"kind": ParamType.LIST}, '[1, "x"]', [1, "x"]),
        ({"kind": ParamType.LIST}, "", []),
        ({"kind": ParamType.MAP}, "a=1,b=x", {"a": "1", "b": "x"}),
        ({"kind": ParamType.MAP, "items": ParamType.INT}, "a=1", {"a": 1}),
        ({"kind": ParamType.MAP}, '{"a": [1]}', {"a": [1]}),
        ({"kind": ParamType.PATH}, "data/x", "data/x"),
    ],
)
def test_text_of_the_command_line(facts: dict[str, Any], text: str, value: Any) -> None:
    assert parse_text(spec(**facts), text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [(ParamType.INT, "x"), (ParamType.INT, "1.5"), (ParamType.FLOAT, "nan"), (ParamType.FLOAT, "inf"), (ParamType.BOOL, "maybe"), (ParamType.MAP, "a"),
     (ParamType.LIST, "[1"), (ParamType.MAP, "{"), (ParamType.INT, "9" * 5000), (ParamType.LIST, "[" * 100_000)],
)  # fmt: skip
def test_text_that_does_not_suit(kind: ParamType, text: str) -> None:
    with pytest.raises(ParamError):
        parse_text(spec(kind), text)
