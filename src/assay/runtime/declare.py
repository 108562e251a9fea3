"""How a component is declared: the decorator and what may stand in ``Annotated``. Both are read from source, never run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeVar, overload

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


class Param(NamedTuple):
    """Limits and help of a parameter: ``Annotated[float, Param(min=0, max=0.9, unit="share")]``.

    Attributes:
        min: Smallest number (or shortest list) allowed, inclusive.
        max: Largest, inclusive.
        unit: Such as ``mm`` or ``years``.
        help: One sentence; the docstring's ``Args`` section is the better place.
        secret: The value is named under ``secrets:`` and is never written down.
        choices: The only values allowed; ``Literal`` is the better way where the type is plain.
    """

    # A named tuple and not a dataclass: every step's process loads this module, and dataclasses cost as much as all of it.
    min: float | None = None
    max: float | None = None
    unit: str = ""
    help: str = ""
    secret: bool = False
    choices: tuple[object, ...] = ()


@overload
def component(name: FunctionT, /) -> FunctionT: ...


@overload
def component(
    name: str = "",
    /,
    *,
    version: str = "0",
    title: str = "",
    tags: Sequence[str] = (),
    licence: str = "",
    authors: Sequence[str] = (),
    requires: Sequence[str] = (),
    cpu: float = 1.0,
    memory: str = "",
    gpu: int = 0,
    isolation: Literal["fork", "spawn"] = "fork",
    cache: bool = True,
    preload: Sequence[str] = (),
) -> Callable[[FunctionT], FunctionT]: ...


def component(name: FunctionT | str = "", /, **_facts: object) -> FunctionT | Callable[[FunctionT], FunctionT]:
    """Declare a typed, documented function to be a component; returns the very same function.

    Its ports and parameters are read from its source (``assay.authoring``), so all arguments here are literals.

    Args:
        name: ``category/name``; left out for a component that is used by its file, ``./steps.py:clean``.
        version: Any text; the catalog orders dotted numbers.
        title: For people; default: the first line of the docstring.
        tags: Words to find it by.
        licence: SPDX expression, such as ``Apache-2.0``.
        authors: Names.
        requires: Python packages it needs, as requirement texts.
        cpu: Cores it keeps busy.
        memory: Most it may use, such as ``4Gi``; empty for no limit.
        gpu: Accelerators.
        isolation: ``fork`` from a warm process, or ``spawn`` a new one.
        cache: Whether its outputs may be used again for the same inputs and parameters.
        preload: Modules to import before the fork, in place of those found in the source.

    Example:
        >>> @component("transform/double", version="1.0.0")
        ... def double(number: int) -> int:
        ...     '''Double a number.'''
        ...     return 2 * number
        >>> double(4)
        8
    """
    if callable(name):
        return name
    return _same


def _same(function: FunctionT) -> FunctionT:
    return function
