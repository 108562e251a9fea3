"""Requests answered together: everybody gets their own answers, nobody waits longer than was said, an error ends no thread."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from assay.serving.batching import Batcher
from assay.serving.desk import Desk


class Model:
    """Answers with the first pixel of each picture, and remembers how many it was asked at once."""

    def __init__(self):
        self.calls = []

    def __call__(self, pixels):
        self.calls.append(len(pixels))
        if pixels.min() < 0:
            raise RuntimeError("no such pixels")
        return [float(one.ravel()[0]) for one in pixels]


def pictures(*values):
    return np.array(values, dtype=np.float32).reshape(-1, 1, 1, 1)


@pytest.fixture
def model():
    return Model()


def test_requests_that_come_together_are_one_call(model):
    batcher = Batcher(model, wait=600, most=6)
    waiting = [batcher.submit(pictures(*range(start, start + 2))) for start in (0, 2, 4)]
    assert [one.result(60) for one in waiting] == [[0, 1], [2, 3], [4, 5]]
    assert model.calls == [6]
    batcher.close()


def test_a_full_batch_waits_for_nobody_and_none_is_larger(model):
    batcher = Batcher(model, wait=600, most=4)
    waiting = [batcher.submit(pictures(*range(size))) for size in (2, 3, 1, 9)]
    assert [len(one.result(60)) for one in waiting[:3]] == [2, 3, 1]
    batcher.close()
    assert len(waiting[3].result(60)) == 9
    assert model.calls[0] == 2
    assert max(model.calls[:2]) <= 4
    assert model.calls[-1] == 9


def test_one_alone_is_answered_when_nobody_joins_it(model):
    batcher = Batcher(model, wait=0.05)
    assert batcher.submit(pictures(1)).result(60) == [1]
    batcher.close()


def test_an_error_reaches_everybody_in_the_batch_and_the_next_are_answered(model):
    batcher = Batcher(model, wait=600, most=2)
    waiting = [batcher.submit(pictures(value)) for value in (1, -1)]
    for one in waiting:
        with pytest.raises(RuntimeError, match="no such pixels"):
            one.result(60)
    assert batcher.submit(pictures(3, 4)).result(60) == [3, 4]
    batcher.close()


def test_many_threads_get_their_own_answers(model):
    batcher, found = Batcher(model, wait=0.005), {}

    def caller(number):
        found[number] = [batcher.submit(pictures(number)).result(60) for _ in range(20)]

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == {number: [[number]] * 20 for number in range(8)}
    batcher.close()


def test_a_served_model_answers_the_same_in_a_batch(known):
    alone, together = Desk(known), Desk(known, wait=0.2)
    pixels = np.random.default_rng(0).random((3, 1, 16, 16), dtype=np.float32)
    asked = [together._batcher.submit(pixels[row : row + 1]) for row in range(3)]
    expected = alone.model.answers(pixels)
    for one, wanted in zip(asked, expected, strict=True):
        (got,) = one.result(60)
        assert got.score == pytest.approx(wanted.score, abs=1e-6)
        assert got.label == wanted.label
