"""Comments that declare: ``# @param name type default help``, ``# @returns name type help``, ``# @dependency package``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from assay.authoring.environment import convert
from assay.authoring.mention import Mention, port_comment, stated_type
from assay.errors import Fault, Location, Severity
from assay.model.artifacts import Json
from assay.model.command import Role
from assay.model.component import MISSING, Form, Missing, ParamType

_TAG = re.compile(r"@(?P<tag>param|returns?|dependency)\s+(?P<rest>.+)")
_NO_DEFAULT = ("-", "required")


@dataclass(slots=True)
class Tags:
    """What the comments of a file declare."""

    mentions: list[Mention] = field(default_factory=list)
    requirements: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_tags(lines: Iterable[str], place: Callable[[int], Location], form: Callable[[int], Form]) -> Tags:
    """Return what the comment lines among ``lines`` declare.

    Args:
        place: Line number, from 1, to its place.
        form: Line number to how its variable reaches the code.
    """
    tags = Tags()
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text.startswith("#"):
            continue
        text = text.lstrip("#").strip()
        found = _TAG.fullmatch(text)
        if found is not None:
            _read(found["tag"], found["rest"], place(number), form(number), tags)
            continue
        port = port_comment(text)
        if port is not None:
            name, stated, told = port
            said = Mention(
                name, place(number), stated=stated, help=told, comment=True, form=form(number), nullable=stated.optional
            )
            tags.mentions.append(said)
    return tags


def _read(tag: str, rest: str, place: Location, form: Form, tags: Tags) -> None:
    if tag == "dependency":
        tags.requirements.append(rest.partition("#")[0].strip())
        return
    words = _words(rest)
    name, kind = words[0], words[1] if len(words) > 1 else ""
    stated = stated_type(kind.lower()) or stated_type(kind)
    if stated is None:
        message = f"@{tag} {name!r} has the type {kind!r}, which no port or parameter can have"
        hint = f"write '# @{tag} {name} int …', or float, str, bool, list, map or an artifact type such as File"
        tags.faults.append(Fault("unknown-type", message, kind or name, place, hint))
        return
    if tag != "param" or stated.port is not None:
        role = Role.OUTPUT if tag != "param" else None
        text = " ".join(words[2:])
        tags.mentions.append(
            Mention(name, place, stated=stated, help=text, comment=True, role=role, form=form, nullable=stated.optional)
        )
        return
    default = _given(name, words[2], stated.param or ParamType.STR, place, tags) if len(words) > 2 else MISSING
    text = " ".join(words[3:])
    tags.mentions.append(
        Mention(name, place, stated=stated, default=default, help=text, comment=True, role=Role.PARAM, form=form)
    )


def _given(name: str, text: str, kind: ParamType, place: Location, tags: Tags) -> Json | Missing:
    if text in _NO_DEFAULT:
        return MISSING
    try:
        return convert(text, kind, Form.JSON if kind in (ParamType.LIST, ParamType.MAP) else Form.TEXT)
    except (ValueError, TypeError, OverflowError):
        message, hint = f"@param {name!r} has the default {text!r}, which is no {kind}", "write '-' for no default"
        tags.faults.append(Fault("bad-default", message, text, place, hint))
        return MISSING


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # an apostrophe in the help
        return text.split()


_INSTALL = re.compile(
    r"\s*[!%]?\s*(?:sudo\s+)?(?:\S*python[\d.]*\s+-m\s+)?(?:uv\s+)?pip[\d.]*\s+install\s+(?P<packages>.+)"
)
_WITH_VALUE = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--prefix", "--python")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[\w,.-]+\])?\s*(?:[<>=!~].*)?")


def install_line(line: str) -> str | None:
    """Return what follows ``install`` in a line that installs Python packages; ``None`` for any other line."""
    found = _INSTALL.fullmatch(line.rstrip())
    return found["packages"] if found else None


def installed_by(line: str, place: Location) -> tuple[list[str], list[Fault]]:
    """Return the requirements of an install line; what cannot be one is a warning."""
    packages = install_line(line) or ""
    requirements: list[str] = []
    faults: list[Fault] = []
    words = iter(_words(re.split(r"\s(?:&&|\|\|?|;|#|>)\s?|;", packages)[0]))
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif word in ("-r", "-e", "-c", "--requirement", "--editable", "--constraint"):
            faults.append(_unread(f"{word} {next(words, '')}".strip(), place))
        elif word.startswith("-"):
            continue
        elif _REQUIREMENT.fullmatch(word):
            requirements.append(word)
        else:
            faults.append(_unread(word, place))
    return requirements, faults


def _unread(word: str, place: Location) -> Fault:
    message, hint = f"the install line names {word!r}, which is no package name", "add '# @dependency name' for it"
    return Fault("install-line", message, word, place, hint, Severity.WARNING)
