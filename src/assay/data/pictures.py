"""PNG, JPEG and the like: opened safely and turned into grey pixels."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from assay.data.filefacts import picture_facts
from assay.data.reading import Intensity, Reading, Unreadable

MOST_PIXELS = 64_000_000
"""An image with more pixels than this is refused before it is decoded."""

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
"""What PIL may decode; its other decoders never see a file from outside."""

DEEP_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
"""What PIL calls pictures of more than 8 bits."""


@contextmanager
def opened(path: os.PathLike[str] | str) -> Iterator[Image.Image]:
    """Open a picture without decoding it.

    Raises:
        Unreadable: It is missing, no picture, broken, or larger than ``MOST_PIXELS``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PIL only warns of a bomb where the check below refuses it
            with Image.open(path, formats=FORMATS) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise Unreadable(f"{width} x {height} pixels are more than the {MOST_PIXELS} allowed")
                yield image
    except FileNotFoundError as error:
        raise Unreadable("the file is not there") from error
    except UnidentifiedImageError as error:
        raise Unreadable("no picture of a known format") from error
    except Image.DecompressionBombError as error:
        raise Unreadable(f"more than the {MOST_PIXELS} pixels allowed") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unreadable(f"broken picture: {error}") from error


def grey_pixels(image: Image.Image) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return a picture as grey: 16 bits when it has them, else 8.

    It is turned as its EXIF orientation says. Transparency is laid over black, which is what lies round a scan.
    Colours become luma (ITU-R BT.601).
    """
    upright = ImageOps.exif_transpose(image)
    if upright.mode in DEEP_MODES:
        deep: NDArray[np.uint16] = np.clip(np.asarray(upright), 0, 65535).astype(np.uint16)
        return deep
    if upright.mode == "F":
        raise Unreadable("a picture of floating-point numbers has no known range")
    if upright.has_transparency_data:
        clear = upright.convert("RGBA")
        black = Image.new("RGBA", clear.size, (0, 0, 0, 255))
        upright = Image.alpha_composite(black, clear).convert("RGB")
    return np.asarray(upright.convert("L"), dtype=np.uint8)


def read_picture(path: Path, offset: int | None = None) -> Iterator[Reading]:
    """Yield the one picture of a file.

    Args:
        path: PNG, JPEG, TIFF, BMP, GIF (its first picture) or WebP.
        offset: HU of a stored zero when the pixels are Hounsfield units; ``None``: they are grey.

    Raises:
        Unreadable: See ``opened``.
    """
    with opened(path) as image:
        facts = picture_facts(image, path)
        pixels: NDArray[Any] = grey_pixels(image)
    if offset is None:
        yield Reading(pixels, Intensity.GREY, facts=facts)
    elif pixels.dtype == np.uint8:
        raise Unreadable("8 bits cannot hold Hounsfield units")
    else:
        yield Reading(pixels.astype(np.float32) + np.float32(offset), Intensity.HOUNSFIELD, facts=facts)
