"""The R packages that a script loads and installs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from assay.authoring.r.calls import Call, NotLiteral, value_of
from assay.authoring.r.tokens import Kind, Token
from assay.errors import Fault, Location, Severity

_LOADING = ("library", "require", "requireNamespace", "loadNamespace", "base::library", "base::require")
_INSTALLING = ("install.packages", "utils::install.packages")
_ELSEWHERE = (
    "remotes::install_",
    "devtools::install_",
    "pak::pak",
    "pak::pkg_install",
    "BiocManager::install",
    "renv::",
)
_BASE = frozenset(
    "base compiler datasets graphics grDevices grid methods parallel splines stats stats4 tcltk tools utils".split()  # noqa: SIM905
)


@dataclass(slots=True)
class Packages:
    """The packages of a script, in the order of the text; those that come with R left out."""

    names: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def find_packages(calls: Iterable[Call], place: Callable[[Token], Location]) -> Packages:
    """Return what ``library``, ``require``, ``install.packages`` and ``package::name`` say."""
    found = Packages()
    for call in calls:
        package, colons, _ = call.function.partition("::")
        if call.function in _LOADING:
            found.names += _loaded(call, place, found.faults)
        elif call.function in _INSTALLING:
            found.names += _installed(call, place, found.faults)
        elif call.function.startswith(_ELSEWHERE):
            message = f"{call.function}(…) installs from elsewhere; only names of packages are read"
            hint = "add '# @dependency name' for it"
            found.faults.append(
                Fault("install-line", message, call.function, place(call.place), hint, Severity.WARNING)
            )
        elif colons:
            found.names.append(package)
    found.names = [name for name in dict.fromkeys(found.names) if name not in _BASE]
    return found


def _loaded(call: Call, place: Callable[[Token], Location], faults: list[Fault]) -> list[str]:
    """``library(dplyr)`` and ``library("dplyr")``; a name that is a variable cannot be read."""
    given = call.argument("package", 0)
    by_variable = any(
        a.name == "character.only" and [t.text for t in a.tokens] in (["TRUE"], ["T"]) for a in call.arguments
    )
    quoting = call.function.rpartition(":")[2] in ("library", "require") and not by_variable
    match given:
        case [Token(kind=Kind.STRING, text=name)]:
            return [name]
        case [Token(kind=Kind.NAME, text=name)] if quoting:
            return [name]
        case []:
            return []
    message = f"{call.function}(…) loads a package whose name cannot be read without running code"
    hint = "add '# @dependency name' for it"
    faults.append(Fault("install-line", message, call.function, place(call.place), hint, Severity.WARNING))
    return []


def _installed(call: Call, place: Callable[[Token], Location], faults: list[Fault]) -> list[str]:
    hint = "remove the call: the requirement stands in the component"
    message = "the script installs packages while it runs"
    faults.append(Fault("installs", message, "install.packages", place(call.place), hint, Severity.WARNING))
    try:
        named = value_of(call.argument("pkgs", 0))
    except NotLiteral:
        named = None
    names = [name for name in (named if isinstance(named, list) else [named]) if isinstance(name, str)]
    if not names:
        told = "install.packages(…) names packages that cannot be read without running code"
        hint = "add '# @dependency name' for each"
        faults.append(Fault("install-line", told, "install.packages", place(call.place), hint, Severity.WARNING))
    return names
