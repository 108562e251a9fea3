"""What a run was given, beside what its file says."""

import pytest

from assay.ids import ParamName
from assay.model.state import RunState
from assay.views.given import run_params

DOCUMENT = """assay: 1
name: toy
params:
  size: {type: int, default: 3}
  share: 0.5
  label: {type: str}
steps:
  make: {use: ./steps.py:make, with: {size: $params.size}}
"""


def told(document, **values):
    state = RunState(
        "toy", "toy.pipeline.yaml", document, params={ParamName(name): value for name, value in values.items()}
    )
    return {one.name: (one.value, one.default, one.given) for one in run_params(state)}


def test_a_value_other_than_that_of_the_file_was_given_and_so_was_one_that_the_file_does_not_give():
    assert told(DOCUMENT, size=7, share=0.5, label="covid") == {
        "size": (7, 3, True),
        "share": (0.5, 0.5, False),
        "label": ("covid", None, True),
    }


@pytest.mark.parametrize("document", ["{", "", "assay: 99\n"])
def test_of_a_file_that_cannot_be_read_nothing_is_known_to_be_given(document):
    assert told(document, size=7) == {"size": (7, 7, False)}
