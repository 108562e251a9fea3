"""Shell scripts as components."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from assay.authoring.environment import convert
from assay.authoring.header import header, told
from assay.authoring.interface import build
from assay.authoring.mention import Mention, comments_above, read_comment
from assay.authoring.reading import Reading, finish, script_spec
from assay.authoring.tags import install_line, installed_by, read_tags
from assay.errors import Fault, Location
from assay.model.artifacts import Json
from assay.model.component import MISSING, Form, Language, Missing, ParamType, ScriptImplementation

_EXPANSION = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*)(?P<op>:?[-=?])(?P<word>(?:[^{}\\]|\\.)*)\}")
_PLAIN = re.compile(r"\$\{?(?P<name>(?:input|output|INPUT|OUTPUT)_\w+)\}?")
_QUOTED = re.compile(r"'[^']*'")
_BACKSLASH = re.compile(r"\\([\\$`\"}])")


def read_shell(file: Path, name: str) -> Reading:
    """Read a ``.sh`` file as one component; never raises for what is in its text."""
    content = file.read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        bad = Location(str(file), content[: error.start].count(b"\n") + 1, 1)
        return Reading((), (Fault("syntax", "not UTF-8 text", file.name, bad, "save it as UTF-8"),))
    lines = text.splitlines()

    def place(line: int) -> Location:
        return Location(str(file), line, 1)

    tags = read_tags(lines, place, lambda _: Form.TEXT)
    interface = build([*_expansions(lines, place), *tags.mentions])
    interface.faults += tags.faults
    requirements = list(tags.requirements)
    for number, line in enumerate(lines, 1):
        if install_line(line) is not None:
            found, faults = installed_by(line, place(number))
            requirements += found
            interface.faults += faults
            hint = "remove the line: the requirement stands in the component"
            interface.warning("installs", "the script installs packages each time it runs", place(number), "", hint)
    title, description = told(header(lines))
    digest = hashlib.sha256("\n".join([text, *interface.digest_texts()]).encode()).hexdigest()
    code = ScriptImplementation(str(file), digest, Language.SHELL, tuple(interface.variables))
    spec = script_spec(name, code, (title, description), interface, requirements)
    return finish(spec, interface.faults, place(1), "a comment at its head")


def _expansions(lines: list[str], place: Callable[[int], Location]) -> list[Mention]:
    """Return ``${NAME:-default}``, ``${NAME:=default}`` and ``${NAME:?}``, and every ``$input_…`` and ``$output_…``."""
    found: list[Mention] = []
    assigned: set[str] = set()
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("#"):
            continue
        if '"' not in line:
            line = _QUOTED.sub("", line)  # noqa: PLW2901  (bash expands nothing in it)
        where = place(number)
        expanded = [match for match in _EXPANSION.finditer(line) if match["name"] not in assigned]
        found += [_expansion(match, lines, number, where) for match in expanded]
        seen = {mention.name for mention in found}
        found += [
            Mention(match["name"], where, type=ParamType.STR)
            for match in _PLAIN.finditer(line)
            if match["name"] not in seen | assigned
        ]
        own = re.match(r"\s*(?:export\s+|local\s+|readonly\s+)?([A-Za-z_]\w*)=", line)
        if own and own[1] not in seen:
            assigned.add(own[1])
    return found


def _expansion(match: re.Match[str], lines: list[str], number: int, where: Location) -> Mention:
    said = read_comment(comments_above(lines, number), match["name"])
    default: Json | Missing = MISSING
    kind = ParamType.STR
    own = False
    if match["op"].endswith(("-", "=")):
        word = match["word"]
        own = bool(re.search(r"(?<!\\)[$`]", word))
        text = _BACKSLASH.sub(r"\1", word.strip('"') if word.startswith('"') else word)
        default, kind = (MISSING, ParamType.STR) if own else _shell_value(text)
    return Mention(
        match["name"],
        where,
        type=kind,
        default=default,
        own_default=own,
        help=said.help,
        stated=said.stated,
        true="true",
        false="false",
    )


def _shell_value(text: str) -> tuple[Json, ParamType]:
    if text in ("true", "false"):
        return text == "true", ParamType.BOOL
    for kind in (ParamType.INT, ParamType.FLOAT):
        try:
            value = convert(text, kind)
        except (ValueError, OverflowError):
            continue
        if repr(value) == text:  # not so a version such as 1.10
            return value, kind
    return text, ParamType.STR
