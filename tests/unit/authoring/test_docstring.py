"""Three styles of docstring, one result."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.authoring.docstring import Docstring, parse_docstring

GOOGLE = """Split images.

    Longer: with a colon.

    Second paragraph.

    Args:
        images: Slices
            of a patient.
        by (str): What: to split by.
        *rest: More.

    Returns:
        train: To fit.
        test: To test.

    Raises:
        ValueError: Never.

    Example:
        >>> split(1)
    """

NUMPY = """Split images.

    Longer: with a colon.

    Second paragraph.

    Parameters
    ----------
    images : Images
        Slices
        of a patient.
    by : str, optional
        What: to split by.
    *rest
        More.

    Returns
    -------
    train : Images
        To fit.
    test : Images
        To test.

    Raises
    ------
    ValueError
        Never.
    """

SPHINX = """Split images.

    Longer: with a colon.

    Second paragraph.

    :param images: Slices
        of a patient.
    :param str by: What: to split by.
    :type by: str
    :param *rest: More.
    :raises ValueError: Never.
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX])
def test_help_in_every_style(text):
    doc = parse_docstring(text)
    assert doc.title == "Split images"
    assert doc.description == "Longer: with a colon.\n\nSecond paragraph."
    assert doc.args == {"images": "Slices of a patient.", "by": "What: to split by.", "rest": "More."}


@pytest.mark.parametrize("text", [GOOGLE, NUMPY])
def test_outputs_in_every_style(text):
    assert parse_docstring(text).returns == {"train": "To fit.", "test": "To test."}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Docstring()),
        ("One line.", Docstring(title="One line")),
        ("One.\nTwo.", Docstring(title="One", description="Two.")),
        ("One.\n\nReturns:\n    The mean: of all.\n", Docstring(title="One", result="The mean: of all.")),
        ("One.\n\n:returns: The mean.", Docstring(title="One", result="The mean.")),
        ("One.\n\nArgs:\n", Docstring(title="One")),
        ("One.\n\nNote: this stays.", Docstring(title="One", description="Note: this stays.")),
        ("Args:\n    x: X.", Docstring(args={"x": "X."})),
    ],
)
def test_small_docstrings(text, expected):
    assert parse_docstring(text) == expected


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text):
    parse_docstring(text)


names = st.from_regex(r"[a-z][a-z_0-9]{0,8}", fullmatch=True)
words = st.lists(st.from_regex(r"[A-Za-z]{1,8}", fullmatch=True), min_size=1, max_size=6).map(" ".join)


@given(st.dictionaries(names, words, min_size=1, max_size=5))
def test_what_is_written_is_read(items):
    text = "Title.\n\nArgs:\n" + "".join(f"    {name}: {text}\n" for name, text in items.items())
    assert parse_docstring(text).args == items
