"""Reference pages of components: written from their specifications, so that they cannot say anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import typer

from assay.cli.component.example import example
from assay.cli.component.sources import find_component, use_of
from assay.cli.componentview import allowed
from assay.cli.project import catalog
from assay.cli.terminal import Cell, document, note, say, say_cells
from assay.errors import ExitCode, NotFound, did_you_mean
from assay.model.component import MISSING, ComponentSpec, ContainerImplementation, ParamSpec, PortSpec
from assay.model.quantities import format_memory
from assay.views.shapes import component_page_json
from assay.views.words import counted

INDEX = "README.md"
_FORMATS = ("markdown", "json")
_MARK = "<!-- Written by 'assay component docs'; changes are lost. -->"


def write_pages(names: Sequence[str], out: Path | None, form: str, *, check: bool) -> None:
    """Write, print or compare the pages of the components that ``names`` say, or of the whole catalog.

    Raises:
        NotFound: There is no such component, form or folder.
    """
    if form not in _FORMATS:
        hint = did_you_mean(form, _FORMATS) or f"there are {', '.join(_FORMATS)}"
        raise NotFound(f"no page is written as {form!r}", culprit=form, hint=hint)
    if check and out is None:
        raise NotFound("--check compares with the pages of a folder", culprit="--check", hint="name it: --out DIR")
    texts = _texts(names, form)
    if out is None:
        _print(texts, form)
    elif check:
        _compare(texts, out, _gone(texts, out, names))
    else:
        _write(texts, out)
        for path in _gone(texts, out, names):
            path.unlink()
            say_cells(Cell("  removed  ", "yellow"), Cell(str(path)))


def markdown_pages(pairs: Sequence[tuple[ComponentSpec, str]], known: Sequence[ComponentSpec]) -> dict[str, str]:
    """Return the text of every page by file name, the index first.

    Args:
        pairs: Components, each with what ``use:`` says of it.
        known: Components that examples may take their inputs from.
    """
    pages = {page_name(spec): page(spec, use, example(spec, known, use)) for spec, use in pairs}
    return {INDEX: _index([spec for spec, _ in pairs]), **pages}


def page_name(spec: ComponentSpec) -> str:
    """Return the file name of a component's page: ``train-image-classifier.md``."""
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', spec.name.removesuffix('.py')).strip('-')}.md"


def page(spec: ComponentSpec, use: str, pipeline: str) -> str:
    """Return the reference page of one component, with ``pipeline`` as the example of its use."""
    parts = [_MARK, "", f"# {spec.name}", "", f"{spec.title}." if spec.title else "", ""]
    if spec.description:
        parts += [spec.description, ""]
    parts += _ports("Inputs", spec.inputs.values()) + _ports("Outputs", spec.outputs.values())
    if spec.params:
        parts += ["## Parameters", "", "| name | type | default | allowed | unit | help |", "|---|---|---|---|---|---|"]
        parts += [_param(param) for param in spec.params.values()] + [""]
    parts += ["## Needs", "", *_needs(spec), "", "## In a pipeline", ""]
    if pipeline:
        parts += ["```yaml", pipeline.rstrip("\n"), "```"]
    else:
        parts += [
            f"`use: {use}`. No component of the catalog makes what it takes: wire its inputs to steps of your own."
        ]
    return "\n".join(parts).rstrip() + "\n"


def _texts(names: Sequence[str], form: str) -> dict[str, str]:
    listed = catalog().list()
    pairs = [(find_component(name), use_of(name)) for name in names] or [(spec, str(spec.name)) for spec in listed]
    if form == "json":
        data = [component_page_json(spec, example(spec, listed, use)) for spec, use in pairs]
        return {"components.json": json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"}
    return markdown_pages(pairs, listed)


def _print(texts: dict[str, str], form: str) -> None:
    if form == "json":
        document(json.loads(texts["components.json"]))
        return
    for name, text in texts.items():
        if name != INDEX or len(texts) > 2:
            for line in text.removeprefix(f"{_MARK}\n\n").splitlines():
                say(line)
            say()


def _write(texts: dict[str, str], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    written = 0
    for name, text in texts.items():
        path = out / name
        if _content(path) == text:
            continue
        foreign = path.exists() and name.endswith(".md") and not _content(path).startswith(_MARK)
        if foreign:
            raise NotFound(
                f"{path} was not written by this command", culprit=str(path), hint="move it, or name another --out DIR"
            )
        path.write_text(text, encoding="utf-8")
        say_cells(Cell("  wrote  ", "green"), Cell(str(path)))
        written += 1
    note(f"{counted(len(texts), 'page')}, {written} changed", "dim")


def _gone(texts: dict[str, str], out: Path, names: Sequence[str]) -> list[Path]:
    """Return the pages of components that the catalog has no longer; with ``names``, nothing is known of the others."""
    if names or INDEX not in texts:
        return []
    return [path for path in sorted(out.glob("*.md")) if path.name not in texts and _content(path).startswith(_MARK)]


def _compare(texts: dict[str, str], out: Path, gone: Sequence[Path]) -> None:
    for path in gone:
        note(f"{path} is about a component that is no longer there", "yellow")
    stale = [out / name for name, text in texts.items() if _content(out / name) != text]
    for path in stale:
        note(f"{path} is {'out of date' if path.exists() else 'not there'}", "yellow")
    if stale or gone:
        note(f"  hint: assay component docs --out {out}")
        raise typer.Exit(ExitCode.BAD_INPUT)
    say(f"✔ {counted(len(texts), 'page')} up to date", "green")


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _index(specs: Sequence[ComponentSpec]) -> str:
    parts = [_MARK, "", "# Components", ""]
    for category in sorted({spec.category for spec in specs}):
        parts += [f"## {category or 'files'}", "", "| component | version | what it does |", "|---|---|---|"]
        parts += [
            f"| [{spec.name}]({page_name(spec)}) | {spec.version} | {_cell(spec.title)} |"
            for spec in specs
            if spec.category == category
        ]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _ports(title: str, ports: Iterable[PortSpec]) -> list[str]:
    listed = list(ports)
    if not listed:
        return []
    rows = [f"| `{p.name}` | {p.type} | {_cell(p.help)}{' Optional.' if p.optional else ''} |" for p in listed]
    return [f"## {title}", "", "| port | type | help |", "|---|---|---|", *rows, ""]


def _param(param: ParamSpec) -> str:
    kind = f"{param.type}[{param.items}]" if param.items else str(param.type)
    default = "required" if param.default is MISSING else f"`{_cell(json.dumps(param.default, ensure_ascii=False))}`"
    null = " or null" if param.nullable else ""
    secret = " Secret: given by name." if param.secret else ""
    return f"| `{param.name}` | {kind}{null} | {default} | {_cell(allowed(param))} | {_cell(param.unit)} | {_cell(param.help)}{secret} |"


def _needs(spec: ComponentSpec) -> list[str]:
    resources = spec.resources
    memory = f", memory {format_memory(resources.memory)}" if resources.memory else ""
    gpu = f", gpu {resources.gpu}" if resources.gpu else ""
    code = spec.implementation
    packages = f"* Packages: {', '.join(f'`{name}`' for name in spec.requirements) or 'nothing but Python'}"
    lines = [
        f"* Image: `{code.image}`" if isinstance(code, ContainerImplementation) else packages,
        f"* Resources: cpu {resources.cpu:g}{memory}{gpu}",
        f"* Reuse: {'results of the same content are reused' if spec.cache else 'runs every time'}",
        f"* Version: {spec.version}",
    ]
    lines += [f"* Licence: {spec.licence}"] if spec.licence else []
    lines += [f"* Authors: {', '.join(spec.authors)}"] if spec.authors else []
    return lines + ([f"* Tags: {', '.join(spec.tags)}"] if spec.tags else [])


def _cell(text: str) -> str:
    """Return ``text`` for a cell of a table: a bar would end it, a line break the table, an angle bracket begin HTML."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
