"""Commands with placeholders become lists of words, whatever the values hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.model.command import Each, Group, Role, Slot, Word, item_to_json, slots, text_of_word, words

N, LIST, FLAG = Slot(Role.PARAM, "n"), Slot(Role.PARAM, "list"), Slot(Role.PARAM, "flag")
TABLE, MODEL = Slot(Role.INPUT, "table"), Slot(Role.OUTPUT, "model")


def plain(*texts: str) -> tuple[Word, ...]:
    return tuple(Word((text,)) for text in texts)


@pytest.mark.parametrize(
    ("items", "values", "expected"),
    [
        (plain("fit", "--n"), {}, ["fit", "--n"]),
        ((Word(("--n=", N)),), {"n": 3}, ["--n=3"]),
        ((Word(("--n=", N)),), {"n": None}, []),
        ((Word(("--n=", N)),), {}, []),
        ((Word(("--n=", N, "/", FLAG)),), {"n": 0.5, "flag": True}, ["--n=0.5/true"]),
        ((Word((Slot(Role.PARAM, "flag", "yes", "no"),)),), {"flag": False}, ["no"]),
        ((Word((LIST,)),), {"list": [1, "ä"]}, ['[1, "ä"]']),
        ((Word((Slot(Role.PARAM, "list", separator=","),)),), {"list": [1, "ä", True]}, ["1,ä,true"]),
        ((Group((*plain("--n"), Word((N,)))),), {"n": 1}, ["--n", "1"]),
        ((Group((*plain("--n"), Word((N,)))),), {"n": None}, []),
        ((Group(plain("-v"), FLAG),), {"flag": True}, ["-v"]),
        ((Group(plain("-v"), FLAG, plain("-q")),), {"flag": False}, ["-q"]),
        ((Group(plain("-v"), N),), {"n": 0}, ["-v"]),
        ((Group((Group(plain("deep"), FLAG),), N),), {"n": "", "flag": True}, ["deep"]),
        ((Each(LIST),), {"list": ["a", "b"]}, ["a", "b"]),
        ((Each(LIST, "--x"),), {"list": ["a", "b"]}, ["--x", "a", "--x", "b"]),
        ((Each(LIST, "--x=", joined=True),), {"list": [1, 2]}, ["--x=1", "--x=2"]),
        ((Each(LIST),), {"list": []}, []),
        ((Each(LIST),), {}, []),
    ],
)
def test_words(items, values, expected):
    assert words(items, {(Role.PARAM, name): value for name, value in values.items()}) == expected


def test_paths_of_ports_are_told_from_parameters_of_the_same_name():
    values = {(Role.PARAM, "table"): "p", (Role.INPUT, "table"): "/i", (Role.OUTPUT, "model"): "/o"}
    assert words((Word((TABLE,)), Word((MODEL,))), values) == ["/i", "/o"]


@given(st.text())
def test_a_text_stays_one_word(text):
    assert words((Word(("--x=", N)),), {(Role.PARAM, "n"): text}) == [f"--x={text}"]
    assert text_of_word(Word((N,)), {(Role.PARAM, "n"): text}) == text


def test_every_placeholder_is_found_and_written_down():
    items = (Word(("a", N)), Group((Each(LIST),), FLAG, (Word((TABLE,)),)))
    assert list(slots(items)) == [N, FLAG, LIST, TABLE]
    written = json.dumps([item_to_json(item) for item in items])
    assert written.count('"port"') == 4
