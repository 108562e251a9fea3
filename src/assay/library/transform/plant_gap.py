"""transform/plant-gap."""

from __future__ import annotations

from typing import Annotated

from assay import ComponentError, Param, Predictions, component, step


@component(
    "transform/plant-gap",
    version="1.0.0",
    tags=("trust", "fairness", "positive control"),
    licence="Apache-2.0",
    requires=("numpy", "pandas"),
    preload=("numpy", "pandas"),
)
def plant_gap(
    predictions: Predictions,
    *,
    sex: str = "F",
    from_age: Annotated[float, Param(min=0.0, max=150.0, unit="years")] = 0.0,
    share: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 0.5,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Predictions:
    """Make predictions unfair on purpose, by a known amount: a positive control for an audit.

    An audit that never accuses anybody looks like one of a fair classifier. So it is run a second time on the same predictions,
    among which a share of the group's sick patients is now missed; it has to find that, or its silence means nothing. The rows are
    sealed anew and name no model: a gate refuses them as evidence about the real one.

    Args:
        predictions: Truth and score side by side, with the columns sex and age.
        sex: Whose disease is missed; empty for everybody.
        from_age: Youngest age of those concerned.
        share: Share of these patients that are missed, all slices of each.
        seed: Chooses the patients.

    Returns:
        predictions: The same rows, with lowered scores; the column planted says which.
    """
    import numpy as np  # heavy imports stay out of the module: whoever lists components need not have them
    import pandas as pd

    from assay.trust.performance.origin import MODEL, SEAL, seal_rows
    from assay.trust.performance.table import read_predictions

    facts = read_predictions(predictions)
    table = pd.read_csv(predictions, dtype=str, keep_default_na=False)
    missing = [name for name in ("sex", "age") if name not in table.columns]
    if missing:
        raise ComponentError(f"the predictions lack {' and '.join(missing)}", culprit=missing[0])
    age = pd.to_numeric(table["age"], errors="coerce")
    concerned = facts.rows.truth & (age >= from_age).to_numpy() & ((table["sex"] == sex).to_numpy() | (not sex))
    patients = np.unique(facts.rows.patient[concerned])
    if not len(patients):
        raise ComponentError("nobody with the disease is in this group", culprit=sex or str(from_age))
    chosen = np.random.default_rng(seed).permutation(patients)[: round(share * len(patients))]
    planted = concerned & np.isin(facts.rows.patient, chosen)
    score = np.where(planted, facts.rows.score * facts.threshold / 2, facts.rows.score)
    negative = facts.negatives[0] if facts.negatives else f"not {facts.positive}"
    table["score"] = [repr(float(value)) for value in score]
    table.loc[planted, "predicted"] = negative
    table["planted"] = planted
    table = table.drop(columns=[name for name in (MODEL, SEAL) if name in table.columns])
    table[SEAL] = seal_rows(table)
    written = step.output("predictions", Predictions, suffix=".csv")
    table.to_csv(written.path, index=False, lineterminator="\r\n")
    print(f"{len(chosen)} of {len(patients)} sick patients of the group are missed on purpose")
    return written
