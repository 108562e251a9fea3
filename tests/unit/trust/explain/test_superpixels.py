"""Pictures with hidden parts are put together exactly, and cost little beside what a model takes to answer."""

from __future__ import annotations

import time

import numpy as np

from assay.training.export import export_onnx
from assay.training.networks import NetworkName, build
from assay.training.session import open_session
from assay.trust.explain.lime import lime
from assay.trust.explain.superpixels import answered, grid


def test_hidden_parts_show_the_fill_and_the_others_the_picture_bit_by_bit() -> None:
    random = np.random.default_rng(0)
    picture, fills = random.normal(size=(33, 20)).astype(np.float32), random.normal(size=(3, 33, 20)).astype(np.float32)
    parts = grid(picture.shape, 6)
    shown = random.random((41, int(parts.max()) + 1)) < 0.5
    asked: list[np.ndarray] = []

    def note(pictures: np.ndarray) -> np.ndarray:
        asked.append(pictures.copy())
        return pictures.sum(axis=(1, 2)).astype(np.float64)

    answers = answered(note, picture, fills, parts, shown)
    expected = np.where(shown[:, parts], picture, fills[np.arange(41) % 3])
    np.testing.assert_array_equal(np.concatenate(asked), expected)
    np.testing.assert_array_equal(
        answers, np.concatenate([note(part) for part in (expected[:16], expected[16:32], expected[32:])])
    )


def test_limes_own_work_is_at_most_a_tenth_of_what_the_showcases_network_takes(tmp_path) -> None:
    """CPU seconds of one thread, the least of five, so that others on this machine do not decide."""
    size, samples = 128, 512
    export_onnx(build(NetworkName.SMALL_RESNET, 2, size).whole(), size, tmp_path / "model.onnx")
    session = open_session(tmp_path / "model.onnx", 1)
    name = session.get_inputs()[0].name
    random = np.random.default_rng(0)
    picture, fills = random.random((size, size), dtype=np.float32), random.random((3, size, size), dtype=np.float32)

    def network(pictures: np.ndarray) -> np.ndarray:
        return np.asarray(session.run(None, {name: pictures[:, None]})[0][:, 1], dtype=np.float64)

    def seconds(ask) -> float:
        begun = time.thread_time()
        lime(ask, picture, fills, grid((size, size), 12), samples=samples, random=np.random.default_rng(0))
        return time.thread_time() - begun

    alone = min(seconds(lambda pictures: np.zeros(len(pictures))) for _ in range(5))
    both = min(seconds(network) for _ in range(5))
    assert alone <= 0.1 * (both - alone)
