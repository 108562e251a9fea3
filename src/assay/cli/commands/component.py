"""``assay component``."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json, Store
from assay.cli.terminal import Cell, document, say, say_cells
from assay.errors import ExitCode

app = new_app()

Words = list[str] | None
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE|NAME...",
        autocompletion=completion.component_sources,
        help="Component files, folders of them, or names such as train/image-classifier.",
    ),
]


@app.callback()
def component() -> None:
    """Write, check, run, test and explain components."""


@app.command("new")
def new_component(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as filter/drop-empty.")],
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Where; default: components/CATEGORY.")
    ] = None,
    kind: Annotated[str, typer.Option("--kind", help="What it is written as: function.")] = "function",
    given: Annotated[
        Words, typer.Option("--input", metavar="PORT:TYPE", help="An input port, such as table:Dataset.")
    ] = None,
    output: Annotated[
        Words,
        typer.Option("--output", metavar="PORT:TYPE", help="An output port, such as kept:Dataset or share:float."),
    ] = None,
    param: Annotated[
        Words, typer.Option("--param", metavar="NAME:TYPE=DEFAULT", help="A parameter, such as limit:float=0.5.")
    ] = None,
    licence: Annotated[str, typer.Option("--licence", help="SPDX name of its licence.")] = "Apache-2.0",
    json: Json = False,
) -> None:
    """Write a new component and its test.

    Both run as they are. No file is ever overwritten. Without --input, --output and --param, it takes a table and gives one back.
    """
    from assay.cli.component.asked import check_kind, parse_asked  # here and below: one word's modules, not all five's
    from assay.cli.component.scaffold import write_component

    check_kind(kind)
    asked = parse_asked(name, given or [], output or [], param or [])
    files = write_component(asked, folder or Path("components") / name.partition("/")[0].replace("-", "_"), licence)
    if json:
        document({"name": name, "files": [str(files.component), str(files.test)]})
        return
    for path in (files.component, files.test):
        say_cells(Cell("  new   ", "green"), Cell(str(path)))
    say()
    say("Next:", "bold")
    file = quote(str(files.component))
    for verb in ("check", "test"):
        say(f"  assay component {verb} {file}")
    inputs = "".join(f" --input {port.name}=PATH" for port in asked.inputs)
    say(f"  assay component run {file}{inputs}")


@app.command("check")
def check_components(
    sources: Sources,
    fix: Annotated[bool, typer.Option("--fix", help="Write the repairs that are certain into the files.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 2 for warnings too.")] = False,
    json: Json = False,
) -> None:
    """Find every fault of component sources, and what a good component has and these lack.

    Each with its place, the reason, and the repair where there is one. Nothing is run. Exits with 2 when a source has an error; warnings count only with --strict.
    """
    from assay.cli.component.checking import mend, say_checked
    from assay.cli.component.sources import find_files

    checked = [mend(file, write=fix) for file in find_files(sources)]
    if json:
        document([one.json() for one in checked])
    else:
        for one in checked:
            say_checked(one, strict=strict)
    if not all(one.checked.ok and not (strict and one.checked.faults) for one in checked):
        raise typer.Exit(ExitCode.BAD_INPUT)


@app.command("run")
def run_component(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE[:FUNCTION]|NAME", autocompletion=completion.component_sources, help="Which component."
        ),
    ],
    given: Annotated[
        Words,
        typer.Option("--input", "-i", metavar="PORT=PATH", help="File or folder for a port; again for a list port."),
    ] = None,
    param: Annotated[
        Words,
        typer.Option(
            "--param",
            "-p",
            metavar="NAME=VALUE",
            autocompletion=completion.component_params,
            help="Set a parameter.",
        ),
    ] = None,
    secret: Annotated[
        Words,
        typer.Option("--secret", metavar="PARAM=NAME", help="Give a secret parameter the secret of this name."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where outputs go; default: outputs-NAME.")
    ] = None,
    cache: Annotated[bool, typer.Option("--cache", help="Reuse a result of the same content.")] = False,
    memory: Annotated[
        str | None, typer.Option("--memory", metavar="SIZE", help="Its memory limit, such as 4Gi.")
    ] = None,
    store: Store = None,
    json: Json = False,
) -> None:
    """Run one component on files of your own, through the real engine.

    Its log is shown as it comes; with --json it goes to stderr. Outputs are copied to --out, metrics are shown. The run is in the record like any other: 'assay show last', 'assay resume'.
    """
    from assay.cli.component.request import Request  # the engine and SQLite: only when something runs
    from assay.cli.component.running import run_one

    run_one(source, Request(given or [], param or [], secret or [], out, memory, cache=cache), store, json=json)


@app.command("test")
def try_components(sources: Sources, json: Json = False) -> None:
    """Run the tests of components, and hold each against the contract.

    Tests are test_FILE.py beside a file or in tests/, run by pytest. The contract: it is read without being run, its defaults suit, its order survives step.json, it can be imported here, and its signature is the one read. Exits with 1 when something fails.
    """
    from assay.cli.component.sources import find_files
    from assay.cli.component.testing import say_tested, try_file

    tested = [try_file(file) for file in find_files(sources)]
    if json:
        document([one.json() for one in tested])
    else:
        for one in tested:
            say_tested(one)
    if not all(one.ok for one in tested):
        raise typer.Exit(ExitCode.RUN_FAILED)


@app.command("docs")
def document_components(
    names: Annotated[
        Words,
        typer.Argument(
            metavar="[NAME...]", autocompletion=completion.component_sources, help="Which; default: the whole catalog."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Write one page each, and an index.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="markdown or json.")] = "markdown",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 2 when a page in DIR is out of date.")
    ] = False,
) -> None:
    """Write the reference page of components.

    Without --out it goes to stdout. An example of how to use a component is part of its page.
    """
    from assay.cli.component.pages import write_pages

    write_pages(names or [], out, form, check=check)
