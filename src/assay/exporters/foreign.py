"""A component that is a program in an image, as other platforms run it: its own image, its own command, no code of ours.

Its words are made here once, with holes where a platform puts in what is only known when it runs. What decides *which* words there
are (a condition, a list, a missing value) has to be known now: such a parameter is fixed at its default or at what ``-p`` says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assay.errors import Fault
from assay.exporters.exporter import Request
from assay.exporters.values import require_values
from assay.model.artifacts import Json
from assay.model.command import Each, Group, Item, Role, Slot, Word, slots, text_of_word, words
from assay.model.component import ContainerImplementation, ParamSpec

_MARK = re.compile("\ue000(param|input|output):([A-Za-z_][A-Za-z0-9_-]*)\ue001")
"""A hole on its way through the words: signs for private use, which no value of a person has around such a text."""


class Hole(NamedTuple):
    """Where a platform puts in the value of a parameter, the value of a secret, or the path of a port."""

    role: Role
    name: str


Parts = list[str | Hole]


@dataclass(frozen=True, slots=True)
class Foreign:
    """The program with its holes.

    Attributes:
        command: Words in place of the image's entry point; empty keeps it.
        env: Variables; a hole in one is a secret.
        open: The parameters that are given when it runs.
        fixed: Those that are not.
    """

    image: str
    command: Sequence[Parts]
    args: Sequence[Parts]
    env: Mapping[str, Parts]
    workdir: str
    open: tuple[ParamSpec, ...]
    fixed: tuple[str, ...]


def foreign(
    request: Request, values: Mapping[str, Json], faults: list[Fault], *, runtime: Callable[[ParamSpec], bool]
) -> Foreign | None:
    """Return the program of a container component; ``None`` for a component with code of its own.

    Args:
        values: Those of the request (``carried``).
        faults: Gets what no platform does: a list of files that nobody knows before it runs, an output that no placeholder names,
            the content of a file as a word, and a fixed parameter without a value.
        runtime: Whether the platform can put a parameter in when it runs.
    """
    code = request.spec.implementation
    if not isinstance(code, ContainerImplementation):
        return None
    deciding = set(_deciding((*code.command, *code.args))) | _params_of(code.env.values())
    opened = tuple(
        param
        for param in request.open_params
        if runtime(param) and param.name not in deciding and (param.required or values.get(param.name) is not None)
    )
    names = {param.name for param in opened}
    require_values(request, faults, [param for param in request.open_params if param.name not in names])
    known: dict[tuple[Role, str], Json] = {(Role.PARAM, str(name)): value for name, value in values.items()}
    known |= {(Role.PARAM, str(name)): _mark(Role.PARAM, str(name)) for name in names}
    known |= {(Role.PARAM, str(one.name)): _mark(Role.PARAM, str(one.name)) for one in request.secret_params}
    known |= _ports(request, code, faults)
    env = {name: text_of_word(word, known) for name, word in code.env.items()}
    return Foreign(
        request.image or code.image,
        [_parts(word) for word in words(code.command, known)],
        [_parts(word) for word in words(code.args, known)],
        {name: _parts(text) for name, text in env.items() if text is not None},
        code.workdir,
        opened,
        tuple(str(param.name) for param in request.open_params if param.name not in names),
    )


def filled(parts: Parts, literal: Callable[[str], str], hole: Callable[[Hole], str]) -> str:
    """Return a word as a platform writes it: ``literal`` escapes its texts, ``hole`` says what stands for a value."""
    return "".join(hole(part) if isinstance(part, Hole) else literal(part) for part in parts)


def doubled(text: str) -> str:
    """Return a text in which the kubelet expands no ``$(NAME)``."""
    return text.replace("$", "$$")


def plain_variables(found: Foreign) -> dict[str, Json]:
    """Return the variables that hold no secret."""
    return {name: "".join(map(str, parts)) for name, parts in found.env.items() if name not in secret_variables(found)}


def secret_variables(found: Foreign) -> list[str]:
    """Return the names of the variables that hold a secret, which a platform sets from where it keeps them."""
    return [name for name, parts in found.env.items() if any(isinstance(part, Hole) for part in parts)]


def mixed_secrets(found: Foreign) -> list[Fault]:
    """Return a fault for every variable with a secret and a text beside it: a platform gives a secret alone."""
    return [
        Fault("secret-in-text", f"variable {name!r} is a secret with a text beside it; a secret is given alone", name)
        for name in secret_variables(found)
        if len(found.env[name]) > 1
    ]


def told(found: Foreign) -> str:
    """Return a line for the head of a document when parameters are fixed."""
    return f"\nFixed when this was built: {', '.join(found.fixed)}" if found.fixed else ""


def _ports(request: Request, code: ContainerImplementation, faults: list[Fault]) -> dict[tuple[Role, str], Json]:
    known: dict[tuple[Role, str], Json] = {}
    used = list(slots((*code.command, *code.args, *code.env.values())))
    for port in request.spec.inputs.values():
        if port.type.many or any(slot.content for slot in used if slot.port == port.name and slot.role is Role.INPUT):
            message = f"input port {port.name!r} is a list of files, or the content of one: its words are not known before it runs"
            faults.append(Fault("no-list", message, str(port.name), hint="take a folder"))
        elif not port.optional:
            known[Role.INPUT, str(port.name)] = _mark(Role.INPUT, str(port.name))
    named = {slot.port for slot in used if slot.role is Role.OUTPUT}
    for name in request.spec.outputs:
        known[Role.OUTPUT, str(name)] = _mark(Role.OUTPUT, str(name))
        if name not in named:
            message = f"no placeholder names the output {name!r}, so it would stay inside the container"
            faults.append(Fault("no-place", message, str(name), hint=f"write {{{{outputs.{name}}}}} into the command"))
    return known


def _deciding(items: Sequence[Item]) -> Iterator[str]:
    """Yield the parameters on which it depends which words there are, or how they are written."""
    for item in items:
        match item:
            case Word(parts=parts):
                special = (part for part in parts if isinstance(part, Slot) and _special(part))
                yield from (part.port for part in special if part.role is Role.PARAM)
            case Group(items=inner, given=given, otherwise=otherwise):
                if given is not None and given.role is Role.PARAM:
                    yield given.port
                yield from _deciding((*inner, *otherwise))
            case Each(slot=slot):
                if slot.role is Role.PARAM:
                    yield slot.port


def _special(slot: Slot) -> bool:
    return bool(slot.separator) or (slot.true, slot.false) != ("true", "false")


def _params_of(env: Iterable[Word]) -> set[str]:
    return {slot.port for slot in slots(tuple(env)) if slot.role is Role.PARAM}


def _mark(role: Role, name: str) -> str:
    return f"\ue000{role}:{name}\ue001"


def _parts(text: str) -> Parts:
    parts: Parts = []
    at = 0
    for found in _MARK.finditer(text):
        parts += [text[at : found.start()], Hole(Role(found[1]), found[2])]
        at = found.end()
    return [part for part in (*parts, text[at:]) if part]
