"""Random changes keep pictures pictures, and keep left left."""

import pytest
import torch

from assay.training.augmentation import Level, augment


def pictures(count: int = 8) -> torch.Tensor:
    pixels = torch.zeros(count, 1, 32, 32)
    pixels[:, :, 12:20, 4:10] = 0.8
    return pixels


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("flip", [False, True])
def test_shape_and_range_stay(level: Level, flip: bool) -> None:
    changed = augment(pictures(), level, random(), flip=flip)
    assert changed.shape == (8, 1, 32, 32)
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1


def test_none_changes_nothing() -> None:
    assert torch.equal(augment(pictures(), Level.NONE, random()), pictures())


@pytest.mark.parametrize("level", [Level.LIGHT, Level.STRONG])
def test_each_picture_draws_its_own_change(level: Level) -> None:
    changed = augment(pictures(), level, random())
    assert all(not torch.allclose(changed[0], other) for other in changed[1:])


def test_the_same_seed_draws_the_same() -> None:
    assert torch.equal(augment(pictures(), Level.STRONG, random(3)), augment(pictures(), Level.STRONG, random(3)))
    assert not torch.equal(augment(pictures(), Level.STRONG, random(3)), augment(pictures(), Level.STRONG, random(4)))


def test_strong_moves_more_than_light() -> None:
    moved = [
        float((augment(pictures(64), level, random()) - pictures(64)).abs().mean())
        for level in (Level.LIGHT, Level.STRONG)
    ]
    assert moved[1] > 1.5 * moved[0]


def test_left_stays_left_unless_asked() -> None:
    def on_the_left(pixels: torch.Tensor) -> torch.Tensor:
        return pixels[..., :16].mean(dim=(1, 2, 3)) > pixels[..., 16:].mean(dim=(1, 2, 3))

    assert on_the_left(augment(pictures(64), Level.STRONG, random())).all()
    mirrored = 64 - int(on_the_left(augment(pictures(64), Level.NONE, random(), flip=True)).sum())
    assert 15 < mirrored < 49
