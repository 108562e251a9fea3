"""``assay build``: from the words of the command line to files, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from assay.cli.component.request import parse_params
from assay.cli.component.sources import find_component
from assay.cli.terminal import Cell, document, note, say, say_cells
from assay.cli.writing import Written, write_documents
from assay.errors import Fault, InvalidDocument, did_you_mean
from assay.exporters import DEFAULT_BASE, Exporter, Finisher, Request, export, find_exporter
from assay.exporters.naming import dns_label, shared_name, short_name
from assay.ids import ParamName
from assay.model.artifacts import Json
from assay.model.component import ComponentSpec
from assay.views.words import counted

_SECRET = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/[-._a-zA-Z0-9]{1,253}")
_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Order:
    """The words as typed; see ``Request`` for what they mean."""

    target: str
    params: Sequence[str]
    secrets: Sequence[str]
    image: str
    base_image: str
    claim: str
    network: str
    index: str
    out: Path | None
    force: bool


def build_one(source: str, order: Order, *, json: bool) -> None:
    """Build the component that ``source`` names, and say what was written.

    Raises:
        UnknownTarget: There is no such target.
        NotFound: There is no such component.
        InvalidDocument: Its source, a word or the result has faults.
        WouldOverwrite: Files that differ are there.
    """
    exporter = find_exporter(order.target)
    spec = find_component(source)
    request = parse_order(spec, order)
    folder = order.out or Path("build") / dns_label(short_name(spec.name)) / order.target
    documents = export(order.target, request)
    facts: dict[str, Json] = {
        "target": order.target,
        "component": shared_name(spec.name),
        "version": spec.version,
        "code": spec.implementation.code,
        "image": request.reference,
    }
    written = write_documents(documents, folder, facts, force=order.force)
    if isinstance(exporter, Finisher):
        exporter.finish(request, folder, lambda line: note(line, "dim"))
    following = exporter.next.format(folder=quote(str(folder)), image=quote(request.reference))
    if json:
        files: list[Json] = [str(folder / name) for name in documents]
        document({**facts, "folder": str(folder), "files": files, "next": following})
    else:
        say_built(exporter, spec, order.target, written, following)


def parse_order(spec: ComponentSpec, order: Order) -> Request:
    """Return what is asked of the exporter; raises ``InvalidDocument`` with a fault for every word that is wrong."""
    params, faults = parse_params(spec, order.params)
    secrets: dict[ParamName, str] = {}
    known = [str(name) for name, param in spec.params.items() if param.secret]
    for word in order.secrets:
        name, _, place = word.partition("=")
        if name not in known:
            hint = did_you_mean(name, known) or (f"it has {', '.join(known)}" if known else "it has none")
            faults.append(Fault("unknown-secret", f"{spec.name} has no secret parameter {name!r}", name, hint=hint))
        elif not _SECRET.fullmatch(place):  # what is no name may be the value: it is not repeated
            message, hint = f"--secret {name}: not the NAME/KEY of a secret", f"such as --secret {name}=hospital/token"
            faults.append(Fault("bad-secret-name", message, name, hint=hint))
        else:
            secrets[ParamName(name)] = place
    if faults:
        raise InvalidDocument(faults, what="command line")
    return Request(
        spec, params, secrets, order.image, order.base_image or DEFAULT_BASE, order.claim, order.network, order.index
    )


def say_built(exporter: Exporter, spec: ComponentSpec, target: str, written: Written, following: str) -> None:
    """Say which files are new, and what to type next."""
    say(f"{shared_name(spec.name)} {spec.version} as {target}: {exporter.help}", "bold")
    for word, style, paths in (
        ("new", "green", written.new),
        ("replaced", "yellow", written.replaced),
        ("unchanged", "dim", written.unchanged),
        ("removed", "yellow", written.removed),
    ):
        for path in paths[:_MOST_SHOWN]:
            say_cells(Cell(f"  {word:<9} ", style), Cell(str(path)))
        if len(paths) > _MOST_SHOWN:
            say(f"  {word:<9} and {counted(len(paths) - _MOST_SHOWN, 'file')} more")
    say()
    say("Next:", "bold")
    say(f"  {following}")
