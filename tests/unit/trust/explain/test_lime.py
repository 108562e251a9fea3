"""The same coefficients as the lime package on the same masks."""

import numpy as np
from lime.lime_image import LimeImageExplainer
from sklearn.metrics import pairwise_distances

from assay.trust.explain.lime import KERNEL_WIDTH, closeness, lime, masks, ridge
from assay.trust.explain.superpixels import grid


def test_coefficients_equal_those_of_the_lime_package() -> None:
    random = np.random.default_rng(0)
    shown = masks(40, 500, random)
    answers = shown @ random.normal(size=40) + random.normal(size=500)
    package = LimeImageExplainer(kernel_width=KERNEL_WIDTH, random_state=0).base
    data = shown.astype(float)
    distances = pairwise_distances(data, data[:1], metric="cosine").ravel()
    _, theirs, *_ = package.explain_instance_with_data(
        data, np.stack([answers, -answers], axis=1), distances, 0, num_features=40, feature_selection="none"
    )
    np.testing.assert_allclose(closeness(shown), package.kernel_fn(distances), atol=1e-9)
    np.testing.assert_allclose(
        ridge(shown, answers, closeness(shown)), [dict(theirs)[part] for part in range(40)], atol=1e-9
    )


def test_another_seed_gives_other_masks_and_nearly_the_same_map(planted) -> None:
    parts = grid((32, 32), 4)
    one, same, other = (
        lime(
            planted.ask, planted.pictures[0], planted.reference, parts, samples=800, random=np.random.default_rng(seed)
        )
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9
