"""Scripts as components: told by their ending, and those in Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assay.authoring.code import file_digest, file_imports
from assay.authoring.environment import find_reads
from assay.authoring.header import header, told
from assay.authoring.interface import build
from assay.authoring.mention import Mention
from assay.authoring.options import Options, find_options
from assay.authoring.r import read_r
from assay.authoring.reading import Reading, finish, script_spec
from assay.authoring.shell import read_shell
from assay.authoring.source import Source, load_source
from assay.authoring.tags import Tags, read_tags
from assay.errors import Fault, InvalidDocument, Location, NotFound
from assay.model.component import Form, Language, ScriptImplementation

LARGEST_SCRIPT = 2 * 2**20
"""Bytes of a script; more is data."""


def read_script(file: Path, name: str) -> Reading:
    """Read a ``.py``, ``.sh`` or ``.R`` file as one component; never raises for what is in the file."""
    file = file.absolute()
    try:
        if file.stat().st_size > LARGEST_SCRIPT:
            return _too_large(file)
        match file.suffix:
            case ".sh":
                return read_shell(file, name)
            case ".R" | ".r":
                return read_r(file, name)
            case _:
                return _python(load_source(file), name)
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
    found = _found(source)
    return bool(found.tags.mentions or found.reads or found.options.declared.mentions or found.options.faults)


def _too_large(file: Path) -> Reading:
    message = f"a script of {file.stat().st_size // 2**20} MiB, at most {LARGEST_SCRIPT // 2**20} MiB"
    return Reading((), (Fault("too-large", message, file.name, Location(str(file), 1, 1), "keep data in files"),))


@dataclass(frozen=True, slots=True)
class _Found:
    """What a Python script says of its interface."""

    source: Source
    tags: Tags
    options: Options
    reads: list[Mention]


_MEMO: dict[Path, _Found] = {}
"""Kept as long as the parsed file: whether it is a script is asked before it is read as one."""


def _found(source: Source) -> _Found:
    kept = _MEMO.get(source.path)
    if kept is None or kept.source is not source:
        tags = read_tags(source.lines, lambda line: Location(str(source.path), line, 1), lambda _: Form.TEXT)
        options = find_options(source)
        kept = _MEMO[source.path] = _Found(source, tags, options, find_reads(source, options.declared.passed))
    return kept


def _python(source: Source, name: str) -> Reading:
    found = _found(source)
    tags, options = found.tags, found.options
    interface = build([*found.reads, *options.declared.mentions, *tags.mentions])
    interface.faults += [*tags.faults, *options.faults]
    import ast  # get_docstring is all that is needed here

    title, description = told(ast.get_docstring(source.tree, clean=True) or header(source.lines) or options.told)
    code = ScriptImplementation(
        str(source.path),
        file_digest(source, interface.digest_texts()),
        Language.PYTHON,
        tuple(interface.variables),
        file_imports(source),
    )
    spec = script_spec(name, code, (title, description), interface, tags.requirements)
    return finish(spec, interface.faults, Location(str(source.path), 1, 1), "a docstring")
