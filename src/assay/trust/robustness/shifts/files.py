"""What a picture goes through on its way: 8 bits and JPEG in an archive, a smaller copy in a slide or a paper."""

from __future__ import annotations

import io

import numpy as np

from assay.trust.robustness.shifts.picture import Picture


def compressed(picture: Picture, quality: float) -> Picture:
    """Return the picture after a JPEG of ``quality`` (1..95); Hounsfield pictures are shown in their window first, as an export does."""
    from PIL import Image  # heavy; only geometry and files need it

    low, width = _shown(picture)
    unit = np.clip((picture.values - np.float32(low)) / np.float32(width), 0, 1)
    stream = io.BytesIO()
    Image.fromarray(np.rint(unit * 255).astype(np.uint8)).save(stream, "JPEG", quality=round(quality))
    with Image.open(stream) as again:
        back = np.asarray(again, dtype=np.float32) / np.float32(255)
    return picture.changed(back * np.float32(width) + np.float32(low))


def coarsened(picture: Picture, share: float) -> Picture:
    """Return the picture after having been stored with ``share`` of its rows and columns, shown in its old size again."""
    from PIL import Image  # heavy; only geometry and files need it

    image = Image.fromarray(picture.values)
    small = image.resize([max(2, round(extent * share)) for extent in image.size], Image.Resampling.BILINEAR)
    return picture.changed(np.asarray(small.resize(image.size, Image.Resampling.BILINEAR)))


def _shown(picture: Picture) -> tuple[float, float]:
    if not picture.hounsfield:
        return 0.0, 1.0
    level, width = picture.window
    return level - width / 2, width
