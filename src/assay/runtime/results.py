"""From what a function returned and wrote to one raw output a declared port."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.runtime.artifacts import CLASSES, Folder, Handle
from assay.runtime.failures import StepFailure

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from typing import Any

LARGEST_VALUE = 256 * 1024
"""Bytes of a value as JSON: it is kept in the run's record."""


class _Raw:
    """Equal to its like. Not a named tuple or dataclass: a fresh interpreter would import more for it than for all else here."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Raw) and type(self) is type(other) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash((type(self), *self._fields))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._fields))})"

    @property
    def _fields(self) -> list[object]:
        return [getattr(self, name) for name in self.__match_args__]


class RawArtifact(_Raw):
    """A file or folder below ``outputs/``, not yet in the store; ``type`` is the port's artifact type."""

    __slots__ = __match_args__ = ("type", "path")

    def __init__(self, type: str, path: Path) -> None:  # noqa: A002  (the field's name)
        self.type, self.path = type, path


class RawList(_Raw):
    """The ordered files or folders of a list port."""

    __slots__ = __match_args__ = ("type", "paths")

    def __init__(self, type: str, paths: tuple[Path, ...]) -> None:  # noqa: A002
        self.type, self.paths = type, paths


class RawValue(_Raw):
    """A small JSON value, also written to ``outputs/<port>.json``."""

    __slots__ = __match_args__ = ("json",)

    def __init__(self, json: Any) -> None:
        self.json = json


RawOutput = RawArtifact | RawList | RawValue


def collect(outputs: Path, declared: Mapping[str, Mapping[str, Any]], returned: object) -> dict[str, RawOutput]:
    """Return the outputs by port, each inside the folder ``outputs``.

    A port takes what the function returned for it, else what it wrote under the port's name. A path outside ``outputs`` is
    copied there. Raises ``StepFailure``: ``missing-output`` naming every required port without anything, or ``bad-output``.
    """
    collector = _Collector(outputs)
    given = _by_port(declared, returned)
    found: dict[str, RawOutput] = {}
    missing: list[str] = []
    for port, facts in declared.items():
        value = given.get(port)
        said_none = value is None and port in given and facts.get("optional")
        if value is None and not said_none:
            value = collector.written(port, facts)
        if value is not None or (said_none and facts["type"] == "Value"):
            found[port] = collector.raw(port, facts, value)
        elif not facts.get("optional"):
            missing.append(port)
    if missing:
        ports = "output " + repr(missing[0]) if len(missing) == 1 else "outputs " + ", ".join(map(repr, missing))
        raise StepFailure(
            "missing-output", f"{ports}: nothing was returned or written", hint="return every declared output"
        )
    collector.report_undeclared()
    return found


def _by_port(declared: Mapping[str, Any], returned: object) -> dict[str, Any]:
    """Bind a returned value to ports: by field name for a named tuple, to the one port otherwise."""
    if not declared or returned is None or returned is NOTHING:
        return dict.fromkeys(declared) if returned is None and len(declared) == 1 else {}
    fields = getattr(returned, "_fields", None)
    if isinstance(returned, tuple) and fields is not None and set(fields) & set(declared):
        return dict(zip(fields, returned, strict=True))
    if len(declared) == 1:
        return {next(iter(declared)): returned}
    if isinstance(returned, tuple) and len(returned) == len(declared):
        return dict(zip(declared, returned, strict=True))
    ports = ", ".join(map(repr, declared)) or "none"
    raise StepFailure("bad-output", f"returned {type(returned).__name__} for the outputs {ports}")


NOTHING = object()
"""Stands for a function that ended without returning (``sys.exit(0)``)."""


class _Collector:
    """Works in one ``outputs`` folder and remembers which of its entries a port has taken."""

    def __init__(self, outputs: Path) -> None:
        self._outputs = Path(os.path.abspath(outputs))
        self._taken: set[str] = set()

    def written(self, port: str, facts: Mapping[str, Any]) -> Any:
        """Return what stands in ``outputs`` under the port's name, or ``None``."""
        if facts["type"] == "Value":
            file = self._outputs / f"{port}.json"
            return _read_value(port, file) if file.is_file() else None
        folder = self._outputs / port
        if facts.get("many"):
            return sorted(folder.iterdir()) if folder.is_dir() else None
        if folder.exists():
            return folder
        files = [entry for entry in self._entries() if entry.startswith(f"{port}.")]
        if len(files) > 1:
            raise StepFailure("bad-output", f"output {port!r} is several files: {', '.join(files)}")
        return self._outputs / files[0] if files else None

    def raw(self, port: str, facts: Mapping[str, Any], value: Any) -> RawOutput:
        """Check one port's value and bring it into ``outputs``."""
        kind = facts["type"]
        if kind == "Value":
            return self._value(port, value)
        if not facts.get("many"):
            return RawArtifact(kind, self._artifact(port, kind, value, self._outputs))
        if isinstance(value, (str, os.PathLike)) or not isinstance(value, Sequence):
            raise StepFailure("bad-output", f"output {port!r} takes a list of {kind}, got {type(value).__name__}")
        return RawList(kind, tuple(self._artifact(port, kind, item, self._outputs / port) for item in value))

    def report_undeclared(self) -> None:
        """Print which entries of ``outputs`` belong to no port; they are left where they are."""
        rest = [entry for entry in self._entries() if entry not in self._taken]
        if rest:
            print(f"assay: not an output of this component, left out: {', '.join(rest)}", flush=True)

    def _entries(self) -> list[str]:
        return sorted(os.listdir(self._outputs))

    def _value(self, port: str, value: Any) -> RawValue:
        plain = plain_json(value, port)
        try:
            content = json.dumps(plain, ensure_ascii=False, allow_nan=False).encode()
        except UnicodeEncodeError as error:
            raise StepFailure(
                "bad-output", f"output {port!r} holds text that is not Unicode: {error.reason}"
            ) from error
        if len(content) > LARGEST_VALUE:
            hint = "return a file: a value is for a figure or a short list"
            message = f"output {port!r} is a value of {len(content)} bytes, at most {LARGEST_VALUE}"
            raise StepFailure("bad-output", message, hint=hint)
        self._taken.add(f"{port}.json")
        (self._outputs / f"{port}.json").write_bytes(content)
        return RawValue(plain)

    def _artifact(self, port: str, kind: str, value: Any, home: Path) -> Path:
        # The classes first: to ask whether something is like a path is costly in a process that asks for the first time.
        if not isinstance(value, (str, Handle, Path)) and not isinstance(value, os.PathLike):
            raise StepFailure("bad-output", f"output {port!r} takes {kind}, got {type(value).__name__}")
        # As text: what pathlib says about paths is costly in a process that says it for the first time.
        path, root = os.path.abspath(value), str(self._outputs)
        if not os.path.exists(path):
            name = os.path.basename(path)
            raise StepFailure("missing-output", f"output {port!r}: {name} was returned but never written")
        _check_shape(port, kind, path)
        inside = path[len(root) + 1 :] if path.rpartition("/")[0] in (root, str(home)) else ""
        if not inside or inside in self._taken or os.path.islink(path):
            path = str(_copy(port, Path(path), home, port if str(home) == root else _next_element(home)))
            inside = path[len(root) + 1 :]
        self._taken.add(inside)
        self._taken.add(inside.partition("/")[0])
        return Path(path)


def _next_element(folder: Path) -> str:
    return f"{len(list(folder.iterdir())) if folder.exists() else 0:04d}"


def _check_shape(port: str, kind: str, path: str) -> None:
    folder = issubclass(CLASSES[kind], Folder)
    if os.path.isdir(path) is not folder:
        is_a, wants = ("a folder", "a file") if not folder else ("a file", "a folder")
        raise StepFailure("bad-output", f"output {port!r} is {is_a}, {kind} is {wants}")


def _copy(port: str, source: Path, home: Path, name: str) -> Path:
    """Copy what lies elsewhere to ``home/name``; modes stay behind, because an input in the store is read-only."""
    import shutil  # only for a component that returns something that it did not write into its outputs

    suffix = "" if source.is_dir() else source.suffix
    target, number = home / f"{name}{suffix}", 0
    while target.exists():
        number += 1
        target = home / f"{name}.{number}{suffix}"
    home.mkdir(exist_ok=True)
    if not source.is_dir():
        return Path(shutil.copyfile(source, target))
    if source in target.parents:
        raise StepFailure("bad-output", f"output {port!r} is the folder that all outputs are in")
    for folder, folders, files in os.walk(source):
        links = [inner for inner in folders if Path(folder, inner).is_symlink()]
        if links:
            raise StepFailure("bad-output", f"output {port!r} holds a link to a folder, {links[0]!r}")
        there = target / os.path.relpath(folder, source)
        there.mkdir()
        for file in files:
            shutil.copyfile(Path(folder, file), there / file)
    return target


def _read_value(port: str, file: Path) -> Any:
    try:
        return json.loads(file.read_text())
    except ValueError as error:
        raise StepFailure("bad-output", f"output {port!r}: {file.name} is not JSON: {error}") from error


def plain_json(value: Any, port: str) -> Any:
    """Return ``value`` as strict JSON data; numpy scalars and arrays are taken, NaN and other objects refused by name."""
    return _plain_json(value, repr(port), 0)


_DEEPEST = 100


def _plain_json(value: Any, place: str, depth: int) -> Any:
    if depth > _DEEPEST:
        raise StepFailure("bad-output", f"output {place} is nested too deeply for a value")
    if isinstance(value, float) and value - value != 0:  # an infinity, or not a number
        hint = "return None where there is no figure"
        raise StepFailure("bad-output", f"output {place} is {value}, which JSON cannot hold", hint=hint)
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Mapping):
        return {_key(key, place): _plain_json(item, f"{place}[{key!r}]", depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_json(item, f"{place}[{n}]", depth + 1) for n, item in enumerate(value)]
    for base in (bool, int, float, str):  # subclasses: enums, numpy.float64
        if isinstance(value, base):
            return base(value)
    convert = getattr(value, "tolist", None) or getattr(value, "item", None)  # numpy and torch
    if callable(convert):
        return _plain_json(convert(), place, depth + 1)
    raise StepFailure("bad-output", f"output {place} is {type(value).__name__}, which is not a JSON value")


def _key(key: object, place: str) -> str:
    if isinstance(key, str):
        return str(key)
    raise StepFailure("bad-output", f"output {place} has the key {key!r}; JSON takes only text as a key")
