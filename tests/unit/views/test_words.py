import time

import pytest

from assay.views.words import counted, duration, interval, moment, number, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.00 s"),
        (0, "0.00 s"),
        (0.417, "0.42 s"),
        (9.99, "9.99 s"),
        (9.999, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (3720, "1 h 02 min"),
        (90000, "25 h 00 min"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (3449, "3.4 kB"),
        (123_456, "123 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (12e9, "12.0 GB"),
        (3e12, "3.0 TB"),
        (5e15, "5000.0 TB"),
    ],
)
def test_size(count, text):
    assert size(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (12, "12"), (12.0, "12"), (0.93456, "0.9346"), (1e-9, "1e-09"), (1e15, "1e+15"), (float("nan"), "nan")],
)
def test_number(value, text):
    assert number(value) == text


def test_interval():
    assert interval(0.881, 0.97) == "0.881 \N{EN DASH} 0.97"


def test_counted():
    assert [counted(n, "step") for n in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


def test_moment():
    now = time.mktime((2026, 11, 23, 14, 15, 22, 0, 0, -1))
    assert moment(now) == "2026-11-23 14:15:22"
    assert moment(0) == ""
