"""What the server computes from what sites send: the mean of their changes, and how a model did at all of them together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import ComponentError
from assay.training.federated.averaging import averaged
from assay.training.federated.judged import BINS, Judged, together
from assay.trust.performance.ranking import auroc
from assay.trust.performance.thresholds import youden_threshold


def test_each_site_counts_by_its_images():
    weights = {"w": np.array([1.0, 2.0], dtype=np.float32)}
    changes = {"a": {"w": np.array([4.0, 0.0], dtype=np.float32)}, "b": {"w": np.array([0.0, 8.0], dtype=np.float32)}}
    assert averaged(weights, changes, {"a": 30, "b": 10})["w"].tolist() == [4.0, 4.0]


@given(st.permutations(["a", "b", "c", "d"]), st.integers(0, 1000))
def test_who_answers_first_changes_no_bit(order, seed):
    random = np.random.default_rng(seed)
    weights = {"w": random.normal(size=50).astype(np.float32)}
    changes = {
        site: {"w": random.normal(scale=10.0 ** random.integers(-6, 6), size=50).astype(np.float32)} for site in "abcd"
    }
    images = {site: int(random.integers(1, 999)) for site in "abcd"}
    first = averaged(weights, changes, images)["w"]
    assert averaged(weights, {site: changes[site] for site in order}, images)["w"].tobytes() == first.tobytes()


@pytest.mark.parametrize(
    "change",
    [{}, {"w": np.zeros(3, dtype=np.float32)}, {"w": np.array([0.0, np.nan], dtype=np.float32)}],
    ids=["lacking", "of another shape", "not finite"],
)
def test_a_change_that_cannot_be_used_names_its_site(change):
    with pytest.raises(ComponentError, match="site b sent no usable change of w") as caught:
        averaged(
            {"w": np.zeros(2, dtype=np.float32)},
            {"a": {"w": np.zeros(2, dtype=np.float32)}, "b": change},
            {"a": 1, "b": 1},
        )
    assert caught.value.culprit == "b"


def test_counts_of_scores_give_the_auroc_and_threshold_of_scores_in_hundredths():
    random = np.random.default_rng(0)
    truth = random.random(400) < 0.3
    score = np.clip(random.normal(0.4 + 0.2 * truth, 0.2), 0, 1)
    halves = [Judged.of(2.0, 4.0, truth[part], score[part]) for part in (slice(0, 150), slice(150, 400))]
    whole = together(halves)
    binned = np.minimum(np.floor(score * BINS), BINS - 1) / BINS
    assert auroc(*whole.scores()) == pytest.approx(auroc(truth, binned), abs=1e-12)
    assert youden_threshold(*whole.scores()) == youden_threshold(truth, binned)
    assert whole.mean_loss == pytest.approx(0.5)
    assert Judged.from_json(whole.as_json()) == whole


def test_a_score_of_one_is_counted_in_the_last_bin():
    one = Judged.of(0.0, 1.0, np.array([True, False]), np.array([1.0, 0.0]))
    assert one.positives[-1] == 1
    assert one.negatives[0] == 1
