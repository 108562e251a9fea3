"""A table of somebody else's as a table of cases: row, patient and label in front, types told, all faults at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from assay.data.reading import sex_of
from assay.data.tables.schema import LABEL, PATIENT, RESERVED, ROW, SPLIT, SYNTHETIC, Column, Kind, Schema, odd_cells
from assay.data.tables.unfit import refuse, some
from assay.errors import Fault, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

_MOST_VALUES = 200
_MOST_LABELS = 20
_MOSTLY = 0.9
_ANSWERS = frozenset({"file", "score", "predicted", "positive", "threshold", "model_sha256", "data_sha256", "row_seal"})
"""Columns that predictions add: a column of the same name would be lost there."""


@dataclass(frozen=True, slots=True)
class Roles:
    """What the columns of a table are.

    Attributes:
        label: What is to be told.
        positive: The label that counts as positive; empty: the second of two, sorted.
        row: Id of each row; empty: rows are numbered.
        patient: Whom a row is about; empty: each row is somebody of its own.
        split: Column with an official split; empty: none.
        sensitive: Columns that describe people as members of protected groups.
        leave_out: Columns that are dropped.
        renamed: Old name to new; the new names count everywhere else.
        label_map: Old label to new.
        types: Column to its kind, where it is not what its cells look like.
        odd: What happens to a cell of a number that is none, such as ``40+``.
        unlabelled: What happens to rows without a label.
    """

    label: str
    positive: str = ""
    row: str = ""
    patient: str = ""
    split: str = ""
    sensitive: Sequence[str] = ()
    leave_out: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    label_map: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    odd: Literal["refuse", "missing"] = "refuse"
    unlabelled: Literal["refuse", "drop"] = "refuse"


@dataclass(frozen=True, slots=True)
class About:
    """What is declared of a table."""

    title: str = ""
    source: str = ""
    licence: str = ""
    synthetic: bool = False
    caveats: Sequence[str] = ()


def take_in(cells: pd.DataFrame, roles: Roles, about: About) -> tuple[pd.DataFrame, Schema, list[str]]:
    """Return the table of cases, what it says of itself, and notes for a log.

    Args:
        cells: Every cell as text, empty where it says nothing.
        roles: What the columns are.
        about: What is declared.

    Raises:
        UnfitTable: With every fault: ``unknown-column``, ``reserved-column``, ``repeated-id``, ``no-id``, ``no-label``, ``one-class``,
            ``label-is-a-number``, ``unknown-positive``, ``no-positive``, ``empty-column``, ``odd-cells``, ``too-many-values``,
            ``unknown-type``.
    """
    cells = cells.rename(columns=dict(roles.renamed)) if set(roles.renamed) <= set(cells.columns) else cells
    refuse(list(_unknown(cells, roles)))
    notes: list[str] = []
    if roles.unlabelled == "drop" and (lost := cells[roles.label] == "").any():
        notes.append(f"{int(lost.sum())} of {len(cells)} rows have no label and were dropped")
        cells = cells[~lost].reset_index(drop=True)
    taken = {roles.label, roles.row, roles.patient, roles.split} - {""}
    names = [name for name in cells.columns if name not in {*taken, *roles.leave_out}]
    labels = cells[roles.label].replace(dict(roles.label_map))
    kinds = {name: _kind(cells[name], roles.types.get(name, "")) for name in names}
    faults = [*_key_faults(cells, roles), *_label_faults(labels, roles), *_reserved(names)]
    for name in names:
        faults += _column_faults(cells[name], name, kinds[name], roles)
    refuse(faults)
    made = cells[names].copy()
    for name, kind in kinds.items():
        if kind is Kind.NUMBER and len(odd := odd_cells(made[name])):
            made.loc[odd.index, name] = ""
            notes.append(f"{name}: {len(odd)} cells are no numbers and count as missing: {some(sorted({*odd}))}")
    if "sex" in made:
        made["sex"] = [_sex(cell) for cell in made["sex"]]
    row = cells[roles.row].tolist() if roles.row else [str(number) for number in range(1, len(cells) + 1)]
    made.insert(0, LABEL, labels)
    made.insert(0, PATIENT, cells[roles.patient].tolist() if roles.patient else row)
    made.insert(0, ROW, row)
    if roles.split:
        made[SPLIT] = cells[roles.split]
    made[SYNTHETIC] = str(about.synthetic)
    return made, _schema(made, kinds, roles, about), notes


def _unknown(cells: pd.DataFrame, roles: Roles) -> Iterator[Fault]:
    there = [str(name) for name in cells.columns]
    asked = {
        "label": [roles.label],
        "row": [roles.row],
        "patient": [roles.patient],
        "split": [roles.split],
        "sensitive": roles.sensitive,
        "leave_out": roles.leave_out,
        "types": roles.types,
        "rename": [name for name in roles.renamed if name not in there and roles.renamed[name] not in there],
    }
    for role, names in asked.items():
        for name in names:
            if name and name not in there:
                hint = did_you_mean(name, there) or f"columns there: {', '.join(there)}"
                yield Fault("unknown-column", f"there is no column {name!r} ({role})", name, hint=hint)
    for name, kind in roles.types.items():
        if kind not in set(Kind):
            hint = did_you_mean(kind, map(str, Kind)) or f"one of {', '.join(Kind)}"
            yield Fault("unknown-type", f"{kind!r} is no type of a column ({name})", kind, hint=hint)


def _kind(cells: pd.Series[str], said: str) -> Kind:
    if said:
        return Kind(said)
    filled, odd = int((cells != "").sum()), len(odd_cells(cells))
    return Kind.NUMBER if filled and odd < filled * (1 - _MOSTLY) else Kind.CATEGORY


def _key_faults(cells: pd.DataFrame, roles: Roles) -> Iterator[Fault]:
    for role, name in (("row", roles.row), ("patient", roles.patient)):
        if name and (empty := cells[name] == "").any():
            message = f"{int(empty.sum())} of {len(cells)} rows have no {role} ({name}), first in row {_first(empty)}"
            yield Fault("no-id", message, name)
    if roles.row:
        ids = cells[roles.row]
        twice = sorted({*ids[ids.duplicated() & (ids != "")]})
        if twice:
            message = f"{len(twice)} ids of rows ({roles.row}) stand more than once: {some(twice)}"
            yield Fault(
                "repeated-id", message, twice[0], hint="name the column of persons by patient, and an id of rows by row"
            )


def _label_faults(labels: pd.Series[str], roles: Roles) -> Iterator[Fault]:
    empty, known = labels == "", sorted({*labels} - {""})
    if empty.any():
        message = (
            f"{int(empty.sum())} of {len(labels)} rows have no label ({roles.label}), first in row {_first(empty)}"
        )
        yield Fault("no-label", message, roles.label, hint="unlabelled: drop leaves these rows out")
    if len(known) < 2:
        said = f"the label ({roles.label}) has one class only: {known[0]!r}" if known else "no row has a label"
        yield Fault("one-class", said, roles.label, hint="a classifier needs rows of two classes")
    elif len(known) > _MOST_LABELS:
        yield Fault(
            "label-is-a-number",
            f"the label ({roles.label}) has {len(known)} values, at most {_MOST_LABELS} can be classes",
            roles.label,
            hint="name the column of classes; numbers have to be cut into classes first",
        )
    elif roles.positive and roles.positive not in known:
        hint = did_you_mean(roles.positive, known) or f"labels there: {', '.join(known)}"
        yield Fault("unknown-positive", f"no row has the positive label {roles.positive!r}", roles.positive, hint=hint)
    elif not roles.positive and len(known) > 2:
        yield Fault(
            "no-positive",
            f"the label has {len(known)} classes and none is named as positive",
            roles.label,
            hint=f"set positive to one of {', '.join(known)}: figures tell it from all others",
        )


def _reserved(names: Sequence[str]) -> Iterator[Fault]:
    for name in names:
        if name in RESERVED or name in _ANSWERS or name.startswith("p_"):
            yield Fault(
                "reserved-column",
                f"the column {name!r} has a name that cases or predictions use themselves",
                name,
                hint=f"rename: {{{name}: another name}}, or leave_out",
            )


def _column_faults(cells: pd.Series[str], name: str, kind: Kind, roles: Roles) -> Iterator[Fault]:
    filled = cells[cells != ""]
    if not len(filled):
        yield Fault("empty-column", f"the column {name!r} has no value in any row", name, hint=f"leave_out: [{name}]")
        return
    if kind is Kind.NUMBER:
        odd = sorted({*odd_cells(cells)})
        if odd and roles.odd == "refuse":
            yield Fault(
                "odd-cells",
                f"the column {name!r} holds numbers, and {some(odd)}, which are none",
                odd[0],
                hint=f"odd: missing counts them as missing; types: {{{name}: category}} takes all as words",
            )
    elif (count := filled.nunique()) > _MOST_VALUES and name not in roles.sensitive:
        yield Fault(
            "too-many-values",
            f"the column {name!r} is text with {count} values, at most {_MOST_VALUES} can be categories",
            name,
            hint=f"leave_out: [{name}]",
        )


def _schema(made: pd.DataFrame, kinds: Mapping[str, Kind], roles: Roles, about: About) -> Schema:
    known = sorted({*made[LABEL]})
    positive = roles.positive or known[-1]
    if len(known) == 2:
        known.sort(key=lambda label: label == positive)
    return Schema(
        {name: Column.of(made[name].tolist(), kind) for name, kind in kinds.items()},
        known,
        positive,
        list(roles.sensitive),
        len(made),
        about.synthetic,
        about.title,
        about.source,
        about.licence,
        list(about.caveats),
    )


def _sex(cell: str) -> str:
    """Return F, M or other for the usual words; a code that is none of them stays, and is a group of its own."""
    known = sex_of(cell) if cell else ""
    return cell if known == "unknown" else known


def _first(where: pd.Series[bool]) -> int:
    return int(where.to_numpy().argmax()) + 1
