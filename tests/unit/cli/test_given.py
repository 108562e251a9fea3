import pytest

from assay.cli.given import parse_given
from assay.errors import InvalidDocument
from assay.ids import ParamName
from assay.model.component import MISSING, ParamSpec, ParamType
from assay.model.pipeline import Pipeline


def pipeline(**params):
    specs = {ParamName(n): ParamSpec(ParamName(n), kind, default=default) for n, (kind, default) in params.items()}
    return Pipeline("p", {}, params=specs)


STUDY = pipeline(epochs=(ParamType.INT, 8), name=(ParamType.STR, MISSING), sites=(ParamType.LIST, []))


def test_given_values_and_defaults():
    assert parse_given(STUDY, ["name=a=b", "epochs=3"]) == {"epochs": 3, "name": "a=b", "sites": []}


def test_an_empty_value_is_an_empty_text():
    assert parse_given(STUDY, ["name="])["name"] == ""


def test_every_fault_at_once():
    with pytest.raises(InvalidDocument) as error:
        parse_given(STUDY, ["epochs=x", "epoch=3", "loose", "sites=a", "sites=b", "=x"])
    assert [(fault.code, fault.culprit) for fault in error.value.faults] == [
        ("bad-param", "loose"),
        ("bad-param", "sites"),
        ("bad-param", "=x"),
        ("parameter-value", "epochs"),
        ("unknown-parameter", "epoch"),
        ("missing-parameter", "name"),
    ]


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(InvalidDocument) as error:
        parse_given(STUDY, ["name=x", "epochz=3"])
    assert [fault.hint for fault in error.value.faults] == ["did you mean 'epochs'?"]


@pytest.mark.parametrize(
    ("params", "hint"), [({}, "this pipeline has no parameters"), ({"n": (ParamType.INT, 1)}, "such as -p n=…")]
)
def test_a_word_without_equals_gets_an_example(params, hint):
    with pytest.raises(InvalidDocument) as error:
        parse_given(pipeline(**params), ["x"])
    assert error.value.faults[0].hint == hint
