"""Which files of a folder to read, and what a table beside them says: patient, label, age, sex, split."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.dicom import read_dicom
from assay.data.filefacts import COLUMNS as FILE_COLUMNS
from assay.data.images import is_inside
from assay.data.nifti import read_nifti
from assay.data.pictures import read_picture
from assay.data.reading import Frames, Intensity, Reading, age_in_years, sex_of
from assay.errors import ComponentError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp"})
DICOM = frozenset({".dcm", ".dicom", ".ima"})
NIFTI = (".nii", ".nii.gz")

_SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "held-out"),
}
RESERVED = frozenset(
    {"file", "patient", "label", "age", "sex", "split", "source", "frame", "mask", "name", "pixels"} | set(FILE_COLUMNS)
)
"""Columns that an Images folder's index writes itself."""

_SPLIT_OF = {word: split for split, words in _SPLITS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of a table's columns; ``None``: the usual name where the table has it."""

    file: str = "file"
    label: str = "label"
    patient: str | None = None
    age: str | None = None
    sex: str | None = None
    split: str | None = None
    keep: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One file to read and what is known of it before it is read.

    Attributes:
        file: Path relative to the folder, forward slashes.
        label: What it shows.
        patient: Empty when not known.
        age: Years.
        sex: ``F``, ``M``, ``other``, ``unknown``.
        split: ``train``, ``validation``, ``test``, a word of the table's own, or empty.
        kept: Further columns.
    """

    file: str
    label: str
    patient: str = ""
    age: float | None = None
    sex: str = "unknown"
    split: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)


def from_table(path: Path, columns: Columns, rows: Mapping[str, object]) -> list[Listed]:
    """Return what a CSV table lists, in its order; a row that stands there twice counts once.

    Args:
        path: CSV with a header row; comma, semicolon or tab.
        columns: Names of its columns.
        rows: Keep only rows whose cell in a column is a value, or one of a list of values.

    Raises:
        ComponentError: The table cannot be read; a named column is not there; a path leaves the folder; a file is
            listed twice with different facts; no row is left.
    """
    table = _read_table(path)
    found = _resolve(columns, list(table.columns))
    table = _only(table, rows).drop_duplicates()
    if not len(table):
        raise ComponentError("no row of the table is left to read", culprit=str(path))
    leaving = [name for name in table[found["file"]] if not is_inside(name)]
    if leaving:
        raise ComponentError(f"{len(leaving)} paths of the table leave the folder", culprit=leaving[0])
    twice = table[found["file"]][table[found["file"]].duplicated()]
    if len(twice):
        raise ComponentError(f"{len(twice)} files stand in the table with different facts", culprit=str(twice.iloc[0]))
    return [
        _listed(dict(zip(table.columns, row, strict=True)), found, columns.keep)
        for row in table.itertuples(index=False)
    ]


def _read_table(path: Path) -> pd.DataFrame:
    import pandas as pd  # heavy, and not needed without a table

    try:
        with path.open(encoding="utf-8-sig") as stream:
            header = stream.readline()
        separator = max(",;\t", key=header.count)
        return pd.read_csv(path, dtype=str, keep_default_na=False, sep=separator, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        raise ComponentError(f"the table cannot be read: {error}", culprit=str(path)) from error


def _resolve(columns: Columns, there: list[str]) -> dict[str, str]:
    taken = sorted(set(columns.keep) & RESERVED)
    if taken:
        raise ComponentError(
            f"the index has columns of its own called {', '.join(map(repr, taken))}: they cannot be kept under that name",
            culprit=taken[0],
            hint="age, sex, patient and split are carried along by their own parameters; rename others in the table",
        )
    found = {"file": columns.file, "label": columns.label}
    for role in ("patient", "age", "sex", "split"):
        name = getattr(columns, role)
        if name is not None or role in there:
            found[role] = name or role
    missing = [name for name in (*found.values(), *columns.keep) if name not in there]
    if missing:
        near = did_you_mean(missing[0], there)
        raise ComponentError(
            f"the table has no column {', '.join(map(repr, missing))}",
            culprit=missing[0],
            hint=f"{near + ' ' if near else ''}columns there: {', '.join(there)}",
        )
    return found


def _only(table: pd.DataFrame, rows: Mapping[str, object]) -> pd.DataFrame:
    for name, wanted in rows.items():
        if name not in table.columns:
            hint = did_you_mean(name, table.columns) or f"columns there: {', '.join(table.columns)}"
            raise ComponentError(f"the table has no column {name!r} to choose rows by", culprit=name, hint=hint)
        values = [str(value) for value in wanted] if isinstance(wanted, list) else [str(wanted)]
        table = table[table[name].isin(values)]
    return table


def _listed(row: Mapping[str, str], found: Mapping[str, str], keep: Iterable[str]) -> Listed:
    def cell(role: str) -> str:
        return row[found[role]].strip() if role in found else ""

    split = cell("split")
    return Listed(
        file=cell("file"),
        label=cell("label"),
        patient=cell("patient"),
        age=age_in_years(cell("age")),
        sex=sex_of(cell("sex")),
        split=_SPLIT_OF.get(split.lower(), split),
        kept={name: row[name] for name in keep},
    )


def from_folder(folder: Path, patient_pattern: str) -> list[Listed]:
    """Return all images below a folder, sorted by path; the label is the name of the first sub-folder.

    Args:
        folder: With one sub-folder a label; files outside any sub-folder and hidden files are not read.
        patient_pattern: Regular expression, searched in the path below the label's folder; its first group (or all of
            it) is the patient. Empty: each file is a patient of its own.

    Raises:
        ComponentError: No image is there; the pattern is wrong or does not match a file.
    """
    try:
        pattern = re.compile(patient_pattern) if patient_pattern else None
    except re.error as error:
        raise ComponentError(
            f"the patient pattern is no regular expression: {error}", culprit=patient_pattern
        ) from error
    listed = []
    for file in sorted(_walk(folder)):
        label, below, rest = file.partition("/")
        if not below or not looks_like_image(folder / file):
            continue
        patient = file
        if pattern is not None:
            match = pattern.search(rest)
            if match is None:
                raise ComponentError("the patient pattern does not match a file", culprit=file)
            patient = match[1] if pattern.groups else match[0]
        listed.append(Listed(file=file, label=label, patient=patient))
    if not listed:
        raise ComponentError(
            "no images in sub-folders", culprit=str(folder), hint="make one sub-folder a label, or name a table"
        )
    return listed


def _walk(folder: Path) -> Iterable[str]:
    for base, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = Path(base).relative_to(folder)
        yield from ((below / name).as_posix() for name in files if not name.startswith("."))


def looks_like_image(path: Path) -> bool:
    """Return whether a file's name ends like an image; a name without an ending may be DICOM, its first bytes tell."""
    name = path.name.lower()
    ending = Path(name).suffix
    return ending in PICTURES or ending in DICOM or name.endswith(NIFTI) or (not ending and has_dicom_mark(path))


def has_dicom_mark(path: Path) -> bool:
    """Return whether a file carries the mark of DICOM part 10 behind its preamble."""
    try:
        with path.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        return False


def read_file(path: Path, frames: Frames, unit: Intensity | None, offset: int) -> Iterator[Reading]:
    """Yield the pictures of one file, by its ending or its DICOM mark.

    Args:
        path: The file.
        frames: Which pictures of a volume or a multi-frame file.
        unit: What pixels mean where the file does not say; ``None``: grey, or by the numbers of a NIfTI volume.
        offset: HU of a stored zero, for 16-bit pictures that hold Hounsfield units.

    Raises:
        Unreadable: Nothing can be made of it.
        MissingDependency: The package for its format is not installed.
    """
    name = path.name.lower()
    if name.endswith(NIFTI):
        yield from read_nifti(path, frames, unit)
    elif Path(name).suffix in DICOM or has_dicom_mark(path):
        yield from read_dicom(path, frames)
    else:
        yield from read_picture(path, offset if unit is Intensity.HOUNSFIELD else None)
