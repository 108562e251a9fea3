"""What to do, as data: one record a method, so that a candidate can be named, compared, hashed and written down."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from assay.trust.explain.backgrounds import Fill


@dataclass(frozen=True, slots=True)
class Occlusion:
    """Windows are covered one after the other."""

    method: ClassVar[str] = "occlusion"
    needs_gradient: ClassVar[bool] = False
    fill: Fill = Fill.NEIGHBOURS
    fills: int = 1
    window: int = 12
    stride: int = 4
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class Lime:
    """A ridge regression on randomly hidden superpixels."""

    method: ClassVar[str] = "lime"
    needs_gradient: ClassVar[bool] = False
    fill: Fill = Fill.NEIGHBOURS
    fills: int = 3
    cell: int = 12
    samples: int = 1000
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class KernelShap:
    """Shapley values of superpixels."""

    method: ClassVar[str] = "kernel-shap"
    needs_gradient: ClassVar[bool] = False
    fill: Fill = Fill.NEIGHBOURS
    fills: int = 3
    cell: int = 12
    samples: int = 1000
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class Aix360Lime:
    """LIME by the wrapper of AI Explainability 360 around the ``lime`` package.

    Attributes:
        parts: ``grid``: squares of edge ``cell``; ``quickshift``: what the package does unless told otherwise.
        hidden: What a hidden part shows: ``black``, or its own ``mean``.
        batch: Pictures asked about at once.
    """

    method: ClassVar[str] = "aix360-lime"
    needs_gradient: ClassVar[bool] = False
    parts: str = "grid"
    hidden: str = "black"
    cell: int = 12
    samples: int = 1000
    batch: int = 16
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class IntegratedGradients:
    """The gradient along the way from a baseline, the fill, to the picture."""

    method: ClassVar[str] = "integrated-gradients"
    needs_gradient: ClassVar[bool] = True
    fill: Fill = Fill.BLACK
    fills: int = 1
    steps: int = 32
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class GradientShap:
    """Gradients at random points between baselines, the fills, and the noisy picture."""

    method: ClassVar[str] = "gradient-shap"
    needs_gradient: ClassVar[bool] = True
    fill: Fill = Fill.NEIGHBOURS
    fills: int = 8
    samples: int = 32
    deviation: float = 0.0
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class SmoothGrad:
    """The mean size of the gradient over noisy copies."""

    method: ClassVar[str] = "smooth-grad"
    needs_gradient: ClassVar[bool] = True
    samples: int = 25
    deviation: float = 0.15
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class GradCam:
    """A layer's maps, weighed by their gradient; ``layer`` is the name of a module."""

    method: ClassVar[str] = "grad-cam"
    needs_gradient: ClassVar[bool] = True
    layer: str = ""
    smoothing: float = 0.0


Recipe = Occlusion | Lime | KernelShap | Aix360Lime | IntegratedGradients | GradientShap | SmoothGrad | GradCam
BlackBox = Occlusion | Lime | KernelShap
ByGradient = IntegratedGradients | GradientShap | SmoothGrad | GradCam

METHODS: dict[str, type[Recipe]] = {
    kind.method: kind for kind in (Occlusion, Lime, KernelShap, IntegratedGradients, GradientShap, SmoothGrad, GradCam)
}
"""Name of every method that can be chosen from to its record: those that need no environment of their own."""


def library(recipe: Recipe) -> str:
    """Return the package whose code makes the maps."""
    if isinstance(recipe, Aix360Lime):
        return "aix360"
    return "captum" if recipe.needs_gradient else "assay"


def settings(recipe: Recipe) -> dict[str, Any]:
    """Return the recipe's settings, JSON-able."""
    return {name: str(value) if isinstance(value, Fill) else value for name, value in asdict(recipe).items()}


def title(recipe: Recipe) -> str:
    """Return the recipe in words, such as ``occlusion (neighbours, 12 px)``."""
    told: list[str] = []
    match recipe:
        case Occlusion(fill=fill, window=window):
            told = [str(fill), f"{window} px"]
        case Lime(fill=fill, cell=cell) | KernelShap(fill=fill, cell=cell):
            told = [str(fill), f"{cell} px"]
        case Aix360Lime(parts="grid", hidden=hidden, cell=cell):
            told = [hidden, f"{cell} px"]
        case Aix360Lime(parts=parts, hidden=hidden):
            told = [hidden, parts]
        case IntegratedGradients(fill=fill) | GradientShap(fill=fill):
            told = [str(fill)]
        case SmoothGrad(deviation=deviation):
            told = [f"noise {deviation:g}"]
        case GradCam(layer=layer):
            told = [f"layer {layer}"]
    if recipe.smoothing:
        told.append(f"smoothed {recipe.smoothing:g} px")
    return f"{recipe.method} ({', '.join(told)})"
