"""One place where a notebook or script names something that it takes or gives, and what stands there about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assay.errors import Location
from assay.model.artifacts import ArtifactType, Json, PortType
from assay.model.command import Role
from assay.model.component import MISSING, Form, Missing, ParamType

_TYPE = r"(?:list\[\w+\]|\w+)\??"
_NAMED = re.compile(rf"(?P<name>\w+)\s*:\s*(?P<type>{_TYPE})(?:[\s,.;-]+(?P<help>.*))?$")
_PARAMS = {
    **{str(kind): kind for kind in ParamType},
    "string": ParamType.STR,
    "integer": ParamType.INT,
    "boolean": ParamType.BOOL,
    "number": ParamType.FLOAT,
    "dict": ParamType.MAP,
    "secret": ParamType.STR,
}
_ARTIFACTS = {str(kind): kind for kind in ArtifactType}


@dataclass(frozen=True, slots=True)
class Stated:
    """A type as a comment says it; exactly one of ``port`` and ``param`` is there."""

    port: PortType | None = None
    param: ParamType | None = None
    optional: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """One read of a variable, one assignment in a parameters cell, or one comment.

    Attributes:
        type: What the code makes of it; ``None`` when it takes it as it comes.
        own_default: Whether the code computes a default that cannot be read here.
        role: What a comment or type says it is; ``None`` when its name tells.
        option: The word that brings it on the command line; empty for a positional argument and in every other form.
        least: Smallest number, or fewest values of a list.
        most: Largest number, or most values of a list.
        secret: Whether the code asks for it unseen.
    """

    name: str
    location: Location
    type: ParamType | None = None
    items: ParamType | None = None
    choices: tuple[Json, ...] = ()
    default: Json | Missing = MISSING
    own_default: bool = False
    nullable: bool = False
    help: str = ""
    stated: Stated | None = None
    role: Role | None = None
    form: Form = Form.TEXT
    true: str = "True"
    false: str = "False"
    comment: bool = False
    option: str = ""
    least: float | None = None
    most: float | None = None
    secret: bool = False


def stated_type(text: str) -> Stated | None:
    """Return what ``int``, ``Images``, ``list[File]``, ``Folder?`` or ``secret`` says, or ``None``."""
    optional = text.endswith("?")
    word = text.removesuffix("?")
    many = word.startswith("list[")
    inner = word[5:-1] if many else word
    if inner in _ARTIFACTS:
        return Stated(port=PortType(_ARTIFACTS[inner], many=many), optional=optional)
    if many:
        return Stated(param=ParamType.LIST, optional=optional) if inner in _PARAMS else None
    if word in _PARAMS:
        return Stated(param=_PARAMS[word], optional=optional, secret=word == "secret")
    return None


@dataclass(frozen=True, slots=True)
class Comment:
    """What comment lines say of the thing that they stand beside."""

    help: str = ""
    stated: Stated | None = None


def read_comment(lines: list[str], name: str) -> Comment:
    """Return help and type from the texts of comment lines: ``type: X`` and ``name: X help`` are types, the rest is help."""
    stated: Stated | None = None
    kept: list[str] = []
    for line in lines:
        found = _NAMED.fullmatch(line)
        if found is not None and found["name"] in ("type", name):
            said = stated_type(found["type"])
            if said is not None:
                stated, line = said, found["help"] or ""  # noqa: PLW2901  (the rest of the line is help)
        if line and not line.startswith("@"):
            kept.append(line)
    return Comment(" ".join(kept), stated)


def port_comment(line: str) -> tuple[str, Stated, str] | None:
    """Return name, type and help of a comment such as ``input_scans: Images  Slices``; ``None`` for any other."""
    found = _NAMED.fullmatch(line)
    if found is None or not found["name"].startswith(("input_", "output_")):
        return None
    said = stated_type(found["type"])
    return None if said is None else (found["name"], said, found["help"] or "")


def comments_above(lines: list[str], line: int) -> list[str]:
    """Return the texts of the comment lines right above ``line`` (from 1), in order."""
    found: list[str] = []
    number = line - 2
    while number >= 0 and lines[number].lstrip().startswith("#"):
        text = lines[number].lstrip().lstrip("#").strip()
        if not lines[number].startswith("#!"):
            found.append(text)
        number -= 1
    return found[::-1]
