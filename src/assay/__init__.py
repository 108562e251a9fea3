"""Assay: components, an editor and an engine for machine learning that has to be trusted.

What a component's source needs stands here, loaded when first asked for::

    from assay import ComponentError, Images, Param, component, step
"""

from __future__ import annotations

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from assay.errors import ComponentError
    from assay.model.builder import PipelineBuilder
    from assay.runtime.artifacts import (
        Bundle,
        Dataset,
        Evidence,
        Figure,
        File,
        Folder,
        Images,
        Metrics,
        Model,
        Predictions,
        Report,
        Verdict,
    )
    from assay.runtime.declare import Param, component
    from assay.runtime.step import step

__version__ = "0.1.0"

__all__ = [
    "Bundle",
    "ComponentError",
    "Dataset",
    "Evidence",
    "Figure",
    "File",
    "Folder",
    "Images",
    "Metrics",
    "Model",
    "Param",
    "PipelineBuilder",
    "Predictions",
    "Report",
    "Verdict",
    "__version__",
    "component",
    "step",
]

_HOMES = {
    "ComponentError": "assay.errors",
    "Param": "assay.runtime.declare",
    "PipelineBuilder": "assay.model.builder",
    "component": "assay.runtime.declare",
    "step": "assay.runtime.step",
}
"""Where a name lives; every other name in ``__all__`` is an artifact class."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'assay' has no attribute {name!r}")
    home = _HOMES.get(name, "assay.runtime.artifacts")
    value: object = getattr(__import__(home, fromlist=(name,)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
