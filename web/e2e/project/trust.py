"""A model that never was, and what it said about people who never were: for previews of real evidence."""

import json
import random
from typing import NamedTuple

from assay import File, Model, Predictions, component, step

HOSTILE = "<img src=x onerror=\"parent.document.title='owned'\"><script>parent.document.title='owned'</script>"


class Said(NamedTuple):
    """A model, and what it said."""

    model: Model
    predictions: Predictions


@component("input/said", version="1.0.0")
def said(*, patients: int = 240) -> Said:
    """Write synthetic predictions, worse for women.

    Args:
        patients: How many.
    """
    model, table = step.output("model", Model), step.output("predictions", Predictions, suffix=".csv")
    (model / "model.json").write_text(json.dumps({"labels": ["healthy", "covid"], "positive": "covid"}))
    origin = f"{step.digest(model)},{'d' * 64}"
    dice = random.Random(0)  # noqa: S311  (no secret)
    rows = ["file,patient,label,score,predicted,positive,threshold,synthetic,sex,age,model_sha256,data_sha256"]
    for number in range(patients):
        ill, woman, age = dice.random() < 0.5, dice.random() < 0.5, 25 + dice.randrange(60)
        score = min(0.999, max(0.001, dice.gauss(0.5 + (0.12 if woman else 0.25) * (1 if ill else -1), 0.18)))
        label, sex = "covid" if ill else "healthy", "F" if woman else "M"
        rows.append(
            f"{number}.png,p{number},{label},{score:.4f},{'covid' if score >= 0.5 else 'healthy'},covid,0.5,True,{sex},{age},{origin}"
        )
    table.path.write_text("\n".join(rows) + "\n")
    return Said(model, table)


@component("evaluate/notebook", version="1.0.0")
def notebook() -> File:
    """Write a notebook whose outputs try to break out."""
    out = step.output("notebook", File, suffix=".ipynb")
    cells = [
        {"cell_type": "markdown", "source": ["# Findings\n", f"As *measured*. {HOSTILE} [here](javascript:alert(1))"]},
        {
            "cell_type": "code", "execution_count": 1, "source": "print('hello')",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["\u001b[31mhello\u001b[0m\n", HOSTILE]},
                {"output_type": "display_data", "data": {"text/html": [f"<b>bold</b>{HOSTILE}"], "text/plain": "plain"}},
                {"output_type": "display_data", "data": {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>parent.document.title='owned'</script><rect width='9' height='9'/></svg>"}},
                {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["\u001b[0;31mValueError\u001b[0m: no"]},
            ],
        },
    ]  # fmt: skip
    out.path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    return out
