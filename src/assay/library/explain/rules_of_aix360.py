"""Boolean rules as AI Explainability 360 learns them (BRCG)."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from aix360.algorithms.rbm import BooleanRuleCG, BRCGExplainer
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

_MOST_SECONDS = 30


class BooleanRule:
    """A rule in disjunctive normal form: it holds where any of its clauses does.

    Args:
        features: Conditions met, one column each, of the rows to learn from.
        wrong: What the rule is to hold for.
        clause: Cost of a clause.
        condition: Cost of a condition in a clause.
        most: Conditions of a clause, at most.
    """

    def __init__(
        self, features: pd.DataFrame, wrong: NDArray[np.bool_], *, clause: float, condition: float, most: int
    ) -> None:
        self._learnt = BooleanRuleCG(
            lambda0=clause, lambda1=condition, D=most, CNF=False, timeMax=_MOST_SECONDS, silent=True
        )
        explainer = BRCGExplainer(self._learnt)
        with warnings.catch_warnings():  # it says "*" where cvxpy would have "@", which cvxpy tells at every use
            warnings.simplefilter("ignore")
            explainer.fit(features, wrong.astype(int))
        self.clauses: list[str] = list(explainer.explain(prec=1)["rules"])

    def holds(self, features: pd.DataFrame) -> NDArray[np.bool_]:
        """Return where each clause holds, shape (rows, clauses)."""
        chosen = self._learnt.z.loc[:, self._learnt.w > 0.5]
        order = chosen.sum().sort_values().index  # that of ``explain``
        return np.asarray(self._learnt.compute_conjunctions(features)[:, order] > 0)
