"""Which options a Python script takes, whatever library reads them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from assay.authoring.options.argparse_calls import read_argparse
from assay.authoring.options.click_decorators import read_click
from assay.authoring.options.declaration import Declarations
from assay.authoring.options.typer_signatures import read_typer
from assay.authoring.source import Source
from assay.errors import Fault

_READERS = {"argparse": read_argparse, "click": read_click, "typer": read_typer}


@dataclass(frozen=True, slots=True)
class Options:
    """What a script takes on its command line.

    Attributes:
        declared: The options as mentions, and the nodes that they have been read from.
        told: What the parser or command says of the script.
    """

    declared: Declarations
    told: str = ""

    @property
    def faults(self) -> list[Fault]:
        """What is wrong with the options."""
        return self.declared.faults.found


def find_options(source: Source) -> Options:
    """Return the options of ``source``; none when it imports none of the libraries that read them."""
    declared = Declarations(source)
    told = [
        read(declared) for library, read in _READERS.items() if library in source.text and _imports(library, source)
    ]
    return Options(declared, next(filter(None, told), ""))


def _imports(library: str, source: Source) -> bool:
    """Whether a library is imported anywhere: many scripts import ``argparse`` inside ``main``."""
    if any(origin.partition(".")[0] == library for origin in source.imports.values()):
        return True
    inner = (node for node in ast.walk(source.tree) if isinstance(node, ast.Import))
    return any(alias.name == library for node in inner for alias in node.names)
