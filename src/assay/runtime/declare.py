"""How a component is declared: the decorator and what may stand in ``Annotated``. Both are read from source, never run."""

from __future__ import annotations

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal, Self, TypeVar, overload

    FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


class Param(tuple):  # type: ignore[type-arg]
    """Limits and help of a parameter: ``Annotated[float, Param(min=0, max=0.9, unit="share")]``.

    Attributes:
        min: Smallest number (or shortest list) allowed, inclusive.
        max: Largest, inclusive.
        unit: Such as ``mm`` or ``years``.
        help: One sentence; the docstring's ``Args`` section is the better place.
        secret: The value is named under ``secrets:`` and is never written down.
        choices: The only values allowed; ``Literal`` is the better way where the type is plain.
        path: Of a ``Path``: whether it names a ``"file"`` or a ``"folder"``; an editor then offers those.
        column_of: Of a text, or of a list of texts: the input port, or the ``Path`` parameter, whose table has the columns that it
            names; an editor then offers them.
    """

    # A tuple with names, written out: every step's process loads this module, and a dataclass or typing's NamedTuple would
    # bring more with it than all else here.
    __slots__ = ()

    def __new__(
        cls,
        min: float | None = None,  # noqa: A002  (the field's name)
        max: float | None = None,  # noqa: A002
        unit: str = "",
        help: str = "",  # noqa: A002
        secret: bool = False,  # noqa: FBT001, FBT002  (written by name)
        choices: tuple[object, ...] = (),
        path: Literal["", "file", "folder"] = "",
        column_of: str = "",
    ) -> Self:
        """Return the limits."""
        return tuple.__new__(cls, (min, max, unit, help, secret, choices, path, column_of))

    min = property(lambda self: self[0])
    max = property(lambda self: self[1])
    unit = property(lambda self: self[2])
    help = property(lambda self: self[3])
    secret = property(lambda self: self[4])
    choices = property(lambda self: self[5])
    path = property(lambda self: self[6])
    column_of = property(lambda self: self[7])


if TYPE_CHECKING:

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
