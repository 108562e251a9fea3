"""Equal and nearly equal pictures are found among many chests that look alike."""

import io

import numpy as np
import pytest
from PIL import Image

from assay.data.images import resize
from assay.data.phantom import Cohort, pictures, plan_cohort
from assay.trust.evidence.statement import State
from assay.trust.leakage.fingerprints import EDGE, LEAST_CORRELATION, exact_digest, fingerprints, near_pairs
from assay.trust.leakage.parts import Part, contradicting, leakage_statements, pair_table, shared
from assay.trust.shortcuts.regions import unit_scaled


@pytest.fixture(scope="module")
def chests():
    cohort = Cohort(slices=2, size=128, seed=5)
    return [unit_scaled(p.pixels, hounsfield=True) for plan in plan_cohort(cohort, 60) for p in pictures(cohort, plan)]


def prints(chests):
    small = np.stack([resize(chest, EDGE) for chest in chests]) if chests else np.empty((0, EDGE, EDGE), np.float32)
    return fingerprints(tuple(exact_digest(chest) for chest in chests), small)


def saved_again(chest, quality=60):
    stream = io.BytesIO()
    Image.fromarray((chest * 255).astype(np.uint8)).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream), dtype=np.float32) / 255


CHANGES = {
    "the same": lambda chest: chest,
    "JPEG": saved_again,
    "half the size": lambda chest: resize(chest, 64),
    "brighter": lambda chest: np.clip(chest * 1.15 + 0.05, 0, 1),
    "noisy": lambda chest: chest + np.random.default_rng(0).normal(0, 0.02, chest.shape).astype(np.float32),
}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_picture_is_known_again(chests, change):
    changed = [CHANGES[change](chest).astype(np.float32) for chest in chests[:20]]
    pairs = {(pair.first, pair.second) for pair in near_pairs(prints(chests), prints(changed))}
    assert {(number, number) for number in range(20)} <= pairs


def test_different_people_are_not_called_alike(chests):
    people = chests[::2]
    pairs = list(near_pairs(prints(people), prints(people)))
    assert [(pair.first, pair.second) for pair in pairs] == [(number, number) for number in range(len(people))]


@pytest.mark.slow
def test_the_bound_lies_between_copies_and_the_likest_people():
    """The figures of docs/trust/shortcuts.md: 1,600 slices of 400 phantom patients, every pair of two people; and their copies."""
    cohort = Cohort(slices=4, size=128, seed=0)
    plans = plan_cohort(cohort, 400)
    people = np.repeat(np.arange(400), 4)
    slices = [unit_scaled(each.pixels, hounsfield=True) for plan in plans for each in pictures(cohort, plan)]
    assert len(slices) == 1600
    found = prints(slices)
    assert all(people[pair.first] == people[pair.second] for pair in near_pairs(found, found))
    alike = found.detail @ found.detail.T
    likest = alike[people[:, None] != people].max()
    assert likest == pytest.approx(0.892, abs=0.005)
    for change in CHANGES.values():
        copies = prints([change(each).astype(np.float32) for each in slices[::80]])
        kept = [pair.correlation for pair in near_pairs(found, copies) if pair.first == 80 * pair.second]
        assert len(kept) == 20
        assert min(kept) >= 0.94
    assert likest < LEAST_CORRELATION - 0.02 < 0.94 - 0.02


def test_empty_parts_share_nothing(chests):
    assert list(near_pairs(prints([]), prints(chests[:3]))) == []


def part(name, chests, patients, labels):
    return Part(name, patients, labels, [f"{name}{number}.png" for number in range(len(chests))], prints(chests))


def test_everything_shared_is_counted_and_fails(chests):
    train = part("train", chests[:4], ["a", "b", "c", "d"], ["covid"] * 4)
    test = part("test", [chests[0], saved_again(chests[1]), chests[7]], ["x", "b", "z"], ["other", "covid", "other"])
    found = shared(train, test)
    assert found.words() == "train and test share 1 patients, 1 equal and 1 nearly equal images"
    assert not found.clean
    counts = {statement.id: (statement.estimate.value, statement.state) for statement in leakage_statements(found)}
    assert counts == {
        "leakage.patients": (1, State.FAIL),
        "leakage.images": (1, State.FAIL),
        "leakage.near_duplicates": (1, State.FAIL),
    }
    assert contradicting(train, test, found) == 1
    table = pair_table(train, test, found)
    assert [row[:5] for row in table.rows] == [
        ["train0.png", "test0.png", "covid", "other", False],
        ["train1.png", "test1.png", "covid", "covid", True],
    ]


def test_parts_that_share_nothing_pass(chests):
    found = shared(
        part("train", chests[:2], ["a", "a"], ["x", "x"]), part("test", chests[8:10], ["b", "b"], ["x", "x"])
    )
    assert found.clean
    assert {statement.state for statement in leakage_statements(found)} == {State.PASS}
    assert contradicting(part("a", [], [], []), part("b", [], [], []), found) == 0
