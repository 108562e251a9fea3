"""Attacks stay within their budget, grow with it, stand in the known order, and agree with the Adversarial Robustness Toolbox."""

import numpy as np
import pytest
import torch

from assay.library.robustness.artbox import TwoLogits, quiet
from assay.trust.robustness.attacks.apgd import apgd
from assay.trust.robustness.attacks.ball import Norm, kept_inside, random_start, size_of
from assay.trust.robustness.attacks.decision import gradient, is_wrong, threshold_margin
from assay.trust.robustness.attacks.fgsm import fgsm
from assay.trust.robustness.attacks.pgd import pgd
from assay.trust.robustness.attacks.square import square

BUDGETS = (2 / 255, 6 / 255, 12 / 255)
LENGTHS = (0.05, 0.2, 0.5)


def black_box(target):
    def margin(pixels):
        with torch.no_grad():
            return target.margin(torch.from_numpy(pixels)).double().numpy()

    return margin


ATTACKS = {
    "FGSM": (Norm.LINF, lambda t, b: fgsm(t.margin, t.pixels, t.truth, b)),
    "PGD": (Norm.LINF, lambda t, b: pgd(t.margin, t.pixels, t.truth, b)),
    "PGD, restarts": (Norm.LINF, lambda t, b: pgd(t.margin, t.pixels, t.truth, b, restarts=3)),
    "APGD-CE": (Norm.LINF, lambda t, b: apgd(t.margin, t.pixels, t.truth, b)),
    "Square": (
        Norm.LINF,
        lambda t, b: torch.from_numpy(square(black_box(t), t.pixels.numpy(), t.truth.numpy(), b, queries=150)),
    ),
    "FGSM L2": (Norm.L2, lambda t, b: fgsm(t.margin, t.pixels, t.truth, b, Norm.L2)),
    "PGD L2": (Norm.L2, lambda t, b: pgd(t.margin, t.pixels, t.truth, b, Norm.L2)),
    "APGD-CE L2": (Norm.L2, lambda t, b: apgd(t.margin, t.pixels, t.truth, b, Norm.L2)),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_stays_in_its_budget_and_grows_with_it(target, name):
    norm, attack = ATTACKS[name]
    standing = [target.right(target.pixels)]
    for budget in BUDGETS if norm is Norm.LINF else LENGTHS:
        moved = attack(target, budget)
        assert float(moved.min()) >= 0
        assert float(moved.max()) <= 1
        assert float(size_of(moved - target.pixels, norm).max()) <= budget * 1.0001
        standing.append(target.right(moved))
    assert standing[0] > 0.9
    assert standing == sorted(standing, reverse=True)
    assert standing[-1] < 0.5


@pytest.mark.parametrize("budget", BUDGETS)
def test_many_steps_are_no_weaker_than_one_and_gradients_no_weaker_than_guessing(target, budget):
    right = {name: target.right(ATTACKS[name][1](target, budget)) for name in ("FGSM", "PGD", "APGD-CE", "Square")}
    assert right["PGD"] <= right["FGSM"]
    assert right["APGD-CE"] <= right["FGSM"]
    assert right["PGD"] <= right["Square"] + 0.02


def toolbox(target):
    from art.estimators.classification import PyTorchClassifier

    return PyTorchClassifier(
        model=TwoLogits(target.margin),
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=tuple(target.pixels.shape[1:]),
        nb_classes=2,
        clip_values=(0.0, 1.0),
        device_type="cpu",
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning")
@pytest.mark.parametrize(
    ("name", "tolerance"), [("FGSM", 0.0), ("PGD", 0.005), ("PGD L2", 0.02), ("APGD-CE", 0.02), ("Square", 0.1)]
)
def test_robust_accuracy_is_that_of_the_toolbox(target, name, tolerance):
    from art.attacks import evasion

    classifier, wanted = toolbox(target), np.eye(2, dtype=np.float32)[target.truth.long().numpy()]
    for budget in LENGTHS if ATTACKS[name][0] is Norm.L2 else BUDGETS[1:2] if name == "Square" else BUDGETS:
        settings = {"eps": budget, "verbose": False}
        pgd_settings = settings | {"eps_step": 2.5 * budget / 20, "max_iter": 20}
        apgd_settings = settings | {"eps_step": 2 * budget, "max_iter": 20, "nb_random_init": 1}
        kind, options = {
            "FGSM": (evasion.FastGradientMethod, {"eps": budget}),
            "PGD": (evasion.ProjectedGradientDescent, pgd_settings),
            "PGD L2": (evasion.ProjectedGradientDescent, pgd_settings | {"norm": 2}),
            "APGD-CE": (evasion.AutoProjectedGradientDescent, apgd_settings | {"loss_type": "cross_entropy"}),
            "Square": (evasion.SquareAttack, settings | {"max_iter": 150}),
        }[name]
        np.random.seed(0)  # noqa: NPY002  (ART draws from numpy's global state)
        with quiet():
            moved = kind(classifier, **options).generate(target.pixels.numpy(), wanted)
        assert target.right(ATTACKS[name][1](target, budget)) == pytest.approx(
            target.right(torch.from_numpy(moved)), abs=tolerance + 1e-9
        )


def test_the_margin_is_the_decision_at_the_threshold_whatever_the_number_of_classes():
    logits = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0], [0.1, 0.0, 0.2]])
    shares = torch.softmax(logits, dim=1)
    for threshold in (0.2, 0.5, 0.9):
        margin = threshold_margin(lambda _: logits, 1, threshold)(torch.zeros(3))
        assert (margin >= 0).tolist() == (shares[:, 1] >= threshold).tolist()
    assert torch.isfinite(threshold_margin(lambda _: logits, 1, 1.0)(torch.zeros(3))).all()


def test_a_sure_model_still_has_a_gradient(target):
    """Cross-entropy of logits a thousand times as large is flat in float32; the margin is not."""
    sure = threshold_margin(lambda x: 1000 * target.logits(x), 1, 0.5)
    _, slope = gradient(sure, target.pixels, target.truth)
    assert float((slope.flatten(1).abs().amax(dim=1) == 0).float().mean()) == 0
    asked = target.pixels.clone().requires_grad_()
    torch.nn.functional.cross_entropy(1000 * target.logits(asked), target.truth.long(), reduction="sum").backward()
    assert float((asked.grad.flatten(1).abs().amax(dim=1) == 0).float().mean()) > 0.5


def test_points_are_brought_back_into_the_ball(target):
    random = torch.Generator().manual_seed(0)
    for norm in Norm:
        start = random_start(target.pixels, 0.1, norm, random)
        assert float(size_of(start - target.pixels, norm).max()) <= 0.1001
        far = kept_inside(target.pixels + 5, target.pixels, 0.1, norm)
        assert float(size_of(far - target.pixels, norm).max()) <= 0.1001
    assert is_wrong(torch.tensor([0.0, -0.1]), torch.tensor([False, True])).tolist() == [True, True]
