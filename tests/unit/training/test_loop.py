"""The loop alone, on features small enough to follow."""

import numpy as np
import pytest
import torch
from torch import nn

from assay.training.batches import Batch, _cut
from assay.training.loop import Monitor, Settings, Validation, class_weights, fit, one_cycle
from assay.trust.performance.ranking import auroc

TRUTH = np.array([0, 1] * 20, dtype=np.int64)
INPUTS = torch.tensor(TRUTH, dtype=torch.float32)[:, None] * 2 - 1


class Whole:
    """All rows as one batch, the same in every epoch."""

    def __init__(self, inputs=INPUTS, truth=TRUTH, weights=None) -> None:
        self.batch = Batch(inputs, torch.from_numpy(truth), weights)

    def __len__(self) -> int:
        return 1

    def epoch(self, number: int):
        yield self.batch


def settings(**changed: object) -> Settings:
    return Settings(
        **{"epochs": 12, "learning_rate": 0.1, "weight_decay": 0.0, "patience": 0, "monitor": Monitor.LOSS} | changed
    )


def validation(inputs: torch.Tensor = INPUTS) -> Validation:
    return Validation([inputs[:7], inputs[7:]], TRUTH, 1)


@pytest.fixture
def module() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(1, 2)


def test_the_best_epoch_is_kept_not_the_last(module: nn.Module) -> None:
    """Validation says the opposite of training: each epoch makes it worse, so the first one is the best."""
    states = []
    fitted = fit(
        module,
        Whole(),
        validation(-INPUTS),
        settings(),
        auroc,
        on_epoch=lambda _: states.append(module.weight.detach().clone()),
    )
    assert fitted.best.number == 1
    assert torch.equal(module.weight, states[0])
    assert not torch.equal(states[0], states[-1])
    assert not module.training


def test_patience_ends_it_early(module: nn.Module) -> None:
    assert len(fit(module, Whole(), validation(-INPUTS), settings(patience=3), auroc).epochs) == 4


def test_no_patience_runs_all_epochs(module: nn.Module) -> None:
    assert len(fit(module, Whole(), validation(-INPUTS), settings(), auroc).epochs) == 12


def test_equal_auroc_goes_to_the_lower_loss(module: nn.Module) -> None:
    fitted = fit(module, Whole(), validation(), settings(monitor=Monitor.AUROC), auroc)
    perfect = [epoch for epoch in fitted.epochs if epoch.validation_auroc == 1.0]
    assert fitted.best == min(perfect, key=lambda epoch: epoch.validation_loss)


def test_rare_classes_weigh_more() -> None:
    assert class_weights(np.array([0, 0, 0, 1]), 2).tolist() == pytest.approx([2 / 3, 2.0])


@pytest.mark.parametrize("balanced", [False, True])
def test_a_row_of_weight_two_counts_as_if_it_stood_there_twice_and_one_of_zero_not_at_all(balanced: bool) -> None:
    inputs = INPUTS + torch.randn(40, 1, generator=torch.Generator().manual_seed(1))
    copies = np.arange(40) % 3
    weights = (copies / copies.mean()).astype(np.float32)
    rows = np.repeat(np.arange(40), copies)
    found = []
    for batches, by_class in (
        (Whole(inputs, TRUTH, torch.from_numpy(weights)), class_weights(TRUTH, 2, weights)),
        (Whole(inputs[rows], TRUTH[rows]), class_weights(TRUTH[rows], 2)),
        (Whole(inputs), class_weights(TRUTH, 2)),
    ):
        torch.manual_seed(0)
        module = nn.Linear(1, 2)
        fit(module, batches, validation(inputs), settings(), auroc, weights=by_class if balanced else None)
        found.append(torch.cat([module.weight.ravel(), module.bias]))
    assert torch.allclose(found[0], found[1], atol=1e-5)
    assert not torch.allclose(found[0], found[2], atol=1e-3)


@pytest.mark.parametrize(
    ("count", "size", "sizes"), [(33, 16, [16, 16]), (34, 16, [16, 16, 2]), (1, 16, [1]), (4, 16, [4])]
)
def test_a_batch_of_one_is_left_out_when_there_are_others(count: int, size: int, sizes: list[int]) -> None:
    assert [part.stop - part.start for part in _cut(count, size)] == sizes


@pytest.mark.parametrize("total", [1, 2, 5, 100])
def test_the_rate_rises_to_its_peak_and_falls_to_nothing(total: int) -> None:
    shares = [one_cycle(done, total) for done in range(total + 1)]
    assert max(shares) == 1.0
    assert shares[-1] == pytest.approx(0.0, abs=1e-12) or total == 1
    assert all(share > 0 for share in shares[:-1])
