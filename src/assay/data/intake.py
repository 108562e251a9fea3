"""Turn listed files of any format into one Images folder; what cannot be read is listed, not fatal."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from assay.data.filefacts import COLUMNS as FILE_COLUMNS
from assay.data.images import ImagesMeta, ImagesWriter
from assay.data.listing import Listed, read_file
from assay.data.reading import Frames, Intensity, Reading, Unreadable
from assay.errors import ComponentError, did_you_mean

UNREADABLE_FILE = "unreadable.csv"
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Labels:
    """Which labels there are.

    Attributes:
        order: All labels; empty: those found, sorted.
        positive: Empty: the second when ``order`` states two, else not stated.
        renamed: Old name to new name.
    """

    order: Sequence[str] = ()
    positive: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)

    def applied(self, listed: Sequence[Listed]) -> tuple[list[Listed], tuple[str, ...], str]:
        """Return the files with their new labels, all labels in order, and the positive one.

        Raises:
            ComponentError: A file has an empty label or one outside ``order``; ``positive`` is no label.
        """
        renamed = [replace(item, label=self.renamed.get(item.label, item.label)) for item in listed]
        found = Counter(item.label for item in renamed)
        if "" in found:
            raise ComponentError(
                f"{found['']} files have no label", culprit=next(i.file for i in renamed if not i.label)
            )
        order = tuple(self.order) or tuple(sorted(found))
        unknown = sorted(set(found) - set(order))
        if unknown:
            raise ComponentError(
                f"{len(unknown)} labels are not among 'labels': {', '.join(unknown[:_MOST_NAMED])}",
                culprit=unknown[0],
                hint=did_you_mean(unknown[0], order) or f"labels: {', '.join(order)}; rename others by label_map",
            )
        positive = self.positive or (self.order[1] if len(self.order) == 2 else "")
        if positive and positive not in order:
            hint = did_you_mean(positive, order) or f"labels: {', '.join(order)}"
            raise ComponentError(f"the positive label {positive!r} is no label", culprit=positive, hint=hint)
        return renamed, order, positive


@dataclass(frozen=True, slots=True)
class Refused:
    """One file that could not be read."""

    file: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Reader:
    """How files are read.

    Attributes:
        folder: Where they lie.
        frames: Which pictures of a volume.
        unit: What pixels mean where a file does not say; ``None``: found out.
        offset: HU of a stored zero in 16-bit pictures.
        hashed: Whose patient ids are replaced by a hash: nobody's, those from DICOM tags, or all.
        salt: Text the hash depends on.
        most_unreadable: Share of unreadable files above which nothing is made.
    """

    folder: Path
    frames: Frames = field(default_factory=Frames)
    unit: Intensity | None = None
    offset: int = -1024
    hashed: Literal["never", "tags", "always"] = "tags"
    salt: str = ""
    most_unreadable: float = 0.05

    def read(
        self, listed: Sequence[Listed], target: Path, meta: ImagesMeta, progress: Callable[[int, int], None]
    ) -> list[Refused]:
        """Write an Images folder of all readable files, and ``unreadable.csv``; return what was refused.

        Raises:
            ComponentError: Too many files cannot be read, or none can.
        """
        refused: list[Refused] = []
        writer: ImagesWriter | None = None
        names = tuple(sorted({name for item in listed for name in item.kept}))
        with ExitStack() as opened:
            for done, item in enumerate(listed):
                try:
                    for reading in read_file(self.folder / item.file, self.frames, self.unit, self.offset):
                        known = replace(meta, intensity=reading.intensity, modality=reading.modality)
                        writer = writer or opened.enter_context(ImagesWriter(target, known))
                        self._add(writer, item, reading, names)
                except Unreadable as error:
                    refused.append(Refused(item.file, error.reason, error.hint))
                    self._stop_if_hopeless(refused, len(listed))
                progress(done + 1, len(listed))
            if writer is None:
                raise _too_many(refused, len(listed))
        write_refused(target, refused)
        return refused

    def _add(self, writer: ImagesWriter, item: Listed, reading: Reading, names: Sequence[str]) -> None:
        if reading.intensity is not writer.meta.intensity:
            raise Unreadable(f"{reading.intensity} pixels among {writer.meta.intensity} images")
        from_tags = not item.patient
        patient = item.patient or reading.patient or item.file
        if self.hashed == "always" or (self.hashed == "tags" and from_tags and reading.patient):
            patient = hash_id(patient, self.salt)
        kept: dict[str, Any] = {name: item.kept.get(name, "") for name in names}
        age = item.age if item.age is not None else reading.age
        writer.add(
            reading.pixels,
            patient=patient,
            label=item.label,
            age="" if age is None else f"{age:g}",
            sex=item.sex if item.sex != "unknown" else reading.sex,
            split=item.split,
            source=self._source(item, reading),
            frame="" if reading.frame is None else reading.frame,
            **(reading.facts.cells() if reading.facts else dict.fromkeys(FILE_COLUMNS, "")),
            **kept,
        )

    def _source(self, item: Listed, reading: Reading) -> str:
        named_by_uid = bool(reading.patient) or item.file.lower().endswith((".dcm", ".dicom", ".ima"))
        return hash_id(item.file, self.salt) if named_by_uid or self.hashed == "always" else item.file

    def _stop_if_hopeless(self, refused: Sequence[Refused], total: int) -> None:
        if len(refused) > self.most_unreadable * total:
            raise _too_many(refused, total)


def hash_id(text: str, salt: str) -> str:
    """Return 16 hexadecimal digits that stand for an id; who knows neither salt nor id cannot tell it."""
    return hashlib.blake2b(text.encode(), key=salt.encode()[:64], digest_size=8).hexdigest()


def write_refused(images: Path, refused: Sequence[Refused]) -> None:
    """Write ``unreadable.csv``: file, reason, hint."""
    with (images / UNREADABLE_FILE).open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["file", "reason", "hint"])
        rows.writerows((item.file, item.reason, item.hint) for item in refused)


def _too_many(refused: Sequence[Refused], total: int) -> ComponentError:
    first = "; ".join(f"{item.file}: {item.reason}" for item in refused[:_MOST_NAMED])
    hint = next((item.hint for item in refused if item.hint), "")
    return ComponentError(
        f"{len(refused)} of {total} files cannot be read, more than max_unreadable allows: {first}",
        culprit=refused[0].file if refused else "",
        hint=hint or "mend or remove them, or raise max_unreadable",
    )
