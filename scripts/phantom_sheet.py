"""Draw ``docs/images/phantom.png``: phantom slices in the lung and the soft-tissue window, lesions outlined.

python scripts/phantom_sheet.py
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from assay.data.images import LUNG_WINDOW, SOFT_WINDOW, apply_window
from assay.data.phantom.lesions import Pattern
from assay.data.phantom.person import Kernel, Scanner, Sex, Vendor, draw_person
from assay.data.phantom.slices import Slice, render

TARGET = Path(__file__).parents[1] / "docs" / "images" / "phantom.png"
SIZE = 224
SHOWN = (
    (34, Sex.M, 0.12, (), "healthy, 34 M"),
    (58, Sex.F, 0.50, (Pattern.GROUND_GLASS,), "ground glass, 58 F"),
    (67, Sex.M, 0.62, (Pattern.CRAZY_PAVING,), "crazy paving, 67 M"),
    (79, Sex.F, 0.80, (Pattern.CONSOLIDATION,), "consolidation, 79 F"),
    (62, Sex.M, 0.36, (Pattern.LOBAR_PNEUMONIA,), "other: lobar pneumonia, 62 M"),
)
RED, WHITE = (255, 70, 60), (235, 235, 235)


def panel(drawn: Slice, window: tuple[float, float]) -> Image.Image:
    """Return one slice in one window, its lesion outlined."""
    grey = np.uint8(255 * apply_window(drawn.pixels, window))
    picture = np.stack([grey] * 3, axis=2)
    if drawn.mask is not None:
        inner = drawn.mask.copy()
        for axis, shift in ((0, 1), (0, -1), (1, 1), (1, -1)):
            inner &= np.roll(drawn.mask, shift, axis=axis)
        picture[drawn.mask & ~inner] = RED
    return Image.fromarray(picture)


def main() -> None:
    """Write the sheet."""
    sheet = Image.new("RGB", (SIZE * len(SHOWN), 2 * SIZE), (0, 0, 0))
    write = ImageDraw.Draw(sheet)
    for column, (age, sex, level, findings, title) in enumerate(SHOWN):
        rng = np.random.default_rng([20, column])
        scanner = Scanner(Vendor.A, 120, 110, Kernel.MEDIUM, 2.5)
        drawn = render(draw_person(rng, age, sex), scanner, level, findings, 0.6, SIZE, rng)
        for row, window in enumerate((LUNG_WINDOW, SOFT_WINDOW)):
            sheet.paste(panel(drawn, window), (column * SIZE, row * SIZE))
            write.text((column * SIZE + 5, row * SIZE + SIZE - 15), "synthetic", fill=WHITE)
        write.text((column * SIZE + 5, 4), title, fill=WHITE)
    TARGET.parent.mkdir(exist_ok=True)
    sheet.quantize(48, dither=Image.Dither.NONE).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
