"""Which package on the index gives a module."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

_OTHERWISE_NAMED = {
    "Bio": "biopython",
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "yaml": "pyyaml",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@functools.cache
def package_of(module: str) -> str:
    """Return the package that gives ``module``: a well-known one, the installed one, or the module's own name."""
    if module in _OTHERWISE_NAMED:
        return _OTHERWISE_NAMED[module]
    return _installed().get(module, module)


@functools.cache
def _installed() -> dict[str, str]:
    from importlib import metadata  # reads every installed package: only for a module that is not declared

    return {module: names[0] for module, names in metadata.packages_distributions().items() if len(set(names)) == 1}


def declared(requirements: Iterable[str]) -> set[str]:
    """Return the names in ``requires``, in small letters, without versions; an underscore counts as a dash and as itself."""
    found = {match[0].lower() for text in requirements if (match := _NAME.match(text.strip()))}
    return found | {name.replace("-", "_") for name in found} | {name.replace("_", "-") for name in found}
