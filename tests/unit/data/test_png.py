import io

import numpy as np
import pytest
from PIL import Image

from assay.data.png import encode_png


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (33, 64), (128, 128)])
def test_another_decoder_sees_the_same_pixels(dtype, shape):
    rng = np.random.default_rng(0)
    for pixels in (rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True), np.zeros(shape, dtype)):
        with Image.open(io.BytesIO(encode_png(pixels))) as image:
            image.load()
            assert np.asarray(image).astype(dtype).tolist() == pixels.tolist()


def test_pixels_need_not_be_contiguous():
    pixels = np.arange(64, dtype=np.uint16).reshape(8, 8)[::2, ::-1]
    assert np.asarray(Image.open(io.BytesIO(encode_png(pixels)))).tolist() == pixels.tolist()


def test_a_mask_stays_small():
    mask = np.zeros((128, 128), dtype=np.uint8)
    mask[30:60, 40:80] = 255
    assert len(encode_png(mask)) < 600
