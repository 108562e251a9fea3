"""The Images folder: ``index.csv``, ``images.json``, ``images/*.png`` and optional ``masks/*.png``.

The format is described in ``docs/formats.md``. Everything that writes or reads images goes through this module.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from assay.data.png import encode_png
from assay.data.reading import Intensity
from assay.errors import ComponentError, did_you_mean

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from types import TracebackType

    import pandas as pd
    from numpy.typing import NDArray

__all__ = [
    "LUNG_WINDOW",
    "SOFT_WINDOW",
    "TEXT_COLUMNS",
    "ImagesMeta",
    "ImagesWriter",
    "Intensity",
    "apply_window",
    "is_deep",
    "is_inside",
    "load_mask",
    "load_pixels",
    "load_values",
    "picture_size",
    "prepared",
    "read_index",
    "read_index_text",
    "read_meta",
    "read_rows",
    "resize",
    "write_meta",
]

FORMAT = 1
INDEX_FILE = "index.csv"
META_FILE = "images.json"
REQUIRED_COLUMNS = ("file", "patient", "label")
TEXT_COLUMNS = frozenset({"file", "patient", "label", "true_label", "sex", "mask", "split", "age_group"})
"""Columns that are never read as numbers: a patient ``007`` stays ``007``."""

LUNG_WINDOW = (-600.0, 1500.0)
SOFT_WINDOW = (40.0, 400.0)

_DEEPEST_GREY = 65535
_LEADING_ZERO = re.compile(r"^[+-]?0\d")
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class ImagesMeta:
    """What ``images.json`` says of all images of a folder.

    Attributes:
        intensity: ``hounsfield``: a pixel holds HU - ``offset``; ``grey``: 8 or 16 bits without a unit.
        modality: DICOM modality, such as ``CT`` or ``DX``; empty when not known.
        offset: HU of a stored zero; only for ``hounsfield``.
        synthetic: Whether no patient was ever imaged.
        title: One line for a person.
        help: What a reader must know before using the images.
        source: Where they come from.
        labels: All labels in their order; the index of a label is its class number. Empty: not stated.
        positive: The label that counts as positive. Empty: not stated.
        columns: One sentence a column of ``index.csv``.
    """

    intensity: Intensity = Intensity.GREY
    modality: str = ""
    offset: int = -1024
    synthetic: bool = False
    title: str = ""
    help: str = ""
    source: str = ""
    labels: tuple[str, ...] = ()
    positive: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


def read_meta(images: os.PathLike[str] | str) -> ImagesMeta:
    """Return what ``images.json`` says; a folder without it holds grey images of unknown origin.

    Raises:
        ComponentError: The file is no JSON object, is of a newer format, or states an unknown intensity.
    """
    path = Path(images) / META_FILE
    if not path.exists():
        return ImagesMeta()
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ComponentError(f"{META_FILE} is not valid JSON: {error}", culprit=str(path)) from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ComponentError(f"{META_FILE} is not of format {FORMAT}", culprit=str(path), hint="see docs/formats.md")
    try:
        intensity = Intensity(raw.get("intensity", "grey"))
    except ValueError as error:
        known = [str(kind) for kind in Intensity]
        raise ComponentError(
            f"unknown intensity {raw['intensity']!r} in {META_FILE}",
            culprit=str(raw["intensity"]),
            hint=did_you_mean(str(raw["intensity"]), known) or f"one of {', '.join(known)}",
        ) from error
    return ImagesMeta(
        intensity=intensity,
        modality=str(raw.get("modality", "")),
        offset=int(raw.get("offset", -1024)),
        synthetic=bool(raw.get("synthetic", False)),
        title=str(raw.get("title", "")),
        help=str(raw.get("help", "")),
        source=str(raw.get("source", "")),
        labels=tuple(raw.get("labels", ())),
        positive=str(raw.get("positive", "")),
        columns=dict(raw.get("columns", {})),
    )


def write_meta(images: os.PathLike[str] | str, meta: ImagesMeta) -> None:
    """Write ``images.json``; what is not stated is left out."""
    raw: dict[str, Any] = {"format": FORMAT, "modality": meta.modality, "intensity": str(meta.intensity)}
    if meta.intensity is Intensity.HOUNSFIELD:
        raw["offset"] = meta.offset
    raw["synthetic"] = meta.synthetic
    stated = {"title": meta.title, "help": meta.help, "source": meta.source, "positive": meta.positive}
    raw |= {name: text for name, text in stated.items() if text}
    if meta.labels:
        raw["labels"] = list(meta.labels)
    if meta.columns:
        raw["columns"] = dict(meta.columns)
    text = json.dumps(raw, indent=2, ensure_ascii=False) + "\n"
    (Path(images) / META_FILE).write_text(text, encoding="utf-8")


def read_index(images: os.PathLike[str] | str) -> pd.DataFrame:
    """Return ``index.csv``, one row an image, in file order, with a fresh index from 0.

    Text columns (``TEXT_COLUMNS``) are ``str``, empty when not known; ``age`` is float64, NaN when not known;
    another column is numeric when each of its filled cells is a number without leading zeros, else ``str``.

    Raises:
        ComponentError: No index, a required column missing, a file listed twice, an age that is no number, or a path
            that leaves the folder.
    """
    table = read_index_text(images)
    for name in table.columns:
        if name not in TEXT_COLUMNS:
            table[name] = _as_numbers(table[name], required=name == "age")
    return table


def read_index_text(images: os.PathLike[str] | str) -> pd.DataFrame:
    """Return ``index.csv`` with every cell as it is written, as ``str``.

    Raises:
        ComponentError: See ``read_index``.
    """
    import pandas as pd  # heavy, and only reading an index needs it

    path = Path(images) / INDEX_FILE
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError as error:
        raise ComponentError(f"no {INDEX_FILE} in the images folder", culprit=str(images)) from error
    except (UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        raise ComponentError(f"{INDEX_FILE} cannot be read: {error}", culprit=str(path)) from error
    _check_columns(list(table.columns))
    _check_files(table["file"].tolist(), table["mask"].tolist() if "mask" in table else [])
    return table


def read_rows(images: os.PathLike[str] | str) -> list[dict[str, str]]:
    """Return ``index.csv`` row by row, every cell as it is written, without pandas: for steps that have to start fast.

    Raises:
        ComponentError: As in ``read_index_text``.
    """
    path = Path(images) / INDEX_FILE
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            table = csv.DictReader(stream, strict=True)
            rows = [{name: cell or "" for name, cell in row.items() if name is not None} for row in table]
            columns = list(table.fieldnames or ())
    except FileNotFoundError as error:
        raise ComponentError(f"no {INDEX_FILE} in the images folder", culprit=str(images)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ComponentError(f"{INDEX_FILE} cannot be read: {error}", culprit=str(path)) from error
    _check_columns(columns)
    _check_files([row["file"] for row in rows], [row.get("mask", "") for row in rows])
    return rows


def _check_columns(columns: list[str]) -> None:
    missing = [name for name in REQUIRED_COLUMNS if name not in columns]
    if missing:
        raise ComponentError(
            f"{INDEX_FILE} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}",
            culprit=missing[0],
            hint=did_you_mean(missing[0], columns) or f"columns there: {', '.join(columns)}",
        )


def _check_files(files: list[str], masks: list[str]) -> None:
    leaving = [name for name in (*files, *filter(None, masks)) if not is_inside(name)]
    if leaving:
        raise ComponentError(f"{INDEX_FILE} names a file outside its folder", culprit=leaving[0])
    twice = [name for name, count in Counter(files).items() if count > 1]
    if twice:
        raise ComponentError(f"{INDEX_FILE} lists {len(twice)} files more than once", culprit=twice[0])


def _as_numbers(column: pd.Series[Any], *, required: bool) -> pd.Series[Any]:
    import pandas as pd  # heavy; loaded already by the caller

    filled = column[column != ""]
    if not required and (not len(filled) or filled.str.match(_LEADING_ZERO.pattern).any()):
        return column
    numbers = pd.to_numeric(column.where(column != "", "nan"), errors="coerce")
    wrong = column[numbers.isna() & (column != "") & (column.str.lower() != "nan")]
    if not len(wrong):
        return numbers.astype("float64") if required or numbers.isna().any() else numbers
    if required:
        raise ComponentError(
            f"{INDEX_FILE}: {column.name} {wrong.iloc[0]!r} is not a number", culprit=str(wrong.iloc[0])
        )
    return column


def is_inside(name: str) -> bool:
    """Return whether a relative path with forward slashes stays in its folder."""
    parts = PurePosixPath(name).parts
    return bool(parts) and ".." not in parts and not name.startswith("/") and "\\" not in name and "\0" not in name


def load_values(path: os.PathLike[str] | str, meta: ImagesMeta) -> NDArray[np.float32]:
    """Return the pixels of one stored image in their own unit: Hounsfield units, or grey in 0..1.

    Returns:
        float32, height x width.

    Raises:
        ComponentError: The file is missing, no image, or of more than 64 million pixels.
    """
    pixels = _decode(path)
    if meta.intensity is Intensity.HOUNSFIELD:
        return pixels.astype(np.float32) + np.float32(meta.offset)
    deepest = 255 if pixels.dtype == np.uint8 else _DEEPEST_GREY
    return pixels.astype(np.float32) / np.float32(deepest)


def load_pixels(
    path: os.PathLike[str] | str,
    meta: ImagesMeta,
    window: tuple[float, float] | None = None,
    size: int | None = None,
) -> NDArray[np.float32]:
    """Return one image ready for a network: float32, height x width, in 0..1.

    Args:
        path: The image, such as ``images / row.file``.
        meta: ``read_meta`` of its folder.
        window: Level and width. Hounsfield: in HU, default the lung window (-600, 1500); grey: in 0..1, default all.
        size: Edge in pixels of the square result (stretched, bilinear with antialiasing); default: as stored.

    Raises:
        ComponentError: See ``load_values``; also a window whose width is not positive.
    """
    return prepared(load_values(path, meta), meta, window, size)


def prepared(
    values: NDArray[np.float32], meta: ImagesMeta, window: tuple[float, float] | None = None, size: int | None = None
) -> NDArray[np.float32]:
    """Return pixels in their own unit ready for a network, as ``load_pixels`` does with those of a file."""
    if window is None and meta.intensity is Intensity.HOUNSFIELD:
        window = LUNG_WINDOW
    if window is not None:
        values = apply_window(values, window)
    return values if size is None else resize(values, size)


def apply_window(values: NDArray[np.float32], window: tuple[float, float]) -> NDArray[np.float32]:
    """Return ``values`` clipped to level ± width/2 and scaled to 0..1 (DICOM PS3.3 C.11.2, linear exact)."""
    level, width = window
    if not width > 0:
        raise ComponentError(f"a window's width must be positive, not {width}", culprit=str(width))
    scaled = (values - np.float32(level - width / 2)) * np.float32(1 / width)
    clipped: NDArray[np.float32] = np.clip(scaled, 0.0, 1.0)
    return clipped


def resize(values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return ``values`` stretched to ``size`` x ``size``, bilinear, with antialiasing when it shrinks."""
    if values.shape == (size, size):
        return values
    from PIL import Image  # heavy, and not every caller resizes

    resized = Image.fromarray(values).resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.float32)


def load_mask(path: os.PathLike[str] | str, size: int | None = None) -> NDArray[np.bool_]:
    """Return a stored mask as booleans, height x width; resized by nearest neighbour."""
    from PIL import Image  # heavy; callers without masks never need it

    pixels = _decode(path) > 0
    if size is None or pixels.shape == (size, size):
        return pixels
    resized = Image.fromarray(pixels.astype(np.uint8)).resize((size, size), Image.Resampling.NEAREST)
    return np.asarray(resized) > 0


def picture_size(path: os.PathLike[str] | str) -> tuple[int, int]:
    """Return width and height of a stored picture; only its head is read.

    Raises:
        ComponentError: It is missing or no image.
    """
    from assay.data.pictures import opened  # brings PIL
    from assay.data.reading import Unreadable

    try:
        with opened(path) as image:
            return image.size
    except Unreadable as error:
        raise ComponentError(f"an image cannot be read: {error.reason}", culprit=str(path)) from error


def is_deep(path: os.PathLike[str] | str) -> bool:
    """Return whether a stored picture has more than 8 bits; only its head is read. Raises as ``picture_size``."""
    from assay.data.pictures import DEEP_MODES, opened  # brings PIL
    from assay.data.reading import Unreadable

    try:
        with opened(path) as image:
            return image.mode in DEEP_MODES
    except Unreadable as error:
        raise ComponentError(f"an image cannot be read: {error.reason}", culprit=str(path)) from error


def _decode(path: os.PathLike[str] | str) -> NDArray[np.uint8] | NDArray[np.uint16]:
    from assay.data.pictures import grey_pixels, opened  # brings PIL; kept out of `import assay.data.images`
    from assay.data.reading import Unreadable

    try:
        with opened(path) as image:
            return grey_pixels(image)
    except Unreadable as error:
        raise ComponentError(f"an image cannot be read: {error.reason}", culprit=str(path)) from error


class ImagesWriter:
    """Write an Images folder, one image after the other, in bounded memory.

    Use it as a context manager; ``images.json`` and the index are complete when it closes without an error.

    Args:
        path: The folder; made when it is not there.
        meta: What holds for all images.
        masks: Whether some image may have a mask: the index then has the column ``mask``.

    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> with ImagesWriter(folder, ImagesMeta(Intensity.HOUNSFIELD, "CT", labels=("healthy", "covid"))) as writer:
        ...     name = writer.add(np.full((8, 8), -850.0), patient="p1", label="healthy", age=61, sex="F")
        >>> read_index(folder).loc[0, "file"]
        'images/000000.png'
    """

    def __init__(self, path: os.PathLike[str] | str, meta: ImagesMeta, *, masks: bool = False) -> None:
        self.path = Path(path)
        self.masks = masks
        self.meta = meta
        self.count = 0
        (self.path / "images").mkdir(parents=True, exist_ok=True)
        self._stream = (self.path / INDEX_FILE).open("w", encoding="utf-8", newline="")
        self._rows: csv.DictWriter[str] | None = None

    def add(
        self,
        pixels: NDArray[Any],
        *,
        patient: str,
        label: str,
        mask: NDArray[Any] | None = None,
        name: str = "",
        **columns: object,
    ) -> str:
        """Write one image and its row; return its path inside the folder.

        Args:
            pixels: height x width. Hounsfield: HU of any real type; grey: uint8, uint16, or float in 0..1.
            patient: Id of the patient.
            label: What the picture shows.
            mask: height x width, true inside the lesion; ``None``: no mask file.
            name: File name without ending: letters, digits, ``._-``; default a running number.
            columns: Further columns, the same names for every image; ``None`` makes an empty cell.
        """
        name = name or f"{self.count:06d}"
        if not _SAFE_NAME.fullmatch(name):
            raise ComponentError("an image name may hold letters, digits and ._- only", culprit=name)
        file = f"images/{name}.png"
        row: dict[str, object] = {"file": file, "patient": patient, "label": label, **columns}
        if mask is not None:
            if not self.masks:
                raise ComponentError(
                    "a mask for a folder without masks", culprit=name, hint="ImagesWriter(…, masks=True)"
                )
            row["mask"] = self._write_mask(mask, name)
        elif self.masks:
            row["mask"] = ""
        (self.path / file).write_bytes(encode_png(self._stored(pixels)))
        self._write_row(row)
        self.count += 1
        return file

    def close(self) -> None:
        """Finish the index and write ``images.json``."""
        if self._rows is None:
            self._stream.write(",".join(REQUIRED_COLUMNS) + "\r\n")
        self._stream.close()
        write_meta(self.path, self.meta)

    def _stored(self, pixels: NDArray[Any]) -> NDArray[Any]:
        if self.meta.intensity is Intensity.HOUNSFIELD:
            stored: NDArray[Any] = np.clip(np.rint(pixels) - self.meta.offset, 0, _DEEPEST_GREY).astype(np.uint16)
            return stored
        if pixels.dtype in (np.uint8, np.uint16):
            return pixels
        grey: NDArray[Any] = np.rint(np.clip(pixels, 0.0, 1.0) * _DEEPEST_GREY).astype(np.uint16)
        return grey

    def _write_mask(self, mask: NDArray[Any], name: str) -> str:
        (self.path / "masks").mkdir(exist_ok=True)
        file = f"masks/{name}.png"
        (self.path / file).write_bytes(encode_png((np.asarray(mask) > 0).astype(np.uint8) * np.uint8(255)))
        return file

    def _write_row(self, row: Mapping[str, object]) -> None:
        if self._rows is None:
            self._rows = csv.DictWriter(self._stream, fieldnames=list(row))
            self._rows.writeheader()
        unlike = set(row) ^ set(self._rows.fieldnames)
        if unlike:
            raise ComponentError("every image needs the same columns", culprit=", ".join(sorted(unlike)))
        self._rows.writerow(row)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._stream.close()
