"""Python and shell scripts as components."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from assay.authoring.code import file_digest, file_imports
from assay.authoring.docstring import parse_docstring
from assay.authoring.environment import convert, find_reads
from assay.authoring.interface import Interface, build
from assay.authoring.mention import Mention, comments_above, read_comment
from assay.authoring.options import find_options
from assay.authoring.reading import Reading, finish
from assay.authoring.source import Source, load_source
from assay.authoring.tags import install_line, installed_by, read_tags
from assay.errors import Fault, InvalidDocument, Location, NotFound
from assay.ids import ComponentName
from assay.model.artifacts import Json
from assay.model.component import MISSING, ComponentSpec, Form, Language, Missing, ParamType, ScriptImplementation

LARGEST_SCRIPT = 2 * 2**20
"""Bytes of a script; more is data."""

_EXPANSION = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*)(?P<op>:?[-=?])(?P<word>(?:[^{}\\]|\\.)*)\}")
_PLAIN = re.compile(r"\$\{?(?P<name>(?:input|output|INPUT|OUTPUT)_\w+)\}?")
_QUOTED = re.compile(r"'[^']*'")
_BACKSLASH = re.compile(r"\\([\\$`\"}])")


def read_script(file: Path, name: str) -> Reading:
    """Read a ``.py`` or ``.sh`` file as one component; never raises for what is in the file."""
    file = file.absolute()
    try:
        if file.stat().st_size > LARGEST_SCRIPT:
            return _too_large(file)
        return _shell(file, name) if file.suffix == ".sh" else _python(load_source(file), name)
    except InvalidDocument as error:
        return Reading((), error.faults)
    except NotFound as error:
        return Reading((), (error.fault(),))
    except OSError as error:
        return Reading((), (Fault("not-found", f"cannot read {file}: {error.strerror}", str(file)),))


def is_script(file: Path) -> bool:
    """Whether a Python file of a component folder says that it takes or gives something; others are modules."""
    try:
        source = load_source(file.absolute())
    except (InvalidDocument, NotFound):
        return False
    tags = read_tags(source.lines, lambda line: Location(str(file), line, 1), lambda _: Form.TEXT)
    return bool(tags.mentions or find_reads(source) or find_options(source).declared.mentions)


def _too_large(file: Path) -> Reading:
    message = f"a script of {file.stat().st_size // 2**20} MiB, at most {LARGEST_SCRIPT // 2**20} MiB"
    return Reading((), (Fault("too-large", message, file.name, Location(str(file), 1, 1), "keep data in files"),))


def _python(source: Source, name: str) -> Reading:
    tags = read_tags(source.lines, lambda line: Location(str(source.path), line, 1), lambda _: Form.TEXT)
    options = find_options(source)
    reads = find_reads(source, options.declared.passed)
    interface = build([*reads, *options.declared.mentions, *tags.mentions])
    interface.faults += [*tags.faults, *options.faults]
    import ast  # get_docstring is all that is needed here

    title, description = _told(ast.get_docstring(source.tree, clean=True) or _header(source.lines) or options.told)
    code = ScriptImplementation(
        str(source.path),
        file_digest(source, interface.digest_texts()),
        Language.PYTHON,
        tuple(interface.variables),
        file_imports(source),
    )
    spec = _spec(name, code, title, description, interface, tags.requirements)
    return finish(spec, interface.faults, Location(str(source.path), 1, 1), "a docstring")


def _shell(file: Path, name: str) -> Reading:
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
    title, description = _told(_header(lines))
    digest = hashlib.sha256("\n".join([text, *interface.digest_texts()]).encode()).hexdigest()
    code = ScriptImplementation(str(file), digest, Language.SHELL, tuple(interface.variables))
    spec = _spec(name, code, title, description, interface, requirements)
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


def _header(lines: list[str]) -> str:
    """Return the comment block at the head of a file, without the line for the kernel and the tags."""
    found: list[str] = []
    for line in lines:
        if line.startswith("#!") or (not found and not line.strip()):
            continue
        if not line.startswith("#"):
            break
        text = line.lstrip("#").strip()
        if (
            text.startswith(("@", "-*-", "vim:", "type:", "input_", "output_"))
            or set(text) & set("=-") == set(text) != set()
        ):
            continue
        found.append(text)
    return "\n".join(found).strip()


def _told(text: str) -> tuple[str, str]:
    told = parse_docstring(text) if text else None
    return (told.title, told.description) if told else ("", "")


def _spec(
    name: str, code: ScriptImplementation, title: str, description: str, interface: Interface, requirements: list[str]
) -> ComponentSpec:
    return ComponentSpec(
        name=ComponentName(name),
        implementation=code,
        title=title,
        description=description,
        params=interface.params,
        inputs=interface.inputs,
        outputs=interface.outputs,
        requirements=tuple(dict.fromkeys(requirements)),
    )
