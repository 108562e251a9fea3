"""Components that bring a file or folder of yours into the store, one for each artifact type.

``assay component run`` puts one before each input port, so that such a run is a pipeline like any other: recorded, resumed, explained.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TypeVar

from assay.errors import ComponentError
from assay.runtime.artifacts import (
    Bundle,
    Dataset,
    Evidence,
    Figure,
    File,
    Folder,
    Handle,
    Images,
    Metrics,
    Model,
    Predictions,
    Report,
    Verdict,
)
from assay.runtime.declare import component
from assay.runtime.step import step

HandleT = TypeVar("HandleT", bound=Handle)


def _bring(kind: type[HandleT], path: Path) -> HandleT:
    brought = step.output(kind.__name__.lower(), kind, suffix=path.suffix)
    wants_folder = issubclass(kind, Folder)
    if wants_folder is not path.is_dir():
        found = "a folder" if path.is_dir() else "a file" if path.is_file() else "not there"
        hint = f"{kind.__name__} is a {'folder' if wants_folder else 'file'}"
        raise ComponentError(f"{path} is {found}", culprit=str(path), hint=hint)
    if wants_folder:
        shutil.copytree(path, brought.path, dirs_exist_ok=True)
    else:
        shutil.copyfile(path, brought.path)
    return brought


@component(version="1.0.0", licence="Apache-2.0")
def file(*, path: Path) -> File:
    """Any single file from outside the store.

    Args:
        path: Where it is.

    Returns:
        file: A copy of it.
    """
    return _bring(File, path)


@component(version="1.0.0", licence="Apache-2.0")
def folder(*, path: Path) -> Folder:
    """Any folder from outside the store.

    Args:
        path: Where it is.

    Returns:
        folder: A copy of it.
    """
    return _bring(Folder, path)


@component(version="1.0.0", licence="Apache-2.0")
def dataset(*, path: Path) -> Dataset:
    """A table from outside the store.

    Args:
        path: Where it is.

    Returns:
        dataset: A copy of it.
    """
    return _bring(Dataset, path)


@component(version="1.0.0", licence="Apache-2.0")
def images(*, path: Path) -> Images:
    """A folder of images with `index.csv` from outside the store.

    Args:
        path: Where it is.

    Returns:
        images: A copy of it.
    """
    return _bring(Images, path)


@component(version="1.0.0", licence="Apache-2.0")
def model(*, path: Path) -> Model:
    """A folder with `model.onnx` and `model.json` from outside the store.

    Args:
        path: Where it is.

    Returns:
        model: A copy of it.
    """
    return _bring(Model, path)


@component(version="1.0.0", licence="Apache-2.0")
def metrics(*, path: Path) -> Metrics:
    """Figures as JSON from outside the store.

    Args:
        path: Where it is.

    Returns:
        metrics: A copy of it.
    """
    return _bring(Metrics, path)


@component(version="1.0.0", licence="Apache-2.0")
def predictions(*, path: Path) -> Predictions:
    """Scores beside truth from outside the store.

    Args:
        path: Where it is.

    Returns:
        predictions: A copy of it.
    """
    return _bring(Predictions, path)


@component(version="1.0.0", licence="Apache-2.0")
def evidence(*, path: Path) -> Evidence:
    """A trust result as JSON from outside the store.

    Args:
        path: Where it is.

    Returns:
        evidence: A copy of it.
    """
    return _bring(Evidence, path)


@component(version="1.0.0", licence="Apache-2.0")
def figure(*, path: Path) -> Figure:
    """A picture from outside the store.

    Args:
        path: Where it is.

    Returns:
        figure: A copy of it.
    """
    return _bring(Figure, path)


@component(version="1.0.0", licence="Apache-2.0")
def report(*, path: Path) -> Report:
    """An HTML page from outside the store.

    Args:
        path: Where it is.

    Returns:
        report: A copy of it.
    """
    return _bring(Report, path)


@component(version="1.0.0", licence="Apache-2.0")
def verdict(*, path: Path) -> Verdict:
    """The gate's decision from outside the store.

    Args:
        path: Where it is.

    Returns:
        verdict: A copy of it.
    """
    return _bring(Verdict, path)


@component(version="1.0.0", licence="Apache-2.0")
def bundle(*, path: Path) -> Bundle:
    """What crosses to another hospital from outside the store.

    Args:
        path: Where it is.

    Returns:
        bundle: A copy of it.
    """
    return _bring(Bundle, path)
