"""Memory and time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.model.quantities import QuantityError, format_duration, format_memory, parse_duration, parse_memory


@pytest.mark.parametrize(
    ("text", "size"),
    [("4Gi", 4 * 1024**3), ("512Mi", 512 * 1024**2), ("1.5G", 1_500_000_000), ("100", 100), (100, 100), ("2GiB", 2 * 1024**3),
     ("3k", 3000), (" 1 Ti ", 1024**4)],
)  # fmt: skip
def test_memory(text: str | int, size: int) -> None:
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "Gi", "-1Gi", "4gi", "4 apples", 0, -3, True, "1e9", "٤Gi", "0"])
def test_not_an_amount_of_memory(text: str | int) -> None:
    with pytest.raises(QuantityError, match="is not an amount of memory"):
        parse_memory(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("2m", 120), ("1h30m", 5400), ("500ms", 0.5), ("1d", 86400), (30, 30), (0.5, 0.5), ("1.5h", 5400),
     ("1h 30m", 5400), ("0s", 0)],
)  # fmt: skip
def test_duration(text: str | float, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "10", "s", "1h-5m", "10 apples", -1, True, float("nan"), float("inf"), 10**400, "9" * 400]
)
def test_not_a_duration(text: str | float) -> None:
    with pytest.raises(QuantityError, match="is not a duration"):
        parse_duration(text)


@given(st.integers(1, 2**60))
def test_memory_round_trips(size: int) -> None:
    assert parse_memory(format_memory(size)) == size


@given(st.one_of(st.integers(0, 10**7).map(float), st.integers(0, 10**9).map(lambda ms: ms / 1000)))
def test_duration_round_trips(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, abs=1e-9)


def test_the_shortest_form_is_chosen() -> None:
    assert [format_memory(size) for size in (4 * 1024**3, 1024, 1000**3, 1001)] == ["4Gi", "1Ki", "1G", "1001"]
    assert [format_duration(time) for time in (0, 90, 5400, 0.25, 86400)] == ["0s", "1m30s", "1h30m", "0.25s", "1d"]
