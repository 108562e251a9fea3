"""The steps of a pipeline with those of the pipelines that its steps use, by name alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from assay.model.codec import load

_DEEPEST = 50


def nested_names(text: str, file: str, documents: Mapping[str, str], prefix: str = "") -> Iterator[str]:
    """Yield the name of each step as it runs, ``outer/inner`` for one of a pipeline that a step uses.

    Args:
        text: Of the pipeline file.
        file: Absolute path of the file.
        documents: Texts of the pipelines that are used, by absolute path.
    """
    pipeline = load(text, file).pipeline
    for step in pipeline.all_steps() if pipeline is not None else ():
        used = os.path.normpath(os.path.join(os.path.dirname(file), step.use)) if step.use.startswith(".") else ""
        if used in documents and prefix.count("/") < _DEEPEST:
            yield from nested_names(documents[used], used, documents, f"{prefix}{step.name}/")
        else:
            yield prefix + step.name
