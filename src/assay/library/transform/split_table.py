"""transform/split-table."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from assay import ComponentError, Dataset, Param, component, step


class Split(NamedTuple):
    """Three parts of a table."""

    train: Dataset
    validation: Dataset
    test: Dataset
    counts: dict[str, Any]


@component(
    "transform/split-table",
    version="1.0.0",
    tags=("data", "tables", "split", "leakage"),
    licence="Apache-2.0",
    requires=("numpy", "pandas"),
    preload=("numpy", "pandas"),
)
def split_table(
    table: Dataset,
    *,
    validation: Annotated[float, Param(min=0.0, max=0.9, unit="share")] = 0.15,
    test: Annotated[float, Param(min=0.0, max=0.9, unit="share")] = 0.25,
    by: Annotated[list[str] | None, Param(column_of="table")] = None,
    positive: str = "",
    use_split: Annotated[str, Param(column_of="table")] = "",
    split_map: dict[str, str] | None = None,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Split:
    """Split a table so that no patient is in two parts.

    Patients are drawn stratified, so that each part has its share of each label and of each group of the columns in by. The draw
    depends on the seed and the patients' ids, not on the order of rows. An official split may be used instead; parts that it
    lacks are drawn from its training patients.

    Args:
        table: From input/table.
        validation: Share of patients kept to choose the threshold.
        test: Share of patients kept to measure the final model.
        by: Columns of which each part has its share, beside the label; default sex where there is one. age_group is made of age.
        positive: A patient with several labels counts as positive when one is this.
        use_split: Column with the official split; empty: draw a split.
        split_map: The column's word to train, validation or test; words such as val and training need no entry.
        seed: Chooses the draw.

    Returns:
        train: Rows to fit on.
        validation: Rows to choose the threshold on.
        test: Rows to measure the final model.
        counts: Rows, patients and labels of each part.
    """
    from assay.data.splitting import Part  # heavy imports stay out of the module
    from assay.data.tables.dividing import as_told, divided
    from assay.data.tables.rows import read_rows, write_rows

    if validation + test >= 1:
        raise ComponentError("validation and test leave nothing to train on", culprit=f"{validation + test:g}")
    rows = read_rows(table)
    strata = by if by is not None else ["sex"] if "sex" in rows else []
    shares = {Part.TRAIN: 1 - validation - test, Part.VALIDATION: validation, Part.TEST: test}
    if use_split:
        parts = as_told(rows, use_split, split_map or {}, shares, strata, seed, positive)
    else:
        if "split" in rows:
            print("warning: the table has an official split; use_split: split would use it")
        parts = divided(rows, shares, strata, seed, positive)
    counts: dict[str, Any] = {}
    made = {}
    for part in Part:
        here = rows[(parts == part).to_numpy()].assign(split=str(part))
        labels = {str(label): int(count) for label, count in here["label"].value_counts().sort_index().items()}
        counts[str(part)] = {"rows": len(here), "patients": here["patient"].nunique(), "label": labels}
        made[part] = step.output(str(part), Dataset, suffix=".csv")
        write_rows(here, made[part].path)
        print(f"{part}: {len(here)} rows of {counts[str(part)]['patients']} patients {labels}")
    return Split(made[Part.TRAIN], made[Part.VALIDATION], made[Part.TEST], counts)
